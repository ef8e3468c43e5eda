//! What an installation's devices hold at a moment, without a key: for tests that ask who is in charge.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, ChfIdentifier, DeviceId};

use super::effects::{Fingerprint, LogRecord, read_log};
use super::installation::Installation;
use super::{INITIAL_FILE, LOG_FILE, read_initial};
use crate::WorldError;

/// The state of an installation's devices. Equal snapshots mean the same party in charge of everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The installation.
    pub chf: ChfIdentifier,
    /// The hub's APN.
    pub apn: String,
    /// The CHF Whitelist.
    pub whitelist: Vec<DeviceId>,
    /// The certificate in charge of the hub.
    pub chf_certificate: CertificateId,
    /// The certificate in charge of the ESME.
    pub esme_certificate: CertificateId,
    /// The certificate in charge of the GSME, where there is one.
    pub gsme_certificate: Option<CertificateId>,
    /// The association's keys in force.
    pub association_keys: Fingerprint,
    /// The master key in force.
    pub master_key: Fingerprint,
}

impl Snapshot {
    /// The installation as it is.
    #[must_use]
    pub fn of(installation: &Installation) -> Snapshot {
        Snapshot {
            chf: installation.hub.chf,
            apn: installation.hub.apn.clone(),
            whitelist: installation.hub.whitelist.clone(),
            chf_certificate: installation.hub.certificate.clone(),
            esme_certificate: installation.esme.certificate.clone(),
            gsme_certificate: installation.gsme.as_ref().map(|gsme| gsme.certificate.clone()),
            association_keys: Fingerprint::of_association(&installation.esme.association),
            master_key: Fingerprint::of_key(&installation.esme.master),
        }
    }
}

/// Reads the state of every installation from a world's directory, whether or not a process answers for it.
///
/// # Errors
/// A file is missing or is not what the world wrote.
pub fn read_snapshots(dir: &Path) -> Result<Vec<Snapshot>, WorldError> {
    let mut installations = read_initial(&dir.join(INITIAL_FILE))?;
    installations.sort_by_key(|installation| installation.hub.chf);
    let path = dir.join(LOG_FILE);
    for (at, record) in read_log(&path)?.iter().enumerate() {
        let LogRecord::Effect(effect) = record else { continue };
        let found = installations
            .binary_search_by_key(&effect.chf, |installation| installation.hub.chf)
            .map_err(|_| format!("no installation {}", effect.chf))
            .and_then(|index| installations[index].replay(effect));
        found.map_err(|reason| WorldError::malformed(&path, at + 1, reason))?;
    }
    Ok(installations.iter().map(Snapshot::of).collect())
}
