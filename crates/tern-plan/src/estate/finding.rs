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
    /// Something that is described is said to begin on a day that has not come.
    NotYet,
    /// A supplier speaks of an installation of which it has no meter, and is to gain none.
    ForeignSupplier,
    /// Events happen in an order that cannot be.
    OutOfOrder,
    /// A row speaks of an installation that is set aside; why it is stands elsewhere.
    SetAside,
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
            FindingKind::NotYet => "not-yet",
            FindingKind::ForeignSupplier => "foreign-supplier",
            FindingKind::OutOfOrder => "out-of-order",
            FindingKind::SetAside => "set-aside",
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
    not_used: BTreeMap<&'static str, u64>,
    notes: Vec<RowFault>,
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

    /// Has the findings at these places, as far as they are about this file, say which installation is set aside because of
    /// them; false where none is.
    pub(super) fn set_aside(&mut self, chf: ChfIdentifier, file: &'static str, places: &[usize]) -> bool {
        let mut found = false;
        for at in places {
            if let Some(finding) = self.list.get_mut(*at).filter(|finding| finding.fault.file == file) {
                finding.set_aside = Some(chf);
                found = true;
            }
        }
        found
    }

    /// Counts a row about an installation that is set aside.
    pub(super) fn not_used(&mut self, file: &'static str) {
        *self.not_used.entry(file).or_default() += 1;
    }

    /// Adds what is worth a look and not wrong.
    pub(super) fn add_note(&mut self, note: RowFault) {
        if self.notes.len() < FAULTS_MAX {
            self.notes.push(note);
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

    /// How many rows of each file are not used because their installation is set aside, or described by no row that can be
    /// used. They are no findings: what is wrong is told where it is wrong.
    #[must_use]
    pub fn rows_not_used(&self) -> &BTreeMap<&'static str, u64> {
        &self.not_used
    }

    /// What is worth a look and not wrong: it was taken as it stands.
    #[must_use]
    pub fn notes(&self) -> &[RowFault] {
        &self.notes
    }
}
