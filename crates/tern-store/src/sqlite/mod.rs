//! The store on SQLite: one file per role, write-ahead log, every commit waits for the disk.
//!
//! One writer holds the file ([`SqliteStore`]); any number of readers look at it beside the writer ([`SqliteView`]). The
//! writer is kept alone twice over: by a lock of the operating system, and by a lease that each opening raises and each
//! commit checks inside its transaction. This module must never let SQL or SQLite's own errors out.

mod commit;
mod lock;
mod open;
mod read;
mod schema;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tern_model::{Digest, Role};

use crate::batch::Batch;
use crate::entries::{AuditHead, AuditRow, Body, InboxEntry, JournalEntry, OutboxEntry, Record};
use crate::fault::{AuditBroken, StoreFault};
use crate::spool::{Draft, Spool};
use crate::store::{Durability, Store, StoreView};
use commit::Stop;

pub use schema::SCHEMA_VERSION;

/// A role's store, for its one writer. Dropping it gives the store back.
#[derive(Debug)]
pub struct SqliteStore {
    /// The connection, before the lock: fields are dropped in this order, and the lock must be last.
    view: SqliteView,
    lease: i64,
    head: AuditHead,
    durability: Durability,
    /// Set where a commit failed so late that its outcome is unknown.
    unfinished: Option<String>,
    spool: Spool,
    _lock: lock::StoreLock,
}

/// A role's store, to be looked at only, beside whoever writes it.
#[derive(Debug)]
pub struct SqliteView {
    db: Connection,
    path: PathBuf,
    role: Role,
}

impl SqliteStore {
    /// Opens the store of a role for writing; makes it where there is none, and brings an older one up to date.
    ///
    /// # Errors
    /// In use, another role's, too new, not a store, or not accessible: see [`StoreFault`].
    pub fn open(path: &Path, role: Role) -> Result<SqliteStore, StoreFault> {
        open::writer(path, role)
    }

    /// The store's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.view.path
    }

    /// Runs one durable transaction: checks the lease, does the work, waits for the disk.
    fn durably<T>(
        &mut self,
        work: impl FnOnce(&mut rusqlite::Transaction<'_>, &mut AuditHead) -> Result<T, Stop>,
    ) -> Result<T, StoreFault> {
        if let Some(reason) = &self.unfinished {
            return Err(StoreFault::Unfinished { path: self.view.path.clone(), reason: reason.clone() });
        }
        let path = &self.view.path;
        let stopped = |stop| match stop {
            Stop::Fault(fault) => fault,
            Stop::Sql(e) => sql_fault(path, "write", &e),
        };
        let mut head = self.head;
        let mut transaction = self
            .view
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|e| sql_fault(path, "write", &e))?;
        commit::check_lease(&transaction, path, self.lease).map_err(stopped)?;
        let done = work(&mut transaction, &mut head).map_err(stopped)?;
        commit::note_head(&transaction, self.head, head).map_err(|e| sql_fault(path, "write", &e))?;
        if let Err(e) = transaction.commit() {
            self.unfinished = Some(e.to_string());
            return Err(StoreFault::Unfinished { path: path.clone(), reason: e.to_string() });
        }
        self.head = head;
        Ok(done)
    }
}

impl SqliteView {
    /// Opens the store of a role for reading, beside a writer or without one. Nothing is changed or brought up to date.
    ///
    /// # Errors
    /// Missing, another role's, of another schema, not a store, or not accessible: see [`StoreFault`].
    pub fn open_read_only(path: &Path, role: Role) -> Result<SqliteView, StoreFault> {
        open::reader(path, role)
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, batch: &Batch) -> Result<(), StoreFault> {
        if batch.is_empty() {
            return Ok(());
        }
        self.durably(|transaction, head| commit::apply(transaction, batch, head))?;
        self.durability.commits += 1;
        self.durability.batches += 1;
        Ok(())
    }

    fn commit_group(&mut self, batches: &[Batch]) -> Result<Vec<Result<(), StoreFault>>, StoreFault> {
        if batches.iter().all(Batch::is_empty) {
            return Ok(batches.iter().map(|_| Ok(())).collect());
        }
        // Few groups hold a batch that is refused: the rest needs no place to return to before each.
        let whole = self.durably(|transaction, head| {
            batches
                .iter()
                .try_for_each(|batch| commit::apply(transaction, batch, head))
                .map(|()| vec![Ok(()); batches.len()])
        });
        let answers = match whole {
            Err(StoreFault::Conflict { .. }) => {
                self.durably(|transaction, head| commit::apply_group(transaction, batches, head))?
            }
            whole => whole?,
        };
        let done = answers.iter().filter(|answer| answer.is_ok()).count() as u64;
        self.durability.commits += u64::from(done > 0);
        self.durability.batches += done;
        Ok(answers)
    }

    fn draft(&mut self) -> Result<Draft, StoreFault> {
        self.spool.draft()
    }

    fn keep(&mut self, draft: Draft, digest: Digest) -> Result<Body, StoreFault> {
        let length = self.spool.keep(&draft, digest)?;
        self.durability.files += 1;
        Ok(Body::File { digest, length })
    }

    fn beside(&self) -> Result<Option<Box<dyn StoreView>>, StoreFault> {
        Ok(Some(Box::new(open::reader(&self.view.path, self.view.role)?)))
    }

    fn durability(&self) -> Durability {
        self.durability
    }
}

impl StoreView for SqliteStore {
    fn get(&self, kind: &str, key: &str) -> Result<Option<Record>, StoreFault> {
        self.view.get(kind, key)
    }

    fn scan(&self, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Record)>, StoreFault> {
        self.view.scan(kind, after, limit)
    }

    fn count(&self, kind: &str) -> Result<u64, StoreFault> {
        self.view.count(kind)
    }

    fn journal(&self, subject: &str) -> Result<Vec<(u64, JournalEntry)>, StoreFault> {
        self.view.journal(subject)
    }

    fn received(&self, link: &str, message: &str) -> Result<Option<InboxEntry>, StoreFault> {
        self.view.received(link, message)
    }

    fn unsent(&self, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault> {
        self.view.unsent(limit)
    }

    fn unsent_to(&self, to: &str, after: u64, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault> {
        self.view.unsent_to(to, after, limit)
    }

    fn file(&self, digest: Digest) -> Result<PathBuf, StoreFault> {
        self.view.file(digest)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, StoreFault> {
        self.view.audit(after, limit)
    }

    fn verify_audit(&self) -> Result<AuditHead, AuditBroken> {
        self.view.verify_audit()
    }
}

/// Puts SQLite's error into words, with a way on.
pub(crate) fn sql_fault(path: &Path, doing: &'static str, e: &rusqlite::Error) -> StoreFault {
    let path = path.to_owned();
    let suggestion = match e.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::ConstraintViolation) => {
            return StoreFault::Damaged { path, reason: e.to_string() };
        }
        Some(ErrorCode::DiskFull) => "free some space on its disk and start again",
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "check that the file and its folder may be written by this user"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds the file: stop it, then start again"
        }
        Some(ErrorCode::TooBig) => "split the message: it is larger than a store can hold",
        Some(_) => "check the disk, then start again",
        // Not SQLite's doing: a column holds what no build of Tern has written there.
        None => return StoreFault::Damaged { path, reason: e.to_string() },
    };
    StoreFault::Sqlite { path, doing, reason: e.to_string(), suggestion }
}
