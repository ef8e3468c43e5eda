//! What a meter remembers beside keys and certificates: its clock, its supply, its tariff, its account.
//!
//! What it measures is computed (see [`Loads`]); what is kept here is only what somebody changed. ESME and GSME are such meters.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::account::{Account, Amount, Standing};
use super::changes::Change;
use super::clock::MeterClock;
use super::loads::{Loads, SecondRate, mixed, slot_of};
use crate::hex::unhex;

/// How far a clock may run away, in seconds a million seconds.
const DRIFT_PPM: u64 = 40;
/// How far a clock is off at the beginning, in seconds.
const OFFSET_SECONDS: u64 = 20;
/// How long before the beginning a meter was installed, in seconds: thirteen months.
pub const INSTALLED_BEFORE_SECONDS: i64 = 395 * 86_400;
/// The last half-hour of the second rate, while no calendar says otherwise: seven hours of the night.
const NIGHT_SLOTS: usize = 14;

/// How a supply stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SupplyState {
    /// Off.
    Disabled,
    /// On.
    Enabled,
    /// Off; the consumer may switch it on.
    Armed,
}

/// What a meter measures, and what a watt-hour is to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Watt-hours.
    Electricity,
    /// Litres of gas, of 11.2 watt-hours each.
    Gas,
}

/// A meter.
#[derive(Debug, Clone)]
pub struct Meter {
    /// What it measures.
    pub loads: Loads,
    /// In what.
    pub measure: Measure,
    /// Its clock.
    pub clock: MeterClock,
    /// Load switch, or valve.
    pub supply: SupplyState,
    /// The calendar in force and the one to come.
    pub calendar: Calendar,
    /// Mode, prices and balance.
    pub account: Account,
}

/// The parts of an activity calendar as they came, encoded, by attribute; one that nobody wrote has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Attributes 2 to 5, in force.
    pub active: Vec<(i8, Vec<u8>)>,
    /// Attributes 6 to 10, not in force.
    pub passive: Vec<(i8, Vec<u8>)>,
    /// From when on the calendar in force is, and what the second rate's register showed then.
    pub since: Option<(Timestamp, u64)>,
    /// The half-hours of the second rate under the calendar in force.
    pub second_rate: Option<SecondRate>,
    /// Special days as they came, encoded.
    pub special_days: Option<Vec<u8>>,
    /// Thresholds as they came, encoded: kept, and of no effect.
    pub thresholds: Option<Vec<u8>>,
}

impl Meter {
    /// A meter as it is at the beginning: in Credit Mode, supplying, with a clock that is nearly right.
    #[must_use]
    pub fn new(measure: Measure, seed: u64, beginning: Timestamp) -> Meter {
        let spread = |purpose, most: u64| {
            i64::try_from(mixed(seed, purpose) % (2 * most + 1)).unwrap_or(0) - i64::try_from(most).unwrap_or(0)
        };
        let pence = match measure {
            Measure::Electricity => 28,
            Measure::Gas => 7,
        };
        Meter {
            loads: Loads::new(seed, beginning.as_second() - INSTALLED_BEFORE_SECONDS),
            measure,
            clock: MeterClock {
                set_at: beginning,
                offset_seconds: spread(5, OFFSET_SECONDS),
                drift_ppm: spread(6, DRIFT_PPM),
            },
            supply: SupplyState::Enabled,
            calendar: Calendar::default(),
            account: Account::new(seed, Amount { amount: pence, scale: -2 }, beginning),
        }
    }

    /// What was imported until a moment: whole, and of the second rate.
    #[must_use]
    pub fn imported(&self, now: Timestamp) -> (u64, u64) {
        let slot = slot_of(now.as_second());
        let (since, before) = match self.calendar.since {
            Some((since, before)) => (slot_of(since.as_second()), before),
            None => (self.loads.first_slot(), 0),
        };
        let night: SecondRate = std::array::from_fn(|at| at < NIGHT_SLOTS);
        let second = self.calendar.second_rate.unwrap_or(night);
        (self.loads.imported(slot), before + self.loads.second_rate(since, slot, &second))
    }

    /// The balance at a moment, in thousandths of a penny: in Prepayment Mode it falls with what is used.
    #[must_use]
    pub fn balance(&self, now: Timestamp) -> i64 {
        let ((whole, second), (whole_then, second_then)) = (self.imported(now), self.imported(self.account.at));
        let second = second.saturating_sub(second_then);
        let first = whole.saturating_sub(whole_then).saturating_sub(second);
        let watt_hours = |units: u64| match self.measure {
            Measure::Electricity => units,
            Measure::Gas => units.saturating_mul(112) / 10,
        };
        self.account.after([watt_hours(first), watt_hours(second)])
    }

    /// What is told of the account at a moment.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        self.account.standing(self.balance(now))
    }

    /// Applies a change that is a meter's; `false` where it is none.
    pub(super) fn apply(&mut self, change: &Change) -> bool {
        match change {
            Change::Supply { to, .. } => self.supply = *to,
            Change::Clock { at, offset_seconds } => {
                self.clock = MeterClock { set_at: *at, offset_seconds: *offset_seconds, ..self.clock };
            }
            Change::PassiveCalendar { attribute, to } => {
                self.calendar.passive.retain(|(known, _)| known != attribute);
                self.calendar.passive.push((*attribute, unhex(to).unwrap_or_default()));
            }
            Change::CalendarActivated { at, second_rate_wh } => self.activate(*at, *second_rate_wh),
            Change::SpecialDays { to } => self.calendar.special_days = unhex(to),
            Change::Thresholds { to } => self.calendar.thresholds = unhex(to),
            _ => return self.account.apply(change),
        }
        true
    }

    fn activate(&mut self, at: Timestamp, second_rate_wh: u64) {
        // What was used until now is paid by the rates until now.
        let balance = self.balance(at);
        for (attribute, value) in self.calendar.passive.iter().filter(|(attribute, _)| (6..=9).contains(attribute)) {
            let active = attribute - 4;
            self.calendar.active.retain(|(known, _)| *known != active);
            self.calendar.active.push((active, value.clone()));
        }
        self.calendar.since = Some((at, second_rate_wh));
        let days = self.calendar.active.iter().find(|(attribute, _)| *attribute == 5);
        self.calendar.second_rate = days.and_then(|(_, days)| super::tariff::second_rate(days));
        self.account.activate(balance, at);
    }
}
