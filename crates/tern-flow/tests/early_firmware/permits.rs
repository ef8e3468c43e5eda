//! What 4.26 says of entries, by day, route and work (PL6).

use jiff::civil::{Date, date};
use tern_flow::early_firmware::{Asked, Entry, EntryEvent, Ground, Halt, NotPermitted, Permit, Work};
use tern_model::InstallationState;
use tern_model::estate::ApprovalRoute;

const WORDING: Date = date(2020, 9, 4);

fn september(day: i8) -> Date {
    date(2020, 9, day)
}

fn entry(route: ApprovalRoute, comprises: InstallationState, events: &[(EntryEvent, i8)]) -> Entry {
    let mut entry = Entry::planned(route, comprises);
    for (event, day) in events {
        let _ = entry.on(*event, september(*day)).expect("known");
    }
    entry
}

fn asked(day: i8, tested: Option<&Entry>) -> Asked<'_> {
    Asked { work: Work::Firmware, on: september(day), planned_since: Some(WORDING), tested }
}

fn yes(day: i8, ground: Ground) -> Permit {
    Permit::Yes { since: september(day), ground }
}

const CONFIRMED: [(EntryEvent, i8); 2] = [(EntryEvent::TestsDone, 7), (EntryEvent::TagConfirmed, 9)];

#[test]
fn criterion_a_is_tests_and_the_tag_s_confirmation() {
    for (events, expected) in [
        (&CONFIRMED[..0], Permit::No(NotPermitted::TestsNotDone)),
        (&CONFIRMED[..1], Permit::No(NotPermitted::NotConfirmed)),
        (&CONFIRMED[..], yes(9, Ground::TagConfirmed)),
    ] {
        let entry = entry(ApprovalRoute::MtSit, InstallationState::Dormant, events);
        assert_eq!(entry.permit(&asked(10, None)), expected);
    }
}

#[test]
fn criterion_b_is_the_report() {
    let silent = entry(ApprovalRoute::Dmct, InstallationState::Mixed, &[]);
    assert_eq!(silent.permit(&asked(10, None)), Permit::No(NotPermitted::NoReport));
    let proposed = entry(ApprovalRoute::Dmct, InstallationState::Mixed, &[(EntryEvent::ReportPublished, 8)]);
    assert_eq!(proposed.permit(&asked(10, None)), yes(8, Ground::ReportPublished));
}

#[test]
fn an_equivalent_entry_stands_on_the_tested_one_that_it_names() {
    let equivalent = entry(ApprovalRoute::Equivalent, InstallationState::Dormant, &[(EntryEvent::ReportPublished, 8)]);
    assert_eq!(equivalent.permit(&asked(20, None)), Permit::No(NotPermitted::NoTestedEntry));
    let not_proven = Permit::No(NotPermitted::TestedEntryNotProven);
    let resolved = (EntryEvent::DisputeResolved, 14);
    for (events, expected) in [
        (&CONFIRMED[..1], not_proven),
        (&CONFIRMED, yes(9, Ground::Equivalent)),
        (&[CONFIRMED[0], CONFIRMED[1], (EntryEvent::DisputeRaised, 10)], not_proven),
        (&[CONFIRMED[0], CONFIRMED[1], (EntryEvent::DisputeRaised, 10), resolved], yes(14, Ground::Equivalent)),
        (&[CONFIRMED[0], CONFIRMED[1], (EntryEvent::Defect, 10)], not_proven),
        (&[(EntryEvent::Approved, 2)], yes(8, Ground::Equivalent)),
        (&[(EntryEvent::NotApproved, 2)], not_proven),
    ] {
        let tested = entry(ApprovalRoute::MtSit, InstallationState::Dormant, events);
        assert_eq!(equivalent.permit(&asked(20, Some(&tested))), expected, "{events:?}");
    }
    assert_eq!(equivalent.permit(&asked(20, Some(&equivalent))), not_proven, "equivalent to one that was not tested");
}

#[test]
fn the_wider_consent_is_for_firmware_for_dormant_meters_and_from_its_day_on() {
    let confirmed = entry(ApprovalRoute::MtSit, InstallationState::Dormant, &CONFIRMED);
    let configuration = Asked { work: Work::Configuration, ..asked(10, None) };
    assert_eq!(confirmed.permit(&configuration), Permit::No(NotPermitted::FirmwareAlone));
    let active = entry(ApprovalRoute::MtSit, InstallationState::Active, &CONFIRMED);
    assert_eq!(active.permit(&asked(10, None)), Permit::No(NotPermitted::NoDormantMeters));
    let not_yet = Permit::No(NotPermitted::WordingNotInForce);
    assert_eq!(confirmed.permit(&Asked { planned_since: None, ..asked(10, None) }), not_yet);
    let later = |on| Asked { planned_since: Some(september(20)), ..asked(on, None) };
    assert_eq!(confirmed.permit(&later(19)), not_yet);
    assert_eq!(confirmed.permit(&later(20)), yes(20, Ground::TagConfirmed), "since the wording's first day");
}

#[test]
fn an_approved_entry_permits_all_of_it_whatever_the_wording() {
    for comprises in [InstallationState::Active, InstallationState::Dormant, InstallationState::Mixed] {
        let approved = entry(ApprovalRoute::MtSit, comprises, &[(EntryEvent::Approved, 3)]);
        for work in [Work::Firmware, Work::Configuration] {
            let asked = Asked { work, on: september(3), planned_since: None, tested: None };
            assert_eq!(approved.permit(&asked), yes(3, Ground::Approved));
        }
    }
}

#[test]
fn disputes_halts_and_decisions_hold_an_entry_back() {
    let with =
        |event| entry(ApprovalRoute::MtSit, InstallationState::Dormant, &[CONFIRMED[0], CONFIRMED[1], (event, 11)]);
    for (event, why) in [
        (EntryEvent::DisputeRaised, NotPermitted::Disputed),
        (EntryEvent::Defect, NotPermitted::Halted(Halt::Defect)),
        (EntryEvent::Overdue, NotPermitted::Halted(Halt::Overdue)),
        (EntryEvent::Paused, NotPermitted::Halted(Halt::Paused)),
        (EntryEvent::NotApproved, NotPermitted::NotApproved),
    ] {
        assert_eq!(with(event).permit(&asked(12, None)), Permit::No(why));
    }
    let mut resumed = with(EntryEvent::Defect);
    let _ = resumed.on(EntryEvent::Resumed, september(15)).expect("known");
    assert_eq!(resumed.permit(&asked(16, None)), yes(15, Ground::TagConfirmed), "since it goes on again");
}
