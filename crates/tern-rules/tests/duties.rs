//! 4.49: each of its seven conditions, the edges of its days, and events that do not fit; and the prepayment key.

use jiff::civil::{Date, date};
use tern_model::facts::{MeterEvent, MeterEventKind, MeterName, PaymentMode, SourceRow, TopUpResult};
use tern_model::{ChfIdentifier, DeviceId, Eui64, Fuel, GroupId, MeterState, PartyId, SetId};
use tern_rules::Rulebook;
use tern_rules::duties::{CreditMode, EnrolledMeter, Holds, Owed, Story, credit_mode, prepayment_key};

use MeterEventKind::{PaymentMode as Mode, SupplierChangeWithdrawn, TopUp};
use PaymentMode::{Credit, Prepayment};

const METER: DeviceId = DeviceId(Eui64(0x00DB_1234_0000_0001));
const GAINING: PartyId = PartyId(Eui64(0x90B3_D51F_3002_0004));

/// A day of March 2021; the meter is commissioned on the 2nd.
fn march(day: i8) -> Date {
    date(2021, 3, day)
}

fn meter() -> EnrolledMeter {
    let requesting_party = PartyId(Eui64(0x90B3_D51F_3083_0001));
    EnrolledMeter {
        chf: ChfIdentifier(Eui64(0x00DB_1234_0000_0000)),
        set: SetId { requesting_party, group: GroupId::EA, counter: 1 },
        fuel: Fuel::Electricity,
        device: METER,
        mpxn: None,
        state: Some(MeterState::Active),
        commissioned: march(2),
    }
}

fn planned(takes_effect: Date) -> MeterEventKind {
    MeterEventKind::SupplierChangePlanned { takes_effect, new_supplier: Some(GAINING) }
}

fn effective() -> MeterEventKind {
    MeterEventKind::SupplierChangeEffective { new_supplier: None }
}

/// Events in the order of their rows; the first stands in row 2.
fn events(list: &[(Date, MeterEventKind)]) -> Vec<MeterEvent> {
    let event = |(row, (day, kind)): (u64, &(Date, MeterEventKind))| MeterEvent {
        row: SourceRow(row),
        meter: MeterName::Device(METER),
        day: *day,
        kind: *kind,
        reference: String::new(),
    };
    (2..).zip(list).map(event).collect()
}

fn judged(meter: &EnrolledMeter, list: &[(Date, MeterEventKind)], day: Date) -> CreditMode {
    credit_mode(meter, &Story::until(&events(list), day), &Rulebook::published())
}

/// In Prepayment Mode since February, and on the 5th a change for the 20th becomes known.
fn usual() -> Vec<(Date, MeterEventKind)> {
    vec![(date(2021, 2, 1), Mode(Prepayment)), (march(5), planned(march(20)))]
}

/// With these events beside the usual ones, on the 10th, exactly these conditions do not hold.
#[track_caller]
fn check(more: &[(Date, MeterEventKind)], failing: &str, holds: Holds) {
    let judged = judged(&meter(), &[usual().as_slice(), more].concat(), march(10));
    let found: String = judged.conditions.iter().filter(|c| c.holds == holds).map(|c| c.letter).collect();
    assert_eq!(found, failing, "{judged:#?}");
    assert!(!matches!(judged.owed, Owed::Yes { .. }), "{judged:#?}");
    assert!(judged.conditions.iter().all(|c| !c.evidence.is_empty()));
}

#[test]
fn the_duty_is_owed_where_all_seven_hold() {
    let judged = judged(&meter(), &usual(), march(10));
    assert!(judged.conditions.iter().all(|c| c.holds == Holds::Yes), "{judged:#?}");
    let letters: String = judged.conditions.iter().map(|c| c.letter).collect();
    assert_eq!(letters, "abcdefg");
    let (since, takes_effect, last_day) = (march(5), march(20), march(19));
    assert_eq!(judged.owed, Owed::Yes { since, takes_effect, last_day, new_supplier: Some(GAINING) });
}

#[test]
fn each_condition_ends_it_where_it_does_not_hold() {
    check(&[(march(6), Mode(Credit))], "d", Holds::No);
    check(&[(march(6), Mode(Credit)), (march(7), Mode(Prepayment))], "d", Holds::No);
    check(&[(march(6), TopUp(TopUpResult::Success))], "e", Holds::No);
    check(&[(march(6), SupplierChangeWithdrawn)], "g", Holds::No);
    check(&[(march(6), effective()), (march(7), planned(march(20)))], "f", Holds::No);
    // In Credit Mode when migrated: never in Prepayment Mode since.
    check(&[(date(2021, 2, 20), Mode(Credit))], "cd", Holds::No);
    let judged_on = |meter: &EnrolledMeter, failing: &str| {
        let judged = judged(meter, &usual(), march(10));
        let found: String = judged.conditions.iter().filter(|c| c.holds == Holds::No).map(|c| c.letter).collect();
        assert_eq!((found.as_str(), judged.owed), (failing, Owed::No));
    };
    judged_on(&EnrolledMeter { commissioned: march(11), ..meter() }, "a");
    let set = SetId { group: GroupId::CA, ..meter().set };
    judged_on(&EnrolledMeter { set, ..meter() }, "b");
}

#[test]
fn a_top_up_that_failed_ends_nothing() {
    let list =
        [usual(), vec![(march(6), TopUp(TopUpResult::Failure)), (march(7), TopUp(TopUpResult::Failure))]].concat();
    let judged = judged(&meter(), &list, march(10));
    assert!(matches!(judged.owed, Owed::Yes { .. }));
    assert!(judged.conditions[4].evidence.ends_with("; 2 failed"), "{}", judged.conditions[4].evidence);
}

#[test]
fn what_is_not_recorded_is_not_known_and_never_clean() {
    let without_mode = [(march(5), planned(march(20)))];
    let judged = judged(&meter(), &without_mode, march(10));
    assert_eq!(judged.owed, Owed::Unknown { takes_effect: march(20) });
    check(&[(march(6), Mode(Credit)), (march(6), Mode(Prepayment))], "d", Holds::Unknown);
    // Without a pending change nothing is owed, whatever else is not known.
    assert_eq!(self::judged(&meter(), &[], march(10)).owed, Owed::No);
}

/// How the duty stands on a day, in a word.
fn standing(meter: &EnrolledMeter, list: &[(Date, MeterEventKind)], day: Date) -> String {
    match judged(meter, list, day).owed {
        Owed::NotYetInForce => "not yet".to_owned(),
        Owed::No => "no".to_owned(),
        Owed::Unknown { .. } => "unknown".to_owned(),
        Owed::Yes { since, .. } => format!("since {}", since.day()),
        Owed::Broken { on, since } => format!("broken on {}, since {}", on.day(), since.day()),
    }
}

#[test]
fn it_is_listed_from_the_day_on_which_all_hold_to_the_eve_of_the_change() {
    let on = |day| standing(&meter(), &usual(), march(day));
    assert_eq!([on(1), on(4), on(5), on(19)], ["no", "no", "since 5", "since 5"]);
    assert_eq!([on(20), on(31)], ["broken on 20, since 5", "broken on 20, since 5"]);
    // A change that was known before the installation was commissioned.
    let early = [(date(2021, 2, 1), Mode(Prepayment)), (date(2021, 2, 25), planned(march(20)))];
    assert_eq!(standing(&meter(), &early, march(2)), "since 2");
}

#[test]
fn the_edges_of_the_days_of_each_event() {
    let with = |day, kind, on| standing(&meter(), &[usual(), vec![(day, kind)]].concat(), on);
    // A mode of the day of commissioning is that at migration; one of the day after has changed since.
    assert_eq!(with(march(2), Mode(Credit), march(10)), "no");
    let later = [(march(3), Mode(Prepayment)), (march(5), planned(march(20)))];
    assert_eq!(standing(&meter(), &later, march(10)), "unknown");
    // Credit Mode on the eve is in time, on the day itself it is late.
    assert_eq!(with(march(19), Mode(Credit), march(20)), "no");
    assert_eq!(with(march(20), Mode(Credit), march(20)), "broken on 20, since 5");
    // A Top Up of the day of commissioning counts, one before does not.
    assert_eq!(with(march(2), TopUp(TopUpResult::Success), march(10)), "no");
    assert_eq!(with(march(1), TopUp(TopUpResult::Success), march(10)), "since 5");
    assert_eq!(with(march(19), TopUp(TopUpResult::Success), march(20)), "no");
    // A change at the beginning of the day of commissioning came before it.
    assert_eq!(with(march(2), effective(), march(10)), "since 5");
    assert_eq!(with(march(3), effective(), march(10)), "no");
    // Nothing after the day is known.
    assert_eq!(with(march(11), Mode(Credit), march(10)), "since 5");
}

#[test]
fn nothing_is_owed_before_the_clause_is_in_force() {
    let day = |day| date(2020, 11, day);
    let meter = EnrolledMeter { commissioned: day(2), ..meter() };
    let list = [(day(1), Mode(Prepayment)), (day(3), planned(date(2020, 12, 10)))];
    assert_eq!(standing(&meter, &list, day(28)), "not yet");
    assert_eq!(standing(&meter, &list, day(29)), "since 3");
}

#[test]
fn the_record_that_a_change_took_effect_counts_in_the_place_of_its_plan() {
    let with = |day, on| standing(&meter(), &[usual(), vec![(day, effective())]].concat(), on);
    assert_eq!(with(march(20), march(25)), "broken on 20, since 5");
    assert_eq!(with(march(12), march(25)), "broken on 12, since 5");
    assert_eq!(with(march(23), march(25)), "broken on 23, since 5");
    // Until it was known to be late it had taken effect as planned.
    assert_eq!(with(march(23), march(21)), "broken on 20, since 5");
    let credited = [usual(), vec![(march(21), Mode(Credit)), (march(23), effective())]].concat();
    assert_eq!(standing(&meter(), &credited, march(25)), "no");
    // One that nobody had planned was never pending.
    let unplanned = [(date(2021, 2, 1), Mode(Prepayment)), (march(9), effective())];
    assert_eq!(standing(&meter(), &unplanned, march(10)), "no");
}

#[test]
fn a_plan_that_is_made_again_is_listed_again() {
    let again = [usual(), vec![(march(8), SupplierChangeWithdrawn), (march(12), planned(march(25)))]].concat();
    let on = |day| standing(&meter(), &again, march(day));
    assert_eq!([on(7), on(8), on(11), on(12), on(25)], ["since 5", "no", "no", "since 12", "broken on 25, since 12"]);
}

/// With these events beside the usual ones, these rows do not fit.
#[track_caller]
fn check_misfits(more: &[(Date, MeterEventKind)], expected: &[(u64, &str)]) {
    let events = events(&[usual().as_slice(), more].concat());
    let misfits = Story::until(&events, march(31)).misfits();
    let told: Vec<_> = misfits.iter().map(|m| (m.row, m.text.as_str())).collect();
    assert_eq!(told, expected);
}

#[test]
fn events_that_do_not_fit_are_told_with_their_rows() {
    check_misfits(&[], &[]);
    check_misfits(&[(march(20), effective())], &[]);
    check_misfits(
        &[(march(6), Mode(Credit)), (march(6), Mode(Prepayment))],
        &[(5, "contradicts row 4, which has another Payment Mode on 2021-03-06; neither was taken")],
    );
    check_misfits(
        &[(march(4), SupplierChangeWithdrawn)],
        &[(4, "withdraws a change of supplier, and none was pending")],
    );
    check_misfits(&[(march(4), effective())], &[(4, "took effect, and no such change was pending")]);
    check_misfits(
        &[(march(7), planned(march(25)))],
        &[(4, "takes the place of row 3, which planned 2021-03-20 and was not withdrawn")],
    );
    check_misfits(
        &[(march(23), effective())],
        &[(4, "took effect on 2021-03-23, and row 3 planned 2021-03-20; 2021-03-23 was taken")],
    );
    check_misfits(
        &[(march(21), SupplierChangeWithdrawn)],
        &[(4, "withdraws row 3 on or after 2021-03-20, when it was to take effect; taken as withdrawn")],
    );
}

#[test]
fn rows_in_any_order_say_the_same() {
    let list = [usual(), vec![(march(6), TopUp(TopUpResult::Failure)), (march(20), effective())]].concat();
    let expected = standing(&meter(), &list, march(25));
    let backwards: Vec<_> = list.into_iter().rev().collect();
    assert_eq!(standing(&meter(), &backwards, march(25)), expected);
}

/// Whether the prepayment key is still to be verified on the 10th.
fn unverified(meter: &EnrolledMeter, list: &[(Date, MeterEventKind)]) -> Holds {
    prepayment_key(meter, &Story::until(&events(list), march(10))).unverified
}

#[test]
fn a_prepayment_key_is_verified_by_a_successful_top_up_alone() {
    let prepayment = (date(2021, 2, 1), Mode(Prepayment));
    assert_eq!(unverified(&meter(), &[prepayment]), Holds::Yes);
    assert_eq!(unverified(&meter(), &[prepayment, (march(5), TopUp(TopUpResult::Failure))]), Holds::Yes);
    assert_eq!(unverified(&meter(), &[prepayment, (march(5), effective())]), Holds::Yes);
    assert_eq!(unverified(&meter(), &[prepayment, (march(5), TopUp(TopUpResult::Success))]), Holds::No);
    assert_eq!(unverified(&meter(), &[prepayment, (march(5), Mode(Credit))]), Holds::No);
    // It is asked of the mode of today, not of that at migration.
    assert_eq!(unverified(&meter(), &[(date(2021, 2, 1), Mode(Credit)), (march(5), Mode(Prepayment))]), Holds::Yes);
    assert_eq!(unverified(&EnrolledMeter { state: Some(MeterState::Dormant), ..meter() }, &[prepayment]), Holds::No);
    assert_eq!(unverified(&EnrolledMeter { state: None, ..meter() }, &[prepayment]), Holds::Unknown);
    let set = SetId { group: GroupId::CA, ..meter().set };
    assert_eq!(unverified(&EnrolledMeter { set, ..meter() }, &[prepayment]), Holds::No);
    assert_eq!(unverified(&meter(), &[]), Holds::Unknown);
}
