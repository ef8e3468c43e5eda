//! What one step changes, as data: a [`Batch`] becomes durable as a whole or not at all.

use crate::entries::{AuditEntry, InboxEntry, JournalEntry, OutboxEntry};

/// What a writer believes of a record that it is about to change. Where it is wrong, the whole batch is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// There is no such record.
    Absent,
    /// The record stands at this generation, that is, nobody changed it since it was read.
    Generation(u64),
    /// Whatever is there may be replaced.
    Any,
}

/// Writes a record: as generation 1 where it was absent, else as the next generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// The kind of record; together with `key` it names the record.
    pub kind: &'static str,
    /// Unique within the kind.
    pub key: String,
    /// What must be true for this to be done.
    pub expect: Expect,
    /// The version of the body's schema.
    pub version: u16,
    /// The new state. Secrets in it are sealed by the caller.
    pub body: Vec<u8>,
}

/// Removes a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remove {
    /// The kind of record.
    pub kind: &'static str,
    /// Its key.
    pub key: String,
    /// The generation at which it must stand; `None` removes whatever is there, and nothing where nothing is.
    pub generation: Option<u64>,
}

/// Everything that one step changes. Removes are done first, then puts in their order, then the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// State to write.
    pub puts: Vec<Put>,
    /// State to remove.
    pub removes: Vec<Remove>,
    /// History to append.
    pub journal: Vec<JournalEntry>,
    /// Messages that were taken in. One that is there already refuses the batch.
    pub inbox: Vec<InboxEntry>,
    /// Messages to send. One that is there already refuses the batch.
    pub outbox: Vec<OutboxEntry>,
    /// Numbers of outbox entries whose receiver has acknowledged them. Marking one twice changes nothing.
    pub sent: Vec<u64>,
    /// What the audit is to say.
    pub audit: Vec<AuditEntry>,
}

impl Batch {
    /// True where there is nothing to commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty()
            && self.removes.is_empty()
            && self.journal.is_empty()
            && self.inbox.is_empty()
            && self.outbox.is_empty()
            && self.sent.is_empty()
            && self.audit.is_empty()
    }

    /// Adds what another step changes, so that both become durable together or not at all.
    pub fn append(&mut self, other: Batch) {
        self.puts.extend(other.puts);
        self.removes.extend(other.removes);
        self.journal.extend(other.journal);
        self.inbox.extend(other.inbox);
        self.outbox.extend(other.outbox);
        self.sent.extend(other.sent);
        self.audit.extend(other.audit);
    }
}
