//! General-signing: handed to the device to judge, then carried out on behalf of who signed.

use tern_dlms::apdu::{Apdu, GeneralSigning, InvokeIdAndPriority, SetRequest, SetResponse};
use tern_dlms::client::{Association, Client};
use tern_dlms::security::{Form, Protection};
use tern_dlms::{Codec, Data, SystemTitle};

use crate::client::{gmac, ports};
use crate::meter::{CLIENT, MANAGEMENT, Meter, NOTE, PUBLIC, TITLE};
use crate::wire::Wire;

fn signing(transaction: u8, content: Vec<u8>) -> GeneralSigning {
    GeneralSigning {
        transaction_id: vec![0, 0, 0, 0, 0, 0, 0, transaction],
        originator: CLIENT,
        recipient: TITLE,
        date_time: Vec::new(),
        other_information: Vec::new(),
        signature: content.iter().rev().copied().collect(),
        content,
    }
}

fn set(note: &[u8]) -> Vec<u8> {
    let (invoke, attribute) = (InvokeIdAndPriority::new(3), NOTE.into());
    Apdu::SetRequest(SetRequest::Normal { invoke, attribute, value: Data::octets(note) }).to_bytes()
}

#[test]
fn what_is_rightly_signed_is_carried_out_once_and_answered_in_clear() {
    let mut meter = Meter::new();
    let mut client = Client::connect(Wire::new(&mut meter), ports(PUBLIC), Association::Public).expect("opens");
    client.set(NOTE, Data::octets(*b"unsigned")).expect_err("nobody may write");
    let good = signing(1, set(b"signed")).to_bytes();
    let answer = client.relay(&good).expect("an answer");
    assert!(
        matches!(Apdu::decode(&answer), Ok(Apdu::SetResponse(SetResponse::Normal { result, .. })) if result.number() == 0)
    );

    let exception = |answer: Vec<u8>| matches!(Apdu::decode(&answer), Ok(Apdu::ExceptionResponse(_)));
    let mut forged = signing(2, set(b"forged"));
    forged.signature[0] ^= 1;
    let elsewhere = GeneralSigning { recipient: SystemTitle([9; 8]), ..signing(3, set(b"elsewhere")) };
    for refused in [good, forged.to_bytes(), elsewhere.to_bytes()] {
        assert!(exception(client.relay(&refused).expect("an answer")));
    }
    for content in [Vec::new(), vec![0x60, 0x00], signing(4, set(b"nested")).to_bytes()] {
        assert!(exception(client.relay(&signing(5, content).to_bytes()).expect("an answer")));
    }
    drop(client);
    assert_eq!((meter.note.as_slice(), meter.carried_out), (&b"signed"[..], 1));
}

#[test]
fn what_somebody_else_made_is_relayed_untouched() {
    let mut meter = Meter::new();
    let both = Protection::AuthenticatedEncrypted;
    let mut client = Client::connect(Wire::new(&mut meter), ports(MANAGEMENT), gmac(1, Some(both))).expect("opens");
    let other = tern_dlms::security::Ciphering { keys: crate::meter::keys(), own: CLIENT, peer: TITLE };
    let sealed = other.seal(Form::General, both, 500, &set(b"relayed")).expect("seals");
    let answer = client.relay(&sealed).expect("an answer");
    let opened = other.open(&answer).expect("the device's");
    assert!(matches!(Apdu::decode(&opened.apdu), Ok(Apdu::SetResponse(_))));
    drop(client);
    assert_eq!(meter.note, b"relayed");
}
