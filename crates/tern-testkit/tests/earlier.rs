//! Stores that the first version of this program wrote: everything in them is taken over, and what was open goes on.

use std::sync::atomic::AtomicBool;

use serde_json::{Map, Value, json};
use tern_model::{Outcome, OutcomeKind, Role, SetId};
use tern_service::System;
use tern_service::overview::Overview;
use tern_service::parties::Party;
use tern_store::{Batch, Expect, Put, Remove, SqliteStore, Store, StoreView};
use tern_testkit::{Cut, Lab, LabPlan, Power, RawFile, Strike, Struck, commission, results, validated};

const KINDS: [&str; 6] = ["refused", "standing", "open", "stuck", "watched", "inventory-of-hub"];

/// A set half migrated: some refused by the DSP, one stuck, the rest not begun.
fn lab() -> Lab {
    let lab = Lab::new(LabPlan { installations: 6, seed: 3, defects_permille: 400, faults: 0, set_size: 6 }, |_| {});
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    tern_testkit::take(&mut system, &lab.sets[0]).expect("is taken in");
    lab
}

/// Writes a party's set records as version 1 had them, and takes out what version 1 did not have.
fn as_version_1(lab: &Lab, role: Role, store: &std::path::Path) {
    let mut store = SqliteStore::open(&lab.dir().join(store), role).expect("a store");
    let mut batch = Batch::default();
    for (key, record) in store.scan("set", None, 10).expect("sets") {
        let mut body: Map<String, Value> = serde_json::from_slice(&record.body).expect("a body");
        let listed = |kind: &'static str| store.scan(kind, None, 1_000).expect(kind).into_iter();
        let chf = |key: &str| key.split_once('/').expect("set and CHF").1.to_owned();
        let invalid: Map<String, Value> = listed("refused")
            .map(|(key, record)| (chf(&key), serde_json::from_slice(&record.body).expect("clauses")))
            .collect();
        let instructed: Vec<String> = listed("standing").map(|(key, _)| chf(&key)).collect();
        body.insert("invalid".to_owned(), Value::Object(invalid));
        let told = body.get("instructed").is_some_and(|i| !i.is_null());
        body.insert("instructed".to_owned(), if told { json!(instructed) } else { Value::Null });
        for new in ["refused", "sender"] {
            body.remove(new);
        }
        let body = serde_json::to_vec(&body).expect("a body");
        batch.puts.push(Put { kind: "set", key, expect: Expect::Any, version: 1, body });
    }
    for (key, record) in store.scan("inventory", None, 1_000).expect("devices") {
        let entry: Value = serde_json::from_slice(&record.body).expect("a body");
        let last = entry["history"].as_array().and_then(|h| h.last()).expect("a history");
        if last["change"] != "added" {
            batch.removes.push(Remove { kind: "inventory", key, generation: None });
            continue;
        }
        let old = json!({
            "device": entry["device"], "kind": entry["kind"], "chf": entry["chf"], "set": last["set"],
            "status": "Commissioned",
        });
        let body = serde_json::to_vec(&old).expect("a body");
        batch.puts.push(Put { kind: "inventory", key, expect: Expect::Any, version: 1, body });
    }
    for (key, record) in store.scan("viable", None, 1_000).expect("those that wait") {
        let (set, chf) = key.split_once('/').expect("set and CHF");
        let (old, body) = (format!("{chf}/{set}"), record.body);
        batch.puts.push(Put { kind: "viable", key: old, expect: Expect::Any, version: 1, body });
        batch.removes.push(Remove { kind: "viable", key, generation: None });
    }
    for kind in KINDS {
        let keys = store.scan(kind, None, 1_000).expect(kind).into_iter().map(|(key, _)| key);
        batch.removes.extend(keys.map(|key| Remove { kind, key, generation: None }));
    }
    store.commit(&batch).expect("as version 1 wrote it");
}

fn all_as_version_1(lab: &Lab) {
    let roles = lab.config().roles;
    for (role, store) in [(Role::Dsp, roles.dsp.store), (Role::S1sp, roles.s1sp.store), (Role::Dco, roles.dco.store)] {
        as_version_1(lab, role, &store);
    }
}

fn overviewed(lab: &Lab, set: SetId) -> Vec<Option<Outcome>> {
    let overview = Overview::open(&lab.config()).expect("the stores");
    overview.results(set).map(|result| result.expect("a result").1).collect()
}

#[test]
fn a_store_of_version_1_is_read_and_what_was_open_or_stuck_goes_on() {
    let lab = lab();
    let set = lab.sets[0].named().expect("a name");
    // One of them gets stuck before the program is replaced by this one.
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    let struck = ["/B6.8/do", "/W2/undo", "/B5.2/undo"].map(|key| Struck::new(key, Strike::Fail, u32::MAX));
    commission(&mut system, &mut lab.devices(), &struck).expect("runs");
    let before = results(&system, set);
    drop(system);
    let kinds: Vec<_> = before.values().map(|o| o.as_ref().map(Outcome::kind)).collect();
    assert!(kinds.contains(&Some(OutcomeKind::Stuck)) && kinds.contains(&Some(OutcomeKind::Refused)), "{kinds:?}");

    all_as_version_1(&lab);
    assert_eq!(overviewed(&lab, set), before.values().cloned().collect::<Vec<_>>(), "`tern status` tells the same");
    all_as_version_1(&lab);
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    assert_eq!(results(&system, set), before);
    let stuck: Vec<_> = system.records().map(|r| r.expect("a record")).map(|r| (r.plan.chf, r.key())).collect();
    for (chf, key) in stuck {
        assert!(system.dsp.inventory(chf.into()).expect("reads").is_some(), "{chf} is not in the inventory");
        let outcome = system.resolve(&key, None, &mut lab.devices()).expect("resolved");
        assert_eq!(outcome.kind(), OutcomeKind::RolledBack, "{key}");
        assert!(system.dsp.inventory(chf.into()).expect("reads").is_none(), "{chf} stayed in the inventory");
    }
}

#[test]
fn what_version_1_had_not_begun_is_migrated() {
    let lab = lab();
    let set = lab.sets[0].named().expect("a name");
    all_as_version_1(&lab);
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    system.commission(None, &mut lab.devices(), &AtomicBool::new(false), &mut |_| {}).expect("runs");
    let ended: Vec<_> = results(&system, set).into_values().collect();
    assert_eq!(ended.len(), 6);
    assert!(ended.iter().all(Option::is_some), "{ended:?}");
    let commissioned = ended.iter().flatten().filter(|o| o.kind() == OutcomeKind::Commissioned).count();
    assert!(commissioned > 0, "{ended:?}");
}

#[test]
fn those_that_wait_for_the_word_are_found_with_their_set_whatever_a_crash_left_undone() {
    let plan = LabPlan { installations: 8, seed: 3, defects_permille: 0, faults: 0, set_size: 4 };
    let mut lab = Lab::new(plan, |_| {});
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    let validations: Vec<RawFile> = lab.sets.iter().map(|set| validated(&mut system, set)).collect();
    drop(system);
    let waiting = |system: &mut System| {
        let keys = system.s1sp.store().scan("viable", None, 100).expect("reads").into_iter().map(|(key, _)| key);
        keys.collect::<Vec<_>>()
    };
    for write in 0.. {
        lab.reset();
        let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
        for (set, validation) in lab.sets.iter().zip(&validations) {
            tern_testkit::receive(&mut system.s1sp, Role::Dsp, validation).expect("is taken in");
            for file in &set.files {
                let from = if file.name.starts_with("MCF_") { Role::Dsp } else { Role::RequestingParty };
                tern_testkit::receive(&mut system.s1sp, from, file).expect("is taken in");
            }
        }
        let all = waiting(&mut system);
        assert_eq!(all.len(), 8);
        drop(system);
        all_as_version_1(&lab);
        let power = Power::new(if write == 0 { Cut::Never } else { Cut::After(write) });
        let crashed = lab.open(&power).map(drop);
        let mut system = lab.open(&Power::new(Cut::Never)).expect("opens again");
        assert_eq!(waiting(&mut system), all, "after a crash at write {write}");
        assert_eq!(crashed.is_ok(), !power.is_off());
        if write > 0 && crashed.is_ok() {
            assert!(write > 3, "only {write} writes");
            return;
        }
    }
}
