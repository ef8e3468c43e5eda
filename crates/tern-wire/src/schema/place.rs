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
use crate::xml::LineColumn;

impl<T: Message> Verified<T> {
    /// The place of an element of an entry: `place(16, "ESME/MPxN")` is `MigrationCommonFile/Installation[17]/ESME/MPxN`.
    ///
    /// `entry` counts from 0, in the order of the message's `installations` (the path counts from the file's first); steps of `path` may carry an index from 1
    /// (`PPMID[2]/DeviceID`); an empty path is the entry itself. Where an element of the path is not there, line and column
    /// are those of the last one that is, and the path stays as asked: that is where it is missing.
    #[must_use]
    pub fn place(&self, entry: usize, path: &str) -> Place {
        let element = T::MESSAGE.content.fields.iter().find(|f| f.occurs.max > 1).map_or("", |f| f.element);
        let xpath = join(&[T::MESSAGE.root, &format!("{element}[{}]", self.first + entry + 1), path]);
        let span = self.entries.get(entry).map(|(from, to)| *from as usize..*to as usize);
        self.at(xpath, span, path, Inside::Entry)
    }

    /// The place of an element outside the entries: `place_in_root("MigrationHeader/FileCounter")`.
    #[must_use]
    pub fn place_in_root(&self, path: &str) -> Place {
        let text = self.document().text();
        let from = root_tag(text).map_or(0, |tag| tag.end);
        let to =
            self.entries.first().map_or_else(|| text.rfind("</").unwrap_or(text.len()), |(from, _)| *from as usize);
        self.at(join(&[T::MESSAGE.root, path]), Some(from..to.max(from)), path, Inside::Root)
    }

    fn at(&self, xpath: String, span: Option<std::ops::Range<usize>>, path: &str, inside: Inside) -> Place {
        let text = self.document().text();
        let offset = span.and_then(|span| {
            let root_tag = &text[root_tag(text)?];
            Some(span.start + offset_in(root_tag, text.get(span.clone())?, path, inside)?)
        });
        // An entry that is not there is missing in the root.
        match offset.or_else(|| Some(root_tag(text)?.start)) {
            Some(offset) => Place { xpath, ..self.line_column(offset).of(self.document().name()) },
            None => Place { xpath, ..Place::document(self.document().name()) },
        }
    }

    /// Line and column of the byte at `offset`, counted from the start of the entry around or before it.
    fn line_column(&self, offset: usize) -> LineColumn {
        let text = self.document().text().as_bytes();
        let starts = self.starts.get_or_init(|| starts(text, &self.entries));
        let before = self.entries.partition_point(|(from, _)| *from as usize <= offset);
        let (from, start) = match before.checked_sub(1).and_then(|at| self.entries.get(at).zip(starts.get(at))) {
            Some(((from, _), start)) => (*from as usize, *start),
            None => (0, LineColumn::START),
        };
        text.get(from..offset).map_or(start, |passed| start.after(passed))
    }
}

/// Line and column of each entry, in one pass.
fn starts(text: &[u8], entries: &[(u32, u32)]) -> Arc<[LineColumn]> {
    let mut reached = (0, LineColumn::START);
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

/// The root's start tag: the first tag that is no XML declaration. Well-formed text has no `>` in a tag outside quotes.
fn root_tag(text: &str) -> Option<std::ops::Range<usize>> {
    let mut from = text.find('<')?;
    if text[from..].starts_with("<?") {
        from += text[from..].find("?>")?;
        from += text[from..].find('<')?;
    }
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(from) {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'>') => return Some(from..at + 1),
            _ => {}
        }
    }
    None
}
