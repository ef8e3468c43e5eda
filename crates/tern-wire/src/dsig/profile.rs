//! What a signature must look like, element by element.

use roxmltree::Node;
use tern_model::CertificateId;

use crate::WireFault;
use crate::xml::exact::{DS, Exact};
use crate::xml::{LineColumn, exclusive_text, key_info};

pub(super) const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(super) const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(super) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// A signature that has the profile's form. Nothing in it is true yet.
pub(crate) struct Claim {
    /// SignedInfo in its canonical form.
    pub(super) signed_info: String,
    /// What the document's canonical form is said to digest to.
    pub(super) digest: [u8; 32],
    /// r and s.
    pub(super) value: [u8; 64],
    /// Whose signature it is said to be.
    pub(super) certificate: CertificateId,
    pub(super) places: Places,
}

/// Where the parts stand that may turn out not to be true. Their paths are the profile's.
pub(super) struct Places {
    pub(super) root: String,
    pub(super) digest_value: LineColumn,
    pub(super) signature_value: LineColumn,
    pub(super) issuer_serial: LineColumn,
}

/// Reads a signature by the profile.
pub(super) fn read(exact: &Exact, signature: Node) -> Result<Claim, WireFault> {
    exact.attributes(signature, &[])?;
    let [info, signature_value, key_info] =
        exact.children(signature, [(DS, "SignedInfo"), (DS, "SignatureValue"), (DS, "KeyInfo")])?;
    exact.attributes(info, &[])?;
    let [canonicalization, method, reference] =
        exact.children(info, [(DS, "CanonicalizationMethod"), (DS, "SignatureMethod"), (DS, "Reference")])?;
    algorithm(exact, canonicalization, EXCLUSIVE_C14N)?;
    algorithm(exact, method, ECDSA_SHA256)?;
    exact.attributes(reference, &[("URI", "")])?;
    let [transforms, digest_method, digest_value] =
        exact.children(reference, [(DS, "Transforms"), (DS, "DigestMethod"), (DS, "DigestValue")])?;
    exact.attributes(transforms, &[])?;
    let [transform] = exact.children(transforms, [(DS, "Transform")])?;
    algorithm(exact, transform, ENVELOPED)?;
    algorithm(exact, digest_method, SHA256)?;
    let digest = exact.base64_of(digest_value)?;
    let value = signature_bytes(exact, signature_value)?;
    let (certificate, issuer_serial) = key_info::read(exact, key_info)?;
    let places = places(exact, signature, [digest_value, signature_value, issuer_serial]);
    Ok(Claim { signed_info: exclusive_text(info), digest, value, certificate, places })
}

fn places(exact: &Exact, signature: Node, parts: [Node; 3]) -> Places {
    let text = signature.document().input_text();
    let from = signature.range().start;
    let start = exact.frame.line_column(text, from);
    let at = |node: Node| start.after(&text.as_bytes()[from..node.range().start]);
    let root = signature.document().root_element().tag_name().name().to_owned();
    let [digest_value, signature_value, issuer_serial] = parts.map(at);
    Places { root, digest_value, signature_value, issuer_serial }
}

/// An element that names an algorithm and has no parameters.
fn algorithm(exact: &Exact, node: Node, expected: &str) -> Result<(), WireFault> {
    exact.attributes(node, &[("Algorithm", expected)])?;
    exact.children(node, []).map(|[]| ())
}

fn signature_bytes(exact: &Exact, node: Node) -> Result<[u8; 64], WireFault> {
    exact.base64_of(node).map_err(|mut fault| {
        let der = exact.base64(node).is_ok_and(|bytes| bytes.len() != 64 && bytes.first() == Some(&0x30));
        if der {
            fault.suggestion = "write r and s as 32 bytes each, not as ASN.1".into();
        }
        fault
    })
}
