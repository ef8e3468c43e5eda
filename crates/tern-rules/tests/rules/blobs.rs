//! Migration Group File and Migration Group Encrypted File, as S1SP and DCO judge them.

use tern_model::{ChfIdentifier, GroupId, HanType, Place, Role, SetId};
use tern_wire::schema::SecretText;
use tern_wire::{FaultKind, WireFault};

use super::pki::REQUESTING_PARTY;
use super::support::Says::{Finding, Missing, NotApplicable, Pass};
use super::support::*;

const S1SP_BLOB: &str = "Installation[1]/EncryptedS1SPGroupInformation";
const DCO_KEY: &str = "Installation[1]/EncryptedMasterKey/EncryptedKey";

#[track_caller]
fn check_s1sp(change: impl Fn(&mut World), clause: &str, says: &[Says]) {
    let mut world = healthy(1);
    change(&mut world);
    check(&world, Role::S1sp, clause, says);
}

#[test]
fn both_blobs_are_there() {
    for role in [Role::RequestingParty, Role::Dsp, Role::S1sp, Role::Dco] {
        let mut world = healthy(1);
        world.encrypted.installations[0].encrypted_s1sp_group_information = None;
        world.group_information = Some(vec![None]);
        check(&world, role, "15.3", &[Finding("Installation[1]", "no EncryptedS1SPGroupInformation")]);
        world.encrypted.installations[0].encrypted_master_key = None;
        world.master_keys = Some(vec![None]);
        let both = ["no EncryptedS1SPGroupInformation", "no EncryptedMasterKey"];
        check(&world, role, "15.3", &both.map(|found| Finding("Installation[1]", found)));
    }
}

#[test]
fn the_imsi_has_14_or_15_digits_and_is_the_sims() {
    const PLACE: &str = "MigrationGroupFile/Installation[1]/CHFDetails/IMSI";
    let imsi = |digits: &'static str| {
        move |w: &mut World| {
            w.group.installations[0].chf_details.imsi = text(digits);
            w.sims[0].imsi = digits.to_owned();
        }
    };
    check_s1sp(imsi("23415000000001"), "15.6", &[Pass]);
    check_s1sp(imsi("234150000000001"), "15.6", &[Pass]);
    check_s1sp(imsi("2341500000001"), "15.6", &[Finding(PLACE, "2341500000001")]);
    check_s1sp(imsi("2341500000000012"), "15.6", &[Finding(PLACE, "is no IMSI")]);
    check_s1sp(imsi("23415000000000X"), "15.6", &[Finding(PLACE, "is no IMSI")]);
    check_s1sp(imsi(""), "15.6", &[Finding(PLACE, "nothing")]);
    check_s1sp(|w| w.sims[0].imsi = "234150000000002".to_owned(), "15.6", &[Finding(PLACE, "not that of the SIM")]);
    check_s1sp(|w| w.sims.clear(), "15.6", &[Missing("add it to facts/sims.csv")]);
}

#[test]
fn the_previous_apn_is_an_apn_and_the_sims() {
    const PLACE: &str = "CHFDetails/PreviousAPN";
    let apn = |name: &'static str| {
        move |w: &mut World| {
            w.group.installations[0].chf_details.previous_apn = text(name);
            w.sims[0].apn = name.to_owned();
        }
    };
    check_s1sp(apn("a"), "15.6", &[Pass]);
    check_s1sp(apn("smart-1.smso.example"), "15.6", &[Pass]);
    for wrong in ["", ".", "a..b", "-a.b", "a-.b", "a_b", "a b", "ä.b"] {
        check_s1sp(apn(wrong), "15.6", &[Finding(PLACE, "is no APN")]);
    }
    check_s1sp(|w| w.sims[0].apn = "SMSO.Example".to_owned(), "15.6", &[Pass]);
    check_s1sp(|w| w.sims[0].apn = "else.example".to_owned(), "15.6", &[Finding(PLACE, "not that of the SIM")]);
}

#[test]
fn a_key_is_32_hexadecimal_digits_and_not_all_zero() {
    let cases = [
        ("00112233445566778899aabbccddeeff", None),
        ("00000000000000000000000000000001", None),
        ("00000000000000000000000000000000", Some("zeros alone")),
        ("00112233445566778899AABBCCDDEEF", Some("31 hexadecimal digits")),
        ("00112233445566778899AABBCCDDEEFF00", Some("34 hexadecimal digits")),
        ("00112233445566778899AABBCCDDEEFG", Some("32 characters, not all hexadecimal")),
        ("", Some("nothing")),
    ];
    for (key, fault) in cases {
        for at in 0..4 {
            let set = |w: &mut World| set_key(w, at, secret(key));
            let says = fault.map_or(Pass, |found| Finding(S1SP_BLOB, found));
            check_s1sp(set, "15.8", &[says]);
        }
        let mut world = healthy(1);
        let mut plaintext = master_key(0);
        plaintext.master_key = secret(key);
        world.master_keys = Some(vec![Some(Ok(plaintext))]);
        check(&world, Role::Dco, "15.7", &[fault.map_or(Pass, |found| Finding(DCO_KEY, found))]);
    }
}

fn set_key(world: &mut World, at: usize, key: SecretText) {
    let mut plaintext = group_information(0);
    let association = &mut plaintext.esme;
    match at {
        0 => association.authentication_key = key,
        1 => association.encryption_key = key,
        2 => association.prepayment_key = key,
        _ => plaintext.gsme.as_mut().unwrap().prepayment_key = key,
    }
    world.group_information = Some(vec![Some(Ok(plaintext))]);
}

#[test]
fn no_finding_quotes_a_key() {
    let mut world = healthy(1);
    let almost = "DEADBEEFDEADBEEFDEADBEEFDEADBEE";
    set_key(&mut world, 0, secret(almost));
    let all = format!("{:?}", world.judge(Role::S1sp).installations[0].findings());
    assert!(all.contains("AuthenticationKey") && !all.contains("DEADBEEF"), "{all}");
}

#[test]
fn each_wrong_key_is_told_by_its_name() {
    for (at, name) in [
        (0, "ESME's AuthenticationKey"),
        (1, "ESME's EncryptionKey"),
        (2, "ESME's PrepaymentKey"),
        (3, "GSME's PrepaymentKey"),
    ] {
        check_s1sp(|w| set_key(w, at, secret("")), "15.8", &[Finding(S1SP_BLOB, name)]);
    }
}

#[test]
fn the_keys_are_those_of_the_entrys_own_devices() {
    let plaintext = |change: fn(&mut tern_wire::migration::GroupInformation)| {
        move |w: &mut World| {
            let mut plaintext = group_information(0);
            change(&mut plaintext);
            w.group_information = Some(vec![Some(Ok(plaintext))]);
        }
    };
    let says = |found| [Finding(S1SP_BLOB, found)];
    check_s1sp(plaintext(|p| p.chf_identifier = chf(5)), "15.8", &says("another installation's keys"));
    check_s1sp(plaintext(|p| p.esme.device_id = device(5, 2)), "15.8", &says("ESMEDetail of"));
    check_s1sp(plaintext(|p| p.gsme = None), "15.8", &says("no GSMEDetail"));
    let mut surplus = healthy(1);
    without_gas(&mut surplus);
    surplus.group_information = healthy(1).group_information;
    check(&surplus, Role::S1sp, "15.8", &says("GSMEDetail of"));
    let mut misplaced = healthy(1);
    misplaced.master_keys = Some(vec![Some(Ok(master_key(5)))]);
    check(&misplaced, Role::Dco, "15.7", &[Finding(DCO_KEY, "is another device's")]);
}

fn fault(kind: FaultKind) -> Vec<WireFault> {
    let place = Place { xpath: "MigrationGroupEncryptedFile/Installation[1]/Blob".to_owned(), ..Place::document("x") };
    let [message, found, expected, suggestion] = ["what is wrong", "found", "expected", "next"].map(ToOwned::to_owned);
    vec![WireFault { kind, place, message, found, expected, suggestion }]
}

#[test]
fn a_blob_that_cannot_be_opened_or_decoded_is_one_rules_finding() {
    let says = [Finding("Installation[1]/Blob", "what is wrong")];
    for (kind, s1sp, dco) in [
        (FaultKind::Decryption, "P-decryption", "P-decryption"),
        (FaultKind::Binding, "P-blob-binding", "P-blob-binding"),
        (FaultKind::Schema, "5.23(b)", "15.7"),
        (FaultKind::Form, "5.23(b)", "15.7"),
        (FaultKind::Limits, "5.23(b)", "15.7"),
    ] {
        let mut world = healthy(1);
        world.group_information = Some(vec![Some(Err(fault(kind)))]);
        world.master_keys = Some(vec![Some(Err(fault(kind)))]);
        check(&world, Role::S1sp, s1sp, &says);
        check(&world, Role::Dco, dco, &says);
        check(&world, Role::Dsp, s1sp, &[NotApplicable]);
    }
}

#[test]
fn without_a_key_nothing_decrypted_is_called_clean() {
    let mut world = healthy(1);
    world.group_information = None;
    world.master_keys = None;
    for (role, clause) in [(Role::S1sp, "15.8"), (Role::S1sp, "5.23(b)"), (Role::Dco, "15.7")] {
        let judgement = world.judge(role);
        let judged = judgement.installations[0].unclean().find(|j| j.rule.clause == clause).unwrap();
        assert_eq!(judged.verdict.word(), "FACTS MISSING", "{clause}");
    }
    assert!(world.judge(Role::Dsp).is_clean(), "the DSP never decrypts");
}

#[test]
fn an_export_serves_one_set() {
    let this = SetId { requesting_party: REQUESTING_PARTY, group: GroupId::EA, counter: 42 };
    let used = |chf: ChfIdentifier, counter| {
        let mut world = healthy(1);
        world.installations.exports_used.insert((chf, "2021-02-19-1".to_owned()), SetId { counter, ..this });
        world
    };
    for (role, place) in [(Role::S1sp, "EncryptedS1SPGroupInformation"), (Role::Dco, "EncryptedMasterKey")] {
        check(&used(chf(0), 41), role, "P-blob-binding", &[Finding(place, "export 2021-02-19-1, used by set")]);
        check(&used(chf(0), 42), role, "P-blob-binding", &[Pass]);
        check(&used(chf(1), 41), role, "P-blob-binding", &[Pass]);
    }
}

#[test]
fn the_whitelist_that_the_files_call_for_is_right() {
    let han = |w: &mut World, han| w.group.installations[0].gsme_detail.as_mut().unwrap().han_type = han;
    check_s1sp(|w| han(w, HanType::ZigBee), "15.11", &[Pass]);
    check_s1sp(|w| han(w, HanType::Other), "15.11", &[Pass]);
    check_s1sp(without_gas, "15.11", &[Pass]);
    let mut world = healthy(1);
    world.group.installations[0].gsme_detail = None;
    let unclean: Vec<_> = world.judge(Role::S1sp).installations[0].findings();
    let finding = unclean.iter().find(|f| f.clause == "15.11").unwrap();
    assert_eq!(finding.found, "no GSMEDetail/HANType");
    // An ESME under the GPF's Device ID would put the GPF on the list.
    let mut world = healthy(1);
    let gpf = device(0, 1);
    world.first().esme.device_id = gpf;
    let findings = world.judge(Role::S1sp).installations[0].findings();
    assert!(findings.iter().any(|f| f.clause == "15.11" && f.message.contains("holds GPF")), "{findings:?}");
}

#[test]
fn the_hubs_certificate_is_checked() {
    const PLACE: &str = "CHFDetails/DeviceCertificate";
    let result =
        |checked: Option<Vec<Result<(), String>>>| move |w: &mut World| w.device_certificates.clone_from(&checked);
    let expired = Some(vec![Err("expired on 2021-01-01".to_owned())]);
    check_s1sp(result(expired), "P-device-certificate", &[Finding(PLACE, "expired on 2021-01-01")]);
    check_s1sp(result(None), "P-device-certificate", &[Missing("was not checked")]);
}
