//! What a request at the S1SP is said to be, what happens to it, and what is done then.

use serde::{Deserialize, Serialize};

use crate::machine::probe::Found;
use crate::refusal::Refusal;
use crate::stages::dco::DcoSaid;
use crate::task::Task;

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Taken in; its own checks come next.
    Received,
    /// The DCO is asked to protect an instruction.
    Protecting,
    /// The device is asked.
    Asking,
    /// The device's answer was lost: what happened is being asked.
    Probing,
    /// Answer or alert is on its way to the DSP.
    Telling,
    /// End: the DSP has it.
    Told,
}

/// An event without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The S1SP's checks passed, and this is to be done.
    Planned,
    /// A check refused, or the body asks for what cannot be.
    Refused,
    /// The DCO protected the instruction.
    Protected,
    /// The DCO did not.
    DcoSaid,
    /// The device obeyed the instruction.
    Obeyed,
    /// The device refused it, or the S1SP in its place: the time is out of the request's tolerance.
    DeviceRefused,
    /// The device was not reached: nothing was asked of it.
    Unreachable,
    /// No answer came: it may or may not have happened.
    Lost,
    /// A probe found something.
    Probed,
    /// The DSP has what was told.
    Delivered,
    /// The S1SP came back after a crash.
    Resumed,
}

/// What is to be done for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// So many of its instructions, the first ones, go by the DCO.
    pub protected: u8,
    /// Whether it changes anything: a lost answer is probed then.
    pub changes: bool,
    /// How many instructions it takes, one after the other; at least one. Those behind the protected ones only tell.
    pub instructions: u8,
}

impl Plan {
    /// What a task takes whose critical instructions are so many.
    #[must_use]
    pub fn of(task: &Task, instructions: usize) -> Plan {
        let protected = u8::try_from(instructions).unwrap_or(u8::MAX);
        // What a clock says after it was set is part of the answer.
        let tells = protected == 0 || matches!(task, Task::SetClock { .. });
        Plan { protected, changes: !task.is_read(), instructions: protected.saturating_add(u8::from(tells)) }
    }

    /// Whether the DCO must protect an instruction.
    #[must_use]
    pub fn is_protected(self, at: u8) -> bool {
        at < self.protected
    }

    /// Whether an instruction changes anything.
    #[must_use]
    pub fn alters(self, at: u8) -> bool {
        self.changes && (self.protected == 0 || self.is_protected(at))
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// See [`EventKind::Planned`].
    Planned(Plan),
    /// See [`EventKind::Refused`].
    Refused(Refusal),
    /// See [`EventKind::Protected`].
    Protected,
    /// See [`EventKind::DcoSaid`].
    DcoSaid(DcoSaid),
    /// See [`EventKind::Obeyed`].
    Obeyed,
    /// See [`EventKind::DeviceRefused`]: in whose words.
    DeviceRefused(String),
    /// See [`EventKind::Unreachable`].
    Unreachable(String),
    /// See [`EventKind::Lost`].
    Lost,
    /// See [`EventKind::Probed`].
    Probed(Found),
    /// See [`EventKind::Delivered`].
    Delivered,
    /// See [`EventKind::Resumed`].
    Resumed,
}

/// What the S1SP is to do next: journalled before it is tried. `at` is the instruction, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Check the request, and plan.
    Judge,
    /// Have the DCO protect an instruction.
    Protect {
        /// Which.
        at: u8,
    },
    /// Ask it of the device.
    Ask {
        /// Which.
        at: u8,
    },
    /// Find out whether it has happened, as [`crate::machine::probe`] says; where nothing tells, [`Found::NotApplied`] is the answer.
    Probe {
        /// Which.
        at: u8,
    },
    /// Sign the outcome and hand it to the DSP.
    Tell(Outcome),
}

/// How it ended at the S1SP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A SMETS1 Response: the device obeyed.
    Done,
    /// A SMETS1 Response: the device refused.
    NotDone,
    /// An S1SP Alert.
    Alert(Refusal),
}

impl Event {
    /// Why, where it says so.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Event::Refused(refusal) => Some(&refusal.text),
            Event::DcoSaid(DcoSaid::No(words) | DcoSaid::KeysMissing(words) | DcoSaid::Credentials(words))
            | Event::DeviceRefused(words)
            | Event::Unreachable(words) => Some(words),
            _ => None,
        }
    }

    /// The event without its particulars.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Event::Planned(_) => EventKind::Planned,
            Event::Refused(_) => EventKind::Refused,
            Event::Protected => EventKind::Protected,
            Event::DcoSaid(_) => EventKind::DcoSaid,
            Event::Obeyed => EventKind::Obeyed,
            Event::DeviceRefused(_) => EventKind::DeviceRefused,
            Event::Unreachable(_) => EventKind::Unreachable,
            Event::Lost => EventKind::Lost,
            Event::Probed(_) => EventKind::Probed,
            Event::Delivered => EventKind::Delivered,
            Event::Resumed => EventKind::Resumed,
        }
    }
}
