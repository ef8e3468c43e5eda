//! The devices' effect log: what was applied, in order. It is the evidence that no effect happened twice, and the way
//! back to the devices' state after a crash.
//!
//! It never holds a key in the clear: a new key stands in it as it came, wrapped under the master key in force.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, ChfIdentifier, DeviceId, Digest, Secret};
use tern_wire::device_link::AssociationKeys;

use crate::files::Readers;
use crate::{WorldError, files};

/// The first eight hexadecimal digits of SHA-256 over a key: tells keys apart without showing them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// Of the association's keys: over AuthenticationKey followed by EncryptionKey.
    #[must_use]
    pub fn of_association(keys: &AssociationKeys) -> Fingerprint {
        Fingerprint::over(&[keys.authentication.expose(), keys.encryption.expose()])
    }

    /// Of one key.
    #[must_use]
    pub fn of_key(key: &Secret<16>) -> Fingerprint {
        Fingerprint::over(&[key.expose()])
    }

    fn over(parts: &[&[u8]]) -> Fingerprint {
        let text = digest(parts).to_string();
        Fingerprint(text[..8].to_owned())
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// SHA-256 over parts, one after the other.
pub(super) fn digest(parts: &[&[u8]]) -> Digest {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Digest(out)
}

/// What an effect changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Change {
    /// The hub's Access Point Name.
    Apn {
        /// Until then.
        from: String,
        /// From then on.
        to: String,
    },
    /// The certificate in charge of a device.
    Certificate {
        /// CHF, ESME or GSME.
        device: DeviceId,
        /// Until then.
        from: CertificateId,
        /// From then on.
        to: CertificateId,
    },
    /// The CHF Whitelist.
    Whitelist {
        /// Until then.
        from: Vec<DeviceId>,
        /// From then on.
        to: Vec<DeviceId>,
    },
    /// The keys of the ESME's association.
    AssociationKeys {
        /// Until then.
        from: Fingerprint,
        /// From then on.
        to: Fingerprint,
        /// The new AuthenticationKey as it came: wrapped, in hexadecimal.
        authentication: String,
        /// The new EncryptionKey as it came: wrapped, in hexadecimal.
        encryption: String,
    },
    /// The ESME's master key.
    MasterKey {
        /// Until then.
        from: Fingerprint,
        /// From then on.
        to: Fingerprint,
        /// The new key as it came: wrapped under the one before, in hexadecimal.
        master: String,
    },
}

/// An effect that a device applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectRecord {
    /// The installation.
    pub chf: ChfIdentifier,
    /// The effect's key as it was asked for.
    pub key: String,
    /// The row's kind, for example `set-apn`.
    pub row: String,
    /// Over what was asked for, so that a key that comes again for something else is told.
    pub content: Digest,
    /// What changed.
    pub change: Change,
}

/// A scripted fault that struck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRecord {
    /// The installation.
    pub chf: ChfIdentifier,
    /// The key of the call that it struck.
    pub key: String,
    /// The fault's name in the script.
    pub fault: String,
    /// The script's row, as written there.
    pub row: String,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum LogRecord {
    /// See [`EffectRecord`].
    Effect(EffectRecord),
    /// See [`FaultRecord`].
    Fault(FaultRecord),
}

/// Reads a log as far as its last whole line; a log that is not there is empty. Safe while a world writes.
///
/// # Errors
/// The file cannot be read, or a whole line is no record.
pub fn read_log(path: &Path) -> Result<Vec<LogRecord>, WorldError> {
    read_whole_lines(path).map(|(records, _)| records)
}

fn read_whole_lines(path: &Path) -> Result<(Vec<LogRecord>, u64), WorldError> {
    let bytes = files::read_optional(path)?.unwrap_or_default();
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let mut records = Vec::new();
    for (at, line) in bytes[..whole].split(|b| *b == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        let record = serde_json::from_slice(line)
            .map_err(|error| WorldError::malformed(path, at + 1, format!("no record of the effect log: {error}")))?;
        records.push(record);
    }
    Ok((records, whole as u64))
}

/// The log, open for one writer.
#[derive(Debug)]
pub struct EffectLog {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

impl EffectLog {
    /// Opens a log and gives what it holds. A last line that a crash cut short is dropped: its answer never went out.
    pub(super) fn open(path: &Path) -> Result<(EffectLog, Vec<LogRecord>), WorldError> {
        let (records, whole) = read_whole_lines(path)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(Readers::Owner.mode())
            .open(path)
            .map_err(WorldError::io(path))?;
        file.set_len(whole).map_err(WorldError::io(path))?;
        file.seek(SeekFrom::End(0)).map_err(WorldError::io(path))?;
        Ok((EffectLog { path: path.to_owned(), file: Mutex::new(Some(file)) }, records))
    }

    /// Appends a record and hands it to the operating system.
    ///
    /// A log that once refused a record takes no other, so that a half-written line stays the last.
    pub(super) fn append(&self, record: &LogRecord) -> Result<(), WorldError> {
        let mut line = serde_json::to_vec(record)
            .map_err(|error| WorldError::malformed(&self.path, 0, format!("cannot be written: {error}")))?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = file.as_mut() else {
            return Err(WorldError::malformed(&self.path, 0, "refused a record before and is closed"));
        };
        open.write_all(&line).map_err(|error| {
            *file = None;
            WorldError::io(&self.path)(error)
        })
    }
}
