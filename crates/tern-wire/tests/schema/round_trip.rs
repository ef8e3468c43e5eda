//! What is written is read back equal, and what is broken is told with its place.

use roxmltree::Document;
use tern_model::{ChfIdentifier, DeviceId, Eui64};
use tern_wire::migration::{DecryptedMasterKey, ExportReference, MigrationCommonFile};
use tern_wire::schema::{Message, Quoting, SecretText, read, write};

use crate::samples::{common_file, signed};

#[test]
fn what_is_written_is_read_back_equal() {
    let file = common_file();
    let text = signed(&write(&file));
    let document = Document::parse(&text).expect("well-formed");
    let decoded = read::<MigrationCommonFile>("f", &document, Quoting::Shown).expect("valid");
    assert_eq!(decoded.value, file);
    assert_eq!(decoded.entries.len(), 2);
    let (from, to) = decoded.entries[1];
    let entry = &text[from as usize..to as usize];
    assert!(
        entry.starts_with("<Installation><CHFIdentifier>00-00-00-00-00-00-02-00<")
            && entry.ends_with("</Installation>")
    );
}

/// Replaces `from` by `to` in the written file and expects exactly this place and message, in this order.
#[track_caller]
fn check(from: &str, to: &str, faults: &[(&str, &str)]) {
    let text = signed(&write(&common_file()));
    assert!(text.contains(from), "{from} is there to be replaced");
    let broken = text.replacen(from, to, 1);
    let document = Document::parse(&broken).expect("well-formed");
    let found = read::<MigrationCommonFile>("f.xml", &document, Quoting::Shown).expect_err("broken");
    let found: Vec<_> = found.iter().map(|f| (f.place.xpath.as_str(), f.message.as_str())).collect();
    assert_eq!(found, faults, "{from} -> {to}");
}

#[test]
fn every_fault_names_its_place() {
    let entry = "MigrationCommonFile/Installation[1]";
    check(
        "<MPxN>0000000002",
        "<MPxN>000000000X",
        &[(&format!("{entry}/ESME/MPxN"), "MPxN does not have the form that the schema asks for")],
    );
    check("<GPF><DeviceID>", "<GPF>x<DeviceID>", &[(&format!("{entry}/GPF"), "GPF holds text between its elements")]);
    check("<GroupID>EA</GroupID>", "", &[("MigrationCommonFile/MigrationHeader", "MigrationHeader has no GroupID")]);
    check(
        "<GroupID>EA</GroupID><FileCounter>42</FileCounter>",
        "<FileCounter>9007199254740992</FileCounter><GroupID>ZZ</GroupID>",
        &[
            ("MigrationCommonFile/MigrationHeader/FileCounter", "FileCounter is more than 9007199254740991"),
            (
                "MigrationCommonFile/MigrationHeader",
                "GroupID stands at the wrong place in MigrationHeader, or once too often",
            ),
        ],
    );
    check(
        "<CHF>",
        "<CHF xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"><Other/>",
        &[
            (&format!("{entry}/CHF"), "CHF does not have an attribute nil"),
            (&format!("{entry}/CHF"), "CHF does not hold an element Other"),
        ],
    );
    check(
        "<GPF>",
        "<GPF xmlns=\"urn:other\">",
        &[(entry, "GPF is in another namespace than the schema's"), (entry, "Installation has no GPF")],
    );
    check(
        "2021-03-02T10",
        "2021-02-30T10",
        &[("MigrationCommonFile/MigrationHeader/CreationDateTime", "CreationDateTime is not of the type xs:dateTime")],
    );
}

#[test]
fn a_plaintext_is_never_quoted() {
    let plaintext = DecryptedMasterKey {
        chf_identifier: ChfIdentifier(Eui64(1)),
        smso_export_reference: "E-1".parse::<ExportReference>().expect("a reference"),
        device_id: DeviceId(Eui64(2)),
        master_key: SecretText::new("5EC2E7".repeat(16)),
    };
    let text = write(&plaintext).replace("<DeviceID>", "<S5EC2E7 a5EC2E7=\"5EC2E7\"/>5EC2E7<DeviceID b5EC2E7=\"1\">");
    let document = Document::parse(&text).expect("well-formed");
    assert_eq!(document.root_element().tag_name().name(), DecryptedMasterKey::MESSAGE.root);
    let faults = read::<DecryptedMasterKey>("blob", &document, Quoting::Hidden).err().expect("broken");
    assert_eq!(faults.len(), 4, "{faults:?}");
    assert!(!format!("{faults:?}").contains("5EC2E7"), "{faults:?}");
}
