//! What was done on a day, and on all days.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::ChfIdentifier;

use crate::plans::{Standing, Standings};

/// An attempt without success (PL14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The installation.
    pub chf: ChfIdentifier,
    /// Clause or code.
    pub code: String,
}

/// What was done on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayReport {
    /// The day.
    pub day: Date,
    /// The newest generation of the plan when it ended.
    pub generation: u32,
    /// Meters of which a supplier was notified.
    pub notices: usize,
    /// Files that these stand in.
    pub notice_files: usize,
    /// Files that could not be delivered: recorded, and they stop nothing (PL3).
    pub undelivered: usize,
    /// Hops of firmware that an SMSO was told to make.
    pub hops_begun: usize,
    /// Hops that it made.
    pub hops_made: usize,
    /// Hops that failed; each may be tried again.
    pub hops_failed: usize,
    /// Configurations that an SMSO was told to make (15.2).
    pub configurations_begun: usize,
    /// Those that it made.
    pub configured: usize,
    /// Configurations that failed.
    pub configurations_failed: usize,
    /// Installations whose day it was.
    pub due: usize,
    /// Installations that were migrated.
    pub migrated: usize,
    /// Attempts without success.
    pub failed: Vec<Failed>,
    /// Events that were appended to the estate's.
    pub events: usize,
}

impl DayReport {
    /// Of a day of which nothing is done.
    #[must_use]
    pub fn of(day: Date) -> DayReport {
        DayReport {
            day,
            generation: 0,
            notices: 0,
            notice_files: 0,
            undelivered: 0,
            hops_begun: 0,
            hops_made: 0,
            hops_failed: 0,
            configurations_begun: 0,
            configured: 0,
            configurations_failed: 0,
            due: 0,
            migrated: 0,
            failed: Vec::new(),
            events: 0,
        }
    }

    /// Whether nothing was done on it.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let quiet = DayReport { generation: self.generation, ..DayReport::of(self.day) };
        *self == quiet
    }
}

/// Days as a table: UTF-8, commas, CR LF, as reports are.
pub(super) fn table(days: &[DayReport]) -> String {
    let mut text = "day,generation,notices,notice_files,undelivered,hops_begun,hops_made,hops_failed,\
        configurations_begun,configured,configurations_failed,due,migrated,failed,codes,events\r\n"
        .to_owned();
    for day in days {
        let counts = [
            day.notices,
            day.notice_files,
            day.undelivered,
            day.hops_begun,
            day.hops_made,
            day.hops_failed,
            day.configurations_begun,
            day.configured,
            day.configurations_failed,
            day.due,
            day.migrated,
            day.failed.len(),
        ];
        let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
        let codes: Vec<&str> = day.failed.iter().map(|failed| failed.code.as_str()).collect();
        let (generation, counts, codes) = (day.generation, counts.join(","), codes.join(" "));
        text.push_str(&format!("{},{generation},{counts},{codes},{}\r\n", day.day, day.events));
    }
    text
}

/// What was done on all days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Days that were carried out.
    pub days: usize,
    /// Meters of which a supplier was notified.
    pub notices: usize,
    /// Files of notices that could not be delivered.
    pub undelivered: usize,
    /// Hops made.
    pub hops_made: usize,
    /// Hops that failed.
    pub hops_failed: usize,
    /// Installations configured by their SMSO.
    pub configured: usize,
    /// Installations migrated.
    pub migrated: usize,
    /// Attempts without success.
    pub attempts_failed: usize,
    /// Installations that are excluded by the end of the plan.
    pub excluded: u64,
    /// Installations that are planned and neither migrated nor excluded.
    pub waiting: u64,
}

impl Totals {
    pub(super) fn of(days: &[DayReport], standings: &Standings) -> Totals {
        let mut totals = Totals { days: days.len(), ..Totals::default() };
        for day in days {
            totals.notices += day.notices;
            totals.undelivered += day.undelivered;
            totals.hops_made += day.hops_made;
            totals.hops_failed += day.hops_failed;
            totals.configured += day.configured;
            totals.migrated += day.migrated;
            totals.attempts_failed += day.failed.len();
        }
        let planned: u64 = standings.values().sum();
        totals.excluded = standings.get(&Standing::Excluded).copied().unwrap_or_default();
        totals.waiting = planned.saturating_sub(totals.migrated as u64 + totals.excluded);
        totals
    }
}
