//! `tern pki revoke`: the record of what is revoked, and the list that tells everybody.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::CertificateId;
use tern_wire::smki::issuing::{Issuer, Revocation, RevocationListRequest, revocation_list_pem};

use super::files::{self, Access};
use super::{Layout, PkiError, load_issuer, load_trust};

/// What the issuing authority has revoked. This is the truth; the list in `trust/` is made from it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revocations {
    /// The number of the last list.
    number: u64,
    #[serde(default)]
    revoked: Vec<Revoked>,
}

/// One revoked certificate.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    /// Decimal: a TOML integer has no 127 bits.
    serial: String,
    /// The holder's name, for people.
    name: String,
    at: Timestamp,
}

/// Revokes by party name (everything of that party that is not revoked yet) or by decimal serial number, and gives what
/// was revoked. Whoever loads the trust from now on refuses it.
///
/// # Errors
/// [`PkiError::Unknown`], [`PkiError::AlreadyRevoked`], or what the operating system says.
pub fn revoke(dir: &Path, name_or_serial: &str, now: Timestamp) -> Result<Vec<CertificateId>, PkiError> {
    let layout = Layout::new(dir);
    let issuer = load_issuer(dir)?;
    let _lock = files::lock(&layout.issuing_ca().join("lock"))?;
    let mut revocations = Revocations::read(&layout)?;
    let trust = load_trust(dir)?;
    let serial = name_or_serial.parse::<u128>().ok();
    let known: Vec<_> = trust
        .certificates()
        .filter(|c| serial.map_or(c.common_name() == name_or_serial, |serial| c.serial() == serial))
        .collect();
    if known.is_empty() {
        return Err(PkiError::Unknown { given: name_or_serial.to_owned() });
    }
    let fresh: Vec<_> = known.into_iter().filter(|c| !revocations.has(c.serial())).collect();
    if fresh.is_empty() {
        // The list is published again, for a run may have been interrupted between record and list.
        revocations.publish(&layout, &issuer, now)?;
        return Err(PkiError::AlreadyRevoked { given: name_or_serial.to_owned() });
    }
    for certificate in &fresh {
        let (serial, name) = (certificate.serial().to_string(), certificate.common_name().to_owned());
        revocations.revoked.push(Revoked { serial, name, at: now });
    }
    revocations.publish(&layout, &issuer, now)?;
    Ok(fresh.iter().map(|c| c.id().clone()).collect())
}

impl Revocations {
    pub(super) fn read(layout: &Layout) -> Result<Revocations, PkiError> {
        let path = Revocations::path(layout);
        let wrong = |reason: String| PkiError::Record { path: path.clone(), reason };
        let text = String::from_utf8(files::read(&path)?).map_err(|error| wrong(error.to_string()))?;
        toml::from_str(&text).map_err(|error| wrong(error.to_string()))
    }

    pub(super) fn has(&self, serial: u128) -> bool {
        let serial = serial.to_string();
        self.revoked.iter().any(|revoked| revoked.serial == serial)
    }

    /// Writes the record, then the list: interrupted between the two, the next revocation publishes both.
    pub(super) fn publish(mut self, layout: &Layout, issuer: &Issuer, this_update: Timestamp) -> Result<(), PkiError> {
        let path = Revocations::path(layout);
        let wrong = |reason: String| PkiError::Record { path: path.clone(), reason };
        self.number += 1;
        let record = toml::to_string(&self).map_err(|error| wrong(error.to_string()))?;
        files::write(&path, record.as_bytes(), Access::Owner)?;
        let revoked = self
            .revoked
            .iter()
            .map(|r| r.serial.parse().map(|serial| Revocation { serial, at: r.at }))
            .collect::<Result<Vec<Revocation>, _>>()
            .map_err(|_| wrong("a serial number is not decimal".to_owned()))?;
        let next_update = issuer.certificate().not_after();
        let request = RevocationListRequest { number: self.number, this_update, next_update, revoked: &revoked };
        let pem = revocation_list_pem(&issuer.revocation_list(&request)?);
        files::write(&layout.lists().join("issuing-ca.pem"), pem.as_bytes(), Access::Everybody)
    }

    fn path(layout: &Layout) -> PathBuf {
        layout.issuing_ca().join("revocations.toml")
    }
}
