//! From an entry of a verified message back to the line and column of one of its elements.
//!
//! A message keeps no positions but the span of each entry: a place is asked for by findings alone, so it is looked up then,
//! in the text of that entry. Lines and columns are counted from the start of the entry, whose own are counted once for all
//! entries: a file with a finding in every entry must not be gone through once for each.

use std::sync::Arc;

use roxmltree::{Document, Node};
use tern_model::Place;

use super::Message;
use crate::Verified;
use crate::verified::EntryPlaces;
use crate::xml::{Frame, LineColumn, root_tag};

/// The element that an entry of a message is.
pub(crate) fn entry_element<T: Message>() -> &'static str {
    T::MESSAGE.content.fields.iter().find(|f| f.occurs.max > 1).map_or("", |f| f.element)
}

impl<T: Message> Verified<T> {
    /// The place of an element of an entry: `place(16, "ESME/MPxN")` is `MigrationCommonFile/Installation[17]/ESME/MPxN`.
    ///
    /// `entry` counts from 0, in the order of the message's `installations`; the path counts from the file's first. Steps of
    /// `path` may carry an index from 1 (`PPMID[2]/DeviceID`); an empty path is the entry itself. Where an element of the path
    /// is not there, line and column are those of the last one that is, and the path stays as asked: that is where it is missing.
    #[must_use]
    pub fn place(&self, entry: usize, path: &str) -> Place {
        let element = entry_element::<T>();
        let xpath = join(&[T::MESSAGE.root, &format!("{element}[{}]", self.entries.first + entry + 1), path]);
        // An entry that is not there is missing in the root.
        let at = self.in_entry(entry, path).unwrap_or_else(|| self.entries.head.root());
        Place { xpath, ..at.of(self.document().name()) }
    }

    /// The place of an element outside the entries: `place_in_root("MigrationHeader/FileCounter")`.
    #[must_use]
    pub fn place_in_root(&self, path: &str) -> Place {
        self.entries.head.place::<T>(self.document().name(), path)
    }

    fn in_entry(&self, entry: usize, path: &str) -> Option<LineColumn> {
        let text = self.document().text();
        let (from, to) = *self.entries.spans.get(entry)?;
        let element = text.get(from as usize..to as usize)?;
        let offset = offset_in(self.entries.head.root_tag()?, element, path, Inside::Entry)?;
        let EntryPlaces { frame, spans, starts: known, .. } = &self.entries;
        let starts = known.get_or_init(|| starts(text.as_bytes(), frame, spans));
        Some(starts.get(entry)?.after(&element.as_bytes()[..offset]))
    }
}

/// A document's text up to its first entry, for places outside the entries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    text: Arc<str>,
    end: usize,
}

impl Head {
    /// Of a text that begins where its document does, whose first entry is at `first_entry`.
    pub(crate) fn of(text: Arc<str>, first_entry: Option<u32>) -> Head {
        let end = first_entry.map_or_else(|| text.rfind("</").unwrap_or(text.len()), |from| from as usize);
        Head { text, end }
    }

    /// The place of an element of it.
    pub(crate) fn place<T: Message>(&self, document_name: &str, path: &str) -> Place {
        Place {
            xpath: join(&[T::MESSAGE.root, path]),
            ..self.at(path).unwrap_or_else(|| self.root()).of(document_name)
        }
    }

    fn at(&self, path: &str) -> Option<LineColumn> {
        let tag = root_tag(&self.text)?;
        let offset = offset_in(self.root_tag()?, self.text.get(tag.end..self.end)?, path, Inside::Root)?;
        Some(LineColumn::START.after(&self.text.as_bytes()[..tag.end + offset]))
    }

    fn root(&self) -> LineColumn {
        let start = root_tag(&self.text).map_or(0, |tag| tag.start);
        LineColumn::START.after(&self.text.as_bytes()[..start])
    }

    fn root_tag(&self) -> Option<&str> {
        root_tag(&self.text).map(|tag| &self.text[tag])
    }
}

/// Line and column of each entry, in one pass.
fn starts(text: &[u8], frame: &Frame, entries: &[(u32, u32)]) -> Arc<[LineColumn]> {
    let mut reached = (frame.lead, frame.start);
    let mut start = |&(from, _): &(u32, u32)| {
        let from = from as usize;
        let passed = text.get(reached.0..from).unwrap_or_default();
        reached = (from, reached.1.after(passed));
        reached.1
    };
    entries.iter().map(&mut start).collect()
}

/// Where a path begins.
#[derive(Clone, Copy)]
enum Inside {
    Root,
    Entry,
}

fn join(steps: &[&str]) -> String {
    steps.iter().filter(|step| !step.is_empty()).copied().collect::<Vec<_>>().join("/")
}

/// Where in `part`, elements cut from inside the root, the path leads.
fn offset_in(root_tag: &str, part: &str, path: &str, inside: Inside) -> Option<usize> {
    let name_end = root_tag.find([' ', '\t', '\n', '\r', '>', '/'])?;
    let whole = format!("{root_tag}{part}</{}>", &root_tag[1..name_end]);
    let document = Document::parse(&whole).ok()?;
    let root = document.root_element();
    let mut found = match inside {
        Inside::Root => root,
        Inside::Entry => root.first_element_child()?,
    };
    for step in path.split('/').filter(|step| !step.is_empty()) {
        match child(found, step) {
            Some(next) => found = next,
            None => break,
        }
    }
    Some(found.range().start.saturating_sub(root_tag.len()))
}

fn child<'d, 'i>(node: Node<'d, 'i>, step: &str) -> Option<Node<'d, 'i>> {
    let (name, index) = match step.split_once('[') {
        Some((name, index)) => (name, index.trim_end_matches(']').parse().ok()?),
        None => (step, 1usize),
    };
    node.children().filter(|c| c.is_element() && c.tag_name().name() == name).nth(index.checked_sub(1)?)
}
