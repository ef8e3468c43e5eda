//! GroupIDs and cohorts: one table, a grade per cell (AC1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Grade, Malformed};

/// A value together with how firmly the sources support it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Graded<T> {
    /// The value.
    pub value: T,
    /// How it is known.
    pub grade: Grade,
}

/// The capability release that an installation's device set belongs to (S002 section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cohort {
    /// Initial Operating Capability.
    Ioc,
    /// Middle Operating Capability, Honeywell Elster devices, SMSO Morrison Data Services.
    MocMds,
    /// Middle Operating Capability, Secure devices, SMSO Secure.
    MocSecure,
    /// Final Operating Capability: Trilliant and Landis+Gyr devices, three SMSOs.
    Foc,
}

impl Cohort {
    /// As configuration and measures name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Cohort::Ioc => "ioc",
            Cohort::MocMds => "moc-mds",
            Cohort::MocSecure => "moc-secure",
            Cohort::Foc => "foc",
        }
    }

    /// The name that people use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Cohort::Ioc => "IOC",
            Cohort::MocMds => "MOC MDS",
            Cohort::MocSecure => "MOC Secure",
            Cohort::Foc => "FOC",
        }
    }
}

/// The structure of the plaintext of EncryptedS1SPGroupInformation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupStructure {
    /// DecryptedS1SPGroupInformation.
    S1sp,
    /// DecryptedS1SPDPGroupInformation, DP for Dual Protocol.
    S1spDp,
}

/// The two-letter group that a migration file set belongs to; it selects the clause that binds the set (CH6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the sources name the groups and give them no meaning of their own")]
pub enum GroupId {
    AA,
    BA,
    CA,
    CB,
    DA,
    EA,
    EB,
    EC,
}

impl GroupId {
    /// Every group, in the order of the sources.
    pub const ALL: [GroupId; 8] =
        [GroupId::AA, GroupId::BA, GroupId::CA, GroupId::CB, GroupId::DA, GroupId::EA, GroupId::EB, GroupId::EC];

    /// The groups that clause 15 binds (S002 19).
    pub const FOC: [GroupId; 3] = [GroupId::EA, GroupId::EB, GroupId::EC];

    /// Whether clause 15 binds it.
    #[must_use]
    pub fn is_foc(self) -> bool {
        GroupId::FOC.contains(&self)
    }

    /// The structure that Table 11.2.1 asks for (S002 15); DA's is project-defined.
    #[must_use]
    pub fn structure(self) -> GroupStructure {
        if self.is_foc() { GroupStructure::S1spDp } else { GroupStructure::S1sp }
    }

    /// The cohort of this group with the grade of that cell.
    #[must_use]
    pub fn cohort(self) -> Graded<Cohort> {
        use Grade::{Reading, Stated};
        let (value, grade) = match self {
            GroupId::CA => (Cohort::Ioc, Stated),
            GroupId::EA | GroupId::EB | GroupId::EC => (Cohort::Foc, Stated),
            GroupId::AA | GroupId::BA => (Cohort::Ioc, Reading),
            GroupId::CB => (Cohort::MocMds, Reading),
            GroupId::DA => (Cohort::MocSecure, Reading),
        };
        Graded { value, grade }
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            GroupId::AA => "AA",
            GroupId::BA => "BA",
            GroupId::CA => "CA",
            GroupId::CB => "CB",
            GroupId::DA => "DA",
            GroupId::EA => "EA",
            GroupId::EB => "EB",
            GroupId::EC => "EC",
        }
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for GroupId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        GroupId::ALL
            .into_iter()
            .find(|g| g.as_str() == text)
            .ok_or(Malformed { expected: "a GroupID: AA, BA, CA, CB, DA, EA, EB or EC" })
    }
}
