//! `tern pki show`: every certificate of the directory and whether it may be used.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use tern_model::{PartyId, Role};
use tern_wire::smki::{CertificateProblem, Usage};

use super::{PkiError, load_trust};

/// Whether a certificate may be used at the moment that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It may.
    InForce,
    /// Its validity has not begun.
    NotYetValid,
    /// Its validity is over.
    Expired,
    /// It is revoked.
    Revoked,
    /// No path leads to the root, or nobody can say whether it is revoked.
    Untrusted,
}

impl Status {
    /// The words of a table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Status::InForce => "in force",
            Status::NotYetValid => "not yet valid",
            Status::Expired => "expired",
            Status::Revoked => "revoked",
            Status::Untrusted => "untrusted",
        }
    }
}

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The party's name, which is its folder's.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Its EUI-64.
    pub party: PartyId,
    /// `signing`, `encryption` or `tls`.
    pub usage: &'static str,
    /// Decimal: JSON numbers have no 127 bits.
    pub serial: String,
    /// The issuer's name by RFC 2253.
    pub issuer: String,
    /// First moment of its validity.
    pub not_before: Timestamp,
    /// Last moment of its validity.
    pub not_after: Timestamp,
    /// Whether it may be used.
    pub status: Status,
}

/// Lists the directory by role, name, usage, and then the latest first.
///
/// # Errors
/// [`PkiError`] where the trust cannot be loaded.
pub fn show(dir: &Path, at: Timestamp) -> Result<Vec<Entry>, PkiError> {
    let trust = load_trust(dir)?;
    let mut entries: Vec<Entry> = trust
        .certificates()
        .map(|certificate| {
            let is_for = |usage: &Usage| certificate.is_for(*usage);
            let usage = [Usage::Encrypt, Usage::Tls].into_iter().find(is_for).unwrap_or(Usage::Sign);
            Entry {
                name: certificate.common_name().to_owned(),
                role: certificate.role(),
                party: certificate.party(),
                usage: super::stem(usage),
                serial: certificate.serial().to_string(),
                issuer: certificate.issuer().to_owned(),
                not_before: certificate.not_before(),
                not_after: certificate.not_after(),
                status: status(trust.check(certificate.id(), at, usage).err()),
            }
        })
        .collect();
    entries.sort_by(|a, b| {
        let key = |e: &Entry| (e.role, e.name.clone(), std::cmp::Reverse(e.usage));
        key(a).cmp(&key(b)).then(b.not_before.cmp(&a.not_before)).then(b.serial.cmp(&a.serial))
    });
    Ok(entries)
}

fn status(problem: Option<CertificateProblem>) -> Status {
    match problem {
        None => Status::InForce,
        Some(CertificateProblem::NotYetValid { .. }) => Status::NotYetValid,
        Some(CertificateProblem::Expired { .. }) => Status::Expired,
        Some(CertificateProblem::Revoked { .. }) => Status::Revoked,
        Some(_) => Status::Untrusted,
    }
}
