//! What xmlsec1 signs, Tern takes in; what Tern encrypts, xmlsec1 opens, and it is what the SMSO's records say.

use std::ffi::OsStr;
use std::path::Path;

use tern_model::GroupId;
use tern_outside::{has, run};
use tern_service::System;
use tern_service::parties::SetTaken;
use tern_testkit::{Cut, FileSet, Lab, LabPlan, Power, RawFile};
use tern_wire::migration::{FileKind, MigrationCommonFile};
use tern_wire::stream::SignedStream;
use tern_world::smso::KeyRecord;

use crate::files::earlier;
use crate::{EARLIER, FILES};

/// The root of FOC's plaintext for the S1SP.
const OF_FOC: &str = "DecryptedS1SPDPGroupInformation";

/// The file signed again by xmlsec1 from a template: Tern's own signature without its values.
fn signed_by_xmlsec1(lab: &Lab, file: &RawFile) -> RawFile {
    let text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
    let template = without_text(&without_text(&text, "ds:DigestValue"), "ds:SignatureValue");
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("template.xml"), &template).expect("written");
    let party = lab.dir().join("pki/parties/requesting-party");
    let key = format!("{},{}", party.join("signing.key").display(), party.join("signing.pem").display());
    let arguments = ["--sign", "--privkey-pem", &key, "--output", "signed.xml", "template.xml"];
    let (ok, said) = run(dir.path(), "xmlsec1", &arguments.map(OsStr::new));
    assert!(ok, "{said}");
    RawFile { name: file.name.clone(), bytes: std::fs::read(dir.path().join("signed.xml")).expect("signed") }
}

/// The document with the first element of that name emptied.
fn without_text(text: &str, element: &str) -> String {
    let from = text.find(&format!("<{element}>")).expect("the element") + element.len() + 2;
    let to = from + text[from..].find("</").expect("its end");
    [&text[..from], &text[to..]].concat()
}

#[test]
fn a_set_that_xmlsec1_signed_is_taken_in_and_found_viable() {
    if !has("a_set_that_xmlsec1_signed_is_taken_in_and_found_viable", "xmlsec1") {
        return;
    }
    let plan = LabPlan { installations: 2, seed: 5, defects_permille: 0, faults: 0, set_size: 2 };
    let lab = Lab::new(plan, |_| {});
    let system = lab.open(&Power::new(Cut::Never)).expect("opens");
    taken_in(&lab, system);
    let (lab, system) = earlier(plan);
    taken_in(&lab, system);
}

#[track_caller]
fn taken_in(lab: &Lab, mut system: System) {
    let ours = &lab.sets[0];
    let theirs =
        FileSet { dir: ours.dir.clone(), files: ours.files.iter().map(|file| signed_by_xmlsec1(lab, file)).collect() };
    let (ours, opened) = (ours.open(&system.shared.trust, lab.now), theirs.open(&system.shared.trust, lab.now));
    assert_eq!(opened.faults, []);
    let common = opened.common.file().expect("verified");
    let all = |file: &SignedStream<MigrationCommonFile>| {
        file.parts(1_000).and_then(|mut parts| parts.next_part()).expect("unaltered").expect("entries").value().clone()
    };
    assert_eq!(all(common), all(ours.common.file().expect("verified")));
    assert_eq!(common.sender(), ours.common.file().expect("verified").sender());
    assert_ne!(opened.digests(), ours.digests());
    let SetTaken::Accepted { verdicts, .. } = system.take(&opened.laid.folder).expect("takes") else {
        panic!("not accepted")
    };
    assert!(verdicts.is_clean());
    assert_eq!(system.records().count(), 2);
}

/// What xmlsec1 opens of the n-th blob of a Group Encrypted File with a party's key; none where it cannot.
fn opened((lab, file): (&Lab, &Path), party: &str, number: usize) -> Option<String> {
    let key = lab.dir().join(format!("pki/parties/{party}/encryption.key"));
    let path = format!("(//*[local-name()='EncryptedData'])[{number}]");
    let arguments = [
        OsStr::new("--decrypt"),
        OsStr::new("--privkey-pem"),
        key.as_os_str(),
        OsStr::new("--node-xpath"),
        OsStr::new(&path),
        file.as_os_str(),
    ];
    let (ok, said) = run(lab.dir(), "xmlsec1", &arguments);
    ok.then_some(said)
}

/// The texts of an element, in order.
fn texts<'a>(document: &'a str, element: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    document.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).collect()
}

/// The part of a document that is the plaintext.
fn plaintext<'a>(document: &'a str, root: &str) -> &'a str {
    let from = document.find(&format!("<{root}")).unwrap_or_else(|| panic!("no {root}: {document}"));
    document[from..].split(&format!("</{root}>")).next().unwrap_or_default()
}

#[track_caller]
fn check_s1sp(record: &KeyRecord, (root, export): (&str, &str), document: &str) {
    let plain = plaintext(document, root);
    let gsme = record.gsme.as_ref();
    let devices: Vec<_> = [record.esme.device_id].into_iter().chain(gsme.map(|g| g.device_id)).collect();
    assert_eq!(texts(plain, "CHFIdentifier"), [record.chf_identifier.to_string()]);
    assert_eq!(texts(plain, "SMSOExportReference"), [export]);
    assert_eq!(texts(plain, "DeviceID"), devices.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(texts(plain, "AuthenticationKey"), [record.esme.authentication_key.expose()]);
    assert_eq!(texts(plain, "EncryptionKey"), [record.esme.encryption_key.expose()]);
    let prepayment: Vec<_> =
        [&record.esme.prepayment_key].into_iter().chain(gsme.map(|g| &g.prepayment_key)).map(|k| k.expose()).collect();
    assert_eq!(texts(plain, "PrepaymentKey"), prepayment);
}

#[track_caller]
fn check_dco(record: &KeyRecord, export: &str, document: &str) {
    let plain = plaintext(document, "DecryptedMasterKey");
    assert_eq!(texts(plain, "CHFIdentifier"), [record.master.chf_identifier.to_string()]);
    assert_eq!(texts(plain, "SMSOExportReference"), [export]);
    assert_eq!(texts(plain, "DeviceID"), [record.master.device_id.to_string()]);
    assert_eq!(texts(plain, "MasterKey"), [record.master.master_key.expose()]);
}

#[track_caller]
fn check_blobs(lab: &Lab, file: &Path, (root, export): (&str, &str)) {
    let (_, records) = lab.corpus.smsos.first().expect("an SMSO");
    let file = (lab, file);
    for (record, first) in records.keys.iter().zip((1..).step_by(2)) {
        check_s1sp(record, (root, export), &opened(file, "s1sp", first).expect("the S1SP's blob opens"));
        check_dco(record, export, &opened(file, "dco", first + 1).expect("the DCO's blob opens"));
    }
    assert!(opened(file, "dco", 1).is_none(), "a blob opens for the other recipient");
    assert!(opened(file, "s1sp", 2).is_none(), "a blob opens for the other recipient");
    assert!(opened(file, "s1sp", 2 * records.keys.len() + 1).is_none(), "a blob was left unread");
}

#[test]
fn xmlsec1_decrypts_every_blob_of_the_group_encrypted_file_for_its_recipient_alone() {
    if !has("xmlsec1_decrypts_every_blob_of_the_group_encrypted_file_for_its_recipient_alone", "xmlsec1") {
        return;
    }
    let file = FILES.dir().join(&FILES.of(FileKind::MigrationGroupEncryptedFile).name);
    check_blobs(&FILES.lab, &file, (OF_FOC, "LAB-1"));
    let file = EARLIER.dir().join(&EARLIER.of(FileKind::MigrationGroupEncryptedFile).name);
    check_blobs(&EARLIER.lab, &file, ("DecryptedS1SPGroupInformation", "LAB-1"));
}

#[test]
fn xmlsec1_decrypts_what_the_requesting_party_encrypted_of_a_plaintext_export() {
    if !has("xmlsec1_decrypts_what_the_requesting_party_encrypted_of_a_plaintext_export", "xmlsec1") {
        return;
    }
    let lab = Lab::new(LabPlan { installations: 3, seed: 5, defects_permille: 0, faults: 0, set_size: 3 }, |_| {});
    let [set] = &lab.plaintext(GroupId::EC).sets[..] else { panic!("one set") };
    let named = set.files.iter().find(|file| file.name.starts_with("MGEF_")).expect("a Group Encrypted File");
    check_blobs(&lab, &set.dir.join(&named.name), (OF_FOC, "PLAIN-1"));
}
