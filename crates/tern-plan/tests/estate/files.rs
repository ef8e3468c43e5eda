//! An estate from its files: good rows are kept, and an installation of which a row is bad is set aside whole.

use jiff::civil::{Date, date};
use tern_model::estate::{EntryRecord, EventKind, EventRecord, HopRecord};
use tern_plan::estate::{EntryStep, Estate, EstateBuilder, EstateFile, Event, FindingKind, Findings, What};
use tern_wire::facts_csv::{Record, write};

use crate::support::{Rows, chf, device, event, rows};

fn read(rows: &Rows, alter: impl Fn(EstateFile, String) -> String) -> EstateBuilder {
    let mut builder = Estate::builder();
    for file in EstateFile::ALL {
        let text = match file {
            EstateFile::Installations => write(&rows.installations),
            EstateFile::Devices => write(&rows.devices),
            EstateFile::Meters => write(&rows.meters),
            EstateFile::Entries => write::<EntryRecord>(&[crate::support::entry("E1"), crate::support::entry("E2")]),
            EstateFile::UpgradePaths => write::<HopRecord>(&[]),
        };
        assert!(builder.read(file, alter(file, text).as_bytes()).expect("memory can be read"));
    }
    builder
}

fn kinds(findings: &Findings) -> Vec<FindingKind> {
    findings.list().iter().map(|finding| finding.kind).collect()
}

#[test]
fn a_row_that_cannot_be_used_sets_its_installation_aside_and_no_other() {
    let rows = rows(4);
    let gas_meter = device(1, 2).to_string();
    let (estate, findings) = read(&rows, |file, text| match file {
        // The gas meter of one installation; without this it would pass for one without gas.
        EstateFile::Devices => {
            text.replace(&format!("{gas_meter},{},GSME", chf(1)), &format!("{gas_meter},{},GAS", chf(1)))
        }
        EstateFile::Meters => text.replacen("dormant", "asleep", 1),
        _ => text,
    })
    .finish();
    assert_eq!(estate.set_aside(), [chf(0), chf(1)]);
    assert_eq!(estate.installations().iter().map(|of| of.chf).collect::<Vec<_>>(), [chf(2), chf(3)]);
    let bad: Vec<(&str, u64, &str)> = findings
        .list()
        .iter()
        .filter(|finding| finding.kind == FindingKind::BadRow)
        .map(|finding| (finding.fault.file.as_str(), finding.fault.row, finding.fault.field.as_str()))
        .collect();
    assert_eq!(bad, [("devices.csv", 7, "device_kind"), ("meters.csv", 2, "service")]);
    let aside: Vec<_> = findings.list().iter().filter_map(|finding| finding.set_aside).collect();
    assert_eq!(aside, [chf(1), chf(0)], "{:#?}", findings.list());
}

/// Events about an installation: by its hub, a device, a metering point.
fn about(number: u64) -> Vec<EventRecord> {
    let on = date(2020, 3, 2);
    let change = EventRecord {
        mpxn: Some(crate::support::point(number, true)),
        supplier: Some(crate::support::supplier(2)),
        effective: Some(date(2020, 4, 1)),
        ..event(on, EventKind::ChangeOfSupplier)
    };
    vec![
        EventRecord { chf: Some(chf(number)), ..event(on, EventKind::SmsoConfigured) },
        EventRecord { device: Some(device(number, 2)), ..event(on, EventKind::MeterActive) },
        change,
    ]
}

#[test]
fn what_follows_from_a_bad_row_is_counted_and_the_row_alone_is_told() {
    let installed = |text: String| text.replacen("2016-05-02", "2016-13-02", 1);
    let (mut estate, mut findings) = read(&rows(2), |file, text| match file {
        EstateFile::Installations => installed(text),
        _ => text,
    })
    .finish();
    let events = [about(0), about(1)].concat();
    let (events, _) = estate.read_events(write(&events).as_bytes(), &mut findings).expect("memory can be read");
    assert_eq!(events.iter().map(|event| event.row).collect::<Vec<_>>(), [5, 6, 7]);
    let told: Vec<_> = findings.list().iter().map(|of| (of.kind, of.fault.row, of.set_aside)).collect();
    assert_eq!(told, [(FindingKind::BadRow, 2, Some(chf(0)))]);
    let not_used: Vec<_> = findings.rows_not_used().iter().map(|(file, rows)| (*file, *rows)).collect();
    assert_eq!(not_used, [("devices.csv", 3), ("events.csv", 3), ("meters.csv", 2)]);
    assert_eq!((estate.set_aside(), estate.is_set_aside(chf(0))), (&[chf(0)][..], true));
}

#[test]
fn devices_without_their_installation_are_told_once_with_the_row_that_may_be_its_own() {
    let hub = chf(0).to_string();
    let (mut estate, mut findings) = read(&rows(2), |file, text| match file {
        EstateFile::Installations => text.replacen(&hub, "00-DB", 1),
        _ => text,
    })
    .finish();
    estate.read_events(write(&about(0)).as_bytes(), &mut findings).expect("memory can be read");
    assert_eq!(kinds(&findings), [FindingKind::BadRow, FindingKind::Unknown]);
    let told = findings.list()[1].fault.to_string();
    for said in [&hub, "which 3 rows here name", "row 2 of installations.csv, whose hub cannot be read"] {
        assert!(told.contains(said), "{said} in {told}");
    }
    assert_eq!(findings.rows_not_used().values().sum::<u64>(), 3 + 2 + 3);
}

#[test]
fn a_file_with_another_header_does_not_count() {
    let mut builder = Estate::builder();
    let given = builder.read(EstateFile::Devices, &b"device_id,chf\n"[..]).expect("memory can be read");
    assert!(!given);
    assert!(kinds(&builder.finish().1).iter().all(|kind| *kind == FindingKind::BadRow));
}

/// The events that are taken of these, by row, and the findings.
fn sequence(events: &[EventRecord]) -> (Vec<Event>, Vec<(FindingKind, u64)>) {
    let (mut estate, mut findings) = read(&rows(2), |_, text| text).finish();
    let (taken, given) = estate.read_events(write(events).as_bytes(), &mut findings).expect("memory can be read");
    assert!(given);
    (taken, findings.list().iter().map(|finding| (finding.kind, finding.fault.row)).collect())
}

fn about_entry(on: Date, kind: EventKind) -> EventRecord {
    EventRecord { entry: Some("E1".into()), ..event(on, kind) }
}

#[test]
fn events_that_cannot_follow_those_before_them_are_told_and_left_out() {
    let day = |day| date(2020, 3, day);
    let service = |on, kind| EventRecord { device: Some(device(0, 1)), ..event(on, kind) };
    let (taken, findings) = sequence(&[
        about_entry(day(2), EventKind::TagConfirmed),
        about_entry(day(2), EventKind::TestsDone),
        about_entry(day(3), EventKind::TagConfirmed),
        about_entry(day(4), EventKind::DisputeResolved),
        service(day(5), EventKind::MeterDormant),
        service(day(6), EventKind::MeterActive),
        service(day(6), EventKind::MeterActive),
        service(day(9), EventKind::MeterActive),
        service(date(2018, 6, 1), EventKind::MeterActive),
    ]);
    let (out, again) = (FindingKind::OutOfOrder, FindingKind::Repeated);
    assert_eq!(findings, [(out, 10), (out, 2), (out, 5), (out, 6), (again, 8), (out, 9)]);
    assert_eq!(taken.iter().map(|event| event.row).collect::<Vec<_>>(), [3, 4, 7]);
}

#[test]
fn events_that_are_added_below_later_ones_count_from_their_days_and_are_noted_once() {
    let (mut estate, mut findings) = read(&rows(2), |_, text| text).finish();
    let events = [
        about_entry(date(2020, 3, 9), EventKind::TagConfirmed),
        about_entry(date(2020, 3, 2), EventKind::TestsDone),
        EventRecord { chf: Some(chf(1)), ..event(date(2020, 3, 5), EventKind::SmsoConfigured) },
    ];
    let (taken, _) = estate.read_events(write(&events).as_bytes(), &mut findings).expect("memory can be read");
    assert_eq!(findings.list(), []);
    let [note] = findings.notes() else { panic!("one note: {:?}", findings.notes()) };
    assert_eq!((note.row, note.field.as_str()), (3, "on"));
    assert!(note.reason.contains("2020-03-02 is before 2020-03-09") && note.reason.contains("1 row more"), "{note}");
    let steps: Vec<_> = taken
        .iter()
        .filter_map(|event| match event.what {
            What::Entry { step, .. } => Some(step),
            _ => None,
        })
        .collect();
    assert_eq!(steps, [EntryStep::TestsDone, EntryStep::TagConfirmed]);
}

#[test]
fn a_bad_event_is_told_and_the_others_are_taken() {
    let (mut estate, mut findings) = read(&rows(1), |_, text| text).finish();
    let text = write(&[about_entry(date(2020, 3, 2), EventKind::TestsDone)])
        + "2020-03-03,tag-approved,,,,E1,,,,,,,,\n2020-03-03,tag-confirmed,,,,E7,,,,,,,,\n2020-03-04,dispute-raised,,,,E1,,,,,,,,\n";
    let (taken, _) = estate.read_events(text.as_bytes(), &mut findings).expect("memory can be read");
    assert_eq!(taken.iter().map(|event| event.row).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(kinds(&findings), [FindingKind::Unknown, FindingKind::BadRow]);
    assert_eq!(EventRecord::FILE.name, tern_plan::estate::EVENTS_FILE);
}

#[test]
fn what_cannot_become_of_an_entry_is_told_with_where_it_stands() {
    let day = |day| date(2020, 3, day);
    let (taken, findings) = sequence(&[
        about_entry(day(2), EventKind::EpclPlanned),
        about_entry(day(3), EventKind::DmctReport),
        about_entry(day(4), EventKind::TestsDone),
        about_entry(day(5), EventKind::Defect),
        about_entry(day(6), EventKind::EpclPlanned),
        about_entry(day(7), EventKind::EpclNotApproved),
        about_entry(day(8), EventKind::EpclApproved),
        about_entry(day(9), EventKind::EpclPlanned),
    ]);
    let out = FindingKind::OutOfOrder;
    // An entry that Migration Testing and SIT prove has no DMCT EPCL Report, and what was not approved stays so.
    assert_eq!(findings, [(out, 3), (out, 8), (out, 9)]);
    assert_eq!(taken.iter().map(|event| event.row).collect::<Vec<_>>(), [2, 4, 5, 6, 7]);
}
