//! Installations that come again: after a rollback they may, while they are held they may not.

use std::collections::BTreeSet;

use tern_model::{ChfIdentifier, Outcome, OutcomeKind};
use tern_service::results::reasons;

use crate::settled::{Ends, devices_before, of_kind, settled};
use crate::support::{NO_FAULTS, Order, Place, healthy};

#[test]
fn a_rolled_back_installation_comes_again_and_is_commissioned_and_a_commissioned_one_is_refused() {
    let place = Place::new(Order { installations: 12, defects: 0, faults: 4, size: 12 });
    place.migrate();
    let first = settled(&place);
    let rolled_back = of_kind(&first, OutcomeKind::RolledBack);
    assert_eq!(rolled_back.len(), 2, "no WAN, and a refusal by the inventory: {first:?}");
    place.write("world/faults.csv", NO_FAULTS);

    // With the export that the first set used it is refused: its blobs belong to that set.
    place.run(&["build", "exports-FIRST", "--json"]).clean();
    // An hour later, so that it is known which set came first.
    place.write("tern.toml", place.read("tern.toml").replace("T09:", "T10:"));
    let told = place.migrate().finds().json();
    assert_eq!(told["counted_again"], 12, "{told}");
    let text = place.run(&["status"]).clean().out;
    assert!(text.contains("the sets hold 12 different installations"), "{text}");
    let second = settled(&place);
    let standing = place.run(&["report", "--json"]).clean().json()["standing"].clone();
    let stand: Vec<_> = ["commissioned", "refused"].map(|end| standing_of(&standing, end)).to_vec();
    assert_eq!(stand, [10, 2], "the commissioned stay commissioned: {standing}");
    for (chf, end) in last(&second) {
        let clause = if rolled_back.contains(chf) { "P-blob-binding" } else { "P-chf-inventory" };
        assert!(end.kind() == OutcomeKind::Refused && reasons(end).contains(&clause.to_owned()), "{chf}: {end:?}");
    }

    place.build("SECOND", 12);
    assert_eq!(place.migrate().code, Some(1));
    let third = settled(&place);
    for (chf, end) in last(&third) {
        if rolled_back.contains(chf) {
            assert_eq!(end.kind(), OutcomeKind::Commissioned, "{chf}: {end:?}");
        } else {
            assert_eq!(reasons(end), ["P-chf-inventory", "P-device-inventory"], "{chf}: {end:?}");
        }
    }
}

#[test]
fn a_stuck_installation_that_comes_again_is_refused_and_its_way_out_stays_open() {
    let place = Place::new(healthy(3));
    let stuck = *devices_before(&place).keys().nth(1).expect("three of them");
    // The meter takes the DCO's master key, the hub then refuses its certificate, and the meter will not give the key back.
    place.write(
        "world/faults.csv",
        format!("{NO_FAULTS}{stuck},fail,import-certificate/chf,always\n{stuck},fail,master-key-transfer@2,always\n"),
    );
    let outcomes = place.migrate().finds().json()["outcomes"].clone();
    assert_eq!(count(&outcomes, "stuck"), 1, "{outcomes}");
    assert_eq!(count(&outcomes, "commissioned"), 2, "{outcomes}");

    place.build("SECOND", 3);
    let outcomes = place.run(&["migrate", "sets/EA_2", "--json"]).finds().json()["outcomes"].clone();
    assert_eq!(count(&outcomes, "refused"), 3, "{outcomes}");
    assert!(outcomes.to_string().contains("P-duplicate-chf"), "{outcomes}");
    place.run(&["stuck"]).finds();

    place.write("world/faults.csv", NO_FAULTS);
    place.run(&["resolve", &stuck.to_string()]).clean();
    place.run(&["stuck"]).clean();
    let ends = settled(&place);
    assert_eq!(of_kind(&ends, OutcomeKind::RolledBack), BTreeSet::from([stuck]));

    place.build("THIRD", 3);
    place.migrate();
    assert_eq!(
        last(&settled(&place)).find(|(chf, _)| **chf == stuck).map(|(_, e)| e.kind()),
        Some(OutcomeKind::Commissioned)
    );
}

#[test]
fn an_installation_in_flight_that_comes_again_is_refused_and_finishes_under_its_first_set() {
    let place = Place::new(healthy(3));
    let deaf = crate::support::DeafDevices::listen();
    place.configure(&deaf.configuration());
    let mut run = place.start(&["migrate", "sets"]);
    let line = deaf.called(&mut run);
    assert!(run.kill());
    drop(line);
    place.configure("");
    place.build("SECOND", 3);
    let outcomes = place.run(&["migrate", "sets/EA_2", "--json"]).finds().json()["outcomes"].clone();
    assert_eq!(count(&outcomes, "refused"), 3, "{outcomes}");
    place.migrate();
    let ends = settled(&place);
    let first = ends.values().next().expect("the first set");
    assert!(first.values().all(|e| e.kind() == OutcomeKind::Commissioned), "{first:?}");
}

/// Installations with such an end under any set.
/// How the installations of the last set ended.
fn last(ends: &Ends) -> impl Iterator<Item = (&ChfIdentifier, &Outcome)> {
    ends.values().next_back().expect("a set").iter()
}

fn standing_of(standing: &serde_json::Value, end: &str) -> u64 {
    let row = standing.as_array().expect("rows").iter().find(|row| row["end"] == end);
    row.and_then(|row| row["installations"].as_u64()).expect("a number")
}

fn count(outcomes: &serde_json::Value, kind: &str) -> u64 {
    let rows = outcomes.as_array().expect("rows").iter();
    rows.filter(|r| r["outcome"] == kind).filter_map(|r| r["installations"].as_u64()).sum()
}
