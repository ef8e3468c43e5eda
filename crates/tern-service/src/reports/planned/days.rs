//! What a plan has on each day, over all installations.
//!
//! What becomes known on a day without anything being done is not counted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tern_model::working_day::is_working_day;
use tern_plan::plan::{End, Line, NoticeOf, What};

use crate::fault::ServiceFault;
use crate::plans::PlanView;
use crate::reports::Table;
use crate::reports::svg::{Fill, thousands};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// A notice of firmware and configuration steps.
    PreparationNotice,
    /// A notice of migration.
    MigrationNotice,
    /// A notice to who gains a meter.
    NewSupplierNotice,
    /// A hop of an upgrade begins.
    Hop,
    /// A configuration by the SMSO begins.
    Configuration,
    /// An installation is migrated.
    Migration,
    /// An installation leaves, for a change of supplier is too close.
    Left,
    /// An installation is excluded.
    Excluded,
}

impl Doing {
    /// All, in the order of columns and of lines.
    pub const ALL: [Doing; 8] = [
        Doing::PreparationNotice,
        Doing::MigrationNotice,
        Doing::NewSupplierNotice,
        Doing::Hop,
        Doing::Configuration,
        Doing::Migration,
        Doing::Left,
        Doing::Excluded,
    ];

    /// What a line of a story does; none where it only tells what is known.
    #[must_use]
    pub fn of<S, M, D, V, E, N>(what: &What<S, M, D, V, E, N>) -> Option<Doing> {
        match what {
            What::Notice { of: NoticeOf::Preparation, .. } => Some(Doing::PreparationNotice),
            What::Notice { of: NoticeOf::Migration, .. } => Some(Doing::MigrationNotice),
            What::NoticeToNew { .. } => Some(Doing::NewSupplierNotice),
            What::HopBegun { .. } => Some(Doing::Hop),
            What::ConfigurationBegun => Some(Doing::Configuration),
            What::Migration(_) => Some(Doing::Migration),
            What::Left { .. } => Some(Doing::Left),
            What::Excluded(_) => Some(Doing::Excluded),
            _ => None,
        }
    }

    /// As people read it, with its clause.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Doing::PreparationNotice => "notices of firmware and configuration (4.29)",
            Doing::MigrationNotice => "notices of migration (4.30)",
            Doing::NewSupplierNotice => "notices to who gains a meter (4.29, 4.30)",
            Doing::Hop => "firmware hops begun (4.26)",
            Doing::Configuration => "configurations begun (15.2)",
            Doing::Migration => "migrations",
            Doing::Left => "leave for a change of supplier (5.10.10, 5.10.15)",
            Doing::Excluded => "excluded",
        }
    }

    /// So many of it, as people read it, with its clause.
    #[must_use]
    pub fn told(self, count: u64) -> String {
        let one = match self {
            Doing::PreparationNotice => "notice of firmware and configuration (4.29)",
            Doing::MigrationNotice => "notice of migration (4.30)",
            Doing::NewSupplierNotice => "notice to who gains a meter (4.29, 4.30)",
            Doing::Hop => "firmware hop begun (4.26)",
            Doing::Configuration => "configuration begun (15.2)",
            Doing::Migration => "migration",
            Doing::Left => "leaves for a change of supplier (5.10.10, 5.10.15)",
            Doing::Excluded => "excluded",
        };
        format!("{} {}", thousands(count), if count == 1 { one } else { self.words() })
    }

    /// So many of it, in a word or two, where there is little room.
    #[must_use]
    pub fn counted(self, count: u64) -> String {
        let (one, many) = match self {
            Doing::PreparationNotice => ("notice of 4.29", "notices of 4.29"),
            Doing::MigrationNotice => ("notice of 4.30", "notices of 4.30"),
            Doing::NewSupplierNotice => ("notice to a new supplier", "notices to new suppliers"),
            Doing::Hop => ("hop begun", "hops begun"),
            Doing::Configuration => ("configuration begun", "configurations begun"),
            Doing::Migration => ("migration", "migrations"),
            Doing::Left => ("that leaves", "that leave"),
            Doing::Excluded => ("excluded", "excluded"),
        };
        format!("{} {}", thousands(count), if count == 1 { one } else { many })
    }

    /// The column of a table.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Doing::PreparationNotice => "notices_4_29",
            Doing::MigrationNotice => "notices_4_30",
            Doing::NewSupplierNotice => "notices_to_new_suppliers",
            Doing::Hop => "hops_begun",
            Doing::Configuration => "configurations_begun",
            Doing::Migration => "migrations",
            Doing::Left => "left",
            Doing::Excluded => "excluded",
        }
    }

    /// What stands for it in a picture.
    pub(super) fn fill(self) -> Fill {
        match self {
            Doing::PreparationNotice => Fill::Backslanted,
            Doing::MigrationNotice => Fill::Barred,
            Doing::NewSupplierNotice => Fill::Hollow,
            Doing::Hop => Fill::Slanted,
            Doing::Configuration => Fill::Checked,
            Doing::Migration => Fill::Solid,
            Doing::Left => Fill::Dotted,
            Doing::Excluded => Fill::Crossed,
        }
    }
}

/// How much of each is done on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day([u64; Doing::ALL.len()]);

impl Day {
    /// How often something is done.
    #[must_use]
    pub fn count(&self, doing: Doing) -> u64 {
        self.0[doing as usize]
    }

    /// Adds all of another day's.
    pub fn extend(&mut self, other: &Day) {
        for (own, more) in self.0.iter_mut().zip(other.0) {
            *own += more;
        }
    }

    /// What there is any of, in order.
    pub fn some(&self) -> impl Iterator<Item = (Doing, u64)> + '_ {
        Doing::ALL.into_iter().map(|doing| (doing, self.count(doing))).filter(|(_, count)| *count > 0)
    }
}

/// The column of those whom a day's migration leaves migrated when the plan's days are over.
const MIGRATED: &str = "migrated_in_the_end";

/// The days of a plan on which something is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// In order.
    pub days: BTreeMap<Date, Day>,
    /// How many installations are planned for.
    pub installations: u64,
    /// Those that are migrated in the end, by the day of it: a migration whose attempt fails, or that is excluded afterwards, is
    /// not among them.
    pub migrated: BTreeMap<Date, u64>,
}

impl Days {
    /// Counts the stories of a plan.
    ///
    /// # Errors
    /// The plan's store cannot be read.
    pub fn of(plan: &PlanView) -> Result<Days, ServiceFault> {
        let (mut days, mut stories) = (Days::default(), plan.stories());
        while let Some(story) = stories.next_story()? {
            days.add(&story.lines);
        }
        Ok(days)
    }

    /// Adds an installation's story.
    pub fn add(&mut self, story: &[Line]) {
        self.installations += 1;
        if let End::Migrated(day) = Line::end(story) {
            *self.migrated.entry(day).or_default() += 1;
        }
        for line in story {
            if let Some(doing) = Doing::of(&line.what) {
                self.days.entry(line.day).or_default().0[doing as usize] += 1;
            }
        }
    }

    /// What is done on a day.
    #[must_use]
    pub fn on(&self, day: Date) -> Day {
        self.days.get(&day).copied().unwrap_or_default()
    }

    /// The sum of some days.
    #[must_use]
    pub fn sum(&self, days: impl std::ops::RangeBounds<Date>) -> Day {
        self.days.range(days).fold(Day::default(), |mut sum, (_, day)| {
            sum.extend(day);
            sum
        })
    }

    /// How many are migrated in the end, of those whose day has come.
    #[must_use]
    pub fn migrated_until(&self, day: Date) -> u64 {
        self.migrated.range(..=day).map(|(_, count)| count).sum()
    }

    /// The day on which most is done of something, and how much.
    #[must_use]
    pub fn most(&self, doing: Doing) -> Option<(Date, u64)> {
        let all = self.days.iter().map(|(day, of)| (*day, of.count(doing))).filter(|(_, count)| *count > 0);
        // Of days that are alike the first one.
        all.rev().max_by_key(|(_, count)| *count)
    }

    /// Every day on which something is done, as a table. Places of the day and who is migrated by one are told apart.
    #[must_use]
    pub fn table(&self) -> Table {
        let header = ["day", "working_day"].into_iter().chain(Doing::ALL.map(Doing::column)).chain([MIGRATED]);
        let row = |(day, of): (&Date, &Day)| {
            let working = is_working_day(*day).map_or("", |working| if working { "yes" } else { "no" });
            let counts = Doing::ALL.map(|doing| of.count(doing).into());
            let migrated = self.migrated.get(day).copied().unwrap_or_default().into();
            [day.to_string().into(), working.into()].into_iter().chain(counts).chain([migrated]).collect()
        };
        Table { name: "planned-by-day", header: header.collect(), rows: self.days.iter().map(row).collect() }
    }
}
