//! What an installation's devices hold at a moment, without a key: for tests that ask who is in charge.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, ChfIdentifier, DeviceId};

use super::changes::Fingerprint;
use super::effects::{LogRecord, read_log};
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
    /// The gas meter's PIN in force, where it has one.
    #[serde(default)]
    pub gsme_pin: Option<Fingerprint>,
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
            gsme_pin: installation
                .gsme
                .as_ref()
                .and_then(|gsme| gsme.pins.as_ref())
                .map(|pins| Fingerprint::of_key(&pins.in_force)),
        }
    }
}

/// Reads the state of every installation from a world's directory, whether or not a process answers for it.
///
/// # Errors
/// A file is missing or is not what the world wrote.
pub fn read_snapshots(dir: &Path) -> Result<Vec<Snapshot>, WorldError> {
    let mut installations = read_installations(dir)?;
    installations.sort_by_key(|installation| installation.hub.chf);
    Ok(installations.iter().map(Snapshot::of).collect())
}

/// As [`read_snapshots`], with everything that devices remember, keys included, in the order of their places.
///
/// # Errors
/// As [`read_snapshots`].
pub fn read_installations(dir: &Path) -> Result<Vec<Installation>, WorldError> {
    let mut installations = read_initial(&dir.join(INITIAL_FILE))?.installations;
    let places: BTreeMap<_, _> = installations.iter().map(|i| i.hub.chf).zip(0..).collect();
    let path = dir.join(LOG_FILE);
    let mut baseline = Vec::new();
    for (at, record) in read_log(&path)?.iter().enumerate() {
        let chf = match record {
            LogRecord::Effect(effect) => effect.chf,
            LogRecord::Reset(reset) => reset.chf,
            LogRecord::Baseline => {
                baseline.clone_from(&installations);
                continue;
            }
            _ => continue,
        };
        let place = places.get(&chf).copied();
        let found = place.and_then(|place| Some((installations.get_mut(place)?, baseline.get(place))));
        let replayed = found.ok_or_else(|| format!("no installation {chf}")).and_then(|(installation, then)| {
            match (record, then) {
                (LogRecord::Effect(effect), _) => installation.replay(effect)?,
                (LogRecord::Reset(reset), Some(then)) => installation.go_back(&reset.devices, then),
                _ => return Err("a reset to no state".to_owned()),
            }
            Ok(())
        });
        replayed.map_err(|reason| WorldError::malformed(&path, at + 1, reason))?;
    }
    Ok(installations)
}
