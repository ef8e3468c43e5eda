//! The transition table of an installation's migration: commissioning, and rollback when a step fails (CO1, CO4, CO5).
//!
//! The machine may take no arrow that does not stand here, and the workflow harness fails when an arrow is never taken.

use serde::{Deserialize, Serialize};

/// A state without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateKind {
    /// Both parties consent; nothing has been done.
    Ready,
    /// The DSP judges the supplier-change window again, just before the first device effect.
    Rechecking,
    /// A step is journalled and sent.
    Doing,
    /// The step's answer was lost: what happened is being asked.
    Probing,
    /// A step is being undone.
    Undoing,
    /// Whether there is anything (left) to undo is being asked.
    ProbingUndo,
    /// End: wholly with the DCC.
    Commissioned,
    /// End: never started, wholly with the SMSO.
    Refused,
    /// End: put back, wholly with the SMSO.
    RolledBack,
    /// Neither; waits for a person.
    Stuck,
    /// End: was stuck, closed by a person with evidence.
    Closed,
}

/// An event without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The executor takes the installation up.
    Start,
    /// What was asked for was done, or holds.
    Done,
    /// What was asked for was refused or failed, and is known not to have happened.
    Failed,
    /// No answer came: it may or may not have happened.
    Lost,
    /// A probe found the effect in place.
    Applied,
    /// A probe found the effect not in place.
    NotApplied,
    /// The executor came back after a crash: what was in flight may or may not have happened.
    Resume,
    /// A person asks to try the undo again.
    Retry,
    /// A person closes a stuck installation.
    Close,
}

/// One permitted transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Arrow {
    /// From.
    pub from: StateKind,
    /// On.
    pub on: EventKind,
    /// To.
    pub to: StateKind,
}

const fn arrow(from: StateKind, on: EventKind, to: StateKind) -> Arrow {
    Arrow { from, on, to }
}

/// Every permitted transition.
pub const TABLE: &[Arrow] = {
    use {EventKind as E, StateKind as S};
    &[
        arrow(S::Ready, E::Start, S::Rechecking),
        // The window is judged again; nothing has been touched yet.
        arrow(S::Rechecking, E::Done, S::Doing),
        arrow(S::Rechecking, E::Failed, S::Refused),
        arrow(S::Rechecking, E::Lost, S::Rechecking),
        arrow(S::Rechecking, E::Lost, S::Refused),
        arrow(S::Rechecking, E::Resume, S::Rechecking),
        // Steps, in the order of the cohort's tables.
        arrow(S::Doing, E::Done, S::Doing),
        arrow(S::Doing, E::Done, S::Commissioned),
        arrow(S::Doing, E::Failed, S::Doing),
        arrow(S::Doing, E::Failed, S::ProbingUndo),
        arrow(S::Doing, E::Failed, S::RolledBack),
        arrow(S::Doing, E::Lost, S::Doing),
        arrow(S::Doing, E::Lost, S::Probing),
        arrow(S::Doing, E::Lost, S::ProbingUndo),
        arrow(S::Doing, E::Lost, S::RolledBack),
        arrow(S::Doing, E::Resume, S::Doing),
        arrow(S::Doing, E::Resume, S::Probing),
        // Nothing was altered before the crash: the window is judged again, however long ago it was judged.
        arrow(S::Doing, E::Resume, S::Rechecking),
        arrow(S::Probing, E::NotApplied, S::Rechecking),
        // A lost answer is probed, never guessed.
        arrow(S::Probing, E::Applied, S::Doing),
        arrow(S::Probing, E::Applied, S::Commissioned),
        arrow(S::Probing, E::NotApplied, S::Doing),
        arrow(S::Probing, E::NotApplied, S::ProbingUndo),
        arrow(S::Probing, E::NotApplied, S::RolledBack),
        arrow(S::Probing, E::Failed, S::Probing),
        arrow(S::Probing, E::Failed, S::ProbingUndo),
        arrow(S::Probing, E::Lost, S::Probing),
        arrow(S::Probing, E::Lost, S::ProbingUndo),
        arrow(S::Probing, E::Resume, S::Probing),
        // Rollback: in reverse, each undo only where the probe finds the effect in place.
        arrow(S::ProbingUndo, E::Applied, S::Undoing),
        arrow(S::ProbingUndo, E::Applied, S::ProbingUndo),
        arrow(S::ProbingUndo, E::Applied, S::Stuck),
        arrow(S::ProbingUndo, E::NotApplied, S::ProbingUndo),
        arrow(S::ProbingUndo, E::NotApplied, S::RolledBack),
        arrow(S::ProbingUndo, E::NotApplied, S::Stuck),
        arrow(S::ProbingUndo, E::Failed, S::ProbingUndo),
        arrow(S::ProbingUndo, E::Failed, S::Stuck),
        arrow(S::ProbingUndo, E::Lost, S::ProbingUndo),
        arrow(S::ProbingUndo, E::Lost, S::Stuck),
        arrow(S::ProbingUndo, E::Resume, S::ProbingUndo),
        arrow(S::Undoing, E::Done, S::ProbingUndo),
        arrow(S::Undoing, E::Done, S::RolledBack),
        arrow(S::Undoing, E::Done, S::Stuck),
        arrow(S::Undoing, E::Failed, S::Undoing),
        arrow(S::Undoing, E::Failed, S::ProbingUndo),
        arrow(S::Undoing, E::Failed, S::Stuck),
        arrow(S::Undoing, E::Lost, S::ProbingUndo),
        arrow(S::Undoing, E::Resume, S::ProbingUndo),
        // The way out of stuck.
        arrow(S::Stuck, E::Retry, S::ProbingUndo),
        arrow(S::Stuck, E::Close, S::Closed),
    ]
};
