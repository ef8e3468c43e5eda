//! What a page claims, a test shows: every test that the threat model names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{Source, Violation};
use crate::Failure;

/// The page whose claims name their tests.
const PAGE: &str = "docs/threat-model.md";

/// Judges the page.
pub fn judge(root: &Path, sources: &[Source]) -> Result<Vec<Violation>, Failure> {
    let text = fs::read_to_string(root.join(PAGE)).map_err(|e| Failure::new(format!("cannot read {PAGE}: {e}")))?;
    Ok(judge_text(&text, &tests(sources)))
}

fn judge_text(text: &str, tests: &BTreeSet<&str>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for name in named(line).filter(|name| !tests.contains(name)) {
            violations.push(Violation::new(PAGE, at + 1, "claim", format!("there is no test `{name}`")));
        }
    }
    violations
}

/// Names of tests in back-quotes: whole sentences, which no configuration key and no folder is.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let sentence = |text: &&str| {
        text.matches('_').count() >= 2 && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    line.split('`').skip(1).step_by(2).filter(sentence)
}

/// Every function of test code.
fn tests(sources: &[Source]) -> BTreeSet<&str> {
    let lines = sources.iter().flat_map(|s| s.code.iter().zip(&s.in_test)).filter(|(_, test)| **test);
    lines.filter_map(|(line, _)| line.trim_start().strip_prefix("fn ")?.split('(').next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_is_not_there_is_a_violation() {
        let source = Source::new("crates/a/tests/b.rs".to_owned(), "//! b\n#[test]\nfn a_claim_that_holds() {}\n");
        let sources = [source];
        let text = "`a_claim_that_holds`, `a_claim_without_a_test`, `dcc_apn`, `B6.2`";
        let found: Vec<_> = judge_text(text, &tests(&sources)).into_iter().map(|v| v.advice).collect();
        assert_eq!(found, ["there is no test `a_claim_without_a_test`"]);
    }
}
