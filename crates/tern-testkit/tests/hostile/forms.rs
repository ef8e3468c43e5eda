//! What of a file is signed, in its canonical form: two files with the same are one file to whoever signed it.

use tern_wire::xml::{self, Limits, canonical_document, exclusive_text};

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// The canonical forms of the content and of SignedInfo.
#[derive(PartialEq, Eq)]
pub struct SignedForm(String, String);

/// None where the bytes are no XML, or have not one signature.
pub fn signed_form(bytes: &[u8]) -> Option<SignedForm> {
    let text = xml::guard("", bytes, &Limits::DEFAULT).ok()?;
    let tree = xml::parse("", &text).ok()?;
    let mut signatures = tree.root_element().children().filter(|n| n.has_tag_name((DS, "Signature")));
    let (signature, None) = (signatures.next()?, signatures.next()) else { return None };
    let mut infos = signature.children().filter(|n| n.has_tag_name((DS, "SignedInfo")));
    let (info, None) = (infos.next()?, infos.next()) else { return None };
    Some(SignedForm(canonical_document(&tree, Some(signature.id()), String::new()), exclusive_text(info)))
}
