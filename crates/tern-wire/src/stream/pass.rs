//! One pass over a file: every slice is parsed as a small document, walked into the one canonical form, searched for the
//! signature, and decoded.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use roxmltree::Node;
use tern_model::{Digest, Place};

use super::inflow::{Inflow, Judgement, Most, Sizes, Slice};
use super::{Entries, StreamFault};
use crate::dsig::Watch;
use crate::migration::SignedFile;
use crate::schema::{Element, Head, Reader, SchemaVersion, Walk};
use crate::xml::exact::Exact;
use crate::xml::{Canonicaliser, Form, Frame, Limits, Sha256Sink, guard, parse_in, walk};
use crate::{FaultKind, WireFault};

/// A pass that has come so far.
pub(super) struct Pass<'a, T: Entries> {
    document: &'a Place,
    inflow: Inflow<'a, File>,
    canonical: Canonicaliser<Sha256Sink>,
    watch: Watch,
    reader: Reader<'a>,
    /// The root's children so far; none where the root is not the message's.
    walk: Option<Walk>,
    gathered: T::Gathered,
    head: HeadSoFar,
    /// Entries in slices that were handed out.
    entries: usize,
}

/// The entries of one slice.
pub(super) struct Run<E> {
    /// How many entries the file has before.
    pub(super) first: usize,
    pub(super) entries: Vec<E>,
    /// First and last byte offset (exclusive) of each in the slice's text.
    pub(super) spans: Vec<(u32, u32)>,
    pub(super) slice: Slice,
}

/// What a whole pass comes to. Nothing in it is true yet.
pub(super) struct Passed<T: Entries> {
    pub(super) watch: Watch,
    pub(super) canonical: [u8; 32],
    pub(super) digest: Digest,
    /// The schema version that the root's namespace told.
    pub(super) version: SchemaVersion,
    /// The message without entries.
    pub(super) head: Result<T, Vec<WireFault>>,
    pub(super) head_text: Option<Head>,
    /// How many of the root's children stand before the first entry.
    pub(super) head_children: usize,
}

impl<'a, T: Entries + SignedFile> Pass<'a, T> {
    /// Begins; `document` is the place of the whole file.
    pub(super) fn begin(
        document: &'a Place,
        copy: &Path,
        limits: &'a Limits,
        sizes: Sizes,
    ) -> Result<Pass<'a, T>, StreamFault> {
        let file = File::open(copy)?;
        let bytes = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        if let Some(fault) = guard::size(&document.document, bytes, limits) {
            return Err(StreamFault::Refused(vec![fault]));
        }
        Ok(Pass {
            document,
            inflow: Inflow::begin(&document.document, file, limits, sizes.read_bytes, T::QUOTING)?,
            canonical: Canonicaliser::new(Form::Inclusive, Sha256Sink::new()),
            watch: Watch::default(),
            reader: Reader::new(&document.document, T::QUOTING, Frame::WHOLE),
            walk: None,
            gathered: T::Gathered::default(),
            head: HeadSoFar::default(),
            entries: 0,
        })
    }

    /// The next slice of at most so much, with the entries in it; none at the end.
    pub(super) fn next(&mut self, most: Most) -> Result<Option<Run<T::Entry>>, StreamFault> {
        let Some(slice) = self.inflow.next_slice(most)? else { return Ok(None) };
        let tree = match parse_in(&self.document.document, &slice.text, &slice.frame) {
            Ok(tree) => tree,
            Err(fault) => return Err(self.inflow.refuse(Judgement::Parse, fault)),
        };
        let root = tree.root_element();
        self.digest(root, &slice);
        let entries = self.decode(root, &slice);
        drop(tree);
        let (first, spans) = (self.entries, self.reader.entries().to_vec());
        self.entries += spans.len();
        if self.reader.is_clean() {
            self.head.gather(&slice, spans.first().copied());
        }
        Ok(Some(Run { first, entries, spans, slice }))
    }

    /// Into the canonical form, but for the signature.
    fn digest(&mut self, root: Node, slice: &Slice) {
        let exact = exact(self.document, slice.frame);
        let signature = self.watch.look(&exact, root);
        if slice.is_first {
            walk::start(root, &mut self.canonical);
        }
        walk::inside(root, signature, &mut self.canonical);
        if slice.is_last {
            walk::end(root, &mut self.canonical);
        }
    }

    fn decode(&mut self, root: Node, slice: &Slice) -> Vec<T::Entry> {
        let mut entries = Vec::new();
        self.reader.go_on(slice.frame);
        if slice.is_first && self.reader.enter_root(root, &T::MESSAGE) {
            self.walk = Some(Walk::begin(&mut self.reader, root, T::MESSAGE.content));
        }
        let Some(walk) = &mut self.walk else { return entries };
        let (gathered, head) = (&mut self.gathered, &mut self.head);
        walk.on(&mut self.reader, root, &mut |reader, field, node| {
            if T::MESSAGE.content.fields[field].occurs.max > 1 {
                entries.extend(T::Entry::read(reader, node));
            } else {
                head.children += 1;
                T::gather(gathered, field, reader, node);
            }
        });
        if slice.is_last
            && let Some(walk) = self.walk.take()
        {
            walk.end(&mut self.reader, root);
        }
        entries
    }

    /// Whether every entry so far is of the schema.
    pub(super) fn is_clean(&self) -> bool {
        self.reader.is_clean()
    }

    /// What the pass comes to, once every slice was handed out.
    pub(super) fn finish(self) -> Passed<T> {
        let version = self.reader.version();
        let head = match (self.reader.finish(), T::gathered(self.gathered)) {
            (Ok(_), Some(head)) => Ok(head),
            (faults, _) => Err(faults.err().unwrap_or_default()),
        };
        Passed {
            watch: self.watch,
            canonical: self.canonical.finish().finish(),
            digest: self.inflow.digest(),
            version,
            head,
            head_text: self.head.head,
            head_children: self.head.children,
        }
    }
}

/// The signature's profile, in a text that stands in the document as `frame` says.
pub(super) fn exact(document: &Place, frame: Frame) -> Exact<'_> {
    Exact { base: document, frame, kind: FaultKind::SignatureProfile, profile: "signature" }
}

/// What stands before the first entry, until there is one.
#[derive(Default)]
struct HeadSoFar {
    text: String,
    children: usize,
    head: Option<Head>,
}

impl HeadSoFar {
    fn gather(&mut self, slice: &Slice, first_entry: Option<(u32, u32)>) {
        if self.head.is_some() {
            return;
        }
        let before = self.text.len();
        let end = first_entry.map_or(slice.end, |(from, _)| from as usize);
        self.text.push_str(&slice.text[slice.frame.lead..end]);
        if first_entry.is_some() || slice.is_last {
            let first_entry = first_entry.map(|(from, _)| from as usize - slice.frame.lead + before);
            let first_entry = first_entry.and_then(|at| u32::try_from(at).ok());
            self.head = Some(Head::of(Arc::from(std::mem::take(&mut self.text)), first_entry));
        }
    }
}
