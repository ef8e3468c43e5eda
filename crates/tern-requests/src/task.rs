//! What Equivalent Steps ask of one device, in the field's words, and what the device says.
//!
//! A request's body is turned into a [`Task`]; a cohort's adapter turns that into the protocol that its devices speak. So
//! nothing here knows XML or COSEM, and values have units. It must never say how a task is carried out: that a task is
//! critical is all that is known of it.

mod answer;
mod tariff;
mod utrn;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{DeviceId, Digest};

pub use answer::{ClockStatus, ImportRegisters, Millipence, PrepayValues, ProfileEntry, SupplyState, TaskAnswer};
pub use tariff::{
    CalendarDate, Currency, DayProfile, Price, Prices, RATES_MAX, Season, SpecialDay, Switch, Tariff, Unkept,
    WeekProfile,
};
pub use utrn::Utrn;

/// One thing asked of one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum Task {
    /// 4.1.1 · answers [`TaskAnswer::Registers`].
    ReadImportRegisters,
    /// 4.3 · answers [`TaskAnswer::PrepayValues`].
    ReadPrepayValues,
    /// 4.8.1 · what was used in each half-hour that begins in `[from, to)`. Answers [`TaskAnswer::Profile`].
    ReadImportProfile {
        /// The first moment at which a half-hour may begin.
        from: Timestamp,
        /// No half-hour begins at this moment or later.
        to: Timestamp,
    },
    /// 4.18 · answers [`TaskAnswer::Balance`].
    ReadBalance,
    /// 1.1.1 · when which rate runs, and what it costs. In force as soon as it is answered.
    SetTariff {
        /// The whole tariff.
        tariff: Tariff,
    },
    /// 1.2.1 · what the rates cost from now on; when they run stays.
    SetPrice {
        /// All prices.
        prices: Prices,
    },
    /// 1.6 · Credit Mode or Prepayment Mode.
    SetPaymentMode {
        /// Which.
        mode: PaymentMode,
    },
    /// 2.2 · the credit in a UTRN, which a device takes once. A second time it answers [`TaskAnswer::AlreadyUsed`], whoever
    /// brings it: after a lost answer that is this task's own first time.
    TopUp {
        /// The UTRN as the device takes it.
        utrn: Utrn,
    },
    /// 7.1, 7.2, 7.3.
    Supply {
        /// What becomes of the supply.
        command: SupplyCommand,
    },
    /// 7.4 · answers [`TaskAnswer::Supply`].
    ReadSupply,
    /// 6.11, 8.1.1 · sets the clock, where the User's time is not further from the S1SP's than it allows. Answers
    /// [`TaskAnswer::Clock`].
    SetClock {
        /// What time it is, as the User says.
        now: Timestamp,
        /// How far from it the clock may be set, in seconds.
        tolerance_seconds: u32,
    },
    /// 11.2 · answers [`TaskAnswer::Firmware`].
    ReadFirmware,
    /// 11.3 · have the device use the image that it holds, where it is this one.
    ActivateFirmware {
        /// SHA-256 over the whole image.
        digest: Digest,
    },
    /// 8.7.1 · the device is to trust another one of its installation.
    JoinCritical {
        /// The other one.
        other: DeviceId,
    },
    /// 8.7.2 · as [`Task::JoinCritical`], for devices that obey no Critical Command for it.
    JoinNonCritical {
        /// The other one.
        other: DeviceId,
    },
}

impl Task {
    /// Whether it needs the DCO: it changes supply, tariff, payment mode, clock, trust or the program that runs.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        match self {
            Task::SetTariff { .. }
            | Task::SetPrice { .. }
            | Task::SetPaymentMode { .. }
            | Task::Supply { .. }
            | Task::SetClock { .. }
            | Task::ActivateFirmware { .. }
            | Task::JoinCritical { .. } => true,
            Task::ReadImportRegisters
            | Task::ReadPrepayValues
            | Task::ReadImportProfile { .. }
            | Task::ReadBalance
            | Task::TopUp { .. }
            | Task::ReadSupply
            | Task::ReadFirmware
            | Task::JoinNonCritical { .. } => false,
        }
    }

    /// Whether it changes nothing, so that it may be asked again whatever became of it.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(
            self,
            Task::ReadImportRegisters
                | Task::ReadPrepayValues
                | Task::ReadImportProfile { .. }
                | Task::ReadBalance
                | Task::ReadSupply
                | Task::ReadFirmware
        )
    }
}

/// How a supply is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
pub enum PaymentMode {
    /// Afterwards.
    Credit,
    /// Beforehand.
    Prepayment {
        /// Whether debt is not recovered while the supply is off for want of credit.
        suspend_debt_disabled: bool,
        /// Whether debt is not recovered while Emergency Credit is in use.
        suspend_debt_emergency: bool,
        /// The balance under which the supply is to end.
        disablement_threshold: Millipence,
    },
}

/// What becomes of a supply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SupplyCommand {
    /// 7.1 · it is on. No gas meter does that from afar.
    Enable,
    /// 7.2 · it is off.
    Disable,
    /// 7.3 · it is off, and the consumer may switch it on.
    Arm,
}
