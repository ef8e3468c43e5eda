//! Words that a source may not hold: what a pure crate must not reach for, and what nobody writes.
//!
//! The pure crates are handed time, keys, ids and nonces; what they must not do is listed here word by word.

use super::{Source, Violation};

/// Crates that know no clock, randomness, files, network or SQL.
const PURE: [&str; 6] = ["tern-model", "tern-wire", "tern-rules", "tern-flow", "tern-requests", "tern-plan"];

/// Folders of `tern-wire` in which a cryptographic operation draws its own nonces.
const NONCES: [&str; 3] = ["crates/tern-wire/src/xenc/", "crates/tern-wire/src/dsig/", "crates/tern-wire/src/smki/"];

/// The folder of `tern-wire` that reads and writes a file by the path that it is handed: files of any size in little memory.
const STREAMS: &str = "crates/tern-wire/src/stream/";

/// What a pure crate must not name, and what to do instead.
const IMPURE: [(&str, &str); 14] = [
    ("std::fs", "take bytes or text as an argument"),
    ("std::net", "take a `Read` and a `Write`, or an answer, as an argument"),
    ("std::env", "take the value as an argument"),
    ("std::process", "return a value and let the caller act"),
    ("std::thread", "let the caller decide what runs beside what"),
    ("SystemTime", "take `now` as an argument"),
    ("Instant", "take `now` as an argument"),
    ("Timestamp::now", "take `now` as an argument"),
    ("Zoned::now", "take `now` as an argument"),
    ("rand", "take random bytes as an argument; only a cryptographic operation draws its own nonces"),
    ("rand_chacha", "take random bytes as an argument"),
    ("tokio", "stay synchronous"),
    ("rusqlite", "storage is tern-store's"),
    ("println", "return a value and let the caller print"),
];

/// What no source holds, tests included.
const NOWHERE: [(&str, &str); 6] = [
    ("#[allow(", "write `#[expect(lint, reason = \"…\")]`"),
    ("#![allow(", "write `#[expect(lint, reason = \"…\")]` where it is needed"),
    ("todo!", "finish it or leave it out"),
    ("unimplemented!", "finish it or leave it out"),
    ("dbg!", "remove it"),
    ("#[ignore", "a test runs or is not there"),
];

/// Where GroupIDs and cohorts may be told apart: the nouns, the cohorts' folder, and the rules' tables.
const COHORT_CRATES: [&str; 3] = ["tern-model", "tern-cohorts", "tern-rules"];

/// Judges one file.
pub fn judge(source: &Source) -> Vec<Violation> {
    let mut violations: Vec<Violation> = opening(source).into_iter().collect();
    for (number, line) in source.code.iter().enumerate().map(|(at, line)| (at + 1, line)) {
        for (word, advice) in NOWHERE {
            if line.contains(word) {
                violations.push(Violation::new(&source.path, number, "words", format!("`{word}`: {advice}")));
            }
        }
        if source.in_test[number - 1] && line.contains("thread::sleep") {
            let advice = "a test that sleeps is slow or flaky: wait for the event, or hand in the time";
            violations.push(Violation::new(&source.path, number, "sleep", advice));
        }
    }
    for (number, line) in source.product_lines() {
        violations.extend(product_line(source, number, line));
    }
    violations
}

fn opening(source: &Source) -> Option<Violation> {
    if source.is_test_file() || source.first_line.starts_with("//!") {
        return None;
    }
    let advice = "open the module with `//!`: what it is for and what it must never do";
    Some(Violation::new(&source.path, 1, "opening", advice))
}

fn product_line(source: &Source, number: usize, line: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    if line.contains(".unwrap()") {
        let advice = "`.unwrap()`: return the error, or `expect` with the proof that it cannot happen";
        violations.push(Violation::new(&source.path, number, "unwrap", advice));
    }
    if PURE.contains(&source.krate()) {
        let nonces = NONCES.iter().any(|folder| source.path.starts_with(folder));
        for (word, advice) in IMPURE {
            let let_pass = (word == "rand" && nonces) || (word == "std::fs" && source.path.starts_with(STREAMS));
            if holds_word(line, word) && !let_pass {
                let text = format!("`{word}` in the pure crate {}: {advice}", source.krate());
                violations.push(Violation::new(&source.path, number, "pure", text));
            }
        }
    }
    if !COHORT_CRATES.contains(&source.krate()) && source.krate() != "xtask" && tells_cohorts_apart(line) {
        let advice = "a cohort's peculiarity lives in its folder of tern-cohorts, a group's in a table of tern-rules";
        violations.push(Violation::new(&source.path, number, "cohort", advice));
    }
    violations
}

/// Whether `word` stands in `line` as a path or identifier of its own.
fn holds_word(line: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word)
        .any(|(at, _)| !part(line[..at].chars().next_back()) && !part(line[at + word.len()..].chars().next()))
}

/// Whether a GroupID or a cohort stands in a pattern or a comparison; a table that gives one for a text does not.
fn tells_cohorts_apart(line: &str) -> bool {
    let compared = line.contains("matches!") || line.contains("==") || line.contains("!=");
    ["GroupId::", "Cohort::"].iter().any(|name| {
        line.match_indices(name).any(|(at, _)| {
            let rest = &line[at + name.len()..];
            let named = rest.starts_with(|c: char| c.is_ascii_uppercase());
            let arm = rest.split_once("=>").is_some_and(|(until, _)| !until.trim_end().ends_with(','));
            named && (compared || arm)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, line: &str, rules: &[&str]) {
        let source = Source::new(path.to_owned(), &format!("//! Opens.\n{line}\n"));
        let found: Vec<&str> = judge(&source).iter().map(|v| v.rule).collect();
        assert_eq!(found, rules, "{path}: {line}");
    }

    #[test]
    fn pure_crates_reach_for_nothing() {
        check("crates/tern-rules/src/a.rs", "use std::fs;", &["pure"]);
        check("crates/tern-store/src/a.rs", "use std::fs;", &[]);
        check("crates/tern-wire/src/stream/a.rs", "use std::fs;", &[]);
        check("crates/tern-wire/src/xml/a.rs", "use std::fs;", &["pure"]);
        check("crates/tern-wire/src/xml/a.rs", "use aws_lc_rs::rand::SystemRandom;", &["pure"]);
        check("crates/tern-wire/src/xenc/a.rs", "use aws_lc_rs::rand::SystemRandom;", &[]);
        check("crates/tern-flow/src/a.rs", "let operand = instant; // std::fs", &[]);
    }

    #[test]
    fn nobody_writes_these() {
        check("crates/tern-cli/src/a.rs", "#[allow(dead_code)]", &["words"]);
        check("crates/tern-cli/src/a.rs", "a.unwrap();", &["unwrap"]);
        check("crates/tern-cli/tests/a.rs", "a.unwrap();", &[]);
        check("crates/tern-cli/tests/a.rs", "#[ignore]", &["words"]);
        check("crates/tern-cli/tests/a.rs", "std::thread::sleep(time);", &["sleep"]);
    }

    #[test]
    fn cohorts_are_told_apart_in_their_places_only() {
        check("crates/tern-service/src/a.rs", "GroupId::EA => 1,", &["cohort"]);
        check("crates/tern-service/src/a.rs", "if cohort == Cohort::Foc {", &["cohort"]);
        check("crates/tern-service/src/a.rs", "(GroupId::EA, x) => 1,", &["cohort"]);
        check("crates/tern-service/src/a.rs", "let group = GroupId::EA;", &[]);
        check("crates/tern-service/src/a.rs", "[\"EA\" => GroupId::EA, \"EB\" => GroupId::EB]", &[]);
        check("crates/tern-cohorts/src/a.rs", "GroupId::EA => 1,", &[]);
    }

    #[test]
    fn a_module_opens_with_its_purpose() {
        let source = Source::new("crates/tern-cli/src/a.rs".to_owned(), "fn a() {}\n");
        assert_eq!(judge(&source).len(), 1);
    }
}
