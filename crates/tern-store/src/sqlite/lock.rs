//! The files of a store: made for their owner alone, and locked so that one process writes at a time.
//!
//! The lock is the operating system's, on `<store>.lock`, and ends with the process that holds it, however that ends. It
//! must never be the only guard: a lock file can be deleted, and not every network file system honours locks. The lease
//! inside the store is the other one.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::fault::StoreFault;

/// The exclusive right of this process to write one store, for as long as this value lives.
#[derive(Debug)]
pub(super) struct StoreLock {
    file: File,
}

impl Drop for StoreLock {
    /// Gives the lock back at once: a program that another thread starts may have the same open file for a moment.
    fn drop(&mut self) {
        // Where that fails, the lock ends with the last who has the file open.
        let _ = self.file.unlock();
    }
}

impl StoreLock {
    /// Takes the lock of a store without waiting, and notes this process in it.
    pub(super) fn take(store: &Path) -> Result<StoreLock, StoreFault> {
        let path = lock_path(store);
        let fault = |doing, e: std::io::Error| io_fault(&path, doing, &e);
        let mut file = private().create(true).truncate(false).open(&path).map_err(|e| fault("open", e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreFault::InUse { path: store.to_owned(), process: holder(&mut file) });
            }
            Err(TryLockError::Error(e)) => return Err(fault("lock", e)),
        }
        file.set_len(0).map_err(|e| fault("write", e))?;
        file.rewind().map_err(|e| fault("write", e))?;
        writeln!(file, "{}", std::process::id()).map_err(|e| fault("write", e))?;
        Ok(StoreLock { file })
    }
}

/// The store's path without links in it, so that one store has one lock whatever way leads to it.
pub(super) fn real_path(path: &Path) -> Result<PathBuf, StoreFault> {
    let fault = |e| io_fault(path, "find", &e);
    if path.try_exists().map_err(fault)? {
        return path.canonicalize().map_err(fault);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or_else(|| fault(std::io::ErrorKind::InvalidInput.into()))?;
    Ok(folder.canonicalize().map_err(fault)?.join(name))
}

/// Makes sure that the store's file exists, durably, and that only its owner can read it.
///
/// A file that exists is not opened here: closing it would take away the locks of SQLite connections that this process
/// has on the same file (POSIX locks belong to the process, not to the descriptor).
pub(super) fn prepare_file(path: &Path) -> Result<(), StoreFault> {
    match private().create_new(true).open(path) {
        Ok(_) => {
            let folder = path.parent().unwrap_or(path);
            sync_folder(folder).map_err(|e| io_fault(folder, "make durable", &e))
        }
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            restrict(path).map_err(|e| io_fault(path, "restrict to its owner", &e))
        }
        Err(e) => Err(io_fault(path, "create", &e)),
    }
}

fn lock_path(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn io_fault(path: &Path, doing: &'static str, e: &std::io::Error) -> StoreFault {
    StoreFault::Io { path: path.to_owned(), doing, reason: e.to_string() }
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options
}

#[cfg(unix)]
fn restrict(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_ends_with_its_holder_even_while_somebody_else_has_its_file_open() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = folder.path().join("store.sqlite");
        let lock = StoreLock::take(&store).expect("the lock");
        let inherited = lock.file.try_clone().expect("the same open file");
        assert!(matches!(StoreLock::take(&store), Err(StoreFault::InUse { .. })));
        drop(lock);
        drop(StoreLock::take(&store).expect("the lock again"));
        drop(inherited);
    }
}
