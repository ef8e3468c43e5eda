//! The two passes.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tern_model::{ChfIdentifier, Digest, Place};

use super::repeats::{repeated, uses};
use super::{Entries, Entry, Repeat, StreamFault};
use crate::migration::{SignedFile, open};
use crate::smki::Trust;
use crate::xml::Limits;
use crate::{Sender, Verified};

/// A signed file as a private copy on disk, verified: form, limits, signature, sender, schema of every entry, header against
/// name. Holds 8 bytes for each entry.
///
/// The copy must be private: nobody else may write to it while the value lives. What is read in the second pass is held
/// against the first all the same.
#[derive(Debug)]
pub struct SignedStream<T> {
    copy: PathBuf,
    verified: Verified<T>,
    head: T,
    keys: Vec<ChfIdentifier>,
    repeats: Vec<Repeat>,
}

impl<T: SignedFile + Entries> SignedStream<T> {
    /// The first pass over `copy`, a file that was received under the name `name`; refuses what [`open`] refuses. `at` is the
    /// moment at which certificates are judged.
    ///
    /// # Errors
    /// [`StreamFault::Refused`] with the faults that [`open`] would tell, or [`StreamFault::Io`].
    pub fn verify(
        name: &str,
        copy: &Path,
        trust: &Trust,
        at: Timestamp,
        limits: &Limits,
    ) -> Result<SignedStream<T>, StreamFault> {
        let bytes = std::fs::read(copy)?;
        let verified = open::<T>(name, &bytes, trust, at, limits).map_err(StreamFault::Refused)?;
        let entries = verified.entries();
        let keys = entries.iter().map(Entry::chf).collect();
        let mut used = Vec::new();
        uses(0, entries, |use_| used.push(use_));
        let head = verified.with_entries(Vec::new());
        Ok(SignedStream { copy: copy.to_owned(), head, keys, repeats: repeated(used), verified })
    }

    /// The message with no entries.
    pub fn head(&self) -> &T {
        &self.head
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        self.verified.document().name()
    }

    /// Who signed it.
    pub fn sender(&self) -> &Sender {
        self.verified.document().sender()
    }

    /// SHA-256 of the whole file's bytes.
    pub fn digest(&self) -> Digest {
        self.verified.document().digest()
    }

    /// Where the bytes are.
    pub fn copy(&self) -> &Path {
        &self.copy
    }

    /// The CHFIdentifier of each entry, in the file's order.
    pub fn keys(&self) -> &[ChfIdentifier] {
        &self.keys
    }

    /// Every use of each CHFIdentifier and (Common File) Device ID that the file uses more than once: by id, then by entry.
    pub fn repeats(&self) -> &[Repeat] {
        &self.repeats
    }

    /// The place of an element outside the entries: `place_in_root("MigrationHeader/FileCounter")`.
    pub fn place_in_root(&self, path: &str) -> Place {
        self.verified.place_in_root(path)
    }

    /// The place of an element of an entry, from 0 in the file, as [`Verified::place`] tells it. Reads the file up to that entry:
    /// for the few findings that are not about the run of entries in hand.
    ///
    /// # Errors
    /// [`StreamFault::Io`], [`StreamFault::Altered`].
    pub fn place_of_entry(&self, entry: usize, path: &str) -> Result<Place, StreamFault> {
        Ok(self.verified.place(entry, path))
    }

    /// The second pass: runs of `entries_per_part` entries each, at least one; the last has what is left.
    ///
    /// # Errors
    /// [`StreamFault::Io`].
    pub fn parts(&self, entries_per_part: usize) -> Result<Parts<'_, T>, StreamFault> {
        Ok(Parts { stream: self, entries_per_part: entries_per_part.max(1), first: 0 })
    }
}

/// A second pass that has come so far.
pub struct Parts<'a, T> {
    stream: &'a SignedStream<T>,
    entries_per_part: usize,
    first: usize,
}

impl<T: SignedFile + Entries> Parts<'_, T> {
    /// The next run of entries; none after the last, and then the whole file was what the first pass had verified. Until then
    /// nothing that was handed out may take effect.
    ///
    /// # Errors
    /// [`StreamFault::Io`], [`StreamFault::Altered`].
    pub fn next_part(&mut self) -> Result<Option<Verified<T>>, StreamFault> {
        let whole = &self.stream.verified;
        let to = whole.entries().len().min(self.first + self.entries_per_part);
        if self.first == to {
            return Ok(None);
        }
        let entries = whole.entries()[self.first..to].to_vec();
        let part = whole.part(self.first, to, whole.with_entries(entries));
        self.first = to;
        Ok(Some(part))
    }
}
