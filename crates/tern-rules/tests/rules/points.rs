//! Metering points: registered, and with the right check digits.

use jiff::civil::{Date, date};
use tern_model::facts::{Facts, Registration};
use tern_model::{Fuel, GroupId, Mpxn, Role, Verdict};
use tern_rules::{Rulebook, WatchedMeter, recheck};
use tern_wire::schema::SchemaVersion;

use super::support::Says::{Finding, NotApplicable, NotYetInForce, Pass};
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

const LEADING_ZEROS: &str = "P-mprn-leading-zeros";
/// The last day without Uplift 1.2, and its first (assumed).
const UPLIFT_1_2: [Date; 2] = [date(2020, 10, 28), date(2020, 10, 29)];

/// A healthy installation of a group whose set names one MPRN, and Registration Data another.
fn gas_point(group: GroupId, in_the_set: &str, registered: &[&str]) -> World {
    let mut world = healthy_of(group, 1);
    world.first().gsme.as_mut().unwrap().mpxn = in_the_set.parse().unwrap();
    let gas: Vec<Registration> = world.registration.extract_if(.., |one| one.fuel == Fuel::Gas).collect();
    let of_each = registered.iter().flat_map(|mpxn| {
        let mpxn: Mpxn = mpxn.parse().unwrap();
        gas.iter().map(move |one| Registration { mpxn: mpxn.clone(), ..one.clone() })
    });
    world.registration.extend(of_each);
    world
}

/// Every finding of an installation as the DSP tells it.
fn findings(world: &World) -> Vec<&'static str> {
    let judgement = world.judge(Role::Dsp);
    judgement.installations[0].unclean().map(|judged| judged.rule.clause).collect()
}

/// An MPRN with eight digits that count, its check digits right.
const SHORT: &str = "24400105";
const TEN: &str = "0024400105";

#[test]
fn leading_zeros_of_an_mprn_count_for_nothing_in_ioc_from_uplift_1_2_on() {
    let [before, from] = UPLIFT_1_2;
    let spelled = [(SHORT, TEN), (TEN, SHORT), ("0000024400105", SHORT), (TEN, "0000024400105")];
    for (in_the_set, registered) in spelled {
        for group in [GroupId::AA, GroupId::BA, GroupId::CA] {
            let mut world = gas_point(group, in_the_set, &[registered]);
            (world.books_on, world.schema) = (from, SchemaVersion::Before12);
            assert_eq!(findings(&world), [""; 0], "{group}: {in_the_set}, registered as {registered}");
            check(&world, Role::Dsp, LEADING_ZEROS, &[Pass]);
            world.books_on = before;
            let found = findings(&world);
            assert!(found.contains(&"P-mpxn-registered"), "{group}: {found:?}");
            assert!(found.contains(&"5.10.15") && found.contains(&"P-certificate-supplier"), "{group}: {found:?}");
        }
        for group in [GroupId::CB, GroupId::DA, GroupId::EA, GroupId::EC] {
            let found = findings(&gas_point(group, in_the_set, &[registered]));
            assert!(found.contains(&"P-mpxn-registered"), "{group}, as they stand: {found:?}");
        }
    }
    let mut same = gas_point(GroupId::CA, TEN, &[TEN]);
    check(&same, Role::Dsp, LEADING_ZEROS, &[Pass]);
    (same.books_on, same.schema) = (before, SchemaVersion::Before12);
    check(&same, Role::Dsp, LEADING_ZEROS, &[NotYetInForce]);
    check(&gas_point(GroupId::DA, TEN, &[TEN]), Role::Dsp, LEADING_ZEROS, &[NotApplicable]);
    let mut without = healthy_of(GroupId::CA, 1);
    without_gas(&mut without);
    check(&without, Role::Dsp, LEADING_ZEROS, &[NotApplicable]);
}

#[test]
fn an_mprn_that_is_0_or_too_long_without_its_zeros_is_a_finding_of_its_own() {
    let place = "GSME/MPxN";
    for (number, found) in [("0000000000", "is 0"), ("0", "is 0"), ("0000000000000", "is 0")] {
        let world = gas_point(GroupId::CA, number, &[number]);
        check(&world, Role::Dsp, LEADING_ZEROS, &[Finding(place, found)]);
    }
    for number in ["13938424403", "0013938424403", "9999999999999"] {
        let world = gas_point(GroupId::BA, number, &[number]);
        check(&world, Role::RequestingParty, LEADING_ZEROS, &[Finding(place, number)]);
    }
    // Ten digits at most on the other side too: a number with eleven is no other spelling of one with ten.
    assert!(findings(&gas_point(GroupId::CA, "3938424403", &["13938424403"])).contains(&"P-mpxn-registered"));
    // Another group has it as it stands.
    assert!(findings(&gas_point(GroupId::EA, "13938424403", &["13938424403"])).contains(&"P-mpxn-check-digit"));
}

/// One metering point, whatever zeros lead: who takes over under one spelling has it under all.
#[test]
fn registrations_under_several_spellings_are_of_one_metering_point() {
    let mut world = gas_point(GroupId::CA, SHORT, &[TEN]);
    let change = registration(Fuel::Gas, SHORT.parse().unwrap(), OTHER_SUPPLIER, on(1));
    world.registration.push(change);
    check(&world, Role::Dsp, "5.10.15", &[Finding("GSME/MPxN", "changes on 2021-03-03")]);
    let meters = WatchedMeter::of(&world.files().common, 0);
    let book = Rulebook::published();
    let again = |group, books_on, registrations: &[Registration]| {
        let mut facts = Facts::default();
        registrations.iter().for_each(|one| facts.add_registration(one.clone()));
        let judged = recheck(&meters, group, D, book.on(books_on), &facts);
        judged.iter().map(|j| format!("{} {}", j.rule.clause, j.verdict.word())).collect::<Vec<_>>()
    };
    assert_eq!(again(GroupId::CA, D, &world.registration), ["5.10.10 PASS", "5.10.15 FINDING"]);
    world.registration.pop();
    assert_eq!(again(GroupId::CA, D, &world.registration), ["5.10.10 PASS", "5.10.15 PASS"]);
    assert_eq!(again(GroupId::CA, UPLIFT_1_2[0], &world.registration), ["5.10.10 PASS", "5.10.15 FACTS MISSING"]);
    assert_eq!(again(GroupId::EA, D, &world.registration), ["5.10.10 PASS", "5.10.15 FACTS MISSING"]);
}
