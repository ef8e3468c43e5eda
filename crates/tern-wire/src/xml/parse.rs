//! From guarded text to a tree, and from a byte of it to a place that a person can find.

use roxmltree::{Document, Node, ParsingOptions, TextPos};
use tern_model::Place;

use crate::{FaultKind, WireFault};

/// Parses text that [`super::guard`] has let pass.
///
/// The tree keeps positions in `text`, so that [`place_of`] can name what a fault is about.
///
/// # Errors
/// [`FaultKind::Form`]: not well-formed.
pub fn parse<'a>(document_name: &str, text: &'a str) -> Result<Document<'a>, WireFault> {
    parse_in(document_name, text, &Frame::WHOLE)
}

/// As [`parse`], for a text that stands in a document as `frame` says.
pub(crate) fn parse_in<'a>(document_name: &str, text: &'a str, frame: &Frame) -> Result<Document<'a>, WireFault> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: u32::MAX, entity_resolver: None };
    Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        let place = frame.line_column(text, offset_of(text, at)).of(document_name);
        // What the parser says ends with the position in its own text.
        let found =
            error.to_string().replacen(&format!(" at {at}"), &format!(" at {}:{}", place.line, place.column), 1);
        WireFault {
            kind: FaultKind::Form,
            place,
            message: "the document is not well-formed XML".into(),
            found,
            expected: "well-formed XML 1.0 with namespaces".into(),
            suggestion: "export the file again; do not edit signed files".into(),
        }
    })
}

fn offset_of(text: &str, at: TextPos) -> usize {
    let before = (at.row as usize).saturating_sub(1);
    let line =
        if before == 0 { 0 } else { text.match_indices('\n').nth(before - 1).map_or(text.len(), |(end, _)| end + 1) };
    let column = (at.col as usize).saturating_sub(1);
    text[line..].char_indices().nth(column).map_or(text.len(), |(characters, _)| line + characters)
}

/// Where a text that is parsed by itself stands in its document: a run of the root's children behind the root's start tag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    /// How many bytes of the text stand before the run.
    pub(crate) lead: usize,
    /// Where those bytes stand in the document.
    pub(crate) lead_start: LineColumn,
    /// Where the run stands in the document.
    pub(crate) start: LineColumn,
}

impl Default for Frame {
    fn default() -> Frame {
        Frame::WHOLE
    }
}

impl Frame {
    /// A text that is the whole document, or its beginning.
    pub(crate) const WHOLE: Frame = Frame { lead: 0, lead_start: LineColumn::START, start: LineColumn::START };

    /// Where the byte at `offset` of the text stands in the document.
    pub(crate) fn line_column(&self, text: &str, offset: usize) -> LineColumn {
        let offset = offset.min(text.len());
        match offset.checked_sub(self.lead) {
            Some(_) => self.start.after(&text.as_bytes()[self.lead..offset]),
            None => self.lead_start.after(&text.as_bytes()[..offset]),
        }
    }
}

/// A line and a column of a text, both from 1; the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineColumn {
    line: usize,
    column: usize,
}

impl LineColumn {
    /// Where a text begins.
    pub(crate) const START: LineColumn = LineColumn { line: 1, column: 1 };

    /// Where one stands after these bytes more.
    pub(crate) fn after(self, passed: &[u8]) -> LineColumn {
        let last = memchr::memrchr(b'\n', passed);
        let lines = last.map_or(0, |last| 1 + memchr::memchr_iter(b'\n', &passed[..last]).count());
        let (fresh, column) = last.map_or((passed, self.column), |at| (&passed[at + 1..], 1));
        // Characters are counted as bytes that begin one; in sums of a byte, which compile to vector instructions.
        let begins = |bytes: &[u8]| bytes.iter().map(|&b| u8::from(b & 0xC0 != 0x80)).sum::<u8>();
        let characters: usize = fresh.chunks(u8::MAX as usize).map(|bytes| usize::from(begins(bytes))).sum();
        LineColumn { line: self.line + lines, column: column + characters }
    }

    /// The place in a document; no path.
    pub(crate) fn of(self, document_name: &str) -> Place {
        Place {
            document: document_name.to_owned(),
            xpath: String::new(),
            line: u32::try_from(self.line).unwrap_or(u32::MAX),
            column: u32::try_from(self.column).unwrap_or(u32::MAX),
        }
    }
}

/// The place of the byte at `offset`: line and column, no path.
#[must_use]
pub fn place_at(document_name: &str, text: &str, offset: usize) -> Place {
    LineColumn::START.after(&text.as_bytes()[..offset.min(text.len())]).of(document_name)
}

/// The place of an element (or of the element around a text): path of local names, line and column.
///
/// An index is written where an element has siblings of its name: `MigrationCommonFile/Installation[17]/ESME`.
#[must_use]
pub fn place_of(document_name: &str, node: Node) -> Place {
    place_in(document_name, node, &Frame::WHOLE)
}

/// As [`place_of`], for a tree that stands in a document as `frame` says. The index of the root's child counts in this tree alone.
pub(crate) fn place_in(document_name: &str, node: Node, frame: &Frame) -> Place {
    let element = if node.is_element() { Some(node) } else { node.parent_element() };
    let Some(element) = element else { return Place::document(document_name) };
    let steps: Vec<String> = element.ancestors().filter(Node::is_element).map(step).collect();
    let mut place = frame.line_column(element.document().input_text(), element.range().start).of(document_name);
    place.xpath = steps.into_iter().rev().collect::<Vec<_>>().join("/");
    place
}

fn step(element: Node) -> String {
    let name = element.tag_name().name();
    let same = |n: &Node| n.is_element() && n.tag_name() == element.tag_name();
    let before = element.prev_siblings().skip(1).filter(same).count();
    let alone = before == 0 && !element.next_siblings().skip(1).any(|n| same(&n));
    if alone { name.to_owned() } else { format!("{name}[{}]", before + 1) }
}

/// The root's start tag: the first tag that is no XML declaration. Well-formed text has no `>` in a tag outside quotes.
pub(crate) fn root_tag(text: &str) -> Option<std::ops::Range<usize>> {
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
