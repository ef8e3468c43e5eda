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
use tern_model::{ChfIdentifier, DeviceId, Digest, PartyId};

use super::changes::Change;
use crate::files::Readers;
use crate::{WorldError, files};

/// An effect that a device applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectRecord {
    /// The installation.
    pub chf: ChfIdentifier,
    /// Names what asked for it, once: the effect's key, or the association with the client's invocation counter, or the
    /// party with its transaction.
    pub key: String,
    /// The operation, for example `set-apn`.
    pub row: String,
    /// The device that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
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

/// A signed request that a device heard, whatever came of it: the same is never heard again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionRecord {
    /// The installation.
    pub chf: ChfIdentifier,
    /// The device that it was addressed to.
    pub device: DeviceId,
    /// The party that signed it.
    pub party: PartyId,
    /// Its number, higher than every one before it that this hub heard.
    pub number: u64,
}

/// A party's certificate that a device met for the first time in this world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRecord {
    /// The certificate (DER) in hexadecimal.
    pub der: String,
}

/// A fault that was ordered while the world ran; it strikes from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmedRecord {
    /// The installation.
    pub chf: ChfIdentifier,
    /// The fault's name in a script.
    pub fault: String,
    /// Which calls it strikes, as a script writes it.
    pub row: String,
    /// How often, as a script writes it.
    pub times: String,
}

/// Devices went back to what they were at the last [`LogRecord::Baseline`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetRecord {
    /// The installation.
    pub chf: ChfIdentifier,
    /// Which of its devices.
    pub devices: Vec<DeviceId>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum LogRecord {
    /// See [`EffectRecord`].
    Effect(EffectRecord),
    /// See [`FaultRecord`].
    Fault(FaultRecord),
    /// See [`TransactionRecord`].
    Transaction(TransactionRecord),
    /// See [`CertificateRecord`].
    Certificate(CertificateRecord),
    /// See [`ArmedRecord`].
    Armed(ArmedRecord),
    /// Faults of an installation end, by their rows as a script writes them.
    Disarmed {
        /// The installation.
        chf: ChfIdentifier,
        /// The rows.
        rows: Vec<String>,
    },
    /// What every device remembers here it goes back to when it is reset.
    Baseline,
    /// See [`ResetRecord`].
    Reset(ResetRecord),
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
    pub(crate) fn append(&self, record: &LogRecord) -> Result<(), WorldError> {
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
