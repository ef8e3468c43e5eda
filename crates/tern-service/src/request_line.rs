//! One line of a request's story, as a party's journal keeps it under the request's key.
//!
//! It says which transition a machine took, what was to be done next, and why, in words. It must never hold what a device
//! measured, nor a secret: those stand in signed messages alone.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tern_requests::machine::{RequestKey, Transition, dsp, s1sp};
use tern_store::{JournalEntry, StoreView};

use crate::fault::ServiceFault;

/// Version of the lines.
const VERSION: u16 = 1;

/// A line of a machine with these states, events and effects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLine<State, Event, Effect> {
    /// What the machine did.
    pub taken: Transition<State, Event, Effect>,
    /// Why, where somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// A line of the DSP.
pub type DspLine = RequestLine<dsp::StateKind, dsp::EventKind, dsp::Effect>;
/// A line of the S1SP.
pub type S1spLine = RequestLine<s1sp::State, s1sp::EventKind, s1sp::Effect>;

impl<S: Serialize, E: Serialize, F: Serialize> RequestLine<S, E, F> {
    /// The journal entry of this line.
    pub(crate) fn entry(&self, key: RequestKey, at: Timestamp) -> Result<JournalEntry, ServiceFault> {
        let body = serde_json::to_vec(self).map_err(ServiceFault::body)?;
        Ok(JournalEntry { subject: key.to_string(), at, version: VERSION, body })
    }
}

/// What a party's journal holds of a request, oldest first.
///
/// # Errors
/// The store cannot be read, or holds a line of another version.
pub fn lines<Line: DeserializeOwned>(
    store: &dyn StoreView,
    key: RequestKey,
) -> Result<Vec<(Timestamp, Line)>, ServiceFault> {
    let read = |(_, entry): &(u64, JournalEntry)| {
        if entry.version != VERSION {
            return Err(ServiceFault::Body(format!("journal line of version {}", entry.version)));
        }
        Ok((entry.at, serde_json::from_slice(&entry.body).map_err(ServiceFault::body)?))
    };
    store.journal(&key.to_string())?.iter().map(read).collect()
}
