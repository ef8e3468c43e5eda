//! The days of a plan: which of them are Working Days, and how far one is from another.
//!
//! Beyond the table of bank holidays this module answers nothing, and never that a day is a Working Day.

use jiff::ToSpan;
use jiff::civil::Date;
use tern_model::working_day::is_working_day;

use crate::assumptions::MigrationDays;
use crate::plan::Period;

/// The Working Days from the first day of a period on.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    /// In order, up to well beyond the period, or to the end of the table.
    working: Vec<Date>,
    migration: MigrationDays,
    /// The last day of which the table knows whether it is a Working Day.
    known: Date,
}

/// As far beyond a period as any notice of it reaches, in days.
const BEYOND: i32 = 400;

impl Calendar {
    /// The days of a period, and those since `begin`.
    pub(crate) fn new(begin: Date, period: Period, migration: MigrationDays) -> Calendar {
        let (mut working, mut known) = (Vec::new(), begin);
        let end = period.last.saturating_add(BEYOND.days());
        for day in days(begin, end) {
            match is_working_day(day) {
                Ok(true) => working.push(day),
                Ok(false) => {}
                Err(_) if day < period.first => continue,
                Err(_) => break,
            }
            known = day;
        }
        Calendar { working, migration, known }
    }

    /// The first day with so many Working Days after `day`, itself included and `day` not counted; none beyond the table.
    pub(crate) fn working_days_after(&self, day: Date, working_days: u16) -> Option<Date> {
        let after = self.working.partition_point(|other| *other <= day);
        match usize::from(working_days) {
            0 => Some(day),
            count => self.working.get(after + count - 1).copied(),
        }
    }

    /// Whether installations are migrated on a day.
    pub(crate) fn is_migration_day(&self, day: Date) -> bool {
        match self.migration {
            MigrationDays::WorkingDays => self.working.binary_search(&day).is_ok(),
            MigrationDays::EveryDay => day <= self.known,
        }
    }
}

/// Every day from one to another, both included.
pub(crate) fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    first.series(1.day()).take_while(move |day| *day <= last)
}

/// So many calendar days later.
pub(crate) fn later(day: Date, days: u16) -> Date {
    day.saturating_add(i32::from(days).days())
}
