//! Pre-commands: what is returned of a request is its own body, and what is signed of it asks for that body and nothing else.

use tern_wire::duis::{
    self, CommandVariant, Draft, Received, Request, RequestHeader, ResponseBody, ResponseCode, ResponseHeader, SR,
    SchemaVersion, pre_command, signed_pre_command,
};
use tern_wire::xml::Limits;

use crate::support::{KEYS, VERSION, moment, now, request_id};

fn read(text: &str) -> Request {
    let received = Received::new("request", text.as_bytes(), &Limits::MESSAGE).unwrap();
    received.parse().unwrap().request(VERSION).unwrap().claimed().clone()
}

fn request(variant: CommandVariant, body: Draft) -> Request {
    let header = RequestHeader::new(request_id(), variant, "1.6".parse().unwrap());
    read(&duis::request(&header, body, VERSION, &KEYS.user.signer()).unwrap())
}

/// A body with a moment of its own.
fn mode() -> Draft {
    Draft::new("UpdatePaymentMode")
        .with(Draft::leaf("ExecutionDateTime", "2026-03-03T00:00:00.00Z"))
        .with(Draft::new("Credit"))
}

/// The payload that a response returns of a request.
fn returned(request: &Request) -> Vec<u8> {
    let header = ResponseHeader::synchronous(Some(request_id()), ResponseCode::I0, now());
    let content = Some(pre_command(request).unwrap());
    let body = ResponseBody::Message { service: "1.6".parse().unwrap(), content };
    let text = duis::response(&header, &body, VERSION, &KEYS.dsp.signer()).unwrap();
    let received = Received::new("response", text.as_bytes(), &Limits::MESSAGE).unwrap();
    let incoming = received.parse().unwrap();
    incoming.response(VERSION).unwrap().verify(&KEYS.trust, now()).unwrap().pre_command().unwrap()
}

fn signed(payload: &[u8]) -> Request {
    request(CommandVariant::SEND_SIGNED, signed_pre_command(payload, None))
}

#[test]
fn what_is_returned_and_signed_asks_for_what_was_asked() {
    let asked = request(CommandVariant::TRANSFORM, mode());
    let payload = returned(&asked);
    assert!(payload.starts_with(format!("<sr:Body xmlns:sr=\"{SR}\"><sr:UpdatePaymentMode>").as_bytes()));
    let signed = signed(&payload);
    assert_eq!(signed.sent().name(), "SignedPreCommand");
    assert_eq!(Draft::from(signed.body()), Draft::from(asked.body()));
    assert_eq!(signed.body().path(), "Body/UpdatePaymentMode");
    assert_eq!(signed.body().place().document, "pre-command");
    assert_eq!(duis::payload_of(signed.sent()), Some(payload));
    // Whatever came: in what asks itself nothing is inside anything.
    assert_eq!(asked.sent(), asked.body());
    assert_eq!(duis::payload_of(asked.sent()), None);
}

#[test]
fn the_moment_of_a_signed_pre_command_comes_before_that_of_its_payload() {
    let payload = returned(&request(CommandVariant::TRANSFORM, mode()));
    assert_eq!(signed(&payload).execution(), Some(moment("2026-03-03T00:00:00Z")));
    let later = Some(moment("2026-03-04T00:00:00Z"));
    let signed = request(CommandVariant::SEND_SIGNED, signed_pre_command(&payload, later));
    assert_eq!(signed.execution(), later);
    let plain = request(CommandVariant::SEND, Draft::new("UpdatePaymentMode").with(Draft::new("Credit")));
    assert_eq!(plain.execution(), None);
}

#[test]
fn a_payload_that_is_no_body_of_the_schema_asks_for_nothing() {
    let body = |inner: &str| format!("<sr:Body xmlns:sr=\"{SR}\">{inner}</sr:Body>");
    let good = body("<sr:UpdatePaymentMode><sr:Credit/></sr:UpdatePaymentMode>");
    assert_eq!(signed(good.as_bytes()).body().name(), "UpdatePaymentMode");
    let nested = String::from_utf8(returned(&request(CommandVariant::TRANSFORM, mode()))).unwrap();
    let nested = duis::signed_pre_command(nested.as_bytes(), None);
    let nested = request(CommandVariant::SEND_SIGNED, nested).sent().source().to_owned();
    let bad = [
        String::new(),
        "off".to_owned(),
        good.replace(SR, "urn:other"),
        good.replace("sr:Body", "sr:Header"),
        good.replace("<sr:Credit/>", ""),
        good.replace("<sr:Credit/>", "<sr:Credit>1</sr:Credit>"),
        good.replace("<sr:Credit/>", "<!-- --><sr:Credit/>"),
        format!("<!DOCTYPE Body>{good}"),
        format!("{good}{good}"),
        body("<sr:EnableSupply/><sr:DisableSupply/>"),
        body(""),
        body(&nested),
    ];
    for payload in bad {
        let read = signed(payload.as_bytes());
        assert_eq!((read.body(), read.body().name()), (read.sent(), "SignedPreCommand"), "{payload}");
    }
}

#[test]
fn every_version_has_a_body_to_judge_a_payload_by() {
    for version in SchemaVersion::ALL {
        let header = RequestHeader::new(request_id(), CommandVariant::TRANSFORM, "7.2".parse().unwrap());
        let text = duis::request(&header, Draft::new("DisableSupply"), version, &KEYS.user.signer()).unwrap();
        let received = Received::new("request", text.as_bytes(), &Limits::MESSAGE).unwrap();
        let incoming = received.parse().unwrap();
        let request = incoming.request(version).unwrap();
        assert!(pre_command(request.claimed()).is_ok(), "{version}");
    }
}
