//! Signatures of messages, and the tree of a document.

use jiff::Timestamp;
use roxmltree::Node as Dom;
use tern_model::{PartyId, Place, Role};

use super::tree::{Attribute, Node, Text};
use super::{Incoming, SIGNED_INSIDE, SchemaVersion, SignatureFault, Tree};
use crate::schema::Quoting;
use crate::smki::{Trust, Usage};
use crate::xml::{self, Sha256Sink};
use crate::{FaultKind, Sender, VerifiedDocument, WireFault, dsig};

/// Verifies a document's own signature; those of signed documents inside it are part of what is digested.
pub(super) fn verify(incoming: &Incoming, trust: &Trust, at: Timestamp) -> Result<VerifiedDocument, SignatureFault> {
    let (name, document) = (incoming.received.name.as_str(), &incoming.document);
    let (claim, signature) = dsig::claim(name, document, SIGNED_INSIDE).map_err(SignatureFault::Profile)?;
    let certificate = trust.check(claim.certificate(), at, Usage::Sign).map_err(|problem| {
        let fault = problem.clone().into_fault(claim.certificate_place(name));
        SignatureFault::Certificate(Box::new(problem), fault)
    })?;
    let digested = || xml::canonical_document(document, signature, Sha256Sink::new()).finish();
    claim.holds(name, &certificate, digested).map_err(|fault| {
        let suggestion = "sign the message as it is sent, and send it as it was signed".to_owned();
        SignatureFault::Value(WireFault { suggestion, ..fault })
    })?;
    let sender = certificate.sender().clone();
    let text = incoming.received.text.clone();
    Ok(VerifiedDocument::from_digested((name, Quoting::Shown), text, sender, incoming.received.digest))
}

/// The party that the message names is the one that signed.
pub(super) fn is_of(place: Place, party: PartyId, sender: &Sender) -> Result<(), SignatureFault> {
    if sender.party == party {
        return Ok(());
    }
    Err(SignatureFault::Sender(WireFault {
        kind: FaultKind::Sender,
        place,
        message: "the message names another originator than the party that signed it".to_owned(),
        found: format!("a certificate of {}", sender.party),
        expected: format!("a certificate of {party}"),
        suggestion: "sign with the originator's own certificate".to_owned(),
    }))
}

/// The role that signs such documents signed.
pub(super) fn is_by(place: Place, role: Role, sender: &Sender) -> Result<(), SignatureFault> {
    if sender.role == role {
        return Ok(());
    }
    Err(SignatureFault::Sender(WireFault {
        kind: FaultKind::Sender,
        place,
        message: "the document was signed by another role than the one whose document it is".to_owned(),
        found: format!("{} ({}, {})", sender.name, sender.role, sender.party),
        expected: format!("a certificate of the role {role}"),
        suggestion: "ask the sender for a document signed by the right role".to_owned(),
    }))
}

/// The tree of a document that was judged.
pub(super) fn tree(incoming: &Incoming, version: SchemaVersion) -> Tree {
    let received = incoming.received;
    let mut tree = Tree {
        document: received.name.clone(),
        version,
        text: received.text.clone(),
        nodes: Vec::new(),
        attributes: Vec::new(),
        made: String::new(),
    };
    add(&mut tree, incoming.document.root_element(), 0);
    tree
}

fn add(tree: &mut Tree, element: Dom, parent: u32) {
    let at = offset(tree.nodes.len());
    let range = element.range();
    let name = element.tag_name().name();
    let source = &element.document().input_text()[range.start + 1..];
    let tag = source.find([' ', '\t', '\n', '\r', '/', '>']).unwrap_or(source.len());
    let name_end = range.start + 1 + tag;
    let text = text_of(tree, element);
    tree.nodes.push(Node {
        name: (offset(name_end - name.len()), offset(name_end)),
        text,
        parent,
        end: at + 1,
        range: (offset(range.start), offset(range.end)),
    });
    for attribute in element.attributes() {
        let (name, value) = (attribute.name().to_owned(), attribute.value().to_owned());
        tree.attributes.push(Attribute { of: at, name, value });
    }
    element.children().filter(Dom::is_element).for_each(|child| add(tree, child, at));
    tree.nodes[at as usize].end = offset(tree.nodes.len());
}

/// The text of an element without elements: where it stands in the document, or a copy where it stands there in another spelling.
fn text_of(tree: &mut Tree, element: Dom) -> Text {
    if element.children().any(|c| c.is_element()) {
        return Text::Source((0, 0));
    }
    let mut texts = element.children().filter(Dom::is_text).filter_map(|c| c.text());
    let first = texts.next().unwrap_or_default();
    if let Some(second) = texts.next() {
        let text: String = [first, second].into_iter().chain(texts).collect();
        return made(tree, text.trim());
    }
    let text = first.trim();
    let at = (text.as_ptr() as usize).wrapping_sub(tree.text.as_ptr() as usize);
    let stands_there = tree.text.get(at..at.wrapping_add(text.len())).is_some_and(|there| std::ptr::eq(there, text));
    if stands_there { Text::Source((offset(at), offset(at + text.len()))) } else { made(tree, text) }
}

fn made(tree: &mut Tree, text: &str) -> Text {
    let from = offset(tree.made.len());
    tree.made.push_str(text);
    Text::Made((from, offset(tree.made.len())))
}

/// Messages are smaller than 4 GiB: the limits see to that.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
