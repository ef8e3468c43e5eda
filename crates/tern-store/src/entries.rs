//! The five kinds of things that a store holds. All of them are plain data; none knows how it is stored.

use jiff::Timestamp;
use tern_model::Digest;

/// A piece of state as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The version of the body's schema, the caller's own: what it must be able to read for as long as stores hold it.
    pub version: u16,
    /// 1 when the record was first put, one more at every change. A record that was removed and put again begins at 1.
    pub generation: u64,
    /// The state, in whatever form its owner chose.
    pub body: Vec<u8>,
}

/// What happened to a subject, never changed and never removed. The store numbers entries in the order of their commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Whose history this belongs to, for example a CHF identifier.
    pub subject: String,
    /// When it happened.
    pub at: Timestamp,
    /// The version of the body's schema.
    pub version: u16,
    /// What happened.
    pub body: Vec<u8>,
}

/// The bytes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// In the row itself.
    Bytes(Vec<u8>),
    /// In a file that the store keeps beside itself: see [`crate::Store::keep`].
    File {
        /// SHA-256 of its bytes.
        digest: Digest,
        /// How many they are.
        length: u64,
    },
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Body {
        Body::Bytes(bytes)
    }
}

/// A message that came in over a link. Kept for good, so that the same message is dropped the next time it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEntry {
    /// The link, named after the sender.
    pub link: String,
    /// Unique on its link.
    pub message: String,
    /// Of the message's bytes as they came: the same `message` with another digest is another message in disguise.
    pub digest: Digest,
    /// When it came.
    pub at: Timestamp,
    /// The message.
    pub body: Body,
}

/// A message to go out over a link once its transaction is durable. Kept after it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// The link, named after the receiver.
    pub to: String,
    /// Unique on its link; the receiver drops what it has seen under this id.
    pub message: String,
    /// When it was written.
    pub at: Timestamp,
    /// The message.
    pub body: Body,
}

/// Who did what, when, on which evidence (OP5). Each row's hash covers the row before it: see [`crate::audit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who: a role, a party, a person.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// By which document and certificate.
    pub evidence: String,
}

/// An audit entry in its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// 1, 2, 3 and so on without a gap.
    pub number: u64,
    /// The entry.
    pub entry: AuditEntry,
    /// SHA-256 over the hash of the row before, the number and the entry.
    pub hash: Digest,
}

/// The end of an audit chain. Whoever notes it elsewhere can tell later whether rows were cut off or written anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// How many rows the chain has.
    pub entries: u64,
    /// The last row's hash; the genesis hash where there is no row.
    pub hash: Digest,
}
