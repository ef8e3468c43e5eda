//! Somebody on the line: bytes changed, answers held back, repeated, forged; requests that nobody should send.

use std::cell::RefCell;
use std::rc::Rc;

use tern_dlms::acse::{Aarq, ApplicationContext, AuthenticationValue, Mechanism};
use tern_dlms::apdu::{
    Apdu, ExceptionResponse, GetRequest, GetResponse, InvokeIdAndPriority, ServiceException, SetRequest, StateError,
};
use tern_dlms::client::{Association, Client, ClientError, Doubt, NotSent, Refusal};
use tern_dlms::security::{Ciphering, Form, Key, Keys, Password, Protection, SecurityError};
use tern_dlms::server::Session;
use tern_dlms::wrapper::Frame;
use tern_dlms::{AttributeDescriptor, ClassId, Codec, Data};

use crate::client::{gmac, party, ports};
use crate::dice::Dice;
use crate::meter::{
    ANY_GMAC, AUTHENTICATED, CLIENT, CRITICAL, ECHO, LOW, MANAGEMENT, Meter, NOTE, PASSWORD, PROFILE, PUBLIC, REGISTER,
    TITLE, keys,
};
use crate::wire::{Tamper, Wire};

const BOTH: Protection = Protection::AuthenticatedEncrypted;
const FORMS: [Form; 2] = [Form::Global, Form::General];

fn pass() -> Tamper {
    Box::new(Some)
}

fn critical(first: u64, form: Form) -> Association {
    Association::PreEstablished { party: party(first), protection: BOTH, form }
}

fn get_register() -> Vec<u8> {
    Apdu::GetRequest(GetRequest::Normal { invoke: InvokeIdAndPriority::new(1), attribute: REGISTER.into() }).to_bytes()
}

fn set_note(note: &[u8]) -> Vec<u8> {
    let (invoke, attribute) = (InvokeIdAndPriority::new(2), NOTE.into());
    Apdu::SetRequest(SetRequest::Normal { invoke, attribute, value: Data::octets(note) }).to_bytes()
}

fn to_meter() -> Ciphering {
    Ciphering { keys: keys(), own: CLIENT, peer: TITLE }
}

fn is_exception(answer: Option<&[u8]>) -> Option<ExceptionResponse> {
    ExceptionResponse::decode(answer?).ok()
}

#[test]
fn a_request_with_any_byte_changed_is_not_carried_out() {
    let mut dice = Dice::new(1);
    for form in FORMS {
        let length = to_meter().seal(form, BOTH, 9, &set_note(b"changed")).expect("seals").len();
        for at in 0..length {
            let mut meter = Meter::new();
            let mut apdu = to_meter().seal(form, BOTH, 9, &set_note(b"changed")).expect("seals");
            apdu[at] ^= 1 << dice.below(8);
            let answer = Session::new(CRITICAL).answer(&mut meter, &apdu);
            assert!(is_exception(answer.as_deref()).is_some(), "{form:?}, byte {at}");
            assert_eq!((meter.carried_out, meter.heard), (0, 0), "{form:?}, byte {at}");
        }
    }
}

#[test]
fn an_answer_with_any_byte_changed_is_not_believed() {
    let mut dice = Dice::new(2);
    for form in FORMS {
        for at in 0..60 {
            let bit = 1 << dice.below(8);
            let mut changed = false;
            let flip: Tamper = Box::new(move |mut frame: Frame| {
                if let Some(byte) = frame.apdu.get_mut(at) {
                    *byte ^= bit;
                }
                Some(frame)
            });
            let mut meter = Meter::new();
            let wire = Wire::meddled(&mut meter, pass(), flip);
            let mut client = Client::connect(wire, ports(CRITICAL), critical(1, form)).expect("opens");
            match client.get(REGISTER) {
                Err(ClientError::Unknown(_)) => {
                    changed = true;
                    assert!(matches!(client.get(REGISTER), Err(ClientError::NotSent(NotSent::Broken))));
                }
                Ok(value) => assert_eq!(value, Data::DoubleLongUnsigned(123_456)),
                other => panic!("{form:?}, byte {at}: {other:?}"),
            }
            let length = 1 + 1 + 5 + 9 + 12 + if form == Form::General { 9 } else { 0 };
            assert_eq!(changed, at < length, "{form:?}, byte {at}");
        }
    }
}

#[test]
fn a_repeated_request_is_refused_with_the_number_that_would_do() {
    for form in FORMS {
        let mut meter = Meter::new();
        let mut session = Session::new(CRITICAL);
        let apdu = to_meter().seal(form, BOTH, 9, &set_note(b"once")).expect("seals");
        assert!(is_exception(session.answer(&mut meter, &apdu).as_deref()).is_none());
        let expected = ExceptionResponse {
            state_error: StateError::ServiceNotAllowed,
            service_error: ServiceException::InvocationCounterError { expected: 10 },
        };
        for session in [&mut session, &mut Session::new(CRITICAL)] {
            assert_eq!(is_exception(session.answer(&mut meter, &apdu).as_deref()), Some(expected));
        }
        assert_eq!(meter.carried_out, 1);
    }
}

#[test]
fn a_repeated_association_opens_nothing() {
    let mut meter = Meter::new();
    let requests = Rc::new(RefCell::new(Vec::new()));
    let note = Rc::clone(&requests);
    let see: Tamper = Box::new(move |frame: Frame| {
        note.borrow_mut().push(frame.apdu.clone());
        Some(frame)
    });
    let wire = Wire::meddled(&mut meter, see, pass());
    let mut client = Client::connect(wire, ports(MANAGEMENT), gmac(1, Some(BOTH))).expect("opens");
    client.set(NOTE, Data::octets(*b"first")).expect("writes");
    drop(client);
    meter.note.clear();
    let mut session = Session::new(MANAGEMENT);
    for request in requests.borrow().iter() {
        session.answer(&mut meter, request);
    }
    assert!(meter.note.is_empty());
    assert_eq!(meter.carried_out, 1);
}

#[test]
fn less_protection_than_demanded_is_refused() {
    let mut meter = Meter::new();
    let sealed =
        |protection, counter| to_meter().seal(Form::General, protection, counter, &get_register()).expect("seals");
    let requests = [get_register(), sealed(Protection::Authenticated, 20), sealed(Protection::Encrypted, 21)];
    for request in &requests {
        let answer = Session::new(CRITICAL).answer(&mut meter, request);
        assert!(is_exception(answer.as_deref()).is_some());
    }
    let levels: [(u16, Option<Protection>); 5] = [
        (MANAGEMENT, None),
        (MANAGEMENT, Some(Protection::Authenticated)),
        (MANAGEMENT, Some(Protection::Encrypted)),
        (AUTHENTICATED, None),
        (AUTHENTICATED, Some(Protection::Encrypted)),
    ];
    for ((client, protection), first) in levels.into_iter().zip((100..).step_by(100)) {
        let opened = Client::connect(Wire::new(&mut meter), ports(client), gmac(first, protection));
        assert!(matches!(opened, Err(ClientError::Refused(Refusal::Association { .. }))), "{client} {protection:?}");
    }
    assert_eq!(meter.carried_out, 0);
}

#[test]
fn a_forged_counter_without_a_tag_shuts_nobody_out() {
    let noise = Keys { encryption: Key::new([0xEE; 16]), authentication: Key::new([0xEE; 16]) };
    let forger = Ciphering { keys: noise, own: CLIENT, peer: TITLE };
    let forged = forger.seal(Form::General, Protection::Encrypted, u32::MAX, &get_register()).expect("seals");
    for client in [ANY_GMAC, AUTHENTICATED, MANAGEMENT, CRITICAL] {
        let aarq = Aarq {
            application_context: ApplicationContext::LogicalNameWithCiphering,
            calling_ap_title: Some(CLIENT),
            mechanism: Some(Mechanism::HighGmac),
            calling_authentication_value: Some(AuthenticationValue::new([1; 16])),
            user_information: Some(forged.clone()),
        };
        let mut meter = Meter::new();
        let mut session = Session::new(client);
        session.answer(&mut meter, &aarq.to_bytes()).expect("a refusal");
        session.answer(&mut meter, &forged).expect("a refusal");
        assert_eq!((meter.heard, meter.carried_out), (0, 0), "{client}");
    }
}

#[test]
fn nothing_is_done_before_an_association_is_open() {
    let mut meter = Meter::new();
    for client in [PUBLIC, LOW, MANAGEMENT, AUTHENTICATED, CRITICAL, 99] {
        for request in [get_register(), set_note(b"early")] {
            let answer = Session::new(client).answer(&mut meter, &request);
            assert!(is_exception(answer.as_deref()).is_some(), "{client}");
        }
    }
    // Between the AARQ and the answer to the challenge nothing but that answer is taken.
    let aarq = Rc::new(RefCell::new(Vec::new()));
    let note = Rc::clone(&aarq);
    let catch: Tamper = Box::new(move |frame: Frame| {
        note.borrow_mut().push(frame.apdu);
        None
    });
    let caught = Client::connect(Wire::meddled(&mut meter, catch, pass()), ports(MANAGEMENT), gmac(1, Some(BOTH)));
    assert!(matches!(caught, Err(ClientError::Unknown(Doubt::Closed))));
    let mut session = Session::new(MANAGEMENT);
    session.answer(&mut meter, &aarq.borrow()[0]).expect("an AARE");
    let early = to_meter().seal(Form::Global, BOTH, 50, &set_note(b"early")).expect("seals");
    assert!(is_exception(session.answer(&mut meter, &early).as_deref()).is_some());
    assert_eq!(meter.carried_out, 0);
}

#[test]
fn a_forged_refusal_is_not_believed_in_a_protected_association() {
    let forged = ExceptionResponse {
        state_error: StateError::ServiceNotAllowed,
        service_error: ServiceException::OperationNotPossible,
    };
    let forge = move || -> Tamper { Box::new(move |frame: Frame| Some(Frame { apdu: forged.to_bytes(), ..frame })) };
    let mut meter = Meter::new();
    let wire = Wire::meddled(&mut meter, pass(), forge());
    let mut client = Client::connect(wire, ports(CRITICAL), critical(1, Form::General)).expect("opens");
    let told = client.set(NOTE, Data::octets(*b"done")).expect_err("forged");
    assert!(matches!(told, ClientError::Unknown(Doubt::Unprotected(Some(_)))) && !told.is_surely_not_done());
    assert_eq!(meter.note, b"done", "it was done, whatever the line says");
    let told = Client::connect(Wire::meddled(&mut meter, pass(), forge()), ports(PUBLIC), Association::Public);
    assert!(matches!(told, Err(ClientError::Refused(Refusal::Exception(exception))) if exception == forged));
}

#[test]
fn a_device_may_not_answer_and_may_be_out_of_reach() {
    let mut meter = Meter::new();
    let object = |class| AttributeDescriptor { class: ClassId(class), ..REGISTER };
    let mut client = Client::connect(Wire::new(&mut meter), ports(PUBLIC), Association::Public).expect("opens");
    assert!(matches!(client.get(object(70)), Err(ClientError::Refused(Refusal::Exception(_)))));
    assert_eq!(client.get(REGISTER).expect("the connection goes on"), Data::DoubleLongUnsigned(123_456));
    assert!(matches!(client.get(object(71)), Err(ClientError::Unknown(Doubt::Closed))));
}

#[test]
fn an_old_answer_and_the_request_itself_are_no_answers() {
    for form in FORMS {
        let kept: Rc<RefCell<Option<Frame>>> = Rc::default();
        let (note, mut count) = (Rc::clone(&kept), 0);
        let repeat: Tamper = Box::new(move |frame: Frame| {
            count += 1;
            if count == 1 {
                *note.borrow_mut() = Some(frame);
            }
            note.borrow().clone()
        });
        let mut meter = Meter::new();
        let wire = Wire::meddled(&mut meter, pass(), repeat);
        let mut client = Client::connect(wire, ports(CRITICAL), critical(1, form)).expect("opens");
        client.get(REGISTER).expect("the first is new");
        let again = client.get(REGISTER);
        assert!(
            matches!(again, Err(ClientError::Unknown(Doubt::Security(SecurityError::Counter { .. })))),
            "{again:?}"
        );

        let sent: Rc<RefCell<Vec<u8>>> = Rc::default();
        let note = Rc::clone(&sent);
        let see: Tamper = Box::new(move |frame: Frame| {
            *note.borrow_mut() = frame.apdu.clone();
            Some(frame)
        });
        let reflect: Tamper = Box::new(move |frame: Frame| Some(Frame { apdu: sent.borrow().clone(), ..frame }));
        let wire = Wire::meddled(&mut meter, see, reflect);
        let mut client = Client::connect(wire, ports(CRITICAL), critical(100, form)).expect("opens");
        assert!(matches!(client.get(REGISTER), Err(ClientError::Unknown(Doubt::Security(_)))));
    }
}

/// Every request of a talk that uses everything, as the meter got them.
fn talk(client: u16, association: Association) -> Vec<Vec<u8>> {
    let requests = Rc::new(RefCell::new(Vec::new()));
    let note = Rc::clone(&requests);
    let see: Tamper = Box::new(move |frame: Frame| {
        note.borrow_mut().push(frame.apdu.clone());
        Some(frame)
    });
    let mut meter = Meter { max_receive: 300, ..Meter::new() };
    let wire = Wire::meddled(&mut meter, see, pass());
    let mut client = Client::connect(wire, ports(client), association).expect("opens");
    let long = Data::octets(vec![7; 700]);
    client.get(REGISTER).expect("reads");
    client.get_list(vec![REGISTER.into(), PROFILE.into()]).expect("reads");
    if !matches!(client.set(NOTE, long.clone()), Err(ClientError::Refused(_))) {
        client.action(ECHO, Some(long)).expect("acts");
    }
    client.release().expect("ends");
    Rc::try_unwrap(requests).expect("nobody else").into_inner()
}

#[test]
fn changed_requests_are_answered_or_refused_and_nothing_breaks() {
    let low = || Association::LowLevel { password: Password::new(PASSWORD.to_vec()) };
    let talks = [
        (PUBLIC, talk(PUBLIC, Association::Public)),
        (LOW, talk(LOW, low())),
        (MANAGEMENT, talk(MANAGEMENT, gmac(1, Some(BOTH)))),
    ];
    let mut dice = Dice::new(3);
    for round in 0..600 {
        let (client, requests) = &talks[round % talks.len()];
        let mut meter = Meter { max_receive: 300, ..Meter::new() };
        let mut session = Session::new(*client);
        let victim = dice.below(requests.len());
        for (at, request) in requests.iter().enumerate() {
            let mut request = request.clone();
            if at == victim {
                mutate(&mut request, &mut dice);
            }
            let answer = session.answer(&mut meter, &request);
            let readable = answer.is_some_and(|answer| Apdu::decode(&answer).is_ok());
            assert!(readable, "round {round}: every answer is one that can be read");
        }
        if *client == MANAGEMENT {
            // The challenge is another one each time, so nothing that was seen before is carried out.
            assert_eq!(meter.carried_out, 0, "round {round}");
        }
    }
}

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len().max(1));
        match (dice.below(6), bytes.is_empty()) {
            (0, false) => bytes[at] ^= 1 << dice.below(8),
            (1, false) => bytes[at] = [0x00, 0x7F, 0x80, 0x82, 0x84, 0xFF][dice.below(6)],
            (2, false) => bytes.truncate(at),
            (3, false) => drop(bytes.remove(at)),
            (4, _) => bytes.insert(at.min(bytes.len()), dice.byte()),
            _ => bytes.extend((0..dice.below(20)).map(|_| dice.byte()).collect::<Vec<_>>()),
        }
    }
}

#[test]
fn a_client_survives_a_server_that_answers_nonsense() {
    let low = || Association::LowLevel { password: Password::new(PASSWORD.to_vec()) };
    let mut unlike = 0;
    for round in 0..1000_u64 {
        let mut dice = Dice::new(round);
        let (port, association) = match round % 4 {
            0 => (PUBLIC, Association::Public),
            1 => (LOW, low()),
            2 => (MANAGEMENT, gmac(1, Some(BOTH))),
            _ => (CRITICAL, critical(1, Form::General)),
        };
        let mut left = dice.below(6);
        let meddle: Tamper = Box::new(move |mut frame: Frame| {
            if left == 0 {
                mutate(&mut frame.apdu, &mut dice);
            }
            left = left.wrapping_sub(1);
            Some(frame)
        });
        let mut meter = Meter { max_receive: 300, note: vec![1; 700], ..Meter::new() };
        let wire = Wire::meddled(&mut meter, pass(), meddle);
        let Ok(mut client) = Client::connect(wire, ports(port), association) else { continue };
        let results = [
            client.get(REGISTER).map(Some),
            client.get(NOTE).map(Some),
            client.action(ECHO, Some(Data::octets(*b"x"))),
        ];
        let expected =
            [Some(Data::DoubleLongUnsigned(123_456)), Some(Data::octets(vec![1; 700])), Some(Data::octets(*b"x"))];
        for (result, expected) in results.into_iter().zip(expected) {
            unlike += usize::from(result.as_ref().is_ok_and(|value| *value != expected));
            assert!(port == PUBLIC || port == LOW || result.is_err() || result.is_ok_and(|value| value == expected));
        }
    }
    assert!(unlike > 0, "without protection a changed value may pass, or nothing was changed at all");
}

#[test]
fn blocks_without_end_end() {
    let endless: Tamper = Box::new(|mut frame: Frame| {
        if let Ok(Apdu::GetResponse(GetResponse::WithDataBlock { invoke, mut block })) = Apdu::decode(&frame.apdu) {
            block.last = false;
            frame.apdu = GetResponse::WithDataBlock { invoke, block }.to_bytes();
        }
        Some(frame)
    });
    let mut meter = Meter { note: vec![1; 70_000], ..Meter::new() };
    let wire = Wire::meddled(&mut meter, pass(), endless);
    let mut client = Client::connect(wire, ports(PUBLIC), Association::Public).expect("opens");
    assert!(client.get(NOTE).is_err());
}
