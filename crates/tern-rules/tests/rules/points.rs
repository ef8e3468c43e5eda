//! Metering points: registered, and with the right check digits.

use tern_model::{Fuel, Role, Verdict};

use super::support::Says::{Finding, Pass};
use super::support::*;

#[test]
fn check_digits_go_by_the_fuel() {
    let wrong = |fuel, digits: &str| {
        let mut world = healthy(1);
        let mpxn: tern_model::Mpxn = digits.parse().unwrap();
        world.registration.push(registration(fuel, mpxn.clone(), SUPPLIER, on(-1)));
        match fuel {
            Fuel::Electricity => world.first().esme.mpxn = mpxn,
            Fuel::Gas => world.first().gsme.as_mut().unwrap().mpxn = mpxn,
        }
        world
    };
    let clause = "P-mpxn-check-digit";
    check(&wrong(Fuel::Gas, "3938424403"), Role::Dsp, clause, &[Pass]);
    check(&wrong(Fuel::Gas, "3938424404"), Role::Dsp, clause, &[Finding("GSME/MPxN", "3938424404")]);
    check(&wrong(Fuel::Gas, "12345"), Role::Dsp, clause, &[Finding("GSME/MPxN", "12345")]);
    check(&wrong(Fuel::Electricity, "2000012345678"), Role::Dsp, clause, &[Finding("ESME/MPxN", "2000012345678")]);
    check(&wrong(Fuel::Electricity, "3938424403"), Role::RequestingParty, clause, &[Finding("ESME/MPxN", "length")]);
}

/// Without a registration several rules have nothing to go by, and say so; the finding is this rule's.
#[test]
fn a_point_that_registration_data_does_not_know_is_a_finding() {
    let mut world = healthy(1);
    world.registration.retain(|r| r.fuel == Fuel::Electricity);
    let judgement = world.judge(Role::Dsp);
    let findings: Vec<_> = judgement.installations[0]
        .unclean()
        .map(|j| (j.rule.clause, matches!(j.verdict, Verdict::Finding(_))))
        .collect();
    assert!(findings.contains(&("P-mpxn-registered", true)), "{findings:?}");
    let supplier = findings.iter().filter(|(clause, _)| *clause == "P-certificate-supplier");
    assert_eq!(supplier.count(), 1, "the same record is missed once, not once per certificate");
    assert!(findings.iter().all(|(clause, is_finding)| !is_finding || *clause == "P-mpxn-registered"), "{findings:?}");
}

#[test]
fn registration_counts_from_its_first_day() {
    let from = |days| {
        let mut world = healthy(1);
        world.registration[0].effective_from = on(days);
        let judgement = world.judge(Role::Dsp);
        let judged = judgement.installations[0].judged.iter().find(|j| j.rule.clause == "P-mpxn-registered");
        judged.map(|j| j.verdict.clone()).unwrap()
    };
    assert_eq!(from(-1), Verdict::Pass);
    assert_eq!(from(0), Verdict::Pass);
    let Verdict::Finding(finding) = from(1) else { panic!("registered too late") };
    assert_eq!(finding.found, "registered from 2021-03-03 (registration.csv row 7)");
}

#[test]
fn no_registration_data_at_all_is_missing_facts() {
    let mut world = healthy(1);
    world.not_given.push("registration.csv");
    world.registration.clear();
    let judgement = world.judge(Role::Dsp);
    let all_missing = judgement.installations[0]
        .unclean()
        .all(|j| matches!(&j.verdict, Verdict::FactsMissing { missing } if missing.contains("registration.csv")));
    assert!(all_missing && !judgement.is_clean());
}
