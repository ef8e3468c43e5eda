//! Writing a signed file entry by entry.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use tern_model::Digest;

use super::Entries;
use crate::dsig::{self, SignFault};
use crate::schema::write;
use crate::smki::Signer;

/// Why a file was not written. Nothing is left at its place.
#[derive(Debug)]
pub enum WriteFault {
    /// The file system refuses.
    Io(std::io::Error),
    /// What was to be written is no document that could be verified, or the key failed.
    Sign(SignFault),
}

impl std::fmt::Display for WriteFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WriteFault::Io(error) => write!(f, "the file could not be written: {error}"),
            WriteFault::Sign(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for WriteFault {}

impl From<std::io::Error> for WriteFault {
    fn from(error: std::io::Error) -> WriteFault {
        WriteFault::Io(error)
    }
}

/// A signed file that is being written, beside its place; [`SignedWriter::finish`] puts it there, whole. Dropped before, it
/// leaves nothing. The bytes are those of writing and signing the whole message.
#[derive(Debug)]
pub struct SignedWriter<T: Entries> {
    path: PathBuf,
    head: T,
    entries: Vec<T::Entry>,
}

impl<T: Entries> SignedWriter<T> {
    /// Begins with everything that stands before the entries; entries that `head` holds are left out.
    ///
    /// # Errors
    /// [`WriteFault::Io`]: the file cannot be made.
    pub fn begin(path: &Path, head: &T) -> Result<SignedWriter<T>, WriteFault> {
        Ok(SignedWriter { path: path.to_owned(), head: head.with_entries(Vec::new()), entries: Vec::new() })
    }

    /// Writes one entry.
    ///
    /// # Errors
    /// [`WriteFault`].
    pub fn push(&mut self, entry: &T::Entry) -> Result<(), WriteFault> {
        self.entries.push(entry.clone());
        Ok(())
    }

    /// How many entries were written.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// Signs, makes the file durable and puts it at its place, over whatever was there; answers SHA-256 of its bytes.
    ///
    /// # Errors
    /// [`WriteFault`].
    pub fn finish(self, signer: &Signer) -> Result<Digest, WriteFault> {
        let message = self.head.with_entries(self.entries);
        let text = dsig::sign(&write(&message), signer).map_err(WriteFault::Sign)?;
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let beside = self.path.with_file_name(name);
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        let mut out = [0; 32];
        out.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        Ok(Digest(out))
    }
}
