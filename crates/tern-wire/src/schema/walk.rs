//! One element's children in the order of its description: what belongs where, what is missing, what is too many.
//!
//! The children need not be in hand at once: a large file's root is walked slice by slice.

use roxmltree::Node;

use super::fault;
use super::reader::{Reader, Step};
use super::{ComplexType, Content, Field, SIGNATURE_FIELD, SchemaVersion, lexical};

/// A walk that has come so far.
pub(crate) struct Walk {
    complex: &'static ComplexType,
    version: SchemaVersion,
    /// The field that the next child may belong to; the one behind the last is the signature of a signed root.
    at: usize,
    /// How many children have belonged to it.
    count: usize,
    /// Fields that were missing where they belong, each with the number of its fault.
    missing: Vec<(usize, usize)>,
    /// Where among the faults that of stray text belongs, until there is one.
    stray: Option<usize>,
}

impl Walk {
    /// Begins with an element: checks its attributes.
    pub(crate) fn begin(reader: &mut Reader<'_>, node: Node<'_, '_>, complex: &'static ComplexType) -> Walk {
        reader.attributes(node, complex);
        Walk {
            complex,
            version: reader.version,
            at: 0,
            count: 0,
            missing: Vec::new(),
            stray: Some(reader.faults.len()),
        }
    }

    /// Goes through children of the element, all or the next that there are; `node` is the element around these.
    pub(crate) fn on<'r, 'd, 'i>(
        &mut self,
        reader: &mut Reader<'r>,
        node: Node<'d, 'i>,
        visit: &mut impl FnMut(&mut Reader<'r>, usize, Node<'d, 'i>),
    ) {
        self.stray_text(reader, node);
        let mut next = node.first_element_child();
        while let Some(child) = next {
            self.child(reader, (node, child), visit);
            next = child.next_sibling_element();
        }
    }

    /// Ends with an element: what was missing stays missing.
    pub(crate) fn end(mut self, reader: &mut Reader<'_>, node: Node<'_, '_>) {
        let all = self.particles();
        self.close_until(reader, node, all);
        reader.provisional -= self.missing.len();
    }

    fn particles(&self) -> usize {
        self.complex.fields.len() + usize::from(self.complex.signed)
    }

    fn field(&self, at: usize) -> &'static Field {
        self.complex.fields.get(at).unwrap_or(&SIGNATURE_FIELD)
    }

    fn is(&self, node: Node<'_, '_>, at: usize) -> bool {
        let (name, field) = (node.tag_name(), self.field(at));
        self.has(at) && name.name() == field.element && name.namespace() == Some(self.uri(field))
    }

    /// Whether the document's schema version has the field.
    fn has(&self, at: usize) -> bool {
        self.field(at).since <= self.version
    }

    fn uri(&self, field: &Field) -> &'static str {
        self.version.of_described(field.namespace(self.complex.namespace)).uri()
    }

    fn child<'r, 'd, 'i>(
        &mut self,
        reader: &mut Reader<'r>,
        (parent, node): (Node<'d, 'i>, Node<'d, 'i>),
        visit: &mut impl FnMut(&mut Reader<'r>, usize, Node<'d, 'i>),
    ) {
        let Some(belongs) = (self.at..self.particles()).find(|&at| self.is(node, at)) else {
            return self.stranger(reader, parent, node);
        };
        self.close_until(reader, parent, belongs);
        self.count += 1;
        let field = self.field(belongs);
        if self.count > field.occurs.max as usize || reader.is_full() {
            return;
        }
        let many = field.occurs.max > 1;
        if many && reader.path.len() == 1 {
            reader.entries.push(span(node));
        }
        reader.path.push(Step { element: field.element, index: many.then_some(self.count) });
        match field.content {
            Content::Complex(signature) if belongs == self.complex.fields.len() => {
                reader.check_complex(node, signature);
            }
            _ => visit(reader, belongs, node),
        }
        reader.path.pop();
    }

    /// Leaves the fields before `at` behind: reports a wrong number of children of each.
    fn close_until(&mut self, reader: &mut Reader<'_>, parent: Node<'_, '_>, at: usize) {
        while self.at < at {
            let (field, name) = (self.field(self.at), parent.tag_name().name());
            if self.count < field.occurs.min as usize && !reader.is_full() {
                self.missing.push((self.at, reader.faults.len()));
                reader.fault(parent, fault::missing(name, field, self.count));
                reader.provisional += 1;
            } else if self.count > field.occurs.max as usize {
                reader.fault(parent, fault::too_many(name, field, self.count));
            }
            (self.at, self.count) = (self.at + 1, 0);
        }
    }

    fn stranger(&mut self, reader: &mut Reader<'_>, parent: Node<'_, '_>, node: Node<'_, '_>) {
        let (name, parent) = (node.tag_name(), parent.tag_name().name());
        let known = (0..self.particles()).find(|&at| self.has(at) && self.field(at).element == name.name());
        let words = match known {
            Some(at) if self.is(node, at) => {
                self.is_not_missing(reader, at);
                fault::out_of_order(parent, self.complex, name.name())
            }
            Some(at) => fault::wrong_namespace(name.name(), name.namespace(), self.uri(self.field(at))),
            None => fault::unknown_element(parent, self.complex, reader.shown(name.name())),
        };
        reader.fault(node, words);
    }

    /// A field that was missing at its place stands at another, which says it all.
    fn is_not_missing(&mut self, reader: &mut Reader<'_>, field: usize) {
        let Some(at) = self.missing.iter().position(|(missing, _)| *missing == field) else { return };
        let (_, fault) = self.missing.remove(at);
        reader.faults.remove(fault);
        reader.provisional -= 1;
        self.missing[at..].iter_mut().for_each(|(_, later)| *later -= 1);
    }

    /// Text between the children, the first alone, told before everything about them.
    fn stray_text(&mut self, reader: &mut Reader<'_>, node: Node<'_, '_>) {
        let Some(told_at) = self.stray else { return };
        // A type without elements is empty: XML Schema lets not even white space stand in it. A CDATA section of no character is none.
        let is_empty = self.particles() == 0;
        let allowed = |text: &&str| text.is_empty() || lexical::is_white(text) && !is_empty;
        let stray = node.children().filter(Node::is_text).find_map(|t| t.text().filter(|text| !allowed(text)));
        let Some(stray) = stray else { return };
        self.stray = None;
        let told = reader.told(node, fault::text_between(node.tag_name().name(), stray.trim()));
        reader.faults.insert(told_at, told);
        self.missing.iter_mut().for_each(|(_, later)| *later += 1);
    }
}

/// Byte offsets of an element. A text in hand is smaller than 4 GiB: the limits before the parser see to that.
fn span(node: Node<'_, '_>) -> (u32, u32) {
    let range = node.range();
    (u32::try_from(range.start).unwrap_or(u32::MAX), u32::try_from(range.end).unwrap_or(u32::MAX))
}
