//! How many ended how: the one breakdown that every report shows, and its words and order.
//!
//! An end that a kind of outcome names belongs to exactly one of the six columns; none may be left out of a sum.

use tern_model::{Outcome, OutcomeKind};

/// How something ended, or that it is open: an outcome's kind alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// Wholly with the DCC.
    Commissioned,
    /// Never begun.
    Refused,
    /// Begun and put back.
    RolledBack,
    /// Neither; waits for a person.
    Stuck,
    /// Closed by a person.
    Closed,
    /// Not at an end yet.
    Open,
}

impl End {
    /// Every end, in the order of columns and of bars.
    pub const ALL: [End; 6] = [End::Commissioned, End::Refused, End::RolledBack, End::Stuck, End::Closed, End::Open];

    /// Of an outcome; none is open.
    #[must_use]
    pub fn of(outcome: Option<&Outcome>) -> End {
        match outcome.map(Outcome::kind) {
            Some(OutcomeKind::Commissioned) => End::Commissioned,
            Some(OutcomeKind::Refused) => End::Refused,
            Some(OutcomeKind::RolledBack) => End::RolledBack,
            Some(OutcomeKind::Stuck) => End::Stuck,
            Some(OutcomeKind::Closed) => End::Closed,
            None => End::Open,
        }
    }

    /// As people read it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            End::Commissioned => "commissioned",
            End::Refused => "refused",
            End::RolledBack => "rolled back",
            End::Stuck => "stuck",
            End::Closed => "closed",
            End::Open => "open",
        }
    }

    /// The column of a table.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            End::RolledBack => "rolled_back",
            other => other.words(),
        }
    }
}

/// How many ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts([u64; 6]);

impl Counts {
    /// One more.
    pub fn add(&mut self, end: End) {
        self.0[end as usize] += 1;
    }

    /// All of another's.
    pub fn extend(&mut self, other: &Counts) {
        for (own, more) in self.0.iter_mut().zip(other.0) {
            *own += more;
        }
    }

    /// How many of one end.
    #[must_use]
    pub fn of(&self, end: End) -> u64 {
        self.0[end as usize]
    }

    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Each end with its number, in order.
    pub fn each(&self) -> impl Iterator<Item = (End, u64)> + '_ {
        End::ALL.into_iter().map(|end| (end, self.of(end)))
    }

    /// `943 commissioned, 50 refused`: what there is of each, `nothing` where there is none.
    #[must_use]
    pub fn told(&self) -> String {
        let parts: Vec<_> =
            self.each().filter(|(_, n)| *n > 0).map(|(end, n)| format!("{n} {}", end.words())).collect();
        if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
    }
}
