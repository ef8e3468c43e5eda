//! The audit's hash chain, so that whoever has an exported audit can verify it without a store.
//!
//! The chain begins with a hash of the role's name. Each row's hash is SHA-256 over the hash before it (32 bytes), the
//! row's number (8 bytes, big-endian) and the fields `at` (RFC 3339, UTC), `actor`, `action`, `subject`, `evidence`,
//! each behind its length in bytes (8 bytes, big-endian). A chain alone cannot show that its end was cut off: compare
//! the [`AuditHead`] with one that was noted elsewhere. This module must never read a store.

use aws_lc_rs::digest::{Context, SHA256};
use tern_model::{Digest, Role};

use crate::entries::{AuditEntry, AuditHead, AuditRow};
use crate::fault::AuditBroken;

/// The head of a role's chain before its first row.
#[must_use]
pub fn genesis(role: Role) -> AuditHead {
    let mut context = Context::new(&SHA256);
    context.update(b"tern audit chain 1\n");
    context.update(role.as_str().as_bytes());
    AuditHead { entries: 0, hash: finish(context) }
}

/// The row that follows a head.
#[must_use]
pub fn next_row(head: AuditHead, entry: &AuditEntry) -> AuditRow {
    let number = head.entries + 1;
    let mut context = Context::new(&SHA256);
    context.update(&head.hash.0);
    context.update(&number.to_be_bytes());
    for field in [&entry.at.to_string(), &entry.actor, &entry.action, &entry.subject, &entry.evidence] {
        context.update(&(field.len() as u64).to_be_bytes());
        context.update(field.as_bytes());
    }
    AuditRow { number, entry: entry.clone(), hash: finish(context) }
}

/// Checks that a row follows a head, and returns the new head.
///
/// # Errors
/// Rows between the two are missing, or the row was altered.
pub fn follow(head: AuditHead, row: &AuditRow) -> Result<AuditHead, AuditBroken> {
    let right = next_row(head, &row.entry);
    if row.number != right.number {
        return Err(AuditBroken::Missing { number: right.number });
    }
    if row.hash != right.hash {
        return Err(AuditBroken::Altered { number: row.number });
    }
    Ok(AuditHead { entries: row.number, hash: row.hash })
}

fn finish(context: Context) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    Digest(bytes)
}
