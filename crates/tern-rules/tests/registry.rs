//! The registry, the explanations and the generated page: every rule says all that it has to say.

use std::collections::HashSet;
use std::path::Path;

use tern_model::{Cohort, Grade, GroupId};
use tern_rules::groups::row_of;
use tern_rules::{Book, Check, Rulebook, Since, find, reference_page, rule_of, rules, similar};
use tern_wire::FaultKind;

fn explain(clause: &str) -> Option<tern_rules::Explanation> {
    tern_rules::explain(clause, &Rulebook::published())
}

#[test]
fn every_rule_has_grade_source_dates_text_and_a_file() {
    for rule in rules() {
        let clause = rule.clause;
        assert!(!rule.title.is_empty() && !rule.source.is_empty(), "{clause} has title and source");
        assert!(!rule.texts.is_empty() && rule.texts.iter().all(|t| t.words.ends_with('.')), "{clause} has sentences");
        assert!(rule.reading.is_empty() || rule.reading.ends_with('.'), "{clause}: the reading is a sentence");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        assert!(root.join(rule.file).is_file(), "{clause}: {} is there", rule.file);
        let judged = !rule.roles.is_empty();
        assert_eq!(
            judged,
            !matches!(rule.check, Check::Explained(_) | Check::Code(_)),
            "{clause}: judged, or explained"
        );
        assert!(
            rule.never_found().is_none_or(|why| why.ends_with('.')),
            "{clause}: a sentence says why it finds nothing"
        );
    }
}

#[test]
fn texts_are_in_order_of_their_dates() {
    for rule in rules() {
        let days: Vec<_> = rule
            .texts
            .iter()
            .map(|text| match text.since {
                Since::Always => None,
                Since::Version(version) => Some(version.force.first_day().expect("a version that came into force")),
            })
            .collect();
        assert!(days.is_sorted() && days.len() == days.iter().collect::<HashSet<_>>().len(), "{}", rule.clause);
    }
}

#[test]
fn numbers_are_unique_and_project_defined_ones_say_so() {
    let mut seen = HashSet::new();
    for rule in rules() {
        assert!(seen.insert(rule.clause.to_ascii_lowercase()), "{} stands twice", rule.clause);
        assert_eq!(rule.clause.starts_with("P-"), rule.book == Book::Project, "{}", rule.clause);
        assert_eq!(rule.book == Book::Project, rule.grade == Grade::Project, "{}", rule.clause);
    }
}

#[test]
fn a_rule_is_in_one_file_of_its_own() {
    let files: HashSet<&str> = rules().map(|rule| rule.file).collect();
    assert_eq!(files.len(), rules().count());
}

#[test]
fn every_fault_of_the_wire_has_its_rule() {
    for kind in FaultKind::ALL {
        assert_eq!(rule_of(kind).map(|rule| rule.clause), Some(kind.rule()));
    }
}

#[test]
fn a_clause_is_found_whatever_the_case_and_a_wrong_one_is_not() {
    assert_eq!(find("ma110").map(|r| r.clause), Some("MA110"));
    assert_eq!(find(" 15.11 ").map(|r| r.clause), Some("15.11"));
    assert!(find("15.13").is_none() && find("").is_none());
    assert_eq!(similar("15.10.9"), ["15.1", "15.10"]);
    assert_eq!(similar("p-mpxn"), ["P-mpxn-check-digit", "P-mpxn-registered"]);
    assert!(similar("").is_empty());
}

#[test]
fn an_explanation_prints_text_grade_dates_source_and_file() {
    let text = explain("5.10.10").expect("a rule").to_string();
    for part in [
        "TMAD clause 5.10.10 · No change of Import Supplier close to migration · GroupIDs all · stated (S002 item 8)",
        "within the next 7 days.",
        "In force from 2019-07-28 to 2020-11-28, with TMAD as first designated.",
        "within the next 2 days.",
        "In force from 2020-11-29 (assumed), with TMAD FOC text.",
        "Judged by requesting-party, dsp:",
        "Our reading: ",
        "crates/tern-rules/src/tmad/c5_10_10.rs",
    ] {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(part), "`{part}` in\n{text}");
    }
    assert!(text.lines().skip(1).all(|line| line.chars().count() <= 110), "{text}");
}

#[test]
fn what_is_not_judged_from_files_says_where_it_is_fulfilled() {
    for explanation in tern_rules::list(&Rulebook::published()) {
        assert_eq!(explanation.roles.is_empty(), !explanation.fulfilled.is_empty(), "{}", explanation.clause);
    }
    let b4 = explain("B4").expect("a rule");
    assert_eq!((b4.book, b4.stage), ("TMAD Appendix", "commissioning"));
    assert_eq!(explain("DP01").map(|e| e.name()), Some("TMAD code DP01".to_owned()));
    assert_eq!(explain("P-counter").map(|e| e.name()), Some("P-counter".to_owned()));
}

#[test]
fn the_page_has_a_section_for_every_rule_and_a_row_for_every_version() {
    let (path, page) = reference_page();
    assert_eq!(path, "docs/reference/rules.md");
    for rule in rules() {
        assert!(page.contains(&format!("\n## {}: {}\n", rule.clause, rule.title)), "{}", rule.clause);
    }
    for version in tern_rules::documents::REGISTER {
        assert!(page.contains(version.version), "{}", version.describe());
    }
}

#[test]
fn the_rules_of_a_groups_clause_bind_the_groups_that_the_table_names() {
    for (clause, least) in [("12", 4), ("13", 3), ("14", 3), ("15", 10)] {
        let of_it = |rule: &&tern_rules::Rule| rule.clause.split('.').next() == Some(clause);
        assert!(rules().filter(of_it).count() >= least, "too few rules of clause {clause}");
        for (rule, group) in rules().filter(of_it).flat_map(|rule| GroupId::ALL.map(|group| (rule, group))) {
            let named = row_of(group).clause == Some(clause);
            assert_eq!(rule.groups.bind(group), named, "{} and {group}", rule.clause);
        }
    }
    assert!(GroupId::ALL.iter().all(|g| GroupId::FOC.contains(g) == (g.cohort().value == Cohort::Foc)));
}
