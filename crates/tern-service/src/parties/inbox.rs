//! Inboxes, counters and small records: what the parties do alike with their stores.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tern_model::{Digest, GroupId, PartyId, Role, SetId};
use tern_store::{Batch, Body, Draft, Expect, InboxEntry, Put, Record, Store, StoreView};
use tern_wire::migration::{FileKind, FileName, SignedFile, open};
use tern_wire::smki::Trust;
use tern_wire::stream::{Entries, SignedStream, StreamFault};
use tern_wire::xml::Limits;

use super::not_believed;
use crate::fault::ServiceFault;
use crate::set_files::{FileAt, unreadable};

/// Version of the bodies of this module's records.
const VERSION: u16 = 1;
/// Highest counter of a Requesting Party and group.
const COUNTER: &str = "counter";

/// A file that came: a private copy beside the store, which goes with it unless it is kept.
pub(crate) struct Copied {
    /// The file, and where the copy is.
    pub(crate) file: FileAt,
    /// The digest of its bytes.
    pub(crate) digest: Digest,
    draft: Draft,
}

/// Copies a file beside the store. Of one that is longer than any may be, no more is copied than tells so.
///
/// # Errors
/// It cannot be read or written.
pub(crate) fn copied(store: &mut dyn Store, file: &FileAt) -> Result<Copied, ServiceFault> {
    let most = Limits::STREAM.max_bytes as u64 + 1;
    let draft = store.draft()?;
    let copy = std::fs::File::open(&file.path).and_then(|mut from| draft.copy_from(&mut from, most));
    let (digest, _) = copy.map_err(|e| unreadable(&file.path, &e))?;
    Ok(Copied { file: FileAt { name: file.name.clone(), path: draft.path().to_owned() }, digest, draft })
}

impl Copied {
    /// Makes the copy durable.
    pub(crate) fn keep(self, store: &mut dyn Store) -> Result<Body, ServiceFault> {
        Ok(store.keep(self.draft, self.digest)?)
    }
}

/// Puts a file into the inbox, durably. The same file again changes nothing.
///
/// # Errors
/// Another file came under the same name before.
pub(crate) fn take_in(store: &mut dyn Store, from: Role, file: &FileAt, at: Timestamp) -> Result<(), ServiceFault> {
    let copy = copied(store, file)?;
    if is_new(store, from, &copy)? {
        let (message, digest) = (file.name.clone(), copy.digest);
        let entry = InboxEntry { link: from.as_str().to_owned(), message, digest, at, body: copy.keep(store)? };
        store.commit(&Batch { inbox: vec![entry], ..Batch::default() })?;
    }
    Ok(())
}

/// Whether a file is new, and not the very one that came before.
///
/// # Errors
/// Another file came under the same name before.
pub(crate) fn is_new(store: &dyn StoreView, from: Role, copy: &Copied) -> Result<bool, ServiceFault> {
    let name = &copy.file.name;
    match store.received(from.as_str(), name)? {
        Some(known) if known.digest == copy.digest => Ok(false),
        Some(known) => Err(ServiceFault::OtherBytes { name: name.clone(), held: known.digest, came: copy.digest }),
        None => Ok(true),
    }
}

/// A file as it was received.
pub(crate) struct Received {
    /// The file, and where its bytes lie.
    pub(crate) file: FileAt,
    /// The digest of the bytes that came: what is read there later must have the same.
    pub(crate) digest: Digest,
}

/// A file of a set that was received.
pub(crate) fn received(
    store: &mut dyn Store,
    from: Role,
    kind: FileKind,
    set: SetId,
) -> Result<Option<Received>, ServiceFault> {
    let name = FileName::OfSet(kind, set).to_string();
    let Some(entry) = store.received(from.as_str(), &name)? else { return Ok(None) };
    Ok(Some(Received { file: FileAt { path: place(store, &entry.body)?, name }, digest: entry.digest }))
}

/// What is done with a run of a file's entries; the file comes with them, its other entries left out or not.
type EachRun<'a, T> = &'a mut dyn FnMut(&T, &[<T as Entries>::Entry]) -> Result<(), ServiceFault>;

/// Goes through the entries of a file that came, a run at a time, and reads it to its end. `at` is the moment at which its
/// certificate is judged.
///
/// # Errors
/// The file cannot be believed, or what `each` says.
pub(crate) fn each_run<T: SignedFile + Entries>(
    store: &dyn StoreView,
    (name, body): (&str, &Body),
    (trust, at): (&Trust, Timestamp),
    each: EachRun<'_, T>,
) -> Result<(), ServiceFault> {
    /// Entries at once.
    const RUN: usize = 250;
    let digest = match body {
        Body::File { digest, .. } => *digest,
        // As an earlier version of this program kept it.
        Body::Bytes(bytes) => {
            let opened = open::<T>(name, bytes, trust, at, &Limits::default());
            let file = opened.map_err(|faults| not_believed(name, &faults))?;
            return file.entries().chunks(RUN).try_for_each(|run| each(&file, run));
        }
    };
    let path = store.file(digest)?;
    let fault = |fault| match fault {
        StreamFault::Refused(faults) => not_believed(name, &faults),
        StreamFault::Altered => ServiceFault::Altered { name: name.to_owned() },
        StreamFault::Io(error) => unreadable(&path, &error),
    };
    let file = SignedStream::<T>::verify(name, &path, trust, at, &Limits::STREAM).map_err(fault)?;
    let mut parts = file.parts(RUN).map_err(fault)?;
    while let Some(run) = parts.next_part().map_err(fault)? {
        each(file.head(), run.entries())?;
    }
    Ok(())
}

/// Where the bytes of a message lie. Those that an earlier version of this program kept in the row itself are laid there.
pub(crate) fn place(store: &mut dyn Store, body: &Body) -> Result<PathBuf, ServiceFault> {
    let digest = match body {
        Body::File { digest, .. } => *digest,
        Body::Bytes(bytes) => {
            let draft = store.draft()?;
            let copy = draft.copy_from(&mut bytes.as_slice(), u64::MAX);
            let (digest, _) = copy.map_err(|e| unreadable(draft.path(), &e))?;
            store.keep(draft, digest)?;
            digest
        }
    };
    Ok(store.file(digest)?)
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
