//! Sums: each installation once where it stands, each attempt once over time, and the period's edges.

use jiff::civil::date;
use tern_model::{Fuel, GasOutcome, Holder, MeterState, Outcome, Role};
use tern_service::reports::{Attempt, Dormant, End, Ledger, Period, Slot, Step, slots};

use crate::support::{DAY, attempt, ledger, party, refused};

fn ended(mut it: Attempt, day: jiff::civil::Date, outcome: Outcome) -> Attempt {
    it.end = Some((day, outcome));
    it
}

fn names(slots: &[Slot]) -> Vec<&str> {
    slots.iter().map(|s| s.name.as_str()).collect()
}

#[test]
fn an_installation_that_comes_again_stands_once_and_counts_each_time_over_time() {
    let tuesday = date(2020, 12, 8);
    let first = refused(attempt(1, DAY), &["15.8", "15.6"]);
    let sums = ledger(&[attempt(1, tuesday), first, attempt(2, DAY)], Period::default());
    assert_eq!((sums.standing.total(), sums.standing.of(End::Commissioned)), (2, 2));
    let days = slots(&sums, Step::Day);
    assert_eq!(names(&days), ["2020-12-04", "2020-12-05", "2020-12-06", "2020-12-07", "2020-12-08"]);
    let told: Vec<_> = days.iter().map(|d| (d.taken_in, d.ends.told(), d.commissioned_so_far, d.known)).collect();
    assert_eq!(told[0], (2, "1 commissioned, 1 refused".to_owned(), 1, 2));
    assert_eq!(told[1], (0, "nothing".to_owned(), 1, 2));
    assert_eq!(told[4], (1, "1 commissioned".to_owned(), 2, 2));
    assert_eq!((sums.clauses["15.8"].installations, sums.clauses["15.6"].installations), (1, 1));
    assert_eq!(sums.suppliers[&Some(party(1))].total(), 4, "four meters, each once");
}

#[test]
fn an_installation_that_is_refused_while_it_is_held_stands_where_it_stood() {
    let held = |day| Attempt { held_before: true, ..refused(attempt(1, day), &["P-chf-inventory"]) };
    let (friday, saturday, sunday) = (DAY, date(2020, 12, 5), date(2020, 12, 6));
    let back = ended(attempt(1, DAY), DAY, Outcome::RolledBack { code: "B2".to_owned() });
    let sums = ledger(&[held(sunday), held(saturday), attempt(1, friday), back], Period::default());
    assert_eq!((sums.standing.total(), sums.standing.of(End::Commissioned)), (1, 1));
    assert_eq!(sums.suppliers[&Some(party(1))].ends.of(End::Commissioned), 2, "both meters");
    assert_eq!(sums.clauses["P-chf-inventory"].installations, 2, "refusals count nevertheless");
    assert_eq!(sums.days[&friday].new, 1);
    assert!([saturday, sunday].iter().all(|day| sums.days[day].new == 0));
}

#[test]
fn weeks_are_iso_weeks() {
    let sums =
        ledger(&[attempt(1, date(2021, 1, 4)), attempt(2, date(2021, 1, 3)), attempt(3, DAY)], Period::default());
    let weeks = slots(&sums, Step::Week);
    assert_eq!(names(&weeks), ["2020-W49", "2020-W50", "2020-W51", "2020-W52", "2020-W53", "2021-W01"]);
    assert_eq!((weeks[4].first, weeks[4].last), (date(2020, 12, 28), date(2021, 1, 3)));
    assert_eq!((weeks[4].ends.total(), weeks[5].ends.total()), (1, 1));
}

#[test]
fn what_is_later_than_the_period_is_not_known_yet() {
    let (from, to) = (date(2020, 12, 7), date(2020, 12, 8));
    let period = Period { from: Some(from), to: Some(to) };
    let stuck = Outcome::Stuck { code: "B6".to_owned() };
    let attempts = [
        attempt(1, date(2020, 12, 9)),
        ended(attempt(2, to), date(2020, 12, 9), stuck),
        attempt(3, from),
        attempt(4, DAY),
        refused(attempt(5, DAY), &["15.8"]),
    ];
    let sums = ledger(&attempts, period);
    assert_eq!(
        sums.standing.told(),
        "1 commissioned, 1 open",
        "the stuck one was open, the fourth and fifth came before"
    );
    assert!(sums.codes.is_empty() && sums.clauses.is_empty());
    let days = slots(&sums, Step::Day);
    assert_eq!(names(&days), ["2020-12-07", "2020-12-08"]);
    assert_eq!((days[0].commissioned_so_far, days[0].known), (2, 3), "with those before the period");
    assert_eq!((days[1].commissioned_so_far, days[1].known), (2, 4));
}

#[test]
fn a_gas_meter_that_was_left_behind_is_told_apart_from_its_electricity_meter() {
    let left = Outcome::Commissioned { gas: GasOutcome::LeftBehind };
    let sums = ledger(&[ended(attempt(1, DAY), DAY, left)], Period::default());
    let meters = &sums.suppliers[&Some(party(1))];
    assert_eq!((meters.ends.of(End::Commissioned), meters.left_behind, meters.gas, meters.total()), (1, 1, 1, 2));
    assert_eq!(sums.codes["GT01"].left_behind, 1);
}

#[track_caller]
fn check_dormant(outcome: Option<Outcome>, excluded: bool, expected: Dormant) {
    let mut it = attempt(1, DAY);
    it.end = outcome.map(|o| (DAY, o));
    it.meters.retain(|m| m.fuel == Fuel::Gas);
    it.meters[0].state = MeterState::Dormant;
    it.meters[0].excluded = excluded;
    assert_eq!(ledger(&[it], Period::default()).dormant[&Some(party(1))], expected);
}

#[test]
fn a_dormant_meter_stands_in_exactly_one_column() {
    let none = Dormant::default();
    let gone = |gas| Some(Outcome::Commissioned { gas });
    check_dormant(gone(GasOutcome::Migrated), true, Dormant { enrolled: 1, ..none });
    check_dormant(gone(GasOutcome::LeftBehind), false, Dormant { excluded: 1, ..none });
    check_dormant(None, false, Dormant { planned: 1, ..none });
    check_dormant(None, true, Dormant { excluded: 1, ..none });
    check_dormant(Some(Outcome::Stuck { code: "B6".to_owned() }), false, Dormant { planned: 1, ..none });
    check_dormant(Some(Outcome::RolledBack { code: "B2".to_owned() }), false, Dormant { again: 1, ..none });
    check_dormant(Some(Outcome::Refused { clauses: Vec::new() }), true, Dormant { excluded: 1, ..none });
    check_dormant(Some(Outcome::Closed { held_by: Holder::Dcc }), false, Dormant { enrolled: 1, ..none });
    check_dormant(Some(Outcome::Closed { held_by: Holder::Smso }), false, Dormant { again: 1, ..none });
}

#[test]
fn a_finding_counts_once_for_each_supplier_of_the_installation_and_names_all_who_found_it() {
    let mut it = refused(attempt(1, DAY), &["15.8"]);
    it.meters[1].supplier = Some(party(2));
    it.found.push((Role::Dco, "15.8".to_owned()));
    let mut sums = ledger(&[it], Period::default());
    sums.add_refused_set(DAY, &["15.8".to_owned()].into());
    let found = &sums.clauses["15.8"];
    assert_eq!((found.installations, found.sets), (1, 1));
    assert_eq!(found.by.iter().copied().collect::<Vec<_>>(), [Role::Dsp, Role::Dco]);
    let by: Vec<_> = sums.supplier_clauses.iter().map(|((s, c), n)| (*s, c.as_str(), *n)).collect();
    assert_eq!(by, [(Some(party(1)), "15.8", 1), (Some(party(2)), "15.8", 1)]);
}

#[test]
fn nothing_gives_no_days() {
    assert_eq!(slots(&Ledger::default(), Step::Week), []);
}
