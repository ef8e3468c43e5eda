//! Where installations, and Dormant Meters, stand in a plan: each in exactly one column, so that columns add up to all.

use jiff::civil::Date;
use tern_plan::plan::End;

use crate::plans::Standing;
use crate::reports::svg::Fill;

/// Where installations stand when a plan ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stands([u64; 5]);

/// Every standing, in the order of columns and bars.
pub const STANDINGS: [Standing; 5] =
    [Standing::Migrated, Standing::WaitsForCapacity, Standing::UnderWay, Standing::Waits, Standing::Excluded];

impl Stands {
    /// One more.
    pub fn add(&mut self, end: End) {
        self.0[Standing::from(end) as usize] += 1;
    }

    /// How many stand somewhere.
    #[must_use]
    pub fn count(&self, standing: Standing) -> u64 {
        self.0[standing as usize]
    }

    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// With another's added.
    #[must_use]
    pub fn with(mut self, other: &Stands) -> Stands {
        self.0.iter_mut().zip(other.0).for_each(|(own, more)| *own += more);
        self
    }
}

/// As people read it.
#[must_use]
pub fn standing_words(standing: Standing) -> &'static str {
    match standing {
        Standing::Migrated => "planned to be migrated",
        Standing::WaitsForCapacity => "wait for capacity",
        Standing::UnderWay => "under way",
        Standing::Waits => "wait for something else",
        Standing::Excluded => "excluded",
    }
}

/// The column of a table.
pub(super) fn standing_column(standing: Standing) -> &'static str {
    match standing {
        Standing::Migrated => "planned",
        Standing::WaitsForCapacity => "wait_for_capacity",
        Standing::UnderWay => "under_way",
        Standing::Waits => "wait_for_something_else",
        Standing::Excluded => "excluded",
    }
}

pub(super) fn standing_fill(standing: Standing) -> Fill {
    match standing {
        Standing::Migrated => Fill::Solid,
        Standing::WaitsForCapacity => Fill::Barred,
        Standing::UnderWay => Fill::Backslanted,
        Standing::Waits => Fill::Slanted,
        Standing::Excluded => Fill::Dotted,
    }
}

/// Where a Dormant Meter stands to the ambition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DormantStand {
    /// With the DCC already.
    Enrolled,
    /// Planned to be migrated in time.
    InTime,
    /// Planned to be migrated later.
    Later,
    /// Not planned to be migrated within the plan's days.
    NotPlanned,
    /// In an excluded category.
    Excluded,
}

impl DormantStand {
    /// Every one, in the order of columns and bars.
    pub const ALL: [DormantStand; 5] = [
        DormantStand::Enrolled,
        DormantStand::InTime,
        DormantStand::Later,
        DormantStand::NotPlanned,
        DormantStand::Excluded,
    ];

    pub(super) fn of(end: End, enrolled: bool, by: Date) -> DormantStand {
        match end {
            _ if enrolled => DormantStand::Enrolled,
            End::Migrated(day) if day <= by => DormantStand::InTime,
            End::Migrated(_) => DormantStand::Later,
            End::Excluded(_) => DormantStand::Excluded,
            End::WaitsForCapacity | End::UnderWay | End::Waits(_) => DormantStand::NotPlanned,
        }
    }

    /// As people read it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            DormantStand::Enrolled => "enrolled already",
            DormantStand::InTime => "planned in time",
            DormantStand::Later => "planned later",
            DormantStand::NotPlanned => "not planned",
            DormantStand::Excluded => "excluded",
        }
    }

    pub(super) fn column(self) -> &'static str {
        match self {
            DormantStand::Enrolled => "enrolled",
            DormantStand::InTime => "planned_in_time",
            DormantStand::Later => "planned_later",
            DormantStand::NotPlanned => "not_planned",
            DormantStand::Excluded => "excluded",
        }
    }

    pub(super) fn fill(self) -> Fill {
        match self {
            DormantStand::Enrolled => Fill::Checked,
            DormantStand::InTime => Fill::Solid,
            DormantStand::Later => Fill::Backslanted,
            DormantStand::NotPlanned => Fill::Slanted,
            DormantStand::Excluded => Fill::Dotted,
        }
    }
}

/// Dormant Meters by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DormantStands([u64; 5]);

impl DormantStands {
    /// One more.
    pub fn add(&mut self, stand: DormantStand) {
        self.0[stand as usize] += 1;
    }

    /// How many stand somewhere.
    #[must_use]
    pub fn count(&self, stand: DormantStand) -> u64 {
        self.0[stand as usize]
    }

    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// With another's added.
    #[must_use]
    pub fn with(mut self, other: &DormantStands) -> DormantStands {
        self.0.iter_mut().zip(other.0).for_each(|(own, more)| *own += more);
        self
    }
}
