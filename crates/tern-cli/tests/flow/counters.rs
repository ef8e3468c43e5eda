//! A counter names one set: the same bytes go on or print their result, others are refused, and order is the counters'.

use serde_json::Value;

use crate::settled::settled;
use crate::support::{Place, Ran, healthy};

#[test]
fn the_same_counter_with_the_same_bytes_prints_its_result_again() {
    for (place, code) in [(Place::new(healthy(3)), 0), (Place::everything(), 1)] {
        let (first, log) = (place.migrate(), place.log());
        let again = place.migrate();
        assert_eq!((first.code, again.code), (Some(code), Some(0)), "{first:?} {again:?}");
        assert_eq!(first.json()["outcomes"], again.json()["outcomes"]);
        let known = |ran: &Ran| -> Vec<bool> {
            ran.json()["sets"].as_array().expect("sets").iter().filter_map(|s| s["known"].as_bool()).collect()
        };
        assert!(known(&first).iter().all(|k| !k) && known(&again).iter().all(|k| *k), "{first:?} {again:?}");
        assert_eq!(place.log(), log, "a result that is printed again asks no device anything");
        assert!(place.run(&["migrate", "sets"]).clean().out.contains("migrated before: its result again"));
        settled(&place);
    }
}

#[test]
fn the_same_counter_with_other_bytes_is_refused_with_a_suggestion() {
    let place = Place::new(healthy(2));
    place.migrate();
    place.run(&["smso", "export", "--reference", "OTHER", "--out", "others"]).clean();
    place.run(&["build", "others", "--out", "other", "--counter", "1"]).clean();
    let log = place.log();
    let ran = place.run(&["migrate", "other/sets", "--json"]).finds();
    let clauses = refusals(&ran, 0);
    assert!(!clauses.is_empty() && clauses.iter().all(|(clause, _)| clause == "P-counter"), "{ran:?}");
    assert!(clauses.iter().all(|(_, next)| next.contains("new counter")), "{clauses:?}");
    let text = place.run(&["migrate", "other/sets"]).finds().out;
    assert!(text.contains("P-counter") && text.contains("next: build the set again under a new counter"), "{text}");
    assert_eq!(place.run(&["check", "other/sets"]).finds().out.matches("P-counter  P").count(), 3);
    assert_eq!(place.log(), log);
    assert_eq!(place.migrate().code, Some(0), "the first one is what it was");
    settled(&place);
}

#[test]
fn a_lower_counter_that_was_never_seen_is_accepted_down_to_the_window() {
    let place = Place::with_keys();
    place.run(&["corpus", "-n", "2", "--seed", "7", "--defects", "0"]).clean();
    let migrated = |counter: &str| {
        let exports = format!("exports-{counter}");
        place.run(&["smso", "export", "--reference", counter, "--out", &exports]).clean();
        place.run(&["build", &exports, "--counter", counter]).clean();
        place.run(&["migrate", &format!("sets/EA_{counter}"), "--json"])
    };
    migrated("150").clean();
    // Its installations are commissioned already: each is refused, and the set is taken in.
    let lower = migrated("50").finds();
    assert_eq!(refusals(&lower, 0), [], "{lower:?}");
    assert_eq!(lower.json()["sets"][0]["installations"], 2);
    let too_low = migrated("49").finds();
    let [(clause, next)] = &refusals(&too_low, 0)[..] else { panic!("{too_low:?}") };
    assert_eq!(clause, "P-counter");
    assert!(next.contains("above 150"), "the highest is still the highest: {next}");
    place.configure("[rules]\ncounter_window = 101\n");
    assert_eq!(refusals(&place.run(&["migrate", "sets/EA_49", "--json"]).finds(), 0), []);
    settled(&place);
}

#[test]
fn sets_are_taken_in_the_order_of_their_counters_whatever_their_folders_are_called() {
    let place = Place::with_keys();
    place.run(&["corpus", "-n", "3", "--seed", "7", "--defects", "0"]).clean();
    place.run(&["smso", "export", "--reference", "FIRST"]).clean();
    place.run(&["build", "--size", "1", "--counter", "9"]).clean();
    for (counter, name) in [("9", "c"), ("10", "b"), ("11", "a")] {
        std::fs::rename(place.path(&format!("sets/EA_{counter}")), place.path(&format!("sets/{name}"))).expect("moved");
    }
    let ran = place.migrate().clean().json();
    let dirs: Vec<_> = ran["sets"].as_array().expect("sets").iter().map(|s| s["dir"].clone()).collect();
    assert_eq!(dirs, ["sets/c", "sets/b", "sets/a"].map(Value::from));
    settled(&place);
}

/// Clauses and suggestions for which a set as a whole was refused.
fn refusals(ran: &Ran, set: usize) -> Vec<(String, String)> {
    let told = ran.json();
    let refused = told["sets"][set]["refused"].as_array().expect("findings").iter();
    let text = |value: &Value| value.as_str().expect("words").to_owned();
    refused.map(|f| (text(&f["clause"]), text(&f["suggestion"]))).collect()
}
