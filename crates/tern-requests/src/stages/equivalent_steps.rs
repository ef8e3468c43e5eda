//! The Equivalent Steps: what may go wrong while a device is made to do what a request asks.
//!
//! A device that refuses is no failure of the steps: its SMETS1 Response says so (MessageSuccess, R).

use crate::codes::Reason;
use crate::refusal::Refusal;
use crate::task::Unkept;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// The body asks for what the device cannot keep.
    NotKept(String),
    /// The device could not be reached; nothing was asked of it.
    Unreachable(String),
    /// No answer came, and what happened could not be found out.
    Silent,
}

impl From<Unkept> for Failed {
    fn from(Unkept(words): Unkept) -> Failed {
        Failed::NotKept(words.to_string())
    }
}

impl From<Failed> for Refusal {
    fn from(failed: Failed) -> Refusal {
        match failed {
            Failed::NotKept(words) => Refusal::new(Reason::BodyNotKept, words),
            Failed::Unreachable(words) => Refusal::new(Reason::DeviceUnreachable, words),
            Failed::Silent => Refusal::new(Reason::DeviceSilent, "no answer came from the device"),
        }
    }
}
