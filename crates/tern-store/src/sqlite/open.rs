//! Opening a store: find out what the file is before trusting it, bring it up to date, take the lease.
//!
//! Nothing here must change a file that turns out to be another role's, a later release's or no store at all.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use tern_model::Role;

use super::lock::{StoreLock, prepare_file, real_path};
use super::schema::{self, APPLICATION_ID, SCHEMA_VERSION};
use super::{SqliteStore, SqliteView, sql_fault};
use crate::audit;
use crate::entries::AuditHead;
use crate::fault::StoreFault;
use crate::spool::Spool;
use crate::store::Durability;

/// How long to wait for another connection's short lock, for example while the log of a crashed writer is recovered.
const BUSY_TIMEOUT_MS: u64 = 5_000;

/// Statements kept prepared; all of this crate's fit.
const PREPARED_STATEMENTS: usize = 64;

/// The write-ahead log goes back into the file after so many pages of 4 KiB: fewer, larger checkpoints are cheaper
/// (`cargo bench -p tern-store`), and 32 MiB of log are read back in well under a second after a crash.
const CHECKPOINT_PAGES: u32 = 8_192;

/// What a store keeps of its file in memory, at most: four roles share a process, and what they work on lies close together.
const CACHE_KIB: u32 = 8_192;

/// What a reader keeps, at most: it looks up by names that lie anywhere, and of ten million records all of the indexes' pages but the
/// last ones fit (`cargo bench -p tern-testkit --bench gateway`). A small store never fills it.
const READER_CACHE_KIB: u32 = 65_536;

pub(super) fn writer(path: &Path, role: Role) -> Result<SqliteStore, StoreFault> {
    let path = real_path(path)?;
    let lock = StoreLock::take(&path)?;
    prepare_file(&path)?;
    let db = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut view = SqliteView { db, path, role };
    let schema = match identify(&view)? {
        Identity::New => 0,
        Identity::Store(schema) => schema,
    };
    let fault = |e: &rusqlite::Error| sql_fault(&view.path, "open", e);
    view.db
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;
             PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{CACHE_KIB};"
        ))
        .map_err(|e| fault(&e))?;
    let (lease, head) = take_over(&mut view.db, schema, role).map_err(|e| fault(&e))?;
    let spool = Spool::beside(&view.path);
    spool.sweep(|digest| super::read::refers_to(&view.db, digest).map_err(|e| sql_fault(&view.path, "read", &e)))?;
    let durability = Durability::default();
    Ok(SqliteStore { view, lease, head, durability, unfinished: None, spool, _lock: lock })
}

pub(super) fn reader(path: &Path, role: Role) -> Result<SqliteView, StoreFault> {
    if !path.exists() {
        return Err(StoreFault::Missing { path: path.to_owned() });
    }
    let path = real_path(path)?;
    let db = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.execute_batch(&format!("PRAGMA cache_size = -{READER_CACHE_KIB};")).map_err(|e| sql_fault(&path, "open", &e))?;
    let view = SqliteView { db, path, role };
    match identify(&view)? {
        Identity::New => Err(StoreFault::Missing { path: view.path }),
        Identity::Store(SCHEMA_VERSION) => Ok(view),
        Identity::Store(found) => Err(StoreFault::TooOld { path: view.path, found, known: SCHEMA_VERSION }),
    }
}

/// What the file is.
enum Identity {
    /// An empty file.
    New,
    /// This role's store, of a schema that this build knows.
    Store(u32),
}

/// Finds out what the file is without changing it.
fn identify(view: &SqliteView) -> Result<Identity, StoreFault> {
    let path = || view.path.clone();
    let marks = schema::marks(&view.db).map_err(|e| sql_fault(&view.path, "open", &e))?;
    if marks.empty && marks.schema == 0 {
        return Ok(Identity::New);
    }
    if marks.application_id != APPLICATION_ID {
        return Err(StoreFault::Damaged { path: path(), reason: "it is a database of another program".to_owned() });
    }
    let schema = u32::try_from(marks.schema).ok().filter(|&schema| schema > 0);
    let Some(schema) = schema else {
        return Err(StoreFault::Damaged { path: path(), reason: format!("it names schema {}", marks.schema) });
    };
    if schema > SCHEMA_VERSION {
        return Err(StoreFault::TooNew { path: path(), found: schema, known: SCHEMA_VERSION });
    }
    let found: String = view
        .db
        .query_row("SELECT role FROM store", [], |row| row.get(0))
        .map_err(|e| sql_fault(&view.path, "open", &e))?;
    if Role::from_str(&found) != Ok(view.role) {
        return Err(StoreFault::WrongRole { path: path(), expected: view.role, found });
    }
    Ok(Identity::Store(schema))
}

/// In one transaction: brings the schema up to date, writes the role into a new store, raises the lease.
fn take_over(db: &mut Connection, schema: u32, role: Role) -> rusqlite::Result<(i64, AuditHead)> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if schema < SCHEMA_VERSION {
        schema::bring_up_to_date(&transaction, schema)?;
    }
    if schema == 0 {
        let genesis = audit::genesis(role);
        transaction.execute(
            "INSERT INTO store (only, role, lease, audit_entries, audit_hash) VALUES (1, ?1, 0, 0, ?2)",
            (role.as_str(), genesis.hash.0),
        )?;
    }
    let lease = transaction.query_row("UPDATE store SET lease = lease + 1 RETURNING lease", [], |row| row.get(0))?;
    let head = super::read::noted_head(&transaction)?;
    transaction.commit()?;
    Ok((lease, head))
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreFault> {
    let open = || {
        let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
        db.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        // A statement's plan is made once, and not again for each value that is bound to it.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
        Ok(db)
    };
    open().map_err(|e: rusqlite::Error| sql_fault(path, "open", &e))
}
