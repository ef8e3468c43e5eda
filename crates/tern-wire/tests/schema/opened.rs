//! From signed bytes to a message: sender, name and header must agree.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use tern_model::{ChfIdentifier, DeviceId, Eui64, PartyId, Place, Role, SecretBytes};
use tern_wire::migration::{
    DecryptedMasterKey, DecryptedS1spDpGroupInformation, MigrationCommonFile, open, read_plaintext,
};
use tern_wire::schema::{SecretText, write};
use tern_wire::smki::issuing::{
    AuthorityRequest, Issuer, OrganisationRequest, RevocationListRequest, Serial, Validity,
};
use tern_wire::smki::{Signer, Trust, Usage};
use tern_wire::xml::Limits;
use tern_wire::{FaultKind, Verified, WireFault, dsig};

use crate::samples::common_file;

const NAME: &str = "MCF_90-B3-D5-1F-30-0A-00-01_EA_42.xml";

struct Keys {
    requesting_party: Signer,
    other_party: Signer,
    dsp: Signer,
    trust: Trust,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let moment = |text: &str| text.parse::<Timestamp>().unwrap();
    let validity = Validity { not_before: moment("2020-01-01T00:00:00Z"), not_after: moment("2040-01-01T00:00:00Z") };
    let serial = |number| Serial::from_random([number; 16]);
    let request = |common_name, number| AuthorityRequest { common_name, validity, serial: serial(number) };
    let (root, _) = Issuer::root(&request("Test root", 0x7A)).unwrap();
    let (authority, _) = root.issuing_authority(&request("Z1", 0x7B)).unwrap();
    let issue = |role, party, number| {
        let (party, serial) = (PartyId(Eui64(party)), serial(number));
        let request =
            OrganisationRequest { common_name: "RP-ALPHA", party, role, usage: Usage::Sign, validity, serial };
        let issued = authority.issue(&request).unwrap();
        Signer::from_pem(Arc::new(issued.certificate), issued.key_pem.expose()).unwrap()
    };
    let own = 0x90B3_D51F_300A_0001;
    let requesting_party = issue(Role::RequestingParty, own, 0x71);
    let other_party = issue(Role::RequestingParty, own + 1, 0x72);
    let dsp = issue(Role::Dsp, own, 0x73);
    let list = |issuer: &Issuer| {
        let (this_update, next_update) = (moment("2020-01-01T00:00:00Z"), moment("2035-01-01T00:00:00Z"));
        issuer.revocation_list(&RevocationListRequest { number: 1, this_update, next_update, revoked: &[] }).unwrap()
    };
    let known = [&requesting_party, &other_party, &dsp].map(|s| s.certificate().to_pem()).concat();
    let trust = Trust::builder()
        .roots_pem(root.certificate().to_pem().as_bytes())
        .and_then(|b| b.authorities_pem(authority.certificate().to_pem().as_bytes()))
        .and_then(|b| b.certificates_pem(known.as_bytes()))
        .and_then(|b| b.crl(&list(&root)))
        .and_then(|b| b.crl(&list(&authority)))
        .unwrap()
        .build();
    Keys { requesting_party, other_party, dsp, trust }
});

fn opened(name: &str, unsigned: &str, signer: &Signer) -> Result<Verified<MigrationCommonFile>, Vec<WireFault>> {
    let at = "2021-03-02T12:00:00Z".parse().unwrap();
    open(name, dsig::sign(unsigned, signer).unwrap().as_bytes(), &KEYS.trust, at, &Limits::DEFAULT)
}

#[test]
fn a_file_of_its_sender_opens() {
    let file = common_file();
    let verified = opened(NAME, &write(&file), &KEYS.requesting_party).unwrap();
    assert_eq!(*verified.value(), file);
    opened("other-name.xml", &write(&file), &KEYS.requesting_party).unwrap();
}

#[track_caller]
fn check(name: &str, unsigned: &str, signer: &Signer, kind: FaultKind, place: &str, message: &str) {
    let faults = opened(name, unsigned, signer).expect_err(message);
    let [fault] = faults.as_slice() else { panic!("one fault, not {faults:?}") };
    assert_eq!((fault.kind, fault.place.xpath.as_str(), fault.message.as_str()), (kind, place, message));
    assert!(![&fault.found, &fault.expected, &fault.suggestion].iter().any(|text| text.is_empty()), "{fault:?}");
}

#[test]
fn sender_name_and_header_agree() {
    let text = write(&common_file());
    let role = "a MigrationCommonFile may not be signed by this role";
    check(NAME, &text, &KEYS.dsp, FaultKind::Sender, "", role);
    let party = "the header names another party than the one that signed";
    let place = "MigrationCommonFile/MigrationHeader/RequestingPartyID";
    check(NAME, &text, &KEYS.other_party, FaultKind::Sender, place, party);
    let set = "the file's name and its header name different sets";
    check(&NAME.replace("42", "43"), &text, &KEYS.requesting_party, FaultKind::Schema, "", set);
    let kind = "the file's name is not that of a MigrationCommonFile";
    check(&NAME.replace("MCF", "MGF"), &text, &KEYS.requesting_party, FaultKind::Sender, "", kind);
    let broken = text.replace("<GroupID>EA", "<GroupID>ZZ");
    let place = "MigrationCommonFile/MigrationHeader/GroupID";
    check(
        NAME,
        &broken,
        &KEYS.requesting_party,
        FaultKind::Schema,
        place,
        "GroupID is not one of the words of its type",
    );
}

/// The text that line and column point at.
fn pointed_at<'a>(text: &'a str, place: &Place) -> &'a str {
    let line = text.split('\n').nth(place.line as usize - 1).unwrap();
    let at = line.char_indices().nth(place.column as usize - 1).map_or(line.len(), |(at, _)| at);
    &line[at..]
}

#[test]
fn a_place_is_found_again() {
    let text = write(&common_file());
    // Prefixes, line ends, attributes with `>` in them and characters of more than one byte.
    let text = text.replace("<MigrationCommonFile ", "<MigrationCommonFile xmlns:x='urn:>' ");
    let text = text.replace("<ESME>", "\n<ESME>").replacen("Maker", "Mäker", 1);
    let verified = opened(NAME, &text, &KEYS.requesting_party).unwrap();
    let text = verified.document().text();
    let entry = "<Installation><CHFIdentifier>00-00-00-00-00-00-02-00<";
    let cases = [
        (0, "ESME/MPxN", "<MPxN>"),
        (1, "", entry),
        (1, "ESME/DeviceModel/Model", "<Model>M&lt;1&gt;<"),
        (
            0,
            "PPMID[2]/DeviceModel/FirmwareVersion",
            "<FirmwareVersion>1.0</FirmwareVersion></DeviceModel></PPMID></Inst",
        ),
        (1, "GSME/MPxN", entry),
    ];
    for (entry, path, begins) in cases {
        let place = verified.place(entry, path);
        let expected = format!("MigrationCommonFile/Installation[{}]/{path}", entry + 1);
        assert_eq!(place.xpath, expected.trim_end_matches('/'));
        assert!(pointed_at(text, &place).starts_with(begins), "{place}: {}", pointed_at(text, &place));
    }
    let place = verified.place_in_root("MigrationHeader/FileCounter");
    assert_eq!(place.xpath, "MigrationCommonFile/MigrationHeader/FileCounter");
    assert!(pointed_at(text, &place).starts_with("<FileCounter>42"), "{place}");
    let place = verified.place(7, "ESME");
    assert_eq!(place.xpath, "MigrationCommonFile/Installation[8]/ESME");
    assert!(pointed_at(text, &place).starts_with("<MigrationCommonFile"), "an entry that is not there: {place}");
}

#[test]
fn a_plaintext_is_read_and_never_quoted() {
    let xpath = "F/Installation[1]/EncryptedMasterKey".to_owned();
    let place = Place { document: "F.xml".into(), xpath, line: 3, column: 4 };
    let key = DecryptedMasterKey {
        chf_identifier: ChfIdentifier(Eui64(1)),
        smso_export_reference: "E-1".parse().unwrap(),
        device_id: DeviceId(Eui64(2)),
        master_key: SecretText::new("00112233445566778899AABBCCDDEEFF".into()),
    };
    let text = write(&key);
    let secret = |text: &str| SecretBytes::new(text.as_bytes().to_vec());
    let read = read_plaintext::<DecryptedMasterKey>(&place, &secret(&text)).ok().unwrap();
    assert_eq!(read.master_key.expose(), key.master_key.expose());

    let faults = read_plaintext::<DecryptedS1spDpGroupInformation>(&place, &secret(&text)).err().unwrap();
    assert_eq!(faults[0].message, "the root element is not DecryptedS1SPDPGroupInformation");
    let broken =
        ["K5EC2E7", "<K5EC2E7/>", "<a>&K5EC2E7;</a>", "<!DOCTYPE K5EC2E7><a/>", "<K5EC2E7></y>", "<x:K5EC2E7/>", ""];
    for broken in broken {
        let faults = read_plaintext::<DecryptedMasterKey>(&place, &secret(broken)).err().unwrap();
        assert!(!format!("{faults:?}").contains("5EC2E7"), "{faults:?}");
        assert_eq!((faults[0].place.line, faults[0].place.xpath.as_str()), (3, place.xpath.as_str()));
    }
}
