//! `tern explain` and `tern rules`

use std::path::Path;

use crate::support::Tern;

#[test]
fn rules_are_listed_and_each_can_be_explained() {
    let tern = Tern::new();
    let listed = tern.run(&["rules", "--json"]).clean().json();
    let rules = listed["rules"].as_array().expect("a list");
    assert_eq!(rules.len(), tern_rules::rules().count());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for clause in ["5.10.10", "5.23(b)", "15.11", "MA110", "B2", "P-sender"] {
        let rule = tern.run(&["explain", clause, "--json"]).clean().json();
        assert!(rules.contains(&rule), "{clause}");
        let file = rule["file"].as_str().expect("a file");
        assert!(root.join(file).is_file(), "{clause}: {file}");
        let text = tern.run(&["explain", clause]).clean().out;
        for key in ["clause", "title", "grade", "groups", "source"] {
            let value = rule[key].as_str().expect(key);
            assert!(text.contains(value), "{clause}: {key} {value:?} in\n{text}");
        }
        assert!(text.ends_with(&format!("  {file}\n")), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    }
}

#[test]
fn a_rule_tells_every_wording_with_its_dates() {
    let text = Tern::new().run(&["explain", "5.10.10"]).clean().out;
    let (old, new) = (text.find("next 7 days").expect("the old text"), text.find("next 2 days").expect("the new text"));
    assert!(old < new);
    assert!(text.contains("In force from 2019-07-28 to 2020-11-28") && text.contains("2020-11-29 (assumed)"), "{text}");
}

#[test]
fn clauses_are_found_whatever_their_case_and_misspelt_ones_are_guessed() {
    let tern = Tern::new();
    assert_eq!(tern.run(&["explain", "ma110"]).clean().out, tern.run(&["explain", "MA110"]).clean().out);
    tern.run(&["explain", "5.10"]).fails("\"5.10\"", "5.10.10, 5.10.15");
    tern.run(&["explain", "P-mpxn-checkdigit"]).fails("no rule", "did you mean P-mpxn-check-digit?");
    tern.run(&["explain", "horse"]).fails("\"horse\"", "`tern rules` lists every clause");
    tern.run(&["explain", ""]).fails("\"\"", "`tern rules`");
}

#[test]
fn rules_can_be_narrowed() {
    let tern = Tern::new();
    let text = tern.run(&["rules", "15."]).clean().out;
    assert!(text.contains("15.10.4") && !text.contains("MA110"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    tern.run(&["rules", "99"]).fails("\"99\"", "lists all");
}
