//! Writing a batch inside a transaction that the caller began and will commit.
//!
//! Nothing here must commit by itself: what is durable is decided in one place, [`super::SqliteStore::durably`].

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction};
use tern_model::Digest;

use crate::audit;
use crate::batch::{Batch, Expect, Put, Remove};
use crate::entries::{AuditEntry, AuditHead, Body, InboxEntry, JournalEntry, OutboxEntry};
use crate::fault::StoreFault;

/// Why writing a batch stopped.
pub(super) enum Stop {
    /// The batch is refused, or this writer is.
    Fault(StoreFault),
    /// SQLite failed.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(e: rusqlite::Error) -> Self {
        Stop::Sql(e)
    }
}

/// Refuses a writer whose store was taken over.
pub(super) fn check_lease(db: &Connection, path: &Path, held: i64) -> Result<(), Stop> {
    let found: i64 = db.prepare_cached("SELECT lease FROM store")?.query_row([], |row| row.get(0))?;
    if found == held {
        return Ok(());
    }
    let [held, found] = [held, found].map(i64::cast_unsigned);
    Err(Stop::Fault(StoreFault::Stale { path: path.to_owned(), held, found }))
}

/// Writes a batch, and moves the audit's head.
pub(super) fn apply(db: &Connection, batch: &Batch, head: &mut AuditHead) -> Result<(), Stop> {
    batch.removes.iter().try_for_each(|remove| write_remove(db, remove))?;
    batch.puts.iter().try_for_each(|put| write_put(db, put))?;
    batch.journal.iter().try_for_each(|entry| write_journal(db, entry))?;
    batch.inbox.iter().try_for_each(|entry| write_inbox(db, entry))?;
    batch.outbox.iter().try_for_each(|entry| write_outbox(db, entry))?;
    batch.sent.iter().try_for_each(|&number| write_sent(db, number))?;
    batch.audit.iter().try_for_each(|entry| write_audit(db, entry, head))
}

/// Writes batches that stand or fall each for itself.
pub(super) fn apply_group(
    transaction: &mut Transaction<'_>,
    batches: &[Batch],
    head: &mut AuditHead,
) -> Result<Vec<Result<(), StoreFault>>, Stop> {
    let mut answers = Vec::with_capacity(batches.len());
    for batch in batches {
        let savepoint = transaction.savepoint()?;
        let mut moved = *head;
        match apply(&savepoint, batch, &mut moved) {
            Ok(()) => {
                savepoint.commit()?;
                *head = moved;
                answers.push(Ok(()));
            }
            // The savepoint is dropped, and what the batch wrote goes with it.
            Err(Stop::Fault(fault)) => answers.push(Err(fault)),
            Err(stop) => return Err(stop),
        }
    }
    Ok(answers)
}

/// Notes the audit's head where it has moved.
pub(super) fn note_head(db: &Connection, before: AuditHead, after: AuditHead) -> rusqlite::Result<()> {
    if before == after {
        return Ok(());
    }
    db.prepare_cached("UPDATE store SET audit_entries = ?1, audit_hash = ?2")?
        .execute((after.entries.cast_signed(), after.hash.0))
        .map(drop)
}

fn write_put(db: &Connection, put: &Put) -> Result<(), Stop> {
    const ABSENT: &str = "INSERT INTO record (kind, key, version, generation, body) VALUES (?1, ?2, ?3, 1, ?4)
                          ON CONFLICT (kind, key) DO NOTHING";
    const ANY: &str = "INSERT INTO record (kind, key, version, generation, body) VALUES (?1, ?2, ?3, 1, ?4)
                       ON CONFLICT (kind, key) DO UPDATE
                       SET version = excluded.version, generation = generation + 1, body = excluded.body";
    const AT: &str = "UPDATE record SET version = ?3, generation = generation + 1, body = ?4
                      WHERE kind = ?1 AND key = ?2 AND generation = ?5";
    let changed = match put.expect {
        Expect::Absent => db.prepare_cached(ABSENT)?.execute((put.kind, &put.key, put.version, &put.body))?,
        Expect::Any => db.prepare_cached(ANY)?.execute((put.kind, &put.key, put.version, &put.body))?,
        Expect::Generation(generation) => {
            // A generation beyond the signed range was never given out; -1 matches no record.
            let at = i64::try_from(generation).unwrap_or(-1);
            db.prepare_cached(AT)?.execute((put.kind, &put.key, put.version, &put.body, at))?
        }
    };
    if changed == 1 { Ok(()) } else { Err(conflict(db, put.kind, &put.key)) }
}

fn write_remove(db: &Connection, remove: &Remove) -> Result<(), Stop> {
    const ANY: &str = "DELETE FROM record WHERE kind = ?1 AND key = ?2";
    const AT: &str = "DELETE FROM record WHERE kind = ?1 AND key = ?2 AND generation = ?3";
    let Some(generation) = remove.generation else {
        db.prepare_cached(ANY)?.execute((remove.kind, &remove.key))?;
        return Ok(());
    };
    let at = i64::try_from(generation).unwrap_or(-1);
    match db.prepare_cached(AT)?.execute((remove.kind, &remove.key, at))? {
        1 => Ok(()),
        _ => Err(conflict(db, remove.kind, &remove.key)),
    }
}

fn write_journal(db: &Connection, entry: &JournalEntry) -> Result<(), Stop> {
    db.prepare_cached("INSERT INTO journal (subject, at, version, body) VALUES (?1, ?2, ?3, ?4)")?.execute((
        &entry.subject,
        entry.at.to_string(),
        entry.version,
        &entry.body,
    ))?;
    Ok(())
}

fn write_inbox(db: &Connection, entry: &InboxEntry) -> Result<(), Stop> {
    const NEW: &str = "INSERT INTO inbox (link, message, digest, at, body, file_bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                       ON CONFLICT (link, message) DO NOTHING";
    let (bytes, file) = body(&entry.body);
    let digest = file.map_or(entry.digest, |(digest, _)| digest);
    let row = (&entry.link, &entry.message, digest.0, entry.at.to_string(), bytes, file.map(|(_, length)| length));
    once(db.prepare_cached(NEW)?.execute(row)?, "inbox", &entry.link, &entry.message)
}

fn write_outbox(db: &Connection, entry: &OutboxEntry) -> Result<(), Stop> {
    const NEW: &str = "INSERT INTO outbox (receiver, message, at, body, file_bytes, digest)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                       ON CONFLICT (receiver, message) DO NOTHING";
    let (bytes, file) = body(&entry.body);
    let (length, digest) = (file.map(|(_, length)| length), file.map(|(digest, _)| digest.0));
    let row = (&entry.to, &entry.message, entry.at.to_string(), bytes, length, digest);
    once(db.prepare_cached(NEW)?.execute(row)?, "outbox", &entry.to, &entry.message)
}

/// The bytes of a row, and its file with how long it is.
fn body(body: &Body) -> (&[u8], Option<(Digest, i64)>) {
    match body {
        Body::Bytes(bytes) => (bytes, None),
        Body::File { digest, length } => (&[], Some((*digest, length.cast_signed()))),
    }
}

fn write_sent(db: &Connection, number: u64) -> Result<(), Stop> {
    let row = i64::try_from(number).unwrap_or(-1);
    match db.prepare_cached("UPDATE outbox SET sent = 1 WHERE number = ?1")?.execute([row])? {
        1 => Ok(()),
        _ => Err(Stop::Fault(StoreFault::Conflict { kind: "outbox".to_owned(), key: number.to_string(), found: None })),
    }
}

fn write_audit(db: &Connection, entry: &AuditEntry, head: &mut AuditHead) -> Result<(), Stop> {
    const NEW: &str = "INSERT INTO audit (number, at, actor, action, subject, evidence, hash)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let row = audit::next_row(*head, entry);
    db.prepare_cached(NEW)?.execute((
        row.number.cast_signed(),
        entry.at.to_string(),
        &entry.actor,
        &entry.action,
        &entry.subject,
        &entry.evidence,
        row.hash.0,
    ))?;
    *head = AuditHead { entries: row.number, hash: row.hash };
    Ok(())
}

/// A message has its place once.
fn once(inserted: usize, kind: &str, link: &str, message: &str) -> Result<(), Stop> {
    if inserted == 1 {
        return Ok(());
    }
    let key = format!("{link}/{message}");
    Err(Stop::Fault(StoreFault::Conflict { kind: kind.to_owned(), key, found: Some(1) }))
}

fn conflict(db: &Connection, kind: &str, key: &str) -> Stop {
    let found = db
        .prepare_cached("SELECT generation FROM record WHERE kind = ?1 AND key = ?2")
        .and_then(|mut statement| statement.query_row((kind, key), |row| row.get::<_, i64>(0)).optional());
    match found {
        Ok(found) => Stop::Fault(StoreFault::Conflict {
            kind: kind.to_owned(),
            key: key.to_owned(),
            found: found.map(i64::cast_unsigned),
        }),
        Err(e) => Stop::Sql(e),
    }
}
