//! One pass over the DOM in the order of the description; every fault with its place.

use std::borrow::Cow;

use roxmltree::{Document, Node};
use tern_model::Place;

use super::fault::{self, Words};
use super::{ComplexType, Content, Field, Message, Namespace, SimpleType, check_lexical, collapse, lexical};
use crate::{FaultKind, WireFault};

/// How many faults are told of one file; the rest is counted by nobody, because its sender mends these first.
pub const FAULTS_MAX: usize = 100;

/// Whether faults may quote what they found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// The document is public to its reader.
    Shown,
    /// The document was decrypted: nothing of it is shown.
    Hidden,
}

/// A decoded message, and where its entries stand in the text.
#[derive(Debug, Clone)]
pub struct Decoded<T> {
    /// The message.
    pub value: T,
    /// First and last byte offset (exclusive) of each element that the root may hold many of, in order.
    pub entries: Vec<(u32, u32)>,
}

/// Decodes a document.
///
/// # Errors
/// Every fault, up to [`FAULTS_MAX`].
pub fn read<T: Message>(name: &str, document: &Document<'_>, quoting: Quoting) -> Result<Decoded<T>, Vec<WireFault>> {
    let mut reader = Reader { document: name, quoting, faults: Vec::new(), path: Vec::new(), entries: Vec::new() };
    let root = document.root_element();
    let expected = T::MESSAGE.root;
    let found = root.tag_name();
    reader.path.push(Step { element: expected, index: None });
    if found.name() != expected {
        let words = Words::new(
            format!("the root element is not {expected}"),
            found.name(),
            expected.to_owned(),
            "check that the file is of the kind that its name says",
        );
        reader.path.clear();
        reader.fault(root, words);
    } else if found.namespace() != Some(Namespace::Migration.uri()) {
        reader.fault(root, fault::wrong_namespace(expected, found.namespace(), Namespace::Migration.uri()));
    } else {
        let value = T::read(&mut reader, root);
        if let (Some(value), true) = (value, reader.faults.is_empty()) {
            return Ok(Decoded { value, entries: reader.entries });
        }
    }
    Err(reader.faults)
}

/// Where the decoder is, and what it found.
pub struct Reader<'n> {
    document: &'n str,
    quoting: Quoting,
    faults: Vec<WireFault>,
    path: Vec<Step>,
    entries: Vec<(u32, u32)>,
}

struct Step {
    element: &'static str,
    /// One-based; for elements that may stand more than once.
    index: Option<usize>,
}

impl Reader<'_> {
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
        (self.faults.len() == before && before < FAULTS_MAX).then_some(text)
    }

    /// Reports text that has the right form and no value.
    pub(super) fn no_such_value(&mut self, node: Node<'_, '_>, simple: &SimpleType, lexical: &str) {
        self.fault(node, fault::no_such_value(node.tag_name().name(), lexical, simple));
    }

    /// Checks an element against its description without decoding it; whether it was found in order.
    pub(super) fn check_complex(&mut self, node: Node<'_, '_>, complex: &'static ComplexType) -> bool {
        let before = self.faults.len();
        let mut children = Children::of(self, node, complex);
        for field in complex.fields {
            children.each(self, field, |reader, child| match field.content {
                Content::Simple(simple) => drop(reader.simple(child, simple)),
                Content::Complex(complex) => drop(reader.check_complex(child, complex)),
            });
        }
        children.finish(self);
        self.faults.len() == before && before < FAULTS_MAX
    }

    fn fault(&mut self, node: Node<'_, '_>, words: Words) {
        if self.faults.len() >= FAULTS_MAX {
            return;
        }
        let at = node.document().text_pos_at(node.range().start);
        let place = Place { document: self.document.to_owned(), xpath: self.xpath(), line: at.row, column: at.col };
        let found = if self.quoting == Quoting::Hidden { "not shown".to_owned() } else { words.found };
        self.faults.push(WireFault {
            kind: FaultKind::Schema,
            place,
            message: words.message,
            found,
            expected: words.expected,
            suggestion: words.suggestion,
        });
    }

    /// A name that is not the schema's, where the document may be quoted.
    fn shown<'a>(&self, name: &'a str) -> &'a str {
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

/// The element children of one node, taken in the order of its description.
pub struct Children<'d, 'i> {
    node: Node<'d, 'i>,
    complex: &'static ComplexType,
    next: Option<Node<'d, 'i>>,
}

impl<'d, 'i> Children<'d, 'i> {
    /// Begins with an element: checks its attributes and the text between its children.
    pub fn of(reader: &mut Reader<'_>, node: Node<'d, 'i>, complex: &'static ComplexType) -> Self {
        let name = node.tag_name().name();
        for attribute in node.attributes() {
            let described =
                complex.attributes.iter().find(|a| a.name == attribute.name() && attribute.namespace().is_none());
            let Some(described) = described else {
                reader.fault(node, fault::unknown_attribute(name, reader.shown(attribute.name())));
                continue;
            };
            let value = collapse(described.value.base, attribute.value());
            if let Err(why) = check_lexical(described.value, &value) {
                reader.fault(node, fault::bad_text(described.name, &value, described.value, why));
            }
        }
        for required in complex.attributes.iter().filter(|a| a.required && !node.has_attribute(a.name)) {
            reader.fault(node, fault::missing_attribute(name, required.name));
        }
        // A type without elements is empty: XML Schema lets not even white space stand in it.
        let is_empty = complex.particles().next().is_none();
        let allowed = |text: &&str| lexical::is_white(text) && !is_empty;
        let stray = node.children().filter(Node::is_text).find_map(|t| t.text().filter(|text| !allowed(text)));
        if let Some(stray) = stray {
            reader.fault(node, fault::text_between(name, stray.trim()));
        }
        Children { node, complex, next: node.first_element_child() }
    }

    /// Visits every child that belongs to `field` here, and reports strangers before them and a wrong number of them.
    pub fn each<'r>(
        &mut self,
        reader: &mut Reader<'r>,
        field: &'static Field,
        mut visit: impl FnMut(&mut Reader<'r>, Node<'d, 'i>),
    ) {
        let many = field.occurs.max > 1;
        let entries = many && reader.path.len() == 1;
        let mut count = 0;
        while let Some(node) = self.take(reader, field) {
            count += 1;
            if count > field.occurs.max as usize || reader.faults.len() >= FAULTS_MAX {
                continue;
            }
            if entries {
                reader.entries.push(span(node));
            }
            reader.path.push(Step { element: field.element, index: many.then_some(count) });
            visit(reader, node);
            reader.path.pop();
        }
        if count < field.occurs.min as usize && !self.comes_later(field) {
            reader.fault(self.node, fault::missing(self.node.tag_name().name(), field, count));
        } else if count > field.occurs.max as usize {
            reader.fault(self.node, fault::too_many(self.node.tag_name().name(), field, count));
        }
    }

    /// Ends with an element: a signed root has its signature here, and nothing else may follow.
    pub fn finish(mut self, reader: &mut Reader<'_>) {
        if self.complex.signed {
            self.each(reader, &super::SIGNATURE_FIELD, |reader, node| {
                if let Content::Complex(signature) = super::SIGNATURE_FIELD.content {
                    reader.check_complex(node, signature);
                }
            });
        }
        while let Some(node) = self.next {
            self.stranger(reader, node);
            self.next = node.next_sibling_element();
        }
    }

    /// Whether a child that belongs to `field` stands behind one that should follow it: it is told when it is reached.
    fn comes_later(&self, field: &'static Field) -> bool {
        let mut next = self.next;
        while let Some(node) = next {
            if self.is(node, field) {
                return true;
            }
            next = node.next_sibling_element();
        }
        false
    }

    /// The next child where it belongs to `field`; strangers before it are reported and left out.
    fn take(&mut self, reader: &mut Reader<'_>, field: &'static Field) -> Option<Node<'d, 'i>> {
        let own = self.complex.particles().position(|f| f.element == field.element);
        while let Some(node) = self.next {
            let at = self.complex.particles().position(|f| self.is(node, f));
            if at.is_some() && at > own {
                return None;
            }
            self.next = node.next_sibling_element();
            if at.is_some() && at == own {
                return Some(node);
            }
            self.stranger(reader, node);
        }
        None
    }

    fn is(&self, node: Node<'_, '_>, field: &Field) -> bool {
        let name = node.tag_name();
        name.name() == field.element && name.namespace() == Some(field.namespace(self.complex.namespace).uri())
    }

    fn stranger(&self, reader: &mut Reader<'_>, node: Node<'_, '_>) {
        let name = node.tag_name();
        let parent = self.node.tag_name().name();
        let known = self.complex.particles().find(|f| f.element == name.name());
        let words = match known {
            Some(field) if self.is(node, field) => fault::out_of_order(parent, self.complex, name.name()),
            Some(field) => {
                let expected = field.namespace(self.complex.namespace).uri();
                fault::wrong_namespace(name.name(), name.namespace(), expected)
            }
            None => fault::unknown_element(parent, self.complex, reader.shown(name.name())),
        };
        reader.fault(node, words);
    }
}

/// Byte offsets of an element. Documents are smaller than 4 GiB: the limits before the parser see to that.
fn span(node: Node<'_, '_>) -> (u32, u32) {
    let range = node.range();
    (u32::try_from(range.start).unwrap_or(u32::MAX), u32::try_from(range.end).unwrap_or(u32::MAX))
}
