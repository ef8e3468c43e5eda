//! Who may speak of an installation: its suppliers, by the changes that are known by then.

use jiff::civil::{Date, date};
use tern_model::PartyId;
use tern_model::estate::{EventKind, EventRecord};
use tern_plan::estate::FindingKind::{self, Contradiction, ForeignSupplier};
use tern_plan::estate::{Estate, Findings};
use tern_wire::facts_csv::write;

use crate::support::{chf, device, event, point, rows, supplier};

fn day(day: i8) -> Date {
    date(2020, 3, day)
}

fn change(on: Date, gas: bool, to: u64, effective: Date) -> EventRecord {
    EventRecord {
        mpxn: Some(point(0, gas)),
        supplier: Some(supplier(to)),
        effective: Some(effective),
        ..event(on, EventKind::ChangeOfSupplier)
    }
}

fn said(on: Date, kind: EventKind, by: u64) -> EventRecord {
    EventRecord { chf: Some(chf(0)), supplier: Some(supplier(by)), ..event(on, kind) }
}

/// Fails unless these rows are taken of the events, and these findings told.
#[track_caller]
fn check(events: &[EventRecord], taken: &[u32], told: &[(FindingKind, u64, &str)]) {
    let (mut estate, mut findings): (Estate, Findings) = rows(1).estate();
    let (events, _) = estate.read_events(write(events).as_bytes(), &mut findings).expect("memory can be read");
    assert_eq!(events.iter().map(|event| event.row).collect::<Vec<_>>(), taken, "{:#?}", findings.list());
    assert_eq!(findings.list().len(), told.len(), "{:#?}", findings.list());
    for (finding, (kind, row, reason)) in findings.list().iter().zip(told) {
        assert_eq!((finding.kind, finding.fault.row), (*kind, *row), "{finding:?}");
        assert_eq!(finding.fault.field, "supplier_id");
        assert!(finding.fault.reason.contains(reason) && !finding.fault.suggestion.is_empty(), "{finding:?}");
    }
}

#[test]
fn two_changes_of_one_day_to_different_suppliers_contradict_one_another_and_neither_counts() {
    let (on, from) = (day(2), day(30));
    let rows = [change(on, false, 2, from), change(on, true, 2, from), change(on, false, 3, from)];
    check(&rows, &[3], &[(Contradiction, 4, "row 2 of the same day has another supplier")]);
    // The supplier has the meter still, and one that is known later is no contradiction.
    let later = [change(on, false, 2, from), change(on, false, 3, from), change(day(9), false, 4, from)];
    check(&later, &[4], &[(Contradiction, 3, "gain the meter on 2020-03-30")]);
}

#[test]
fn a_change_to_the_supplier_that_has_the_meter_is_none() {
    let has = "is Responsible Supplier of the meter by then";
    check(&[change(day(2), false, 1, day(30))], &[], &[(Contradiction, 2, has)]);
    // By the days on which they hold, whatever was known first.
    let there_and_back = [change(day(2), false, 1, day(30)), change(day(3), false, 2, day(20))];
    check(&there_and_back, &[2, 3], &[]);
    let twice = [change(day(2), false, 2, day(20)), change(day(3), false, 2, day(30))];
    check(&twice, &[2], &[(Contradiction, 3, has)]);
    // A change that was known and does not come: said on a later day, or by a later row.
    check(&[change(day(2), false, 2, day(20)), change(day(2), false, 1, day(20))], &[2, 3], &[]);
    check(&[change(day(2), false, 1, day(20)), change(day(2), false, 2, day(20))], &[3], &[(Contradiction, 2, has)]);
    check(&[change(day(2), false, 2, day(20)), change(day(3), false, 1, day(20))], &[2, 3], &[]);
}

#[test]
fn a_supplier_speaks_of_its_own_installations_alone() {
    let none = "is Responsible Supplier of no meter of the installation";
    for kind in [EventKind::Authorised, EventKind::CertificatesSupplied] {
        check(&[said(day(2), kind, 1)], &[2], &[]);
        check(&[said(day(2), kind, 5)], &[], &[(ForeignSupplier, 2, none)]);
        let gained = [change(day(4), true, 5, day(30)), said(day(3), kind, 5), said(day(4), kind, 5)];
        check(&gained, &[2, 4], &[(ForeignSupplier, 3, none)]);
    }
}

#[test]
fn a_supplier_that_terminated_a_service_had_one() {
    let terminated = |on, by: PartyId| EventRecord {
        supplier: Some(by),
        document: Some("statement".into()),
        value: Some("supplier-terminated".into()),
        ..said(on, EventKind::Excluded, 1)
    };
    check(&[terminated(day(2), supplier(1))], &[2], &[]);
    check(&[terminated(day(2), supplier(5))], &[], &[(ForeignSupplier, 2, "and gains none as far as is known")]);
}

#[test]
fn firmware_that_nothing_else_names_is_noted_and_taken() {
    let done = |version: &str| EventRecord {
        device: Some(device(0, 1)),
        firmware: Some(version.into()),
        ..event(day(9), EventKind::FirmwareDone)
    };
    let path = EventRecord {
        manufacturer: Some("Maker".into()),
        model: Some("ESME".into()),
        firmware: Some("1.0".into()),
        value: Some("1.1".into()),
        ..event(day(10), EventKind::Path)
    };
    let (mut estate, mut findings) = rows(1).estate();
    let events = write(&[done("1.1"), path, done("1.O")]);
    let (taken, _) = estate.read_events(events.as_bytes(), &mut findings).expect("memory can be read");
    assert_eq!((taken.len(), findings.list()), (3, &[][..]));
    let notes: Vec<_> = findings.notes().iter().map(|note| (note.row, note.reason.contains("firmware 1.O"))).collect();
    assert_eq!(notes, [(4, true), (4, false)], "the second notes that the row stands low");
}
