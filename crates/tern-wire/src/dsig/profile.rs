//! What a signature must look like, element by element.

use roxmltree::{Document, Node};
use tern_model::CertificateId;

use crate::WireFault;
use crate::xml::exact::{DS, Exact, is, is_white_space};
use crate::xml::key_info;

pub(super) const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(super) const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(super) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// A signature that has the profile's form. Nothing in it is true yet.
pub(super) struct Claim<'d, 'i> {
    /// The whole element, which the enveloped transform leaves out.
    pub(super) signature: Node<'d, 'i>,
    pub(super) signed_info: Node<'d, 'i>,
    /// What the document's canonical form is said to digest to.
    pub(super) digest: [u8; 32],
    pub(super) digest_value: Node<'d, 'i>,
    /// r and s.
    pub(super) value: [u8; 64],
    pub(super) signature_value: Node<'d, 'i>,
    /// Whose signature it is said to be.
    pub(super) certificate: CertificateId,
    pub(super) issuer_serial: Node<'d, 'i>,
}

/// The document's only signature, which must be the last child of its root.
pub(super) fn locate<'d, 'i>(exact: &Exact, document: &'d Document<'i>) -> Result<Node<'d, 'i>, WireFault> {
    let root = document.root_element();
    let last = "one ds:Signature as the last child of the root".to_owned();
    let mut signatures = document.descendants().filter(|n| is(*n, DS, "Signature"));
    let Some(signature) = signatures.next() else {
        return Err(exact.fault(root, "the file is not signed".into(), "no ds:Signature".into(), last));
    };
    if let Some(second) = signatures.next() {
        let found = format!("{} signatures", 2 + signatures.count());
        return Err(exact.fault(second, "the file has more than one signature".into(), found, last));
    }
    if signature.parent() != Some(root) {
        let found = exact.place(signature).xpath;
        return Err(exact.fault(signature, "the signature stands elsewhere than under the root".into(), found, last));
    }
    match signature.next_siblings().skip(1).find(|n| !is_white_space(*n)) {
        None => Ok(signature),
        Some(after) => {
            let found = if after.is_element() { after.tag_name().name() } else { "text" }.to_owned();
            Err(exact.fault(after, "something follows the signature".into(), found, last))
        }
    }
}

/// Reads a signature by the profile.
pub(super) fn read<'d, 'i>(exact: &Exact, signature: Node<'d, 'i>) -> Result<Claim<'d, 'i>, WireFault> {
    exact.attributes(signature, &[])?;
    let [signed_info, signature_value, key_info] =
        exact.children(signature, [(DS, "SignedInfo"), (DS, "SignatureValue"), (DS, "KeyInfo")])?;
    exact.attributes(signed_info, &[])?;
    let [canonicalization, method, reference] =
        exact.children(signed_info, [(DS, "CanonicalizationMethod"), (DS, "SignatureMethod"), (DS, "Reference")])?;
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
    Ok(Claim { signature, signed_info, digest, digest_value, value, signature_value, certificate, issuer_serial })
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
