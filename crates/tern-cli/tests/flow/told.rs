//! What an operator is told afterwards: stories of what was refused, stuck and closed, and whether the audit holds.

use serde_json::Value;

use crate::settled::devices_before;
use crate::support::{NO_FAULTS, Order, Place, healthy};

#[test]
fn a_refused_installation_has_a_story_with_every_finding() {
    let place = Place::new(Order { installations: 24, defects: 50, faults: 0, size: 24 });
    place.migrate();
    let planted = place.read("planted.csv");
    let mut roles = std::collections::BTreeSet::new();
    for chf in devices_before(&place).keys().map(ToString::to_string).filter(|chf| planted.contains(chf)) {
        let story = place.run(&["status", "--chf", &chf, "--json"]).clean().json();
        let migration = &story["migrations"][0];
        if migration["outcome"] != "refused" {
            continue;
        }
        let findings = migration["findings"].as_array().expect("findings");
        assert!(!findings.is_empty(), "{story}");
        let said: Vec<&Value> = findings.iter().map(|f| &f["clause"]).collect();
        for clause in migration["clauses"].as_array().expect("clauses") {
            assert!(said.contains(&clause), "{clause} in {story}");
        }
        assert!(!said.iter().any(|c| *c == "P-validated"), "{story}");
        let text = place.run(&["status", "--chf", &chf]).clean().out;
        for found in findings {
            roles.insert(found["role"].as_str().expect("a role").to_owned());
            assert!(text.contains(found["clause"].as_str().expect("a clause")), "{text}");
            assert!(text.contains("says in M") || text.contains("VR_"), "{text}");
        }
    }
    assert!(roles.contains("dsp") && roles.len() > 1, "{roles:?}");
}

#[test]
fn what_is_stuck_is_told_device_by_device_and_what_was_closed_with_its_evidence() {
    let place = Place::new(healthy(2));
    let stuck = *devices_before(&place).keys().next().expect("two of them");
    place.write(
        "world/faults.csv",
        format!("{NO_FAULTS}{stuck},fail,import-certificate/chf,always\n{stuck},fail,master-key-transfer@2,always\n"),
    );
    place.migrate();
    let text = place.run(&["stuck"]).finds().out;
    assert!(text.contains("hub: APN the SMSO's, whitelist the SMSO's, certificate the SMSO's"), "{text}");
    assert!(text.contains("master key perhaps the DCC's (B6.4)"), "{text}");
    let story = place.run(&["status", "--chf", &stuck.to_string()]).clean().out;
    assert!(story.contains("undone: hub, APN as before") && !story.contains("undone: the"), "{story}");

    place.run(&["resolve", &stuck.to_string(), "--close", "smso", "--evidence", "site visit 4711"]).clean();
    let story = place.run(&["status", "--chf", &stuck.to_string()]).clean().out;
    assert!(story.contains("held by the SMSO") && story.contains("evidence: site visit 4711"), "{story}");
    let told = place.run(&["status", "--chf", &stuck.to_string(), "--json"]).clean().json();
    assert_eq!(told["migrations"][0]["closing"]["evidence"], "site visit 4711");
    assert_eq!(told["migrations"][0]["closing"]["held_by"], "smso");
    let sets = place.run(&["status"]).clean().out;
    assert!(sets.lines().next().is_some_and(|header| header.contains("closed")), "{sets}");
}

#[test]
fn a_set_that_was_refused_as_a_whole_is_listed() {
    let place = Place::new(healthy(1));
    let name = place.file("sets/EA_1", "MGF_");
    let broken = place.read(&name).replace("<IMSI>", "<IMSI>1");
    place.write(&name, broken);
    place.migrate();
    place.migrate();
    let told = place.run(&["status", "--json"]).clean().json();
    assert_eq!(told["sets"].as_array().map(Vec::len), Some(0), "{told}");
    let refused = &told["refused_sets"];
    assert_eq!((refused.as_array().map(Vec::len), refused[0]["times"].as_u64()), (Some(1), Some(2)), "{told}");
    let clause = refused[0]["clauses"][0].as_str().expect("a clause");
    let text = place.run(&["status"]).clean().out;
    assert!(text.contains("refused as a whole") && text.contains(clause), "{text}");
}

#[test]
fn an_audit_that_was_altered_is_found_out() {
    let place = Place::new(healthy(1));
    let none = place.run(&["audit", "--json"]).clean().json();
    assert_eq!(none["roles"][0]["state"], "no-store", "{none}");
    place.migrate();
    let whole = place.run(&["audit", "--lines", "--json"]).clean().json();
    assert_eq!(whole["roles"].as_array().map(Vec::len), Some(4), "{whole}");
    for role in whole["roles"].as_array().expect("roles") {
        let (entries, lines) = (role["entries"].as_u64(), role["lines"].as_array().expect("lines"));
        assert_eq!((&role["state"], entries), (&Value::from("ok"), Some(lines.len() as u64)), "{role}");
        assert!(lines.last().is_none_or(|last| last["hash"] == role["head"]), "{role}");
    }
    let text = place.run(&["audit", "--lines"]).clean().out;
    assert!(text.contains("set taken in") && text.contains("ok, 1 entry, head "), "{text}");

    // The page of the database is altered behind the store's back: same length, another word.
    let path = place.path("stores/dsp.sqlite");
    let mut bytes = std::fs::read(&path).expect("the store");
    let (old, new) = (b"set taken in", b"set taken up");
    let at: Vec<usize> = (0..bytes.len() - old.len()).filter(|&at| bytes[at..].starts_with(old)).collect();
    assert!(!at.is_empty(), "the audit line is in the file");
    for at in at {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
    std::fs::write(&path, bytes).expect("written");
    let text = place.run(&["audit"]).finds().out;
    assert!(text.contains("audit row 1 was altered") && text.contains("next: "), "{text}");
    let told = place.run(&["audit", "--json"]).finds().json();
    assert_eq!((&told["roles"][0]["state"], &told["roles"][1]["state"]), (&"broken".into(), &"ok".into()), "{told}");
}

#[test]
fn the_inventory_is_told_by_hub_and_by_device_with_what_was_taken_out() {
    let place = Place::new(healthy(2));
    let mut chfs: Vec<_> = devices_before(&place).keys().copied().collect();
    let (back, stays) = (chfs.remove(0), chfs.remove(0));
    place.write("world/faults.csv", format!("{NO_FAULTS}{back},fail,import-certificate/chf,always\n"));
    place.migrate();
    let told = place.run(&["inventory", &stays.to_string(), "--json"]).clean().json();
    let devices = told["devices"].as_array().expect("devices");
    let chf = devices.iter().find(|d| d["device"] == stays.to_string()).expect("the hub");
    assert_eq!((&chf["status"], &chf["csp_region"]), (&"Commissioned".into(), &"SMETS1".into()), "{chf}");
    assert!(chf["s1sp"].is_string() && chf["since"].is_string() && chf["model"].is_object(), "{chf}");
    let esme = devices.iter().find(|d| d["kind"] == "ESME").expect("a meter");
    let one = place.run(&["inventory", esme["device"].as_str().expect("an ID"), "--json"]).clean().json();
    assert_eq!(one["devices"][0], *esme, "a device is told as it is behind its hub");
    let text = place.run(&["inventory", &back.to_string()]).clean().out;
    assert!(text.contains("taken out") && !text.contains("Commissioned"), "{text}");
    let counts = place.run(&["inventory", "--json"]).clean().json();
    assert_eq!(counts["kinds"][0], serde_json::json!({"kind": "CHF", "in_inventory": 1, "taken_out": 1}));
    place.run(&["inventory", "00-00-00-00-00-00-00-01"]).fails("the inventory never held", "tern status --chf");
}

#[test]
fn every_verb_that_goes_by_the_records_says_which_of_them_it_cannot_use() {
    let place = Place::new(healthy(1));
    place.migrate();
    let sims = place.read("facts/sims.csv");
    place.write("facts/sims.csv", format!("{}\nnonsense\n", sims.trim_end()));
    for words in [
        &["check", "sets"][..],
        &["migrate", "sets"],
        &["migrate", "sets", "--dry-run"],
        &["report"],
        &["resolve", "--all"],
        &["duties"],
        &["firmware", "status", "--ask"],
    ] {
        let json = place.run(&[words, &["--json"]].concat()).json();
        let said = json["warnings"].as_array().unwrap_or_else(|| panic!("{words:?}: {json}"));
        assert!(said.iter().any(|w| w.as_str().is_some_and(|w| w.contains("sims.csv"))), "{words:?}: {json}");
        assert!(place.run(words).out.contains("sims.csv"), "{words:?}");
    }
}
