//! What the DSP keeps of a request: what came, what was said of it, and how far it is.
//!
//! A request is kept for good under its RequestID and Command Variant: nothing is processed twice. Its bytes stand in the
//! DSP's inbox, under the same name.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{Digest, PartyId};
use tern_store::{Expect, InboxEntry, Put, StoreView};
use tern_wire::duis::{CommandVariant, RequestId};

use crate::fault::ServiceFault;
use crate::parties::inbox;

/// Kind of [`RequestRecord`].
pub(crate) const REQUEST: &str = "duis-request";
/// Kind of the highest counters, by originator.
const COUNTER: &str = "duis-counter";
/// The link by which Users' requests come in.
const LINK: &str = "users";

/// How far a request is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum RequestState {
    /// It was refused at a stage.
    Refused {
        /// The stage.
        stage: String,
        /// The reason.
        reason: String,
        /// In words.
        words: String,
    },
    /// It was answered: synchronously, or the reply waits for the User.
    Answered {
        /// When.
        at: Timestamp,
        /// With which code.
        code: String,
    },
}

/// What is kept of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Its RequestID.
    pub request: String,
    /// Its Command Variant.
    pub command_variant: u8,
    /// Its Service Reference Variant.
    pub service: String,
    /// The version of the schema by which it was judged, and by which it is answered.
    pub version: String,
    /// Who sent it.
    pub user: PartyId,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// When it came.
    pub received: Timestamp,
    /// The pre-command that was returned, in base64; of Command Variant 4 alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_command: Option<String>,
    /// What was answered on its own connection: byte for byte the same whenever it comes again.
    pub acknowledgement: String,
    /// How far it is.
    #[serde(flatten)]
    pub state: RequestState,
}

/// Under what a request is kept.
pub(super) fn key(request: RequestId, command_variant: CommandVariant) -> String {
    format!("{request}/{command_variant}")
}

/// What is kept of a request that came before, with its generation.
pub(super) fn find(store: &dyn StoreView, key: &str) -> Result<Option<(RequestRecord, u64)>, ServiceFault> {
    inbox::get(store, REQUEST, key)
}

impl RequestRecord {
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.request, self.command_variant)
    }

    /// The change that stores it.
    pub(super) fn put(&self, expect: Expect) -> Result<Put, ServiceFault> {
        inbox::put(REQUEST, self.key(), expect, self)
    }

    /// Its bytes, for the inbox: another of the same name refuses the whole batch.
    pub(super) fn entry(&self, bytes: Vec<u8>) -> InboxEntry {
        let (link, message) = (LINK.to_owned(), self.key());
        InboxEntry { link, message, digest: self.digest, at: self.received, body: bytes.into() }
    }
}

/// The highest counter of an originator, with the generation of its record.
pub(super) fn highest(store: &dyn StoreView, user: PartyId) -> Result<Option<(u64, u64)>, ServiceFault> {
    inbox::get(store, COUNTER, &user.to_string())
}

/// Notes a counter that is the highest by now.
pub(super) fn note_highest(user: PartyId, counter: u64) -> Result<Put, ServiceFault> {
    inbox::put(COUNTER, user.to_string(), Expect::Any, &counter)
}
