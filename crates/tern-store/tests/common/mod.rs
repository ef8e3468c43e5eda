//! What several of the store's tests need.

use jiff::Timestamp;
use tern_model::Digest;
use tern_store::{AuditEntry, Expect, InboxEntry, JournalEntry, OutboxEntry, Put};

/// A moment, so many seconds and one nanosecond after the epoch: the nanosecond shows whether precision is kept.
pub fn moment(second: i64) -> Timestamp {
    Timestamp::new(second, 1).expect("a moment of our era")
}

pub fn put(key: &str, expect: Expect, body: &str) -> Put {
    Put { kind: "installation", key: key.to_owned(), expect, version: 1, body: body.as_bytes().to_vec() }
}

pub fn journal(subject: &str, body: &str) -> JournalEntry {
    JournalEntry { subject: subject.to_owned(), at: moment(1), version: 3, body: body.as_bytes().to_vec() }
}

pub fn inbox(link: &str, message: &str) -> InboxEntry {
    InboxEntry {
        link: link.to_owned(),
        message: message.to_owned(),
        digest: Digest([7; 32]),
        at: moment(2),
        body: format!("{message} from {link}").into_bytes().into(),
    }
}

pub fn outbox(to: &str, message: &str) -> OutboxEntry {
    OutboxEntry {
        to: to.to_owned(),
        message: message.to_owned(),
        at: moment(3),
        body: format!("{message} to {to}").into_bytes().into(),
    }
}

pub fn audit(action: &str) -> AuditEntry {
    AuditEntry {
        at: moment(4),
        actor: "s1sp".to_owned(),
        action: action.to_owned(),
        subject: "00-DB-12-34-56-78-90-A2".to_owned(),
        evidence: "MCF EA 42".to_owned(),
    }
}
