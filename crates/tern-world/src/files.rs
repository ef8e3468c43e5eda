//! Writing files whole, and keeping those with keys to their owner.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::WorldError;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Whoever the umask lets.
    Anyone,
    /// Its owner alone: mode 0600, for files that hold keys.
    Owner,
}

impl Readers {
    pub(crate) fn mode(self) -> u32 {
        match self {
            Readers::Anyone => 0o666,
            Readers::Owner => 0o600,
        }
    }
}

/// Writes a file beside its place and renames it, so that a reader sees the old file or the new one, never a part.
///
/// # Errors
/// The file system refuses.
pub fn write(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), WorldError> {
    write_by(path, readers, |file| file.write_all(bytes))
}

/// As [`write`], of bytes that come bit by bit.
pub(crate) fn write_by(
    path: &Path,
    readers: Readers,
    give: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), WorldError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(WorldError::io(parent))?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    if let Err(error) = fs::remove_file(&part)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(WorldError::io(&part)(error));
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(readers.mode())
        .open(&part)
        .map_err(WorldError::io(&part))?;
    give(&mut file).map_err(WorldError::io(&part))?;
    fs::rename(&part, path).map_err(WorldError::io(path))
}

/// Reads a file that need not be there.
///
/// # Errors
/// The file is there and cannot be read.
pub fn read_optional(path: &Path) -> Result<Option<Vec<u8>>, WorldError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(WorldError::io(path)(error)),
    }
}
