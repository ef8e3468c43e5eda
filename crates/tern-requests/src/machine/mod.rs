//! A request's way as pure machines, one for each party that keeps it: the DSP from receipt to the User's hands, the S1SP from the
//! countersigned request to its signed answer. (state, event, now) becomes state and effects.
//!
//! A machine does nothing. An effect is journalled with the state before it is tried, and bears a key under which a second asking is
//! harmless; what was lost is probed where it may have happened. No machine may take an arrow that does not stand in its table.

pub mod dsp;
pub mod probe;
pub mod s1sp;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tern_model::{DeviceId, Malformed};
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition<State, Event, Effect> {
    /// Which arrow of the table.
    pub arrow: Arrow<State, Event>,
    /// What to do next, in this order; nothing where the machine waits or rests.
    pub effects: Vec<Effect>,
}

/// What a request is called at both parties: a RequestID may come once under each Command Variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RequestKey {
    /// The RequestID.
    pub id: RequestId,
    /// The Command Variant.
    pub command_variant: CommandVariant,
}

impl RequestKey {
    /// The key of something that is done for the request, unique among all that is done.
    #[must_use]
    pub fn of(self, what: &str) -> String {
        format!("{self}/{what}")
    }

    /// The device that it is for, or the DCC.
    #[must_use]
    pub fn device(self) -> DeviceId {
        DeviceId(self.id.target)
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.id, self.command_variant)
    }
}

impl FromStr for RequestKey {
    type Err = Malformed;

    /// Reads the key itself, and the key of something that is done for it.
    fn from_str(text: &str) -> Result<RequestKey, Malformed> {
        let mut parts = text.split('/');
        let id = parts.next().map(str::parse).transpose()?;
        let command_variant = parts.next().map(str::parse).transpose()?;
        let expected = "a RequestID and a Command Variant, joined by a slash";
        let (id, command_variant) = id.zip(command_variant).ok_or(Malformed { expected })?;
        Ok(RequestKey { id, command_variant })
    }
}

impl From<RequestKey> for String {
    fn from(key: RequestKey) -> String {
        key.to_string()
    }
}

impl TryFrom<String> for RequestKey {
    type Error = Malformed;

    fn try_from(text: String) -> Result<RequestKey, Malformed> {
        text.parse()
    }
}
