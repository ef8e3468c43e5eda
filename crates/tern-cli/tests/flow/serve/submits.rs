//! `tern submit` says what `tern migrate` says, whatever happens to the service meanwhile.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Served;
use super::client::{Client, Said, answer};
use crate::settled::{planted_is_found, settled};
use crate::support::{Place, TODAY, healthy, look_again};

const SEED: u64 = 5;
const KILLS: usize = 25;
/// The FOC text comes after today.
const LATER: &str = r#"name = "later"
[documents]
"TMAD FOC text" = 2021-03-10
"SMETS1 Migration Schema v1.2" = 2021-03-10
"#;

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
    place.run(&["submit", "sets", "--to", &to]).fails("does not answer", "the same command goes on");
    place.run(&["submit", "sets", "--to", "127.0.0.1:1"]).fails("is no address", "https://HOST:PORT");
    place.run(&["submit", "tern.toml", "--to", &to]).fails("is no file of a set", "tern build");
    std::fs::remove_file(place.path(&place.file("sets/EA_1", "MGF_"))).expect("removed");
    place.run(&["submit", "sets/EA_1", "--to", &to]).fails("holds no MGF_", "all three files");
}

#[test]
fn a_day_and_an_overlay_choose_the_books_of_the_service_too() {
    let place = Place::new(healthy(2));
    place.write("later.toml", LATER);
    let (port, listen) = a_port();
    let mut served = Served::start(&place, &listen);
    let to = format!("https://127.0.0.1:{port}");
    let submit = || place.run(&["submit", "sets", "--to", &to, "--json"]);
    for (flags, overlay) in [(["--as-of", "2020-11-28"], json!(null)), (["--overlay", "later.toml"], json!("later"))] {
        served.kill();
        assert_eq!(served.start_again_with(&flags)["overlay"]["name"], overlay);
        let refused = submit().finds().json();
        assert_eq!(refused["sets"][0]["known"], false, "{refused}");
        let finding = &refused["sets"][0]["refused"][0];
        assert_eq!(finding["clause"], "P-group", "{refused}");
        let message = finding["message"].as_str().expect("words");
        assert_eq!(message.contains("[overlay later (SHA-256 "), !overlay.is_null(), "{message}");
    }
    served.kill();
    served.start_again_with(&["--as-of", TODAY]);
    let taken = submit().clean().json();
    assert_eq!(taken["sets"][0]["known"], false, "what was refused is judged anew: {taken}");
    served.stop();
}

#[test]
fn kills_of_the_service_lose_nothing_that_was_acknowledged_and_repeat_nothing() {
    let mut chance = Chance(SEED);
    let place = Place::everything();
    let (port, listen) = a_port();
    let mut served = Served::start(&place, &listen);
    let to = format!("https://127.0.0.1:{port}");
    let client = Client::of(&place, "requesting-party", served.address);
    let uploads = Uploads::default();
    let (mut kills, mut under_way, mut in_mid_flight) = (0, 0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| uploads.go_on(&client));
        // However this ends, the uploads do.
        let _ended = Ends(&uploads);
        let mut run = place.start(&["submit", "sets", "--to", &to, "--json"]);
        while !run.has_ended() {
            let moment = Duration::from_millis(u64::from(5 + chance.below(250)));
            let since = Instant::now();
            while since.elapsed() < moment && !run.has_ended() {
                look_again();
            }
            if kills == KILLS || run.has_ended() {
                continue;
            }
            in_mid_flight += usize::from(!place.log().is_empty());
            let before = client.tries("GET /sets", "", b"").map(|said| standings(&said.body)).unwrap_or_default();
            served.kill();
            kills += 1;
            served.start_again();
            under_way += usize::from(not_lost(&before, &standings(&client.asks("GET /sets", b"").body)));
            uploads.are_there(&client);
        }
        let ran = run.ended();
        assert!(matches!(ran.code, Some(0 | 1)) && ran.err.is_empty(), "{ran:?} {}", served.said());
    });
    uploads.are_there(&client);
    served.stop();
    planted_is_found(&place, &settled(&place));
    let (whole, cut) = (uploads.whole.lock().expect("the files").len(), uploads.cut.load(Ordering::Acquire));
    println!(
        "{kills} kills: {under_way} with sets and {in_mid_flight} with devices under way; {whole} files came whole, {cut} were cut (seed {SEED})"
    );
    assert!(under_way > 0 && in_mid_flight > 0 && whole > 0 && cut > 0, "no kill hit anything (seed {SEED})");
}

/// How far each set is, as its owner is told.
fn standings(told: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    told.as_array().expect("sets").iter().map(|set| (text(&set["set"]), text(&set["state"]))).collect()
}

/// Whether something was under way; no set may be gone or stand where it stood earlier.
fn not_lost(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> bool {
    for (set, stood) in before {
        let stands = after.get(set).unwrap_or_else(|| panic!("{set} was {stood}, and is gone"));
        let at = |state: &str| ["incomplete", "waiting", "migrating", "done"].iter().position(|one| *one == state);
        assert!(at(stands) >= at(stood) || stands == "refused", "{set} was {stood}, and is {stands}");
    }
    before.values().any(|state| matches!(state.as_str(), "waiting" | "migrating"))
}

/// Files that come slowly, one after the other, of sets that nobody hands in.
#[derive(Default)]
struct Uploads {
    ended: AtomicBool,
    cut: AtomicUsize,
    /// What was acknowledged: where, and as what.
    whole: Mutex<Vec<(String, Value)>>,
}

impl Uploads {
    const PIECES: usize = 64;
    /// As many as may be under way beside those of the test.
    const FILES: usize = 100;

    fn go_on(&self, client: &Client) {
        let mut number = 0;
        while !self.ended.load(Ordering::Acquire) && number < Uploads::FILES {
            let set = format!("90-B3-D5-1F-30-83-00-01_EB_{}", 1_000 + number / 3);
            let path = format!("/sets/{set}/{}_{set}.xml", ["MCF", "MGF", "MGEF"][number % 3]);
            match self.upload(client, &path) {
                Ok(said) => {
                    // It may have been held before, and the answer lost.
                    assert!(matches!(said.status, 200 | 201), "{said:?}");
                    self.whole.lock().expect("the files").push((path, said.body));
                    number += 1;
                }
                Err(_) => drop(self.cut.fetch_add(1, Ordering::AcqRel)),
            }
        }
    }

    fn upload(&self, client: &Client, path: &str) -> std::io::Result<Said> {
        let mut line = client.connect()?;
        let piece = path.as_bytes().repeat(50);
        let length = piece.len() * Uploads::PIECES;
        line.write_all(format!("PUT {path} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n").as_bytes())?;
        for _ in 0..Uploads::PIECES {
            line.write_all(&piece)?;
            line.flush()?;
            look_again();
        }
        answer(&mut line)
    }

    /// Whatever was acknowledged is held, as it was.
    fn are_there(&self, client: &Client) {
        let whole = self.whole.lock().expect("the files").clone();
        for (path, said) in whole.iter().rev().take(10) {
            assert_eq!(client.asks(&format!("GET {path}"), b"").body, *said);
        }
    }
}

/// Ends the uploads when it goes.
struct Ends<'a>(&'a Uploads);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Release);
    }
}

/// Numbers from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(limit)).expect("below a limit of 32 bits")
    }
}
