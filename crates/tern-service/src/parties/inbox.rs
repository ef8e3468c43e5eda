//! Inboxes, counters and small records: what the parties do alike with their stores.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tern_model::{GroupId, PartyId, Role, SetId};
use tern_store::{Batch, Body, Expect, InboxEntry, Put, Record, Store, StoreView};
use tern_wire::migration::{FileKind, FileName};

use super::digest;
use crate::fault::ServiceFault;
use crate::set_files::RawFile;

/// Version of the bodies of this module's records.
const VERSION: u16 = 1;
/// Highest counter of a Requesting Party and group.
const COUNTER: &str = "counter";

/// Puts a file into the inbox; whether it is new.
///
/// # Errors
/// Another file came under the same name before.
pub(crate) fn take_in(store: &mut dyn Store, from: Role, file: &RawFile, at: Timestamp) -> Result<bool, ServiceFault> {
    let Some(entry) = new_entry(store, from, file, at)? else { return Ok(false) };
    store.commit(&Batch { inbox: vec![entry], ..Batch::default() })?;
    Ok(true)
}

/// The inbox entry of a file; none where the very same came before.
pub(crate) fn new_entry(
    store: &dyn Store,
    from: Role,
    file: &RawFile,
    at: Timestamp,
) -> Result<Option<InboxEntry>, ServiceFault> {
    let digest = digest(&file.bytes);
    match store.received(from.as_str(), &file.name)? {
        Some(known) if known.digest == digest => Ok(None),
        Some(known) => Err(ServiceFault::OtherBytes { name: file.name.clone(), held: known.digest, came: digest }),
        None => Ok(Some(InboxEntry {
            link: from.as_str().to_owned(),
            message: file.name.clone(),
            digest,
            at,
            body: file.bytes.clone().into(),
        })),
    }
}

/// A file of a set that was received.
pub(crate) fn received(
    store: &dyn StoreView,
    from: Role,
    kind: FileKind,
    set: SetId,
) -> Result<Option<RawFile>, ServiceFault> {
    let name = FileName::OfSet(kind, set).to_string();
    let Some(entry) = store.received(from.as_str(), &name)? else { return Ok(None) };
    Ok(Some(RawFile { name, bytes: bytes(store, entry.body)? }))
}

/// The bytes of a message.
pub(crate) fn bytes(store: &dyn StoreView, body: Body) -> Result<Vec<u8>, ServiceFault> {
    match body {
        Body::Bytes(bytes) => Ok(bytes),
        Body::File { digest, .. } => {
            let path = store.file(digest)?;
            let fault =
                |e: std::io::Error| ServiceFault::File { doing: "read", path: path.clone(), reason: e.to_string() };
            std::fs::read(&path).map_err(fault)
        }
    }
}

/// A small record, as JSON.
pub(crate) fn get<T: DeserializeOwned>(
    store: &dyn StoreView,
    kind: &str,
    key: &str,
) -> Result<Option<(T, u64)>, ServiceFault> {
    store.get(kind, key)?.map(|r| Ok((decoded(kind, &r)?, r.generation))).transpose()
}

/// A record's value, where this build knows its version.
pub(crate) fn decoded<T: DeserializeOwned>(kind: &str, record: &Record) -> Result<T, ServiceFault> {
    if record.version != VERSION {
        return Err(ServiceFault::Body(format!("{kind} record of version {}", record.version)));
    }
    serde_json::from_slice(&record.body).map_err(ServiceFault::body)
}

/// The change that stores a small record.
pub(crate) fn put<T: Serialize>(
    kind: &'static str,
    key: String,
    expect: Expect,
    value: &T,
) -> Result<Put, ServiceFault> {
    let body = serde_json::to_vec(value).map_err(ServiceFault::body)?;
    Ok(Put { kind, key, expect, version: VERSION, body })
}

/// Every record of a kind whose key begins so, in order.
pub(crate) fn all<T: DeserializeOwned>(
    store: &dyn StoreView,
    kind: &str,
    prefix: &str,
) -> Result<Vec<(String, T)>, ServiceFault> {
    // Whoever names a beginning looks for a few; whoever names none wants all.
    let page_size = if prefix.is_empty() { 1_000 } else { 16 };
    let mut found = Vec::new();
    let mut after = (!prefix.is_empty()).then(|| prefix.to_owned());
    loop {
        let page = store.scan(kind, after.as_deref(), page_size)?;
        let full = page.len() == page_size;
        for (key, record) in page {
            if !key.starts_with(prefix) {
                return Ok(found);
            }
            after = Some(key.clone());
            found.push((key, decoded(kind, &record)?));
        }
        if !full {
            return Ok(found);
        }
    }
}

/// The highest counter that a Requesting Party has used for a group.
pub(crate) fn highest(store: &dyn StoreView, party: PartyId, group: GroupId) -> Result<Option<u64>, ServiceFault> {
    Ok(get(store, COUNTER, &counter_key(party, group))?.map(|(counter, _)| counter))
}

/// The change that notes a counter; none where a higher one is known.
pub(crate) fn note_counter(store: &dyn StoreView, set: SetId) -> Result<Option<Put>, ServiceFault> {
    if highest(store, set.requesting_party, set.group)?.is_some_and(|h| h >= set.counter) {
        return Ok(None);
    }
    put(COUNTER, counter_key(set.requesting_party, set.group), Expect::Any, &set.counter).map(Some)
}

fn counter_key(party: PartyId, group: GroupId) -> String {
    format!("{party}_{group}")
}
