//! The only way from bytes to trusted content.

use std::sync::{Arc, OnceLock};

use tern_model::{CertificateId, Digest, PartyId, Role};
use zeroize::Zeroize;

use crate::schema::{Head, Message, Quoting, SchemaVersion};
use crate::xml::{Frame, LineColumn};

/// Who signed a document, as its certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The organisation (subject's x500UniqueIdentifier).
    pub party: PartyId,
    /// Its role (subject's OU).
    pub role: Role,
    /// The subject's common name, for people.
    pub name: String,
    /// The certificate.
    pub certificate: CertificateId,
}

/// A document whose signature held under a trusted, valid, unrevoked certificate. Only [`crate::dsig::verify`]
/// and [`crate::stream`] make one.
///
/// `text` is the very text that was digested; of a large file that comes in runs of entries, the part of it around this run,
/// inside the root's tags.
#[derive(Debug, Clone)]
pub struct VerifiedDocument {
    name: String,
    text: Held,
    sender: Sender,
    digest: Digest,
}

/// A document's text. Where faults may not quote it, it is wiped by whoever holds it last, and no Debug shows it.
#[derive(Clone)]
struct Held {
    text: Arc<str>,
    quoting: Quoting,
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.quoting == Quoting::Hidden
            && let Some(text) = Arc::get_mut(&mut self.text)
        {
            text.zeroize();
        }
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.quoting {
            Quoting::Shown => self.text.fmt(f),
            Quoting::Hidden => f.write_str("not shown"),
        }
    }
}

impl VerifiedDocument {
    /// For [`crate::dsig::verify`] and [`crate::stream`] alone, at their end.
    pub(crate) fn from_digested(
        (name, quoting): (&str, Quoting),
        text: Arc<str>,
        sender: Sender,
        digest: Digest,
    ) -> VerifiedDocument {
        VerifiedDocument { name: name.to_owned(), text: Held { text, quoting }, sender, digest }
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text that was digested, or the part of it that this run of entries stands in.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text.text
    }

    /// The same, shared.
    pub(crate) fn shared_text(&self) -> Arc<str> {
        self.text.text.clone()
    }

    /// Who signed it.
    #[must_use]
    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// SHA-256 of the whole file's bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// A message decoded from a [`VerifiedDocument`], together with it: a whole file, or of a large one
/// ([`crate::stream::SignedStream`]) its header and a run of its entries. Only this crate can make one.
#[derive(Debug, Clone)]
pub struct Verified<T> {
    pub(crate) value: T,
    pub(crate) document: VerifiedDocument,
    pub(crate) entries: EntryPlaces,
}

/// Where the entries of a migration file stand. A message without entries has the default.
#[derive(Debug, Clone, Default)]
pub(crate) struct EntryPlaces {
    /// The schema version of the file.
    pub(crate) version: SchemaVersion,
    /// How many entries of the file stand before the first of the message.
    pub(crate) first: usize,
    /// The document's beginning.
    pub(crate) head: Head,
    /// Where the document's text stands in its file.
    pub(crate) frame: Frame,
    /// First and last byte offset (exclusive) of each entry in the document's text.
    pub(crate) spans: Arc<[(u32, u32)]>,
    /// Line and column of each entry, once a place was asked for.
    pub(crate) starts: OnceLock<Arc<[LineColumn]>>,
}

impl<T: Message> Verified<T> {
    /// How many entries the file has before the first of [`Verified::value`]; 0 in a whole file.
    #[must_use]
    pub fn first(&self) -> usize {
        self.entries.first
    }

    /// The schema version that it follows.
    #[must_use]
    pub fn version(&self) -> SchemaVersion {
        self.entries.version
    }
}

impl<T> Verified<T> {
    /// The message.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The message alone, without its document.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// The document that it was decoded from.
    #[must_use]
    pub fn document(&self) -> &VerifiedDocument {
        &self.document
    }
}

impl<T> std::ops::Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
