//! Numbers reserved in a file, for tools that keep no other record.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Block, InvocationError, Reserve};

/// A file that says the first number not yet reserved, as decimal digits and a line feed.
///
/// It is replaced whole: written beside, synced, renamed, and its folder synced before a block is handed out. One process at a
/// time may hold it; a second one is refused. A file that is there and cannot be read is an error and never a fresh start.
#[derive(Debug)]
pub struct FileReserve {
    path: PathBuf,
    next: u64,
    _lock: File,
}

impl FileReserve {
    /// Opens the file, or takes `first` as the first number where there is none yet.
    ///
    /// # Errors
    /// [`InvocationError::Reserve`]: held by another process, not readable, or not a number.
    pub fn open(path: &Path, first: u32) -> Result<FileReserve, InvocationError> {
        let lock = OpenOptions::new().create(true).append(true).open(beside(path, "lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(io::Error::other("held by another process").into()),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let next = match fs::read_to_string(path) {
            Ok(text) => read(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => u64::from(first),
            Err(error) => return Err(error.into()),
        };
        Ok(FileReserve { path: path.to_owned(), next, _lock: lock })
    }
}

impl Reserve for FileReserve {
    fn reserve(&mut self, count: u32) -> Result<Block, InvocationError> {
        let block = Block::from(self.next, count)?;
        // Were this to fail after the rename, the numbers would be lost and not used: that is the safe side.
        self.next = block.end();
        replace(&self.path, &format!("{}\n", block.end()))?;
        Ok(block)
    }
}

fn read(text: &str) -> io::Result<u64> {
    let number = text.strip_suffix('\n').and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the file of invocation counters holds no number"))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let fresh = beside(path, "new");
    let mut file = File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    PathBuf::from(name)
}
