//! From guarded text to a tree, and from a byte of it to a place that a person can find.

use roxmltree::{Document, Node, ParsingOptions};
use tern_model::Place;

use crate::{FaultKind, WireFault};

/// Parses text that [`super::guard`] has let pass.
///
/// The tree keeps positions in `text`, so that [`place_of`] can name what a fault is about.
///
/// # Errors
/// [`FaultKind::Form`]: not well-formed.
pub fn parse<'a>(document_name: &str, text: &'a str) -> Result<Document<'a>, WireFault> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: u32::MAX, entity_resolver: None };
    Document::parse_with_options(text, options).map_err(|error| {
        let mut place = Place::document(document_name);
        let at = error.pos();
        (place.line, place.column) = (at.row, at.col);
        WireFault {
            kind: FaultKind::Form,
            place,
            message: "the document is not well-formed XML".into(),
            found: error.to_string(),
            expected: "well-formed XML 1.0 with namespaces".into(),
            suggestion: "export the file again; do not edit signed files".into(),
        }
    })
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
        let lines = passed.iter().filter(|&&b| b == b'\n').count();
        let last = if lines == 0 { None } else { passed.iter().rposition(|&b| b == b'\n') };
        let (fresh, column) = last.map_or((passed, self.column), |at| (&passed[at + 1..], 1));
        // Characters are counted as bytes that begin one.
        LineColumn { line: self.line + lines, column: column + fresh.iter().filter(|&&b| b & 0xC0 != 0x80).count() }
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
    let element = if node.is_element() { Some(node) } else { node.parent_element() };
    let Some(element) = element else { return Place::document(document_name) };
    let steps: Vec<String> = element.ancestors().filter(Node::is_element).map(step).collect();
    let mut place = place_at(document_name, element.document().input_text(), element.range().start);
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
