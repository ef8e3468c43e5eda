//! The files beside a store: what came in or is to go out and is too large for a row.
//!
//! They stand in the folder `<store>.files`, which its owner alone may read, each under the SHA-256 of its bytes. A file is
//! written as a [`Draft`], made durable, and then takes its name: whoever reads a name sees the whole file or none. No file
//! may ever be altered under its name. What no message refers to goes when the store is opened for writing again.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use tern_model::Digest;

use crate::fault::StoreFault;

/// Drafts are told from files that have their name by this ending.
const DRAFT: &str = "draft";
/// What is copied at once.
const COPIED_BYTES: usize = 64 << 10;

/// The folder of one store's files.
#[derive(Debug)]
pub(crate) struct Spool {
    dir: PathBuf,
    drafts: u64,
}

/// A file that has no name yet: it goes with this value, unless the store keeps it.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
}

impl Draft {
    /// Where it stands: empty when it is made, and its owner's alone.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fills it with what is read, at most `most` bytes of it, and gives the SHA-256 of that and how many bytes it is.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn copy_from(&self, from: &mut dyn Read, most: u64) -> std::io::Result<(Digest, u64)> {
        let mut to = OpenOptions::new().write(true).truncate(true).open(&self.path)?;
        let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        let mut from = from.take(most);
        let mut buffer = vec![0; COPIED_BYTES];
        let mut length = 0;
        loop {
            let read = from.read(&mut buffer)?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            hash.update(bytes);
            to.write_all(bytes)?;
            length += bytes.len() as u64;
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(hash.finish().as_ref());
        Ok((Digest(digest), length))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // One that was kept is no longer there; one that cannot be removed goes when the store is opened again.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Spool {
    /// The files of a store; nothing is made or looked at.
    pub(crate) fn beside(store: &Path) -> Spool {
        let mut name = store.as_os_str().to_owned();
        name.push(".files");
        Spool { dir: PathBuf::from(name), drafts: 0 }
    }

    /// A new draft. The folder is made where there is none.
    pub(crate) fn draft(&mut self) -> Result<Draft, StoreFault> {
        self.make_folder()?;
        self.drafts += 1;
        let path = self.dir.join(format!("{}.{DRAFT}", self.drafts));
        owners_own(OpenOptions::new().write(true).create(true).truncate(true))
            .open(&path)
            .map_err(|e| fault(&path, "create", &e))?;
        Ok(Draft { path })
    }

    /// Makes a draft durable under the digest of its bytes, and says how many they are. One that is there already stays as it
    /// is.
    pub(crate) fn keep(&self, draft: &Draft, digest: Digest) -> Result<u64, StoreFault> {
        let path = self.path(digest);
        let durable = || {
            let file = File::open(&draft.path)?;
            let length = file.metadata()?.len();
            if std::fs::metadata(&path).is_ok_and(|held| held.len() == length) {
                return Ok(length);
            }
            restrict(&draft.path)?;
            file.sync_all()?;
            std::fs::rename(&draft.path, &path)?;
            File::open(&self.dir)?.sync_all()?;
            Ok(length)
        };
        durable().map_err(|e: std::io::Error| fault(&path, "make durable", &e))
    }

    /// Where a file stands, or would.
    pub(crate) fn path(&self, digest: Digest) -> PathBuf {
        self.dir.join(digest.to_string())
    }

    /// Where a file stands that a message refers to.
    pub(crate) fn find(&self, digest: Digest) -> Result<PathBuf, StoreFault> {
        let path = self.path(digest);
        if path.is_file() {
            return Ok(path);
        }
        Err(StoreFault::Damaged { path, reason: "a file that a message refers to is gone".to_owned() })
    }

    /// Removes drafts that were left behind, and every file that `is_needed` denies.
    pub(crate) fn sweep(
        &self,
        mut is_needed: impl FnMut(Digest) -> Result<bool, StoreFault>,
    ) -> Result<(), StoreFault> {
        let entries = match std::fs::read_dir(&self.dir) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(|e| fault(&self.dir, "list", &e))?,
        };
        for entry in entries {
            let path = entry.map_err(|e| fault(&self.dir, "list", &e))?.path();
            let digest = path.file_name().and_then(|name| name.to_str()?.parse::<Digest>().ok());
            let goes = match digest {
                Some(digest) => !is_needed(digest)?,
                None => path.file_name().is_some_and(|name| is_draft(&name.to_string_lossy())),
            };
            if goes {
                std::fs::remove_file(&path).map_err(|e| fault(&path, "remove", &e))?;
            }
        }
        Ok(())
    }

    fn make_folder(&self) -> Result<(), StoreFault> {
        if self.dir.is_dir() {
            return Ok(());
        }
        let made = owners_own_folder().create(&self.dir).and_then(|()| match self.dir.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
            _ => Ok(()),
        });
        made.map_err(|e| fault(&self.dir, "create", &e))
    }
}

/// Whoever writes a draft may write another file beside it first.
fn is_draft(name: &str) -> bool {
    name.split('.').any(|part| part == DRAFT)
}

fn fault(path: &Path, doing: &'static str, e: &std::io::Error) -> StoreFault {
    StoreFault::Io { path: path.to_owned(), doing, reason: e.to_string() }
}

/// Whoever wrote the draft may have put another file in its place.
#[cfg(unix)]
fn restrict(path: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn owners_own(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn owners_own(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

fn owners_own_folder() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "permissions are set on Unix alone"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}
