//! `cargo xtask soak`: the seeded runs of hostile input and of crashes for as long as one likes, with seeds of their own.
//!
//! A run is a test of `crates/tern-testkit/tests/`, which makes a fixed number of executions in `cargo xtask test`. Here it is
//! told a seed and a time. Each execution gets its numbers from seed and number, so that a failure is repeated alone.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::{Failure, process, test, tools};

/// Every run: the test's path, which begins with the file or folder of tests and ends with the run's name, and what it does.
const RUNS: [(&str, &str); 20] = [
    ("hostile::mutants::mutants", "signed files of every kind, changed: none that differs is believed"),
    ("hostile::mutants::mutants_between_the_passes", "a file that is exchanged between the two passes over it"),
    (
        "hostile::documents::documents",
        "documents changed before they were signed: schema, rules, migration; beside Python's xmlschema",
    ),
    ("hostile::fuzz::xml::fuzz_xml_guard_and_parser", "guard and scanner against the parser and the canonical form"),
    ("hostile::fuzz::xml::fuzz_decoder", "the decoder of every message"),
    ("hostile::fuzz::xml::fuzz_sealed_blobs", "encrypted content"),
    ("hostile::fuzz::records::fuzz_fact_records", "fact records in CSV"),
    ("hostile::fuzz::records::fuzz_estate_records", "the files of an estate in CSV"),
    ("hostile::fuzz::records::fuzz_configuration", "tern.toml"),
    ("hostile::fuzz::encodings::fuzz_names", "file names and identifiers"),
    ("hostile::fuzz::apdus::fuzz_apdus", "APDUs of DLMS/COSEM"),
    ("hostile::fuzz::apdus::fuzz_cosem_data", "values of DLMS/COSEM and the shapes of attributes"),
    ("hostile::fuzz::apdus::fuzz_wrapper_frames", "frames of DLMS/COSEM"),
    ("hostile::fuzz::conversations::fuzz_dlms_server", "a server of DLMS/COSEM that hears anything"),
    ("hostile::fuzz::conversations::fuzz_dlms_client", "a client of DLMS/COSEM that is answered anything"),
    ("hostile::fuzz::encodings::fuzz_role_links", "orders and answers between roles"),
    ("hostile::fuzz::encodings::fuzz_certificates", "certificates and revocation lists"),
    (
        "resilience::counters::no_invocation_counter_twice",
        "crashes of the S1SP, 10,000 at least: it gives no invocation counter away twice",
    ),
    (
        "gateway::mutants::gateway_mutants",
        "signed requests, changed, at the running gateway: none is accepted or reaches a device",
    ),
    (
        "gateway::signed::gateway_signed",
        "requests that were changed before they were signed, at the running gateway; beside Python's xmlschema",
    ),
];

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Order<'a> {
    seed: u64,
    minutes: u64,
    /// The one execution to repeat.
    only: Option<u64>,
    /// The folder with the files that it was of.
    kept: Option<&'a str>,
    /// The one run; all of them where none is named.
    name: Option<&'a str>,
}

/// How the chore is called, with every run's name.
pub fn usage() -> String {
    let name = |path: &str| path.rsplit("::").next().unwrap_or_default().to_owned();
    let runs: String = RUNS.iter().map(|(path, does)| format!("  {:<27} {does}\n", name(path))).collect();
    format!(
        "usage: cargo xtask soak [--seed N] [--minutes N] [--only N --kept DIR] [NAME]\n  \
         --seed N     the same seed gives the same executions; by default another each time\n  \
         --minutes N  for each run; 1 by default\n  \
         --only N     the one execution of that number, as a failure prints it\n  \
         --kept DIR   the files that it was of, as a failure keeps them\n\
         runs, all of them where none is named:\n{runs}\
         example: cargo xtask soak --minutes 10 mutants"
    )
}

/// Runs what is asked for, one run after the other.
pub fn run(words: &[&str]) -> Result<(), Failure> {
    let order = Order::read(words, fresh_seed()).ok_or_else(|| Failure::new(usage()))?;
    for path in order.paths()? {
        println!("{}", soak(path, &order)?);
    }
    Ok(())
}

/// A seed that nobody has to remember: it is printed with each run.
fn fresh_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs())
}

impl<'a> Order<'a> {
    fn read(words: &[&'a str], seed: u64) -> Option<Order<'a>> {
        let mut order = Order { seed, minutes: 1, only: None, kept: None, name: None };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--seed" => order.seed = words.next()?.parse().ok()?,
                "--minutes" => order.minutes = words.next()?.parse().ok()?,
                "--kept" => order.kept = Some(words.next()?),
                "--only" => order.only = Some(words.next()?.parse().ok()?),
                word if word.starts_with('-') || order.name.is_some() => return None,
                word => order.name = Some(word),
            }
        }
        // An execution belongs to one run.
        (order.only.is_none() || order.name.is_some()).then_some(order)
    }

    fn paths(&self) -> Result<Vec<&'static str>, Failure> {
        let wanted = |path: &&str| self.name.is_none_or(|name| path.rsplit("::").next() == Some(name));
        let paths: Vec<_> = RUNS.iter().map(|(path, _)| *path).filter(wanted).collect();
        if paths.is_empty() { Err(Failure::new(usage())) } else { Ok(paths) }
    }
}

/// One run to its end; answers what it said of itself.
fn soak(path: &str, order: &Order) -> Result<String, Failure> {
    let mut command = Command::new("cargo");
    let (tests, path) = path.split_once("::").unwrap_or((path, path));
    command.args(["test", "--package", "tern-testkit", "--test", tests, "--", "--exact", path, "--show-output"]);
    // Where it failed is said by the test itself.
    command
        .env("RUST_BACKTRACE", "0")
        .env("TERN_PYTHON", tools::python())
        .env("TERN_SOAK_SEED", order.seed.to_string());
    match order.only {
        Some(only) => command.env("TERN_SOAK_ONLY", only.to_string()),
        None => command.env("TERN_SOAK_MINUTES", order.minutes.to_string()),
    };
    if let Some(kept) = order.kept {
        command.env("TERN_SOAK_KEPT", kept);
    }
    let said = process::run("soak", &mut command)?;
    let told: Vec<&str> = said.lines.iter().map(String::as_str).filter(|line| is_told(line)).collect();
    if said.ok && !told.is_empty() {
        return Ok(told.join("\n"));
    }
    let why = Some(test::failure_texts(&said.lines)).filter(|text| !text.is_empty()).unwrap_or_else(|| said.tail(60));
    Err(Failure::new(format!("{why}    whole output: {}", said.log.display())))
}

/// What a run says of itself, or why it did not take place.
fn is_told(line: &str) -> bool {
    line.contains(": seed ") || line.starts_with("SKIPPED ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read() {
        let order = Order::read(&["--minutes", "10", "--seed", "7", "mutants"], 1).expect("an order");
        assert_eq!(order, Order { seed: 7, minutes: 10, only: None, kept: None, name: Some("mutants") });
        assert_eq!(order.paths().ok(), Some(vec!["hostile::mutants::mutants"]));
        let all = Order::read(&[], 1).expect("an order");
        assert_eq!(all.paths().map(|paths| paths.len()).ok(), Some(RUNS.len()));
        for bad in [&["--seed"][..], &["--seed", "x"], &["--only", "3"], &["--often"], &["mutants", "fuzz_names"]] {
            assert_eq!(Order::read(bad, 1), None, "{bad:?}");
        }
        assert!(Order::read(&["nothing"], 1).expect("an order").paths().is_err());
    }

    /// The names under which tests run, from `Run::new("…"` and `Target { name: "…"`.
    fn names_in(folder: &std::path::Path) -> Vec<String> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).expect("lists") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                names.extend(names_in(&path));
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("reads");
            for mark in ["Run::new(\"", "name: \"fuzz_"] {
                let found = text.match_indices(mark).map(|(at, mark)| at + mark.find('"').unwrap_or_default() + 1);
                names.extend(found.filter_map(|at| text[at..].split('"').next().map(str::to_owned)));
            }
        }
        names
    }

    #[test]
    fn every_run_of_the_tests_is_listed() {
        let names = names_in(&crate::root().join("crates/tern-testkit/tests/hostile"));
        let hostile = RUNS.iter().filter(|(path, _)| path.starts_with("hostile::")).count();
        assert!(names.len() >= hostile, "{names:?}");
        for name in names {
            assert!(RUNS.iter().any(|(path, _)| path.ends_with(&format!("::{name}"))), "{name} is not listed");
        }
    }
}
