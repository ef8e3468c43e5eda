//! What devices say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::DeviceModel;

use super::PaymentMode;

/// Money: thousandths of a penny, or of a euro cent, as the meter counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millipence(pub i64);

/// What a device says when it obeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum TaskAnswer {
    /// Done; there is nothing to tell.
    Done,
    /// 4.1.1.
    Registers(ImportRegisters),
    /// 4.3.
    PrepayValues(PrepayValues),
    /// 4.8.1 · oldest first; a half-hour of which the meter does not know the whole is left out.
    Profile {
        /// The half-hours.
        entries: Vec<ProfileEntry>,
        /// Whether they are litres of gas; else they are watt-hours.
        gas: bool,
    },
    /// 4.18.
    Balance {
        /// The balance.
        balance: Millipence,
        /// The mode in force.
        mode: PaymentMode,
    },
    /// 7.4.
    Supply {
        /// How the supply stands.
        state: SupplyState,
        /// What is left of a gas meter's battery, in days.
        battery_days: Option<u32>,
    },
    /// 6.11, 8.1.1 · the clock as it reads afterwards.
    Clock {
        /// What it reads, in whole seconds.
        reads: Timestamp,
        /// What the meter makes of it.
        status: ClockStatus,
    },
    /// 11.2.
    Firmware {
        /// Model, and the firmware that runs.
        model: DeviceModel,
    },
    /// 2.2 · the device took this UTRN before, and added nothing now.
    AlreadyUsed,
}

/// Import registers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fuel", rename_all = "kebab-case")]
pub enum ImportRegisters {
    /// Of an ESME.
    Electricity {
        /// Active energy imported, watt-hours.
        active_wh: u64,
        /// The same by rate, the first rate first.
        rates_wh: Vec<u64>,
    },
    /// Of a GSME, or of the GPF that mirrors it.
    Gas {
        /// Volume, litres: thousandths of a cubic metre.
        litres: u64,
    },
}

/// Prepayment values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrepayValues {
    /// What is left to spend.
    pub balance: Millipence,
    /// What is left of Emergency Credit.
    pub emergency_credit: Millipence,
    /// What is owed because the balance fell below zero.
    pub accumulated_debt: Millipence,
    /// What is recovered with each payment.
    pub payment_debt: Millipence,
    /// What is recovered with time.
    pub time_debts: [Millipence; 2],
    /// Whether the meter warns that little is left.
    pub low_credit: bool,
}

/// What was used in one half-hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileEntry {
    /// The START of the half-hour, by the meter's own clock.
    pub start: Timestamp,
    /// Watt-hours, or litres of gas.
    pub used: u64,
}

/// How a supply stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SupplyState {
    /// On.
    Enabled,
    /// Off.
    Disabled,
    /// Off; the consumer may switch it on.
    Armed,
}

/// What a meter makes of its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockStatus {
    /// It was set.
    Reliable,
    /// It was not believed.
    Unreliable,
}
