//! What a role remembers: state, journal, inbox, outbox and audit, changed together in one durable transaction.
//!
//! A role has one store of its own; a [`Batch`] is what one step changes, and [`Store::commit`] makes all of it durable or
//! none. What is too large for a row is a file beside the store, which a message refers to ([`Body::File`]). Bodies are opaque bytes under the version of the caller's own schema. This crate must never look into a body,
//! ask the time, or open the store of another role.
//!
//! **Secrets are the caller's duty.** A store encrypts nothing by itself: whoever puts a key into a body seals it first
//! ([`Seal`]). The file is readable by its owner alone, which is no more than a second line of defence.

pub mod audit;
mod batch;
mod entries;
mod fault;
mod scratch;
mod seal;
pub(crate) mod spool;
pub mod sqlite;
mod store;
mod under;

pub use batch::{Batch, Expect, Put, Remove};
pub use entries::{AuditEntry, AuditHead, AuditRow, Body, InboxEntry, JournalEntry, OutboxEntry, Record};
pub use fault::{AuditBroken, StoreFault};
pub use scratch::{Filling, Scratch, ScratchRow};
pub use seal::{Seal, SealBroken, Sealed};
pub use spool::Draft;
pub use sqlite::{SqliteStore, SqliteView};
pub use store::{Durability, Store, StoreView};
pub use under::for_each_under;
