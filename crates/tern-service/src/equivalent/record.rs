//! What the S1SP keeps of a request that it took: how far it is, so that nothing is done twice that must not be.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{Digest, Role};
use tern_requests::machine::RequestKey;
use tern_requests::machine::s1sp::RequestAtS1sp;
use tern_store::{Body, Expect, InboxEntry, Put, Remove, StoreView};

use crate::fault::ServiceFault;
use crate::parties::inbox;

/// Kind of [`TakenRequest`], by RequestID and Command Variant.
const TAKEN: &str = "service-request";
/// Kind of the marks of those that are not told.
pub(crate) const OPEN: &str = "service-request-open";

/// A request that the DSP countersigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TakenRequest {
    /// When it came.
    pub(crate) taken: Timestamp,
    /// How far it is.
    pub(crate) machine: RequestAtS1sp,
}

/// What becomes durable when a request is taken.
pub(super) fn taken(
    key: RequestKey,
    (document, digest): (Vec<u8>, Digest),
    at: Timestamp,
) -> Result<(InboxEntry, Vec<Put>), ServiceFault> {
    let (link, message) = (Role::Dsp.as_str().to_owned(), key.to_string());
    let entry = InboxEntry { link, message, digest, at, body: document.into() };
    let record = TakenRequest { taken: at, machine: RequestAtS1sp::default() };
    let open = inbox::put(OPEN, key.to_string(), Expect::Any, &())?;
    Ok((entry, vec![record.put(key)?, open]))
}

/// Those that are to be carried out.
pub(super) fn open(store: &dyn StoreView) -> Result<Vec<RequestKey>, ServiceFault> {
    let marks = inbox::all::<()>(store, OPEN, "")?;
    let named = |(key, ()): (String, ())| {
        key.parse().map_err(|_| ServiceFault::Body(format!("the mark {key} names no request")))
    };
    marks.into_iter().map(named).collect()
}

/// What is kept of a request.
pub(crate) fn find(store: &dyn StoreView, key: RequestKey) -> Result<Option<TakenRequest>, ServiceFault> {
    Ok(inbox::get(store, TAKEN, &key.to_string())?.map(|(record, _)| record))
}

/// What the DSP countersigned, as it came.
pub(super) fn document_of(store: &dyn StoreView, key: RequestKey) -> Result<Vec<u8>, ServiceFault> {
    match store.received(Role::Dsp.as_str(), &key.to_string())?.map(|entry| entry.body) {
        Some(Body::Bytes(document)) => Ok(document),
        _ => Err(ServiceFault::Body(format!("the request {key} is not in the inbox"))),
    }
}

/// Takes the mark away of one that was told.
pub(super) fn closed(key: RequestKey) -> Remove {
    Remove { kind: OPEN, key: key.to_string(), generation: None }
}

impl TakenRequest {
    /// The change that stores it.
    pub(super) fn put(&self, key: RequestKey) -> Result<Put, ServiceFault> {
        inbox::put(TAKEN, key.to_string(), Expect::Any, self)
    }
}
