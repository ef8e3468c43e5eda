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
    // As a number of ours stands in events of earlier builds.
    for value in ["not-exported", "closed"] {
        let ours = tern.run(&["explain", &format!("P-{value}")]).clean().out;
        assert!(ours.contains("P (PL14") && tern.run(&["explain", value]).clean().out == ours, "{ours}");
    }
    tern.run(&["explain", "5.10"]).fails("\"5.10\"", "5.10.10, 5.10.15");
    tern.run(&["explain", "P-mpxn-checkdigit"]).fails("no rule", "did you mean P-mpxn-check-digit?");
    tern.run(&["explain", "horse"]).fails("\"horse\"", "`tern rules` lists every clause");
    tern.run(&["explain", ""]).fails("\"\"", "`tern rules`");
}

#[test]
fn codes_that_users_are_told_are_explained_as_configuration_has_them() {
    let tern = Tern::new();
    let text = |code: &str| tern.run(&["explain", code]).clean().out;
    assert!(text("w110101").contains("some devices of the list were left out"));
    assert!(text("I99").contains("It means: accepted"));
    assert!(text("N55").contains("what an S1SP reports"));
    assert!(text("E31").contains("no public page says what it means"));
    assert!(text("E1000").contains("counter-behind") && text("counter-behind").contains("E1000"));
    tern.run(&["explain", "E9999"]).fails("\"E9999\"", "`tern rules`");
    tern.write("tern.toml", "[gateway.codes]\ncounter-behind = \"E1001\"\n");
    assert!(text("E1001").contains("counter-behind · receipt · E1001"), "{}", text("E1001"));
    assert!(!text("E1000").contains("counter-behind"));
    tern.write("tern.toml", "[gateway.codes]\ncounter-behind = \"E9999\"\n");
    tern.run(&["explain", "E1001"]).fails("E9999", "tern srv --stages");
}

#[test]
fn rules_can_be_narrowed() {
    let tern = Tern::new();
    let text = tern.run(&["rules", "15."]).clean().out;
    assert!(text.contains("15.10.4") && !text.contains("MA110"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    tern.run(&["rules", "99"]).fails("\"99\"", "lists all");
}

#[test]
fn what_changed_between_two_days_is_told_clause_by_clause() {
    let tern = Tern::new();
    let days = ["rules", "--diff", "2019-12-01", "2021-06-01"];
    let text = tern.run(&days).clean().out;
    for part in [
        "2020-11-29, assumed  TMAD FOC text",
        "CB (2020-06-15); DA (2020-09-18); EA, EB, EC (2020-11-29, assumed)",
        "+ TMAD clause 15.8 · Keys of ESME and GSME · stated (S002 item 26)",
        "~ TMAD clause 5.10.10",
        "days: 7 → 2",
        "binds all, of them newly CB, DA, EA, EB, EC",
        "working days if recently dormant: none → 8",
        "> MEHRS code MA110",
    ] {
        assert!(text.contains(part), "`{part}` in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    let told = tern.run(&[&days[..], &["--json"]].concat()).clean().json();
    let clauses = told["clauses"].as_array().expect("a list");
    let of = |clause: &str| clauses.iter().find(|one| one["clause"] == clause).unwrap_or_else(|| panic!("{clause}"));
    let window = of("5.10.15");
    assert_eq!((&window["change"], &window["grade"]), (&"text-changed".into(), &"R".into()));
    assert_eq!(window["numbers"][0], serde_json::json!({"number": "days", "before": 7, "after": 2}));
    assert_eq!(of("15.1")["change"], "new");
    assert_eq!((&of("GT01")["change"], &of("GT01")["further"][0]), (&"further-groups".into(), &"CB".into()));
    assert_eq!(told["unchanged"].as_u64().expect("a number") as usize + clauses.len(), tern_rules::rules().count());
    let early = tern.run(&["rules", "15.", "--diff", "2019-12-01", "2020-06-15", "--json"]).clean().json();
    let early = early["clauses"].as_array().expect("a list");
    assert!(early.len() > 10 && early.iter().all(|one| one["change"] == "not-yet-in-force"), "{early:?}");
    tern.run(&["rules", "--diff", "2021-06-01", "2019-12-01"]).fails("comes before", "earlier day first");
}

#[test]
fn rules_and_clauses_are_told_as_they_stood_on_a_day() {
    let tern = Tern::new();
    let text = tern.run(&["rules", "5.10", "--as-of", "2020-06-15"]).clean().out;
    assert!(text.contains("binds AA, BA, CA, CB; NOT YET IN FORCE for DA (from"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    let text = tern.run(&["explain", "5.10.10", "--as-of", "2020-06-15"]).clean().out;
    assert!(text.contains("next 7 days") && !text.contains("next 2 days"), "{text}");
    let text = tern.run(&["explain", "15.8", "--as-of", "2020-06-15"]).clean().out;
    assert!(text.contains("On 2020-06-15: NOT YET IN FORCE for EA, EB, EC (from 2020-11-29)."), "{text}");
    let on = tern.run(&["explain", "4.29", "--as-of", "2021-01-04", "--json"]).clean().json();
    let numbers = serde_json::json!({"working_days": 15, "working_days_if_recently_dormant": 2});
    assert_eq!((&on["on"]["numbers"], &on["on"]["wording"]), (&numbers, &1.into()));
}

#[test]
fn what_is_known_of_the_dmves_is_told_with_its_days() {
    let tern = Tern::new();
    let text = tern.run(&["explain", "dmves"]).clean().out;
    for part in ["ppmid-firmware-foc", "EA, EB, EC (P)", "from 2020-11-30 (assumed, November 2020", "Our reading: "] {
        assert!(text.contains(part), "`{part}` in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    let words = ["explain", "two-rates-auxiliary-switch", "--as-of", "2020-06-15"];
    let text = tern.run(&words).clean().out;
    assert!(
        text.contains("even where both prices are the same") && !text.contains("where the prices differ"),
        "{text}"
    );
    let told = tern.run(&[&words[..], &["--json"]].concat()).clean().json();
    let variation = &told["rows"][0]["variations"][0];
    let expected = serde_json::json!(["AA", "BA", "CA"]);
    assert_eq!((&variation["behaviour"], &variation["holds_for"]), (&"switch-closes-at-two-rates".into(), &expected));
    let text = tern.run(&["explain", "ppmid-firmware-foc", "--as-of", "2020-06-15"]).clean().out;
    assert!(text.contains("NOT YET IN FORCE for any of these groups"), "{text}");
}
