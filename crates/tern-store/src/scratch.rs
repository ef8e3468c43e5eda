//! A private table on disk for what one process works from and nobody keeps: rows found by their subject.
//!
//! It stands here because SQL stands nowhere else; it is no store: no role, no lease, no durability. SQLite makes the file
//! itself where temporary files go (`SQLITE_TMPDIR`, `TMPDIR`, then `/var/tmp`), for its owner alone and without a name from
//! the first moment, so that no other program finds it and a crash leaves nothing behind. This module must never keep rows
//! in memory beyond a cache of fixed size.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use crate::fault::StoreFault;
use crate::sqlite::sql_fault;

/// What SQLite may keep in memory.
const CACHE_KIB: i64 = 8 * 1024;

/// One row: `text` under a key of three parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScratchRow {
    /// What rows are looked up by.
    pub subject: i64,
    /// The kind of row, as its owner numbers kinds.
    pub kind: u8,
    /// What tells rows of one subject and kind apart.
    pub rest: String,
    /// The owner's number: rows of one kind come back in its order.
    pub number: u64,
    /// What is kept.
    pub text: String,
}

/// A temporary table. It is gone when this is dropped, and when the process ends in whatever way.
#[derive(Debug)]
pub struct Scratch {
    db: Mutex<Connection>,
}

/// The filling of a [`Scratch`]: what is put counts when [`Filling::finish`] was called.
#[derive(Debug)]
pub struct Filling<'s> {
    db: MutexGuard<'s, Connection>,
}

impl Scratch {
    /// An empty table.
    ///
    /// # Errors
    /// SQLite cannot make it.
    pub fn new() -> Result<Scratch, StoreFault> {
        let open = || -> rusqlite::Result<Connection> {
            // A database without a name is SQLite's own temporary file.
            let db = Connection::open("")?;
            db.execute_batch(&format!(
                "PRAGMA temp_store = FILE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                 PRAGMA cache_size = -{CACHE_KIB}; PRAGMA locking_mode = EXCLUSIVE;
                 CREATE TABLE row (subject INTEGER NOT NULL, kind INTEGER NOT NULL, rest TEXT NOT NULL,
                                   number INTEGER NOT NULL, text TEXT NOT NULL,
                                   PRIMARY KEY (subject, kind, rest)) WITHOUT ROWID, STRICT;"
            ))?;
            Ok(db)
        };
        Ok(Scratch { db: Mutex::new(open().map_err(|e| fault("make", &e))?) })
    }

    /// Begins to put rows in.
    ///
    /// # Errors
    /// SQLite says no.
    pub fn fill(&self) -> Result<Filling<'_>, StoreFault> {
        let db = self.lock();
        db.execute_batch("BEGIN").map_err(|e| fault("write", &e))?;
        Ok(Filling { db })
    }

    /// The rows of a subject, kind by kind and by number within a kind.
    ///
    /// # Errors
    /// SQLite says no.
    pub fn rows_of(&self, subject: i64) -> Result<Vec<ScratchRow>, StoreFault> {
        let read = || -> rusqlite::Result<Vec<ScratchRow>> {
            let db = self.lock();
            let mut query = db.prepare_cached("SELECT kind, rest, number, text FROM row WHERE subject = ?1")?;
            let rows = query.query_map([subject], |row| {
                let number: i64 = row.get(2)?;
                Ok(ScratchRow {
                    subject,
                    kind: row.get(0)?,
                    rest: row.get(1)?,
                    number: number.cast_unsigned(),
                    text: row.get(3)?,
                })
            })?;
            rows.collect()
        };
        let mut rows = read().map_err(|e| fault("read", &e))?;
        rows.sort_by_key(|row| (row.kind, row.number));
        Ok(rows)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // Nothing is half done under this lock that a panic elsewhere could leave behind.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Filling<'_> {
    /// Puts a row in, unless there is one under its key: then that one stays, and its number and text are given.
    ///
    /// # Errors
    /// SQLite says no.
    pub fn put(&mut self, row: &ScratchRow) -> Result<Option<(u64, String)>, StoreFault> {
        let put = || -> rusqlite::Result<Option<(u64, String)>> {
            let sql = "INSERT INTO row (subject, kind, rest, number, text) VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT DO NOTHING";
            let mut insert = self.db.prepare_cached(sql)?;
            let number = row.number.cast_signed();
            if insert.execute(params![row.subject, row.kind, row.rest, number, row.text])? > 0 {
                return Ok(None);
            }
            let sql = "SELECT number, text FROM row WHERE subject = ?1 AND kind = ?2 AND rest = ?3";
            let mut earlier = self.db.prepare_cached(sql)?;
            earlier
                .query_row(params![row.subject, row.kind, row.rest], |found| {
                    Ok((found.get::<_, i64>(0)?.cast_unsigned(), found.get(1)?))
                })
                .optional()
        };
        put().map_err(|e| fault("write", &e))
    }

    /// All that was put counts.
    ///
    /// # Errors
    /// SQLite says no.
    pub fn finish(self) -> Result<(), StoreFault> {
        self.db.execute_batch("COMMIT").map_err(|e| fault("write", &e))
    }
}

impl Drop for Filling<'_> {
    fn drop(&mut self) {
        if !self.db.is_autocommit() {
            // There is no journal to roll back by: what was put half stays, and whoever gave up drops the table too.
            let _ = self.db.execute_batch("COMMIT");
        }
    }
}

fn fault(doing: &'static str, e: &rusqlite::Error) -> StoreFault {
    match sql_fault(&PathBuf::from("(a temporary file)"), doing, e) {
        StoreFault::Sqlite { path, doing, reason, .. } => StoreFault::Sqlite {
            path,
            doing,
            reason,
            suggestion: "point TMPDIR to a folder with free space that this user may write to",
        },
        other => other,
    }
}
