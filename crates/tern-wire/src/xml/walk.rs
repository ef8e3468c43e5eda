//! Drives the canonicaliser from a parsed tree.

use roxmltree::{Document, Node, NodeId};

use super::c14n::{Attribute, Canonicaliser, Declaration, Element, Events, Form, Sink};

/// Sends the element and everything in it, but for `skip` and everything in that, to `events`.
///
/// The first element comes with every namespace in scope. Comments and processing instructions are passed over.
pub fn walk<'a>(top: Node<'a, '_>, skip: Option<NodeId>, events: &mut impl Events) {
    if Some(top.id()) != skip && start(top, events) {
        inside(top, skip, events);
        end(top, events);
    }
}

/// The start tag of the element with which a walk begins; whether it was one.
pub(crate) fn start<'a>(top: Node<'a, '_>, events: &mut impl Events) -> bool {
    enter(top, top, &mut Tags::default(), events)
}

/// The end tag of the element with which a walk began.
pub(crate) fn end(top: Node, events: &mut impl Events) {
    events.end_element(qualified_name(top));
}

/// Everything in an element whose start tag was sent, but for `skip`: a large root is sent in several texts, one after the other.
pub(crate) fn inside<'a>(top: Node<'a, '_>, skip: Option<NodeId>, events: &mut impl Events) {
    let mut tags = Tags::default();
    let Some(mut node) = top.first_child() else { return };
    loop {
        let entered = Some(node.id()) != skip && enter(node, top, &mut tags, events);
        if entered && let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        if entered {
            end(node, events);
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) if parent != top => node = parent,
                _ => return,
            }
            end(node, events);
        }
    }
}

/// The inclusive canonical form of a whole document, without the element `skip` (the enveloped signature's transform).
pub fn canonical_document<S: Sink>(document: &Document, skip: Option<NodeId>, sink: S) -> S {
    let mut canonicaliser = Canonicaliser::new(Form::Inclusive, sink);
    walk(document.root_element(), skip, &mut canonicaliser);
    canonicaliser.finish()
}

/// The exclusive canonical form of one element: a text that stands by itself, with the namespaces that it uses.
#[must_use]
pub fn exclusive_text(element: Node) -> String {
    let mut canonicaliser = Canonicaliser::new(Form::Exclusive, String::with_capacity(element.range().len() + 128));
    walk(element, None, &mut canonicaliser);
    canonicaliser.finish()
}

/// What is gathered of one tag; kept from tag to tag for its allocations.
#[derive(Default)]
struct Tags<'a> {
    declarations: Vec<Declaration<'a>>,
    attributes: Vec<Attribute<'a>>,
}

/// Sends a text or a start tag. Says whether it was a start tag, which owes an end tag.
fn enter<'a>(node: Node<'a, '_>, top: Node<'a, '_>, tags: &mut Tags<'a>, events: &mut impl Events) -> bool {
    if node.is_text() {
        events.text(node.text().unwrap_or_default());
        return false;
    }
    if !node.is_element() {
        return false;
    }
    tags.declarations.clear();
    tags.attributes.clear();
    declarations(node, if node == top { None } else { node.parent_element() }, &mut tags.declarations);
    let source = node.document().input_text();
    for attribute in node.attributes() {
        let qualified_name = &source[attribute.range_qname()];
        tags.attributes.push(Attribute {
            namespace: attribute.namespace().unwrap_or_default(),
            prefix: prefix_of(qualified_name),
            qualified_name,
            value: attribute.value(),
        });
    }
    let qualified_name = qualified_name(node);
    events.start_element(&Element {
        prefix: prefix_of(qualified_name),
        qualified_name,
        declarations: &tags.declarations,
        attributes: &tags.attributes,
    });
    true
}

/// The namespaces in scope, where they are not the very ones of the parent.
fn declarations<'a>(node: Node<'a, '_>, parent: Option<Node<'a, '_>>, into: &mut Vec<Declaration<'a>>) {
    if let Some(parent) = parent {
        let mut ours = node.namespaces();
        let mut theirs = parent.namespaces();
        // Elements that declare nothing share their parent's bindings, so equal addresses settle nearly every element.
        if ours.len() == theirs.len() && ours.by_ref().zip(theirs.by_ref()).all(|(a, b)| std::ptr::eq(a, b)) {
            return;
        }
    }
    into.extend(node.namespaces().map(|n| Declaration { prefix: n.name().unwrap_or_default(), uri: n.uri() }));
}

/// The name as the start tag spells it: the tree keeps the local name alone.
fn qualified_name<'a>(element: Node<'a, '_>) -> &'a str {
    let source = element.document().input_text();
    let name = &source[element.range().start + 1..];
    let end = name.bytes().position(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'/' | b'>')).unwrap_or(name.len());
    &name[..end]
}

fn prefix_of(qualified_name: &str) -> &str {
    qualified_name.split_once(':').map_or("", |(prefix, _)| prefix)
}
