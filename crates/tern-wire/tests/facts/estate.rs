//! The files of an estate: what is written is read back equal, and a bad row is told by field, with whom it was about.

use jiff::civil::{Date, date};
use tern_model::estate::{
    ApprovalRoute, DeviceRecord, EntryRecord, EventCell, EventKind, EventRecord, HopRecord, InstallationRecord,
    MeterRecord,
};
use tern_model::facts::{PaymentMode, SourceRow};
use tern_model::{
    ChfIdentifier, DeviceId, DeviceKind, DeviceModel, DeviceModelCombination, Eui64, GroupId, InstallationState,
    MeterState, Mpxn, PartyId,
};
use tern_wire::facts_csv::{Illegible, Record, RowFault, Rows, write};

const DAY: Date = date(2020, 3, 2);
const CHF: ChfIdentifier = ChfIdentifier(Eui64(0x00DB_0000_0000_0010));
const DEVICE: DeviceId = DeviceId(Eui64(0x00DB_0000_0000_0011));
const SUPPLIER: PartyId = PartyId(Eui64(0x90B3_D51F_0000_0001));

fn model(kind: &str) -> DeviceModel {
    DeviceModel { manufacturer: "Müller, & Söhne".into(), model: kind.into(), firmware: "1.0 \"b\"".into() }
}

/// Reads a file: its good records, what is legible of its bad rows, and their faults.
fn read<R: Record>(text: &str) -> (Vec<R>, Vec<Illegible>, Vec<RowFault>) {
    let mut rows = Rows::open(R::FILE, text.as_bytes()).expect("memory can be read");
    let (mut records, mut bad) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next_record::<R>().expect("memory can be read") {
        match row {
            Ok(record) => records.push(record),
            Err(illegible) => bad.push(illegible),
        }
    }
    (records, bad, rows.into_faults())
}

#[track_caller]
fn check<R: Record + std::fmt::Debug + PartialEq>(records: &[R]) {
    let (back, bad, faults) = read::<R>(&write(records));
    assert_eq!((back.as_slice(), bad, faults), (records, vec![], vec![]));
}

fn entry(row: u64, route: ApprovalRoute) -> EntryRecord {
    EntryRecord {
        row: SourceRow(row),
        entry: format!("E{row}"),
        combination: DeviceModelCombination {
            chf: model("C"),
            esme: model("E"),
            gsme: row.is_multiple_of(2).then(|| model("G")),
            communications_provider: "Provider A".into(),
        },
        comprises: InstallationState::Mixed,
        route,
        equivalent_to: (route == ApprovalRoute::Equivalent).then(|| "E2".to_owned()),
    }
}

#[test]
fn records_come_back_equal() {
    check(&[InstallationRecord {
        row: SourceRow(2),
        chf: CHF,
        group: GroupId::EA,
        smso: "North, the first".into(),
        communications_provider: "Provider A".into(),
        installing_supplier: SUPPLIER,
        installed_on: DAY,
    }]);
    check(&[DeviceRecord { row: SourceRow(2), device: DEVICE, chf: CHF, kind: DeviceKind::Esme, model: model("E") }]);
    check(&[MeterRecord {
        row: SourceRow(2),
        device: DEVICE,
        mpxn: Mpxn::mprn_from_body(38),
        supplier: SUPPLIER,
        service: MeterState::Active,
        since: DAY,
        payment_mode: PaymentMode::Prepayment,
    }]);
    check(&[entry(2, ApprovalRoute::MtSit), entry(3, ApprovalRoute::Dmct), entry(4, ApprovalRoute::Equivalent)]);
    let installing_supplier = SUPPLIER;
    check(&[HopRecord { row: SourceRow(2), from: model("E"), to_firmware: "2.0".into(), installing_supplier }]);
}

/// An event with the given cells.
fn event(row: u64, kind: EventKind, cells: &[EventCell]) -> EventRecord {
    let mut event = EventRecord { row: SourceRow(row), ..EventRecord::new(DAY, kind) };
    let text = |cell: EventCell| match (cell, kind) {
        (EventCell::Value, EventKind::PaymentMode) => Some("credit".to_owned()),
        _ => Some(format!("some {}", cell.column())),
    };
    for cell in cells {
        match cell {
            EventCell::Chf => event.chf = Some(CHF),
            EventCell::Device => event.device = Some(DEVICE),
            EventCell::Mpxn => event.mpxn = Some(Mpxn::mpan_from_body(77)),
            EventCell::Entry => event.entry = text(*cell),
            EventCell::Supplier => event.supplier = Some(SUPPLIER),
            EventCell::Smso => event.smso = text(*cell),
            EventCell::Document => event.document = text(*cell),
            EventCell::Manufacturer => event.manufacturer = text(*cell),
            EventCell::Model => event.model = text(*cell),
            EventCell::Firmware => event.firmware = text(*cell),
            EventCell::Value => event.value = text(*cell),
            EventCell::Effective => event.effective = Some(DAY),
        }
    }
    event
}

#[test]
fn every_kind_of_event_is_read_with_its_cells_and_with_no_other() {
    for kind in EventKind::ALL {
        let own: Vec<EventCell> = kind.needs().iter().chain(kind.may_have()).copied().collect();
        check(&[event(2, kind, kind.needs()), event(3, kind, &own)]);
        for cell in EventCell::ALL {
            let wrong: Vec<EventCell> = if kind.needs().contains(&cell) {
                kind.needs().iter().copied().filter(|needed| *needed != cell).collect()
            } else if kind.may_have().contains(&cell) {
                continue;
            } else {
                kind.needs().iter().copied().chain([cell]).collect()
            };
            let (taken, bad, faults) = read::<EventRecord>(&write(&[event(2, kind, &wrong)]));
            assert_eq!((taken.len(), bad.len()), (0, 1), "{kind:?} {cell:?}");
            assert_eq!((faults[0].row, faults[0].field.as_str()), (2, cell.column()), "{faults:?}");
        }
    }
}

#[test]
fn a_bad_row_says_its_field_and_whom_it_was_about() {
    let text = "device_id,mpxn,supplier_id,service,since,payment_mode\n\
                00-DB-00-00-00-00-00-11,2000012345678,90-B3-D5-1F-00-00-00-01,dormant,2020-03-02,credit\n\
                00-DB-00-00-00-00-00-11,3938424403,90-B3-D5-1F-00-00-00-01,asleep,2020-02-30,credit\n\
                nonsense,3938424403,90-B3-D5-1F-00-00-00-01,dormant,2020-03-02,credit\n\
                00-DB-00-00-00-00-00-11,3938424403,90-B3-D5-1F-00-00-00-01,dormant,2020-03-02,credit\n";
    let (taken, bad, faults) = read::<MeterRecord>(text);
    assert_eq!(taken.iter().map(|meter| meter.row.0).collect::<Vec<_>>(), [5]);
    assert_eq!(bad.iter().map(|bad| bad.device).collect::<Vec<_>>(), [Some(DEVICE), Some(DEVICE), None]);
    let told: Vec<(u64, &str)> = faults.iter().map(|fault| (fault.row, fault.field.as_str())).collect();
    assert_eq!(told, [(2, "mpxn"), (3, "service"), (3, "since"), (4, "device_id")]);
    assert!(faults[1].suggestion.contains("active or dormant"), "{}", faults[1]);
}

#[test]
fn an_entry_is_tested_or_names_the_one_that_is() {
    let mut wrong = [entry(2, ApprovalRoute::Equivalent), entry(3, ApprovalRoute::Dmct)];
    wrong[0].equivalent_to = None;
    wrong[1].equivalent_to = Some("E2".into());
    let (taken, _, faults) = read::<EntryRecord>(&write(&wrong));
    assert_eq!(taken, []);
    let told: Vec<(u64, &str)> = faults.iter().map(|fault| (fault.row, fault.field.as_str())).collect();
    assert_eq!(told, [(2, "equivalent_to"), (3, "equivalent_to")]);
}
