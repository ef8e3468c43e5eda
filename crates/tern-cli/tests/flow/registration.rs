//! The supplier-change window is judged again just before the first device effect (CH1, CH2).

use std::collections::{BTreeMap, BTreeSet};

use tern_model::OutcomeKind;
use tern_service::results::reasons;

use crate::settled::settled;
use crate::support::{DeafDevices, Place, healthy};

#[test]
fn a_change_of_supplier_registered_between_intake_and_commissioning_refuses_the_installation() {
    let place = Place::new(healthy(5));
    taken_in_and_killed(&place);
    changes_tomorrow(&place, "electricity");
    assert_eq!(place.migrate().code, Some(1));
    let ends = settled(&place);
    for (chf, end) in ends.values().flatten() {
        assert_eq!((end.kind(), reasons(end)), (OutcomeKind::Refused, vec!["5.10.10".to_owned()]), "{chf}");
    }
    assert!(place.log().is_empty(), "devices were touched: {:?}", place.log());
}

#[test]
fn both_fuels_are_judged_again() {
    let place = Place::new(healthy(5));
    taken_in_and_killed(&place);
    changes_tomorrow(&place, "electricity");
    changes_tomorrow(&place, "gas");
    place.migrate();
    let ends = settled(&place);
    let why: BTreeSet<_> = ends.values().flatten().map(|(_, end)| reasons(end).join(" ")).collect();
    assert!(why.contains("5.10.10 5.10.15"), "{why:?}");
    assert!(place.log().is_empty());
}

/// Takes the set in and kills the run when the first device is asked: one installation is in flight, the others are ready.
fn taken_in_and_killed(place: &Place) {
    let deaf = DeafDevices::listen();
    place.configure(&deaf.configuration());
    let mut run = place.start(&["migrate", "sets"]);
    let line = deaf.called(&mut run);
    assert!(run.kill());
    drop(line);
    place.configure("");
}

/// Every meter of a fuel changes its supplier on the day after.
fn changes_tomorrow(place: &Place, fuel: &str) {
    let mut text = place.read("facts/registration.csv");
    let rows: Vec<Vec<String>> = text.lines().map(|l| l.split(',').map(str::to_owned).collect()).collect();
    assert_eq!(rows[0], ["mpxn", "fuel", "supplier_id", "network_operator_id", "effective_from"]);
    let suppliers: BTreeSet<&String> = rows[1..].iter().map(|r| &r[2]).collect();
    let current: BTreeMap<&String, &Vec<String>> =
        rows[1..].iter().filter(|r| r[1] == fuel).map(|r| (&r[0], r)).collect();
    assert!(!current.is_empty(), "no {fuel}");
    for (mpxn, row) in current {
        let other = suppliers.iter().find(|s| **s != &row[2]).expect("two suppliers");
        text.push_str(&format!("{mpxn},{fuel},{other},{},2021-03-03\n", row[3]));
    }
    place.write("facts/registration.csv", text);
}
