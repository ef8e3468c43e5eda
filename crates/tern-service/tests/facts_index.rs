//! The index of fact records says of some installations what the records say as a whole, and nothing of others.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use proptest::prelude::*;
use tern_model::facts::Facts;
use tern_model::{ChfIdentifier, DeviceId, Eui64, Fuel, Mpxn};
use tern_service::facts::{FactsIndex, Loaded, load};
use tern_wire::facts_csv::{self, FILES, Subject};

/// How many hubs, devices and metering points there are: few, so that keys meet.
const KEYS: u64 = 6;

fn eui(n: u64) -> Eui64 {
    Eui64(0x00DB_1234_0000_0000 + n)
}

/// A row of a file from random numbers: good ones, bad ones, and some that repeat or contradict others.
fn row(file: &str, [a, b, c, d]: [u64; 4]) -> String {
    let (hub, device, party) = (eui(a % KEYS), eui(b % KEYS), eui(100 + c % 3));
    let day: Date = "2021-01-01".parse().unwrap();
    let day = day.saturating_add(jiff::Span::new().days((d % 4) as i64));
    match file {
        "registration.csv" => {
            let fuel = if c.is_multiple_of(2) { "electricity" } else { "gas" };
            // Digits with and without a leading zero are two metering points.
            format!("{}{},{fuel},{party},{party},{day}", ["", "0"][(b % 2) as usize], 10 + a % KEYS)
        }
        "epcl.csv" => format!("m,c{},1,m,e,1,,,,provider,approved,{day}", a % 3),
        "inventory.csv" if a.is_multiple_of(3) => format!("{hub},CHF,{hub},Commissioned,"),
        "inventory.csv" => format!("{device},ESME,{hub},S{},", d % 2),
        "authorisations.csv" => format!("R{},{hub},{party},{day},2021-06-01", b % 2),
        "notices.csv" => format!("{hub},{party},migration,{day},{day},completed"),
        "exclusions.csv" => format!("{hub},{},{day},E{}", ["gas-han-error", "bored"][(b % 2) as usize], c % 2),
        "sims.csv" => format!("{hub},23415000000000{},apn.example", b % 3),
        "smso_configuration.csv" => format!("{hub},{party},{day},"),
        "rollback_certificates.csv" => format!("{hub},{device},{},CN=Z{},{day},2021-06-01,", c % 4, d % 2),
        "installing_suppliers.csv" => format!("{device},{party}"),
        other => panic!("{other} is not known to this test"),
    }
}

/// Some of the files, each with some rows.
fn files() -> impl Strategy<Value = Vec<Option<Vec<[u64; 4]>>>> {
    let rows = prop::collection::vec(prop::array::uniform4(0..60_u64), 0..25);
    prop::collection::vec(prop::option::weighted(0.9, rows), FILES.len())
}

/// Writes the files; reads them whole, and as an index. The faults must be the same.
fn both(dir: &Path, files: &[Option<Vec<[u64; 4]>>]) -> (Facts, FactsIndex) {
    let (mut whole, mut faults) = (Facts::default(), Vec::new());
    for (file, rows) in FILES.iter().zip(files) {
        let Some(rows) = rows else { continue };
        let header: Vec<&str> = file.columns.iter().map(|column| column.name).collect();
        let mut text = header.join(",") + "\n";
        rows.iter().for_each(|numbers| writeln!(text, "{}", row(file.name, *numbers)).unwrap());
        std::fs::write(dir.join(file.name), &text).unwrap();
        faults.extend(facts_csv::read(file.name, text.as_bytes(), &mut whole));
    }
    let loaded = load(dir).unwrap();
    assert_eq!(loaded.faults, faults);
    (whole, loaded.facts)
}

fn points() -> impl Iterator<Item = (Fuel, Mpxn)> {
    let digits = (0..KEYS).flat_map(|n| [format!("{}", 10 + n), format!("0{}", 10 + n)]);
    digits.flat_map(|d| [Fuel::Electricity, Fuel::Gas].map(|fuel| (fuel, d.parse().unwrap())))
}

/// Holds a slice against the whole: the same where a subject was wanted, nothing where it was not.
fn check(whole: &Facts, slice: &Facts, wanted: &[Subject]) {
    for file in FILES {
        assert_eq!(slice.given(file.name), whole.given(file.name), "{}", file.name);
    }
    assert_eq!(slice.epcl(), whole.epcl());
    for (fuel, mpxn) in points() {
        let is_wanted = wanted.contains(&Subject::Point(fuel, mpxn.clone()));
        let expected = if is_wanted { whole.registrations(fuel, &mpxn) } else { &[] };
        assert_eq!(slice.registrations(fuel, &mpxn), expected);
    }
    for n in 0..KEYS {
        let (chf, device, empty) = (ChfIdentifier(eui(n)), DeviceId(eui(n)), Facts::default());
        let expected = if wanted.contains(&Subject::Device(device)) { whole } else { &empty };
        assert_eq!(slice.inventory(device), expected.inventory(device));
        assert_eq!(slice.installing_supplier(device), expected.installing_supplier(device));
        let expected = if wanted.contains(&Subject::Hub(chf)) { whole } else { &empty };
        assert_eq!(slice.authorisations(chf), expected.authorisations(chf));
        assert_eq!(slice.notices(chf), expected.notices(chf));
        assert_eq!(slice.exclusions(chf), expected.exclusions(chf));
        assert_eq!(slice.sim(chf), expected.sim(chf));
        assert_eq!(slice.smso_configuration(chf), expected.smso_configuration(chf));
        assert_eq!(slice.rollback_certificates(chf), expected.rollback_certificates(chf));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn a_slice_says_of_what_is_wanted_what_the_records_say(files in files(), chosen in any::<u64>()) {
        let dir = tempfile::tempdir().unwrap();
        let (whole, index) = both(dir.path(), &files);
        let all = (0..KEYS).flat_map(|n| [Subject::Hub(ChfIdentifier(eui(n))), Subject::Device(DeviceId(eui(n)))]);
        let all: Vec<Subject> = all.chain(points().map(|(fuel, mpxn)| Subject::Point(fuel, mpxn))).collect();
        let some: Vec<Subject> =
            all.iter().enumerate().filter(|(at, _)| chosen >> (at % 64) & 1 == 1).map(|(_, s)| s.clone()).collect();
        for wanted in [&all, &some] {
            // Asked twice is told once.
            let twice = wanted.iter().chain(wanted.iter()).cloned();
            check(&whole, &index.slice(twice).unwrap(), wanted);
        }
        for n in 0..KEYS {
            let (chf, device) = (ChfIdentifier(eui(n)), DeviceId(eui(n)));
            assert_eq!(index.rollback_certificates(chf).unwrap(), whole.rollback_certificates(chf));
            assert_eq!(index.inventory(device).unwrap().as_ref(), whole.inventory(device));
        }
    }
}

#[test]
fn a_row_without_an_end_is_told_and_its_file_was_not_given() {
    let dir = tempfile::tempdir().unwrap();
    let hub = ChfIdentifier(eui(1));
    let good = format!("{hub},gas-han-error,2021-01-01,E\n");
    let text = format!("chf_identifier,category,from,evidence\n{good}\"{}", "x".repeat(1 << 20));
    std::fs::write(dir.path().join("exclusions.csv"), text).unwrap();
    let Loaded { facts: index, faults } = load(dir.path()).unwrap();
    let told: Vec<_> = faults.iter().map(|f| (f.row, f.reason.as_str())).collect();
    assert_eq!(told, [(3, "the row is longer than 64 KiB; nothing after it was read")]);
    // Exclusions that were never read must not look like installations without any.
    assert!(!index.slice([Subject::Hub(hub)]).unwrap().given("exclusions.csv"));
}

#[test]
fn a_folder_that_is_not_there_is_a_fault() {
    let missing = tempfile::tempdir().unwrap().path().join("none");
    assert!(load(&missing).unwrap_err().to_string().contains("none"));
}
