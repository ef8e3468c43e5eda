//! The key infrastructure on disk: the logic behind `tern pki init | issue | revoke | show`, and how roles load keys.
//!
//! ```text
//! <dir>/root/            0700  root.pem  root.key
//! <dir>/issuing-ca/      0700  issuing-ca.pem  issuing-ca.key  revocations.toml  lock
//! <dir>/parties/<name>/  0700  signing.pem  signing.key, and by role encryption.pem, tls.pem with their keys
//! <dir>/trust/                 root.pem  issuing-ca.pem  certificates/<name>.pem  crl/root.pem  crl/issuing-ca.pem
//! ```
//! A role needs `trust/` and its own folder below `parties/`, so a machine of its own gets just these two. Every file is
//! written beside its place and renamed into it. This module must never overwrite a key infrastructure, nor load a
//! private key that others than its owner can read.

mod device;
mod error;
pub(crate) mod files;
mod init;
mod issue;
mod load;
mod revoke;
mod show;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tern_model::{Eui64, PartyId, Role};
use tern_wire::smki::Usage;
use tern_wire::smki::issuing::{Serial, Validity};

pub use device::device_certificate;
pub use error::PkiError;
pub use init::init;
pub use issue::{IssueOptions, issue};
pub(crate) use load::lacks_keys_of;
pub use load::{
    TlsIdentity, load_authorities, load_decrypter, load_issuer, load_signer, load_tls, load_trust, may_sign, recipient,
    trust_changed,
};
pub use revoke::revoke;
pub use show::{Entry, Status, show};

/// How long an organisation's certificate is valid (P).
const ORGANISATION_YEARS: i16 = 10;
/// How long the issuing authority's certificate is valid (P); its revocation list is to be renewed by then.
const ISSUING_CA_YEARS: i16 = 20;
/// How long the root's certificate is valid (P).
const ROOT_YEARS: i16 = 30;

/// Where everything stands below one folder.
#[derive(Debug, Clone)]
struct Layout {
    dir: PathBuf,
}

impl Layout {
    fn new(dir: &Path) -> Layout {
        Layout { dir: dir.to_owned() }
    }

    fn root(&self) -> PathBuf {
        self.dir.join("root")
    }

    fn issuing_ca(&self) -> PathBuf {
        self.dir.join("issuing-ca")
    }

    fn parties(&self) -> PathBuf {
        self.dir.join("parties")
    }

    fn party(&self, name: &str) -> PathBuf {
        self.parties().join(name)
    }

    fn trust(&self) -> PathBuf {
        self.dir.join("trust")
    }

    fn certificates(&self) -> PathBuf {
        self.trust().join("certificates")
    }

    fn lists(&self) -> PathBuf {
        self.trust().join("crl")
    }
}

/// The file names of a certificate and its key.
fn stem(usage: Usage) -> &'static str {
    match usage {
        Usage::Sign => "signing",
        Usage::Encrypt => "encryption",
        Usage::Tls => "tls",
    }
}

/// What a role's keys are for: each signs, S1SP, DCO and suppliers are encrypted to as well, and those have one for TLS
/// between whom links run, or who speak to the DCC as its Users.
fn usages(role: Role) -> &'static [Usage] {
    match role {
        Role::S1sp | Role::Dco | Role::Supplier => &[Usage::Sign, Usage::Encrypt, Usage::Tls],
        Role::Smso | Role::IssuingAuthority => &[Usage::Sign],
        _ => &[Usage::Sign, Usage::Tls],
    }
}

/// The EUI-64 that the n-th party of a role is given (P): `90-B3-D5-1F-30-<role>-<n>`, the role as in its OU.
fn eui(role: Role, number: u16) -> PartyId {
    let role = u64::from(u8::from_str_radix(role.ou(), 16).unwrap_or(0));
    PartyId(Eui64(0x90B3_D51F_3000_0000 | role << 16 | u64::from(number)))
}

/// From the first moment of a day (UTC), by default today's, for so many years.
fn validity(not_before: Option<Date>, now: Timestamp, years: i16) -> Result<Validity, PkiError> {
    let wrong = |_| PkiError::Date { given: not_before.map_or_else(|| now.to_string(), |date| date.to_string()) };
    let first = not_before.unwrap_or_else(|| now.to_zoned(TimeZone::UTC).date());
    let last = first.checked_add(jiff::Span::new().years(years)).map_err(wrong)?;
    let start = |day: Date| day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(wrong);
    Ok(Validity { not_before: start(first)?, not_after: start(last)? })
}

fn random_serial() -> Result<Serial, PkiError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| PkiError::Randomness)?;
    Ok(Serial::from_random(bytes))
}
