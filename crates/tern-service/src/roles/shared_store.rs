//! One store under two hands of the same role: the desk that takes messages in, and the executor or the couriers beside it.
//!
//! Every call sees whole batches. Who reads does not wait for who writes, where the store has eyes of its own for it. It must never
//! be shared between roles.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tern_model::Digest;
use tern_store::{
    AuditBroken, AuditHead, AuditRow, Batch, Body, Draft, Durability, InboxEntry, JournalEntry, OutboxEntry, Record,
    Store, StoreFault, StoreView,
};

/// A hand on a role's store.
#[derive(Clone)]
pub(crate) struct SharedStore(Arc<Hands>);

struct Hands {
    writer: Mutex<Box<dyn Store>>,
    reader: Option<Mutex<Box<dyn StoreView>>>,
}

impl SharedStore {
    /// The first hand on a store.
    ///
    /// # Errors
    /// It cannot be read beside its writer.
    pub(crate) fn new(store: Box<dyn Store>) -> Result<SharedStore, StoreFault> {
        let reader = store.beside()?.map(Mutex::new);
        Ok(SharedStore(Arc::new(Hands { writer: Mutex::new(store), reader })))
    }

    fn held(&self) -> MutexGuard<'_, Box<dyn Store>> {
        // What a thread left that failed in the midst of a batch is no batch: the store rolled it back.
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, read: impl FnOnce(&dyn StoreView) -> T) -> T {
        match &self.0.reader {
            Some(reader) => read(&**reader.lock().unwrap_or_else(PoisonError::into_inner)),
            None => read(&**self.held()),
        }
    }
}

impl StoreView for SharedStore {
    fn get(&self, kind: &str, key: &str) -> Result<Option<Record>, StoreFault> {
        self.read(|store| store.get(kind, key))
    }

    fn scan(&self, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Record)>, StoreFault> {
        self.read(|store| store.scan(kind, after, limit))
    }

    fn count(&self, kind: &str) -> Result<u64, StoreFault> {
        self.read(|store| store.count(kind))
    }

    fn journal(&self, subject: &str) -> Result<Vec<(u64, JournalEntry)>, StoreFault> {
        self.read(|store| store.journal(subject))
    }

    fn received(&self, link: &str, message: &str) -> Result<Option<InboxEntry>, StoreFault> {
        self.read(|store| store.received(link, message))
    }

    fn unsent(&self, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault> {
        self.read(|store| store.unsent(limit))
    }

    fn unsent_to(&self, to: &str, after: u64, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault> {
        self.read(|store| store.unsent_to(to, after, limit))
    }

    fn file(&self, digest: Digest) -> Result<PathBuf, StoreFault> {
        self.read(|store| store.file(digest))
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, StoreFault> {
        self.read(|store| store.audit(after, limit))
    }

    fn verify_audit(&self) -> Result<AuditHead, AuditBroken> {
        self.read(|store| store.verify_audit())
    }
}

impl Store for SharedStore {
    fn commit(&mut self, batch: &Batch) -> Result<(), StoreFault> {
        self.held().commit(batch)
    }

    fn commit_group(&mut self, batches: &[Batch]) -> Result<Vec<Result<(), StoreFault>>, StoreFault> {
        self.held().commit_group(batches)
    }

    fn draft(&mut self) -> Result<Draft, StoreFault> {
        self.held().draft()
    }

    fn keep(&mut self, draft: Draft, digest: Digest) -> Result<Body, StoreFault> {
        self.held().keep(draft, digest)
    }

    fn beside(&self) -> Result<Option<Box<dyn StoreView>>, StoreFault> {
        self.held().beside()
    }

    fn durability(&self) -> Durability {
        self.held().durability()
    }
}
