//! `tern submit` says what `tern migrate` says, whatever happens to the service meanwhile.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Served;
use super::client::Client;
use crate::settled::{planted_is_found, settled};
use crate::support::{Place, healthy, look_again};

const SEED: u64 = 5;
const KILLS: usize = 25;

/// What is said of sets, but for where they lie.
fn told(report: &Value) -> (Value, Value) {
    let mut sets = report["sets"].clone();
    for set in sets.as_array_mut().expect("sets") {
        for finding in set["refused"].as_array_mut().expect("findings") {
            finding["place"].take();
        }
    }
    (sets, report["outcomes"].clone())
}

/// A port that nobody listens on, as configuration: a service that is started again is found where it was.
fn a_port() -> (u16, String) {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    (port, format!("[serve]\nlisten = \"127.0.0.1:{port}\"\n"))
}

#[test]
fn a_submitted_set_ends_as_a_migrated_one_and_its_results_are_fetched() {
    let one = Place::everything();
    let expected = one.migrate().json();
    let place = Place::everything();
    let served = Served::start(&place, "");
    let to = format!("https://{}", served.address);
    let first = place.run(&["submit", "sets", "--to", &to, "--json"]).finds().json();
    let again = place.run(&["submit", "sets", "--to", &to, "--results", "answers", "--json"]).json();
    served.stop();
    assert_eq!(told(&first), told(&expected));
    assert_eq!(again["outcomes"], expected["outcomes"]);
    let sets = again["sets"].as_array().expect("sets");
    assert!(sets.iter().all(|set| set["repeated"] == true || set["refused"] != serde_json::json!([])), "{again}");
    let ends = settled(&place);
    planted_is_found(&place, &ends);
    assert_eq!(ends, settled(&one));
    for set in ends.keys() {
        let rows = |folder: &str| place.read(&format!("{folder}/outcomes_{set}.csv")).lines().count();
        let beside = format!("sets/{}_{}", set.group, set.counter);
        assert_eq!([rows("answers"), rows(&beside)], [ends[set].len() + 1; 2]);
        let validation = place.read(&format!("answers/MCVF_{set}.xml"));
        assert_eq!(validation, place.read(&format!("{beside}/MCVF_{set}.xml")));
    }
}

#[test]
fn a_submission_that_cannot_be_made_says_why_and_what_next() {
    let place = Place::new(healthy(1));
    let (port, listen) = a_port();
    place.configure(&format!("{listen}[links]\npatience_ms = 100\n"));
    let to = format!("https://127.0.0.1:{port}");
    place.run(&["submit", "sets", "--to", &to]).fails("does not answer", "nothing is lost");
    place.run(&["submit", "sets", "--to", "127.0.0.1:1"]).fails("is no address", "https://HOST:PORT");
    place.run(&["submit", "tern.toml", "--to", &to]).fails("is no file of a set", "tern build");
    std::fs::remove_file(place.path(&place.file("sets/EA_1", "MGF_"))).expect("removed");
    place.run(&["submit", "sets/EA_1", "--to", &to]).fails("holds no MGF_", "all three files");
}

#[test]
fn kills_of_the_service_lose_nothing_that_was_acknowledged_and_repeat_nothing() {
    let mut chance = Chance(SEED);
    let place = Place::everything();
    let (port, listen) = a_port();
    let mut served = Served::start(&place, &listen);
    let to = format!("https://127.0.0.1:{port}");
    let mut run = place.start(&["submit", "sets", "--to", &to, "--json"]);
    let (mut kills, mut under_way, mut in_mid_flight) = (0, 0, 0);
    let mut acknowledged: Vec<(String, String)> = Vec::new();
    while !run.has_ended() {
        let moment = Duration::from_millis(u64::from(5 + chance.below(250)));
        let since = Instant::now();
        while since.elapsed() < moment && !run.has_ended() {
            look_again();
        }
        if kills == KILLS || run.has_ended() {
            continue;
        }
        let effects = place.log().len();
        let client = Client::of(&place, "requesting-party", served.address);
        if let Ok(sets) = client.tries("GET /sets", "", b"") {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let rank = |set: &Value| (text(&set["set"]), text(&set["state"]));
            acknowledged = sets.body.as_array().expect("sets").iter().map(rank).collect();
        }
        served.kill();
        kills += 1;
        served.start_again();
        let now = client.asks("GET /sets", b"").body;
        for (set, before) in &acknowledged {
            let after = now.as_array().expect("sets").iter().find(|one| one["set"] == set.as_str());
            let after = after.unwrap_or_else(|| panic!("{set} was {before}, and is gone"))["state"].as_str();
            let order = ["incomplete", "waiting", "migrating", "done"];
            let at = |state: Option<&str>| order.iter().position(|one| Some(*one) == state);
            assert!(at(after) >= at(Some(before)) || after == Some("refused"), "{set} was {before}, and is {after:?}");
        }
        under_way += usize::from(acknowledged.iter().any(|(_, state)| state != "done"));
        in_mid_flight += usize::from(effects > 0);
    }
    let ran = run.ended();
    assert!(matches!(ran.code, Some(0 | 1)) && ran.err.is_empty(), "{ran:?} {}", served.said());
    served.stop();
    planted_is_found(&place, &settled(&place));
    println!("{kills} kills: {under_way} with sets under way, {in_mid_flight} with devices under way (seed {SEED})");
    assert!(under_way > 0 && in_mid_flight > 0, "no kill hit anything (seed {SEED})");
}

/// Numbers from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(limit)).expect("below a limit of 32 bits")
    }
}
