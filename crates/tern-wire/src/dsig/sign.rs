//! Signs a document of ours.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};

use super::profile::{ECDSA_SHA256, ENVELOPED, EXCLUSIVE_C14N, SHA256};
use crate::WireFault;
use crate::smki::{Signer, SigningFailed};
use crate::xml::exact::{DS, is};
use crate::xml::{self, Limits, Sha256Sink, key_info};

/// Why a document was not signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignFault {
    /// It is no XML that could be verified.
    Document(Box<WireFault>),
    /// It holds a signature.
    AlreadySigned,
    /// The key failed.
    Key(SigningFailed),
}

impl std::fmt::Display for SignFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SignFault::Document(fault) => write!(f, "the document to sign: {fault}"),
            SignFault::AlreadySigned => f.write_str("the document to sign holds a signature"),
            SignFault::Key(failed) => failed.fmt(f),
        }
    }
}

impl std::error::Error for SignFault {}

/// Puts a signature into a document as its root's last child. Everything else stays byte for byte.
///
/// # Errors
/// [`SignFault`]; never one of a document that [`xml::Writer`] wrote from text that XML can hold.
pub fn sign(document: &str, signer: &Signer) -> Result<String, SignFault> {
    sign_around(document, signer, &Limits::DEFAULT, &[])
}

/// As [`sign`], for a document that may hold whole signed documents: `signed_inside` names these elements.
pub(crate) fn sign_around(
    document: &str,
    signer: &Signer,
    limits: &Limits,
    signed_inside: &[(&str, &str)],
) -> Result<String, SignFault> {
    let refused = |fault| SignFault::Document(Box::new(fault));
    let text = xml::guard("", document.as_bytes(), limits).map_err(refused)?;
    let tree = xml::parse("", &text).map_err(refused)?;
    sign_tree(&tree, signer, signed_inside)
}

/// As [`sign_around`], for a caller that has the tree of a guarded text in hand.
pub(crate) fn sign_tree(
    tree: &Document<'_>,
    signer: &Signer,
    signed_inside: &[(&str, &str)],
) -> Result<String, SignFault> {
    let is_of_a_part = |signature: Node| {
        let part = signature.parent_element().filter(|parent| parent.parent_element().is_some());
        part.is_some_and(|part| signed_inside.iter().any(|(namespace, name)| is(part, namespace, name)))
    };
    if tree.descendants().any(|n| is(n, DS, "Signature") && !is_of_a_part(n)) {
        return Err(SignFault::AlreadySigned);
    }
    let digest = xml::canonical_document(tree, None, Sha256Sink::new()).finish();
    let signature = signature(digest, signer).map_err(SignFault::Key)?;
    Ok(with_last_child(tree.input_text(), tree.root_element(), &signature))
}

/// The signature over a document whose canonical form digests to this; it becomes the root's last child.
pub(crate) fn signature(digest: [u8; 32], signer: &Signer) -> Result<String, SigningFailed> {
    let digest = STANDARD.encode(digest);
    let canonical = signed_info(&format!(" xmlns:ds=\"{DS}\""), &digest);
    let value = STANDARD.encode(signer.sign(canonical.as_bytes())?);
    Ok(format!(
        "<ds:Signature xmlns:ds=\"{DS}\">{}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo>{}</ds:KeyInfo></ds:Signature>",
        signed_info("", &digest),
        key_info::write(signer.certificate().id()),
    ))
}

/// SignedInfo in its exclusive canonical form where `namespace` declares the prefix, and as the document holds it where
/// the element around declares it.
fn signed_info(namespace: &str, digest: &str) -> String {
    format!(
        "<ds:SignedInfo{namespace}>\
         <ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE_C14N}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{ECDSA_SHA256}\"></ds:SignatureMethod>\
         <ds:Reference URI=\"\">\
         <ds:Transforms><ds:Transform Algorithm=\"{ENVELOPED}\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{SHA256}\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue>\
         </ds:Reference></ds:SignedInfo>"
    )
}

/// The text with `child` before the root's end tag; an empty-element tag is opened for it.
fn with_last_child(text: &str, root: Node, child: &str) -> String {
    let element = root.range();
    let (before, after) = match text[..element.end].strip_suffix("/>") {
        Some(open) if !root.has_children() => {
            let name = text[element.start + 1..].split(|c: char| c.is_ascii_whitespace() || c == '/').next();
            (format!("{open}>"), format!("</{}>", name.unwrap_or_default()))
        }
        _ => {
            let end_tag = text[..element.end].rfind("</").unwrap_or(element.end);
            (text[..end_tag].to_owned(), text[end_tag..element.end].to_owned())
        }
    };
    [&before, child, &after, &text[element.end..]].concat()
}
