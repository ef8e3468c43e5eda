//! `tern show`

use tern_model::Eui64;
use tern_service::pki;
use tern_wire::duis::{
    self, CommandVariant, Draft, RequestHeader, RequestId, ResponseBody, ResponseCode, ResponseHeader, S1spAlert, SR,
    SchemaVersion, Smets1Response,
};

use crate::support::Tern;

const DEVICE: Eui64 = Eui64(0x00DB_1234_5678_90A0);
const VERSION: SchemaVersion = SchemaVersion::V5_4;

#[test]
fn a_request_and_its_nested_answers_are_told_with_whose_each_signature_is() {
    let tern = Tern::with_pki();
    let keys = tern.path("pki");
    let signer = |name: &str| pki::load_signer(&keys, name).expect("a signer");
    let (user, dsp, s1sp) = (signer("supplier-a"), signer("dsp"), signer("s1sp"));
    let originator = user.certificate().party().0;
    let id = RequestId { originator, target: DEVICE, counter: 42 };
    let write = |name: &str, text: &str| std::fs::write(tern.path(name), text).expect("written");

    let header = RequestHeader::new(id, "1".parse().expect("a CV"), "7.4".parse().expect("a variant"));
    let request = duis::request(&header, Draft::new("ReadSupplyStatus"), VERSION, &user).expect("a request");
    write("request.xml", &request);
    let text = tern.run(&["show", "request.xml"]).clean().out;
    for said in ["7.4 Read Supply Status", "counter 42", "signed by supplier-a", &originator.to_string()] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    assert_eq!(tern.run(&["show", "request.xml", "--raw"]).clean().out, request);

    let signed = |payload: &[u8]| {
        let header = RequestHeader::new(id, CommandVariant::SEND_SIGNED, "1.6".parse().expect("a variant"));
        let at = "2021-03-03T00:00:00Z".parse().ok();
        duis::request(&header, duis::signed_pre_command(payload, at), VERSION, &user).expect("a request")
    };
    let payload =
        format!("<sr:Body xmlns:sr=\"{SR}\"><sr:UpdatePaymentMode><sr:Credit/></sr:UpdatePaymentMode></sr:Body>");
    write("signed.xml", &signed(payload.as_bytes()));
    let text = tern.run(&["show", "signed.xml"]).clean().out;
    assert!(text.contains("SignedPreCommand: it asks for UpdatePaymentMode at 2021-03-03T00:00:00.00Z."), "{text}");
    write("signed.xml", &signed(b"something"));
    let text = tern.run(&["show", "signed.xml"]).clean().out;
    assert!(text.contains("SignedPreCommand: its payload is no Body of a request; 9 bytes."), "{text}");

    let rsp =
        Draft::new("ReadSupplyStatusRsp").attribute("MessageSuccess", true).with(Draft::leaf("SupplyState", "Armed"));
    let answer = Smets1Response {
        originator: DEVICE,
        target: originator,
        counter: 42,
        service: "7.4".parse().ok(),
        at: None,
        body: Smets1Response::data(rsp),
    };
    let inner = duis::smets1_response(&answer, VERSION, &s1sp).expect("an answer");
    let now = "2021-03-02T10:00:00Z".parse().expect("a moment");
    let header = ResponseHeader::asynchronous(id, ResponseCode::I0, now);
    let body = ResponseBody::Smets1 { service: "7.4".parse().ok(), schedule: None, signed: &inner };
    let reply = duis::response(&header, &body, VERSION, &dsp).expect("a reply");
    write("reply.xml", &reply);
    let shown = tern.run(&["show", "reply.xml", "--json"]).clean().json();
    let roles: Vec<&str> =
        shown["signatures"].as_array().expect("both").iter().filter_map(|s| s["by"]["role"].as_str()).collect();
    assert_eq!((shown["schema"].as_str(), roles.as_slice()), (Some("5.4"), ["dsp", "s1sp"].as_slice()));
    let text = tern.run(&["show", "reply.xml"]).clean().out;
    assert!(text.contains("ReadSupplyStatusRsp/SupplyState = Armed") && text.contains("I0: done"), "{text}");

    let alert = S1spAlert {
        request_id: Some(id),
        device: None,
        code: "P-device-silent".to_owned(),
        information: None,
        utrn: None,
        at: now,
    };
    write("alert.xml", &duis::alert_of_s1sp(&alert, VERSION, &s1sp).expect("an alert"));
    let text = tern.run(&["show", "alert.xml"]).clean().out;
    assert!(text.contains("no answer came") && text.contains("Next: read the device"), "{text}");

    write("altered.xml", &reply.replace("Armed", "Enabled"));
    let ran = tern.run(&["show", "altered.xml"]);
    assert!(ran.code == Some(1) && ran.out.matches("the signature does not hold").count() == 2, "{ran:?}");
    write("by-user.xml", &duis::alert_of_s1sp(&alert, VERSION, &user).expect("an alert"));
    let ran = tern.run(&["show", "by-user.xml"]);
    assert!(ran.code == Some(1) && ran.out.contains("must be signed by the role s1sp"), "{ran:?}");
    write("other.xml", "<a/>");
    tern.run(&["show", "other.xml"]).fails("no message of DUIS", "SMETS1SignedResponse");
}
