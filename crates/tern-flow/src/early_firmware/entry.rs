//! An EPCL entry as a pure machine: what is known of its tests, disputes and decision, by day.
//!
//! It must never say whether an upgrade is permitted without the wording of the day: that is [`super::Permit`]'s.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::InstallationState;
use tern_model::estate::ApprovalRoute;

use super::entry_table::{EntryArrow, EntryEvent, EntryState};

/// Why an entry is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Halt {
    /// A defect was found.
    Defect,
    /// The time foreseen for its approval has passed.
    Overdue,
    /// Another reason.
    Paused,
}

/// How far an entry has come, disputes and halts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Progress {
    Planned,
    Tested,
    CloseToProposed,
    Approved,
}

/// What is known of an entry of the EPCL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// How it comes to be proposed.
    pub route: ApprovalRoute,
    /// Which installations it comprises.
    pub comprises: InstallationState,
    pub(super) progress: Progress,
    /// The day on which it came to be where it is, or on which the last thing that held it back went away.
    pub(super) since: Option<Date>,
    disputed: bool,
    halted: Option<Halt>,
    not_approved: bool,
}

impl Entry {
    /// An entry that is planned, and no more.
    #[must_use]
    pub fn planned(route: ApprovalRoute, comprises: InstallationState) -> Entry {
        let progress = Progress::Planned;
        Entry { route, comprises, progress, since: None, disputed: false, halted: None, not_approved: false }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> EntryState {
        match self.progress {
            _ if self.not_approved => EntryState::NotApproved,
            _ if self.halted.is_some() => EntryState::Paused,
            Progress::Approved => EntryState::Approved,
            _ if self.disputed => EntryState::Disputed,
            Progress::Planned => EntryState::Planned,
            Progress::Tested => EntryState::Tested,
            Progress::CloseToProposed => EntryState::CloseToProposed,
        }
    }

    /// Why it is paused, where it is.
    #[must_use]
    pub fn halt(&self) -> Option<Halt> {
        self.halted.filter(|_| !self.not_approved)
    }

    /// Takes in what became known on a day; events come in the order of their days.
    ///
    /// `None` where the event contradicts what is known, for example a confirmation without tests: nothing changes.
    #[must_use]
    pub fn on(&mut self, event: EntryEvent, day: Date) -> Option<EntryArrow> {
        let from = self.state();
        let before = *self;
        self.take(event)?;
        let to = self.state();
        if matches!(event, EntryEvent::DisputeResolved | EntryEvent::Resumed) || before.progress != self.progress {
            self.since = Some(day);
        }
        Some(EntryArrow { from, on: event, to })
    }

    fn take(&mut self, event: EntryEvent) -> Option<()> {
        let undecided = self.progress < Progress::Approved;
        match (self.state(), event) {
            (EntryState::NotApproved, _) => return None,
            (EntryState::Approved, EntryEvent::Approved | EntryEvent::Overdue | EntryEvent::NotApproved) => {
                return None;
            }
            (_, EntryEvent::Approved) => {
                (self.progress, self.disputed, self.halted) = (Progress::Approved, false, None);
            }
            (_, EntryEvent::NotApproved) => self.not_approved = true,
            (_, EntryEvent::Defect) => self.halted = Some(Halt::Defect),
            (_, EntryEvent::Overdue) => self.halted = Some(Halt::Overdue),
            (_, EntryEvent::Paused) => self.halted = Some(Halt::Paused),
            (EntryState::Paused, EntryEvent::Resumed) => self.halted = None,
            (_, EntryEvent::DisputeRaised) if undecided && !self.disputed => self.disputed = true,
            (_, EntryEvent::DisputeResolved) if self.disputed => self.disputed = false,
            (_, EntryEvent::TestsDone | EntryEvent::TagConfirmed | EntryEvent::ReportPublished) => {
                self.progress = self.proven(event)?;
            }
            _ => return None,
        }
        Some(())
    }

    /// How far an entry has come with one proof more; none where it is no proof of an entry that comes this way.
    fn proven(&self, event: EntryEvent) -> Option<Progress> {
        match (self.progress, self.route, event) {
            (Progress::Planned, ApprovalRoute::MtSit, EntryEvent::TestsDone) => Some(Progress::Tested),
            (Progress::Tested, ApprovalRoute::MtSit, EntryEvent::TagConfirmed) => Some(Progress::CloseToProposed),
            (Progress::Planned, ApprovalRoute::Dmct | ApprovalRoute::Equivalent, EntryEvent::ReportPublished) => {
                Some(Progress::CloseToProposed)
            }
            _ => None,
        }
    }
}
