//! What stands in the way of `tern migrate`: folders, stores, other processes, the day.

use tern_world::devices::LogRecord;

use crate::settled::{devices_before, settled};
use crate::support::{DeafDevices, Place, healthy};

#[test]
fn a_set_whose_answer_cannot_be_laid_beside_it_goes_on_and_says_so_and_is_answered_later() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new(healthy(2));
    let folder = place.path("sets/EA_1");
    let mode = |mode| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).expect("permissions");
    mode(0o555);
    // Root writes wherever it likes: for it, something lies in the way instead.
    let name = place.list("sets/EA_1").remove(0).replace("MCF_", "MCVF_");
    if std::fs::write(folder.join("probe"), "").is_ok() {
        std::fs::remove_file(folder.join("probe")).expect("removed");
        std::fs::create_dir(folder.join(&name)).expect("a folder in the way");
    }
    let text = place.run(&["migrate", "sets"]).clean().out;
    let said: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&name) && said.contains("the validation file stays in the DSP's store"), "{text}");
    settled(&place);
    mode(0o755);
    let _ = std::fs::remove_dir(folder.join(&name));
    assert_eq!(place.migrate().code, Some(0));
    assert!(place.list("sets/EA_1").contains(&name));
    settled(&place);
}

#[test]
fn a_damaged_copy_of_a_set_that_was_taken_in_is_refused_and_the_set_stands() {
    let place = Place::new(healthy(2));
    let lay = |folder: &str| {
        std::fs::create_dir(place.path(folder)).expect("a folder");
        for name in place.list("sets/EA_1").iter().filter(|name| !name.starts_with("MCVF_")) {
            let text = place.read(&format!("sets/EA_1/{name}"));
            place.write(&format!("{folder}/{name}"), text.replacen("<ESME>", "<ESME> ", 1));
        }
    };
    // Before the set itself, and after it.
    lay("sets/EA_0");
    let told = place.migrate().finds().json();
    let known = |told: &serde_json::Value, at: usize| told["sets"][at]["known"].clone();
    assert_eq!((known(&told, 0), known(&told, 1)), (false.into(), false.into()), "{told}");
    assert_eq!(told["outcomes"][0]["installations"], 2, "the good one counts: {told}");
    lay("sets/EA_2");
    let text = place.run(&["migrate", "sets"]).finds().out;
    for folder in ["sets/EA_0", "sets/EA_2"] {
        let said = format!("this copy in {folder} is refused; the set was taken in before and stands as it was");
        assert!(text.contains(&said), "{text}");
    }
    let text = place.run(&["status"]).clean().out;
    assert!(text.contains("copies that were refused; the sets above stand as they were taken in:"), "{text}");
    assert!(!text.contains("nothing of them was taken in"), "{text}");
    let told = place.run(&["status", "--json"]).clean().json();
    assert_eq!((&told["refused_sets"][0]["stands"], &told["refused_sets"][0]["times"]), (&true.into(), &3.into()));
    settled(&place);
}

#[test]
fn the_store_of_another_role_is_refused() {
    let place = Place::new(healthy(1));
    place.migrate();
    place.configure("[roles.dsp]\nparty = \"dsp\"\nstore = \"stores/dco.sqlite\"\n");
    for verb in [&["migrate", "sets"][..], &["check", "sets"], &["status"]] {
        place.run(verb).fails("is the store of the role", "a file of its own");
    }
    place.configure("");
    place.write(
        "stores/dsp.sqlite",
        "no database, but some text that is as long as SQLite's own header, and longer still",
    );
    place.run(&["migrate", "sets"]).fails("is not a store that tern wrote", "restore it from a backup");
}

#[test]
fn two_at_once_are_one_and_a_refusal() {
    let place = Place::new(healthy(2));
    let deaf = DeafDevices::listen();
    place.configure(&deaf.configuration());
    let mut run = place.start(&["migrate", "sets"]);
    let line = deaf.called(&mut run);
    place.run(&["migrate", "sets"]).fails("is in use", "wait for process");
    assert!(run.kill());
    drop(line);
    place.configure("");
    assert_eq!(place.migrate().code, Some(0));
    settled(&place);
}

#[test]
fn two_at_once_on_worlds_of_their_own_are_one_and_a_refusal() {
    let place = Place::new(healthy(2));
    let slow = *devices_before(&place).keys().next().expect("two of them");
    place.write("world/faults.csv", format!("chf_identifier,fault,row,times\n{slow},lost-answer,read-hub,always\n"));
    // It is asked again and again, for longer than anybody waits.
    place.configure("[commissioning]\nanswer_timeout_ms = 2000\nattempts = 1000000000\n");
    let mut run = place.start(&["migrate", "sets"]);
    run.meanwhile("an answer is lost", || place.log().iter().any(|r| matches!(r, LogRecord::Fault(_))));
    place.run(&["migrate", "sets"]).fails("is in use", "wait for process");
    assert!(run.kill());
    place.configure("");
    place.write("world/faults.csv", "chf_identifier,fault,row,times\n");
    assert_eq!(place.migrate().code, Some(0));
    settled(&place);
}

#[test]
fn a_dry_run_says_what_would_be_and_changes_nothing() {
    let place = Place::everything();
    let before = place.list(".");
    // The three others are for S1SP and DCO to find.
    let told = place.run(&["migrate", "sets", "--dry-run", "--json"]).finds().json();
    let sum =
        |field: &str| -> u64 { told["sets"].as_array().expect("sets").iter().filter_map(|s| s[field].as_u64()).sum() };
    assert_eq!((sum("go_on"), sum("refused_installations")), (43, 5), "{told}");
    assert_eq!((place.list("."), place.log().len(), place.list("sets/EA_1").len()), (before, 0, 3));
    Place::new(healthy(1)).run(&["migrate", "sets", "--dry-run"]).clean();
}

#[test]
fn before_its_clause_is_in_force_a_set_is_not_taken_in() {
    let place = Place::new(healthy(2));
    let config = place.read("tern.toml").replace("2021-03-02", "2020-06-01");
    place.write("tern.toml", config);
    let ran = place.run(&["migrate", "sets", "--json"]).finds();
    assert!(ran.out.contains("not yet in force") && ran.json()["sets"][0]["installations"] == 0, "{ran:?}");
    let text = place.run(&["migrate", "sets"]).finds().out;
    assert!(text.contains("not yet in force on 2020-06-01") && text.contains("the set is refused"), "{text}");
    assert!(place.log().is_empty());
    place.configure("");
    assert_eq!(place.migrate().code, Some(0), "later it is");
    settled(&place);
}
