//! What must never verify, and where the refusal points.

use std::fmt::Write;

use tern_wire::FaultKind::{self, Certificate, Form, SignatureProfile, SignatureValue};
use tern_wire::dsig;

use crate::support::{DS, KEYS, document, part, resigned, signed, verify, with_text};

#[track_caller]
fn check_refused(document: &str, kind: FaultKind, xpath: &str, says: &str) {
    let fault = verify(document.as_bytes()).expect_err(document);
    assert_eq!((fault.kind, fault.place.xpath.as_str()), (kind, xpath), "{fault:?}");
    assert!(fault.place.line >= 1 && fault.place.column >= 1, "{fault:?}");
    let said = format!("{} | {} | {}", fault.message, fault.found, fault.expected);
    assert!(said.contains(says), "{said:?} does not say {says:?}");
    assert!(!fault.found.is_empty() && !fault.expected.is_empty() && !fault.suggestion.is_empty(), "{fault:?}");
}

/// The same with a digest and a value that fit, so that the form alone is wrong.
#[track_caller]
fn check_form_refused(document: &str, xpath: &str, says: &str) {
    check_refused(&resigned(document, &KEYS.party.signer()), SignatureProfile, xpath, says);
}

/// The signed document with one of its parts replaced; the part must be there.
#[track_caller]
fn with(find: &str, replacement: &str) -> String {
    let signed = signed();
    assert!(signed.contains(find), "{find}");
    signed.replacen(find, replacement, 1)
}

const ROOT: &str = "MigrationCommonFile";
const SIGNATURE: &str = "MigrationCommonFile/Signature";
const INFO: &str = "MigrationCommonFile/Signature/SignedInfo";

#[test]
fn no_signature_or_two() {
    check_refused(&document(), SignatureProfile, ROOT, "not signed");
    let signed = signed();
    let signature = part(&signed, "ds:Signature");
    let twice = signed.replace(signature, &signature.repeat(2));
    check_refused(&twice, SignatureProfile, "MigrationCommonFile/Signature[2]", "2 signatures");
    let nested = signed.replacen("<ESME>", &format!("<ESME>{signature}"), 1);
    check_refused(&nested, SignatureProfile, SIGNATURE, "more than one");
    let other_namespace = signed.replace(DS, "urn:other");
    check_refused(&other_namespace, SignatureProfile, ROOT, "not signed");
}

#[test]
fn the_signature_stands_last_under_the_root() {
    let signed = signed();
    let signature = part(&signed, "ds:Signature");
    let unsigned = document();
    let first = unsigned.replace("<MigrationHeader>", &format!("{signature}<MigrationHeader>"));
    check_form_refused(&first, "MigrationCommonFile/MigrationHeader", "follows the signature");
    let inside = unsigned.replacen("</Installation>", &format!("{signature}</Installation>"), 1);
    check_form_refused(&inside, "MigrationCommonFile/Installation[1]/Signature", "elsewhere");
    let text_after = signed.replace("</ds:Signature>", "</ds:Signature>text");
    check_form_refused(&text_after, ROOT, "follows the signature");
    let after = signed.replace("</ds:Signature>", "</ds:Signature><Installation/>");
    check_form_refused(&after, "MigrationCommonFile/Installation[4]", "follows the signature");
    let alone = signature.replacen("</ds:KeyInfo>", "</ds:KeyInfo><ds:Object><MigrationCommonFile/></ds:Object>", 1);
    check_form_refused(&alone, "Signature", "elsewhere");
}

#[test]
fn wrapped_content_is_never_taken_for_signed() {
    let signed = signed();
    let signature = part(&signed, "ds:Signature");
    check_refused(
        &format!("<Outer>{signed}</Outer>"),
        SignatureProfile,
        "Outer/MigrationCommonFile/Signature",
        "elsewhere",
    );
    let moved = format!(
        "<MigrationCommonFile xmlns=\"urn:tern:test\"><Evil/><Old>{}</Old>{signature}</MigrationCommonFile>",
        document()
    );
    check_refused(&moved, SignatureValue, "MigrationCommonFile/Signature/SignedInfo/Reference/DigestValue", "altered");
    let object =
        signature.replace("</ds:KeyInfo>", &format!("</ds:KeyInfo><ds:Object Id=\"o\">{}</ds:Object>", document()));
    let by_reference = object.replacen("URI=\"\"", "URI=\"#o\"", 1);
    let wrapped = format!("<MigrationCommonFile xmlns=\"urn:tern:test\"><Evil/>{by_reference}</MigrationCommonFile>");
    check_form_refused(&wrapped, "MigrationCommonFile/Signature/Object", "Object");
    let wrapped = wrapped.replace(part(&wrapped, "ds:Object"), "");
    check_form_refused(&wrapped, "MigrationCommonFile/Signature/SignedInfo/Reference", "#o");
    let hidden = signed.replace("</ds:KeyInfo>", "<Installation xmlns=\"urn:tern:test\"/></ds:KeyInfo>");
    check_form_refused(&hidden, "MigrationCommonFile/Signature/KeyInfo/Installation", "Installation");
    let hidden = signed.replace("<ds:SignatureValue>", "<ds:SignatureValue><Installation xmlns=\"urn:tern:test\"/>");
    check_refused(&hidden, SignatureProfile, "MigrationCommonFile/Signature/SignatureValue", "elements");
}

#[test]
fn other_algorithms() {
    for (element, place, ours, other) in [
        (
            "CanonicalizationMethod",
            "",
            "http://www.w3.org/2001/10/xml-exc-c14n#",
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        ),
        (
            "CanonicalizationMethod",
            "",
            "http://www.w3.org/2001/10/xml-exc-c14n#",
            "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        ),
        (
            "SignatureMethod",
            "",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        ),
        (
            "SignatureMethod",
            "",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        ),
        (
            "SignatureMethod",
            "",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        ),
        ("SignatureMethod", "", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", ""),
        (
            "DigestMethod",
            "Reference/",
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2000/09/xmldsig#sha1",
        ),
        (
            "DigestMethod",
            "Reference/",
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2001/04/xmlenc#SHA256",
        ),
        ("Transform", "Reference/Transforms/", DS_ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116"),
        ("Transform", "Reference/Transforms/", DS_ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        ("Transform", "Reference/Transforms/", DS_ENVELOPED, "http://www.w3.org/2001/10/xml-exc-c14n#"),
    ] {
        let document = with(&format!("{element} Algorithm=\"{ours}\""), &format!("{element} Algorithm=\"{other}\""));
        check_form_refused(&document, &format!("{INFO}/{place}{element}"), other);
    }
}

const DS_ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

#[test]
fn other_references_and_transforms() {
    let reference = "MigrationCommonFile/Signature/SignedInfo/Reference";
    for (find, replacement, xpath, says) in [
        ("URI=\"\"", "URI=\"#x\"", reference, "#x"),
        ("URI=\"\"", "URI=\"file:///etc/passwd\"", reference, "file:"),
        ("URI=\"\"", "URI=\"#xpointer(/)\"", reference, "xpointer"),
        (" URI=\"\"", "", reference, "nothing"),
        ("URI=\"\"", "URI=\"\" Type=\"urn:t\"", reference, "Type"),
        ("URI=\"\"", "URI=\"\" Id=\"r\"", reference, "Id"),
        ("<ds:SignedInfo>", "<ds:SignedInfo Id=\"i\">", INFO, "Id"),
        ("<ds:DigestValue>", "<ds:Extra/><ds:DigestValue>", &format!("{reference}/Extra"), "Extra"),
        ("<ds:Transforms>", "<ds:Transforms>text", &format!("{reference}/Transforms"), "text"),
        (
            "</ds:SignatureMethod>",
            "<ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>",
            &format!("{INFO}/SignatureMethod/HMACOutputLength"),
            "HMACOutputLength",
        ),
        (
            "</ds:CanonicalizationMethod>",
            "<x:InclusiveNamespaces xmlns:x=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"unused\"/></ds:CanonicalizationMethod>",
            &format!("{INFO}/CanonicalizationMethod/InclusiveNamespaces"),
            "InclusiveNamespaces",
        ),
    ] {
        check_form_refused(&with(find, replacement), xpath, says);
    }
    let signed = signed();
    let transform = part(&signed, "ds:Transform").to_owned();
    check_form_refused(
        &with(&transform, &transform.repeat(2)),
        &format!("{reference}/Transforms/Transform[2]"),
        "nothing more",
    );
    let c14n = transform.replace(DS_ENVELOPED, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315");
    check_form_refused(
        &with(&transform, &(transform.clone() + &c14n)),
        &format!("{reference}/Transforms/Transform[2]"),
        "nothing more",
    );
    check_form_refused(&with(&transform, ""), &format!("{reference}/Transforms"), "lacks Transform");
    let transforms = part(&signed, "ds:Transforms");
    check_form_refused(&with(transforms, ""), &format!("{reference}/DigestMethod"), "Transforms");
    let whole = part(&signed, "ds:Reference");
    check_form_refused(&with(whole, &whole.repeat(2)), &format!("{reference}[2]"), "nothing more");
}

#[test]
fn keys_are_named_and_never_embedded() {
    let key_info = "MigrationCommonFile/Signature/KeyInfo";
    let signed = signed();
    let data = part(&signed, "ds:X509Data");
    let named = part(&signed, "ds:X509IssuerSerial");
    let certificate = format!("<ds:X509Certificate>{}</ds:X509Certificate>", "QUJD");
    for (find, replacement, xpath, says) in [
        (data, "<ds:KeyValue><ds:RSAKeyValue/></ds:KeyValue>".to_owned(), "/KeyValue", "KeyValue"),
        (data, format!("{data}<ds:KeyValue/>"), "/KeyValue", "KeyValue"),
        (data, "<ds:KeyName>RP-ALPHA</ds:KeyName>".to_owned(), "/KeyName", "KeyName"),
        (data, "<ds:RetrievalMethod URI=\"#k\"/>".to_owned(), "/RetrievalMethod", "RetrievalMethod"),
        (data, String::new(), "", "lacks X509Data"),
        (data, data.repeat(2), "/X509Data[2]", "nothing more"),
        (named, certificate.clone(), "/X509Data/X509Certificate", "X509Certificate"),
        (named, format!("{named}{certificate}"), "/X509Data/X509Certificate", "X509Certificate"),
        (named, "<ds:X509SKI>QUJD</ds:X509SKI>".to_owned(), "/X509Data/X509SKI", "X509SKI"),
        (named, String::new(), "/X509Data", "lacks X509IssuerSerial"),
    ] {
        check_form_refused(&with(find, &replacement), &format!("{key_info}{xpath}"), says);
    }
    check_form_refused(&with(part(&signed, "ds:KeyInfo"), ""), SIGNATURE, "lacks KeyInfo");
}

#[test]
fn values_of_another_form() {
    let serial = "MigrationCommonFile/Signature/KeyInfo/X509Data/X509IssuerSerial/X509SerialNumber";
    for number in ["", "x", "-1", "+1", "0x1F", " 1", "1 ", "1e3", &"9".repeat(39), &"1".repeat(40)] {
        let document = with(&KEYS.party.certificate.serial().to_string(), number);
        check_refused(&document, SignatureProfile, serial, "decimal digits");
    }
    let issuer = "MigrationCommonFile/Signature/KeyInfo/X509Data/X509IssuerSerial/X509IssuerName";
    check_refused(&with("<ds:X509IssuerName>CN=Z1,OU=07", "<ds:X509IssuerName>"), SignatureProfile, issuer, "0 bytes");
    let signed = signed();
    let digest = "MigrationCommonFile/Signature/SignedInfo/Reference/DigestValue";
    let value = "MigrationCommonFile/Signature/SignatureValue";
    for (text, says) in
        [("!", "base64"), ("QUJD", "3 bytes"), ("QUI", "base64"), ("QUJ=", "base64"), ("&#160;", "base64")]
    {
        check_refused(&with_text(&signed, "DigestValue", text), SignatureProfile, digest, says);
        check_refused(&with_text(&signed, "SignatureValue", text), SignatureProfile, value, says);
    }
    let asn1 = "MEUCIQDx0H2n2Yx0W0yqH5jw0qv3XyS8v1S8y0qY5kC2hHcFpQIgJq5Vw1kP9sP3lB7zqK8m3nF0c9Y7bN4sW2dE6rT8uQw=";
    let fault = verify(with_text(&signed, "SignatureValue", asn1).as_bytes()).unwrap_err();
    assert!(fault.suggestion.contains("ASN.1"), "{fault:?}");
}

#[test]
fn certificates_that_do_not_count() {
    let place = "MigrationCommonFile/Signature/KeyInfo/X509Data/X509IssuerSerial";
    let signed_by = |party: &crate::support::Party| dsig::sign(&document(), &party.signer()).unwrap();
    check_refused(&signed_by(&KEYS.stranger), Certificate, place, "not known");
    check_refused(&signed_by(&KEYS.revoked), Certificate, place, "revoked");
    check_refused(&signed_by(&KEYS.expired), Certificate, place, "expired");
    let (ours, other) = (KEYS.party.certificate.serial().to_string(), KEYS.s1sp.certificate.serial().to_string());
    check_refused(&with(&ours, &other), Certificate, place, "not for");
    check_refused(&with("<ds:X509IssuerName>CN=Z1", "<ds:X509IssuerName>CN=Z2"), Certificate, place, "not known");
    let null = with(&ours, "0").replace("<ds:X509IssuerName>CN=Z1,OU=07", "<ds:X509IssuerName>NULL");
    check_refused(&null, Certificate, place, "not known");
}

#[test]
fn content_and_value_that_do_not_fit() {
    let digest = "MigrationCommonFile/Signature/SignedInfo/Reference/DigestValue";
    let value = "MigrationCommonFile/Signature/SignatureValue";
    check_refused(&with("2000012345678", "2000012345679"), SignatureValue, digest, "altered");
    check_refused(&with("<GroupID>EA", "<GroupID>EA "), SignatureValue, digest, "altered");
    check_refused(&with("<MigrationHeader>", "<MigrationHeader x=\"\">"), SignatureValue, digest, "altered");
    check_refused(&with(" xmlns:unused=\"urn:tern:unused\"", ""), SignatureValue, digest, "altered");
    check_refused(&with("<ESME>", "<ESME xmlns:p=\"urn:p\">"), SignatureValue, digest, "altered");
    let other = dsig::sign(&document().replace("EA", "EB"), &KEYS.party.signer()).unwrap();
    let signed = signed();
    let foreign_value = signed.replace(part(&signed, "ds:SignatureValue"), part(&other, "ds:SignatureValue"));
    check_refused(&foreign_value, SignatureValue, value, "signature value");
    let foreign_key = resigned(&signed, &KEYS.stranger.signer());
    check_refused(&foreign_key, SignatureValue, value, "signature value");
    let nothing = with_text(&signed, "SignatureValue", &format!("{}==", "A".repeat(86)));
    check_refused(&nothing, SignatureValue, value, "signature value");
}

#[test]
fn every_byte_of_signed_info_counts() {
    let signed = signed();
    let info = part(&signed, "ds:SignedInfo");
    let start = signed.find(info).unwrap();
    for at in start..start + info.len() {
        for flip in [0x01, 0x02, 0x20] {
            let mut bytes = signed.clone().into_bytes();
            bytes[at] ^= flip;
            assert!(
                verify(&bytes).is_err(),
                "byte {at} ^ {flip:#x}: {}",
                String::from_utf8_lossy(&bytes[at - 9..at + 9])
            );
        }
    }
}

#[test]
fn every_byte_of_content_counts() {
    let signed = signed();
    let content = signed.find("<ds:Signature").unwrap();
    for at in 0..content {
        let mut bytes = signed.clone().into_bytes();
        bytes[at] ^= 1;
        assert!(verify(&bytes).is_err(), "byte {at}");
        bytes.remove(at);
        // Without its x, the reference `&#x9;` names the same character.
        let same_character = signed.as_bytes()[at..].starts_with(b"x9;");
        assert_eq!(verify(&bytes).is_ok(), same_character, "byte {at} removed");
    }
}

#[test]
fn every_cut_is_refused_as_a_cut() {
    let signed = signed();
    for end in 0..signed.len() {
        let fault = verify(&signed.as_bytes()[..end]).unwrap_err();
        assert_eq!(fault.kind, Form, "cut at {end}: {fault:?}");
    }
}

#[test]
fn forms_that_no_signature_makes_good() {
    let signed = signed();
    for (document, says) in [
        (format!("<!DOCTYPE MigrationCommonFile>{signed}"), "document type"),
        (format!("<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>{signed}"), "document type"),
        (with("<GroupID>EA", "<GroupID>&ea;"), "entity"),
        (with("<GroupID>EA", "<GroupID>E<!-- -->A"), "comment"),
        (with("<ds:DigestValue>", "<ds:DigestValue><!-- -->"), "comment"),
        (with("<ds:X509SerialNumber>", "<ds:X509SerialNumber><!-- -->"), "comment"),
        (format!("{signed}<!-- -->"), "comment"),
        (with("<GroupID>", "<GroupID><?php ?>"), "processing instruction"),
        (format!("<?xml-stylesheet href=\"x\"?>{signed}"), "processing instruction"),
        (format!("\u{FEFF}{signed}"), "byte order mark"),
    ] {
        let fault = verify(document.as_bytes()).unwrap_err();
        assert_eq!(fault.kind, Form, "{fault:?}");
        assert!(format!("{} {}", fault.message, fault.found).contains(says), "{fault:?}");
    }
    let utf16: Vec<u8> = signed.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(verify(&utf16).unwrap_err().kind, Form);
}

#[test]
fn blown_up_signatures_are_refused_in_time() {
    let signed = signed();
    let mut deep = String::new();
    for _ in 0..100_000 {
        deep.write_str("<ds:Object>").unwrap();
    }
    let document = signed.replace("<ds:KeyInfo>", &format!("{deep}<ds:KeyInfo>"));
    assert_eq!(verify(document.as_bytes()).unwrap_err().kind, FaultKind::Limits);
    let transform = part(&signed, "ds:Transform").repeat(20_000);
    let document = signed.replace(part(&signed, "ds:Transform"), &transform);
    check_refused(
        &document,
        SignatureProfile,
        "MigrationCommonFile/Signature/SignedInfo/Reference/Transforms/Transform[2]",
        "nothing more",
    );
}
