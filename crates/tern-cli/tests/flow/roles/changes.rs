//! What changes while roles run: fact records on disk, and what a person decides.

use super::{Roles, migrate};
use crate::settled::devices_before;
use crate::support::{NO_FAULTS, Place, eventually, healthy};

const SETTLED: &str = "[facts]\nsettled_ms = 200\n";

#[test]
fn records_that_change_count_without_a_restart_and_never_while_they_are_being_written() {
    let place = Place::new(healthy(2));
    let whole = place.read("facts/sims.csv");
    let (head, rows) = whole.split_at(whole.find('\n').expect("a header") + 1);
    place.write("facts/sims.csv", head);
    let roles = Roles::configured(&place, SETTLED);
    let told = place.run(&["migrate", "sets", "--roles", "--json"]).finds().json();
    assert!(told["outcomes"].to_string().contains("15.6"), "{told}");

    // Somebody writes the records row by row; whoever reads meanwhile would find one SIM alone.
    place.build("SECOND", 2);
    place.write("facts/sims.csv", whole.lines().take(2).map(|row| format!("{row}\n")).collect::<String>());
    place.write("facts/sims.csv", format!("{head}{rows}"));
    for role in ["dsp", "s1sp", "dco"] {
        eventually("it reads them again", || roles.said(role).contains("fact records read again"));
    }
    assert_eq!(place.run(&["migrate", "sets/EA_2", "--roles"]).code, Some(0));
    roles.stop();
}

#[test]
fn what_is_stuck_is_resolved_while_the_roles_run_and_stands_in_the_audit() {
    let place = Place::new(healthy(3));
    let stuck: Vec<_> = devices_before(&place).keys().take(2).copied().collect();
    // The way back fails as often as it is tried, and not once more.
    let faults = stuck
        .iter()
        .map(|chf| format!("{chf},fail,import-certificate/chf,always\n{chf},fail,master-key-transfer@2,3\n"));
    place.write("world/faults.csv", format!("{NO_FAULTS}{}", faults.collect::<String>()));
    let roles = Roles::start(&place);
    migrate(&place);
    let [first, second] = [0, 1].map(|at| stuck[at].to_string());
    assert!(place.run(&["stuck"]).finds().out.contains(&second));

    place.run(&["resolve", &first]).clean();
    place.run(&["resolve", &second, "--close", "smso", "--evidence", "site visit 4711"]).clean();
    place.run(&["resolve", &second]).fails("is not stuck", "tern stuck");
    let audit = place.run(&["audit", "--lines", "--json"]).clean().out;
    assert!(audit.contains("taken up again") && audit.contains("site visit 4711"), "{audit}");
    roles.stop();
    let set = place.run(&["status", "--json"]).clean().json()["sets"][0].clone();
    let stand = ["commissioned", "rolled_back", "closed", "stuck", "open"].map(|end| set[end].as_u64());
    assert_eq!(stand, [Some(1), Some(1), Some(1), Some(0), Some(0)], "{set}");
}
