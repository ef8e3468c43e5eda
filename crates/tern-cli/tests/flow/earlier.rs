//! Sites that earlier builds wrote and left in the midst of a migration: this build tells of them what that one told, and goes
//! on with what was open.
//!
//! `tests/stores/builds/<number>-<commit>.tar.gz` holds the stores with their seals, the keys of the four roles, the facts and
//! the sets, as `tern` of that commit wrote them: of the first set one installation is commissioned, one refused and one stuck,
//! of the second one refused and two in flight.
//!
//! `tests/stores/plans/` holds, in the same way, an estate with the plan that such a build made of it, and the notices that it
//! wrote of 25 February 2021: that day a supplier that gains a meter is notified of firmware and configuration.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::Place;

const STUCK: &str = "00-DB-12-53-80-00-00-21";

fn committed(of: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/stores").join(of);
    let files = std::fs::read_dir(folder).expect("the committed sites").map(|file| file.expect("a file").path());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    files
}

/// How many installations of each set ended how: commissioned, refused, rolled back, stuck, closed, open.
fn ends(place: &Place) -> Vec<[u64; 6]> {
    let status = place.run(&["status", "--json"]).clean().json();
    let of = |set: &Value| {
        ["commissioned", "refused", "rolled_back", "stuck", "closed", "open"].map(|end| set[end].as_u64().expect(end))
    };
    status["sets"].as_array().expect("sets").iter().map(of).collect()
}

#[test]
fn what_earlier_builds_left_is_told_alike_and_gone_on_with() {
    let sites = committed("builds");
    assert_eq!(sites.len(), 3, "{sites:?}");
    for site in sites {
        let place = Place::unpacked(&site);
        println!("{}", site.display());
        assert_eq!(ends(&place), [[1, 1, 0, 1, 0, 0], [0, 1, 0, 0, 0, 2]]);
        place.run(&["audit"]).clean();
        assert_eq!(place.run(&["stuck", "--json"]).finds().json()["stuck"].as_array().map(Vec::len), Some(1));
        place.run(&["status", "--chf", STUCK]).clean();
        place.run(&["report"]).clean();
        place.run(&["dco", "custody", "show"]).clean();

        // The devices are gone with their site: whoever answers now knows none of them.
        place.run(&["pki", "init", "other", "--not-before", "2020-01-01"]).clean();
        place.write("other.toml", "[clock]\nstart = \"2021-03-02T09:00:00Z\"\n[pki]\ndir = \"other\"\n");
        place.run(&["corpus", "strangers", "-n", "1", "--seed", "3", "--config", "other.toml"]).clean();
        place.configure("[world]\ndir = \"strangers/world\"\n");
        let told = place.migrate().json();
        let sets = told["sets"].as_array().expect("sets");
        assert_eq!((&sets[0]["repeated"], &sets[1]["known"]), (&Value::Bool(true), &Value::Bool(true)), "{told}");
        assert_eq!(ends(&place), [[1, 1, 0, 1, 0, 0], [0, 1, 2, 0, 0, 0]], "no hub answers (15.2)");
        place.run(&["resolve", STUCK, "--close", "smso", "--evidence", "site visit"]);
        assert_eq!(ends(&place), [[1, 1, 0, 0, 1, 0], [0, 1, 2, 0, 0, 0]]);
        place.run(&["audit"]).clean();
    }
}

#[test]
fn plans_of_earlier_builds_announce_what_they_did_and_have_a_next_generation() {
    const NOTIFIED: &str = "00-DB-40-00-00-00-03-D0";
    let plans = committed("plans");
    assert_eq!(plans.len(), 1, "{plans:?}");
    for plan in plans {
        let place = Place::unpacked(&plan);
        println!("{}", plan.display());
        let to_new = || {
            let told = place.run(&["plan", "show", NOTIFIED, "--json"]).clean().json();
            let lines = told["story"].as_array().expect("lines").clone();
            let of_day = lines.into_iter().filter(|line| line["day"] == "2021-02-25");
            of_day.map(|line| (line["what"].clone(), line["clause"].clone())).collect::<Vec<_>>()
        };
        let before = to_new();
        // That it is of 4.29 a plan of that build does not say.
        assert!(before[0].0.as_str().is_some_and(|what| what.contains("who gains MPAN")), "{before:?}");
        assert_eq!((before.len(), &before[0].1), (1, &Value::from("4.30")));
        let notices = ["plan", "notices", "estate", "--in", "plan", "--on", "2021-02-25", "--out", "again"];
        place.run(&notices).clean();
        let files = |folder: &str| {
            let read = |name: String| (place.read(&format!("{folder}/{name}")), name);
            place.list(folder).into_iter().map(read).collect::<Vec<_>>()
        };
        let (wrote, writes) = (files("notices"), files("again"));
        assert!(!wrote.is_empty() && wrote == writes, "{wrote:?} {writes:?}");

        let event = format!("2022-10-03,attempt-failed,{NOTIFIED},,,,,,,,,,no WAN,\n");
        place.write("estate/events.csv", place.read("estate/events.csv") + &event);
        place.run(&["plan", "make", "estate"]).clean();
        assert_eq!(to_new(), [(before[0].0.clone(), Value::from("4.29"))]);
    }
}
