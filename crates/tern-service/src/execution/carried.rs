//! What may still be said of a plan's days where the plan is being carried out. It reads where an execution stands, and never moves it.

use std::path::Path;

use jiff::civil::Date;
use tern_plan::estate::Event;

use super::kept::{Stage, State, seen};
use crate::fault::ServiceFault;
use crate::plans::{EstateFolder, PlanView, events_digest};

/// Where the execution of a plan stands, as others see it.
#[derive(Debug, Clone)]
pub struct Carried {
    state: State,
}

impl Carried {
    /// The execution of the plan in a folder; none where it is not carried out.
    ///
    /// # Errors
    /// Its store cannot be read.
    pub fn of(plan: &Path) -> Result<Option<Carried>, ServiceFault> {
        Ok(seen(plan)?.map(|state| Carried { state }))
    }

    /// The first day of which it may still learn something: the one that it carries out next.
    #[must_use]
    pub fn learns_from(&self) -> Date {
        let Carried { state } = self;
        let begun = state.stage != Stage::Fresh || !state.rows.is_empty();
        if begun { state.day.tomorrow().unwrap_or(Date::MAX) } else { state.day }
    }

    /// The generation that the next one comes after: the newest whose events stand unaltered at the beginning of the estate's. Those
    /// behind it were never carried out, and the next one takes their place.
    ///
    /// # Errors
    /// A day is being carried out; rows were altered that the execution knows; a file or store cannot be read.
    pub fn parent(&self, newest: PlanView, estate: &Path) -> Result<PlanView, ServiceFault> {
        let state = &self.state;
        if state.stage != Stage::Fresh
            || !state.rows.is_empty()
            || newest.generation().made.events_bytes < state.events_bytes
        {
            return Err(ServiceFault::Refused {
                what: format!("{} is being carried out under the plan in {}", state.day, newest.dir().display()),
                suggestion: "`tern run` brings the day to its end; make the next generation then".to_owned(),
            });
        }
        let mut view = newest;
        loop {
            let made = &view.generation().made;
            if made.events_bytes < state.events_bytes {
                break;
            }
            if events_digest(estate, made.events_bytes)? == Some(made.events) {
                return Ok(view);
            }
            let before = view.generation().number.saturating_sub(1);
            let Some(earlier) = PlanView::open(view.dir(), Some(before))? else { break };
            view = earlier;
        }
        Err(ServiceFault::Refused {
            what: format!("rows of events.csv were altered by which days until {} were carried out", state.day),
            suggestion: "put them back as they were, and say in a row of its own what is otherwise".to_owned(),
        })
    }

    /// Refuses events that a generation does not know, of days that are over: what was done on them was done without knowing of these.
    ///
    /// # Errors
    /// There is one.
    pub fn admit(&self, parent: &PlanView, folder: &EstateFolder) -> Result<(), ServiceFault> {
        let known = parent.generation().made.last_event_row;
        not_of_days_before(&folder.events, known, self.learns_from())
    }
}

/// Refuses events behind a row that are of days before one.
pub(super) fn not_of_days_before(events: &[Event], known: u32, day: Date) -> Result<(), ServiceFault> {
    let new = events.iter().filter(|event| event.row > known);
    let Some(late) = new.filter(|event| event.on < day).min_by_key(|event| event.row) else { return Ok(()) };
    Err(ServiceFault::Refused {
        what: format!("events.csv row {} is of {}, a day that was carried out before the row came", late.row, late.on),
        suggestion: format!(
            "write {day} in its first column, the day that is carried out next, or a later one; then `tern plan make` makes the plan's \
             next generation"
        ),
    })
}
