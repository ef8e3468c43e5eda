//! What is signed is believed, by the right party alone, and what was changed is not.

use tern_model::Role;
use tern_wire::duis::{self, Draft, RequestHeader, Root, SignatureFault};
use tern_wire::smki::CertificateProblem;
use tern_wire::{FaultKind, dsig};

use crate::support::{
    DEVICE, KEYS, Refusal, USER, VERSION, acknowledgement, dcc_alert, now, read_request, received, request, request_by,
    request_id, s1sp_alert, smets1_response, smets1_signed_response,
};

#[test]
fn a_signed_request_says_who_asks_what_of_whom() {
    let text = request();
    let request = read_request(text.as_bytes()).unwrap();
    let header = request.header();
    assert_eq!(header.request_id, request_id());
    assert_eq!((header.request_id.originator, header.request_id.target), (USER, DEVICE));
    assert_eq!(header.command_variant.number(), 1);
    assert_eq!(header.service_reference_variant.to_string(), "11.2");
    assert_eq!(request.body().name(), "ReadFirmwareVersion");
    assert_eq!(request.version(), VERSION);
    assert_eq!(request.document().sender().party.0, USER);
    assert_eq!(request.document().text(), text);
    assert_eq!(request.body().place().xpath, "Request/Body/ReadFirmwareVersion");
    assert_eq!(request.root().at("Header/RequestID").unwrap().text(), request_id().to_string());
}

#[test]
fn an_originator_in_lower_case_is_the_same_party() {
    let unsigned = request().replace("90-B3-D5-1F-30-01-00-00", "90-b3-d5-1f-30-01-00-00");
    let unsigned = without_signature(&unsigned);
    let signed = dsig::sign(&unsigned, &KEYS.user.signer()).unwrap();
    assert_eq!(read_request(signed.as_bytes()).unwrap().header().request_id, request_id());
}

fn without_signature(text: &str) -> String {
    let (start, end) = (text.rfind("<ds:Signature ").unwrap(), text.rfind("</ds:Signature>").unwrap());
    [&text[..start], &text[end + "</ds:Signature>".len()..]].concat()
}

fn signature_fault(text: &str) -> SignatureFault {
    match read_request(text.as_bytes()) {
        Err(Refusal::Signature(fault)) => fault,
        other => panic!("{other:?}\n{text}"),
    }
}

#[test]
fn each_way_of_being_signed_wrongly_has_its_fault() {
    let fault = signature_fault(&request_by(&KEYS.other_user));
    assert!(matches!(&fault, SignatureFault::Sender(f) if f.kind == FaultKind::Sender), "{fault:?}");
    assert_eq!(fault.fault().place.xpath, "Request/Header/RequestID");
    let fault = signature_fault(&request_by(&KEYS.stranger));
    assert!(matches!(&fault, SignatureFault::Certificate(p, _) if matches!(**p, CertificateProblem::Unknown { .. })));
    let fault = signature_fault(&without_signature(&request()));
    assert!(matches!(fault, SignatureFault::Profile(_)), "{fault:?}");
    for (from, to) in [("Body><sr:ReadF", "Body> <sr:ReadF"), (":1772452800000", ":1772452800001")] {
        let fault = signature_fault(&request().replace(from, to));
        assert!(matches!(fault, SignatureFault::Value(_)), "{fault:?}");
    }
}

#[test]
fn a_message_of_another_root_is_no_request() {
    for (text, root) in [
        (acknowledgement(), Some(Root::Response)),
        (s1sp_alert(), Some(Root::S1spAlert)),
        (smets1_signed_response(), Some(Root::Smets1SignedResponse)),
        (dsig::sign("<a/>", &KEYS.user.signer()).unwrap(), None),
    ] {
        assert_eq!(received(text.as_bytes()).unwrap().parse().unwrap().root(), root);
        let refusal = read_request(text.as_bytes()).unwrap_err();
        assert!(matches!(&refusal, Refusal::Schema(faults) if faults.len() == 1), "{refusal:?}");
    }
    for text in ["", "<a", "<!DOCTYPE a><a/>", "<a><!-- --></a>"] {
        let refusal = read_request(text.as_bytes());
        assert!(matches!(&refusal, Err(Refusal::Unreadable(fault)) if fault.kind == FaultKind::Form), "{text}");
    }
}

#[test]
fn the_id_of_a_request_that_is_refused_is_told_all_the_same() {
    let received = received(without_signature(&request()).as_bytes()).unwrap();
    let incoming = received.parse().unwrap();
    assert_eq!(incoming.claimed_request_id(), Some(request_id()));
    assert_eq!(incoming.version(), Some(VERSION));
}

#[test]
fn both_signatures_of_a_smets1_response_are_verified() {
    let inner = smets1_signed_response();
    let text = smets1_response(&inner);
    assert!(text.contains(&inner), "embedded byte for byte");
    let received = received(text.as_bytes()).unwrap();
    let incoming = received.parse().unwrap();
    let response = incoming.response(VERSION).unwrap().verify(&KEYS.trust, now()).unwrap();
    assert_eq!(response.document().sender().role, Role::Dsp);
    assert_eq!(response.nested().unwrap().sender().role, Role::S1sp);
    assert_eq!(response.nested().unwrap().text(), inner);
    assert_eq!(response.header().response_id, Some(request_id().response()));
    let version = response.body().at(
        "SMETS1SignedResponse/SMETS1Response/Body/ResponseMessage/SMETSData/ReadFirmwareVersionRsp/FirmwareVersion",
    );
    assert_eq!(version.unwrap().text(), "0102 <&");
}

#[test]
fn both_signatures_of_an_alert_are_verified() {
    let inner = s1sp_alert();
    let text = dcc_alert(&inner);
    let received = received(text.as_bytes()).unwrap();
    let incoming = received.parse().unwrap();
    let response = incoming.response(VERSION).unwrap().verify(&KEYS.trust, now()).unwrap();
    assert_eq!(response.nested().unwrap().text(), inner);
    let code = response.body().at("DCCAlert/S1SPAlertDSP/S1SPAlert/S1SPAlertCode");
    assert_eq!(code.unwrap().text(), "S1");
}

#[test]
fn an_s1sps_document_is_verified_alone() {
    for text in [smets1_signed_response(), s1sp_alert()] {
        let received = received(text.as_bytes()).unwrap();
        let incoming = received.parse().unwrap();
        let document = incoming.of_s1sp(VERSION).unwrap().verify(&KEYS.trust, now()).unwrap();
        assert_eq!(document.document().sender().role, Role::S1sp);
    }
}

#[test]
fn neither_signature_stands_in_for_the_other() {
    let refused = |text: &str| {
        let received = received(text.as_bytes()).unwrap();
        let incoming = received.parse().unwrap();
        incoming.response(VERSION).unwrap().verify(&KEYS.trust, now()).unwrap_err()
    };
    let inner = smets1_signed_response();
    let altered = inner.replace("0102", "0103");
    assert!(
        matches!(refused(&smets1_response(&altered)), SignatureFault::Value(_)),
        "the outer is good, the inner not"
    );
    let text = smets1_response(&inner).replace("0102", "0103");
    assert!(matches!(refused(&text), SignatureFault::Value(_)), "both are wrong");
    let outer_alone = smets1_response(&inner).replace(">I0<", ">I99<");
    assert!(matches!(refused(&outer_alone), SignatureFault::Value(_)), "the inner is good, the outer not");
    let text = without_signature(&smets1_response(&inner));
    assert!(matches!(refused(&text), SignatureFault::Profile(_)), "the inner alone");
    let by_user = dsig::sign(&without_signature(&inner), &KEYS.user.signer()).unwrap();
    assert!(matches!(refused(&smets1_response(&by_user)), SignatureFault::Sender(_)), "another role inside");
}

#[test]
fn a_signature_is_not_looked_for_elsewhere_in_a_message() {
    let signed = request();
    let signature = &signed[signed.find("<ds:Signature ").unwrap()..signed.rfind("</sr:Request>").unwrap()];
    let moved = without_signature(&signed).replace("</sr:Header>", &format!("{signature}</sr:Header>"));
    let received = received(moved.as_bytes()).unwrap();
    let incoming = received.parse().unwrap();
    assert!(matches!(incoming.verify(&KEYS.trust, now()), Err(SignatureFault::Profile(_))));
}

#[test]
fn debug_shows_no_content() {
    let text = smets1_response(&smets1_signed_response());
    let received = received(text.as_bytes()).unwrap();
    let tree = received.parse().unwrap().judge(VERSION).unwrap();
    assert!(!format!("{tree:?} {:?}", tree.root()).contains("0102"));
}

#[test]
fn every_moment_that_the_schema_allows_is_read() {
    for (text, moment) in [
        ("2026-03-02T12:00:00Z", Some("2026-03-02T12:00:00Z")),
        ("2026-03-02T12:00:00.125", Some("2026-03-02T12:00:00.125Z")),
        ("2026-03-02T12:00:00+01:00", Some("2026-03-02T11:00:00Z")),
        ("2026-03-02T12:00:00.1234567891234+14:00", Some("2026-03-01T22:00:00.123456789Z")),
        ("2024-02-28T24:00:00Z", Some("2024-02-29T00:00:00Z")),
        ("2024-02-28T24:00:00.000-01:00", Some("2024-02-29T01:00:00Z")),
        ("12026-03-02T12:00:00Z", None),
    ] {
        let header = RequestHeader::new(request_id(), "1".parse().unwrap(), "11.2".parse().unwrap());
        let body = Draft::new("ReadFirmwareVersion").with(Draft::leaf("ExecutionDateTime", text));
        let signed = duis::request(&header, body, VERSION, &KEYS.user.signer()).unwrap();
        let read = read_request(signed.as_bytes()).unwrap().body().child("ExecutionDateTime").unwrap().timestamp();
        assert_eq!(read, moment.map(crate::support::moment), "{text}");
    }
}
