//! Files and folders with the permissions that they need, each written beside its place and renamed into it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tern_model::SecretBytes;

use super::PkiError;

/// Whom a file or a folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Its owner alone: 0600, 0700.
    Owner,
    /// Everybody may read: 0644, 0755.
    Everybody,
}

/// Permission bits of anybody but the owner.
const NOT_OWNER: u32 = 0o077;

pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> PkiError + '_ {
    |source| match source.kind() {
        ErrorKind::NotFound => PkiError::Missing { path: path.to_owned() },
        _ => PkiError::Io { path: path.to_owned(), source },
    }
}

/// Makes a folder, and those above it where they are missing.
pub(crate) fn make_dir(path: &Path, access: Access) -> Result<(), PkiError> {
    let mode = match access {
        Access::Owner => 0o700,
        Access::Everybody => 0o755,
    };
    DirBuilder::new().recursive(true).mode(mode).create(path).map_err(io(path))
}

/// Writes a file whole: the place holds what it held before, or all of `content`.
pub(crate) fn write(path: &Path, content: &[u8], access: Access) -> Result<(), PkiError> {
    let mode = match access {
        Access::Owner => 0o600,
        Access::Everybody => 0o644,
    };
    let beside = beside(path);
    // What an interrupted run left there is nobody's.
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside).map_err(io(&beside))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(io(&beside))?;
    fs::rename(&beside, path).map_err(io(path))?;
    sync_parent(path)
}

/// Moves a finished folder to its place, where nothing, or an empty folder, may be.
pub(crate) fn put_dir(from: &Path, to: &Path) -> Result<(), PkiError> {
    fs::rename(from, to).map_err(|source| match source.kind() {
        ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
            PkiError::Exists { dir: to.to_owned() }
        }
        _ => PkiError::Io { path: to.to_owned(), source },
    })?;
    sync_parent(to)
}

/// A path beside another, for what is not finished yet.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

/// Reads what everybody may read.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, PkiError> {
    fs::read(path).map_err(io(path))
}

/// Reads a private key, where nobody but its owner can.
pub(crate) fn read_private(path: &Path) -> Result<SecretBytes, PkiError> {
    let mut file = File::open(path).map_err(io(path))?;
    let mode = file.metadata().map_err(io(path))?.permissions().mode() & 0o7777;
    if mode & NOT_OWNER != 0 {
        return Err(PkiError::Exposed { path: path.to_owned(), mode });
    }
    let mut content = Vec::new();
    let outcome = file.read_to_end(&mut content);
    let content = SecretBytes::new(content);
    outcome.map_err(io(path))?;
    Ok(content)
}

/// The files of a folder by name, those that are not finished left out.
pub(crate) fn list(path: &Path) -> Result<Vec<PathBuf>, PkiError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(io(path))? {
        let entry = entry.map_err(io(path))?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Holds the key infrastructure against another process that would change it, until dropped.
pub(crate) fn lock(path: &Path) -> Result<File, PkiError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(io(path))?;
    file.lock().map_err(io(path))?;
    Ok(file)
}

fn sync_parent(path: &Path) -> Result<(), PkiError> {
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent).and_then(|dir| dir.sync_all()).map_err(io(parent)),
        None => Ok(()),
    }
}
