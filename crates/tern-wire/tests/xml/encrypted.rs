//! What is sealed opens for its recipient alone, and nothing altered opens at all.

use tern_model::Place;
use tern_wire::xenc::{self, EncryptFault, decrypt, encrypt};
use tern_wire::{FaultKind, WireFault, xml};

use crate::support::{KEYS, part};

const PLAINTEXT: &str =
    "<A xmlns=\"urn:tern:test\"><CHFIdentifier>00-DB-12-34-56-78-90-10</CHFIdentifier><Key>secret</Key></A>";
const AT: &str = "MigrationGroupEncryptedFile/Installation[3]/EncryptedS1SPGroupInformation";

fn sealed() -> String {
    encrypt(PLAINTEXT, &KEYS.s1sp.certificate).unwrap()
}

fn place() -> Place {
    Place { document: "MGEF.xml".into(), xpath: AT.into(), line: 1, column: 77 }
}

fn refused(blob: &str) -> WireFault {
    let fault = decrypt(blob, &place(), &KEYS.s1sp.decrypter()).expect_err(blob);
    assert_eq!(fault.kind, FaultKind::Decryption, "{fault:?}");
    assert_eq!((fault.place.document.as_str(), fault.place.line, fault.place.column), ("MGEF.xml", 1, 77), "{fault:?}");
    assert!(fault.place.xpath.starts_with(AT), "{fault:?}");
    assert!(!format!("{fault:?}").contains("secret"), "{fault:?}");
    fault
}

/// The blob with one of its parts replaced, which must be there.
#[track_caller]
fn check_refused(find: &str, replacement: &str, below: &str, says: &str) {
    let sealed = sealed();
    assert!(sealed.contains(find), "{find}");
    let fault = refused(&sealed.replacen(find, replacement, 1));
    assert_eq!(fault.place.xpath, format!("{AT}/EncryptedData{below}"), "{fault:?}");
    let said = format!("{} | {} | {}", fault.message, fault.found, fault.expected);
    assert!(said.contains(says), "{said:?} does not say {says:?}");
}

#[test]
fn its_recipient_opens_it() {
    let opened = decrypt(&sealed(), &place(), &KEYS.s1sp.decrypter()).unwrap();
    assert_eq!(opened.expose(), PLAINTEXT.as_bytes());
    assert_ne!(sealed(), sealed(), "key and nonce are new each time");
}

#[test]
fn a_blob_cut_out_of_its_file_opens_too() {
    let blob = sealed().replace(" xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"", "");
    let file = format!("<F xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" xmlns=\"urn:tern:test\">{blob}</F>");
    let tree = xml::parse("MGEF.xml", &file).unwrap();
    let node = tree.root_element().first_element_child().unwrap();
    let opened = decrypt(&xml::exclusive_text(node), &place(), &KEYS.s1sp.decrypter()).unwrap();
    assert_eq!(opened.expose(), PLAINTEXT.as_bytes());
}

#[test]
fn nobody_else_opens_it() {
    let fault = decrypt(&sealed(), &place(), &KEYS.dco.decrypter()).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Decryption);
    assert!(fault.message.contains("for another recipient"), "{fault:?}");
    assert!(fault.found.contains(&KEYS.s1sp.certificate.serial().to_string()), "{fault:?}");
    assert!(fault.expected.contains(&KEYS.dco.certificate.serial().to_string()), "{fault:?}");
    // Named anew, it is for us by name and does not open.
    let (theirs, ours) = (KEYS.s1sp.certificate.serial().to_string(), KEYS.dco.certificate.serial().to_string());
    let fault = decrypt(&sealed().replace(&theirs, &ours), &place(), &KEYS.dco.decrypter()).unwrap_err();
    assert!(fault.message.contains("does not open"), "{fault:?}");
}

#[test]
fn the_issuer_may_be_spelled_with_a_blank() {
    let blob = sealed().replace("CN=Z1,OU=07", "CN=Z1, OU=07");
    assert!(decrypt(&blob, &place(), &KEYS.s1sp.decrypter()).is_ok());
    refused(&sealed().replace("CN=Z1,OU=07", "CN=Z2,OU=07"));
}

#[test]
fn other_profiles() {
    let key = "/KeyInfo/EncryptedKey";
    let oaep = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
    let digest = "<ds:DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"></ds:DigestMethod>";
    for (find, replacement, below, says) in [
        ("#Element\"", "#Content\"", "", "#Content"),
        (" Type=\"http://www.w3.org/2001/04/xmlenc#Element\"", "", "", "Type"),
        ("Type=", "Id=\"x\" Type=", "", "Id"),
        (
            "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
            "/EncryptionMethod",
            "aes256-cbc",
        ),
        (
            "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            "/EncryptionMethod",
            "aes128-gcm",
        ),
        (oaep, "http://www.w3.org/2001/04/xmlenc#rsa-1_5", &format!("{key}/EncryptionMethod"), "rsa-1_5"),
        (oaep, "http://www.w3.org/2009/xmlenc11#rsa-oaep", &format!("{key}/EncryptionMethod"), "xmlenc11#rsa-oaep"),
        (
            "http://www.w3.org/2000/09/xmldsig#sha1",
            "http://www.w3.org/2001/04/xmlenc#sha256",
            &format!("{key}/EncryptionMethod/DigestMethod"),
            "sha256",
        ),
        (
            digest,
            "<xenc:OAEPparams>QQ==</xenc:OAEPparams>",
            &format!("{key}/EncryptionMethod/OAEPparams"),
            "OAEPparams",
        ),
        ("<xenc:EncryptedKey>", "<xenc:EncryptedKey Recipient=\"S1SP\">", key, "Recipient"),
        (
            "</xenc:EncryptedKey>",
            "<xenc:CarriedKeyName>k</xenc:CarriedKeyName></xenc:EncryptedKey>",
            &format!("{key}/CarriedKeyName"),
            "CarriedKeyName",
        ),
    ] {
        check_refused(find, replacement, below, says);
    }
    let sealed = sealed();
    let whole_key = part(&sealed, "xenc:EncryptedKey");
    assert!(refused(&sealed.replace(whole_key, &whole_key.repeat(2))).message.contains("EncryptedKey"));
    let by_reference = "<xenc:CipherReference URI=\"file:///etc/passwd\"/>";
    let value = part(whole_key, "xenc:CipherValue");
    assert!(refused(&sealed.replace(value, by_reference)).message.contains("CipherReference"));
    assert!(
        refused(&sealed.replace(part(&sealed, "ds:X509Data"), "<ds:KeyName>S1SP</ds:KeyName>"))
            .message
            .contains("KeyName")
    );
    let plain_key = whole_key.replace("EncryptedKey", "AgreementMethod");
    assert!(refused(&sealed.replace(whole_key, &plain_key)).message.contains("AgreementMethod"));
}

#[test]
fn the_default_digest_is_the_profiles() {
    let digest = "<ds:DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"></ds:DigestMethod>";
    let without = sealed().replace(digest, "");
    assert!(decrypt(&without, &place(), &KEYS.s1sp.decrypter()).is_ok());
}

#[test]
fn altered_content_does_not_open_and_says_no_more() {
    use base64::Engine;
    let engine = base64::engine::general_purpose::STANDARD;
    let sealed = sealed();
    let key_value = part(&sealed, "xenc:CipherValue").to_owned();
    let content_value =
        part(&sealed[sealed.find(&key_value).unwrap() + key_value.len()..], "xenc:CipherValue").to_owned();
    let mut said = std::collections::BTreeSet::new();
    let mut check = |value: &str, alter: &dyn Fn(&mut Vec<u8>)| {
        let text = value.trim_start_matches("<xenc:CipherValue>").trim_end_matches("</xenc:CipherValue>");
        let mut bytes = engine.decode(text).unwrap();
        alter(&mut bytes);
        let other = format!("<xenc:CipherValue>{}</xenc:CipherValue>", engine.encode(bytes));
        said.insert(refused(&sealed.replace(value, &other)).to_string());
    };
    for value in [&key_value, &content_value] {
        for at in [0, 11, 12, 40, 100] {
            check(value, &|bytes| bytes[at] ^= 1);
        }
        check(value, &|bytes| *bytes.last_mut().unwrap() ^= 0x80);
        for length in [0, 1, 12, 27, 28, 60] {
            check(value, &|bytes| bytes.truncate(length));
        }
        check(value, &|bytes| bytes.push(0));
    }
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn other_elements_and_no_xml() {
    for blob in [
        "",
        "text",
        "<A/>",
        "<EncryptedData/>",
        "<!DOCTYPE a><a/>",
        "<x:EncryptedData xmlns:x=\"http://www.w3.org/2001/04/xmlenc#\"/>",
    ] {
        refused(blob);
    }
    let sealed = sealed();
    for end in (0..sealed.len()).step_by(7) {
        refused(&sealed[..end]);
    }
}

#[test]
fn a_signing_certificate_is_no_recipient() {
    let id = KEYS.party.certificate.id().clone();
    assert_eq!(xenc::encrypt(PLAINTEXT, &KEYS.party.certificate), Err(EncryptFault::NotForEncryption(id)));
}
