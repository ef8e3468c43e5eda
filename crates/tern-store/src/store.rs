//! The two traits that the rest of Tern knows a store by: what can be read, and what can be committed.

use std::path::PathBuf;

use tern_model::Digest;

use crate::batch::Batch;
use crate::entries::{AuditHead, AuditRow, Body, InboxEntry, JournalEntry, OutboxEntry, Record};
use crate::fault::{AuditBroken, StoreFault};
use crate::spool::Draft;

/// What can be read of a store. Each call sees whole batches only, each of them durable.
///
/// Every method fails with a [`StoreFault`] where the store cannot be read or holds what it cannot have written.
pub trait StoreView: Send {
    /// One record.
    fn get(&self, kind: &str, key: &str) -> Result<Option<Record>, StoreFault>;

    /// Records of a kind in the order of their keys' bytes, at most `limit`, beginning behind the key `after`.
    fn scan(&self, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Record)>, StoreFault>;

    /// How many records of a kind there are.
    fn count(&self, kind: &str) -> Result<u64, StoreFault>;

    /// A subject's whole history, oldest first, with the numbers of its entries.
    fn journal(&self, subject: &str) -> Result<Vec<(u64, JournalEntry)>, StoreFault>;

    /// What came in under this id, if it did.
    fn received(&self, link: &str, message: &str) -> Result<Option<InboxEntry>, StoreFault>;

    /// Messages that nobody has acknowledged yet, oldest first, at most `limit`, with their numbers.
    fn unsent(&self, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault>;

    /// Unsent messages for one receiver, behind the number `after`: a link that stalls holds up no other.
    fn unsent_to(&self, to: &str, after: u64, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault>;

    /// Where the file of a message stands whose body is [`crate::Body::File`]. Nobody may alter it.
    fn file(&self, digest: Digest) -> Result<PathBuf, StoreFault>;

    /// Rows of the audit behind the number `after`, oldest first, at most `limit`.
    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, StoreFault>;

    /// Computes the whole audit chain again and returns its end.
    ///
    /// # Errors
    /// The first row that is altered or missing.
    fn verify_audit(&self) -> Result<AuditHead, AuditBroken>;
}

/// A store that its one writer holds.
pub trait Store: StoreView {
    /// Makes a batch durable, all of it or nothing. An empty batch is done already.
    ///
    /// # Errors
    /// [`StoreFault::Conflict`] where the state is not what the batch expects, [`StoreFault::Stale`] where another writer
    /// has taken the store over: in both cases nothing was changed. After [`StoreFault::Unfinished`] nobody knows: open
    /// the store again and read.
    fn commit(&mut self, batch: &Batch) -> Result<(), StoreFault>;

    /// Makes several independent batches durable with one wait for the disk (group commit). Each is all or nothing for
    /// itself: a batch that is refused keeps none of the others from becoming durable. The answers are in the order asked.
    ///
    /// # Errors
    /// As with [`Store::commit`], where the fault is the store's and not one batch's: then none of them was committed.
    fn commit_group(&mut self, batches: &[Batch]) -> Result<Vec<Result<(), StoreFault>>, StoreFault>;

    /// A new, empty file beside the store, for [`Store::keep`]. It goes with the value, or when the store is opened again.
    ///
    /// # Errors
    /// It cannot be made.
    fn draft(&mut self) -> Result<Draft, StoreFault>;

    /// Makes a draft durable under `digest`, the SHA-256 of its bytes, so that messages may refer to it; gives the body by
    /// which they do. A file to which no message refers is gone when the store is opened again.
    ///
    /// # Errors
    /// It cannot be made durable.
    fn keep(&mut self, draft: Draft, digest: Digest) -> Result<Body, StoreFault>;

    /// Another pair of eyes on the same store, which sees what is durable and never waits while this writer waits for the disk;
    /// none where a store has one alone.
    ///
    /// # Errors
    /// It cannot be opened.
    fn beside(&self) -> Result<Option<Box<dyn StoreView>>, StoreFault>;

    /// What was made durable since the store was opened.
    fn durability(&self) -> Durability;
}

/// Counters for benches and for whoever wants to see group commit at work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Durability {
    /// Transactions that were made durable, each with one wait for the disk.
    pub commits: u64,
    /// Batches that these transactions held.
    pub batches: u64,
    /// Files that were made durable, each with a wait for the disk.
    pub files: u64,
}
