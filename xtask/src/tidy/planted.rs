//! No rule without a defect: every rule in force is planted by `tern_world` and found as planted, ten times at least.
//!
//! What is found as planted stands in a file that the ratchet's test holds to the truth; here it is held against the rulebook's
//! sources, so that a rule that is added without a defect is told before any test runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::Violation;
use crate::Failure;

/// The findings by clause, as the ratchet's test wrote them.
const EXPECTED: &str = "crates/tern-testkit/tests/ratchet/expected.csv";
/// The rulebook's folders.
const BOOKS: [&str; 3] = ["tmad", "mehrs", "project"];
/// So often at least.
const LEAST: usize = 10;

/// Judges the rulebook against the file.
pub fn judge(root: &Path) -> Result<Vec<Violation>, Failure> {
    let mut rules = Vec::new();
    for book in BOOKS {
        let folder = format!("crates/tern-rules/src/{book}");
        let entries =
            fs::read_dir(root.join(&folder)).map_err(|e| Failure::new(format!("cannot read {folder}: {e}")))?;
        for entry in entries.flatten() {
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let text =
                fs::read_to_string(entry.path()).map_err(|e| Failure::new(format!("cannot read {name}: {e}")))?;
            rules.extend(in_force(&text).map(|(line, clause)| (name.clone(), line, clause)));
        }
    }
    let text =
        fs::read_to_string(root.join(EXPECTED)).map_err(|e| Failure::new(format!("cannot read {EXPECTED}: {e}")))?;
    Ok(judge_rules(&rules, &counts(&text)))
}

/// A rule's file, line and clause.
type Rule = (String, usize, String);

fn judge_rules(rules: &[Rule], counts: &BTreeMap<String, (usize, usize)>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, line, clause) in rules {
        let planted = counts.get(clause).map_or(0, |(_, count)| *count);
        if planted < LEAST {
            let advice = format!(
                "{clause} is planted {planted} times of {LEAST}: give it a line in \
                 crates/tern-world/src/corpus/defects/catalogue.rs, then `cargo xtask ratchet --accept`"
            );
            violations.push(Violation::new(file, *line, "planted", advice));
        }
    }
    for (clause, (line, _)) in counts {
        if !rules.iter().any(|(_, _, known)| known == clause) {
            violations.push(Violation::new(
                EXPECTED,
                *line,
                "planted",
                format!("{clause} is no rule that can be found"),
            ));
        }
    }
    violations
}

/// The line and clause of a rule that can be found; none in a file without a rule, or of a rule that is never found.
fn in_force(text: &str) -> Option<(usize, String)> {
    let (line, clause) = text.lines().zip(1..).find_map(|(code, line)| {
        let clause = code.trim().strip_prefix("clause: \"")?.split('"').next()?;
        Some((line, clause.to_owned()))
    })?;
    let never = ["Check::Explained(", "Check::Scope("].iter().any(|check| text.contains(check));
    (!never).then_some((line, clause))
}

/// Line and total of each clause: the last cell of its row.
fn counts(text: &str) -> BTreeMap<String, (usize, usize)> {
    let row = |(row, line): (&str, usize)| {
        let (clause, _) = row.split_once(',')?;
        let (_, total) = row.rsplit_once(',')?;
        Some((clause.to_owned(), (line, total.parse().ok()?)))
    };
    text.lines().zip(1..).skip(1).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_nobody_plants_is_a_violation() {
        let rule = "pub(crate) static RULE: Rule = Rule {\n    clause: \"5.99\",\n    check: Check::Set(check),\n};\n";
        let rules: Vec<Rule> =
            in_force(rule).map(|(line, clause)| ("r.rs".to_owned(), line, clause)).into_iter().collect();
        assert_eq!(rules[0].1, 2);
        let judged = |csv: &str| judge_rules(&rules, &counts(csv)).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(judged("clause,corpus,total\n5.99,3,10\n").is_empty());
        for (csv, said) in
            [("clause,total\n", "planted 0 times"), ("clause,corpus,total\n5.99,9,9\n", "planted 9 times")]
        {
            assert!(judged(csv)[0].contains(said), "{csv}");
        }
        assert!(judged("clause,total\n5.99,10\n5.98,10\n")[0].contains("5.98 is no rule"));
    }

    #[test]
    fn a_rule_that_is_never_found_need_not_be_planted() {
        assert_eq!(
            in_force("    clause: \"15.12\",\n    check: Check::Explained(\"there is nothing to do.\"),\n"),
            None
        );
        assert_eq!(in_force("//! B\nregistry! {\n    b1,\n}\n"), None);
    }
}
