//! Keys of a User, the DSP and an S1SP, and messages of each kind.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use tern_model::{DeviceId, Eui64, PartyId, Role};
use tern_wire::duis::{
    self, Draft, Received, Request, RequestHeader, RequestId, ResponseBody, ResponseCode, ResponseHeader, S1spAlert,
    SchemaVersion, SignatureFault, Smets1Response,
};
use tern_wire::smki::issuing::{
    AuthorityRequest, Issued, Issuer, OrganisationRequest, RevocationListRequest, Serial, Validity,
};
use tern_wire::smki::{Certificate, Signer, Trust, Usage};
use tern_wire::xml::Limits;
use tern_wire::{Verified, WireFault};

pub const USER: Eui64 = Eui64(0x90B3_D51F_3001_0000);
pub const DSP: Eui64 = Eui64(0x90B3_D51F_3000_0002);
pub const S1SP: Eui64 = Eui64(0x90B3_D51F_3000_0080);
pub const DEVICE: Eui64 = Eui64(0x00DB_1234_5678_90A0);
pub const VERSION: SchemaVersion = SchemaVersion::V5_1;

pub fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A moment in the middle of every validity.
pub fn now() -> Timestamp {
    moment("2026-03-02T12:00:00Z")
}

pub struct Party {
    pub certificate: Arc<Certificate>,
    pub key_pem: Vec<u8>,
}

impl Party {
    pub fn signer(&self) -> Signer {
        Signer::from_pem(self.certificate.clone(), &self.key_pem).unwrap()
    }
}

pub struct Keys {
    pub root_pem: String,
    pub authority_pem: String,
    pub user: Party,
    pub other_user: Party,
    pub stranger: Party,
    pub dsp: Party,
    pub s1sp: Party,
    pub trust: Trust,
}

pub static KEYS: LazyLock<Keys> = LazyLock::new(keys);

fn keys() -> Keys {
    let validity = Validity { not_before: moment("2020-01-01T00:00:00Z"), not_after: moment("2040-01-01T00:00:00Z") };
    let serial = |number: u8| Serial::from_random([number; 16]);
    let request = |common_name, number| AuthorityRequest { common_name, validity, serial: serial(number) };
    let (root, _) = Issuer::root(&request("Test root", 0x7A)).unwrap();
    let (authority, _) = root.issuing_authority(&request("Z1", 0x7B)).unwrap();
    let issue = |common_name, role, party, number| {
        let party = PartyId(party);
        let request =
            OrganisationRequest { common_name, party, role, usage: Usage::Sign, validity, serial: serial(number) };
        let Issued { certificate, key_pem } = authority.issue(&request).unwrap();
        Party { certificate: Arc::new(certificate), key_pem: key_pem.expose().to_vec() }
    };
    let user = issue("USER", Role::Supplier, USER, 0x71);
    let other_user = issue("OTHER", Role::Supplier, Eui64(USER.0 + 0x10000), 0x72);
    let stranger = issue("STRANGER", Role::Supplier, USER, 0x73);
    let dsp = issue("DSP", Role::Dsp, DSP, 0x74);
    let s1sp = issue("S1SP", Role::S1sp, S1SP, 0x75);
    let list = |issuer: &Issuer| {
        let (this_update, next_update) = (moment("2020-01-01T00:00:00Z"), moment("2035-01-01T00:00:00Z"));
        issuer.revocation_list(&RevocationListRequest { number: 1, this_update, next_update, revoked: &[] }).unwrap()
    };
    let (root_pem, authority_pem) = (root.certificate().to_pem(), authority.certificate().to_pem());
    let known = [&user, &other_user, &dsp, &s1sp].map(|p| p.certificate.to_pem()).concat();
    let trust = Trust::builder()
        .roots_pem(root_pem.as_bytes())
        .and_then(|b| b.authorities_pem(authority_pem.as_bytes()))
        .and_then(|b| b.certificates_pem(known.as_bytes()))
        .and_then(|b| b.crl(&list(&root)))
        .and_then(|b| b.crl(&list(&authority)))
        .unwrap()
        .build();
    Keys { root_pem, authority_pem, user, other_user, stranger, dsp, s1sp, trust }
}

pub fn request_id() -> RequestId {
    RequestId { originator: USER, target: DEVICE, counter: 1_772_452_800_000 }
}

/// 11.2, which asks for nothing but to be carried out.
pub fn request_by(party: &Party) -> String {
    let header = RequestHeader::new(request_id(), "1".parse().unwrap(), "11.2".parse().unwrap());
    duis::request(&header, Draft::new("ReadFirmwareVersion"), VERSION, &party.signer()).unwrap()
}

pub fn request() -> String {
    request_by(&KEYS.user)
}

pub fn acknowledgement() -> String {
    let header = ResponseHeader::synchronous(Some(request_id()), ResponseCode::I99, now());
    let body = ResponseBody::Message { service: "11.2".parse().unwrap(), content: None };
    duis::response(&header, &body, VERSION, &KEYS.dsp.signer()).unwrap()
}

pub fn smets1_signed_response() -> String {
    let response = Smets1Response {
        originator: DEVICE,
        target: USER,
        counter: request_id().counter,
        service: Some("11.2".parse().unwrap()),
        at: Some(now()),
        body: Smets1Response::data(
            Draft::new("ReadFirmwareVersionRsp").with(Draft::leaf("FirmwareVersion", "0102 <&")),
        ),
    };
    duis::smets1_response(&response, VERSION, &KEYS.s1sp.signer()).unwrap()
}

pub fn smets1_response(signed: &str) -> String {
    let header = ResponseHeader::asynchronous(request_id(), ResponseCode::I0, now());
    let body = ResponseBody::Smets1 { service: Some("11.2".parse().unwrap()), schedule: None, signed };
    duis::response(&header, &body, VERSION, &KEYS.dsp.signer()).unwrap()
}

pub fn s1sp_alert() -> String {
    let alert = S1spAlert {
        request_id: Some(request_id()),
        device: Some(DeviceId(DEVICE)),
        code: "S1".into(),
        information: Some("no answer".into()),
        utrn: None,
        at: now(),
    };
    duis::alert_of_s1sp(&alert, VERSION, &KEYS.s1sp.signer()).unwrap()
}

pub fn dcc_alert(signed: &str) -> String {
    let header = ResponseHeader::synchronous(None, ResponseCode::I0, now());
    let body = ResponseBody::S1spAlert { code: "N55", schedule: None, signed };
    duis::response(&header, &body, VERSION, &KEYS.dsp.signer()).unwrap()
}

/// What becomes of bytes that claim to be a request.
#[derive(Debug)]
pub enum Refusal {
    Unreadable(WireFault),
    Schema(Vec<WireFault>),
    Signature(SignatureFault),
}

pub fn received(bytes: &[u8]) -> Result<Received, WireFault> {
    Received::new("message", bytes, &Limits::MESSAGE)
}

pub fn read_request(bytes: &[u8]) -> Result<Verified<Request>, Refusal> {
    let received = received(bytes).map_err(Refusal::Unreadable)?;
    let incoming = received.parse().map_err(Refusal::Unreadable)?;
    let request = incoming.request(VERSION).map_err(Refusal::Schema)?;
    request.verify(&KEYS.trust, now()).map_err(Refusal::Signature)
}
