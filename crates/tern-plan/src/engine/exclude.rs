//! Excluded categories (clause 18 as proposed, PL14): who is put aside, and who is planned anew.
//!
//! Nothing here finds out that somebody is excluded: events and the count of attempts do.

use tern_model::facts::ExclusionCategory;

use super::state::{Consent, Course, Exclusion, Preparation};
use super::{At, Planner};
use crate::plan::{Excluded, What};

impl Planner<'_> {
    /// An installation is in an excluded category from today on: its notices lapse, and what is under way is not followed any
    /// further (P). A gas HAN error binds its gas meter alone.
    pub(super) fn exclude(&mut self, at: At, why: Excluded) {
        let told = self.day() >= self.input.period.first;
        let exclusions = &mut self.states[at].say().exclusions;
        if exclusions.iter().any(|before| before.why.category() == why.category()) {
            return;
        }
        exclusions.push(Exclusion { why, told });
        self.tell(at, line(why));
        if why.category() == ExclusionCategory::GasHanError {
            return;
        }
        let state = &mut self.states[at];
        state.course = Course::Excluded;
        (state.consent, state.certificates_until) = (Consent::None, None);
        (state.preparation, state.way, state.hops_done) = (Preparation::None, None, 0);
        state.awaited = None;
    }

    /// An exclusion ends; with the last one of an installation it is planned anew, its attempts counted from the beginning.
    pub(super) fn end_exclusion(&mut self, at: At, category: ExclusionCategory, row: u32) {
        let exclusions = &mut self.states[at].say().exclusions;
        let Some(which) = exclusions.iter().position(|before| before.why.category() == category) else { return };
        exclusions.remove(which);
        let bound = exclusions.iter().any(|other| other.why.category() != ExclusionCategory::GasHanError);
        self.tell(at, What::ExclusionEnded { category, row });
        if category == ExclusionCategory::AttemptsExhausted {
            self.states[at].attempts = 0;
            self.states[at].not_before = None;
        }
        if self.states[at].course == Course::Excluded && !bound {
            self.states[at].course = Course::Open;
            self.tell(at, What::PlannedAnew);
        }
    }

    /// Tells on the plan's first day of what excluded it before.
    pub(super) fn tell_earlier_exclusions(&mut self, at: At) {
        let Some(said) = &mut self.states[at].said else { return };
        let untold: Vec<Excluded> = said.exclusions.iter().filter(|e| !e.told).map(|e| e.why).collect();
        said.exclusions.iter_mut().for_each(|exclusion| exclusion.told = true);
        for why in untold {
            self.tell(at, line(why));
        }
    }

    /// Whether a meter stays with the SMSO when its installation goes: a gas meter with a HAN error does.
    pub(super) fn stays(&self, at: At, meter: usize) -> bool {
        let gas = |exclusion: &Exclusion| exclusion.why.category() == ExclusionCategory::GasHanError;
        meter == 1 && self.states[at].said.as_ref().is_some_and(|said| said.exclusions.iter().any(gas))
    }
}

fn line(why: Excluded) -> What {
    match why {
        Excluded::Recorded { category: ExclusionCategory::GasHanError, row } => What::GasExcluded(row),
        why => What::Excluded(why),
    }
}
