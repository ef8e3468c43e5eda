//! `tern dco`: keys moved to a token and renewed there, sites of before the system change back-filled, and the gate.

use std::path::Path;

use serde_json::Value;
use tern_dco::Site;
use tern_model::Role;
use tern_store::{Batch, Remove, SqliteStore, Store, StoreView};

use crate::support::{Order, Place, healthy};

/// Installations enough for some to have PPMIDs.
const SITES: usize = 12;
const SOFTHSM: &str = "/usr/lib/softhsm/libsofthsm2.so";

fn window(system_change: &str) -> String {
    format!(
        "[dco]\nsystem_change = \"{system_change}\"\nredesignation_first = \"2021-03-01\"\nredesignation_last = \"2021-03-31\"\n"
    )
}

fn gate(place: &Place, day: &str) -> (Option<i32>, Value) {
    let ran = place.run(&["dco", "gate", "--as-of", day, "--json"]);
    (ran.code, ran.json())
}

fn length(value: &Value) -> usize {
    value.as_array().expect("a list").len()
}

#[test]
fn sites_that_were_migrated_before_the_system_change_are_back_filled_and_the_gate_opens() {
    let place = Place::new(healthy(SITES));
    place.configure(&window("2021-03-03"));
    assert_eq!(place.migrate().code, Some(0));
    let early = place.run(&["dco", "backfill"]);
    assert!(early.code == Some(2) && early.err.contains("the Uplift 1.2 system change is on 2021-03-03"), "{early:?}");
    // The system change is over now, as it is for sites of months ago.
    place.configure(&window("2021-03-01"));
    let (code, before) = gate(&place, "2021-03-02");
    let incomplete = length(&before["incomplete"]);
    assert!(incomplete > 0 && incomplete < SITES, "some sites have PPMIDs: {before}");
    assert_eq!((code, &before["safe"], &before["non_compliance"]), (Some(1), &false.into(), &true.into()));
    assert_eq!(before["sites"], SITES);
    let done = place.run(&["dco", "backfill", "--json", "--per-second", "1000"]).clean().json();
    assert_eq!(length(&done["upgraded"]), incomplete);
    assert_eq!((&done["complete"], &done["finished"]), (&(SITES - incomplete).into(), &true.into()));
    let names = |list: &Value| {
        let sites = list.as_array().expect("a list").iter();
        let mut names: Vec<_> = sites.map(|s| (s["chf_identifier"].to_string(), s["ppmids"].to_string())).collect();
        names.sort();
        names
    };
    assert_eq!(names(&done["upgraded"]), names(&before["incomplete"]));
    let again = place.run(&["dco", "backfill", "--json"]).clean().json();
    assert_eq!((length(&again["upgraded"]), &again["complete"]), (0, &SITES.into()));
    for (day, code, safe) in
        [("2021-02-28", 1, false), ("2021-03-01", 0, true), ("2021-03-31", 0, true), ("2021-04-01", 1, false)]
    {
        let (ended, told) = gate(&place, day);
        assert_eq!(
            (ended, &told["safe"], &told["non_compliance"]),
            (Some(code), &safe.into(), &(day < "2021-03-01").into()),
            "{day}"
        );
    }
    let text = place.run(&["dco", "gate", "--as-of", "2021-03-02"]).clean().out;
    assert!(text.contains("re-designation is safe"), "{text}");
    place.run(&["audit"]).clean();
}

#[test]
fn sites_that_an_earlier_release_admitted_are_read_from_the_common_files_again() {
    let place = Place::new(healthy(SITES));
    place.configure(&window("2021-03-03"));
    assert_eq!(place.migrate().code, Some(0));
    place.configure(&window("2021-03-01"));
    let incomplete = length(&gate(&place, "2021-03-02").1["incomplete"]);
    // Releases before this one did not write the devices down.
    let mut store = SqliteStore::open(&place.path("stores/dco.sqlite"), Role::Dco).expect("the DCO's store");
    let sites = store.scan(Site::KIND, None, 1_000).expect("reads");
    assert_eq!(sites.len(), SITES);
    let remove = |(key, _)| Remove { kind: Site::KIND, key, generation: None };
    let removes = sites.into_iter().map(remove).collect();
    store.commit(&Batch { removes, ..Batch::default() }).expect("durable");
    drop(store);
    let (code, told) = gate(&place, "2021-03-02");
    assert_eq!((code, length(&told["incomplete"])), (Some(1), SITES));
    assert!(
        told["incomplete"].as_array().is_some_and(|sites| sites.iter().all(|site| site["ppmids"].is_null())),
        "{told}"
    );
    let done = place.run(&["dco", "backfill", "--json"]).clean().json();
    assert_eq!((length(&done["upgraded"]), length(&done["unknown"])), (incomplete, 0), "{done}");
    assert_eq!(gate(&place, "2021-03-02").0, Some(0));
}

#[test]
fn ioc_and_moc_sites_of_before_the_system_change_are_back_filled_on_their_own_time_line() {
    // The three dates as they are by default: the system change on 25 September 2020, the window from 29 September to
    // 29 October. Four days before the change every IOC and MOC group is covered, and no Join adds a PPMID's keys.
    let place = Place::with_keys();
    let on = |day: &str| place.write("tern.toml", format!("[clock]\nstart = \"{day}T09:00:00Z\"\n"));
    on("2020-09-21");
    let sites = 30;
    let order = ["corpus", "-n", "30", "--seed", "7", "--defects", "0", "--faults", "0", "--group", "AA,BA,CA,CB,DA"];
    place.run(&order).clean();
    place.build("EARLY", sites);
    assert_eq!(place.migrate().code, Some(0));
    let early = place.run(&["dco", "backfill"]);
    assert!(early.code == Some(2) && early.err.contains("the Uplift 1.2 system change is on 2020-09-25"), "{early:?}");

    on("2020-09-28");
    let (code, before) = gate(&place, "2020-09-29");
    let incomplete = length(&before["incomplete"]);
    assert!(incomplete > 0 && incomplete < sites, "some sites have PPMIDs: {before}");
    assert_eq!((code, &before["sites"], &before["non_compliance"]), (Some(1), &sites.into(), &true.into()));
    let groups: std::collections::BTreeSet<_> =
        before["incomplete"].as_array().expect("sites").iter().map(|site| group_of(&place, site)).collect();
    assert!(groups.len() > 1, "PPMIDs of one group alone: {groups:?}");
    let done = place.run(&["dco", "backfill", "--json", "--per-second", "1000"]).clean().json();
    assert_eq!((length(&done["upgraded"]), &done["complete"]), (incomplete, &(sites - incomplete).into()));
    for (day, code) in [("2020-09-28", 1), ("2020-09-29", 0), ("2020-10-29", 0), ("2020-10-30", 1)] {
        let (ended, told) = gate(&place, day);
        assert_eq!((ended, &told["safe"], length(&told["incomplete"])), (Some(code), &(code == 0).into(), 0), "{day}");
    }
}

/// The group of a site, by the set whose Common File names it.
fn group_of(place: &Place, site: &Value) -> String {
    let chf = site["chf_identifier"].as_str().expect("a CHFIdentifier");
    let sets = place.list("sets").into_iter();
    let named = |set: &String| place.read(&place.file(&format!("sets/{set}"), "MCF_")).contains(chf);
    sets.filter(named).map(|set| set[..2].to_owned()).next().expect("a set")
}

/// A SoftHSM of the test's own; none where there is none.
fn softhsm(place: &Place, test: &str) -> Option<String> {
    if !Path::new(SOFTHSM).exists() {
        tern_outside::skip(test, "softhsm2");
        return None;
    }
    std::fs::create_dir(place.path("tokens")).expect("a folder");
    let tokens = place.path("tokens");
    place.write("softhsm2.conf", format!("directories.tokendir = {}\nobjectstore.backend = file\n", tokens.display()));
    place.write("so.pin", "87654321\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(place.path("so.pin"), mode).expect("its owner's");
    Some(place.path("softhsm2.conf").display().to_string())
}

#[test]
fn a_dco_moves_its_keys_to_a_token_and_commissions_with_them() {
    let place = Place::new(Order { installations: 8, size: 4, defects: 0, faults: 0 });
    let Some(conf) = softhsm(&place, "a_dco_moves_its_keys_to_a_token_and_commissions_with_them") else { return };
    let sets = place.list("sets");
    assert_eq!(sets.len(), 2, "{sets:?}");
    place.run(&["migrate", &format!("sets/{}", sets[0])]).clean();
    let run = |args: &[&str]| {
        let output = place.command(args).env("SOFTHSM2_CONF", &conf).output().expect("tern runs");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), out.into_owned(), err.into_owned())
    };
    let shown = || -> Value {
        let (code, out, err) = run(&["dco", "custody", "show", "--json"]);
        assert_eq!(code, Some(0), "{err}");
        serde_json::from_str(&out).expect("JSON")
    };
    let under_file = shown();
    let keys = &under_file["keks"][0]["keys"];
    assert_eq!((&under_file["current"], keys.as_u64() >= Some(8)), (&"file:1".into(), true), "{under_file}");
    place.configure(&format!(
        "[roles.dco.custody]\n\
         kind = \"pkcs11\"\nmodule = \"{SOFTHSM}\"\ntoken = \"tern\"\npin_file = \"stores/dco.pin\"\n"
    ));
    let (code, _, err) = run(&["dco", "custody", "show"]);
    assert!(code == Some(2) && err.contains("the file with the PIN"), "{err}");
    assert_eq!(run(&["dco", "custody", "init", "--so-pin-file", "so.pin"]).0, Some(0));
    assert_eq!(run(&["dco", "custody", "init"]).0, Some(0), "prepared already");
    assert_eq!(&shown()["to_move"], keys);
    assert_eq!(run(&["dco", "custody", "move"]).0, Some(0));
    let moved = shown();
    assert_eq!((&moved["to_move"], moved["token"]["label"].as_str()), (&0.into(), Some("tern")));
    assert_eq!(run(&["dco", "custody", "rotate", "--destroy-old"]).0, Some(0));
    std::fs::remove_file(place.path("stores/dco.seal")).expect("no longer needed");
    let alone = shown();
    assert_eq!((length(&alone["keks"]), alone["keks"][0]["keys"].clone()), (1, keys.clone()), "{alone}");
    assert!(alone["current"].as_str().is_some_and(|kek| kek.starts_with("token:2:")), "{alone}");
    let pin = place.read("stores/dco.pin");
    assert!(!format!("{:?}", run(&["audit", "--json"])).contains(&pin));
    // New installations are commissioned with the token.
    let (code, out, err) = run(&["migrate", &format!("sets/{}", sets[1]), "--json"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let both = shown();
    assert_eq!(both["to_move"], 0);
    assert!(both["keks"][0]["keys"].as_u64() > keys.as_u64(), "{both}");
}

#[test]
fn a_file_of_keys_is_renewed_and_the_old_one_given_up() {
    let place = Place::new(healthy(3));
    assert_eq!(place.migrate().code, Some(0));
    let show = || place.run(&["dco", "custody", "show", "--json"]).clean().json();
    let keys = show()["keks"][0]["keys"].clone();
    place.run(&["dco", "custody", "rotate"]).clean();
    let both = show();
    assert_eq!((&both["current"], length(&both["keks"]), &both["to_move"]), (&"file:2".into(), 2, &0.into()));
    place.run(&["dco", "custody", "rotate", "--destroy-old"]).clean();
    let alone = show();
    assert_eq!((&alone["current"], &alone["keks"][0]["keys"], length(&alone["keks"])), (&"file:3".into(), &keys, 1));
    place.run(&["audit"]).clean();
}
