//! The plan under which an execution goes on: outdated ones are refused, and what the execution itself brought about makes the
//! next generation.

use tern_plan::estate::EVENTS_FILE;

use super::carried::not_of_days_before;
use super::{Execution, note_days, opened};
use crate::fault::ServiceFault;
use crate::plans::{Made, PlanFolder, Work, events_digest};

impl Execution {
    /// Brings plan, events and state together after a start: rows that were to be appended are, and the generation that they
    /// make is made. Anything else that came meanwhile is refused, or must be for days that are still to come.
    pub(super) fn catch_up(&mut self) -> Result<(), ServiceFault> {
        if !self.state.rows.is_empty() {
            return self.take_up_events();
        }
        let known = self.view.generation().made.events_bytes;
        if known < self.state.events_bytes {
            return self.next_generation();
        }
        self.view.in_force(&self.folder, self.view.generation().made.period.first)?;
        if known > self.state.events_bytes {
            self.for_days_to_come()?;
            self.state.events_bytes = known;
        }
        self.stand_still()
    }

    /// Takes up what others added since the last day: events, with the generation that knows them.
    pub(super) fn look_again(&mut self) -> Result<(), ServiceFault> {
        let path = self.setup.estate.join(EVENTS_FILE);
        let length = std::fs::metadata(&path).map_err(|error| ServiceFault::file("read", &path, error))?.len();
        let view = opened(&self.setup.plan)?;
        if length == self.state.events_bytes && view.generation().number == self.view.generation().number {
            return Ok(());
        }
        (self.view, self.came_in) = (view, None);
        self.folder.read_again(&self.setup.estate)?;
        self.catch_up()?;
        self.read_stories()
    }

    /// Refuses events for days that were carried out: what was done on them was done without knowing of these.
    fn for_days_to_come(&self) -> Result<(), ServiceFault> {
        not_of_days_before(&self.folder.events, self.rows_before()?, self.state.day)
    }

    /// The last row of the events that this execution knew.
    fn rows_before(&self) -> Result<u32, ServiceFault> {
        let of = |made: &Made| made.events_bytes == self.state.events_bytes;
        let generations = self.view.generations();
        let knew = generations.iter().rev().find(|generation| of(&generation.made));
        Ok(knew.map_or(0, |generation| generation.made.last_event_row))
    }

    /// Makes the next generation of what was appended, and takes it up.
    pub(super) fn next_generation(&mut self) -> Result<(), ServiceFault> {
        self.folder.read_again(&self.setup.estate)?;
        let folder = &self.folder;
        let before = self.view.generation().made.clone();
        let known = events_digest(&self.setup.estate, before.events_bytes)?;
        if before.estate != folder.digest
            || known != Some(before.events)
            || folder.events_bytes != self.state.events_bytes
        {
            return Err(ServiceFault::Refused {
                what: "the estate was altered while a day was being carried out".to_owned(),
                suggestion: "put its files back as they were; only rows of events may be added, and between days"
                    .to_owned(),
            });
        }
        let made = Made {
            events_bytes: folder.events_bytes,
            events: folder.events_digest,
            last_event_row: folder.events.iter().map(|event| event.row).max().unwrap_or_default(),
            still: before.still.iter().copied().chain(self.state.still).collect(),
            ..before
        };
        let rulebook = &self.setup.config.rulebook;
        Work { folder, rulebook, made }.next(&PlanFolder::new(&self.setup.plan), &self.view)?;
        self.view = opened(&self.setup.plan)?;
        for chf in std::mem::take(&mut self.state.about) {
            if let Some(story) = self.view.story(chf)? {
                note_days(&mut self.due, self.state.day, chf, &story.lines);
            }
        }
        Ok(())
    }
}
