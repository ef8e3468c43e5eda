//! The transition table of an EPCL entry on its way to a decision (PL6, PL8).
//!
//! The machine may take no arrow that does not stand here; its tests fail when an arrow is never taken.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an entry stands. Only the last two are states of the EPCL itself; the others are steps towards it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryState {
    /// Foreseen for the EPCL; nothing is proven.
    Planned,
    /// Migration Testing and Systems Integration Testing are done; the TAG has not confirmed it yet.
    Tested,
    /// Criterion (a) or (b) is met: close to being proposed for the EPCL.
    CloseToProposed,
    /// The TAG disputes how testing issues were treated.
    Disputed,
    /// No new upgrade begins until it is decided what happens.
    Paused,
    /// On the EPCL.
    Approved,
    /// End: the Secretary of State did not approve it.
    NotApproved,
}

impl fmt::Display for EntryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EntryState::Planned => "planned",
            EntryState::Tested => "tested",
            EntryState::CloseToProposed => "close to being proposed",
            EntryState::Disputed => "disputed",
            EntryState::Paused => "paused",
            EntryState::Approved => "approved",
            EntryState::NotApproved => "not approved",
        })
    }
}

/// What happens to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryEvent {
    /// Migration Testing and Systems Integration Testing are done.
    TestsDone,
    /// The TAG confirms that they are complete: criterion (a).
    TagConfirmed,
    /// The DMCT EPCL Report that proposes the entry is published: criterion (b).
    ReportPublished,
    /// The TAG disputes the treatment of a testing issue.
    DisputeRaised,
    /// The dispute is resolved.
    DisputeResolved,
    /// A defect is found.
    Defect,
    /// The time foreseen for the approval has passed without one.
    Overdue,
    /// The entry is paused for another reason.
    Paused,
    /// It is decided that the entry goes on as planned.
    Resumed,
    /// The Secretary of State approves it.
    Approved,
    /// The Secretary of State does not approve it.
    NotApproved,
}

/// One permitted transition of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryArrow {
    /// From.
    pub from: EntryState,
    /// On.
    pub on: EntryEvent,
    /// To.
    pub to: EntryState,
}

const fn arrow(from: EntryState, on: EntryEvent, to: EntryState) -> EntryArrow {
    EntryArrow { from, on, to }
}

/// Every permitted transition.
pub const ENTRY_TABLE: &[EntryArrow] = {
    use {EntryEvent as E, EntryState as S};
    &[
        // Criterion (a): tests, then the TAG's confirmation. Criterion (b): the report.
        arrow(S::Planned, E::TestsDone, S::Tested),
        arrow(S::Tested, E::TagConfirmed, S::CloseToProposed),
        arrow(S::Planned, E::ReportPublished, S::CloseToProposed),
        // A dispute holds the entry back whatever else becomes known of it.
        arrow(S::Planned, E::DisputeRaised, S::Disputed),
        arrow(S::Tested, E::DisputeRaised, S::Disputed),
        arrow(S::CloseToProposed, E::DisputeRaised, S::Disputed),
        arrow(S::Disputed, E::TestsDone, S::Disputed),
        arrow(S::Disputed, E::TagConfirmed, S::Disputed),
        arrow(S::Disputed, E::ReportPublished, S::Disputed),
        arrow(S::Disputed, E::DisputeResolved, S::Planned),
        arrow(S::Disputed, E::DisputeResolved, S::Tested),
        arrow(S::Disputed, E::DisputeResolved, S::CloseToProposed),
        // A defect, no approval in time, or another reason: halted until somebody decides.
        arrow(S::Planned, E::Defect, S::Paused),
        arrow(S::Planned, E::Overdue, S::Paused),
        arrow(S::Planned, E::Paused, S::Paused),
        arrow(S::Tested, E::Defect, S::Paused),
        arrow(S::Tested, E::Overdue, S::Paused),
        arrow(S::Tested, E::Paused, S::Paused),
        arrow(S::CloseToProposed, E::Defect, S::Paused),
        arrow(S::CloseToProposed, E::Overdue, S::Paused),
        arrow(S::CloseToProposed, E::Paused, S::Paused),
        arrow(S::Disputed, E::Defect, S::Paused),
        arrow(S::Disputed, E::Overdue, S::Paused),
        arrow(S::Disputed, E::Paused, S::Paused),
        arrow(S::Approved, E::Defect, S::Paused),
        arrow(S::Approved, E::Paused, S::Paused),
        arrow(S::Paused, E::Defect, S::Paused),
        arrow(S::Paused, E::Overdue, S::Paused),
        arrow(S::Paused, E::Paused, S::Paused),
        arrow(S::Paused, E::TestsDone, S::Paused),
        arrow(S::Paused, E::TagConfirmed, S::Paused),
        arrow(S::Paused, E::ReportPublished, S::Paused),
        arrow(S::Paused, E::DisputeRaised, S::Paused),
        arrow(S::Paused, E::DisputeResolved, S::Paused),
        arrow(S::Paused, E::Resumed, S::Planned),
        arrow(S::Paused, E::Resumed, S::Tested),
        arrow(S::Paused, E::Resumed, S::CloseToProposed),
        arrow(S::Paused, E::Resumed, S::Disputed),
        arrow(S::Paused, E::Resumed, S::Approved),
        // The decision may come whatever we know of tests.
        arrow(S::Planned, E::Approved, S::Approved),
        arrow(S::Tested, E::Approved, S::Approved),
        arrow(S::CloseToProposed, E::Approved, S::Approved),
        arrow(S::Disputed, E::Approved, S::Approved),
        arrow(S::Paused, E::Approved, S::Approved),
        arrow(S::Planned, E::NotApproved, S::NotApproved),
        arrow(S::Tested, E::NotApproved, S::NotApproved),
        arrow(S::CloseToProposed, E::NotApproved, S::NotApproved),
        arrow(S::Disputed, E::NotApproved, S::NotApproved),
        arrow(S::Paused, E::NotApproved, S::NotApproved),
    ]
};
