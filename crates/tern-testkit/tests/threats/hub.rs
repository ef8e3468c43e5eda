//! Somebody on the line to the hub, who can make up every answer that is not signed, keep what is, and drop what he likes; and
//! what the S1SP's own signature is worth once it went back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tern_cohorts::device::{DeviceError, Reply, Row};
use tern_cohorts::{Answer, Keys};
use tern_dlms::apdu::{ActionRequest, Apdu, GeneralSigning, InvokeIdAndPriority, SetRequest, SetResponse};
use tern_dlms::apdu::{DataAccessResult, ExceptionResponse, ServiceException, StateError};
use tern_dlms::wrapper::{Frame, read_frame, write_frame};
use tern_dlms::{Codec, Data};
use tern_model::{ChfIdentifier, GasOutcome, GroupId, Outcome};
use tern_service::executor::Access;
use tern_service::lanes::{Connect, DeviceOrder, carry_out};
use tern_service::pki;
use tern_testkit::attack::{AUTHORISED, Wish, signed_wishes};
use tern_testkit::{
    Cut, Lab, LabPlan, Meddle, Power, Strike, Struck, commission, meddling, own_associations, results, take,
};
use tern_wire::smki::Signer;
use tern_world::devices::Installation;
use tern_world::dlms::server;

use crate::line::{Line, title};

fn lab() -> Lab {
    Lab::new(LabPlan { installations: 12, seed: 3, defects_permille: 0, faults: 0, set_size: 12 }, |_| {})
}

fn signer(lab: &Lab, name: &str) -> Signer {
    pki::load_signer(&lab.dir().join("pki"), name).expect("its key")
}

/// One with gas, and its neighbour.
fn two(lab: &Lab) -> [&Installation; 2] {
    let at = lab.corpus.devices.iter().position(|i| i.gsme.is_some()).expect("one with gas");
    [&lab.corpus.devices[at], &lab.corpus.devices[(at + 1) % lab.corpus.devices.len()]]
}

/// What the S1SP makes of a row, under a transaction, over a line.
fn asked(lab: &Lab, of: &Installation, row: Row, transaction: u64, connect: &Connect) -> Option<Answer> {
    let keys = Keys { smso: of.esme.association.clone(), s1sp: of.esme.association.clone() };
    let (gsme, hub_key) = (of.gsme.as_ref().map(|gsme| gsme.device), Some(lab.hub_key(of.hub.chf)));
    let transactions = transaction..transaction + 1;
    let access =
        Access { gsme, associations: own_associations(GroupId::EA), keys, invocations: 0..0, transactions, hub_key };
    let (chf, esme) = (of.hub.chf, of.esme.device);
    let order = DeviceOrder { ticket: 0, key: String::new(), group: GroupId::EA, chf, esme, access, row };
    carry_out(&order, connect, &lab.identity()).answer
}

fn apn(to: &str) -> Row {
    Row::SetApn { apn: to.to_owned() }
}

fn signing(frame: &Frame) -> Option<GeneralSigning> {
    match Apdu::decode(&frame.apdu) {
        Ok(Apdu::GeneralSigning(signing)) => Some(signing),
        _ => None,
    }
}

/// Lets the device answer, and alters what it signed.
fn altering(alter: impl Fn(&mut GeneralSigning) + Send + Sync + 'static) -> Meddle {
    Arc::new(move |_, asked, device| {
        let mut answer = device(asked)?;
        let mut signed = signing(&answer).expect("what was signed is answered so");
        alter(&mut signed);
        answer.apdu = Apdu::GeneralSigning(signed).to_bytes();
        Some(answer)
    })
}

/// Answers in the device's place.
fn answering(apdu: Vec<u8>) -> Meddle {
    Arc::new(move |_, asked, _| {
        Some(Frame { source: asked.destination, destination: asked.source, apdu: apdu.clone() })
    })
}

fn refusal() -> Vec<u8> {
    let service_error = ServiceException::OperationNotPossible;
    ExceptionResponse { state_error: StateError::ServiceNotAllowed, service_error }.to_bytes()
}

fn success() -> Vec<u8> {
    let (invoke, result) = (InvokeIdAndPriority::new(1), DataAccessResult::Success);
    Apdu::SetResponse(SetResponse::Normal { invoke, result }).to_bytes()
}

/// The signed answer of a hub to a row, as whoever listens has it.
fn heard(lab: &Lab, of: &Installation, row: Row, transaction: u64) -> Vec<u8> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeps = kept.clone();
    let listening: Meddle = Arc::new(move |_, asked, device| {
        let answer = device(asked)?;
        keeps.lock().expect("nobody panicked").clone_from(&answer.apdu);
        Some(answer)
    });
    let answer = asked(lab, of, row, transaction, &meddling(lab.connect(), listening));
    assert!(matches!(answer, Some(Answer::Device(Ok(_)))), "{answer:?}");
    std::mem::take(&mut *kept.lock().expect("nobody panicked"))
}

#[test]
fn nothing_is_believed_but_the_hubs_own_answer_to_this_very_question() {
    let lab = lab();
    let [here, there] = two(&lab);
    let (smso, other) = (signer(&lab, "smso"), title(&signer(&lab, "dco")));
    let lies: Vec<(&str, Meddle)> = vec![
        ("made up in clear", answering(success())),
        ("refused in clear", answering(refusal())),
        ("no APDU", answering(vec![0xFF; 9])),
        ("an earlier answer", answering(heard(&lab, here, apn("one"), 1))),
        ("a neighbour's under the same number", answering(heard(&lab, there, apn("one"), 100))),
        ("other content", altering(|signed| signed.content.push(0))),
        ("a bit of the signature", altering(|signed| signed.signature[40] ^= 1)),
        ("no signature", altering(|signed| signed.signature.clear())),
        ("for somebody else", altering(move |signed| signed.recipient = other)),
        ("of another device", altering(|signed| signed.other_information[7] ^= 1)),
        (
            "signed by another",
            altering(move |signed| signed.signature = smso.sign(&signed.signed_part()).expect("signs").to_vec()),
        ),
        (
            "the hub's signature off",
            Arc::new(|_, asked, device| {
                let mut answer = device(asked)?;
                answer.apdu = signing(&answer)?.content;
                Some(answer)
            }),
        ),
    ];
    for (at, (told, lie)) in (0..).zip(lies) {
        let connect = meddling(lab.connect(), lie);
        let number = 100 + 10 * at;
        assert_eq!(asked(&lab, here, apn(told), number, &connect), None, "{told}: what was altered is not known");
        for (row, number) in [(Row::ReadHub, number + 1), (Row::ReadGsme, number + 2)] {
            let read = asked(&lab, here, row, number, &connect);
            let Some(Answer::Device(Err(DeviceError::Garbled { reason }))) = &read else { panic!("{told}: {read:?}") };
            assert!(reason.contains("not signed"), "{reason}");
        }
    }
    let honest = asked(&lab, here, apn("honest"), 9_000, &lab.connect());
    assert_eq!(honest, Some(Answer::Device(Ok(Reply::Done))));
}

#[test]
fn a_hub_without_a_certificate_is_believed_in_clear_and_one_that_should_sign_is_not() {
    let plan = LabPlan { installations: 2, seed: 3, defects_permille: 0, faults: 0, set_size: 2 };
    let lab = Lab::new(plan, |corpus| corpus.devices.iter_mut().for_each(|i| i.hub_key = None));
    let of = &lab.corpus.devices[0];
    let with_key = asked(&lab, of, Row::ReadHub, 1, &lab.connect());
    assert!(matches!(with_key, Some(Answer::Device(Err(DeviceError::Garbled { .. })))), "{with_key:?}");
    let keys = Keys { smso: of.esme.association.clone(), s1sp: of.esme.association.clone() };
    let plain = |row, transaction: u64| {
        let transactions = transaction..transaction + 1;
        let access = Access {
            gsme: None,
            associations: own_associations(GroupId::EA),
            keys: keys.clone(),
            invocations: 0..0,
            transactions,
            hub_key: None,
        };
        let (chf, esme) = (of.hub.chf, of.esme.device);
        let order = DeviceOrder { ticket: 0, key: String::new(), group: GroupId::EA, chf, esme, access, row };
        carry_out(&order, &lab.connect(), &lab.identity()).answer
    };
    assert_eq!(plain(apn("plain"), 2), Some(Answer::Device(Ok(Reply::Done))));
    assert!(matches!(plain(Row::ReadHub, 3), Some(Answer::Device(Ok(Reply::Hub(hub)))) if hub.apn == "plain"));
    assert_eq!(plain(apn("again"), 3), Some(Answer::Device(Err(DeviceError::KeyRejected))), "a number of before");
}

/// Commissions a new laboratory's set over a line, and gives how each installation ended, with what is as before.
fn commissioned(lab: &Lab, meddle: Meddle, struck: &[Struck]) -> BTreeMap<ChfIdentifier, Outcome> {
    let before: Vec<_> = lab.world.installations().filter_map(|chf| lab.world.snapshot(chf)).collect();
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    take(&mut system, &lab.sets[0]).expect("is taken in");
    let mut devices = lab.devices_over(meddling(lab.connect(), meddle));
    commission(&mut system, &mut devices, struck).expect("comes to an end");
    let set = lab.sets[0].named().expect("a named set");
    let ended: BTreeMap<_, _> =
        results(&system, set).into_iter().map(|(chf, outcome)| (chf, outcome.expect("ended"))).collect();
    for snapshot in before {
        if let Outcome::RolledBack { .. } = ended[&snapshot.chf] {
            assert_eq!(lab.world.snapshot(snapshot.chf).as_ref(), Some(&snapshot), "is not as before");
        }
    }
    ended
}

#[test]
fn a_done_that_somebody_made_up_commissions_nobody() {
    let lab = lab();
    let forging: Meddle = Arc::new(|_, asked, device| {
        let content = signing(asked).and_then(|signed| Apdu::decode(&signed.content).ok());
        if let Some(Apdu::SetRequest(SetRequest::Normal { .. })) = content {
            return Some(Frame { source: asked.destination, destination: asked.source, apdu: success() });
        }
        device(asked)
    });
    for (chf, outcome) in commissioned(&lab, forging, &[]) {
        assert!(matches!(outcome, Outcome::RolledBack { .. }), "{chf}: {outcome:?}");
    }
}

#[test]
fn a_gas_han_error_that_is_not_the_hubs_word_leaves_no_gas_meter_behind() {
    let lab = lab();
    let forging: Meddle = Arc::new(|_, asked, device| match asked.destination {
        server::GSME => Some(Frame { source: asked.destination, destination: asked.source, apdu: refusal() }),
        _ => device(asked),
    });
    let ended = commissioned(&lab, forging, &[]);
    for installation in &lab.corpus.devices {
        let outcome = &ended[&installation.hub.chf];
        match installation.gsme {
            Some(_) => assert!(matches!(outcome, Outcome::RolledBack { .. }), "{outcome:?}"),
            None => assert_eq!(*outcome, Outcome::Commissioned { gas: GasOutcome::None }),
        }
    }
}

/// Whether a signed request is to the hub, or what is behind it, that something be altered, and by what object.
fn altered(asked: &Frame) -> Option<(u16, u16)> {
    match Apdu::decode(&signing(asked)?.content).ok()? {
        Apdu::SetRequest(SetRequest::Normal { attribute, .. }) => {
            Some((asked.destination, attribute.attribute.class.0))
        }
        Apdu::ActionRequest(ActionRequest::Normal { method, .. }) => Some((asked.destination, method.class.0)),
        _ => None,
    }
}

#[test]
fn a_signed_request_that_was_kept_is_worth_nothing_once_its_installation_went_back() {
    const APN: (u16, u16) = (server::CHF, 45);
    const WHITELIST: (u16, u16) = (server::CHF, 1);
    for kept in [APN, WHITELIST, (server::CHF, 64), (server::GSME, 64)] {
        let lab = lab();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let keeps = requests.clone();
        let keeping: Meddle = Arc::new(move |chf, asked, device| {
            if altered(asked) == Some(kept) {
                keeps.lock().expect("nobody panicked").push((chf, asked.clone()));
                return None;
            }
            device(asked)
        });
        let ended = commissioned(&lab, keeping, &[]);
        let requests = std::mem::take(&mut *requests.lock().expect("nobody panicked"));
        // A hub that had the whitelist already goes on.
        let went_back = |chf: &ChfIdentifier| matches!(ended[chf], Outcome::RolledBack { .. });
        let of_those = requests.iter().filter(|(chf, _)| went_back(chf)).count();
        assert!(of_those >= 3, "{kept:?}: {of_those} of {} were kept", requests.len());
        for (chf, request) in requests {
            let line = Line::of(&lab, chf);
            let before = line.effects();
            let mut open = line.open();
            write_frame(&mut open, &request).expect("is delivered");
            let answer = read_frame(&mut open, 65_535).expect("a frame").expect("an answer");
            assert_eq!(answer.apdu, refusal(), "{kept:?}: it is heard no more");
            assert_eq!(line.effects(), before, "{kept:?}: it did something");
        }
    }
}

/// How many of the wishes of a party that signs are obeyed at an installation, of how many.
fn obeyed(line: &Line<'_>, by: &Signer) -> (usize, usize) {
    let wishes = line.signed_devices().into_iter().flat_map(|(server, device)| {
        let wishes = signed_wishes(server, by.certificate().der());
        // Who is in charge must not change by the asking.
        wishes.into_iter().skip(1).map(move |wish| (server, device, wish))
    });
    let done: Vec<_> = wishes.map(|(server, device, wish)| line.signed(by, server, device, &wish)).collect();
    (done.iter().filter(|done| **done).count(), done.len())
}

#[test]
fn after_a_rollback_the_s1sp_is_authorised_as_before_until_the_smso_withdraws_it() {
    let lab = lab();
    let (smso, s1sp) = (signer(&lab, "smso"), signer(&lab, "s1sp"));
    let honest: Meddle = Arc::new(|_, asked, device| device(asked));
    let ended = commissioned(&lab, honest, &[Struck::new("/B6.8/do", Strike::Fail, u32::MAX)]);
    for (chf, outcome) in ended {
        assert!(matches!(outcome, Outcome::RolledBack { .. }), "{outcome:?}");
        let line = Line::of(&lab, chf);
        let (done, asked) = obeyed(&line, &s1sp);
        assert!(asked > 2 && done == asked, "{done} of {asked}: as the SMSO authorised it (15.2)");
        let authorise = |parties: &[&Signer]| {
            let titles = parties.iter().map(|party| Data::octets(title(party).0)).collect();
            Wish::Set(AUTHORISED, Data::Array(titles))
        };
        let hub = chf.into();
        assert!(!line.signed(&s1sp, server::CHF, hub, &authorise(&[&s1sp])), "it cannot authorise itself");
        assert!(line.signed(&smso, server::CHF, hub, &authorise(&[])), "the SMSO withdraws it");
        assert_eq!(obeyed(&line, &s1sp).0, 0, "nothing obeys the S1SP any more");
        let (done, asked) = obeyed(&line, &smso);
        assert_eq!(done, asked, "and everything the SMSO");
        assert!(line.signed(&smso, server::CHF, hub, &authorise(&[&s1sp])), "for another migration");
        assert!(obeyed(&line, &s1sp).0 > 0);
    }
}
