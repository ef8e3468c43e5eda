//! Sites that earlier builds wrote and left in the midst of a migration: this build tells of them what that one told, and goes
//! on with what was open.
//!
//! `tests/stores/builds/<number>-<commit>.tar.gz` holds the stores with their seals, the keys of the four roles, the facts and
//! the sets, as `tern` of that commit wrote them: of the first set one installation is commissioned, one refused and one stuck,
//! of the second one refused and two in flight.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::Place;

const STUCK: &str = "00-DB-12-53-80-00-00-21";

fn committed() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/stores/builds");
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
    let sites = committed();
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
