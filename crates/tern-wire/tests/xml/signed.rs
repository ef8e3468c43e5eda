//! What is signed verifies, in every spelling that the profile allows.

use tern_model::Role;
use tern_wire::dsig::{self, SignFault};
use tern_wire::xml::Limits;

use crate::support::{KEYS, NAME, PARTY, document, now, part, resigned, signed, verify};

#[track_caller]
fn check_accepted(document: &str) {
    if let Err(fault) = verify(document.as_bytes()) {
        panic!("{fault:?}\n{document}");
    }
}

#[test]
fn a_signed_document_verifies_and_says_who_sent_it() {
    let signed = signed();
    let verified = verify(signed.as_bytes()).unwrap();
    assert_eq!(verified.name(), NAME);
    assert_eq!(verified.text(), signed);
    assert_eq!(verified.sender().party, PARTY);
    assert_eq!(verified.sender().role, Role::RequestingParty);
    assert_eq!(&verified.sender().certificate, KEYS.party.certificate.id());
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, signed.as_bytes());
    assert_eq!(verified.digest().0, digest.as_ref());
}

#[test]
fn signing_changes_nothing_but_to_add_the_signature() {
    let signed = signed();
    assert_eq!(signed.replace(part(&signed, "ds:Signature"), ""), document());
    assert!(signed.ends_with("</ds:Signature></MigrationCommonFile>"));
}

#[test]
fn roots_of_every_spelling_can_be_signed() {
    for document in [
        "<a/>",
        "<a b=\"/\" />",
        "<p:a xmlns:p=\"urn:p\"/>",
        "<a></a >",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>\n</a>\n",
        "<a xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><b/></a>",
        "<a><![CDATA[</a>]]></a>",
        "<a>line\r\nends\r</a>",
    ] {
        let signed = dsig::sign(document, &KEYS.party.signer()).unwrap();
        check_accepted(&signed);
    }
}

#[test]
fn what_cannot_be_verified_is_not_signed() {
    let signer = KEYS.party.signer();
    assert_eq!(dsig::sign(&signed(), &signer), Err(SignFault::AlreadySigned));
    for document in ["", "text", "<a>", "<a>\u{1}</a>", "<!DOCTYPE a><a/>", "<a><!-- c --></a>"] {
        assert!(matches!(dsig::sign(document, &signer), Err(SignFault::Document(_))), "{document}");
    }
}

#[test]
fn spellings_of_one_canonical_form_are_one_document() {
    let signed = signed();
    check_accepted(&format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{signed}\n"));
    check_accepted(&signed.replace("<ds:SignedInfo>", "<ds:SignedInfo >"));
    check_accepted(&signed.replace("\"></ds:SignatureMethod>", "\"/>"));
    check_accepted(&signed.replace("URI=\"\"", "URI = ''"));
    check_accepted(&signed.replace("\"quoted\"", "&#34;quoted&#x22;"));
    check_accepted(&signed.replace("&amp;", "&#38;").replace('ü', "&#xFC;"));
    check_accepted(&signed.replace("<GroupID>EA</GroupID>", "<GroupID><![CDATA[EA]]></GroupID>"));
}

#[test]
fn base64_may_be_wrapped_and_hold_carriage_returns() {
    let signed = signed();
    let value =
        part(&signed, "ds:SignatureValue").replace("<ds:SignatureValue>", "").replace("</ds:SignatureValue>", "");
    let (head, tail) = value.split_at(40);
    for wrapped in [
        format!("\n{head}\n{tail}\n"),
        format!("{head}&#13;\n{tail}&#13;\n"),
        format!("{head}\r\n{tail}\r\n"),
        format!(" \t{head} {tail}"),
    ] {
        check_accepted(&signed.replace(&value, &wrapped));
    }
    let digest = part(&signed, "ds:DigestValue");
    let wrapped = digest.replace("<ds:DigestValue>", "<ds:DigestValue>&#13;\n");
    check_accepted(&resigned(&signed.replace(digest, &wrapped), &KEYS.party.signer()));
}

#[test]
fn a_blank_after_the_comma_names_the_same_issuer() {
    let signed = signed();
    let blank = signed.replace(
        "<ds:X509IssuerName>CN=Z1,OU=07</ds:X509IssuerName>",
        "<ds:X509IssuerName>CN=Z1, OU=07</ds:X509IssuerName>",
    );
    assert_ne!(blank, signed);
    check_accepted(&blank);
}

#[test]
fn white_space_between_signed_elements_is_content_like_any_other() {
    let spaced = signed().replace("><ds:", ">\n  <ds:");
    let fault = verify(spaced.as_bytes()).unwrap_err();
    assert_eq!(fault.kind, tern_wire::FaultKind::SignatureValue);
    check_accepted(&resigned(&spaced, &KEYS.party.signer()));
}

#[test]
fn every_prefix_of_the_signature_namespace_is_read() {
    let signer = KEYS.party.signer();
    let renamed = signed().replace("ds:", "dsig:").replace("xmlns:ds=", "xmlns:dsig=");
    check_accepted(&resigned(&renamed, &signer));
    let default = signed().replace("<ds:", "<").replace("</ds:", "</").replace("xmlns:ds=", "xmlns=");
    check_accepted(&resigned(&default, &signer));
}

#[test]
fn the_moment_decides() {
    let signed = dsig::sign(&document(), &KEYS.expired.signer()).unwrap();
    let at = |text| crate::support::moment(text);
    let verdict = |moment| dsig::verify(NAME, signed.as_bytes(), &KEYS.trust, moment, &Limits::DEFAULT).map(|_| ());
    assert_eq!(verdict(at("2020-12-31T12:00:00Z")), Ok(()));
    assert_eq!(verdict(now()).map_err(|f| f.kind), Err(tern_wire::FaultKind::Certificate));
}
