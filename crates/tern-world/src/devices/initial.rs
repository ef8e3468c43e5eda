//! The state before migration as a file: JSON, one installation a line, keys in hexadecimal, readable by its owner alone.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, ChfIdentifier, DeviceId, DeviceModel, PartyId, Secret, SecretBytes};
use tern_wire::role_link::AssociationKeys;

use super::certificates::Known;
use super::hub_key::HubKey;
use super::installation::{Esme, Gsme, Hub, Installation, Pins, Ppmid};
use crate::WorldError;
use crate::files::{self, Readers};
use crate::hex::{hex, unhex};

/// The version of the file that this program writes and reads.
const VERSION: u32 = 3;

/// Installations that began together, and what all their devices know.
#[derive(Debug, Clone)]
pub struct Estate {
    /// What their meters measure is computed from it.
    pub seed: u64,
    /// When their clocks were last right.
    pub beginning: Timestamp,
    /// The authorities and parties that their devices know.
    pub known: Known,
    /// The installations; the place in this list is the place on the WAN.
    pub installations: Vec<Installation>,
}

impl Estate {
    /// Installations whose devices know no party, of seed 0 and from the first moment of 1970 on.
    #[must_use]
    pub fn of(installations: Vec<Installation>) -> Estate {
        Estate { seed: 0, beginning: Timestamp::UNIX_EPOCH, known: Known::default(), installations }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadRecord {
    version: u32,
    seed: u64,
    beginning: Timestamp,
    authorities: Vec<String>,
    certificates: Vec<String>,
    authorised: Vec<PartyId>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InstallationRecord {
    chf: HubRecord,
    esme: EsmeRecord,
    gsme: Option<GasMeterRecord>,
    ppmids: Vec<MeterRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HubRecord {
    device: ChfIdentifier,
    gpf: DeviceId,
    model: DeviceModel,
    apn: String,
    whitelist: Vec<DeviceId>,
    certificate: CertificateId,
    /// PKCS#8 in PEM; null where the hub signs nothing.
    signing_key: Option<String>,
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GasMeterRecord {
    device: DeviceId,
    model: DeviceModel,
    certificate: CertificateId,
    /// None in files of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pin: Option<PinRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PinRecord {
    prepayment_key: String,
    /// With its salt.
    in_force: String,
}

/// Writes the initial state with mode 0600: the head on the first line, then one installation a line.
///
/// # Errors
/// The file system refuses.
pub fn write_initial(path: &Path, estate: &Estate) -> Result<(), WorldError> {
    let Estate { seed, beginning, known, installations } = estate;
    let texts = |ders: &[Vec<u8>]| ders.iter().map(|der| hex(der)).collect();
    let head = HeadRecord {
        version: VERSION,
        seed: *seed,
        beginning: *beginning,
        authorities: texts(&known.authorities),
        certificates: texts(&known.certificates),
        authorised: known.authorised.clone(),
    };
    let mut out = Vec::new();
    let unwritten = |at: usize| move |error: serde_json::Error| WorldError::malformed(path, at, error.to_string());
    serde_json::to_writer(&mut out, &head).map_err(unwritten(1))?;
    for (at, installation) in installations.iter().enumerate() {
        out.push(b'\n');
        serde_json::to_writer(&mut out, &record(installation)).map_err(unwritten(at + 2))?;
    }
    out.push(b'\n');
    files::write(path, &out, Readers::Owner)
}

/// Reads the initial state.
///
/// # Errors
/// The file cannot be read or is not what [`write_initial`] writes.
pub fn read_initial(path: &Path) -> Result<Estate, WorldError> {
    let bytes = fs::read(path).map_err(WorldError::io(path))?;
    let mut lines = (1..).zip(bytes.split(|b| *b == b'\n')).filter(|(_, line)| !line.is_empty());
    let unreadable = |at: usize| move |reason: String| WorldError::malformed(path, at, reason);
    let head = lines.next().map(|(_, line)| serde_json::from_slice::<HeadRecord>(line));
    let head = head.ok_or_else(|| unreadable(1)("the file is empty".to_owned()))?;
    let head = head.map_err(|error| unreadable(1)(format!("no head of version {VERSION}: {error}")))?;
    if head.version != VERSION {
        return Err(unreadable(1)(format!("version {}; this program reads version {VERSION}", head.version)));
    }
    let bytes_of = |texts: &[String]| texts.iter().map(|text| unhex(text)).collect::<Option<Vec<_>>>();
    let (authorities, certificates) = (bytes_of(&head.authorities), bytes_of(&head.certificates));
    let (Some(authorities), Some(certificates)) = (authorities, certificates) else {
        return Err(unreadable(1)("a certificate that is not hexadecimal".to_owned()));
    };
    let installations = lines
        .map(|(at, line)| {
            let record = serde_json::from_slice(line).map_err(|error| unreadable(at)(error.to_string()))?;
            let installation = installation(record).map_err(unreadable(at))?;
            Ok(installation.measuring_from(head.seed, head.beginning))
        })
        .collect::<Result<Vec<_>, WorldError>>()?;
    let known = Known { authorities, certificates, authorised: head.authorised };
    Ok(Estate { seed: head.seed, beginning: head.beginning, known, installations })
}

fn record(installation: &Installation) -> InstallationRecord {
    let Installation { hub, esme, gsme, ppmids, hub_key, .. } = installation;
    InstallationRecord {
        chf: HubRecord {
            device: hub.chf,
            gpf: hub.gpf,
            model: hub.model.clone(),
            apn: hub.apn.clone(),
            whitelist: hub.whitelist.clone(),
            certificate: hub.certificate.clone(),
            signing_key: hub_key.as_ref().map(|key| String::from_utf8_lossy(key.pem().expose()).into_owned()),
        },
        esme: EsmeRecord {
            device: esme.device,
            model: esme.model.clone(),
            certificate: esme.certificate.clone(),
            authentication_key: hex(esme.association.authentication.expose()),
            encryption_key: hex(esme.association.encryption.expose()),
            master_key: hex(esme.master.expose()),
        },
        gsme: gsme.as_ref().map(|gsme| GasMeterRecord {
            device: gsme.device,
            model: gsme.model.clone(),
            certificate: gsme.certificate.clone(),
            pin: gsme.pins.as_ref().map(|pins| PinRecord {
                prepayment_key: hex(pins.prepayment.expose()),
                in_force: hex(pins.in_force.expose()),
            }),
        }),
        ppmids: ppmids
            .iter()
            .map(|ppmid| MeterRecord {
                device: ppmid.device,
                model: ppmid.model.clone(),
                certificate: ppmid.certificate.clone(),
            })
            .collect(),
    }
}

fn installation(record: InstallationRecord) -> Result<Installation, String> {
    let InstallationRecord { chf, esme, gsme, ppmids } = record;
    let key = |name: &str, text: &str| {
        unhex(text)
            .and_then(|bytes| Secret::from_slice(&bytes))
            .ok_or_else(|| format!("{name} behind hub {}: expected 32 hexadecimal digits", chf.device))
    };
    let association = AssociationKeys {
        authentication: key("authentication_key", &esme.authentication_key)?,
        encryption: key("encryption_key", &esme.encryption_key)?,
    };
    let master = key("master_key", &esme.master_key)?;
    let hub_key = chf.signing_key.map(|pem| HubKey::from_pem(SecretBytes::new(pem.into_bytes())));
    let hub = Hub {
        chf: chf.device,
        gpf: chf.gpf,
        model: chf.model,
        apn: chf.apn,
        whitelist: chf.whitelist,
        certificate: chf.certificate,
    };
    let esme = Esme { device: esme.device, model: esme.model, certificate: esme.certificate, association, master };
    let pins = |pin: PinRecord| {
        Ok::<_, String>(Pins {
            prepayment: key("prepayment_key", &pin.prepayment_key)?,
            in_force: key("in_force", &pin.in_force)?,
            before: None,
        })
    };
    let gsme = gsme
        .map(|GasMeterRecord { device, model, certificate, pin }| {
            Ok::<_, String>(Gsme { device, model, certificate, pins: pin.map(pins).transpose()? })
        })
        .transpose()?;
    let ppmid = |p: MeterRecord| Ppmid { device: p.device, model: p.model, certificate: p.certificate };
    let mut installation = Installation::new(hub, esme, gsme, ppmids.into_iter().map(ppmid).collect());
    installation.hub_key = hub_key;
    Ok(installation)
}
