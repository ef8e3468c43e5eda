//! Reads elements that must be exactly as a profile prints them: these children in this order, these attributes, no more.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;
use tern_model::Place;

use super::{Frame, place_in};
use crate::{FaultKind, WireFault};

/// The namespace of XML Signature.
pub(crate) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The namespace of XML Encryption.
pub(crate) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";

/// Which document and profile faults are about.
pub(crate) struct Exact<'a> {
    /// Where the tree stands: a document, or a place in one for a tree that was cut out.
    pub(crate) base: &'a Place,
    /// Where the tree's text stands in that document or place.
    pub(crate) frame: Frame,
    /// The kind of every fault.
    pub(crate) kind: FaultKind,
    /// `signature` or `encryption`.
    pub(crate) profile: &'static str,
}

impl Exact<'_> {
    /// The element's place in the whole document.
    pub(crate) fn place(&self, node: Node) -> Place {
        let within = place_in(&self.base.document, node, &self.frame);
        if self.base.xpath.is_empty() {
            return within;
        }
        Place { xpath: format!("{}/{}", self.base.xpath, within.xpath), ..self.base.clone() }
    }

    /// A fault at an element.
    pub(crate) fn fault(&self, node: Node, message: String, found: String, expected: String) -> WireFault {
        self.fault_at(self.place(node), message, found, expected)
    }

    /// A fault at a place.
    pub(crate) fn fault_at(&self, place: Place, message: String, found: String, expected: String) -> WireFault {
        WireFault {
            kind: self.kind,
            place,
            message,
            found: shown(found),
            expected: shown(expected),
            suggestion: format!("make it again by the {} profile of docs/wire-profile.md", self.profile),
        }
    }

    /// The element's children, which must be these (namespace and local name), in this order; white space may be between.
    pub(crate) fn children<'d, 'i, const N: usize>(
        &self,
        parent: Node<'d, 'i>,
        names: [(&str, &str); N],
    ) -> Result<[Node<'d, 'i>; N], WireFault> {
        let mut found = [parent; N];
        let mut count = 0;
        for child in parent.children() {
            if child.is_element() {
                let expected = names.get(count).copied();
                if !expected.is_some_and(|(namespace, name)| is(child, namespace, name)) {
                    return Err(self.unexpected(parent, child, expected.map(|(_, name)| name)));
                }
                found[count] = child;
                count += 1;
            } else if !is_white_space(child) {
                return Err(self.stray_text(parent));
            }
        }
        match names.get(count) {
            None => Ok(found),
            Some((_, missing)) => {
                let message = format!("{} lacks {missing}", parent.tag_name().name());
                Err(self.fault(parent, message, "nothing".into(), (*missing).to_owned()))
            }
        }
    }

    fn unexpected(&self, parent: Node, child: Node, expected: Option<&str>) -> WireFault {
        let (parent, name) = (parent.tag_name().name(), child.tag_name().name());
        let message = format!("{parent} holds {name}, which the {} profile does not have there", self.profile);
        let found = format!("{name} of {}", child.tag_name().namespace().unwrap_or("no namespace"));
        self.fault(child, message, found, expected.map_or_else(|| "nothing more".into(), str::to_owned))
    }

    fn stray_text(&self, parent: Node) -> WireFault {
        let message = format!("{} holds text between its elements", parent.tag_name().name());
        self.fault(parent, message, "text".into(), "elements alone".into())
    }

    /// The element must have these attributes with these values, and no other.
    pub(crate) fn attributes(&self, node: Node, expected: &[(&str, &str)]) -> Result<(), WireFault> {
        let element = node.tag_name().name();
        for &(name, value) in expected {
            let found = node.attribute(name);
            if found != Some(value) {
                let message = format!("{element} has another {name} than the {} profile", self.profile);
                return Err(self.fault(node, message, found.unwrap_or("nothing").into(), value.into()));
            }
        }
        let other =
            node.attributes().find(|a| a.namespace().is_some() || !expected.iter().any(|(name, _)| *name == a.name()));
        match other {
            None => Ok(()),
            Some(other) => {
                let message = format!("{element} has the attribute {}, which is not for it", other.name());
                let expected = expected.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                let expected = if expected.is_empty() { "no attribute".into() } else { expected };
                Err(self.fault(node, message, other.name().into(), expected))
            }
        }
    }

    /// The text of an element that has no attributes and no children.
    pub(crate) fn text<'d>(&self, node: Node<'d, '_>) -> Result<&'d str, WireFault> {
        self.attributes(node, &[])?;
        match node.first_child() {
            None => Ok(""),
            Some(text) if text.is_text() && text.next_sibling().is_none() => Ok(text.text().unwrap_or_default()),
            Some(_) => {
                let message = format!("{} holds elements", node.tag_name().name());
                Err(self.fault(node, message, "elements".into(), "text alone".into()))
            }
        }
    }

    /// The bytes of a base64 text, which may be wrapped.
    pub(crate) fn base64(&self, node: Node) -> Result<Vec<u8>, WireFault> {
        let text = self.text(node)?;
        let white = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
        let bytes = if text.as_bytes().iter().any(white) {
            STANDARD.decode(text.bytes().filter(|b| !white(b)).collect::<Vec<u8>>())
        } else {
            STANDARD.decode(text)
        };
        bytes.map_err(|error| {
            let message = format!("{} is not base64", node.tag_name().name());
            self.fault(node, message, error.to_string(), "base64 with its padding".into())
        })
    }

    /// The bytes of a base64 text of fixed length.
    pub(crate) fn base64_of<const N: usize>(&self, node: Node) -> Result<[u8; N], WireFault> {
        let bytes = self.base64(node)?;
        <[u8; N]>::try_from(bytes.as_slice()).map_err(|_| {
            let message = format!("{} has another length", node.tag_name().name());
            self.fault(node, message, format!("{} bytes", bytes.len()), format!("{N} bytes"))
        })
    }
}

/// A value short enough for one line, and visible where it is empty.
fn shown(value: String) -> String {
    const CHARACTERS_MAX: usize = 120;
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match value.char_indices().nth(CHARACTERS_MAX) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None if value.trim().is_empty() => format!("{value:?}"),
        None => value,
    }
}

/// Whether this is the element of that name.
pub(crate) fn is(node: Node, namespace: &str, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace() == Some(namespace)
}

/// Whether this is text that says nothing.
pub(crate) fn is_white_space(node: Node) -> bool {
    node.is_text() && node.text().unwrap_or_default().bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
}
