//! The store's tables, as a list of numbered changes that only grows.
//!
//! A change that was released is never edited: the next one is appended, and a small filled store of the new schema is
//! committed to `tests/stores/` (`cargo run -p tern-store --example sample_store`). This module must never look at data.

use rusqlite::Connection;

/// Marks the file as a Tern store (SQLite's `application_id`): "Tern" in ASCII.
pub(super) const APPLICATION_ID: i32 = 0x5465_726E;

/// The schema that this build writes.
pub const SCHEMA_VERSION: u32 = CHANGES.len() as u32;

/// `CHANGES[n]` leads from schema n to schema n + 1.
const CHANGES: &[&str] = &[V1, V2];

/// One row of `store`; records with their generations; journal and audit that refuse to be changed.
const V1: &str = "
CREATE TABLE store (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    role TEXT NOT NULL,
    lease INTEGER NOT NULL,
    audit_entries INTEGER NOT NULL,
    audit_hash BLOB NOT NULL
) STRICT;

CREATE TABLE record (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX record_key ON record (kind, key);

CREATE TABLE journal (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    at TEXT NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX journal_subject ON journal (subject);
CREATE TRIGGER journal_keeps BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_stays BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE inbox (
    link TEXT NOT NULL,
    message TEXT NOT NULL,
    digest BLOB NOT NULL,
    at TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX inbox_message ON inbox (link, message);

CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    receiver TEXT NOT NULL,
    message TEXT NOT NULL,
    at TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0 CHECK (sent IN (0, 1)),
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX outbox_message ON outbox (receiver, message);
CREATE INDEX outbox_unsent ON outbox (receiver, number) WHERE sent = 0;
CREATE INDEX outbox_oldest ON outbox (number) WHERE sent = 0;

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    evidence TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
";

/// Messages that are files: their rows hold no bytes, but digest and length.
const V2: &str = "
ALTER TABLE inbox ADD COLUMN file_bytes INTEGER;
ALTER TABLE outbox ADD COLUMN file_bytes INTEGER;
ALTER TABLE outbox ADD COLUMN digest BLOB;
";

/// What a file says of itself before anything in it is trusted.
pub(super) struct Marks {
    /// [`APPLICATION_ID`] in a store.
    pub(super) application_id: i32,
    /// The schema; 0 in a file that is new or somebody else's.
    pub(super) schema: i64,
    /// Whether the file holds any table at all.
    pub(super) empty: bool,
}

pub(super) fn marks(db: &Connection) -> rusqlite::Result<Marks> {
    Ok(Marks {
        application_id: db.query_row("PRAGMA application_id", [], |row| row.get(0))?,
        schema: db.query_row("PRAGMA user_version", [], |row| row.get(0))?,
        empty: db.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?,
    })
}

/// Leads a store from a schema to this build's, inside the caller's transaction.
pub(super) fn bring_up_to_date(db: &Connection, schema: u32) -> rusqlite::Result<()> {
    let missing = CHANGES.get(schema as usize..).unwrap_or_default();
    for change in missing {
        db.execute_batch(change)?;
    }
    db.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"))
}
