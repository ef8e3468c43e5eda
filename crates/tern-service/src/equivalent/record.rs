//! What the S1SP keeps of a request that it took: how far it is, so that nothing is done twice that must not be.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{Digest, Role};
use tern_store::{Body, Expect, InboxEntry, Put, Remove, StoreView};

use crate::fault::ServiceFault;
use crate::parties::inbox;

/// Kind of [`TakenRequest`], by RequestID and Command Variant.
const TAKEN: &str = "service-request";
/// Kind of the marks of those that are not told.
const OPEN: &str = "service-request-open";

/// How far a request is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(super) enum Standing {
    /// It is to be carried out.
    Open {
        /// Whether a device may have been asked for it.
        asked: bool,
        /// So many of its instructions a device is known to have obeyed.
        obeyed: usize,
    },
    /// It was told: the answer is in the outbox.
    Told {
        /// When.
        at: Timestamp,
    },
}

/// A request that the DSP countersigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TakenRequest {
    /// When it came.
    pub(super) taken: Timestamp,
    #[serde(flatten)]
    pub(super) standing: Standing,
}

/// What becomes durable when a request is taken.
pub(super) fn taken(
    key: &str,
    (document, digest): (Vec<u8>, Digest),
    at: Timestamp,
) -> Result<(InboxEntry, Vec<Put>), ServiceFault> {
    let (link, message) = (Role::Dsp.as_str().to_owned(), key.to_owned());
    let entry = InboxEntry { link, message, digest, at, body: document.into() };
    let record = TakenRequest { taken: at, standing: Standing::Open { asked: false, obeyed: 0 } };
    let open = inbox::put(OPEN, key.to_owned(), Expect::Any, &())?;
    Ok((entry, vec![record.put(key)?, open]))
}

/// The keys of those that are to be carried out.
pub(super) fn open(store: &dyn StoreView) -> Result<Vec<String>, ServiceFault> {
    Ok(inbox::all::<()>(store, OPEN, "")?.into_iter().map(|(key, ())| key).collect())
}

/// A request with its bytes.
pub(super) fn find(store: &dyn StoreView, key: &str) -> Result<Option<(TakenRequest, Vec<u8>)>, ServiceFault> {
    let Some((record, _)) = inbox::get::<TakenRequest>(store, TAKEN, key)? else { return Ok(None) };
    let Some(Body::Bytes(document)) = store.received(Role::Dsp.as_str(), key)?.map(|entry| entry.body) else {
        return Err(ServiceFault::Body(format!("the request {key} is not in the inbox")));
    };
    Ok(Some((record, document)))
}

/// Takes the mark away of one that was told.
pub(super) fn closed(key: &str) -> Remove {
    Remove { kind: OPEN, key: key.to_owned(), generation: None }
}

impl TakenRequest {
    /// The change that stores it.
    pub(super) fn put(&self, key: &str) -> Result<Put, ServiceFault> {
        inbox::put(TAKEN, key.to_owned(), Expect::Any, self)
    }
}
