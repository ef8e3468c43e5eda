//! Critical Service Requests are obeyed on the User's signed word alone, each instruction once, and where the DCO has the keys.

use tern_dlms::apdu::{ActionRequest, ActionResult, Apdu, DataAccessResult, InvokeIdAndPriority, SetRequest};
use tern_dlms::security::Protection;
use tern_dlms::{AttributeDescriptor, ClassId, Codec, Data, LogicalName, MethodDescriptor};
use tern_model::{DeviceId, DeviceKind, Eui64, PartyId};
use tern_store::StoreView;
use tern_wire::duis::{
    CommandVariant, Countersigned, Draft, RequestHeader, RequestId, SR, SchemaVersion, countersign, request,
    signed_pre_command,
};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, LinkRefusal};

use crate::desk::{Desk, ESME, GSME, PPMID, moment};
use crate::firmware::{SUPPLIER, commissioned, looks_up, signer};
use crate::orders::{code, goes_back};

const DUAL_CONTROL: &str = "P-dual-control";

/// A request of the supplier's, with this RequestID counter, countersigned now.
fn asked_by(signer_of: usize, id: (DeviceId, u64), body: Draft) -> Vec<u8> {
    countersigned_at("2021-03-02T12:00:00Z", 3, &signed_by(signer_of, id, body))
}

/// What the DSP, or who would like to be it, makes of a request.
pub fn countersigned_at(at: &str, by: usize, request: &[u8]) -> Vec<u8> {
    let said =
        Countersigned { s1sp: PartyId(Eui64(4)), at: moment(at), version: SchemaVersion::V5_1, devices: Vec::new() };
    countersign(&said, request, signer(by)).expect("is written").into_bytes()
}

fn signed_by(signer_of: usize, id: (DeviceId, u64), body: Draft) -> Vec<u8> {
    signed_as(CommandVariant::SEND, signer_of, id, body)
}

fn signed_as(variant: CommandVariant, signer_of: usize, (target, counter): (DeviceId, u64), body: Draft) -> Vec<u8> {
    let id = RequestId { originator: SUPPLIER.0, target: target.0, counter };
    let header = RequestHeader::new(id, variant, "7.2".parse().expect("a reference"));
    request(&header, body, SchemaVersion::V5_1, signer(signer_of)).expect("is written").into_bytes()
}

fn disable(counter: u64) -> Vec<u8> {
    asked_by(0, (ESME, counter), Draft::new("DisableSupply"))
}

/// The switch's method, as the S1SP says it.
fn switch(method: i8) -> Vec<u8> {
    let method = MethodDescriptor::new(ClassId(70), LogicalName::new(0, 0, 96, 3, 10, 255), method);
    let (invoke, parameters) = (InvokeIdAndPriority::new(1), Some(Data::Integer(0)));
    Apdu::ActionRequest(ActionRequest::Normal { invoke, method, parameters }).to_bytes()
}

pub fn off() -> Vec<u8> {
    switch(1)
}

pub fn ask(desk: &mut Desk, document: &[u8], instruction: &[u8]) -> Result<DcoReply, LinkRefusal> {
    let (document, instruction) = (document.to_vec(), instruction.to_vec());
    desk.ask(DcoRequest::ServiceRequest { document, instruction, not_below: 0 })
}

fn verify(desk: &mut Desk, answer: Vec<u8>) -> Result<DcoReply, LinkRefusal> {
    desk.ask(DcoRequest::VerifyServiceAnswer { answer })
}

#[track_caller]
pub fn refused(reply: Result<DcoReply, LinkRefusal>, number: &str, words: &str) {
    let refusal = reply.expect_err("is refused");
    assert_eq!(refusal.code, number);
    assert!(refusal.reason.contains(words), "{}", refusal.reason);
}

#[test]
fn an_esme_is_told_what_its_supplier_asked_and_once() {
    let (mut desk, mut meter) = commissioned();
    let mut last = 0;
    // Until the ESME has said that it obeyed, the same may be asked again: it hears no number twice.
    for _ in 0..2 {
        let Ok(DcoReply::Critical { apdu }) = ask(&mut desk, &disable(1), &off()) else { panic!("no apdu") };
        let opened = meter.ciphering.open(&apdu).expect("is under this meter's critical keys");
        assert_eq!((opened.protection, &opened.apdu), (Protection::AuthenticatedEncrypted, &off()));
        assert!(opened.invocation_counter > last);
        last = opened.invocation_counter;
    }
    let not_done = DcoReply::NotDone { reason: "hardware-fault".to_owned() };
    assert_eq!(verify(&mut desk, meter.did(ActionResult::HardwareFault)), Ok(not_done));
    assert!(ask(&mut desk, &disable(1), &off()).is_ok(), "it did not obey");
    assert_eq!(verify(&mut desk, meter.did(ActionResult::Success)), Ok(DcoReply::Done));
    assert_eq!(ask(&mut desk, &disable(1), &off()), Ok(DcoReply::Done), "it obeyed before: nothing is protected");
    let mut desk = desk.reopened();
    looks_up(&mut desk);
    assert_eq!(ask(&mut desk, &disable(1), &off()), Ok(DcoReply::Done), "it obeyed before: nothing is protected");
    assert!(ask(&mut desk, &disable(2), &off()).is_ok(), "the next request");
    refused(verify(&mut desk, meter.answers()), "P-critical-answer", "what became");
    desk.store.verify_audit().expect("whole");
}

#[test]
fn of_a_signed_pre_command_the_payload_counts_and_one_that_nobody_signed_is_none() {
    let (mut desk, mut meter) = commissioned();
    let now = |request: &[u8]| countersigned_at("2021-03-02T12:00:00Z", 3, request);
    let signed = |counter, payload: &str, at: Option<&str>| {
        let body = signed_pre_command(payload.as_bytes(), at.map(moment));
        now(&signed_as(CommandVariant::SEND_SIGNED, 0, (ESME, counter), body))
    };
    let body = |name: &str| format!("<sr:Body xmlns:sr=\"{SR}\"><sr:{name}/></sr:Body>");
    let on_and_off = format!("<sr:Body xmlns:sr=\"{SR}\"><sr:EnableSupply/><sr:DisableSupply/></sr:Body>");
    for payload in [&body("EnableSupply"), &body("Nothing"), &on_and_off, "", "off", "<DisableSupply/>"] {
        let reply = ask(&mut desk, &signed(1, payload, None), &off());
        assert_eq!(reply.expect_err("is refused").code, DUAL_CONTROL, "{payload}");
    }
    let within = String::from_utf8(signed_as(CommandVariant::SEND, 0, (ESME, 1), Draft::new("DisableSupply")));
    let reply = ask(&mut desk, &signed(1, &within.expect("text"), None), &off());
    assert_eq!(reply.expect_err("a whole request is no body").code, DUAL_CONTROL);
    let later = signed(1, &body("DisableSupply"), Some("2021-03-02T13:00:00Z"));
    refused(ask(&mut desk, &later, &off()), DUAL_CONTROL, "is to be executed at");
    // Its User has seen no pre-command of it yet, or wants to deliver the command itself.
    for other in [2, 3, 4, 6, 7, 9].map(|number| CommandVariant::new(number).expect("a variant")) {
        let asked = signed_as(other, 0, (ESME, 1), Draft::new("DisableSupply"));
        refused(ask(&mut desk, &now(&asked), &off()), DUAL_CONTROL, "does not ask for itself to be sent on");
    }

    let asked = signed(1, &body("DisableSupply"), None);
    let Ok(DcoReply::Critical { apdu }) = ask(&mut desk, &asked, &off()) else { panic!("no apdu") };
    assert_eq!(meter.ciphering.open(&apdu).expect("is under this meter's critical keys").apdu, off());
    assert_eq!(verify(&mut desk, meter.did(ActionResult::Success)), Ok(DcoReply::Done));
    assert_eq!(ask(&mut desk, &asked, &off()), Ok(DcoReply::Done), "it obeyed before: nothing is protected");
}

#[test]
fn what_is_written_in_part_is_not_done() {
    let (mut desk, mut meter) = commissioned();
    let body = || Draft::new("UpdatePaymentMode").with(Draft::new("Credit"));
    let mode = AttributeDescriptor::new(ClassId(1), LogicalName::new(0, 0, 96, 65, 0, 255), 2);
    let invoke = InvokeIdAndPriority::new(1);
    let set = SetRequest::Normal { invoke, attribute: mode.into(), value: Data::Enum(0) };
    let set = Apdu::SetRequest(set).to_bytes();
    assert!(ask(&mut desk, &asked_by(0, (ESME, 1), body()), &set).is_ok());
    let (good, bad) = (DataAccessResult::Success, DataAccessResult::OtherReason);
    let not_done = DcoReply::NotDone { reason: "other-reason".to_owned() };
    assert_eq!(verify(&mut desk, meter.wrote(&[good, bad])), Ok(not_done.clone()));
    assert_eq!(verify(&mut desk, meter.wrote(&[bad])), Ok(not_done));
    assert_eq!(verify(&mut desk, meter.wrote(&[good, good])), Ok(DcoReply::Done));
}

#[test]
fn every_request_that_is_not_the_suppliers_for_this_device_and_moment_is_refused() {
    let (mut desk, _) = commissioned();
    let text = disable(1);
    for at in (0..text.len()).step_by(7) {
        let mut other = text.clone();
        other[at] ^= 1 << (at % 7);
        // What the canonical form does not tell apart is the same request.
        if let Err(refusal) = ask(&mut desk, &other, &off()) {
            assert_eq!(refusal.code, DUAL_CONTROL, "byte {at}");
        } else {
            panic!("byte {at} may be another");
        }
    }
    let off = off();
    let mut told = |document: Vec<u8>, words| refused(ask(&mut desk, &document, &off), DUAL_CONTROL, words);
    told(asked_by(0, (GSME, 1), Draft::new("DisableSupply")), "not for");
    told(asked_by(1, (ESME, 1), Draft::new("DisableSupply")), "not believed");
    told(asked_by(2, (ESME, 1), Draft::new("DisableSupply")), "no supplier");
    told(asked_by(0, (ESME, 1), Draft::new("EnableSupply")), "method");
    told(asked_by(0, (ESME, 1), Draft::new("ReadSupplyStatus")), "request");
    let activate = |at: &str| {
        let body =
            Draft::new("UpdatePaymentMode").with(Draft::leaf("ExecutionDateTime", at)).with(Draft::new("Credit"));
        asked_by(0, (ESME, 1), body)
    };
    told(activate("2039-01-01T00:00:00Z"), "to be executed at");
    let request = signed_by(0, (ESME, 1), Draft::new("DisableSupply"));
    told(request.clone(), "not believed");
    told(countersigned_at("2021-03-02T12:00:00Z", 0, &request), "not believed");
    told(countersigned_at("2021-02-27T12:00:00Z", 3, &request), "no longer now");
    told(countersigned_at("2021-03-05T12:00:00Z", 3, &request), "no longer now");
    desk.now = moment("2021-04-01T12:00:00Z");
    let later = countersigned_at("2021-04-01T11:00:00Z", 3, &request);
    refused(ask(&mut desk, &later, &off), DUAL_CONTROL, "is not the Electricity Supplier");
}

#[test]
fn every_bit_of_an_instruction_counts() {
    let (mut desk, _) = commissioned();
    let bytes = off();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut other = bytes.clone();
            other[at] ^= 1 << bit;
            assert_eq!(code(ask(&mut desk, &disable(1), &other)), DUAL_CONTROL, "byte {at}, bit {bit}");
        }
    }
    assert!(ask(&mut desk, &disable(1), &bytes).is_ok());
}

#[test]
fn no_request_has_the_request_id_of_another() {
    let (mut desk, _) = commissioned();
    assert!(ask(&mut desk, &disable(7), &off()).is_ok());
    let enable = asked_by(0, (ESME, 7), Draft::new("EnableSupply"));
    refused(ask(&mut desk, &enable, &switch(2)), DUAL_CONTROL, "had this RequestID");
    let enable = asked_by(0, (ESME, 8), Draft::new("EnableSupply"));
    assert!(ask(&mut desk, &enable, &switch(2)).is_ok());
}

#[test]
fn a_device_whose_package_lacks_its_keys_obeys_nothing() {
    let (mut desk, mut meter) = commissioned();
    let of = |device, counter, body| {
        let document = asked_by(0, (device, counter), body);
        let instruction = off();
        DcoOrder { device, ..Desk::order(DcoRequest::ServiceRequest { document, instruction, not_below: 0 }) }
    };
    let gas = || of(GSME, 1, Draft::new("DisableSupply"));
    assert_eq!(code(desk.obey(&[gas()]).remove(0)), "P-key-package", "no Join named it");
    let devices = vec![(PPMID, DeviceKind::Ppmid), (GSME, DeviceKind::Gsme)];
    assert_eq!(desk.ask(DcoRequest::Join { devices }), Ok(DcoReply::Done));
    assert_eq!(desk.obey(&[gas()]).remove(0), Ok(DcoReply::Done), "the S1SP signs it");
    assert_eq!(desk.obey(&[gas()]).remove(0), Ok(DcoReply::Done));
    let ppmid = of(PPMID, 1, Draft::new("DisableSupply"));
    assert_eq!(code(desk.obey(&[ppmid]).remove(0)), DUAL_CONTROL, "a PPMID supplies nothing");
    goes_back(&mut desk, &mut meter);
    assert_eq!(code(desk.obey(&[gas()]).remove(0)), "P-key-package");
    assert_eq!(code(ask(&mut desk, &disable(1), &off())), "P-key-package");
    let mut desk = Desk::new();
    assert_eq!(code(ask(&mut desk, &disable(1), &off())), "P-key-package", "before it was commissioned");
}
