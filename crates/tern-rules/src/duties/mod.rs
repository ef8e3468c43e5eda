//! What a Responsible Supplier owes of a meter after it was commissioned: Credit Mode before a change of supplier (4.49), and
//! the proof of its prepayment key.
//!
//! Pure: one meter, its events and a day in; how each condition stands, with its evidence, out. An event after that day is not
//! known yet. This module must never ask a store, and never take what is not recorded for good: it answers that it is not known.

mod changes;
mod credit_mode;
mod modes;
mod prepayment_key;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::facts::MeterEvent;
use tern_model::{ChfIdentifier, DeviceId, Fuel, GroupId, MeterState, Mpxn, SetId};

use changes::Changes;
use modes::Modes;

pub use credit_mode::{CreditMode, Owed, credit_mode};
pub use prepayment_key::{PrepaymentKey, prepayment_key};

/// A meter that was commissioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolledMeter {
    /// Its installation.
    pub chf: ChfIdentifier,
    /// The set that brought it.
    pub set: SetId,
    /// Which supply.
    pub fuel: Fuel,
    /// Its Device ID.
    pub device: DeviceId,
    /// Its metering point; none where the records of an earlier release do not say.
    pub mpxn: Option<Mpxn>,
    /// Active or Dormant, as the set said; none where the records of an earlier release do not say.
    pub state: Option<MeterState>,
    /// The day, in Europe/London, on which its installation came to rest as commissioned: it counts as the day of Migration
    /// and of Commissioning (P).
    pub commissioned: Date,
}

impl EnrolledMeter {
    /// The GroupID under which it was migrated.
    #[must_use]
    pub fn group(&self) -> GroupId {
        self.set.group
    }
}

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The events do not say.
    Unknown,
}

/// One condition of a clause, as it stands on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Its letter; `-` where the clause has none.
    pub letter: char,
    /// What it asks, in our words.
    pub asks: &'static str,
    /// Whether it holds.
    pub holds: Holds,
    /// By what.
    pub evidence: String,
}

/// Events that do not fit each other, with the row to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Misfit {
    /// The row of the events file.
    pub row: u64,
    /// What does not fit, and what was made of it.
    pub text: String,
}

/// A meter's events that are known on a day, put in order.
#[derive(Debug, Clone)]
pub struct Story<'e> {
    day: Date,
    events: Vec<&'e MeterEvent>,
    modes: Modes,
    changes: Changes,
}

impl<'e> Story<'e> {
    /// Orders the events by day and row; those after `day` are left out.
    #[must_use]
    pub fn until(events: &'e [MeterEvent], day: Date) -> Story<'e> {
        let mut events: Vec<&MeterEvent> = events.iter().filter(|event| event.day <= day).collect();
        events.sort_by_key(|event| (event.day, event.row.0));
        let (modes, changes) = (Modes::of(&events), Changes::of(&events, day));
        Story { day, events, modes, changes }
    }

    /// What does not fit in them, in the order of the file.
    #[must_use]
    pub fn misfits(&self) -> Vec<Misfit> {
        let mut misfits = [self.modes.misfits(), self.changes.misfits()].concat();
        misfits.sort();
        misfits
    }
}

/// Whether all hold: no where one does not, else unknown where one is not known.
fn all(conditions: &[Condition]) -> Holds {
    let any = |holds| conditions.iter().any(|condition| condition.holds == holds);
    if any(Holds::No) {
        Holds::No
    } else if any(Holds::Unknown) {
        Holds::Unknown
    } else {
        Holds::Yes
    }
}
