//! What an ESME is besides a meter: it knows of power cuts, and switches an auxiliary load.

use jiff::{SignedDuration, Timestamp};

use super::changes::Change;
use super::meter::{Measure, Meter};

/// An ESME's state.
#[derive(Debug, Clone)]
pub struct Electricity {
    /// The meter.
    pub meter: Meter,
    /// Whether the auxiliary load switch is closed.
    pub auxiliary_closed: bool,
    /// When the supply failed, and until when.
    pub power_cuts: Vec<(Timestamp, Timestamp)>,
}

impl Electricity {
    /// As it is at the beginning.
    #[must_use]
    pub fn new(seed: u64, beginning: Timestamp) -> Electricity {
        let meter = Meter::new(Measure::Electricity, seed, beginning);
        Electricity { meter, auxiliary_closed: false, power_cuts: Vec::new() }
    }

    /// Whether the supply has failed at a moment.
    #[must_use]
    pub fn is_dark(&self, now: Timestamp) -> bool {
        self.power_cuts.iter().any(|(from, until)| *from <= now && now < *until)
    }

    /// Applies a change that is this meter's own; `false` where it is not.
    pub(super) fn apply(&mut self, change: &Change) -> bool {
        match change {
            Change::Auxiliary { to, .. } => self.auxiliary_closed = *to,
            Change::PowerCut { at, seconds } => {
                let until = at.checked_add(SignedDuration::from_secs((*seconds).into())).unwrap_or(*at);
                self.power_cuts.push((*at, until));
            }
            change => return self.meter.apply(change),
        }
        true
    }
}
