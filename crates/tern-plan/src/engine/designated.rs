//! Designations of documents among the events: from the day on which one is known the rulebook has its day.
//!
//! What contradicts the rulebook is told and moves nothing; [`Rulebook::designate`] says what does.

use jiff::civil::Date;
use tern_rules::Rulebook;
use tern_rules::documents::{self, TMAD_EARLY_FIRMWARE};

use super::books::Today;
use super::replan::{Touched, touched_by};
use super::{Input, Planner, short};
use crate::estate::{Estate, Event, NameIx, What as Happened};

/// A designation that moves nothing, for the rulebook says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradicted {
    /// Its row in `events.csv`.
    pub row: u32,
    /// What contradicts it, in words.
    pub why: String,
}

/// The rulebook after a designation; none where it changes nothing.
fn after(rulebook: &Rulebook, estate: &Estate, document: NameIx, effective: Date) -> Result<Option<Rulebook>, String> {
    let name = estate.catalogue().text(document);
    let version = documents::find(name).ok_or_else(|| format!("{name} is no version of the register"))?;
    rulebook.designate(version, effective)
}

impl Input<'_> {
    /// Every designation among the events that the rulebook contradicts, in their order.
    #[must_use]
    pub fn contradicted(&self) -> Vec<Contradicted> {
        self.designations(|_, outcome| outcome.err())
    }

    /// Whom events concern that the parent plan did not know. A designation of what the rulebook has already concerns nobody.
    #[must_use]
    pub fn touched_by(&self, new: &[Event]) -> Touched {
        let mut idle: Vec<Event> = Vec::new();
        self.designations(|event, outcome| {
            if !matches!(outcome, Ok(Some(_))) {
                idle.push(*event);
            }
            None
        });
        let counts: Vec<Event> = new.iter().filter(|event| !idle.contains(event)).copied().collect();
        touched_by(self.estate, self.events, &counts)
    }

    /// Goes through the designations one after the other; gathers what is said of each, in words.
    fn designations(
        &self,
        mut told: impl FnMut(&Event, Result<Option<()>, String>) -> Option<String>,
    ) -> Vec<Contradicted> {
        let (mut rulebook, mut all) = (self.rulebook.clone(), Vec::new());
        for event in self.events {
            let Happened::DocumentDesignated { document, effective } = event.what else { continue };
            let outcome = after(&rulebook, self.estate, document, effective);
            let outcome = outcome.map(|changed| changed.map(|changed| rulebook = changed));
            all.extend(told(event, outcome).map(|why| Contradicted { row: event.row, why }));
        }
        all
    }
}

impl Planner<'_> {
    /// A version is designated: from today on the rulebook has its day, and everybody is looked at.
    pub(super) fn designated(&mut self, document: NameIx, effective: Date) {
        let Ok(Some(rulebook)) = after(&self.rulebook, self.input.estate, document, effective) else { return };
        let day = self.day();
        self.today = Today::of(&rulebook, day);
        let changed = self.epcl.reach(rulebook.in_force_from(&TMAD_EARLY_FIRMWARE), day);
        self.rulebook = rulebook;
        changed.into_iter().for_each(|hardware| self.entries_changed(hardware));
        self.touch((0..self.states.len()).map(short));
    }
}
