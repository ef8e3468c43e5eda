//! Whether clause 4.26 permits steps towards an EPCL entry on a day, and why (PL6).
//!
//! The wording in force is the rulebook's; this module must never know a day of the TMAD.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::InstallationState;
use tern_model::estate::ApprovalRoute;

use super::entry::{Entry, Halt, Progress};
use super::entry_table::EntryState;

/// What is to be done to the Devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// An upgrade of firmware.
    Firmware,
    /// A change of configuration: never early.
    Configuration,
}

/// The circumstances under which a permit is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What is to be done.
    pub work: Work,
    /// The day, in Europe/London.
    pub on: Date,
    /// The first day of 4.26's wording that reaches to planned entries; none where there is none.
    pub planned_since: Option<Date>,
    /// The tested entry that an equivalent one names.
    pub tested: Option<&'a Entry>,
}

/// What 4.26 says of steps towards an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permit {
    /// They are consented to.
    Yes {
        /// The first day of the consent.
        since: Date,
        /// What it rests on.
        ground: Ground,
    },
    /// They are not.
    No(NotPermitted),
}

impl Permit {
    /// The clause that it stands on.
    pub const CLAUSE: &'static str = "4.26";

    /// Whether the entry was not approved.
    #[must_use]
    pub fn is_not_approved(self) -> bool {
        self == Permit::No(NotPermitted::NotApproved)
    }

    /// Whether the entry is on the EPCL.
    #[must_use]
    pub fn is_approved(self) -> bool {
        matches!(self, Permit::Yes { ground: Ground::Approved, .. })
    }
}

impl fmt::Display for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Permit::Yes { since, ground } => write!(f, "permitted since {since}: {ground}"),
            Permit::No(why) => write!(f, "not permitted: {why}"),
        }
    }
}

/// What a permit rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// The entry is on the EPCL.
    Approved,
    /// Criterion (a).
    TagConfirmed,
    /// Criterion (b).
    ReportPublished,
    /// Criterion (b), with the tests of the entry that it names.
    Equivalent,
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ground::Approved => "the entry is on the EPCL",
            Ground::TagConfirmed => "the TAG has confirmed that MT and SIT are complete",
            Ground::ReportPublished => "its DMCT EPCL Report is published",
            Ground::Equivalent => {
                "its DMCT EPCL Report is published, and the entry that it is equivalent to was tested"
            }
        })
    }
}

/// Why 4.26 does not reach to steps towards an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotPermitted {
    /// MT and SIT are not done.
    TestsNotDone,
    /// The TAG has not confirmed them.
    NotConfirmed,
    /// No DMCT EPCL Report proposes the entry.
    NoReport,
    /// The entry that it is equivalent to is not known.
    NoTestedEntry,
    /// The entry that it is equivalent to is not proven, is disputed, paused or not approved.
    TestedEntryNotProven,
    /// The TAG disputes the treatment of a testing issue.
    Disputed,
    /// The entry is paused.
    Halted(Halt),
    /// The Secretary of State did not approve the entry.
    NotApproved,
    /// The wording of the day speaks of approved entries alone.
    WordingNotInForce,
    /// The entry is planned, and what is to be done is no upgrade of firmware.
    FirmwareAlone,
    /// The entry is planned, and comprises no Dormant Meter.
    NoDormantMeters,
}

impl fmt::Display for NotPermitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotPermitted::TestsNotDone => "MT and SIT of the planned entry are not done",
            NotPermitted::NotConfirmed => "the TAG has not confirmed that MT and SIT are complete",
            NotPermitted::NoReport => "its DMCT EPCL Report is not published",
            NotPermitted::NoTestedEntry => "the tested entry that it is equivalent to is not named",
            NotPermitted::TestedEntryNotProven => "the entry that it is equivalent to is not proven, or is held back",
            NotPermitted::Disputed => "the TAG disputes the treatment of a testing issue",
            NotPermitted::Halted(Halt::Defect) => "the entry is paused: a defect was found",
            NotPermitted::Halted(Halt::Overdue) => "the entry is paused: it was not approved in the time foreseen",
            NotPermitted::Halted(Halt::Paused) => "the entry is paused",
            NotPermitted::NotApproved => "the entry was not approved",
            NotPermitted::WordingNotInForce => "the wording in force reaches to entries on the EPCL alone",
            NotPermitted::FirmwareAlone => "while the entry is planned firmware alone may be upgraded",
            NotPermitted::NoDormantMeters => "the planned entry comprises no Dormant Meters",
        })
    }
}

impl Entry {
    /// Whether 4.26 permits steps towards the entry.
    #[must_use]
    pub fn permit(&self, asked: &Asked<'_>) -> Permit {
        match self.permitted(asked) {
            Ok((since, ground)) => Permit::Yes { since, ground },
            Err(why) => Permit::No(why),
        }
    }

    fn permitted(&self, asked: &Asked<'_>) -> Result<(Date, Ground), NotPermitted> {
        match self.state() {
            EntryState::NotApproved => return Err(NotPermitted::NotApproved),
            EntryState::Paused => return Err(NotPermitted::Halted(self.halt().unwrap_or(Halt::Paused))),
            EntryState::Approved => return Ok((self.since.unwrap_or(asked.on), Ground::Approved)),
            EntryState::Disputed => return Err(NotPermitted::Disputed),
            EntryState::Planned | EntryState::Tested | EntryState::CloseToProposed => {}
        }
        let (since, ground) = self.proof(asked)?;
        let wording = asked.planned_since.filter(|first| *first <= asked.on).ok_or(NotPermitted::WordingNotInForce)?;
        if asked.work == Work::Configuration {
            return Err(NotPermitted::FirmwareAlone);
        }
        if self.comprises == InstallationState::Active {
            return Err(NotPermitted::NoDormantMeters);
        }
        Ok((since.max(wording), ground))
    }

    /// The criterion that a planned entry meets, and since when.
    fn proof(&self, asked: &Asked<'_>) -> Result<(Date, Ground), NotPermitted> {
        let Some(since) = self.since.filter(|_| self.progress == Progress::CloseToProposed) else {
            return Err(match (self.route, self.progress) {
                (ApprovalRoute::MtSit, Progress::Tested) => NotPermitted::NotConfirmed,
                (ApprovalRoute::MtSit, _) => NotPermitted::TestsNotDone,
                (ApprovalRoute::Dmct | ApprovalRoute::Equivalent, _) => NotPermitted::NoReport,
            });
        };
        match self.route {
            ApprovalRoute::MtSit => Ok((since, Ground::TagConfirmed)),
            ApprovalRoute::Dmct => Ok((since, Ground::ReportPublished)),
            ApprovalRoute::Equivalent => {
                let tested = asked.tested.ok_or(NotPermitted::NoTestedEntry)?;
                let proven = tested.route != ApprovalRoute::Equivalent
                    && matches!(tested.state(), EntryState::CloseToProposed | EntryState::Approved);
                let theirs = tested.since.filter(|_| proven).ok_or(NotPermitted::TestedEntryNotProven)?;
                Ok((since.max(theirs), Ground::Equivalent))
            }
        }
    }
}
