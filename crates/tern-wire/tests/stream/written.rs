//! Files that are written entry by entry.

use std::path::Path;
use std::process::Command;

use tern_model::{Digest, Role};
use tern_wire::dsig;
use tern_wire::migration::{MigrationGroupEncryptedFile, SignedFile};
use tern_wire::schema::{EncryptedBlob, write};
use tern_wire::stream::{Entries, SignedStream, SignedWriter, WriteFault};
use tern_wire::xml::Limits;

use crate::messages::{
    KEYS, commissioning_file, common_file, encrypted_file, group_file, now, smso_export, validation_file,
    viability_report,
};

fn written<T: Entries>(path: &Path, message: &T, role: Role) -> Digest {
    let mut writer = SignedWriter::begin(path, message).unwrap();
    message.entries().iter().for_each(|entry| writer.push(entry).unwrap());
    assert_eq!(writer.entries(), message.entries().len());
    writer.finish(KEYS.signer(role)).unwrap()
}

fn check<T: SignedFile + Entries>(name: &str, message: &T, role: Role) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.xml");
    let digest = written(&path, message, role);
    let stream = SignedStream::<T>::verify(name, &path, &KEYS.trust, now(), &Limits::STREAM).unwrap();
    assert_eq!((stream.digest(), stream.keys().len()), (digest, message.entries().len()));
    // A signature is never the same twice; everything before it is, the digest that it signs too.
    let (by_entries, whole) =
        (std::fs::read_to_string(&path).unwrap(), dsig::sign(&write(message), KEYS.signer(role)).unwrap());
    let value = |text: &str| text.split_once("<ds:SignatureValue>").unwrap().1[..88].to_owned();
    assert_eq!(by_entries.replace(&value(&by_entries), ""), whole.replace(&value(&whole), ""));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the file");
}

fn name(prefix: &str) -> String {
    format!("{prefix}_90-B3-D5-1F-30-0A-00-01_EA_42.xml")
}

#[test]
fn bytes_are_those_of_the_whole_message() {
    check(&name("MCF"), &common_file(120), Role::RequestingParty);
    check(&name("MGF"), &group_file(300), Role::RequestingParty);
    check(&name("MGEF"), &encrypted_file(3), Role::RequestingParty);
    check(&name("MCVF"), &validation_file(3), Role::Dsp);
    check(&name("DCOVR"), &viability_report(200), Role::Dco);
    check(&name("CF"), &commissioning_file(0), Role::CommissioningParty);
    check("SMSOEXPORT_90-B3-D5-1F-30-0A-00-01_EA_WEEK-09-1.xml", &smso_export(50), Role::Smso);
}

#[test]
fn what_cannot_be_read_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.xml");
    std::fs::write(&path, "as before").unwrap();
    let file = encrypted_file(1);
    let blobs = [
        "<x".to_owned(),
        "\u{1}".to_owned(),
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>".to_owned(),
        "<!-- a comment -->".to_owned(),
        format!("<x>{}</x>", "a".repeat(Limits::STREAM.max_entry_bytes)),
    ];
    for blob in blobs {
        let mut entry = file.installations[0].clone();
        entry.encrypted_master_key = None;
        entry.encrypted_s1sp_group_information.as_mut().unwrap().encrypted_data = EncryptedBlob::new(blob.clone());
        let mut writer = SignedWriter::<MigrationGroupEncryptedFile>::begin(&path, &file).unwrap();
        let pushed = writer.push(&entry);
        let fault = pushed.and_then(|()| writer.finish(KEYS.signer(Role::RequestingParty)).map(drop));
        assert!(matches!(fault, Err(WriteFault::Sign(_))), "{} is refused: {fault:?}", &blob[..2.min(blob.len())]);
    }
    drop(SignedWriter::begin(&path, &file).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "as before");
    assert!(matches!(SignedWriter::begin(&folder.path().join("no/folder"), &file), Err(WriteFault::Io(_))));
}

#[test]
fn xmlsec1_verifies_what_is_written() {
    if !tern_outside::has("xmlsec1_verifies_what_is_written", "xmlsec1") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (common, export) = (folder.path().join("common.xml"), folder.path().join("export.xml"));
    written(&common, &common_file(120), Role::RequestingParty);
    written(&export, &smso_export(40), Role::Smso);
    for (path, role) in [(common, Role::RequestingParty), (export, Role::Smso)] {
        let certificate = folder.path().join("party.pem");
        std::fs::write(&certificate, KEYS.signer(role).certificate().to_pem()).unwrap();
        let verify =
            || Command::new("xmlsec1").arg("--verify").arg("--pubkey-cert-pem").arg(&certificate).arg(&path).output();
        let out = verify().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        std::fs::write(&path, std::fs::read_to_string(&path).unwrap().replacen("Provider", "Providers", 3)).unwrap();
        assert!(!verify().unwrap().status.success(), "xmlsec1 tells an altered file");
    }
}
