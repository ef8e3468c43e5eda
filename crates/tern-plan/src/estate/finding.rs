//! What is wrong with the description of an estate.

use std::collections::BTreeMap;

use tern_model::ChfIdentifier;
use tern_wire::facts_csv::{FAULTS_MAX, RowFault};

/// The kinds of finding, so that they can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// A row cannot be read, or a file has another header.
    BadRow,
    /// Two rows say the same.
    Repeated,
    /// Two rows with the same key say different things.
    Contradiction,
    /// A device, and with it perhaps a meter, stands in two installations.
    InTwoInstallations,
    /// Two meters measure at one metering point.
    TwoMetersAtOnePoint,
    /// A row names an installation, device, metering point or entry that no row describes.
    Unknown,
    /// An installation lacks a device or meter, has one too many, or a row of it could not be used.
    Incomplete,
    /// Something is said to have happened before the installation was there.
    BeforeInstallation,
    /// Events stand or happen in an order that cannot be.
    OutOfOrder,
}

impl FindingKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FindingKind::BadRow => "bad-row",
            FindingKind::Repeated => "repeated",
            FindingKind::Contradiction => "contradiction",
            FindingKind::InTwoInstallations => "in-two-installations",
            FindingKind::TwoMetersAtOnePoint => "two-meters-at-one-point",
            FindingKind::Unknown => "unknown",
            FindingKind::Incomplete => "incomplete",
            FindingKind::BeforeInstallation => "before-installation",
            FindingKind::OutOfOrder => "out-of-order",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub kind: FindingKind,
    /// The installation that is set aside because of it: nothing is planned for it.
    pub set_aside: Option<ChfIdentifier>,
    /// Where, what, and what to do.
    pub fault: RowFault,
}

/// Findings as they come: every one is counted, and of each file the first [`FAULTS_MAX`] are told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    list: Vec<Finding>,
    counts: BTreeMap<FindingKind, u64>,
    told: BTreeMap<&'static str, usize>,
}

impl Findings {
    pub(super) fn add(&mut self, file: &'static str, finding: Finding) {
        *self.counts.entry(finding.kind).or_default() += 1;
        let told = self.told.entry(file).or_default();
        if *told < FAULTS_MAX {
            *told += 1;
            self.list.push(finding);
        }
    }

    /// Those that are told, in the order of the files.
    #[must_use]
    pub fn list(&self) -> &[Finding] {
        &self.list
    }

    /// How many there are of each kind, told or not.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<FindingKind, u64> {
        &self.counts
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }
}
