//! Names, frames to devices, links between roles, certificates.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tern_model::{
    ChfIdentifier, DeviceId, DeviceKind, DeviceModel, Digest, Eui64, GroupId, Mpxn, PartyId, Role, SecretBytes, SetId,
};
use tern_wire::migration::{ExportReference, FileName};
use tern_wire::role_link::{
    AssociationKeyTransfer, DcoOrder, DcoReply, DcoRequest, HubDetails, InventoryOrder, InventoryReply,
    InventoryRequest, LinkRefusal, MasterKeyOf,
};
use tern_wire::smki::{AuthorityCertificate, Certificate, DeviceCertificate, Trust};

use super::Target;
use crate::fixtures::FIXTURES;

const NAME_WORDS: &[&str] = &[
    "_",
    "-",
    ".",
    "/",
    "..",
    "\\",
    ".xml",
    "MCF",
    "MGF",
    "SMSOEXPORT",
    "EA",
    "EB",
    "ZZ",
    "0",
    "00",
    "01",
    "18446744073709551615",
    "é",
    "\0",
    "\u{202E}",
    " ",
    "90-B3-D5-1F-30-0A-00-01",
    "90-b3",
    "FF-FF-FF-FF-FF-FF-FF-FF",
    "٣",
];

/// What is read is printed as a text that is read as the same.
fn name<T: FromStr + Display + PartialEq>(text: &str) -> bool {
    let Ok(value) = text.parse::<T>() else { return false };
    assert!(value.to_string().parse::<T>().is_ok_and(|again| again == value), "{text:?} is printed as {value}");
    true
}

/// The same, and there is no other text for it but for the case of letters and hyphens.
fn only_name<T: FromStr + Display + PartialEq>(text: &str) -> bool {
    let bare = |text: &str| text.replace('-', "").to_ascii_uppercase();
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(bare(&value.to_string()), bare(text), "{text:?} is read as {value}");
    }
    name::<T>(text)
}

#[test]
fn fuzz_names() {
    let mut seeds: Vec<Vec<u8>> = FIXTURES.signed.iter().map(|file| file.name.clone().into_bytes()).collect();
    for text in ["90-B3-D5-1F-30-0A-00-01_EA_42", "90-B3-D5-1F-30-0A-00-01", "EA", "LAB-1", "2000012345678", "dsp"] {
        seeds.push(text.into());
    }
    seeds.push("0f".repeat(32).into_bytes());
    let signed_digits = "+f".repeat(32);
    assert!(signed_digits.parse::<Digest>().is_err(), "a sign is no hexadecimal digit");
    Target { name: "fuzz_names", executions: 20_000, seeds, words: NAME_WORDS }.run(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        let file = text.parse::<FileName>();
        // A file has one name.
        assert!(file.as_ref().is_ok_and(|file| file.to_string() == text) == file.is_ok(), "{text:?}");
        let readers = [
            only_name::<FileName>,
            name::<SetId>,
            only_name::<Digest>,
            only_name::<Eui64>,
            only_name::<DeviceId>,
            only_name::<PartyId>,
            only_name::<ChfIdentifier>,
            only_name::<GroupId>,
            only_name::<Role>,
            only_name::<Mpxn>,
            only_name::<ExportReference>,
        ];
        readers.iter().filter(|read| read(&text)).count() > 0
    });
}

const JSON_WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "null",
    "true",
    "-1",
    "1e999",
    "256",
    "\\u0000",
    "\\ud800",
    "\"id\":",
    "\"reply\":",
    "\"request\":",
    "\"result\":",
    "\"Ok\":",
    "\"Err\":",
    "\"done\"",
    "é",
    "\0",
];

fn device() -> DeviceId {
    DeviceId(Eui64(0x00DB_1234_5678_9100))
}

fn model() -> DeviceModel {
    DeviceModel { manufacturer: "Maker".into(), model: "M-1".into(), firmware: "1.0".into() }
}

/// What is read is written as something that is read as the same.
fn json<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<T>(bytes) else { return false };
    let written = serde_json::to_vec(&value).expect("what was read is written");
    let again: T = serde_json::from_slice(&written).expect("what was written is read");
    assert_eq!(serde_json::to_vec(&again).expect("is written again"), written);
    true
}

fn links() -> Vec<Vec<u8>> {
    let set: SetId = "90-B3-D5-1F-30-0A-00-01_EA_42".parse().expect("a set");
    let chf = ChfIdentifier(Eui64(7));
    let order = |what| serde_json::to_vec(&DcoOrder { set, chf, device: device(), what }).expect("JSON");
    let inventory = |what| serde_json::to_vec(&InventoryOrder { set, chf, what }).expect("JSON");
    let json = |reply: &dyn Fn() -> serde_json::Result<Vec<u8>>| reply().expect("JSON");
    let hub = HubDetails { device: device(), model: model() };
    vec![
        order(DcoRequest::MakeCritical { instruction: vec![0xC0; 13], under: MasterKeyOf::Smso, not_below: 7 }),
        order(DcoRequest::VerifyCritical { under: MasterKeyOf::Dco, answer: vec![0xDB; 60] }),
        order(DcoRequest::FillKeyTransfer { instruction: vec![0xC3; 80], sealed: vec![9; 300] }),
        order(DcoRequest::Join { devices: vec![(device(), DeviceKind::Ppmid)] }),
        inventory(InventoryRequest::Recheck),
        inventory(InventoryRequest::Add { hub, devices: vec![(device(), DeviceKind::Esme)] }),
        json(&|| serde_json::to_vec(&DcoReply::Critical { apdu: vec![1; 40] })),
        json(&|| serde_json::to_vec(&DcoReply::Transfer { forward: vec![5; 80], back: vec![6; 80] })),
        json(&|| serde_json::to_vec(&DcoReply::InForce { dco: true, next: true })),
        json(&|| serde_json::to_vec(&InventoryReply::Present { present: false })),
        json(&|| serde_json::to_vec(&LinkRefusal { code: "DP01".into(), reason: "not listed".into() })),
    ]
}

#[test]
fn fuzz_role_links() {
    Target { name: "fuzz_role_links", executions: 8_000, seeds: links(), words: JSON_WORDS }.run(|bytes| {
        let keys = AssociationKeyTransfer::from_bytes(&SecretBytes::new(bytes.to_vec()));
        assert_eq!(keys.is_some(), bytes.len() == AssociationKeyTransfer::LEN_BYTES);
        json::<DcoOrder>(bytes)
            | json::<DcoReply>(bytes)
            | json::<InventoryOrder>(bytes)
            | json::<InventoryReply>(bytes)
            | json::<LinkRefusal>(bytes)
    });
}

const DER_WORDS: &[&str] = &[
    "\u{30}",
    "\u{30}\u{80}",
    "\u{2}\u{1}\u{0}",
    "\u{3}\u{2}\u{0}",
    "\u{6}\u{3}U\u{4}\u{3}",
    "\u{17}\r",
    "\u{18}\u{f}",
    "99991231235959Z",
    "\u{c}",
    "\u{13}",
    "\u{31}",
    "CN=",
    "OU=07",
    "\0",
    "\u{7f}",
    "\u{5}\u{0}",
];

#[test]
fn fuzz_certificates() {
    let seeds: Vec<Vec<u8>> = FIXTURES.trust.certificates().map(|certificate| certificate.der().to_vec()).collect();
    Target { name: "fuzz_certificates", executions: 6_000, seeds, words: DER_WORDS }.run(|bytes| {
        let listed = Trust::builder().crl(bytes).is_ok();
        let _ = Trust::builder().roots_pem(bytes);
        let certificate = Certificate::from_der(bytes);
        if let Ok(certificate) = &certificate {
            // What is read as one certificate is it, byte for byte, and is never trusted for that.
            assert_eq!(certificate.der(), bytes);
            assert!(certificate.serial() > 0);
        }
        certificate.is_ok()
            | AuthorityCertificate::from_der(bytes).is_ok()
            | DeviceCertificate::from_der(bytes).is_ok()
            | listed
    });
}
