//! Small records of one installation under one set, each under the key `{set}/{CHFIdentifier}`: nothing that a party keeps
//! of a set grows with it, and a reader goes through a set a page at a time.
//!
//! Whoever writes them in more than one transaction writes the set's own record last: until that is there, none of them
//! counts, and an attempt that begins anew first drops what an unfinished one left.

use std::collections::VecDeque;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tern_model::{ChfIdentifier, SetId};
use tern_store::{Expect, Put, Record, Remove, StoreView};

use super::inbox;
use crate::fault::ServiceFault;

/// Records read at once.
const PAGE: usize = 500;

/// The key of an installation's record under a set.
pub(crate) fn key(set: SetId, chf: ChfIdentifier) -> String {
    format!("{set}/{chf}")
}

/// The set and the installation that a key names.
pub(crate) fn named(key: &str) -> Option<(SetId, ChfIdentifier)> {
    let (set, chf) = key.split_once('/')?;
    Some((set.parse().ok()?, chf.parse().ok()?))
}

/// The change that stores an installation's record under a set.
pub(crate) fn put<T: Serialize>(
    kind: &'static str,
    set: SetId,
    chf: ChfIdentifier,
    value: &T,
) -> Result<Put, ServiceFault> {
    inbox::put(kind, key(set, chf), Expect::Any, value)
}

/// The change that drops it; nothing where there is none.
pub(crate) fn remove(kind: &'static str, set: SetId, chf: ChfIdentifier) -> Remove {
    Remove { kind, key: key(set, chf), generation: None }
}

/// One installation's record under a set.
pub(crate) fn get<T: DeserializeOwned>(
    store: &dyn StoreView,
    kind: &'static str,
    set: SetId,
    chf: ChfIdentifier,
) -> Result<Option<T>, ServiceFault> {
    Ok(inbox::get(store, kind, &key(set, chf))?.map(|(value, _)| value))
}

/// A place in a party's records of the installations of one set, or of all sets, in the order of their keys. It holds no
/// store, so that the store may be written between two of its steps.
pub(crate) struct Cursor<T> {
    kind: &'static str,
    prefix: String,
    after: Option<String>,
    page: VecDeque<(String, Record)>,
    over: bool,
    of: PhantomData<T>,
}

impl<T: DeserializeOwned> Cursor<T> {
    /// At the beginning of one set; of all where none is named.
    pub(crate) fn new(kind: &'static str, set: Option<SetId>) -> Cursor<T> {
        let prefix = set.map(|set| format!("{set}/")).unwrap_or_default();
        let after = set.is_some().then(|| prefix.clone());
        Cursor { kind, prefix, after, page: VecDeque::new(), over: false, of: PhantomData }
    }

    /// The next record.
    pub(crate) fn next(&mut self, store: &dyn StoreView) -> Result<Option<(SetId, ChfIdentifier, T)>, ServiceFault> {
        if self.page.is_empty() && !self.over {
            let page = store.scan(self.kind, self.after.as_deref(), PAGE)?;
            self.over = page.len() < PAGE;
            self.page.extend(page.into_iter().take_while(|(key, _)| key.starts_with(&self.prefix)));
            self.over |= self.page.is_empty();
            self.after = self.page.back().map(|(last, _)| last.clone());
        }
        let Some((key, record)) = self.page.pop_front() else { return Ok(None) };
        let (set, chf) = named(&key).ok_or_else(|| ServiceFault::Body(format!("{} record {key}", self.kind)))?;
        Ok(Some((set, chf, inbox::decoded(self.kind, &record)?)))
    }
}

/// The next few records of a kind that an attempt which never came to its end left of a set: dropped before it begins anew.
/// Empty where there are none; in pages, so that no transaction grows with the set.
pub(crate) fn leftovers(store: &dyn StoreView, kind: &'static str, set: SetId) -> Result<Vec<Remove>, ServiceFault> {
    let prefix = format!("{set}/");
    let page = store.scan(kind, Some(&prefix), PAGE)?;
    let of_set = page.into_iter().map(|(key, _)| key).take_while(|key| key.starts_with(&prefix));
    Ok(of_set.map(|key| Remove { kind, key, generation: None }).collect())
}

/// A party's records of the installations of one set, or of all sets, one after the other.
pub(crate) struct OfSet<'a, T> {
    store: &'a dyn StoreView,
    cursor: Cursor<T>,
}

impl<'a, T: DeserializeOwned> OfSet<'a, T> {
    /// Of one set; of all where none is named.
    pub(crate) fn new(store: &'a dyn StoreView, kind: &'static str, set: Option<SetId>) -> OfSet<'a, T> {
        OfSet { store, cursor: Cursor::new(kind, set) }
    }
}

impl<T: DeserializeOwned> Iterator for OfSet<'_, T> {
    type Item = Result<(SetId, ChfIdentifier, T), ServiceFault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.cursor.next(self.store).transpose()
    }
}

#[cfg(test)]
mod tests {
    use tern_model::{Eui64, GroupId, PartyId, Role};
    use tern_store::{Batch, SqliteStore, Store};

    use super::*;

    fn set(counter: u64) -> SetId {
        SetId { requesting_party: PartyId(Eui64(7)), group: GroupId::EA, counter }
    }

    #[test]
    fn a_set_is_listed_whole_in_order_and_without_its_neighbours_however_many_pages_it_takes() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = SqliteStore::open(&folder.path().join("s.sqlite"), Role::S1sp).expect("a store");
        let sizes = [(4, PAGE * 2 + 1), (42, PAGE), (5, 0), (6, 1)];
        for (counter, size) in sizes {
            let of = |n: usize| put("kind", set(counter), ChfIdentifier(Eui64(n as u64)), &n).expect("a put");
            let batch = Batch { puts: (0..size).rev().map(of).collect(), ..Batch::default() };
            store.commit(&batch).expect("durable");
        }
        for (counter, size) in sizes {
            let listed: Vec<usize> = OfSet::new(&store, "kind", Some(set(counter)))
                .map(|one: Result<(SetId, ChfIdentifier, usize), _>| one.expect("a record"))
                .inspect(|(of, chf, n)| assert_eq!((*of, chf.0), (set(counter), Eui64(*n as u64))))
                .map(|(.., n)| n)
                .collect();
            assert_eq!(listed, (0..size).collect::<Vec<_>>(), "set {counter}");
        }
        assert_eq!(OfSet::<usize>::new(&store, "kind", None).count(), PAGE * 3 + 2);
        // What is removed behind a cursor moves nothing before it.
        let mut cursor = Cursor::<usize>::new("kind", Some(set(4)));
        let (mut seen, mut batch) = (0, Batch::default());
        while let Some((of, chf, n)) = cursor.next(&store).expect("reads") {
            assert_eq!(n, seen);
            seen += 1;
            batch.removes.push(remove("kind", of, chf));
            if seen % 90 == 0 {
                store.commit(&std::mem::take(&mut batch)).expect("durable");
            }
        }
        store.commit(&batch).expect("durable");
        assert_eq!((seen, OfSet::<usize>::new(&store, "kind", Some(set(4))).count()), (PAGE * 2 + 1, 0));
    }
}
