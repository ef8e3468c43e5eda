//! Reading: one query per question, each row parsed or the store called damaged. Nothing here must write.

use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use tern_model::Digest;

use super::{SqliteView, sql_fault};
use crate::audit;
use crate::entries::{AuditEntry, AuditHead, AuditRow, Body, InboxEntry, JournalEntry, OutboxEntry, Record};
use crate::fault::{AuditBroken, StoreFault};
use crate::spool::Spool;
use crate::store::StoreView;

impl StoreView for SqliteView {
    fn get(&self, kind: &str, key: &str) -> Result<Option<Record>, StoreFault> {
        const QUERY: &str = "SELECT version, generation, body FROM record WHERE kind = ?1 AND key = ?2";
        let ask = || self.db.prepare_cached(QUERY)?.query_row((kind, key), |row| record(row, 0)).optional();
        ask().map_err(|e| self.fault(&e))
    }

    fn scan(&self, kind: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Record)>, StoreFault> {
        // `>` leaves out the key itself, `>=` with the empty text leaves out nothing: a key may be empty.
        const FIRST: &str = "SELECT key, version, generation, body FROM record
                             WHERE kind = ?1 AND key >= ?2 ORDER BY key LIMIT ?3";
        const BEHIND: &str = "SELECT key, version, generation, body FROM record
                              WHERE kind = ?1 AND key > ?2 ORDER BY key LIMIT ?3";
        let query = if after.is_some() { BEHIND } else { FIRST };
        self.rows(query, (kind, after.unwrap_or_default(), sql_limit(limit)), |row| Ok((row.get(0)?, record(row, 1)?)))
    }

    fn count(&self, kind: &str) -> Result<u64, StoreFault> {
        let ask = || {
            let mut query = self.db.prepare_cached("SELECT count(*) FROM record WHERE kind = ?1")?;
            query.query_row([kind], |row| number(row, 0))
        };
        ask().map_err(|e| self.fault(&e))
    }

    fn journal(&self, subject: &str) -> Result<Vec<(u64, JournalEntry)>, StoreFault> {
        const QUERY: &str = "SELECT number, at, version, body FROM journal WHERE subject = ?1 ORDER BY number";
        self.rows(QUERY, [subject], |row| {
            let (at, version, body) = (timestamp(row, 1)?, row.get(2)?, row.get(3)?);
            Ok((number(row, 0)?, JournalEntry { subject: subject.to_owned(), at, version, body }))
        })
    }

    fn received(&self, link: &str, message: &str) -> Result<Option<InboxEntry>, StoreFault> {
        const QUERY: &str = "SELECT digest, at, body, file_bytes FROM inbox WHERE link = ?1 AND message = ?2";
        let entry = |row: &Row<'_>| {
            Ok(InboxEntry {
                link: link.to_owned(),
                message: message.to_owned(),
                digest: Digest(row.get(0)?),
                at: timestamp(row, 1)?,
                body: body(row, 2, 0)?,
            })
        };
        let ask = || self.db.prepare_cached(QUERY)?.query_row((link, message), entry).optional();
        ask().map_err(|e| self.fault(&e))
    }

    fn unsent(&self, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault> {
        const QUERY: &str = "SELECT number, receiver, message, at, body, file_bytes, digest FROM outbox
                             WHERE sent = 0 ORDER BY number LIMIT ?1";
        self.rows(QUERY, [sql_limit(limit)], outgoing)
    }

    fn unsent_to(&self, to: &str, after: u64, limit: usize) -> Result<Vec<(u64, OutboxEntry)>, StoreFault> {
        const QUERY: &str = "SELECT number, receiver, message, at, body, file_bytes, digest FROM outbox
                             WHERE sent = 0 AND receiver = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
        self.rows(QUERY, (to, sql_number(after), sql_limit(limit)), outgoing)
    }

    fn file(&self, digest: Digest) -> Result<PathBuf, StoreFault> {
        Spool::beside(&self.path).find(digest)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, StoreFault> {
        self.rows(AUDIT_QUERY, (sql_number(after), sql_limit(limit)), audit_row)
    }

    fn verify_audit(&self) -> Result<AuditHead, AuditBroken> {
        let sql = |e| AuditBroken::Unreadable(self.fault(&e));
        // One transaction, so that the rows and the noted head are of the same moment.
        let moment = self.db.unchecked_transaction().map_err(sql)?;
        let mut query = moment.prepare_cached(AUDIT_QUERY).map_err(sql)?;
        let mut head = audit::genesis(self.role);
        for row in query.query_map((0, i64::MAX), audit_row).map_err(sql)? {
            head = audit::follow(head, &row.map_err(sql)?)?;
        }
        let noted = noted_head(&moment).map_err(sql)?;
        if noted == head { Ok(head) } else { Err(AuditBroken::OtherEnd { found: head.entries, noted: noted.entries }) }
    }
}

const AUDIT_QUERY: &str = "SELECT number, at, actor, action, subject, evidence, hash FROM audit
                           WHERE number > ?1 ORDER BY number LIMIT ?2";

impl SqliteView {
    fn rows<T>(
        &self,
        query: &str,
        with: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreFault> {
        let ask = || self.db.prepare_cached(query)?.query_map(with, read)?.collect::<rusqlite::Result<Vec<T>>>();
        ask().map_err(|e| self.fault(&e))
    }

    fn fault(&self, e: &rusqlite::Error) -> StoreFault {
        sql_fault(&self.path, "read", e)
    }
}

/// Whether a message refers to the file of this digest.
pub(super) fn refers_to(db: &Connection, digest: Digest) -> rusqlite::Result<bool> {
    const QUERY: &str = "SELECT EXISTS (SELECT 1 FROM inbox WHERE file_bytes IS NOT NULL AND digest = ?1)
                             OR EXISTS (SELECT 1 FROM outbox WHERE file_bytes IS NOT NULL AND digest = ?1)";
    db.query_row(QUERY, [digest.0], |row| row.get(0))
}

/// The end of the audit as the store noted it with the last commit.
pub(super) fn noted_head(db: &Connection) -> rusqlite::Result<AuditHead> {
    db.query_row("SELECT audit_entries, audit_hash FROM store", [], |row| {
        Ok(AuditHead { entries: number(row, 0)?, hash: Digest(row.get(1)?) })
    })
}

fn record(row: &Row<'_>, first: usize) -> rusqlite::Result<Record> {
    Ok(Record { version: row.get(first)?, generation: number(row, first + 1)?, body: row.get(first + 2)? })
}

fn outgoing(row: &Row<'_>) -> rusqlite::Result<(u64, OutboxEntry)> {
    let entry = OutboxEntry { to: row.get(1)?, message: row.get(2)?, at: timestamp(row, 3)?, body: body(row, 4, 6)? };
    Ok((number(row, 0)?, entry))
}

/// A message's bytes; `file_bytes` stands behind them, and says whether a file of that digest has them instead.
fn body(row: &Row<'_>, at: usize, digest: usize) -> rusqlite::Result<Body> {
    Ok(match row.get::<_, Option<i64>>(at + 1)? {
        None => Body::Bytes(row.get(at)?),
        Some(_) => Body::File { digest: Digest(row.get(digest)?), length: number(row, at + 1)? },
    })
}

fn audit_row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    let entry = AuditEntry {
        at: timestamp(row, 1)?,
        actor: row.get(2)?,
        action: row.get(3)?,
        subject: row.get(4)?,
        evidence: row.get(5)?,
    };
    Ok(AuditRow { number: number(row, 0)?, entry, hash: Digest(row.get(6)?) })
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(e)))
}

/// A limit beyond SQLite's range is no limit.
fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// No entry has a number beyond SQLite's range.
fn sql_number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
