//! What an SMSO keeps: public data of each installation in one file, keys in another that only its owner can read.
//!
//! Both are JSON arrays with one installation a line. Keys are kept as the SMSO typed them in: whether they are keys is not
//! for the SMSO's database to say.

use std::fmt;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, DeviceId, DeviceModel, GroupId, HanType, MeterState, Mpxn};
use zeroize::Zeroize;

use crate::WorldError;
use crate::files::{self, Readers};

pub(super) const INSTALLATIONS_FILE: &str = "installations.json";
pub(super) const KEYS_FILE: &str = "keys.json";

/// A meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeterRecord {
    /// Its Device ID.
    pub device_id: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// Whether its Responsible Supplier has smart services for it.
    pub state: MeterState,
    /// MPAN or MPRN.
    pub mpxn: Mpxn,
}

/// A gas meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GasMeterRecord {
    /// What every meter has.
    pub meter: MeterRecord,
    /// How it talks to the GPF.
    pub han_type: HanType,
}

/// A prepayment interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PpmidRecord {
    /// Its Device ID.
    pub device_id: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
}

/// Public data of one installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstallationRecord {
    /// The hub's Device ID.
    pub chf_identifier: ChfIdentifier,
    /// The group of its devices.
    pub group_id: GroupId,
    /// Of the hub's SIM.
    pub communications_provider: String,
    /// The hub's model and firmware.
    pub chf: DeviceModel,
    /// The Gas Proxy Function's Device ID.
    pub gpf: DeviceId,
    /// The electricity meter.
    pub esme: MeterRecord,
    /// The gas meter, where there is one.
    pub gsme: Option<GasMeterRecord>,
    /// Prepayment interfaces.
    pub ppmids: Vec<PpmidRecord>,
    /// In-home displays.
    pub ihds: Vec<DeviceId>,
    /// Of the hub's SIM; as the SMSO has it.
    pub imsi: String,
    /// The Access Point Name in use with the SMSO.
    pub previous_apn: String,
    /// The hub's device certificate, where it has one (FOC): DER in hexadecimal.
    #[serde(default)]
    pub device_certificate: Option<String>,
    /// The names that the ESME's maker gave to the associations open to the DCC (B1).
    pub application_associations: Vec<String>,
}

/// A key as the SMSO typed it in: 32 hexadecimal digits, unless it made a mistake. Never shown; wiped when dropped.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyText(String);

impl KeyText {
    /// Takes the text in.
    #[must_use]
    pub fn new(text: String) -> KeyText {
        KeyText(text)
    }

    /// The text, to be encrypted.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for KeyText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(…)")
    }
}

/// The ESME's association keys and prepayment key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EsmeKeys {
    /// The ESME.
    pub device_id: DeviceId,
    /// AuthenticationKey.
    pub authentication_key: KeyText,
    /// EncryptionKey.
    pub encryption_key: KeyText,
    /// PrepaymentKey.
    pub prepayment_key: KeyText,
}

/// The GSME's prepayment key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GsmeKeys {
    /// The GSME.
    pub device_id: DeviceId,
    /// PrepaymentKey.
    pub prepayment_key: KeyText,
}

/// A master key, with the installation that the SMSO takes it to belong to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterKeyRecord {
    /// The installation.
    pub chf_identifier: ChfIdentifier,
    /// The ESME.
    pub device_id: DeviceId,
    /// The key.
    pub master_key: KeyText,
}

/// The keys that stand at one installation's entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// The entry.
    pub chf_identifier: ChfIdentifier,
    /// The ESME's.
    pub esme: EsmeKeys,
    /// The GSME's, where there is one.
    pub gsme: Option<GsmeKeys>,
    /// The master key's record. It names an installation of its own, and an SMSO can have put another's here.
    pub master: MasterKeyRecord,
}

impl KeyRecord {
    /// Every key of the record as text: for whoever looks where keys stand that must not.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let esme = [&self.esme.authentication_key, &self.esme.encryption_key, &self.esme.prepayment_key];
        let gsme = self.gsme.iter().map(|g| &g.prepayment_key);
        esme.into_iter().chain(gsme).chain([&self.master.master_key]).map(KeyText::expose)
    }
}

/// All records of one SMSO; both lists in the same order.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// Public data.
    pub installations: Vec<InstallationRecord>,
    /// Keys.
    pub keys: Vec<KeyRecord>,
}

impl Records {
    /// Writes both files into a directory.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn write(&self, dir: &Path) -> Result<(), WorldError> {
        write_lines(&dir.join(INSTALLATIONS_FILE), &self.installations, Readers::Anyone)?;
        write_lines(&dir.join(KEYS_FILE), &self.keys, Readers::Owner)
    }

    /// Reads both files of a directory.
    ///
    /// # Errors
    /// A file cannot be read, is not what [`Records::write`] writes, or the two do not name the same installations.
    pub fn read(dir: &Path) -> Result<Records, WorldError> {
        let keys_path = dir.join(KEYS_FILE);
        let records =
            Records { installations: read_lines(&dir.join(INSTALLATIONS_FILE))?, keys: read_lines(&keys_path)? };
        let named = records.installations.iter().map(|record| record.chf_identifier);
        let keyed = records.keys.iter().map(|record| record.chf_identifier);
        if named.eq(keyed) {
            Ok(records)
        } else {
            let reason = format!("expected keys for the installations of {INSTALLATIONS_FILE}, in the same order");
            Err(WorldError::malformed(&keys_path, 0, reason))
        }
    }
}

/// The public data alone.
pub(super) fn read_installations(dir: &Path) -> Result<Vec<InstallationRecord>, WorldError> {
    read_lines(&dir.join(INSTALLATIONS_FILE))
}

/// Writes the public data anew; the keys stay as they are.
pub(super) fn rewrite_installations(dir: &Path, records: &[InstallationRecord]) -> Result<(), WorldError> {
    write_lines(&dir.join(INSTALLATIONS_FILE), records, Readers::Anyone)
}

fn write_lines<T: Serialize>(path: &Path, records: &[T], readers: Readers) -> Result<(), WorldError> {
    let mut out = b"[\n".to_vec();
    for (at, record) in records.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"" } else { b",\n" });
        serde_json::to_writer(&mut out, record)
            .map_err(|error| WorldError::malformed(path, at + 2, error.to_string()))?;
    }
    out.extend_from_slice(b"\n]\n");
    let result = files::write(path, &out, readers);
    out.zeroize();
    result
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, WorldError> {
    let mut bytes = std::fs::read(path).map_err(WorldError::io(path))?;
    let records =
        serde_json::from_slice(&bytes).map_err(|error| WorldError::malformed(path, error.line(), error.to_string()));
    bytes.zeroize();
    records
}
