//! One store under two hands of the same role: the desk that takes messages in, and the executor or the couriers beside it.
//!
//! Every call holds the store for itself alone, so each sees whole batches. It must never be shared between roles.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tern_model::Digest;
use tern_store::{
    AuditBroken, AuditHead, AuditRow, Batch, Body, Draft, Durability, InboxEntry, JournalEntry, OutboxEntry, Record,
    Store, StoreFault, StoreView,
};

/// A hand on a role's store.
#[derive(Clone)]
pub(crate) struct SharedStore(Arc<Mutex<Box<dyn Store>>>);

impl SharedStore {
    pub(crate) fn new(store: Box<dyn Store>) -> SharedStore {
        SharedStore(Arc::new(Mutex::new(store)))
    }

    fn held(&self) -> MutexGuard<'_, Box<dyn Store>> {
        // What a thread left that failed in the midst of a batch is no batch: the store rolled it back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StoreView for SharedStore {
    fn get(&self, kind: &str, key: &str) -> Result<Option<Record>, StoreFault> {
        self.held().get(kind, key)
    }

    fn scan(&self, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Record)>, StoreFault> {
        self.held().scan(kind, after, limit)
    }

    fn count(&self, kind: &str) -> Result<u64, StoreFault> {
        self.held().count(kind)
    }

    fn journal(&self, subject: &str) -> Result<Vec<(u64, JournalEntry)>, StoreFault> {
        self.held().journal(subject)
    }

    fn received(&self, link: &str, message: &str) -> Result<Option<InboxEntry>, StoreFault> {
        self.held().received(link, message)
    }

    fn unsent(&self, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault> {
        self.held().unsent(limit)
    }

    fn unsent_to(&self, to: &str, after: u64, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault> {
        self.held().unsent_to(to, after, limit)
    }

    fn file(&self, digest: Digest) -> Result<PathBuf, StoreFault> {
        self.held().file(digest)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, StoreFault> {
        self.held().audit(after, limit)
    }

    fn verify_audit(&self) -> Result<AuditHead, AuditBroken> {
        self.held().verify_audit()
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

    fn durability(&self) -> Durability {
        self.held().durability()
    }
}
