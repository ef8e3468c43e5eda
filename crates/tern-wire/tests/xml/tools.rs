//! xmlsec1 and Python's signxml as judges of our signatures and encryption, and we as judge of xmlsec1's.
use std::path::Path;

use tern_model::Place;
use tern_outside::{has, python_with, run};
use tern_wire::{dsig, xenc};

use crate::support::{KEYS, document, folder, part, signed, verify};

/// By one known certificate, and by path from the root.
const XMLSEC_WAYS: [&[&str]; 2] = [
    &["--verify", "--pubkey-cert-pem", "party.pem", "file.xml"],
    &[
        "--verify",
        "--trusted-pem",
        "root.pem",
        "--untrusted-pem",
        "authority.pem",
        "--untrusted-pem",
        "party.pem",
        "--verification-time",
        "2021-03-02 12:00:00",
        "file.xml",
    ],
];

const SIGNXML: &str = "
import sys
from signxml import XMLVerifier, SignatureConfiguration, SignatureMethod, DigestAlgorithm
config = SignatureConfiguration(require_x509=True, location='./', expect_references=1,
    signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}), digest_algorithms=frozenset({DigestAlgorithm.SHA256}))
XMLVerifier().verify(open('file.xml', 'rb').read(), x509_cert=open('party.pem').read(), expect_config=config)
print('VERIFIED')
";

/// Ours, in spellings that canonical form makes one, and the same with one byte of content changed.
fn good_and_bad() -> Vec<(String, String)> {
    let declared = dsig::sign(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<p:a xmlns:p='urn:p' xmlns='urn:d' z='1' b='a\tb&#10;'>\n <x xmlns=''/>2000&#13;\n</p:a>\n",
        &KEYS.party.signer(),
    );
    [signed(), declared.unwrap()].into_iter().map(|good| (good.clone(), good.replacen("2000", "2001", 1))).collect()
}

#[test]
fn xmlsec1_verifies_what_we_sign_and_refuses_it_altered() {
    if !has("xmlsec1_verifies_what_we_sign_and_refuses_it_altered", "xmlsec1") {
        return;
    }
    let dir = folder();
    for (good, bad) in good_and_bad() {
        assert_ne!(good, bad);
        for way in XMLSEC_WAYS {
            std::fs::write(dir.path().join("file.xml"), &good).unwrap();
            let (ok, said) = run(dir.path(), "xmlsec1", way);
            assert!(ok && said.contains("OK"), "{way:?}: {said}\n{good}");
            std::fs::write(dir.path().join("file.xml"), &bad).unwrap();
            let (ok, said) = run(dir.path(), "xmlsec1", way);
            assert!(!ok, "{way:?}: {said}\n{bad}");
        }
    }
}

#[test]
fn signxml_verifies_what_we_sign_and_refuses_it_altered() {
    let Some(python) = python_with("signxml", "signxml_verifies_what_we_sign_and_refuses_it_altered") else { return };
    let dir = folder();
    for (good, bad) in good_and_bad() {
        std::fs::write(dir.path().join("file.xml"), &good).unwrap();
        let (ok, said) = run(dir.path(), &python, &["-c", SIGNXML]);
        assert!(ok && said.contains("VERIFIED"), "{said}\n{good}");
        std::fs::write(dir.path().join("file.xml"), &bad).unwrap();
        let (ok, said) = run(dir.path(), &python, &["-c", SIGNXML]);
        assert!(!ok && said.contains("InvalidDigest"), "{said}\n{bad}");
    }
}

/// Our signature with its values taken out, and what xmlsec1 makes of it.
fn signed_by_xmlsec1(dir: &Path, key_info: &str, key: &str) -> String {
    let ours = signed();
    let empty = |name: &str| format!("<ds:{name}></ds:{name}>");
    let template = ours
        .replace(part(&ours, "ds:DigestValue"), &empty("DigestValue"))
        .replace(part(&ours, "ds:SignatureValue"), &empty("SignatureValue"))
        .replace(part(&ours, "ds:X509Data"), key_info)
        .replace("><ds:", ">\n<ds:");
    std::fs::write(dir.join("template.xml"), template).unwrap();
    let (ok, said) = run(dir, "xmlsec1", &["--sign", "--privkey-pem", key, "--output", "out.xml", "template.xml"]);
    assert!(ok, "{said}");
    std::fs::read_to_string(dir.join("out.xml")).unwrap()
}

#[test]
fn we_verify_what_xmlsec1_signs_by_the_profile() {
    if !has("we_verify_what_xmlsec1_signs_by_the_profile", "xmlsec1") {
        return;
    }
    let dir = folder();
    let ours = signed();
    let by_issuer = "<ds:X509Data><ds:X509IssuerSerial/></ds:X509Data>";
    for key_info in [part(&ours, "ds:X509Data"), by_issuer] {
        let theirs = signed_by_xmlsec1(dir.path(), key_info, "party.key,party.pem");
        let verified = verify(theirs.as_bytes()).unwrap_or_else(|fault| panic!("{fault:?}\n{theirs}"));
        assert_eq!(&verified.sender().certificate, KEYS.party.certificate.id());
        assert!(verify(theirs.replacen("2000", "2001", 1).as_bytes()).is_err());
    }
    let embedded = signed_by_xmlsec1(dir.path(), "<ds:X509Data/>", "party.key,party.pem");
    assert!(embedded.contains("X509Certificate"));
    assert!(verify(embedded.as_bytes()).is_err());
}

const PLAINTEXT: &str = "<Secret xmlns=\"urn:tern:test\"><A>1</A><B/></Secret>";

#[test]
fn xmlsec1_decrypts_what_we_encrypt() {
    if !has("xmlsec1_decrypts_what_we_encrypt", "xmlsec1") {
        return;
    }
    let dir = folder();
    let blob = xenc::encrypt(PLAINTEXT, &KEYS.s1sp.certificate).unwrap();
    let other = xenc::encrypt(PLAINTEXT, &KEYS.dco.certificate).unwrap();
    std::fs::write(dir.path().join("file.xml"), format!("<F xmlns=\"urn:tern:test\"><E>{blob}</E><E>{other}</E></F>"))
        .unwrap();
    let decrypt = |at: &str| {
        let path = format!("(//*[local-name()=\"EncryptedData\"])[{at}]");
        run(dir.path(), "xmlsec1", &["--decrypt", "--privkey-pem", "s1sp.key", "--node-xpath", &path, "file.xml"])
    };
    let (ok, said) = decrypt("1");
    assert!(ok && said.contains("<A>1</A><B/>"), "{said}");
    let (ok, said) = decrypt("2");
    assert!(!ok, "{said}");
}

#[test]
fn we_decrypt_what_xmlsec1_encrypts() {
    if !has("we_decrypt_what_xmlsec1_encrypts", "xmlsec1") {
        return;
    }
    let dir = folder();
    let ours = xenc::encrypt("<x/>", &KEYS.s1sp.certificate).unwrap();
    // The template is our element without its values.
    let mut template = ours.clone();
    for value in ours.split("<xenc:CipherValue>").skip(1).filter_map(|rest| rest.split_once("</")) {
        template = template.replace(value.0, "");
    }
    std::fs::write(dir.path().join("template.xml"), template).unwrap();
    std::fs::write(dir.path().join("plain.xml"), PLAINTEXT).unwrap();
    let (ok, said) = run(
        dir.path(),
        "xmlsec1",
        &[
            "--encrypt",
            "--pubkey-cert-pem",
            "s1sp.pem",
            "--session-key",
            "aes-256",
            "--xml-data",
            "plain.xml",
            "--output",
            "out.xml",
            "template.xml",
        ],
    );
    assert!(ok, "{said}");
    let theirs = std::fs::read_to_string(dir.path().join("out.xml")).unwrap();
    let opened = xenc::decrypt(&theirs, &Place::document("out.xml"), &KEYS.s1sp.decrypter());
    let opened = opened.unwrap_or_else(|fault| panic!("{fault:?}\n{theirs}"));
    assert_eq!(std::str::from_utf8(opened.expose()).unwrap().trim_end(), PLAINTEXT);
}

#[test]
fn what_we_sign_around_what_we_encrypt_verifies_everywhere() {
    if !has("what_we_sign_around_what_we_encrypt_verifies_everywhere", "xmlsec1") {
        return;
    }
    let dir = folder();
    let blob = xenc::encrypt(PLAINTEXT, &KEYS.s1sp.certificate).unwrap();
    let document = document().replace("</MigrationHeader>", &format!("</MigrationHeader><E>{blob}</E>"));
    let signed = dsig::sign(&document, &KEYS.party.signer()).unwrap();
    assert!(verify(signed.as_bytes()).is_ok());
    std::fs::write(dir.path().join("file.xml"), &signed).unwrap();
    for way in XMLSEC_WAYS {
        let (ok, said) = run(dir.path(), "xmlsec1", way);
        assert!(ok, "{way:?}: {said}");
    }
}
