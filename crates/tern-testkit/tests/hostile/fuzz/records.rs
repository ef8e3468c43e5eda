//! Fact records, an estate's records, and configuration.

use tern_model::estate::{DeviceRecord, EntryRecord, EventRecord, HopRecord, InstallationRecord, MeterRecord};
use tern_model::facts::{Facts, MeterEvent};
use tern_model::supplier_file::{AuthorisedInstallation, FirmwareNotice, MigrationNotice};
use tern_plan::estate::{EVENTS_FILE, Estate, EstateFile};
use tern_service::config::{Config, FILE_NAME, REFERENCE};
use tern_wire::facts_csv::{self, FAULTS_MAX, FILES, FactFile, KeptRow, ROW_MAX_BYTES, Record, Rows};
use tern_world::population::Population;

use super::Target;
use crate::fixtures::FIXTURES;

const CSV_WORDS: &[&str] = &[
    ",",
    ",,",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "\"\"",
    "\",\"",
    "\0",
    "\u{FEFF}",
    ";",
    "\t",
    " ",
    "'",
    "=1+1",
    "@",
    "NULL",
    "2021-02-29",
    "2021-03-02T09:00:00Z",
    "9999-12-31",
    "0000-00-00",
    "electricity",
    "gas",
    "00-DB-12-34-56-78-90-A2",
    "fuel",
    "mpxn",
    "chf_identifier",
    "é",
    "\u{202E}",
    "2000012345678",
];

/// Rows are kept or told, never both and never neither; what is kept is the same when it is read back.
fn rows_of(bytes: &[u8]) -> bool {
    let mut kept = 0;
    for file in FILES {
        let mut facts = Facts::default();
        let faults = facts_csv::read(file.name, bytes, &mut facts);
        assert!(faults.len() <= FAULTS_MAX + 1, "{} faults", faults.len());
        for fault in &faults {
            assert!(!fault.reason.is_empty() && !fault.suggestion.is_empty() && fault.file == file.name, "{fault:?}");
            assert!(((fault.reason.len() + fault.field.len()) as u64) < 2 * ROW_MAX_BYTES, "{fault:?}");
        }
        let at = FILES.iter().position(|other| other.name == file.name).expect("itself");
        kept += rows_in(file, bytes, |row| facts_csv::add(at, row.number, &row.cells, &mut facts));
    }
    kept += rows_in(MeterEvent::FILE, bytes, |row| facts_csv::restore::<MeterEvent>(row.number, &row.cells).is_some());
    kept += read_again::<FirmwareNotice>(bytes) + read_again::<MigrationNotice>(bytes);
    kept += read_again::<AuthorisedInstallation>(bytes);
    kept > 0
}

/// Counts the rows of a file; they are written and read again alike.
fn read_again<R: Record>(bytes: &[u8]) -> usize {
    let read = facts_csv::read_records::<R>(bytes).expect("bytes in memory can be read");
    assert!(read.faults.len() <= FAULTS_MAX + 1 && (read.given || read.records.is_empty() || !read.faults.is_empty()));
    let written = facts_csv::write(&read.records);
    let again = facts_csv::read_records::<R>(written.as_bytes()).expect("bytes in memory can be read");
    assert!(again.faults.is_empty() && again.records.len() == read.records.len(), "{:?}", again.faults);
    assert_eq!(facts_csv::write(&again.records), written);
    read.records.len()
}

/// Counts the rows that are kept; each can be made a record of again.
fn rows_in(file: FactFile, bytes: &[u8], mut again: impl FnMut(&KeptRow) -> bool) -> usize {
    let mut rows = Rows::open(file, bytes).expect("bytes in memory can be read");
    let mut kept = 0;
    while let Some(row) = rows.next_row().expect("bytes in memory can be read") {
        kept += 1;
        assert!(again(&row), "{}: {}", file.name, row.cells);
    }
    kept
}

/// An estate whose files are all these bytes: what is kept fits together, and what is not is told.
fn estate_of(bytes: &[u8]) -> bool {
    let mut builder = Estate::builder();
    let mut given = 0;
    for file in EstateFile::ALL {
        given += u32::from(builder.read(file, bytes).expect("bytes in memory can be read"));
    }
    let (mut estate, mut findings) = builder.finish();
    let (events, of_events) = estate.read_events(bytes, &mut findings).expect("bytes in memory can be read");
    assert!(events.is_sorted_by_key(|event| event.on));
    assert!(given + u32::from(of_events) <= 1, "a file is of one kind");
    for finding in findings.list() {
        assert!(!finding.fault.reason.is_empty() && !finding.fault.suggestion.is_empty(), "{finding:?}");
    }
    // None of the files makes an installation without the others; and those that count as given name what they hold.
    assert!(estate.installations().is_empty());
    let kept = read_again::<InstallationRecord>(bytes)
        + read_again::<DeviceRecord>(bytes)
        + read_again::<MeterRecord>(bytes)
        + read_again::<EntryRecord>(bytes)
        + read_again::<HopRecord>(bytes)
        + read_again::<EventRecord>(bytes);
    kept > 0
}

const ESTATE_WORDS: &[&str] = &[
    ",",
    "\n",
    "\r\n",
    "\"",
    "\0",
    "\u{FEFF}",
    "active",
    "dormant",
    "mixed",
    "mt-sit",
    "dmct",
    "equivalent",
    "epcl-approved",
    "epcl-not-approved",
    "tests-done",
    "firmware-done",
    "change-of-supplier",
    "document-designated",
    "EA",
    "9999-12-31",
    "-9999-01-01",
    "2020-02-30",
    "00-DB-40-00-00-00-00-00",
    "on",
    "event",
    "entry",
    "é",
];

/// An invented estate's files, each a seed for all.
#[test]
fn fuzz_estate_records() {
    let dir = tempfile::tempdir().expect("a folder");
    Population::of(3, 1).write(dir.path()).expect("is written");
    let names = EstateFile::ALL.map(EstateFile::name).into_iter().chain([EVENTS_FILE]);
    let seed = |name: &str| {
        let mut bytes = std::fs::read(dir.path().join(name)).expect("is there");
        // A few rows of each: whole lines.
        let end = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(40).map(|(at, _)| at + 1);
        bytes.truncate(end.unwrap_or(bytes.len()));
        bytes
    };
    let seeds = names.map(seed).collect();
    Target { name: "fuzz_estate_records", executions: 2_000, seeds, words: ESTATE_WORDS }.run(estate_of);
}

#[test]
fn fuzz_fact_records() {
    let mut seeds = FIXTURES.facts.clone();
    // Nobody is recorded as Installing Supplier in EA.
    for seed in seeds.iter_mut().filter(|seed| *seed == b"device_id,supplier_id\n") {
        seed.extend(b"00-DB-12-34-56-78-90-A4,90-B3-D5-1F-30-02-00-01\n");
    }
    let meter = "00-DB-12-34-56-78-90-A1,00-DB-12-34-56-78-90-A2,2000012345678,dormant,15,2021-03-31";
    let columns = "chf_identifier,device_id,mpxn,ground,working_days,earliest";
    seeds.push(format!("{columns}\n{meter}\n").into_bytes());
    seeds.push(format!("{columns},certificates_by\n{meter},2021-03-10\n").into_bytes());
    seeds.push(b"reference,chf_identifier,from,until\nMA-1,00-DB-12-34-56-78-90-A1,2021-03-02,2021-03-31\n".to_vec());
    Target { name: "fuzz_fact_records", executions: 2_000, seeds, words: CSV_WORDS }.run(rows_of);
}

const TOML_WORDS: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "=",
    "\"",
    "'''",
    "\"\"\"",
    "#",
    "\n",
    ".",
    "{",
    "}",
    ",",
    "true",
    "nan",
    "inf",
    "-0",
    "0x",
    "1979-05-27T07:32:00Z",
    "\\u0000",
    "commissioning",
    "roles",
    "rules",
    "[commissioning]\n",
    "attempts = ",
    "[roles.dsp]\n",
    "party = ",
    "store = \"../../x\"\n",
    "é",
];

#[test]
fn fuzz_configuration() {
    let seeds =
        vec![REFERENCE.as_bytes().to_vec(), b"[commissioning]\nattempts = 3\nin_flight = 7\n".to_vec(), Vec::new()];
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    let path = dir.path().join(FILE_NAME);
    Target { name: "fuzz_configuration", executions: 2_000, seeds, words: TOML_WORDS }.run(|bytes| {
        std::fs::write(&path, bytes).expect("written");
        match Config::load(&path) {
            Ok(config) => {
                let c = &config.commissioning;
                assert!(c.attempts > 0 && c.probes > 0 && c.undos > 0 && c.in_flight > 0 && c.answer_timeout_ms > 0);
                true
            }
            Err(fault) => {
                assert!(!fault.to_string().is_empty() && !fault.suggestion().is_empty());
                false
            }
        }
    });
}
