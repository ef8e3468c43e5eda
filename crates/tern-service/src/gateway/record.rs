//! What the DSP keeps of a request: what came, what was said of it, and how far it is.
//!
//! A request is kept for good under its RequestID and Command Variant: nothing is processed twice. Its bytes stand in the
//! DSP's inbox under the same name, and what was answered on its own connection in a record that is written once: the record of
//! the request itself is written at each step, and stays small.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{DeviceId, Digest, PartyId};
use tern_requests::machine::RequestKey;
use tern_requests::machine::dsp::RequestAtDsp;
use tern_store::{Body, Expect, InboxEntry, Put, Remove, StoreView};
use tern_wire::duis::{SchemaVersion, ServiceReferenceVariant};

use crate::fault::ServiceFault;
use crate::parties::inbox;

/// Kind of [`RequestRecord`].
pub(crate) const REQUEST: &str = "duis-request";
/// Kind of what was answered on a request's own connection: byte for byte the same whenever it comes again.
const ACKNOWLEDGEMENT: &str = "duis-acknowledgement";
/// The form in which it is kept.
const ACKNOWLEDGEMENT_VERSION: u16 = 1;
/// Kind of the marks of requests that are to be looked at: `{when}/{key}`.
pub(crate) const OPEN: &str = "duis-open";
/// Kind of the marks of requests that are held: `{User}/{device}/{service}/{key}`.
pub(crate) const HELD: &str = "duis-held";
/// Kind of the marks of requests whose replies are on their way to the User.
pub(crate) const REPLYING: &str = "duis-replying";
/// Kind of the highest counters, by originator.
const COUNTER: &str = "duis-counter";
/// How the audit begins to tell that a request came.
pub(crate) const CAME: &str = "Service Request ";
/// How the audit begins to tell of a reply; its code stands behind.
pub(crate) const REPLIED: &str = "Service Request replied: ";
/// The link by which Users' requests come in.
const LINK: &str = "users";

/// What was said to the User.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// The response code, or the code of an alert.
    pub code: String,
}

/// What is kept of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Its RequestID and Command Variant.
    pub request: RequestKey,
    /// Its Service Reference Variant.
    pub service: ServiceReferenceVariant,
    /// The version of the schema by which it was judged, and by which it is answered.
    pub version: SchemaVersion,
    /// Who sent it.
    pub user: PartyId,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// When it came.
    pub received: Timestamp,
    /// What was said to the User: on its own connection first, then by replies.
    pub told: Vec<Told>,
    /// How far it is.
    pub machine: RequestAtDsp,
    /// When it is to be looked at, where that is.
    pub wakes: Option<Timestamp>,
    /// When it was due, where it was held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl RequestRecord {
    /// The change that stores it.
    pub(super) fn put(&self, expect: Expect) -> Result<Put, ServiceFault> {
        inbox::put(REQUEST, self.request.to_string(), expect, self)
    }

    /// Its bytes, for the inbox: another of the same name refuses the whole batch.
    pub(super) fn entry(&self, bytes: Vec<u8>) -> InboxEntry {
        let (link, message) = (LINK.to_owned(), self.request.to_string());
        InboxEntry { link, message, digest: self.digest, at: self.received, body: bytes.into() }
    }

    /// The mark that finds it among those that are held.
    pub(super) fn held(&self) -> Mark {
        Mark { kind: HELD, key: format!("{}{}", self.held_alike(), self.request) }
    }

    /// The mark that counts it among those whose replies are on their way.
    pub(super) fn replying(&self) -> Mark {
        Mark { kind: REPLYING, key: self.request.to_string() }
    }

    /// How the marks begin of all that is held of the same User, device and service.
    fn held_alike(&self) -> String {
        format!("{}/{}/{}/", self.user, self.request.device(), self.service)
    }
}

/// What is kept of a request that came before, with its generation.
pub(crate) fn find(store: &dyn StoreView, key: RequestKey) -> Result<Option<(RequestRecord, u64)>, ServiceFault> {
    inbox::get(store, REQUEST, &key.to_string())
}

/// What finds requests without reading them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    kind: &'static str,
    key: String,
}

impl Mark {
    /// That a request is to be looked at.
    pub(super) fn open(at: Timestamp, key: RequestKey) -> Mark {
        // Sorts as time does, for moments from 1970 on.
        Mark { kind: OPEN, key: format!("{:015}/{key}", at.as_millisecond().max(0)) }
    }

    /// The change that sets it.
    pub(super) fn set(self) -> Result<Put, ServiceFault> {
        inbox::put(self.kind, self.key, Expect::Any, &())
    }

    /// The change that takes it away.
    pub(super) fn gone(self) -> Remove {
        Remove { kind: self.kind, key: self.key, generation: None }
    }

    fn request(&self) -> Result<RequestKey, ServiceFault> {
        let named = match self.kind {
            OPEN => self.key.split_once('/').map(|(_, named)| named),
            _ => self.key.splitn(4, '/').nth(3),
        };
        let named = named.and_then(|named| named.parse().ok());
        named.ok_or_else(|| ServiceFault::Body(format!("the mark {} names no request", self.key)))
    }
}

/// The first requests behind a mark that are to be looked at by a moment, with their marks.
pub(super) fn due(
    store: &dyn StoreView,
    (after, by): (Option<&Mark>, Timestamp),
    limit: usize,
) -> Result<Vec<(Mark, RequestKey)>, ServiceFault> {
    let latest = format!("{:015}/~", by.as_millisecond().max(0));
    let after = after.map(|mark| mark.key.as_str());
    let marks = store.scan(OPEN, after, limit)?.into_iter().map(|(key, _)| key).take_while(|key| *key <= latest);
    let named = |mark: Mark| mark.request().map(|key| (mark, key));
    marks.map(|key| named(Mark { kind: OPEN, key })).collect()
}

/// The first moment behind another at which a request is to be looked at.
pub(super) fn next_due(store: &dyn StoreView, after: Timestamp) -> Result<Option<Timestamp>, ServiceFault> {
    let behind = format!("{:015}/~", after.as_millisecond().max(0));
    let mark = store.scan(OPEN, Some(&behind), 1)?.into_iter().next();
    let moment = mark.and_then(|(mark, _)| mark.split('/').next().and_then(|moment| moment.parse().ok()));
    Ok(moment.and_then(|moment| Timestamp::from_millisecond(moment).ok()))
}

/// All that is held for a device, whoever asked.
pub(super) fn held_for(store: &dyn StoreView, device: DeviceId) -> Result<Vec<RequestKey>, ServiceFault> {
    let marks = inbox::all::<()>(store, HELD, "")?.into_iter().map(|(key, ())| Mark { kind: HELD, key }.request());
    let keys = marks.collect::<Result<Vec<_>, _>>()?;
    Ok(keys.into_iter().filter(|key| key.device() == device).collect())
}

/// What is held of the same User, device and service as a request.
pub(super) fn held_alike(store: &dyn StoreView, like: &RequestRecord) -> Result<Vec<RequestKey>, ServiceFault> {
    let marks = inbox::all::<()>(store, HELD, &like.held_alike())?;
    marks.into_iter().map(|(key, ())| Mark { kind: HELD, key }.request()).collect()
}

/// The bytes of a request that came before.
pub(super) fn bytes_of(store: &dyn StoreView, key: RequestKey) -> Result<Vec<u8>, ServiceFault> {
    match store.received(LINK, &key.to_string())?.map(|entry| entry.body) {
        Some(Body::Bytes(bytes)) => Ok(bytes),
        _ => Err(ServiceFault::Body(format!("the request {key} is not in the inbox"))),
    }
}

/// Keeps what was answered on a request's own connection.
pub(super) fn acknowledged(key: RequestKey, signed: &str) -> Put {
    Put {
        kind: ACKNOWLEDGEMENT,
        key: key.to_string(),
        expect: Expect::Absent,
        version: ACKNOWLEDGEMENT_VERSION,
        body: signed.as_bytes().to_vec(),
    }
}

/// What was answered on the own connection of a request that came before; none where none did.
pub(super) fn acknowledgement_of(store: &dyn StoreView, key: RequestKey) -> Result<Option<String>, ServiceFault> {
    let kept = store.get(ACKNOWLEDGEMENT, &key.to_string())?.map(|record| String::from_utf8(record.body));
    kept.transpose().map_err(|_| ServiceFault::Body(format!("what {key} was answered is no text")))
}

/// The highest counter of an originator.
pub(super) fn highest(store: &dyn StoreView, user: PartyId) -> Result<Option<u64>, ServiceFault> {
    Ok(inbox::get(store, COUNTER, &user.to_string())?.map(|(counter, _)| counter))
}

/// Notes a counter that is the highest by now.
pub(super) fn note_highest(user: PartyId, counter: u64) -> Result<Put, ServiceFault> {
    inbox::put(COUNTER, user.to_string(), Expect::Any, &counter)
}
