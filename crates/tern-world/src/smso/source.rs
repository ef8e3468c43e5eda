//! Where an export's records come from: memory, or the SMSO's two files, one installation at a time.
//!
//! What is read of the key file is wiped when it was used; nothing but the installation in hand is kept.

use std::fs::File;
use std::io::Read;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::records::{INSTALLATIONS_FILE, KEYS_FILE};
use super::{InstallationRecord, KeyRecord, Records};
use crate::WorldError;

/// What is done with one installation's records.
pub type Visit<'a> = dyn FnMut(&InstallationRecord, &KeyRecord) -> Result<(), WorldError> + 'a;

/// Records that can be gone through, as often as is needed.
pub trait Source {
    /// Hands each installation with its keys to `visit`, in the order of the records.
    ///
    /// # Errors
    /// The records cannot be read, or what `visit` fails with.
    fn each(&self, visit: &mut Visit<'_>) -> Result<(), WorldError>;
}

impl Source for Records {
    fn each(&self, visit: &mut Visit<'_>) -> Result<(), WorldError> {
        self.installations.iter().zip(&self.keys).try_for_each(|(record, keys)| visit(record, keys))
    }
}

/// The files of a folder that [`Records::write`] wrote, and which of their installations are wanted.
pub struct RecordFiles<'a> {
    /// The folder.
    pub dir: &'a Path,
    /// Which.
    pub wanted: &'a dyn Fn(&InstallationRecord) -> bool,
}

impl Source for RecordFiles<'_> {
    fn each(&self, visit: &mut Visit<'_>) -> Result<(), WorldError> {
        let mut installations =
            Lines::<InstallationRecord>::open(self.dir.join(INSTALLATIONS_FILE), ToString::to_string)?;
        let mut keys = Lines::<KeyRecord>::open(self.dir.join(KEYS_FILE), unquoted)?;
        loop {
            match (installations.next()?, keys.next()?) {
                (None, None) => return Ok(()),
                (Some(record), Some(key)) if record.chf_identifier == key.chf_identifier => {
                    if (self.wanted)(&record) {
                        visit(&record, &key)?;
                    }
                }
                _ => {
                    let reason = format!("expected the keys of the installation of {INSTALLATIONS_FILE} here");
                    return Err(WorldError::malformed(&keys.path, keys.number, reason));
                }
            }
        }
    }
}

/// A JSON array with one record a line.
struct Lines<T> {
    path: PathBuf,
    file: File,
    /// Never longer than what it was made for, so that nothing of it is left behind elsewhere.
    buffer: Zeroizing<Vec<u8>>,
    /// What of the buffer was read and not used yet.
    unread: Range<usize>,
    number: usize,
    /// What is told of a line that is no record.
    told: fn(&serde_json::Error) -> String,
    record: PhantomData<T>,
}

/// Where, and nothing of what stands there: it may be a key.
fn unquoted(error: &serde_json::Error) -> String {
    format!("column {}", error.column())
}

impl<T: DeserializeOwned> Lines<T> {
    const LINE_BYTES_MAX: usize = 256 << 10;

    fn open(path: PathBuf, told: fn(&serde_json::Error) -> String) -> Result<Lines<T>, WorldError> {
        let file = File::open(&path).map_err(WorldError::io(&path))?;
        let buffer = Zeroizing::new(vec![0; Self::LINE_BYTES_MAX]);
        Ok(Lines { path, file, buffer, unread: 0..0, number: 0, told, record: PhantomData })
    }

    fn next(&mut self) -> Result<Option<T>, WorldError> {
        while let Some(line) = self.line()? {
            let line = self.buffer[line].trim_ascii();
            let line = line.strip_suffix(b",").unwrap_or(line);
            if !matches!(line, b"" | b"[" | b"]" | b"[]") {
                let malformed = |error: serde_json::Error| {
                    let reason = format!("expected one installation a line: {}", (self.told)(&error));
                    WorldError::malformed(&self.path, self.number, reason)
                };
                return serde_json::from_slice(line).map(Some).map_err(malformed);
            }
        }
        Ok(None)
    }

    fn line(&mut self) -> Result<Option<Range<usize>>, WorldError> {
        loop {
            let unread = self.unread.clone();
            if let Some(length) = self.buffer[unread.clone()].iter().position(|b| *b == b'\n') {
                self.unread.start += length + 1;
                self.number += 1;
                return Ok(Some(unread.start..unread.start + length));
            }
            self.buffer.copy_within(unread.clone(), 0);
            self.unread = 0..unread.len();
            if self.unread.len() == self.buffer.len() {
                let reason = format!("expected lines of at most {} bytes", Self::LINE_BYTES_MAX);
                return Err(WorldError::malformed(&self.path, self.number + 1, reason));
            }
            let read = self.file.read(&mut self.buffer[self.unread.end..]).map_err(WorldError::io(&self.path))?;
            if read == 0 {
                let last = std::mem::replace(&mut self.unread, 0..0);
                self.number += 1;
                return Ok((!last.is_empty()).then_some(last));
            }
            self.unread.end += read;
        }
    }
}
