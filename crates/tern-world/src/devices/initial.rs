//! The state before migration as a file: JSON, one installation a line, keys in hexadecimal, readable by its owner alone.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, ChfIdentifier, DeviceId, DeviceModel, Secret};
use tern_wire::device_link::AssociationKeys;

use super::installation::{Esme, Gsme, Hub, Installation};
use crate::WorldError;
use crate::files::{self, Readers};
use crate::hex::{hex, unhex};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InstallationRecord {
    chf: HubRecord,
    esme: EsmeRecord,
    gsme: Option<MeterRecord>,
    ppmids: Vec<DeviceId>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HubRecord {
    device: ChfIdentifier,
    model: DeviceModel,
    apn: String,
    whitelist: Vec<DeviceId>,
    certificate: CertificateId,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EsmeRecord {
    device: DeviceId,
    model: DeviceModel,
    certificate: CertificateId,
    authentication_key: String,
    encryption_key: String,
    master_key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MeterRecord {
    device: DeviceId,
    model: DeviceModel,
    certificate: CertificateId,
}

/// Writes the initial state with mode 0600.
///
/// # Errors
/// The file system refuses.
pub fn write_initial(path: &Path, installations: &[Installation]) -> Result<(), WorldError> {
    let mut out = b"[\n".to_vec();
    for (at, installation) in installations.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"" } else { b",\n" });
        serde_json::to_writer(&mut out, &record(installation))
            .map_err(|error| WorldError::malformed(path, at + 2, error.to_string()))?;
    }
    out.extend_from_slice(b"\n]\n");
    files::write(path, &out, Readers::Owner)
}

/// Reads the initial state.
///
/// # Errors
/// The file cannot be read or is not what [`write_initial`] writes.
pub fn read_initial(path: &Path) -> Result<Vec<Installation>, WorldError> {
    let bytes = fs::read(path).map_err(WorldError::io(path))?;
    let records: Vec<InstallationRecord> =
        serde_json::from_slice(&bytes).map_err(|error| WorldError::malformed(path, error.line(), error.to_string()))?;
    records
        .into_iter()
        .enumerate()
        .map(|(at, record)| installation(record).map_err(|reason| WorldError::malformed(path, at + 2, reason)))
        .collect()
}

fn record(installation: &Installation) -> InstallationRecord {
    let Installation { hub, esme, gsme, ppmids, .. } = installation;
    InstallationRecord {
        chf: HubRecord {
            device: hub.chf,
            model: hub.model.clone(),
            apn: hub.apn.clone(),
            whitelist: hub.whitelist.clone(),
            certificate: hub.certificate.clone(),
        },
        esme: EsmeRecord {
            device: esme.device,
            model: esme.model.clone(),
            certificate: esme.certificate.clone(),
            authentication_key: hex(esme.association.authentication.expose()),
            encryption_key: hex(esme.association.encryption.expose()),
            master_key: hex(esme.master.expose()),
        },
        gsme: gsme.as_ref().map(|gsme| MeterRecord {
            device: gsme.device,
            model: gsme.model.clone(),
            certificate: gsme.certificate.clone(),
        }),
        ppmids: ppmids.clone(),
    }
}

fn installation(record: InstallationRecord) -> Result<Installation, String> {
    let InstallationRecord { chf, esme, gsme, ppmids } = record;
    let key = |name: &str, text: &str| {
        unhex(text)
            .and_then(|bytes| Secret::from_slice(&bytes))
            .ok_or_else(|| format!("{name} of ESME {}: expected 32 hexadecimal digits", esme.device))
    };
    let association = AssociationKeys {
        authentication: key("authentication_key", &esme.authentication_key)?,
        encryption: key("encryption_key", &esme.encryption_key)?,
    };
    let master = key("master_key", &esme.master_key)?;
    let hub =
        Hub { chf: chf.device, model: chf.model, apn: chf.apn, whitelist: chf.whitelist, certificate: chf.certificate };
    let esme = Esme { device: esme.device, model: esme.model, certificate: esme.certificate, association, master };
    let gsme = gsme.map(|g| Gsme { device: g.device, model: g.model, certificate: g.certificate });
    Ok(Installation::new(hub, esme, gsme, ppmids))
}
