//! 5.10.10 and 5.10.15: the window around the planned migration day, under both wordings.

use jiff::civil::{Date, date};
use tern_model::{CertificateId, Fuel, GroupId, Role};
use tern_rules::{Rulebook, WatchedMeter, recheck};

use super::support::Says::{Finding, NotApplicable, Pass};
use super::support::*;

/// A set whose Import or Gas Supplier changes `days` after D.
fn changing(fuel: Fuel, days: i32) -> World {
    let mut world = healthy(1);
    let mpxn = if fuel == Fuel::Electricity { mpan(0) } else { mprn(0) };
    world.registration.push(registration(fuel, mpxn, OTHER_SUPPLIER, on(days)));
    if days <= 0 {
        // On D the other supplier is the registered one, whose certificate and authorisation are wanted.
        let theirs = certificate(12);
        let holder = tern_rules::Holder { party: OTHER_SUPPLIER, role: Role::Supplier, usable: Ok(()) };
        world.directory.insert(theirs.clone(), holder);
        let entry = world.first();
        let meter = if fuel == Fuel::Electricity { &mut entry.esme } else { entry.gsme.as_mut().unwrap() };
        meter.critical_supplier_certificate_id = theirs.clone();
        meter.non_critical_supplier_certificate_id = theirs;
    }
    world
}

fn check_change(days: i32, says: fn(&'static str) -> Says) {
    check(&changing(Fuel::Electricity, days), Role::Dsp, "5.10.10", &[says("Installation[1]/ESME/MPxN")]);
    check(&changing(Fuel::Gas, days), Role::Dsp, "5.10.15", &[says("Installation[1]/GSME/MPxN")]);
}

#[test]
fn a_change_from_d_to_d_plus_2_is_a_finding_and_the_days_around_it_are_not() {
    check_change(-1, |_| Pass);
    check_change(0, |place| Finding(place, "changes on 2021-03-02, within 2 days"));
    check_change(1, |place| Finding(place, "changes on 2021-03-03, within 2 days"));
    check_change(2, |place| Finding(place, "changes on 2021-03-04, within 2 days"));
    check_change(3, |_| Pass);
}

#[test]
fn the_finding_tells_record_days_and_what_to_do() {
    let judgement = changing(Fuel::Electricity, 2).judge(Role::Dsp);
    let findings = judgement.installations[0].findings();
    let [finding] = findings.as_slice() else { panic!("one finding: {findings:?}") };
    assert_eq!(finding.found, format!("{OTHER_SUPPLIER} from 2021-03-04 (registration.csv row 7)"));
    assert_eq!(finding.expected, "no change from 2021-03-02 to 2021-03-04");
    let next = format!("plan CHF {} again from 2021-03-05, or send the Null Certificate ID", chf(0));
    assert_eq!(finding.suggestion, next);
    assert!(finding.place.line == 1 && finding.place.column > 1, "{:?}", finding.place);
}

/// The same change under the wording before 2020-11-29, when the window was seven days, for a group that was covered then.
#[test]
fn before_the_foc_text_the_window_is_seven_days() {
    let says = |days: i32, books_on: Date| {
        let mut world = changing(Fuel::Electricity, days);
        world.header(|header| header.group_id = GroupId::CA);
        world.books_on = books_on;
        let judgement = world.judge(Role::Dsp);
        let judged = judgement.installations[0].judged.iter().find(|j| j.rule.clause == "5.10.10");
        judged.map_or("NOT YET IN FORCE", |j| j.verdict.word())
    };
    assert_eq!(says(7, date(2020, 11, 28)), "FINDING");
    assert_eq!(says(8, date(2020, 11, 28)), "PASS");
    assert_eq!(says(7, date(2020, 11, 29)), "PASS");
    assert_eq!(says(2, date(2020, 11, 29)), "FINDING");
    assert_eq!(says(2, date(2019, 7, 28)), "FINDING");
    assert_eq!(says(2, date(2019, 7, 27)), "NOT YET IN FORCE");
}

#[test]
fn the_null_certificate_id_exempts_its_own_meter_alone() {
    let mut world = changing(Fuel::Electricity, 1);
    world.first().esme.critical_supplier_certificate_id = CertificateId::Null;
    check(&world, Role::Dsp, "5.10.10", &[NotApplicable]);
    let mut world = changing(Fuel::Gas, 1);
    world.first().esme.critical_supplier_certificate_id = CertificateId::Null;
    check(&world, Role::Dsp, "5.10.15", &[Finding("GSME/MPxN", "Gas Supplier")]);
}

#[test]
fn a_new_record_of_the_same_supplier_is_no_change() {
    let mut world = healthy(1);
    world.registration.push(registration(Fuel::Electricity, mpan(0), SUPPLIER, on(1)));
    check(&world, Role::Dsp, "5.10.10", &[Pass]);
}

#[test]
fn without_a_gsme_there_is_no_gas_supplier_to_change() {
    let mut world = healthy(1);
    without_gas(&mut world);
    check(&world, Role::Dsp, "5.10.15", &[NotApplicable]);
    check(&world, Role::S1sp, "15.8", &[Pass]);
}

#[test]
fn no_registration_at_all_is_missing_facts_and_names_the_file() {
    let mut world = healthy(1);
    world.registration.retain(|r| r.fuel == Fuel::Gas);
    let judgement = world.judge(Role::RequestingParty);
    let missing = judgement.installations[0].unclean().find(|j| j.rule.clause == "5.10.10").unwrap();
    assert_eq!(
        missing.as_finding().unwrap().message,
        format!(
            "FACTS MISSING: no registration of MPAN {} (CHF {}); add it to facts/registration.csv",
            mpan(0),
            chf(0)
        )
    );
    assert!(!judgement.is_clean());
}

#[test]
fn just_before_the_first_device_effect_the_window_is_judged_again() {
    let world = changing(Fuel::Gas, 2);
    let meters = WatchedMeter::of(&world.files().common, 0);
    assert_eq!(meters.iter().map(|m| m.fuel).collect::<Vec<_>>(), [Fuel::Electricity, Fuel::Gas]);
    let mut facts = tern_model::facts::Facts::default();
    world.registration.iter().for_each(|r| facts.add_registration(r.clone()));
    let book = Rulebook::published();
    let words = |day: Date, books_on: Date| {
        let judged = recheck(&meters, tern_model::GroupId::EA, day, book.on(books_on), &facts);
        judged.iter().map(|j| format!("{} {}", j.rule.clause, j.verdict.word())).collect::<Vec<_>>()
    };
    assert_eq!(words(D, D), ["5.10.10 PASS", "5.10.15 FINDING"]);
    assert_eq!(words(on(3), on(3)), ["5.10.10 PASS", "5.10.15 PASS"]);
    assert_eq!(words(on(-5), date(2020, 11, 1)), ["5.10.10 PASS", "5.10.15 FINDING"]);
    assert!(WatchedMeter::of(&world.files().common, 1).is_empty());
}
