//! Counts, and the file that holds what they must be.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use tern_rules::rules;

use crate::door::Clauses;

/// Each rule in force is planted so often at least.
const LEAST: usize = 10;

/// Names of what is wrong in words, and how often each clause was found as planted.
#[derive(Debug, Default)]
pub struct Part {
    /// Findings by clause.
    pub found: BTreeMap<String, usize>,
    /// Where found and planted differ.
    pub wrong: Vec<String>,
}

impl Part {
    /// Holds what was found at a place against what was planted there.
    pub fn compare(&mut self, place: &str, planted: &Clauses, found: &Clauses) {
        for clause in found {
            *self.found.entry(clause.clone()).or_default() += 1;
        }
        if planted != found {
            self.wrong.push(format!("{place}: planted {planted:?}, found {found:?}"));
        }
    }
}

/// Findings by clause and part.
#[derive(Debug, Default)]
pub struct Tally {
    found: BTreeMap<String, BTreeMap<&'static str, usize>>,
    wrong: Vec<String>,
}

/// The parts, in the order of the file's columns.
const PARTS: [&str; 3] = ["corpus", "sets", "migrated"];

impl Tally {
    /// Adds a part's counts.
    pub fn add(&mut self, part: &'static str, counted: Part) {
        assert!(PARTS.contains(&part));
        for (clause, count) in counted.found {
            *self.found.entry(clause).or_default().entry(part).or_default() += count;
        }
        self.wrong.extend(counted.wrong);
    }

    /// Everything that was planted was found and nothing else, each rule often enough, as often as the file says.
    pub fn check(&self) {
        let few: Vec<_> = self.wrong.iter().take(40).map(String::as_str).collect();
        assert!(self.wrong.is_empty(), "{} differ:\n{}", self.wrong.len(), few.join("\n"));
        let csv = self.csv();
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/ratchet/expected.csv");
        if std::env::var_os("TERN_RATCHET_ACCEPT").is_some() {
            std::fs::write(&path, &csv).expect("writes the expected findings");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            csv, expected,
            "findings by clause are others than expected; `cargo xtask ratchet --accept` keeps them"
        );
        let seldom: Vec<_> = rules()
            .filter(|rule| rule.never_found().is_none())
            .filter(|rule| self.found.get(rule.clause).is_none_or(|parts| parts.values().sum::<usize>() < LEAST))
            .map(|rule| rule.clause)
            .collect();
        assert!(seldom.is_empty(), "planted fewer than {LEAST} times: {seldom:?}");
    }

    fn csv(&self) -> String {
        let mut text = format!("clause,{},total\n", PARTS.join(","));
        for (clause, parts) in &self.found {
            let counts = PARTS.map(|part| parts.get(part).copied().unwrap_or(0));
            let cells = counts.map(|count| count.to_string()).join(",");
            let _ = writeln!(text, "{clause},{cells},{}", counts.iter().sum::<usize>());
        }
        text
    }
}
