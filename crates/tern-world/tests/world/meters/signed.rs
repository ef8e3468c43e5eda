//! Signed requests to the hub and to the devices behind it.

use tern_dlms::Data;
use tern_dlms::apdu::Apdu;
use tern_model::DeviceId;
use tern_wire::smki::Signer;
use tern_world::devices::{FaultKind, Times};
use tern_world::dlms::server;

use super::support::*;

const HUB: (tern_model::ChfIdentifier, u16, DeviceId) = (DUAL, server::CHF, DeviceId(DUAL.0));
const IMPOSSIBLE: &str = "OperationNotPossible";

fn set_apn(apn: &str) -> Apdu {
    set_of((45, APN, 2), Data::octets(apn.as_bytes()))
}

fn import(of: &Signer) -> Apdu {
    action_of((64, SECURITY, 6), Data::octets(of.certificate().der()))
}

fn ask(world: &Served<'_>, by: &Signer, to: (tern_model::ChfIdentifier, u16, DeviceId), apdu: Apdu) -> String {
    let signing = world.request(by, to, apdu);
    word(&world.signed(to.0, to.1, &signing))
}

#[test]
fn the_hub_obeys_the_party_in_charge_and_the_one_that_it_authorised_and_nobody_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let parties = parties();
    served(dir.path(), |world| {
        assert_eq!(ask(world, &parties.smso, HUB, set_apn("one")), "success", "in charge");
        assert_eq!(ask(world, &parties.s1sp, HUB, set_apn("two")), "success", "authorised");
        assert_eq!(
            ask(world, &parties.stranger, HUB, set_apn("three")),
            IMPOSSIBLE,
            "a party with nothing to say here"
        );
        assert_eq!(
            ask(world, &parties.outsider, HUB, set_apn("four")),
            IMPOSSIBLE,
            "another root's key in a known name"
        );
        assert_eq!(world.world.snapshot(DUAL).expect("is there").apn, "two");
        let list = Data::Array(vec![Data::octets(gsme(DUAL).0.0.to_be_bytes())]);
        assert_eq!(ask(world, &parties.s1sp, HUB, set_of((1, WHITELIST, 2), list)), "success");
        assert_eq!(world.world.snapshot(DUAL).expect("is there").whitelist, [gsme(DUAL)]);
    });
}

#[test]
fn a_certificate_puts_its_party_in_charge_and_the_one_before_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let parties = parties();
    let targets = [(DUAL, server::GSME, gsme(DUAL)), (DUAL, server::PPMID, ppmid(DUAL)), HUB];
    served(dir.path(), |world| {
        for to in targets {
            assert_eq!(ask(world, &parties.smso, to, import(&parties.outsider)), "other-reason", "another root's");
            assert_eq!(ask(world, &parties.s1sp, to, import(&parties.s1sp)), "success");
            assert_eq!(ask(world, &parties.smso, to, import(&parties.smso)), IMPOSSIBLE, "the SMSO is out");
        }
        let now = world.world.snapshot(DUAL).expect("is there");
        let s1sp = parties.s1sp.certificate().id();
        assert_eq!((&now.chf_certificate, now.gsme_certificate.as_ref()), (s1sp, Some(s1sp)));
    });
    again(dir.path(), |world| {
        assert_eq!(ask(world, &parties.smso, HUB, set_apn("mine")), IMPOSSIBLE, "still out");
        assert_eq!(ask(world, &parties.s1sp, HUB, import(&parties.smso)), "success", "15.10.3");
        assert_eq!(ask(world, &parties.smso, HUB, set_apn("mine")), "success");
    });
}

#[test]
fn a_signed_request_is_for_one_device_once_and_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    let s1sp = &parties().s1sp;
    let mut last = None;
    served(dir.path(), |world| {
        let send = |signing: &_| word(&world.signed(DUAL, server::CHF, signing));
        let signing = world.request(s1sp, HUB, set_apn("one"));
        assert_eq!(send(&signing), "success");
        assert_eq!(send(&signing), IMPOSSIBLE, "the same again");
        assert_eq!(send(&sign(s1sp, HUB.2, 1, &set_apn("two"))), IMPOSSIBLE, "a transaction of before");
        assert_eq!(send(&sign(s1sp, gsme(DUAL), 9, &set_apn("two"))), IMPOSSIBLE, "another device's");
        assert_eq!(send(&sign(s1sp, DeviceId(SINGLE.0), 9, &set_apn("two"))), IMPOSSIBLE, "a neighbour's");
        let good = sign(s1sp, HUB.2, 9, &set_apn("two"));
        let flip = |change: fn(&mut tern_dlms::apdu::GeneralSigning)| {
            let mut altered = good.clone();
            change(&mut altered);
            altered
        };
        let altered = [
            flip(|s| s.content.last_mut().into_iter().for_each(|b| *b ^= 1)),
            flip(|s| s.signature[9] ^= 1),
            flip(|s| s.transaction_id = 10u64.to_be_bytes().to_vec()),
            flip(|s| s.transaction_id = vec![9]),
            flip(|s| s.signature.truncate(63)),
        ];
        for signing in &altered {
            assert_eq!(send(signing), IMPOSSIBLE);
        }
        assert_eq!(world.world.snapshot(DUAL).expect("is there").apn, "one");
        assert_eq!(send(&good), "success", "what was altered used nothing up");
        last = Some(good);
    });
    again(dir.path(), |world| {
        let good = last.as_ref().expect("was sent");
        assert_eq!(word(&world.signed(DUAL, server::CHF, good)), IMPOSSIBLE, "after a restart");
    });
}

#[test]
fn a_renewed_certificate_comes_with_the_request() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        // The stranger's certificate is good, and its party has nothing to say; the outsider's is none here.
        for (by, told) in [(&parties().stranger, IMPOSSIBLE), (&parties().outsider, IMPOSSIBLE)] {
            let mut signing = sign(by, HUB.2, 1, &set_apn("x"));
            signing.other_information = by.certificate().der().to_vec();
            signing.signature = by.sign(&signing.signed_part()).expect("signs").to_vec();
            assert_eq!(word(&world.signed(DUAL, server::CHF, &signing)), told);
        }
        let renewed = renewed_s1sp();
        let plain = sign(renewed, HUB.2, 1, &set_apn("x"));
        assert_eq!(word(&world.signed(DUAL, server::CHF, &plain)), IMPOSSIBLE, "a key that it never met");
        let mut signing = sign(renewed, HUB.2, 1, &set_apn("x"));
        signing.other_information = renewed.certificate().der().to_vec();
        signing.signature = renewed.sign(&signing.signed_part()).expect("signs").to_vec();
        assert_eq!(word(&world.signed(DUAL, server::CHF, &signing)), "success");
    });
    again(dir.path(), |world| {
        assert_eq!(ask(world, renewed_s1sp(), HUB, set_apn("y")), "success", "it was remembered");
    });
}

#[test]
fn the_esme_takes_no_signature_for_keys() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let signing = sign(&parties().smso, esme(DUAL), 1, &import(&parties().s1sp));
        assert_eq!(word(&world.signed(DUAL, server::ESME, &signing)), IMPOSSIBLE);
    });
}

fn authorise(parties: &[&Signer]) -> Apdu {
    let titles = parties.iter().map(|party| Data::octets(party.certificate().party().0.0.to_be_bytes()));
    set_of((1, AUTHORISED, 2), Data::Array(titles.collect()))
}

#[test]
fn the_party_in_charge_of_the_hub_says_whom_it_obeys_beside_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let parties = parties();
    let behind = [(DUAL, server::GSME, gsme(DUAL)), (DUAL, server::PPMID, ppmid(DUAL))];
    served(dir.path(), |world| {
        assert_eq!(ask(world, &parties.s1sp, HUB, authorise(&[&parties.stranger])), "read-write-denied");
        assert_eq!(ask(world, &parties.smso, HUB, authorise(&[])), "success");
        for to in behind.into_iter().chain([HUB]) {
            assert_eq!(ask(world, &parties.s1sp, to, import(&parties.s1sp)), IMPOSSIBLE, "it was authorised");
        }
    });
    again(dir.path(), |world| {
        assert_eq!(ask(world, &parties.s1sp, HUB, set_apn("x")), IMPOSSIBLE, "after a restart too");
        assert_eq!(ask(world, &parties.smso, HUB, authorise(&[&parties.stranger])), "success");
        assert_eq!(ask(world, &parties.stranger, HUB, set_apn("x")), IMPOSSIBLE, "its certificate is not known");
        assert_eq!(ask(world, &parties.smso, HUB, authorise(&[&parties.s1sp])), "success");
        assert_eq!(ask(world, &parties.s1sp, HUB, set_apn("x")), "success");
    });
}

#[test]
fn the_hub_signs_what_it_believed_and_nothing_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let parties = parties();
    let is_signed = |answer: &Apdu| matches!(answer, Apdu::GeneralSigning(_));
    served(dir.path(), |world| {
        let to_gsme = (DUAL, server::GSME, gsme(DUAL));
        // What it carries out, and what it refuses to carry out.
        for (by, apdu) in [(&parties.s1sp, set_apn("one")), (&parties.s1sp, set_of((45, APN, 2), Data::Null))] {
            let signing = world.request(by, HUB, apdu);
            assert!(is_signed(&world.relayed(DUAL, server::CHF, &signing)));
            assert!(!is_signed(&world.relayed(DUAL, server::CHF, &signing)), "the same again is not believed");
        }
        let stranger = world.request(&parties.stranger, HUB, set_apn("two"));
        assert!(!is_signed(&world.relayed(DUAL, server::CHF, &stranger)));
        // That the gas meter cannot be reached it signs, and the request is heard by nobody later.
        let signing = world.request(&parties.s1sp, to_gsme, import(&parties.s1sp));
        let stranger = sign(&parties.stranger, gsme(DUAL), 1_000, &import(&parties.stranger));
        world.world.arm(fault(DUAL, FaultKind::GasHanError, "", Times::Count(2)));
        assert!(!is_signed(&world.relayed(DUAL, server::GSME, &stranger)), "nor does it say so to a stranger");
        let answer = world.relayed(DUAL, server::GSME, &signing);
        assert!(is_signed(&answer) && word(&world.signed(DUAL, server::GSME, &signing)) == IMPOSSIBLE, "{answer:?}");
        let now = world.world.snapshot(DUAL).expect("is there");
        assert_eq!(now.gsme_certificate.as_ref(), Some(parties.smso.certificate().id()));
    });
}
