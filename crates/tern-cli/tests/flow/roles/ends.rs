//! What roles do as processes is what they do in one.

use super::{Roles, migrate};
use crate::settled::{planted_is_found, settled};
use crate::support::Place;

#[test]
fn roles_as_processes_end_every_installation_as_one_process_does() {
    let one = Place::everything();
    let expected = one.migrate().json();
    let place = Place::everything();
    let roles = Roles::start(&place);
    let first = migrate(&place);
    let again = migrate(&place);
    roles.stop();
    let told = |report: &serde_json::Value| {
        let mut sets = report["sets"].clone();
        for set in sets.as_array_mut().expect("sets") {
            // Findings that name where the file lay name another place.
            for finding in set["refused"].as_array_mut().expect("findings") {
                finding["place"].take();
            }
        }
        (sets, report["outcomes"].clone())
    };
    assert_eq!(told(&first), told(&expected));
    assert_eq!(again["outcomes"], expected["outcomes"]);
    assert!(again["sets"].as_array().expect("sets").iter().all(|set| set["repeated"] == true), "{again}");
    let ends = settled(&place);
    planted_is_found(&place, &ends);
    assert_eq!(ends, settled(&one));
    // Nobody opened another's store or keys: each store stands under its role alone, and the sender has its answers.
    for set in place.list("sets") {
        let answers = place.list(&format!("sets/{set}")).into_iter().filter(|name| name.starts_with("MCVF_")).count();
        assert_eq!(answers, one.list(&format!("sets/{set}")).iter().filter(|name| name.starts_with("MCVF_")).count());
    }
}

#[test]
fn a_role_that_is_not_there_is_waited_for_in_clear_words() {
    let place = Place::new(crate::support::healthy(4));
    let mut roles = Roles::start(&place);
    for role in ["dco", "commissioning-party"] {
        roles.kill(role);
    }
    // The DCO's address file still names where it listened.
    let mut run = place.start(&["migrate", "sets", "--roles", "--json"]);
    roles.start_role("dco");
    run.meanwhile("the reports wait for the Commissioning Party", || {
        ["s1sp", "dco"].iter().all(|role| roles.said(role).contains("what is to be sent to it waits"))
    });
    assert!(place.log().is_empty(), "nothing is touched without the Commissioning Party's word");
    roles.start_role("commissioning-party");
    let ran = run.ended();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let said = roles.said("s1sp");
    assert!(said.contains("commissioning-party at 127.0.0.1:") && said.contains("answers again"), "{said}");
    roles.stop();
    settled(&place);

    let place = Place::new(crate::support::healthy(1));
    place.configure("[links]\npatience_ms = 50\n");
    let ran = place.run(&["migrate", "sets", "--roles"]);
    ran.fails("dsp does not answer: it does not run", "tern role");
    assert!(!place.path("stores/dsp.sqlite").exists());
}
