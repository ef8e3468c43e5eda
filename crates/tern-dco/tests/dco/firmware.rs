//! Firmware is used on the Responsible Supplier's signed word alone, as it stands, and where the DCO has the keys.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::Date;
use tern_dco::{Records, Site};
use tern_dlms::apdu::{ActionResult, Apdu};
use tern_dlms::security::Protection;
use tern_dlms::{Codec, Data, MethodDescriptor};
use tern_model::{DeviceId, DeviceKind, Digest, Eui64, Mpxn, PartyId, Role};
use tern_store::{Batch, Store, StoreView};
use tern_wire::dsig;
use tern_wire::migration::{FileName, FirmwareImage, FirmwareInstruction, FirmwareInstructionHeader};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, LinkRefusal, MasterKeyOf, SignedDocument};
use tern_wire::schema::write;
use tern_wire::smki::issuing::{
    AuthorityRequest, Issuer, OrganisationRequest, RevocationListRequest, Serial, Validity,
};
use tern_wire::smki::{Signer, Trust, Usage};

use crate::desk::{CHF, Desk, ESME, GSME, Meter, PPMID, moment, set};
use crate::orders::{code, critical, goes_back, next_master};

/// Supplies the electricity.
pub const SUPPLIER: PartyId = PartyId(Eui64(0x90B3_D51F_3002_0001));
/// Countersigns Service Requests.
const DSP: PartyId = PartyId(Eui64(0x90B3_D51F_3002_0003));
/// Operates the network.
pub const OPERATOR: PartyId = PartyId(Eui64(0x90B3_D51F_3002_0004));
/// Supplies the gas.
const OTHER: PartyId = PartyId(Eui64(0x90B3_D51F_3002_0002));
const DUAL_CONTROL: &str = "P-dual-control";

/// Who signs: two suppliers, an S1SP by the first one's name, the DSP, the first supplier by a newer certificate, a network operator.
const PARTIES: [(Role, PartyId); 6] = [
    (Role::Supplier, SUPPLIER),
    (Role::Supplier, OTHER),
    (Role::S1sp, SUPPLIER),
    (Role::Dsp, DSP),
    (Role::Supplier, SUPPLIER),
    (Role::NetworkOperator, OPERATOR),
];

struct Keys {
    signers: Vec<Signer>,
    authority: Vec<u8>,
    trust: Arc<Trust>,
}

/// A key infrastructure with two suppliers, and an S1SP that would like to be one.
static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let validity = Validity { not_before: moment("2020-01-01T00:00:00Z"), not_after: moment("2040-01-01T00:00:00Z") };
    let mut serials = (1..).map(|number: u8| Serial::from_random([number; 16]));
    let mut serial = || serials.next().expect("a serial");
    let (root, _) =
        Issuer::root(&AuthorityRequest { common_name: "Root", validity, serial: serial() }).expect("a root");
    let authority = AuthorityRequest { common_name: "Z1", validity, serial: serial() };
    let (authority, _) = root.issuing_authority(&authority).expect("an authority");
    let signers: Vec<Signer> = PARTIES
        .into_iter()
        .map(|(role, party)| {
            let (common_name, usage, serial) = ("PARTY", Usage::Sign, serial());
            let request = OrganisationRequest { common_name, party, role, usage, validity, serial };
            let issued = authority.issue(&request).expect("a certificate");
            Signer::from_pem(Arc::new(issued.certificate), issued.key_pem.expose()).expect("a key")
        })
        .collect();
    let list = |issuer: &Issuer| {
        let (this_update, next_update) = (validity.not_before, validity.not_after);
        let request = RevocationListRequest { number: 1, this_update, next_update, revoked: &[] };
        issuer.revocation_list(&request).expect("a list")
    };
    let known: String = signers.iter().map(|signer| signer.certificate().to_pem()).collect();
    let trust = Trust::builder()
        .roots_pem(root.certificate().to_pem().as_bytes())
        .and_then(|b| b.authorities_pem(authority.certificate().to_pem().as_bytes()))
        .and_then(|b| b.certificates_pem(known.as_bytes()))
        .and_then(|b| b.crl(&list(&root)))
        .and_then(|b| b.crl(&list(&authority)))
        .expect("trust")
        .build();
    Keys { signers, authority: authority.certificate().der().to_vec(), trust: Arc::new(trust) }
});

/// Registration Data of one metering point: the supplier until a day, and from then on another.
#[derive(Debug)]
struct Registered {
    until: Date,
}

impl Records for Registered {
    fn trust(&self) -> Arc<Trust> {
        KEYS.trust.clone()
    }

    fn electricity_supplier(&self, mpan: &Mpxn, on: Date) -> Result<Option<PartyId>, String> {
        let supplier = if on <= self.until { SUPPLIER } else { OTHER };
        Ok((*mpan == mpan_of_site()).then_some(supplier))
    }
}

pub fn mpan_of_site() -> Mpxn {
    Mpxn::mpan_from_body(200_001_234_567)
}

/// By which a party signs, in the order of [`PARTIES`].
pub fn signer(nth: usize) -> &'static Signer {
    &KEYS.signers[nth]
}

/// The certificate under which all certificates of parties stand.
pub fn authority() -> &'static [u8] {
    &KEYS.authority
}

/// Has a DCO look things up, until the end of March in the first supplier's favour.
pub fn looks_up(desk: &mut Desk) {
    desk.dco.look_up_in(Arc::new(Registered { until: "2021-03-31".parse().expect("a day") }));
}

/// A DCO whose ESME was commissioned, with the ESME.
pub fn commissioned() -> (Desk, Meter) {
    let mut desk = Desk::new();
    looks_up(&mut desk);
    let site = Site::find(&desk.store, set(), CHF).expect("reads").expect("a site");
    let site = Site { import_mpan: Some(mpan_of_site()), ..site };
    desk.store.commit(&Batch { puts: vec![site.put().expect("a body")], ..Batch::default() }).expect("durable");
    let next = next_master(&mut desk);
    critical(&mut desk, MasterKeyOf::Dco, 0);
    let mut meter = Meter::holding(&next);
    assert_eq!(desk.ask(DcoRequest::Activate { evidence: meter.answers() }), Ok(DcoReply::Done));
    (desk, meter)
}

fn image() -> FirmwareImage {
    FirmwareImage {
        image_identifier: "2.0".parse().expect("an identifier"),
        image_size: 100_000,
        image_digest: Digest([0xD1; 32]),
    }
}

fn message() -> FirmwareInstruction {
    FirmwareInstruction {
        firmware_instruction_header: FirmwareInstructionHeader {
            responsible_supplier: SUPPLIER,
            instruction_reference: "4711".parse().expect("a reference"),
            creation_date_time: moment("2021-03-01T09:00:00Z"),
        },
        device_id: ESME,
        firmware_image: image(),
        not_before: moment("2021-03-02T00:00:00Z"),
        not_after: moment("2021-03-04T23:59:59Z"),
    }
}

fn signed_by(signer: usize, message: &FirmwareInstruction) -> SignedDocument {
    let header = &message.firmware_instruction_header;
    let name = FileName::Firmware(header.responsible_supplier, header.instruction_reference.clone()).to_string();
    let text = dsig::sign(&write(message), &KEYS.signers[signer]).expect("signs");
    SignedDocument { name, bytes: text.into_bytes() }
}

fn document() -> SignedDocument {
    signed_by(0, &message())
}

/// The S1SP's bytes, as the standard writes them.
fn activation(image: &FirmwareImage) -> Vec<u8> {
    let head = [0xC3, 0x01, 0xC1, 0x00, 0x12, 0x00, 0x00, 0x2C, 0x00, 0x00, 0xFF, 0x04, 0x01, 0x02, 0x03, 0x06];
    let identifier = image.image_identifier.as_str().as_bytes();
    let length = u8::try_from(identifier.len()).expect("short");
    let parts = [&head[..], &image.image_size.to_be_bytes(), &[0x09, length], identifier, &[0x09, 32]];
    [&parts.concat()[..], &image.image_digest.0].concat()
}

fn order(device: DeviceId, document: SignedDocument, instruction: Vec<u8>) -> DcoOrder {
    DcoOrder { device, ..Desk::order(DcoRequest::ActivateFirmware { document, instruction, not_below: 0 }) }
}

fn ask(desk: &mut Desk, document: SignedDocument) -> Result<DcoReply, LinkRefusal> {
    let instruction = activation(&image());
    desk.obey(&[order(ESME, document, instruction)]).remove(0)
}

#[test]
fn an_esme_is_told_to_use_the_image_that_its_supplier_named_and_says_so() {
    let (mut desk, mut meter) = commissioned();
    let mut last = 0;
    // The same order again is another number and the same words: it does no harm.
    for _ in 0..2 {
        let Ok(DcoReply::Critical { apdu }) = ask(&mut desk, document()) else { panic!("no apdu") };
        let opened = meter.ciphering.open(&apdu).expect("is under this meter's critical keys");
        assert_eq!(opened.protection, Protection::AuthenticatedEncrypted);
        assert_eq!(opened.apdu, activation(&image()));
        assert!(opened.invocation_counter > last);
        last = opened.invocation_counter;
        let Ok(Apdu::ActionRequest(_)) = Apdu::decode(&opened.apdu) else { panic!("no action") };
    }
    let answer = meter.did(ActionResult::Success);
    let verify = |answer| DcoRequest::VerifyCritical { under: MasterKeyOf::Dco, answer };
    assert_eq!(desk.ask(verify(answer)), Ok(DcoReply::MasterKeyHolds));
    let refused = meter.did(ActionResult::OtherReason);
    assert_eq!(code(desk.ask(verify(refused))), "P-critical-answer");
    desk.store.verify_audit().expect("whole");
}

#[test]
fn every_instruction_that_differs_in_one_field_is_refused() {
    let (mut desk, _) = commissioned();
    type Change = fn(&mut FirmwareImage);
    let differs: [(&str, Change); 3] = [
        ("image identifier", |image| image.image_identifier = "2.1".parse().expect("an identifier")),
        ("image size", |image| image.image_size += 1),
        ("image digest", |image| image.image_digest.0[0] ^= 1),
    ];
    for (field, change) in differs {
        let mut other = image();
        change(&mut other);
        // Once the S1SP's bytes say it, once the supplier's document.
        let theirs = FirmwareInstruction { firmware_image: other.clone(), ..message() };
        for (document, instruction) in [(document(), activation(&other)), (signed_by(0, &theirs), activation(&image()))]
        {
            let refused = desk.obey(&[order(ESME, document, instruction)]).remove(0).expect_err(field);
            assert_eq!(refused.code, DUAL_CONTROL);
            assert!(refused.reason.contains(field), "{}", refused.reason);
        }
    }
    let bytes = activation(&image());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut other = bytes.clone();
            other[at] ^= 1 << bit;
            let refused = desk.obey(&[order(ESME, document(), other)]).remove(0);
            assert_eq!(code(refused), DUAL_CONTROL, "byte {at}, bit {bit}");
        }
    }
    let method = MethodDescriptor::new(tern_dlms::ClassId(18), tern_dlms::LogicalName::new(0, 0, 44, 0, 0, 255), 4);
    let invoke = tern_dlms::apdu::InvokeIdAndPriority(0xC1);
    let whatever = tern_dlms::apdu::ActionRequest::Normal { invoke, method, parameters: Some(Data::Integer(0)) };
    let whatever = Apdu::ActionRequest(whatever).to_bytes();
    assert_eq!(code(desk.obey(&[order(ESME, document(), whatever)]).remove(0)), DUAL_CONTROL);
    assert!(ask(&mut desk, document()).is_ok(), "and the one that differs in nothing is obeyed");
}

#[test]
fn every_document_that_is_not_the_suppliers_for_this_device_and_day_is_refused() {
    let (mut desk, _) = commissioned();
    let told = |desk: &mut Desk, document, words: &str| {
        let refused = ask(desk, document).expect_err(words);
        assert_eq!(refused.code, DUAL_CONTROL, "{}", refused.reason);
        assert!(refused.reason.contains(words), "{words}: {}", refused.reason);
    };
    let text = document();
    for at in 0..text.bytes.len() {
        let mut other = text.clone();
        other.bytes[at] ^= 1 << (at % 7);
        assert_eq!(code(ask(&mut desk, other)), DUAL_CONTROL, "byte {at}");
    }
    let for_gas = FirmwareInstruction { device_id: GSME, ..message() };
    told(&mut desk, signed_by(0, &for_gas), "not for");
    // Another supplier in its own name, and in the first one's.
    let mut others = message();
    others.firmware_instruction_header.responsible_supplier = OTHER;
    told(&mut desk, signed_by(1, &others), "is not the Electricity Supplier");
    told(&mut desk, SignedDocument { name: "x".to_owned(), ..signed_by(1, &message()) }, "not believed");
    told(&mut desk, signed_by(2, &message()), "not believed");
    let now = desk.now;
    for (at, words) in [
        ("2021-03-01T23:59:59Z", "may be obeyed from"),
        ("2021-03-05T00:00:00Z", "may be obeyed from"),
        ("2039-12-31T00:00:00Z", "may be obeyed from"),
        ("2040-01-02T00:00:00Z", "not believed"),
    ] {
        desk.now = moment(at);
        told(&mut desk, document(), words);
    }
    let later = FirmwareInstruction { not_after: moment("2021-06-01T00:00:00Z"), ..message() };
    desk.now = moment("2021-04-01T12:00:00Z");
    told(&mut desk, signed_by(0, &later), "is not the Electricity Supplier");
    desk.now = now;
    assert!(ask(&mut desk, document()).is_ok());
    desk.store.verify_audit().expect("whole");
}

#[test]
fn an_older_instruction_never_brings_an_older_image_back() {
    let (mut desk, _) = commissioned();
    let made_at = |at: &str, identifier: &str| {
        let mut message = message();
        message.firmware_instruction_header.creation_date_time = moment(at);
        message.firmware_image.image_identifier = identifier.parse().expect("an identifier");
        let instruction = activation(&message.firmware_image);
        order(ESME, signed_by(0, &message), instruction)
    };
    let (first, second) = (made_at("2021-03-01T09:00:00Z", "2.0"), made_at("2021-03-01T10:00:00Z", "2.1"));
    let answers = desk.obey(&[first.clone(), second.clone(), first.clone()]);
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false], "in one batch");
    let mut desk = desk.reopened();
    looks_up(&mut desk);
    assert_eq!(code(desk.obey(&[first]).remove(0)), DUAL_CONTROL, "after a crash");
    assert!(desk.obey(&[second]).remove(0).is_ok(), "the newest again");
    let same_moment = made_at("2021-03-01T10:00:00Z", "2.2");
    assert_eq!(code(desk.obey(&[same_moment]).remove(0)), DUAL_CONTROL);
}

#[test]
fn a_device_whose_package_lacks_its_keys_uses_no_firmware() {
    let (mut desk, mut meter) = commissioned();
    let for_device = |device| {
        let document = signed_by(0, &FirmwareInstruction { device_id: device, ..message() });
        order(device, document, activation(&image()))
    };
    assert_eq!(code(desk.obey(&[for_device(PPMID)]).remove(0)), "P-key-package", "no Join named it");
    let devices = vec![(PPMID, DeviceKind::Ppmid), (GSME, DeviceKind::Gsme)];
    assert_eq!(desk.ask(DcoRequest::Join { devices }), Ok(DcoReply::Done));
    assert_eq!(desk.obey(&[for_device(PPMID)]).remove(0), Ok(DcoReply::Done));
    assert_eq!(code(desk.obey(&[for_device(GSME)]).remove(0)), "P-key-package", "11.3 alone");
    assert!(ask(&mut desk, document()).is_ok());
    assert_eq!(desk.obey(&[for_device(CHF.into())]).remove(0), Ok(DcoReply::Done), "a hub has no keys of its own");
    // Back with the SMSO, the DCO's keys are in force nowhere.
    goes_back(&mut desk, &mut meter);
    for device in [ESME, PPMID, CHF.into()] {
        assert_eq!(code(desk.obey(&[for_device(device)]).remove(0)), "P-key-package");
    }
    // Before it was commissioned, and by a DCO that can look nothing up.
    let mut desk = Desk::new();
    assert_eq!(code(ask(&mut desk, document())), "P-key-package");
    let next = next_master(&mut desk);
    critical(&mut desk, MasterKeyOf::Dco, 0);
    let evidence = Meter::holding(&next).answers();
    assert_eq!(desk.ask(DcoRequest::Activate { evidence }), Ok(DcoReply::Done));
    assert_eq!(code(ask(&mut desk, document())), DUAL_CONTROL);
}

#[test]
fn who_supplies_the_site_must_be_known() {
    let (mut desk, _) = commissioned();
    let site = Site::find(&desk.store, set(), CHF).expect("reads").expect("a site");
    for (mpan, words) in [(None, "metering point"), (Some(Mpxn::mpan_from_body(1)), "FACTS MISSING")] {
        let site = Site { import_mpan: mpan, ..site.clone() };
        desk.store.commit(&Batch { puts: vec![site.put().expect("a body")], ..Batch::default() }).expect("durable");
        let refused = ask(&mut desk, document()).expect_err(words);
        assert!(refused.reason.contains(words), "{}", refused.reason);
    }
}

#[test]
fn moments_are_those_of_the_document() {
    let (mut desk, _) = commissioned();
    let moments: [(Timestamp, bool); 4] = [
        ("2021-03-01T23:59:59.999Z", false),
        ("2021-03-02T00:00:00Z", true),
        ("2021-03-04T23:59:59Z", true),
        ("2021-03-04T23:59:59.001Z", false),
    ]
    .map(|(at, obeyed)| (moment(at), obeyed));
    for (at, obeyed) in moments {
        desk.now = at;
        assert_eq!(ask(&mut desk, document()).is_ok(), obeyed, "{at}");
    }
}
