//! What is written is read back equal, with the row that it stands in.

use jiff::civil::Date;
use tern_model::estate::EventKind;
use tern_model::facts::{
    Authorisation, EpclEntry, EpclState, Exclusion, ExclusionCategory, Facts, InventoryRecord, MeterEvent,
    MeterEventKind, MeterName, Notice, NoticeKind, NoticeState, PaymentMode, Registration, RollbackCertificate,
    SimRecord, SmsoConfiguration, SourceRow, TopUpResult,
};
use tern_model::{
    CertificateId, ChfIdentifier, DeviceId, DeviceKind, DeviceModel, DeviceModelCombination, Eui64, Fuel, GroupId,
    Mpxn, PartyId, SetId,
};
use tern_wire::facts_csv::{ESTATE, FILES, METER_EVENTS, Record, Rows, files, read, restore, write};

/// How many records of each kind.
const COUNT: u64 = 50;

/// Text that a careless CSV writer gets wrong.
fn text(n: u64) -> String {
    ["plain", "with, comma", "with \"quotes\"", "Müller & Söhne", "a;b\u{a0}c"][(n % 5) as usize].to_owned()
        + &n.to_string()
}

fn chf(n: u64) -> ChfIdentifier {
    ChfIdentifier(Eui64(0x00DB_1234_0000_0000 + n * 16))
}

fn party(n: u64) -> PartyId {
    PartyId(Eui64(0x90B3_D51F_0000_0000 + n))
}

fn day(n: u64) -> Date {
    "2021-01-01".parse::<Date>().unwrap().saturating_add(jiff::Span::new().days(n as i64))
}

fn model(n: u64) -> DeviceModel {
    DeviceModel { manufacturer: text(n), model: format!("M{n}"), firmware: "1.0".into() }
}

fn row(n: u64) -> SourceRow {
    SourceRow(n + 2)
}

/// Writes records, reads them into `facts`, and expects no complaint.
fn pass<R: Record>(records: Vec<R>, facts: &mut Facts) -> Vec<R> {
    let file = write(&records);
    assert_eq!(read(R::FILE.name, file.as_bytes(), facts), [], "{file}");
    assert!(facts.given(R::FILE.name));
    records
}

/// The `n`th of some words.
fn nth<T: Copy>(words: &[T], n: u64) -> T {
    words[n as usize % words.len()]
}

#[test]
fn registers_come_back_equal() {
    let facts = &mut Facts::default();
    let registration = |n| Registration {
        row: row(n),
        fuel: nth(&[Fuel::Electricity, Fuel::Gas], n),
        mpxn: Mpxn::mpan_from_body(n),
        supplier: party(n),
        network_operator: party(n + 1),
        effective_from: day(n),
    };
    for record in pass((0..COUNT).map(registration).collect(), facts) {
        assert_eq!(facts.registrations(record.fuel, &record.mpxn), std::slice::from_ref(&record));
    }
    let states = [EpclState::Planned, EpclState::Paused, EpclState::Approved, EpclState::NotApproved];
    let combination = |n| DeviceModelCombination {
        chf: model(n),
        esme: model(n + 1),
        gsme: n.is_multiple_of(2).then(|| model(n + 2)),
        communications_provider: text(n),
    };
    let entry = |n| EpclEntry { row: row(n), combination: combination(n), state: nth(&states, n), from: day(n) };
    let entries = pass((0..COUNT).map(entry).collect(), facts);
    assert_eq!(facts.epcl(), entries);
    let kinds =
        [DeviceKind::Chf, DeviceKind::Gpf, DeviceKind::Esme, DeviceKind::Gsme, DeviceKind::Ppmid, DeviceKind::Ihd];
    let record = |n| InventoryRecord {
        row: row(n),
        device: DeviceId(Eui64(chf(n).0.0 + n % 6)),
        kind: nth(&kinds, n),
        chf: chf(n),
        status: text(n),
        by_set: n.is_multiple_of(3).then(|| SetId { requesting_party: party(n), group: GroupId::EA, counter: n + 1 }),
    };
    for record in pass((0..COUNT).map(record).collect(), facts) {
        assert_eq!(facts.inventory(record.device), Some(&record));
    }
    let sim = |n| SimRecord { row: row(n), chf: chf(n), imsi: format!("23415{n:010}"), apn: text(n) };
    for record in pass((0..COUNT).map(sim).collect(), facts) {
        assert_eq!(facts.sim(record.chf), Some(&record));
    }
}

#[test]
fn dated_records_come_back_equal() {
    let facts = &mut Facts::default();
    let authorisation = |n| Authorisation {
        row: row(n),
        reference: text(n),
        chf: chf(n),
        supplier: party(n),
        from: day(n),
        until: day(n + n % 2),
    };
    for record in pass((0..COUNT).map(authorisation).collect(), facts) {
        assert_eq!(facts.authorisations(record.chf), std::slice::from_ref(&record));
    }
    let notice = |n| Notice {
        row: row(n),
        chf: chf(n),
        supplier: party(n),
        kind: nth(&[NoticeKind::Configuration, NoticeKind::Migration], n),
        issued: day(n),
        earliest: day(n + n % 7),
        state: nth(&[NoticeState::Completed, NoticeState::Running, NoticeState::Undelivered], n),
    };
    for record in pass((0..COUNT).map(notice).collect(), facts) {
        assert_eq!(facts.notices(record.chf), std::slice::from_ref(&record));
    }
    let categories = [
        ExclusionCategory::MissingMasterKeys,
        ExclusionCategory::NoWanBeforeMigration,
        ExclusionCategory::NoWanAtMigration,
        ExclusionCategory::AttemptsExhausted,
        ExclusionCategory::GasHanError,
        ExclusionCategory::UneconomicToTest,
        ExclusionCategory::SupplierTerminated,
    ];
    let exclusion =
        |n| Exclusion { row: row(n), chf: chf(n), category: nth(&categories, n), from: day(n), evidence: text(n) };
    for record in pass((0..COUNT).map(exclusion).collect(), facts) {
        assert_eq!(facts.exclusions(record.chf), std::slice::from_ref(&record));
    }
    let tried = |n: u64| n.is_multiple_of(2).then(|| day(n));
    let configuration =
        |n| SmsoConfiguration { row: row(n), chf: chf(n), smso: party(n), configured: day(n), tried: tried(n) };
    for record in pass((0..COUNT).map(configuration).collect(), facts) {
        assert_eq!(facts.smso_configuration(record.chf), Some(&record));
    }
    let rollback = |n| RollbackCertificate {
        row: row(n),
        chf: chf(n),
        device: DeviceId(chf(n).0),
        certificate: CertificateId::Named { serial: u128::MAX - u128::from(n), issuer: "CN=Z1,OU=07".into() },
        from: day(n),
        until: day(n),
        constraint: if n.is_multiple_of(2) { String::new() } else { text(n) },
    };
    for record in pass((0..COUNT).map(rollback).collect(), facts) {
        assert_eq!(facts.rollback_certificates(record.chf), std::slice::from_ref(&record));
    }
}

#[test]
fn every_file_is_read_by_its_name_and_has_a_page() {
    let [(path, page), (_, events), (_, estate)] = files().try_into().expect("three pages");
    assert!(ESTATE.iter().all(|file| estate.contains(&format!("## {}\n", file.name))));
    assert!(EventKind::ALL.iter().all(|kind| estate.contains(&format!("| `{}` | {} |", kind.as_str(), kind.doc()))));
    assert!(events.contains("## meter_events.csv\n"));
    assert_eq!(path, "docs/reference/facts.md");
    for file in FILES {
        let header: Vec<&str> = file.columns.iter().map(|column| column.name).collect();
        let mut facts = Facts::default();
        assert_eq!(read(file.name, header.join(",").as_bytes(), &mut facts), [], "{}", file.name);
        assert!(facts.given(file.name), "a header alone is an empty file that was given");
        assert!(page.contains(&format!("## {}\n", file.name)));
        assert!(file.columns.iter().all(|column| page.contains(&format!("| `{}` | {} |", column.name, column.doc))));
        assert!(file.key.iter().all(|name| header.contains(name)), "{}: a key names its columns", file.name);
    }
}

#[test]
fn meter_events_come_back_equal() {
    let kinds = |n: u64| {
        let new_supplier = n.is_multiple_of(2).then(|| party(n));
        let kinds = [
            MeterEventKind::PaymentMode(PaymentMode::Prepayment),
            MeterEventKind::PaymentMode(PaymentMode::Credit),
            MeterEventKind::TopUp(TopUpResult::Success),
            MeterEventKind::TopUp(TopUpResult::Failure),
            MeterEventKind::SupplierChangePlanned { takes_effect: day(n + 20), new_supplier },
            MeterEventKind::SupplierChangeWithdrawn,
            MeterEventKind::SupplierChangeEffective { new_supplier },
        ];
        nth(&kinds, n)
    };
    let names = |n: u64| {
        let device = MeterName::Device(DeviceId(chf(n).0));
        let gas = MeterName::Point(Fuel::Gas, Mpxn::mprn_from_body(n));
        [device, MeterName::Point(Fuel::Electricity, Mpxn::mpan_from_body(n)), gas][(n % 3) as usize].clone()
    };
    let reference = |n: u64| if n.is_multiple_of(5) { String::new() } else { text(n) };
    let event = |n| MeterEvent { row: row(n), meter: names(n), day: day(n), kind: kinds(n), reference: reference(n) };
    let events: Vec<MeterEvent> = (0..COUNT).map(event).collect();
    let file = write(&events);
    let mut rows = Rows::open(METER_EVENTS, file.as_bytes()).unwrap();
    for event in events {
        let kept = rows.next_row().unwrap().unwrap();
        assert_eq!(kept.subject, event.subject());
        assert_eq!(restore::<MeterEvent>(kept.number, &kept.cells), Some(event));
        assert_eq!(restore::<MeterEvent>(kept.number, &kept.cells.replace("2021", "")), None);
    }
    assert_eq!(rows.next_row().unwrap(), None);
    assert_eq!(rows.into_faults(), []);
}
