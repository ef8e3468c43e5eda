//! What an ESME remembers beside keys and certificates: its clock, its supply, its tariff, its balance.
//!
//! What it measures is computed (see [`Loads`]); what is kept here is only what somebody changed.

use jiff::Timestamp;

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
/// What a watt-hour costs in Prepayment Mode, in thousandths of a penny.
const PRICE_A_WATT_HOUR: i64 = 28;
/// The last half-hour of the second rate, while no calendar says otherwise: seven hours of the night.
const NIGHT_SLOTS: usize = 14;

/// An ESME's state as a meter.
#[derive(Debug, Clone)]
pub struct Electricity {
    /// What it measures.
    pub loads: Loads,
    /// Its clock.
    pub clock: MeterClock,
    /// Whether the load switch is closed.
    pub connected: bool,
    /// The calendar in force and the one to come.
    pub calendar: Calendar,
    /// Payment mode and balance.
    pub prepayment: Prepayment,
    /// When the supply failed, and until when.
    pub power_cuts: Vec<(Timestamp, Timestamp)>,
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
}

/// Payment mode and balance at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prepayment {
    /// Whether it is in Prepayment Mode.
    pub prepayment: bool,
    /// Thousandths of a penny at that moment.
    pub balance: i64,
    /// When.
    pub at: Timestamp,
}

impl Electricity {
    /// A meter as it is at the beginning: in Credit Mode, supplying, with a clock that is nearly right.
    #[must_use]
    pub fn new(seed: u64, beginning: Timestamp) -> Electricity {
        let spread = |purpose, most: u64| {
            i64::try_from(mixed(seed, purpose) % (2 * most + 1)).unwrap_or(0) - i64::try_from(most).unwrap_or(0)
        };
        Electricity {
            loads: Loads::new(seed, beginning.as_second() - INSTALLED_BEFORE_SECONDS),
            clock: MeterClock {
                set_at: beginning,
                offset_seconds: spread(5, OFFSET_SECONDS),
                drift_ppm: spread(6, DRIFT_PPM),
            },
            connected: true,
            calendar: Calendar::default(),
            prepayment: Prepayment { prepayment: false, balance: 0, at: beginning },
            power_cuts: Vec::new(),
        }
    }

    /// Watt-hours imported until a moment: whole, and of the second rate.
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
        let Prepayment { prepayment, balance, at } = self.prepayment;
        if !prepayment {
            return balance;
        }
        let imported = |at: Timestamp| self.loads.imported(slot_of(at.as_second()));
        let used = imported(now).saturating_sub(imported(at));
        balance.saturating_sub(i64::try_from(used).unwrap_or(i64::MAX).saturating_mul(PRICE_A_WATT_HOUR))
    }

    /// Whether the supply has failed at a moment.
    #[must_use]
    pub fn is_dark(&self, now: Timestamp) -> bool {
        self.power_cuts.iter().any(|(from, until)| *from <= now && now < *until)
    }

    /// Applies a change that is this meter's own; `false` where it is not.
    pub(super) fn apply(&mut self, change: &Change) -> bool {
        match change {
            Change::Supply { to, .. } => self.connected = *to,
            Change::Clock { at, offset_seconds } => {
                self.clock = MeterClock { set_at: *at, offset_seconds: *offset_seconds, ..self.clock };
            }
            Change::PassiveCalendar { attribute, to } => {
                self.calendar.passive.retain(|(known, _)| known != attribute);
                self.calendar.passive.push((*attribute, unhex(to).unwrap_or_default()));
            }
            Change::CalendarActivated { at, second_rate_wh } => self.activate(*at, *second_rate_wh),
            Change::Prepayment { at, prepayment, balance } => {
                self.prepayment = Prepayment { prepayment: *prepayment, balance: *balance, at: *at };
            }
            Change::PowerCut { at, seconds } => {
                let until = at.checked_add(jiff::SignedDuration::from_secs((*seconds).into())).unwrap_or(*at);
                self.power_cuts.push((*at, until));
            }
            _ => return false,
        }
        true
    }

    fn activate(&mut self, at: Timestamp, second_rate_wh: u64) {
        for (attribute, value) in self.calendar.passive.iter().filter(|(attribute, _)| (6..=9).contains(attribute)) {
            let active = attribute - 4;
            self.calendar.active.retain(|(known, _)| *known != active);
            self.calendar.active.push((active, value.clone()));
        }
        self.calendar.since = Some((at, second_rate_wh));
        let days = self.calendar.active.iter().find(|(attribute, _)| *attribute == 5);
        self.calendar.second_rate = days.and_then(|(_, days)| super::tariff::second_rate(days));
    }
}
