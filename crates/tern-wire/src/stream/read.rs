//! The two passes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use tern_model::{ChfIdentifier, Digest, Place};

use super::inflow::Most;
use super::pass::{Pass, Passed, Run, exact};
use super::repeats::{Ids, Repeats, uses};
use super::{Entries, Entry, Sizes, StreamFault, limits_of};
use crate::migration::{FileName, SignedFile, header_fits, role_fits, told};
use crate::schema::{Head, SchemaVersion, entry_element};
use crate::smki::Trust;
use crate::verified::EntryPlaces;
use crate::xml::{Frame, Limits};

use crate::{Sender, Verified, VerifiedDocument, WireFault};

/// How many entries are read at a time where nobody asks for a number.
const ENTRIES_AT_A_TIME: usize = 256;

/// A signed file as a private copy on disk, verified: form, limits, signature, sender, schema of every entry, header against
/// name. Holds 8 bytes for each entry.
///
/// The copy must be private: nobody else may write to it while the value lives. What is read in the second pass is held
/// against the first all the same.
#[derive(Debug)]
pub struct SignedStream<T> {
    copy: PathBuf,
    /// The place of the whole file.
    document: Place,
    limits: Limits,
    sizes: Sizes,
    sender: Sender,
    digest: Digest,
    version: SchemaVersion,
    canonical: [u8; 32],
    head: T,
    head_text: Head,
    head_children: usize,
    keys: Vec<ChfIdentifier>,
    repeats: Arc<Repeats>,
}

impl<T: SignedFile + Entries> SignedStream<T> {
    /// The first pass over `copy`, a file that was received under the name `name`; refuses what [`crate::migration::open`]
    /// refuses. `at` is the moment at which certificates are judged, `limits` as a rule [`Limits::STREAM`].
    ///
    /// # Errors
    /// [`StreamFault::Refused`] with the faults that [`crate::migration::open`] would tell, or [`StreamFault::Io`].
    pub fn verify(
        name: &str,
        copy: &Path,
        trust: &Trust,
        at: Timestamp,
        limits: &Limits,
    ) -> Result<SignedStream<T>, StreamFault> {
        Self::verify_by(name, copy, (trust, at), limits, Sizes::default())
    }

    /// As [`SignedStream::verify`], with so much of the file in hand at a time.
    ///
    /// # Errors
    /// As there.
    pub fn verify_by(
        name: &str,
        copy: &Path,
        (trust, at): (&Trust, Timestamp),
        limits: &Limits,
        sizes: Sizes,
    ) -> Result<SignedStream<T>, StreamFault> {
        Self::first_pass(name, copy, (trust, at), limits, sizes).map_err(|fault| match fault {
            StreamFault::Refused(faults) => StreamFault::Refused(faults.into_iter().map(told::<T>).collect()),
            fault => fault,
        })
    }

    fn first_pass(
        name: &str,
        copy: &Path,
        (trust, at): (&Trust, Timestamp),
        limits: &Limits,
        sizes: Sizes,
    ) -> Result<SignedStream<T>, StreamFault> {
        let (document, limits) = (Place::document(name), limits_of::<T>(limits));
        let mut pass = Pass::<T>::begin(&document, copy, &limits, sizes)?;
        let (mut keys, mut ids) = (Vec::new(), Ids::default());
        while let Some(run) = pass.next(Most { bytes: sizes.slice_bytes, children: usize::MAX })? {
            keys.extend(run.entries.iter().map(Entry::chf));
            run.entries.iter().for_each(|entry| uses(0, entry, |used| ids.push(used.id)));
        }
        let passed = pass.finish();
        let refused = |fault: WireFault| StreamFault::Refused(vec![fault]);
        let Passed { canonical, digest, version, head_children, .. } = passed;
        let claim = passed.watch.claim(&exact(&document, Frame::WHOLE)).map_err(refused)?;
        let sender = claim.verify(name, || canonical, trust, at).map_err(refused)?;
        let file_name = name.parse::<FileName>().ok();
        role_fits::<T>(name, &sender, file_name.as_ref()).map_err(refused)?;
        let head = passed.head.map_err(StreamFault::Refused)?;
        let head_text = passed.head_text.unwrap_or_else(|| Head::of(Arc::from(""), None));
        header_fits(name, &head, &sender, file_name.as_ref(), &head_text).map_err(StreamFault::Refused)?;
        keys.shrink_to_fit();
        let (copy, repeats) = (copy.to_owned(), Arc::default());
        let mut stream = SignedStream {
            copy,
            document,
            limits,
            sizes,
            sender,
            digest,
            version,
            canonical,
            head,
            head_text,
            head_children,
            keys,
            repeats,
        };
        stream.repeats = Arc::new(stream.uses_of(Repeats::of(ids.repeated()))?);
        Ok(stream)
    }

    /// The message with no entries.
    pub fn head(&self) -> &T {
        &self.head
    }

    /// The schema version that it follows.
    pub fn version(&self) -> SchemaVersion {
        self.version
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.document.document
    }

    /// Who signed it.
    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// SHA-256 of the whole file's bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Where the bytes are.
    pub fn copy(&self) -> &Path {
        &self.copy
    }

    /// The CHFIdentifier of each entry, in the file's order.
    pub fn keys(&self) -> &[ChfIdentifier] {
        &self.keys
    }

    /// Each CHFIdentifier and (Common File) Device ID that the file uses more than once.
    pub fn repeats(&self) -> &Arc<Repeats> {
        &self.repeats
    }

    /// The place of an element outside the entries: `place_in_root("MigrationHeader/FileCounter")`.
    pub fn place_in_root(&self, path: &str) -> Place {
        self.head_text.place::<T>(self.name(), path)
    }

    /// The place of an element of an entry, from 0 in the file, as [`Verified::place`] tells it. Reads the file up to that entry:
    /// for the few findings that are not about the run of entries in hand.
    ///
    /// # Errors
    /// [`StreamFault::Io`], [`StreamFault::Altered`].
    pub fn place_of_entry(&self, entry: usize, path: &str) -> Result<Place, StreamFault> {
        let mut parts = self.parts(ENTRIES_AT_A_TIME)?;
        while let Some(part) = parts.next_part()? {
            if let Some(at) = entry.checked_sub(part.first()).filter(|at| *at < part.entries().len()) {
                return Ok(part.place(at, path));
            }
        }
        // An entry that is not there is missing in the root.
        Ok(self.place_in_root(&format!("{}[{}]/{path}", entry_element::<T>(), entry + 1)))
    }

    /// The second pass: runs of `entries_per_part` entries each, at least one; the last has what is left.
    ///
    /// # Errors
    /// [`StreamFault::Io`], [`StreamFault::Altered`].
    pub fn parts(&self, entries_per_part: usize) -> Result<Parts<'_, T>, StreamFault> {
        let pass = Pass::begin(&self.document, &self.copy, &self.limits, self.sizes).map_err(altered)?;
        Ok(Parts { stream: self, entries_per_part: entries_per_part.max(1), pass: Some(pass), is_first: true })
    }

    /// Notes every use of these ids; reads the file where there are any.
    fn uses_of(&self, mut ids: Repeats) -> Result<Repeats, StreamFault> {
        if ids.is_empty() {
            return Ok(ids);
        }
        let mut parts = self.parts(ENTRIES_AT_A_TIME)?;
        while let Some(part) = parts.next_part()? {
            part.entries().iter().zip(part.first()..).for_each(|(entry, at)| uses(at, entry, |used| ids.note(used)));
        }
        Ok(ids.noted())
    }
}

/// What the first pass let pass is refused by the second alone where it is not the same.
fn altered(fault: StreamFault) -> StreamFault {
    match fault {
        StreamFault::Refused(_) | StreamFault::Altered => StreamFault::Altered,
        StreamFault::Io(error) => StreamFault::Io(error),
    }
}

/// A second pass that has come so far.
pub struct Parts<'a, T: Entries> {
    stream: &'a SignedStream<T>,
    entries_per_part: usize,
    /// None once it has ended.
    pass: Option<Pass<'a, T>>,
    is_first: bool,
}

impl<T: SignedFile + Entries> Parts<'_, T> {
    /// The next run of entries; none after the last, and then the whole file was what the first pass had verified. Until then
    /// nothing that was handed out may take effect.
    ///
    /// # Errors
    /// [`StreamFault::Io`], [`StreamFault::Altered`].
    pub fn next_part(&mut self) -> Result<Option<Verified<T>>, StreamFault> {
        while let Some(pass) = &mut self.pass {
            let head = if std::mem::take(&mut self.is_first) { self.stream.head_children } else { 0 };
            let most = Most { bytes: usize::MAX, children: head.saturating_add(self.entries_per_part) };
            let run = pass.next(most).map_err(altered)?;
            if !pass.is_clean() {
                return Err(StreamFault::Altered);
            }
            match run {
                Some(run) if run.entries.is_empty() => {}
                Some(run) => return Ok(Some(self.part(run))),
                None => self.end()?,
            }
        }
        Ok(None)
    }

    fn end(&mut self) -> Result<(), StreamFault> {
        let Some(pass) = self.pass.take() else { return Ok(()) };
        let Passed { canonical, digest, head, .. } = pass.finish();
        let is_same = head.is_ok() && canonical == self.stream.canonical && digest == self.stream.digest;
        if is_same { Ok(()) } else { Err(StreamFault::Altered) }
    }

    fn part(&self, run: Run<T::Entry>) -> Verified<T> {
        let Run { first, entries: read, spans, slice } = run;
        let SignedStream { sender, digest, head, head_text, .. } = self.stream;
        let frame = slice.frame;
        let text = slice.into_shared();
        let document = VerifiedDocument::from_digested((self.stream.name(), T::QUOTING), text, sender.clone(), *digest);
        let entries = EntryPlaces {
            version: self.stream.version,
            first,
            head: head_text.clone(),
            frame,
            spans: spans.into(),
            starts: OnceLock::new(),
        };
        Verified { value: head.with_entries(read), document, entries }
    }
}
