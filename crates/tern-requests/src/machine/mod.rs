//! A request's way as pure machines, one for each party that keeps it: the DSP from receipt to the User's hands, the S1SP from the
//! countersigned request to its signed answer. (state, event, now) becomes state and effects.
//!
//! A machine does nothing. An effect is journalled with the state before it is tried, and bears a key under which a second asking is
//! harmless; what was lost is probed where it may have happened. No machine may take an arrow that does not stand in its table.

pub mod dsp;
pub mod probe;
pub mod s1sp;

use serde::{Deserialize, Serialize};
use tern_wire::duis::{CommandVariant, RequestId};

/// One permitted transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Arrow<State, Event> {
    /// From.
    pub from: State,
    /// On.
    pub on: Event,
    /// To.
    pub to: State,
}

/// One transition that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition<State, Event, Effect> {
    /// Which arrow of the table.
    pub arrow: Arrow<State, Event>,
    /// What to do next, in this order; nothing where the machine waits or rests.
    pub effects: Vec<Effect>,
}

/// The key of something that is done for a request, unique among all that is done.
#[must_use]
pub fn key(id: RequestId, command_variant: CommandVariant, what: &str) -> String {
    format!("{id}/{command_variant}/{what}")
}
