//! One pass over the DOM in the order of the description; every fault with its place.

use std::borrow::Cow;

use roxmltree::{Document, Node};
use tern_model::Place;

use super::fault::{self, Words};
use super::walk::Walk;
use super::{
    ComplexType, Content, Described, Message, MessageDescription, SchemaVersion, SimpleType, check_lexical, collapse,
};
use crate::xml::Frame;
use crate::{FaultKind, WireFault};

/// How many faults are told of one file; the rest is counted by nobody, because its sender mends these first.
pub const FAULTS_MAX: usize = 100;

/// Whether faults may quote what they found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// The document is public to its reader.
    Shown,
    /// Device keys stand in it: nothing of it is shown.
    Hidden,
}

/// A decoded message, and where its entries stand in the text.
#[derive(Debug, Clone)]
pub struct Decoded<T> {
    /// The message.
    pub value: T,
    /// First and last byte offset (exclusive) of each element that the root may hold many of, in order.
    pub entries: Vec<(u32, u32)>,
    /// The schema version that it follows.
    pub version: SchemaVersion,
}

/// Decodes a document.
///
/// # Errors
/// Every fault, up to [`FAULTS_MAX`].
pub fn read<T: Message>(name: &str, document: &Document<'_>, quoting: Quoting) -> Result<Decoded<T>, Vec<WireFault>> {
    let mut reader = Reader::new(name, quoting, Frame::WHOLE);
    let root = document.root_element();
    let value = if reader.enter_root(root, &T::MESSAGE) { T::read(&mut reader, root) } else { None };
    let version = reader.version;
    match (value, reader.finish()) {
        (Some(value), Ok(entries)) => Ok(Decoded { value, entries, version }),
        (_, faults) => Err(faults.err().unwrap_or_default()),
    }
}

/// Where the decoder is, and what it found.
pub struct Reader<'n> {
    document: &'n str,
    quoting: Quoting,
    frame: Frame,
    /// As the root's namespace told.
    pub(super) version: SchemaVersion,
    pub(super) faults: Vec<WireFault>,
    /// How many of the faults are of elements that are missing so far, and may still be found at a wrong place.
    pub(super) provisional: usize,
    pub(super) path: Vec<Step>,
    pub(super) entries: Vec<(u32, u32)>,
}

pub(super) struct Step {
    pub(super) element: &'static str,
    /// One-based; for elements that may stand more than once.
    pub(super) index: Option<usize>,
}

impl<'n> Reader<'n> {
    pub(crate) fn new(document: &'n str, quoting: Quoting, frame: Frame) -> Reader<'n> {
        Reader {
            document,
            quoting,
            frame,
            version: SchemaVersion::default(),
            faults: Vec::new(),
            provisional: 0,
            path: Vec::with_capacity(8),
            entries: Vec::new(),
        }
    }

    /// Steps into the root, where it is the message's.
    pub(crate) fn enter_root(&mut self, root: Node<'_, '_>, message: &MessageDescription) -> bool {
        let (expected, found) = (message.root, root.tag_name());
        if found.name() != expected {
            let words = Words::new(
                format!("the root element is not {expected}"),
                found.name(),
                expected.to_owned(),
                "check that the file is of the kind that its name says",
            );
            self.fault(root, words);
            return false;
        }
        self.path.push(Step { element: expected, index: None });
        let version = SchemaVersion::of_uri(found.namespace()).filter(|version| *version >= message.content.since);
        let Some(version) = version else {
            let namespace = SchemaVersion::default().namespace().uri();
            self.fault(root, fault::wrong_namespace(expected, found.namespace(), namespace));
            return false;
        };
        self.version = version;
        true
    }

    /// The schema version that the document follows.
    pub(crate) fn version(&self) -> SchemaVersion {
        self.version
    }

    /// Goes on in another text of the same document, behind the entries that were read.
    pub(crate) fn go_on(&mut self, frame: Frame) {
        self.frame = frame;
        self.entries.clear();
    }

    /// Whether nothing was found so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// First and last byte offset (exclusive) of each entry in the text at hand.
    pub(crate) fn entries(&self) -> &[(u32, u32)] {
        &self.entries
    }

    /// Where the entries stand, or every fault.
    pub(crate) fn finish(mut self) -> Result<Vec<(u32, u32)>, Vec<WireFault>> {
        self.faults.truncate(FAULTS_MAX);
        if self.faults.is_empty() { Ok(self.entries) } else { Err(self.faults) }
    }

    /// Whether so many faults were told that nothing more need be looked at.
    pub(super) fn is_full(&self) -> bool {
        self.faults.len() - self.provisional >= FAULTS_MAX
    }

    /// Decodes an element of a described type.
    pub fn described<T: Described>(&mut self, node: Node<'_, '_>) -> Option<T> {
        let mut gathered = T::Gathered::default();
        self.children(node, T::COMPLEX, |reader, field, child| T::gather(&mut gathered, field, reader, child));
        T::gathered(gathered)
    }

    /// Goes through the children of an element in order: `visit` gets each that stands where its field belongs, with the field's
    /// number; everything else is reported.
    pub fn children<'d, 'i>(
        &mut self,
        node: Node<'d, 'i>,
        complex: &'static ComplexType,
        mut visit: impl FnMut(&mut Self, usize, Node<'d, 'i>),
    ) {
        let mut walk = Walk::begin(self, node, complex);
        walk.on(self, node, &mut visit);
        walk.end(self, node);
    }

    /// The text of an element that holds text alone, where it is of its type.
    pub(super) fn simple<'d>(&mut self, node: Node<'d, '_>, simple: &SimpleType) -> Option<Cow<'d, str>> {
        let name = node.tag_name().name();
        let before = self.faults.len();
        for attribute in node.attributes() {
            self.fault(node, fault::unknown_attribute(name, self.shown(attribute.name())));
        }
        if let Some(child) = node.children().find(Node::is_element) {
            self.fault(node, fault::element_in_text(name, child.tag_name().name(), simple));
            return None;
        }
        let text = text_of(node);
        let text = match text {
            Cow::Borrowed(text) => collapse(simple.base, text),
            Cow::Owned(text) => Cow::Owned(collapse(simple.base, &text).into_owned()),
        };
        if let Err(why) = check_lexical(simple, &text) {
            self.fault(node, fault::bad_text(name, &text, simple, why));
        }
        (self.faults.len() == before && !self.is_full()).then_some(text)
    }

    /// Reports text that has the right form and no value.
    pub(super) fn no_such_value(&mut self, node: Node<'_, '_>, simple: &SimpleType, lexical: &str) {
        self.fault(node, fault::no_such_value(node.tag_name().name(), lexical, simple));
    }

    /// Checks an element against its description without decoding it; whether it was found in order.
    pub(super) fn check_complex(&mut self, node: Node<'_, '_>, complex: &'static ComplexType) -> bool {
        let before = self.faults.len();
        self.children(node, complex, |reader, field, child| match complex.fields[field].content {
            Content::Simple(simple) => drop(reader.simple(child, simple)),
            Content::Complex(complex) => drop(reader.check_complex(child, complex)),
        });
        self.faults.len() == before && !self.is_full()
    }

    /// Checks an element's attributes.
    pub(super) fn attributes(&mut self, node: Node<'_, '_>, complex: &'static ComplexType) {
        let name = node.tag_name().name();
        for attribute in node.attributes() {
            let described =
                complex.attributes.iter().find(|a| a.name == attribute.name() && attribute.namespace().is_none());
            let Some(described) = described else {
                self.fault(node, fault::unknown_attribute(name, self.shown(attribute.name())));
                continue;
            };
            let value = collapse(described.value.base, attribute.value());
            if let Err(why) = check_lexical(described.value, &value) {
                self.fault(node, fault::bad_text(described.name, &value, described.value, why));
            }
        }
        for required in complex.attributes.iter().filter(|a| a.required && !node.has_attribute(a.name)) {
            self.fault(node, fault::missing_attribute(name, required.name));
        }
    }

    pub(super) fn fault(&mut self, node: Node<'_, '_>, words: Words) {
        if !self.is_full() {
            let fault = self.told(node, words);
            self.faults.push(fault);
        }
    }

    pub(super) fn told(&self, node: Node<'_, '_>, words: Words) -> WireFault {
        let at = self.frame.line_column(node.document().input_text(), node.range().start);
        let found = if self.quoting == Quoting::Hidden { "not shown".to_owned() } else { words.found };
        WireFault {
            kind: FaultKind::Schema,
            place: Place { xpath: self.xpath(), ..at.of(self.document) },
            message: words.message,
            found,
            expected: words.expected,
            suggestion: words.suggestion,
        }
    }

    /// A name that is not the schema's, where the document may be quoted.
    pub(super) fn shown<'a>(&self, name: &'a str) -> &'a str {
        if self.quoting == Quoting::Hidden { "of this name" } else { name }
    }

    fn xpath(&self) -> String {
        let steps: Vec<String> = self
            .path
            .iter()
            .map(|step| step.index.map_or(step.element.to_owned(), |index| format!("{}[{index}]", step.element)))
            .collect();
        steps.join("/")
    }
}

/// The text directly inside an element.
fn text_of<'d>(node: Node<'d, '_>) -> Cow<'d, str> {
    let mut texts = node.children().filter_map(|child| if child.is_text() { child.text() } else { None });
    match (texts.next(), texts.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
    }
}
