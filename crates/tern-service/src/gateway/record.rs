//! What the DSP keeps of a request: what came, what was said of it, and how far it is.
//!
//! A request is kept for good under its RequestID and Command Variant: nothing is processed twice. Its bytes stand in the
//! DSP's inbox, under the same name.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{Digest, PartyId};
use tern_store::{Body, Expect, InboxEntry, Put, Remove, StoreView};
use tern_wire::duis::{CommandVariant, RequestId};

use crate::fault::ServiceFault;
use crate::parties::inbox;

/// Kind of [`RequestRecord`].
pub(crate) const REQUEST: &str = "duis-request";
/// Kind of the marks of requests that are to go on: `{when}/{key}`.
const OPEN: &str = "duis-open";
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
    /// It is held until a moment.
    Held {
        /// From then on it is processed.
        until: Timestamp,
    },
    /// It was accepted, and goes to the S1SP.
    Accepted,
    /// It is with the S1SP.
    WithS1sp {
        /// Since when.
        since: Timestamp,
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

    /// The mark that finds it among those that go on at a moment or later.
    pub(super) fn opened(&self, at: Timestamp) -> Result<Put, ServiceFault> {
        inbox::put(OPEN, mark(at, &self.key()), Expect::Any, &())
    }
}

fn mark(at: Timestamp, key: &str) -> String {
    // Sorts as time does, for moments from 1970 on.
    format!("{:015}/{key}", at.as_millisecond().max(0))
}

/// The first requests that go on by a moment: their marks, and their keys.
pub(super) fn due(store: &dyn StoreView, by: Timestamp, limit: usize) -> Result<Vec<(String, String)>, ServiceFault> {
    let latest = mark(by, "~");
    let marks = store.scan(OPEN, None, limit)?.into_iter().map(|(mark, _)| mark).take_while(|mark| *mark <= latest);
    let keyed = marks.filter_map(|mark| mark.split_once('/').map(|(_, key)| key.to_owned()).map(|key| (mark, key)));
    Ok(keyed.collect())
}

/// Takes a mark away.
pub(super) fn closed(mark: &str) -> Remove {
    Remove { kind: OPEN, key: mark.to_owned(), generation: None }
}

/// The bytes of a request that came before.
pub(super) fn bytes_of(store: &dyn StoreView, key: &str) -> Result<Vec<u8>, ServiceFault> {
    match store.received(LINK, key)?.map(|entry| entry.body) {
        Some(Body::Bytes(bytes)) => Ok(bytes),
        _ => Err(ServiceFault::Body(format!("the request {key} is not in the inbox"))),
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
