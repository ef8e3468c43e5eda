//! Goes through a document by its schema once: a tree, or every fault with its place.

use std::borrow::Cow;
use std::sync::Arc;

use roxmltree::{Document, Node as Dom};

use super::facets::TextType;
use super::lexical::{check, collapse};
use super::words::{self, Words, listed};
use super::{Content, ContentId, Holds, Name, Particle, Schema, Term, schema};
use crate::duis::tree::{Attribute, Node, Text, Tree};
use crate::duis::{Root, SchemaVersion};
use crate::schema::{FAULTS_MAX, shorten};
use crate::xml::exact::is_white_space;
use crate::xml::place_of;
use crate::{FaultKind, WireFault};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Whether a document has its own signature yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::duis) enum Signed {
    Already,
    /// It is ours, and is signed once it was judged.
    ToCome,
}

/// Judges a document with one of the four roots, whose text is `text`.
pub(in crate::duis) fn judge(
    name: &str,
    text: &Arc<str>,
    document: &Document<'_>,
    (root, version, signed): (Root, SchemaVersion, Signed),
) -> Result<Tree, Vec<WireFault>> {
    let schema = schema(version);
    judged(
        (name, text),
        document.root_element(),
        schema.root(root.name()).map(|id| (root.name(), id)),
        (version, signed),
    )
}

/// Judges a document that is the Body of a request, whose text is `text`.
pub(in crate::duis) fn judge_body(
    name: &str,
    text: &Arc<str>,
    document: &Document<'_>,
    version: SchemaVersion,
) -> Result<Tree, Vec<WireFault>> {
    let schema = schema(version);
    let request = schema.root(Root::Request.name()).map(|id| schema.content(id));
    let body = request.and_then(|request| match &request.holds {
        Holds::Elements(model) => element(model, "Body"),
        _ => None,
    });
    judged((name, text), document.root_element(), body, (version, Signed::Already))
}

fn judged(
    (name, text): (&str, &Arc<str>),
    root: Dom<'_, '_>,
    is: Option<(&'static str, ContentId)>,
    (version, signed): (SchemaVersion, Signed),
) -> Result<Tree, Vec<WireFault>> {
    let schema = schema(version);
    let tree = Tree {
        document: name.to_owned(),
        version,
        text: text.clone(),
        nodes: Vec::new(),
        attributes: Vec::new(),
        made: String::new(),
    };
    let mut judge = Judge { schema, signed, tree, faults: Vec::new() };
    if let Some((name, content)) = is {
        judge.element(root, name, content, 0);
    }
    let Judge { tree, mut faults, .. } = judge;
    if faults.is_empty() {
        return Ok(tree);
    }
    faults.sort_by_key(|fault| (fault.place.line, fault.place.column));
    faults.truncate(FAULTS_MAX);
    Err(faults)
}

struct Judge {
    schema: &'static Schema,
    signed: Signed,
    tree: Tree,
    faults: Vec<WireFault>,
}

/// Where one is in an element's children.
struct Walk<'d, 'i> {
    parent: Dom<'d, 'i>,
    /// The number of the parent in the tree.
    at: u32,
    children: Vec<Dom<'d, 'i>>,
    next: usize,
    /// What was missing so far: what it may begin with, and the number of its fault.
    missing: Vec<(&'static [Name], usize)>,
    /// Elements of the model that are there under another namespace, which was told: they are not missing beside.
    elsewhere: Vec<Name>,
}

impl<'d, 'i> Walk<'d, 'i> {
    fn child(&self) -> Option<Dom<'d, 'i>> {
        self.children.get(self.next).copied()
    }

    fn begins(&self, particle: &Particle) -> bool {
        self.child().is_some_and(|child| particle.first.iter().any(|name| name.is(child)))
    }
}

impl Judge {
    fn element(&mut self, node: Dom, name: &'static str, content: ContentId, parent: u32) {
        let content: &'static Content = self.schema.content(content);
        let (at, range) = (offset(self.tree.nodes.len()), node.range());
        let text = Text::Source((0, 0));
        self.tree.nodes.push(Node { name, text, parent, end: at + 1, range: (offset(range.start), offset(range.end)) });
        self.attributes(node, content, at);
        match &content.holds {
            Holds::Nothing => self.nothing(node),
            Holds::Text { text, default } => self.text(node, (text, *default), at),
            Holds::Elements(model) => self.elements(node, model, at),
        }
        self.tree.nodes[at as usize].end = offset(self.tree.nodes.len());
    }

    fn attributes(&mut self, node: Dom, content: &'static Content, at: u32) {
        let element = node.tag_name().name();
        for attribute in node.attributes() {
            let is_hint = matches!(attribute.name(), "schemaLocation" | "noNamespaceSchemaLocation");
            if attribute.namespace() == Some(XSI) && is_hint {
                continue;
            }
            let known = content.attributes.iter().find(|known| known.name == attribute.name());
            let Some(known) = known.filter(|_| attribute.namespace().is_none()) else {
                self.fault(node, words::unknown_attribute(element, attribute.name()));
                continue;
            };
            let value = collapse(known.text.base, attribute.value());
            if let Err(misfit) = check(&value, &known.text) {
                self.fault(node, words::bad_text(known.name, &value, &known.text, misfit));
            }
            self.tree.attributes.push(Attribute { of: at, name: known.name, value: value.into_owned() });
        }
        for required in content.attributes.iter().filter(|a| a.is_required && !node.has_attribute(a.name)) {
            self.fault(node, words::missing_attribute(element, required.name));
        }
    }

    /// An element that holds nothing: not even white space may stand in it.
    fn nothing(&mut self, node: Dom) {
        let name = node.tag_name().name();
        if let Some(text) = node.children().filter(Dom::is_text).find_map(|t| t.text().filter(|t| !t.is_empty())) {
            self.fault(node, words::stray_text(name, text, true));
        }
        for child in node.children().filter(Dom::is_element) {
            self.fault(child, words::unknown(name, child.tag_name().name(), "no element".to_owned()));
        }
    }

    fn text(&mut self, node: Dom, (text, default): (&'static TextType, Option<&'static str>), at: u32) {
        let name = node.tag_name().name();
        if let Some(child) = node.children().find(Dom::is_element) {
            let words = words::element_in_text(name, child.tag_name().name(), text);
            return self.fault(node, words);
        }
        let found = text_of(node);
        let value = collapse(text.base, &found);
        let value = if found.is_empty() { Cow::Borrowed(default.unwrap_or_default()) } else { value };
        if let Err(misfit) = check(&value, text) {
            self.fault(node, words::bad_text(name, &value, text, misfit));
        }
        let held = self.held(&value);
        self.tree.nodes[at as usize].text = held;
    }

    /// Where a text stands in the document, or a copy of it where it stands there in another spelling.
    fn held(&mut self, value: &str) -> Text {
        let at = (value.as_ptr() as usize).wrapping_sub(self.tree.text.as_ptr() as usize);
        let there = self.tree.text.get(at..at.wrapping_add(value.len()));
        if there.is_some_and(|there| std::ptr::eq(there, value)) {
            return Text::Source((offset(at), offset(at + value.len())));
        }
        let from = offset(self.tree.made.len());
        self.tree.made.push_str(value);
        Text::Made((from, offset(self.tree.made.len())))
    }

    fn elements(&mut self, node: Dom, model: &'static Particle, at: u32) {
        let name = node.tag_name().name();
        let stray = node.children().find(|child| child.is_text() && !is_white_space(*child));
        if let Some(stray) = stray.and_then(|stray| stray.text()) {
            self.fault(node, words::stray_text(name, stray.trim(), false));
        }
        let (children, elsewhere) = self.known_children(node, model);
        let mut walk = Walk { parent: node, at, children, next: 0, missing: Vec::new(), elsewhere };
        // The model of an element stands once, whatever its first child is.
        self.term(&model.term, &mut walk);
        while let Some(child) = walk.child() {
            self.left_over(child, model, &mut walk);
            walk.next += 1;
        }
    }

    /// The children that the model has somewhere, and those that it has under another namespace. All but the first are told of.
    fn known_children<'d, 'i>(&mut self, node: Dom<'d, 'i>, model: &'static Particle) -> (Vec<Dom<'d, 'i>>, Vec<Name>) {
        let (mut children, mut elsewhere) = (Vec::new(), Vec::new());
        for child in node.children().filter(Dom::is_element) {
            if model.first.iter().any(|name| name.is(child)) || has(model, &|name| name.is(child)) {
                children.push(child);
                continue;
            }
            let (parent, found) = (node.tag_name().name(), child.tag_name());
            let same = named(model, found.name());
            elsewhere.extend(same);
            let words = match same {
                Some(name) => words::wrong_namespace(name.local, found.namespace(), name.namespace.uri()),
                None => words::unknown(parent, found.name(), listed(model.first.iter().map(|name| name.local))),
            };
            self.fault(child, words);
        }
        (children, elsewhere)
    }

    fn particle(&mut self, particle: &'static Particle, walk: &mut Walk) {
        let mut count = 0;
        while count < particle.max && walk.begins(particle) && self.faults.len() < FAULTS_MAX {
            self.term(&particle.term, walk);
            count += 1;
        }
        // What is left of the least number may be nothing where the term may be.
        let is_elsewhere = particle.first.iter().any(|name| walk.elsewhere.contains(name));
        let is_to_come = self.signed == Signed::ToCome && walk.at == 0 && matches!(particle.term, Term::Signature);
        if count < particle.min && !particle.may_be_nothing && !is_elsewhere && !is_to_come {
            let name = walk.parent.tag_name().name();
            let expected = listed(particle.first.iter().map(|name| name.local));
            let expected = if particle.first.len() > 1 { format!("one of {expected}") } else { expected };
            walk.missing.push((&particle.first, self.faults.len()));
            self.fault(walk.parent, words::missing(name, expected, count));
        }
    }

    fn term(&mut self, term: &'static Term, walk: &mut Walk) {
        match term {
            Term::Element(name, content) => {
                if let Some(child) = walk.child() {
                    self.element(child, name.local, *content, walk.at);
                    walk.next += 1;
                }
            }
            Term::Signature => walk.next += 1,
            Term::Sequence(items) => items.iter().for_each(|item| self.particle(item, walk)),
            Term::Choice(items) => {
                if let Some(chosen) = items.iter().find(|item| walk.begins(item)) {
                    self.particle(chosen, walk);
                }
            }
        }
    }

    /// A child that the model has, and not here. Where it was missing at its place, this says it all.
    fn left_over(&mut self, child: Dom, model: &'static Particle, walk: &mut Walk) {
        let was_missing = walk.missing.iter().position(|(first, _)| first.iter().any(|name| name.is(child)));
        if let Some(position) = was_missing {
            let (_, fault) = walk.missing.remove(position);
            if fault < self.faults.len() {
                self.faults.remove(fault);
                walk.missing.iter_mut().filter(|(_, later)| *later > fault).for_each(|(_, later)| *later -= 1);
            }
        }
        let (parent, name) = (walk.parent.tag_name().name(), child.tag_name().name());
        let mut order = Vec::new();
        names(model, &mut order);
        self.fault(child, words::out_of_order(parent, name, listed(order.into_iter())));
    }

    fn fault(&mut self, node: Dom, words: Words) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(WireFault {
                kind: FaultKind::Schema,
                place: place_of(&self.tree.document, node),
                message: words.message,
                found: shorten(&words.found),
                expected: words.expected,
                suggestion: words.suggestion.to_owned(),
            });
        }
    }
}

/// Whether a model has an element somewhere.
fn has(particle: &Particle, wanted: &impl Fn(Name) -> bool) -> bool {
    match &particle.term {
        Term::Element(name, _) => wanted(*name),
        Term::Signature => wanted(Name::SIGNATURE),
        Term::Sequence(items) | Term::Choice(items) => items.iter().any(|item| has(item, wanted)),
    }
}

/// The first element of a model with a local name, and what it holds.
fn element(particle: &'static Particle, local: &str) -> Option<(&'static str, ContentId)> {
    match &particle.term {
        Term::Element(name, content) => (name.local == local).then_some((name.local, *content)),
        Term::Signature => None,
        Term::Sequence(items) | Term::Choice(items) => items.iter().find_map(|item| element(item, local)),
    }
}

/// The first element of a model with a local name.
fn named(particle: &Particle, local: &str) -> Option<Name> {
    match &particle.term {
        Term::Element(name, _) => Some(*name).filter(|name| name.local == local),
        Term::Signature => Some(Name::SIGNATURE).filter(|name| name.local == local),
        Term::Sequence(items) | Term::Choice(items) => items.iter().find_map(|item| named(item, local)),
    }
}

/// The names of a model in its order.
fn names(particle: &'static Particle, into: &mut Vec<&'static str>) {
    match &particle.term {
        Term::Element(name, _) => into.push(name.local),
        Term::Signature => into.push(Name::SIGNATURE.local),
        Term::Sequence(items) | Term::Choice(items) => items.iter().for_each(|item| names(item, into)),
    }
}

/// The text directly inside an element.
fn text_of<'d>(node: Dom<'d, '_>) -> Cow<'d, str> {
    let mut texts = node.children().filter(Dom::is_text).filter_map(|child| child.text());
    match (texts.next(), texts.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
    }
}

/// Messages are smaller than 4 GiB: the limits see to that.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
