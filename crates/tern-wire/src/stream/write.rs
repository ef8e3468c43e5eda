//! Writing a signed file entry by entry.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::marker::PhantomData;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use tern_model::Digest;
use zeroize::{Zeroize, Zeroizing};

use super::{Entries, Entry, limits_of};
use crate::dsig::{self, SignFault};
use crate::schema::{Quoting, SchemaVersion, write_in};
use crate::smki::Signer;
use crate::xml::exact::{DS, is};
use crate::xml::{self, Canonicaliser, Events, Form, Limits, Sha256Sink, root_tag, walk};

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

/// As much text is gathered before it is checked, digested and written.
const GATHERED_BYTES: usize = 64 << 10;

/// What is written must be readable as a stream; one gathered text is a small document.
const LIMITS: Limits =
    Limits { max_bytes: Limits::DEFAULT.max_bytes, max_nodes: Limits::DEFAULT.max_nodes, ..Limits::STREAM };

/// A signed file that is being written, beside its place; [`SignedWriter::finish`] puts it there, whole. Dropped before, it
/// leaves nothing. A message with keys goes into a file that its owner alone can read. Memory does not grow with the file. The bytes are those of writing and signing the whole message.
pub struct SignedWriter<T> {
    path: PathBuf,
    draft: Draft,
    canonical: Canonicaliser<Sha256Sink>,
    digest: digest::Context,
    root_tag: String,
    end_tag: String,
    /// Wiped when dropped, and never moved by growing where there are keys in it.
    gathered: Zeroizing<String>,
    entries: usize,
    message: PhantomData<T>,
}

impl<T: Entries> SignedWriter<T> {
    /// Begins, by the newest schema version, with everything that stands before the entries; entries that `head` holds are left out.
    ///
    /// # Errors
    /// [`WriteFault`]: the file cannot be made, or the header cannot be XML.
    pub fn begin(path: &Path, head: &T) -> Result<SignedWriter<T>, WriteFault> {
        Self::begin_in(SchemaVersion::default(), path, head)
    }

    /// As [`SignedWriter::begin`], by a schema version; what the version does not have must not be in head or entries.
    ///
    /// # Errors
    /// As there.
    pub fn begin_in(version: SchemaVersion, path: &Path, head: &T) -> Result<SignedWriter<T>, WriteFault> {
        let mut text = write_in(version, &head.with_entries(Vec::new()));
        let end_tag = format!("</{}>", T::MESSAGE.root);
        text.truncate(text.len() - end_tag.len());
        if T::QUOTING == Quoting::Hidden {
            text.reserve_exact(GATHERED_BYTES + T::Entry::BYTES_MAX);
        }
        let mut writer = SignedWriter {
            path: path.to_owned(),
            draft: Draft::beside(path, T::QUOTING)?,
            canonical: Canonicaliser::new(Form::Inclusive, Sha256Sink::new()),
            digest: digest::Context::new(&digest::SHA256),
            root_tag: root_tag(&text).map(|tag| text[tag].to_owned()).unwrap_or_default(),
            end_tag,
            gathered: Zeroizing::new(text),
            entries: 0,
            message: PhantomData,
        };
        let root_tag = std::mem::take(&mut writer.root_tag);
        writer.write_gathered(Begins::Document)?;
        writer.root_tag = root_tag;
        Ok(writer)
    }

    /// Writes one entry.
    ///
    /// # Errors
    /// [`WriteFault`], also of entries pushed before; after one, the writer is of no use.
    pub fn push(&mut self, entry: &T::Entry) -> Result<(), WriteFault> {
        let element = T::MESSAGE.content.fields.iter().find(|field| field.occurs.max > 1);
        crate::schema::Element::write(entry, element.map_or("", |field| field.element), &mut self.gathered);
        self.entries += 1;
        if self.gathered.len() >= GATHERED_BYTES { self.write_gathered(Begins::Inside) } else { Ok(()) }
    }

    /// How many entries were written.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// Signs, makes the file durable and puts it at its place, over whatever was there; answers SHA-256 of its bytes.
    ///
    /// # Errors
    /// [`WriteFault`].
    pub fn finish(mut self, signer: &Signer) -> Result<Digest, WriteFault> {
        self.write_gathered(Begins::Inside)?;
        self.canonical.end_element(T::MESSAGE.root);
        let digest = self.canonical.finish().finish();
        let signature = dsig::signature(digest, signer).map_err(|failed| WriteFault::Sign(SignFault::Key(failed)))?;
        for text in [&signature, &self.end_tag] {
            self.draft.write(text.as_bytes())?;
            self.digest.update(text.as_bytes());
        }
        self.draft.keep(&self.path)?;
        let mut out = [0; 32];
        out.copy_from_slice(self.digest.finish().as_ref());
        Ok(Digest(out))
    }

    /// Checks, digests and writes what was gathered.
    fn write_gathered(&mut self, begins: Begins) -> Result<(), WriteFault> {
        let document = Zeroizing::new([self.root_tag.as_str(), &self.gathered, &self.end_tag].concat());
        let refused = |fault| WriteFault::Sign(SignFault::Document(Box::new(fault)));
        let text = xml::guard("", document.as_bytes(), &limits_of::<T>(&LIMITS)).map_err(refused)?;
        let tree = xml::parse("", &text).map_err(refused)?;
        if tree.descendants().any(|node| is(node, DS, "Signature")) {
            return Err(WriteFault::Sign(SignFault::AlreadySigned));
        }
        if begins == Begins::Document {
            walk::start(tree.root_element(), &mut self.canonical);
        }
        walk::inside(tree.root_element(), None, &mut self.canonical);
        let written = &text.as_bytes()[self.root_tag.len()..text.len() - self.end_tag.len()];
        self.draft.write(written)?;
        self.digest.update(written);
        if T::QUOTING == Quoting::Hidden {
            self.gathered.zeroize();
        }
        self.gathered.clear();
        Ok(())
    }
}

/// Where gathered text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// It begins with the root's start tag.
    Document,
    /// It is of the root's children.
    Inside,
}

/// A file beside its place, removed unless it is kept.
struct Draft {
    path: PathBuf,
    file: Option<File>,
}

impl Draft {
    /// A draft with keys is its owner's alone to read from the moment it exists, whatever an earlier one was.
    fn beside(path: &Path, quoting: Quoting) -> Result<Draft, WriteFault> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let path = path.with_file_name(name);
        let file = match quoting {
            Quoting::Shown => File::create(&path)?,
            Quoting::Hidden => {
                let _ = fs::remove_file(&path);
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?
            }
        };
        Ok(Draft { path, file: Some(file) })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteFault> {
        let file = self.file.as_mut().ok_or_else(|| std::io::Error::other("the file was put at its place"))?;
        Ok(file.write_all(bytes)?)
    }

    /// Durable, the folder's entry too.
    fn keep(&mut self, path: &Path) -> Result<(), WriteFault> {
        if let Some(file) = self.file.take() {
            let kept = file.sync_all().and_then(|()| fs::rename(&self.path, path));
            if let Err(error) = kept {
                self.file = Some(file);
                return Err(error.into());
            }
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(File::open(folder)?.sync_all()?)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.is_some() {
            // Nothing can be done about a draft that stays: it is written over the next time.
            let _ = fs::remove_file(&self.path);
        }
    }
}
