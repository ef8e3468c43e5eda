//! Days on which nobody carried the plan out: what happens on them is learnt, and nothing is done before they are over.

use jiff::civil::Date;

use super::{Planner, short};

impl Planner<'_> {
    /// Whether nothing was done on a day. Whoever would have been looked at on it is looked at on the next one.
    pub(super) fn stands_still(&mut self, day: Date) -> bool {
        let still = self.input.still.iter().any(|still| still.has(day));
        if still && day == self.input.period.first {
            self.touched = (0..self.states.len()).map(short).collect();
        } else if still {
            self.touched.extend(self.due.remove(&day).unwrap_or_default());
        }
        still
    }

    /// Whether somebody may be migrated on a day.
    pub(super) fn migrates_on(&self, day: Date) -> bool {
        self.calendar.is_migration_day(day) && !self.input.still.iter().any(|still| still.has_no_migrations(day))
    }
}
