//! What a plan has for everybody, counted story by story: a calendar of its days, and the reports of PL15 as planned.
//!
//! Only sums are kept, and of those who are excluded a few bytes each: a plan has a million stories. Nothing here decides a day,
//! and no clock is asked: the same plan gives the same files.

mod calendar;
mod compliance;
mod days;
mod exclusions;
mod gather;
mod pictures;
mod stands;
mod tables;
mod whose;

use tern_plan::estate::Estate;

pub use calendar::Calendar;
pub use compliance::{Kept, NoticeKind};
pub use days::{Day, Days, Doing};
pub use exclusions::{Excluded, Exclusions};
pub use gather::{Enrolled, Planned, Reason};
pub use stands::{DormantStand, DormantStands, STANDINGS, Stands, standing_words};

use super::Names;

impl Planned {
    /// Every file: its name and its text.
    #[must_use]
    pub fn files(&self, estate: &Estate, names: &Names) -> Vec<(String, String)> {
        let mut tables = tables::tables(self, estate, names);
        if let Some(overlay) = &self.plan.made.overlay {
            tables.iter_mut().for_each(|table| table.add_column("overlay", overlay));
        }
        let tables = tables.iter().map(|table| (format!("{}.csv", table.name), table.to_csv()));
        let charts = pictures::pictures(self, names).into_iter();
        tables.chain(charts.map(|chart| (format!("{}.svg", chart.name), chart.svg))).collect()
    }
}
