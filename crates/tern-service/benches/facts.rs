//! What it costs to put fact records behind their index, and to look up what rules may ask of one installation.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use tern_model::{ChfIdentifier, DeviceId, Eui64, Fuel, Mpxn};
use tern_service::facts::load;
use tern_wire::facts_csv::{FILES, Subject};

/// How many installations the records speak of.
const INSTALLATIONS: u64 = 100_000;

/// How many are looked up together, as a part of a set is.
const PART: usize = 250;

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let rows: usize = FILES.iter().map(|file| write(dir.path(), file.name)).sum();
    let before = resident_kib();
    let begun = Instant::now();
    let loaded = load(dir.path()).unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(loaded.faults, []);
    figure("facts: rows put behind the index", rows as f64 / seconds, "rows/s");
    figure("facts: memory that 100,000 installations' records take", (resident_kib() - before) / 1024.0, "MiB");
    let hubs: Vec<u64> = (0..INSTALLATIONS).collect();
    let begun = Instant::now();
    for part in hubs.chunks(PART) {
        let facts = loaded.facts.slice(part.iter().flat_map(|n| subjects(*n))).unwrap();
        assert!(part.iter().all(|n| facts.sim(chf(*n)).is_some()));
    }
    let micros = begun.elapsed().as_secs_f64() * 1e6 / INSTALLATIONS as f64;
    figure("facts: looked up for one installation", micros, "us");
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("FIGURE | {name} | {value:.1} | {unit} | ");
}

fn chf(n: u64) -> ChfIdentifier {
    ChfIdentifier(device(n, 0).0)
}

fn device(n: u64, of: u64) -> DeviceId {
    // Hubs in an order that is not that of their numbers.
    DeviceId(Eui64(0x00DB_0000_0000_0000 + (n * 7919 % INSTALLATIONS) * 16 + of))
}

fn subjects(n: u64) -> impl Iterator<Item = Subject> {
    let points = [(Fuel::Electricity, Mpxn::mpan_from_body(n)), (Fuel::Gas, Mpxn::mprn_from_body(n))];
    let points = points.into_iter().map(|(fuel, mpxn)| Subject::Point(fuel, mpxn));
    (0..5).map(move |of| Subject::Device(device(n, of))).chain([Subject::Hub(chf(n))]).chain(points)
}

/// Writes a file as a corpus has it; gives its rows.
fn write(dir: &Path, name: &str) -> usize {
    let file = FILES.iter().find(|file| file.name == name).unwrap();
    let mut text = file.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",") + "\n";
    let party = "90-B3-D5-1F-30-01-00-01";
    for n in 0..INSTALLATIONS {
        let hub = chf(n);
        match name {
            "registration.csv" => {
                for (mpxn, fuel) in [(Mpxn::mpan_from_body(n), "electricity"), (Mpxn::mprn_from_body(n), "gas")] {
                    writeln!(text, "{},{fuel},{party},{party},2019-01-01", mpxn.as_str()).unwrap();
                }
            }
            "epcl.csv" if n < 20 => writeln!(text, "m,c{n},1,m,e,1,,,,provider,approved,2020-01-01").unwrap(),
            "authorisations.csv" => writeln!(text, "R{n},{hub},{party},2021-01-01,2021-12-31").unwrap(),
            "notices.csv" => writeln!(text, "{hub},{party},migration,2021-01-01,2021-02-01,completed").unwrap(),
            "exclusions.csv" if n.is_multiple_of(50) => {
                writeln!(text, "{hub},gas-han-error,2021-01-01,report").unwrap();
            }
            "sims.csv" => writeln!(text, "{hub},23415{n:010},apn.smso.example").unwrap(),
            "smso_configuration.csv" => writeln!(text, "{hub},{party},2021-01-01,2021-01-02").unwrap(),
            "rollback_certificates.csv" => {
                for of in [0, 2, 3] {
                    let device = device(n, of);
                    writeln!(text, "{hub},{device},{n},\"CN=smso,OU=82\",2021-01-01,2022-01-01,").unwrap();
                }
            }
            _ => {}
        }
    }
    std::fs::write(dir.join(name), &text).unwrap();
    text.lines().count() - 1
}

fn resident_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kib| kib.parse().ok()).unwrap_or_default()
}
