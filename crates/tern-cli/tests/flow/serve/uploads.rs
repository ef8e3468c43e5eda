//! Uploads that are cut, slow, too long, repeated, made twice at once, or not one's own: nothing is lost, and nothing counts
//! twice.

use std::io::Write;

use serde_json::json;
use tern_service::overview::{AuditRows, Overview};
use tern_service::set_files::SetFolder;

use super::Served;
use super::client::{Client, Line, Said, answer};
use crate::settled::settled;
use crate::support::{Place, eventually, healthy, look_again};

const PARTY: &str = "requesting-party";

/// The one set of a place: its name, and its files.
fn set_of(place: &Place) -> (String, Vec<(String, Vec<u8>)>) {
    let folder = SetFolder::find(&place.path("sets")).expect("a set").remove(0);
    let read = |name: &String| (name.clone(), std::fs::read(folder.dir.join(name)).expect("a file"));
    (folder.named().expect("a name").to_string(), folder.names.iter().map(read).collect())
}

#[track_caller]
fn hand_over(client: &Client, set: &str, files: &[(String, Vec<u8>)]) -> Vec<u16> {
    let put = |(name, bytes): &(String, Vec<u8>)| client.asks(&format!("PUT /sets/{set}/{name}"), bytes).status;
    let mut statuses: Vec<u16> = files.iter().map(put).collect();
    statuses.push(client.asks(&format!("POST /sets/{set}"), b"").status);
    statuses
}

/// How often the DSP took a set in.
fn times_taken_in(place: &Place) -> usize {
    let overview = Overview::open(&place.config()).expect("the stores");
    let [(_, dsp), ..] = overview.stores();
    let rows = AuditRows::new(dsp.expect("the DSP's store")).map(|row| row.expect("a row"));
    rows.filter(|row| row.entry.action == "set taken in").count()
}

#[test]
fn an_upload_that_is_cut_anywhere_goes_on_and_the_set_is_migrated_once() {
    let place = Place::new(healthy(2));
    let served = Served::start(&place, "");
    let client = Client::of(&place, PARTY, served.address);
    let (set, files) = set_of(&place);
    for (name, bytes) in &files {
        let path = format!("/sets/{set}/{name}");
        for cut in [0, 1, bytes.len() / 3, bytes.len() - 1] {
            client.is_cut(&path, bytes, cut);
            let mut held = json!(null);
            eventually("what came stays", || {
                held = client.asks(&format!("GET {path}"), b"").body;
                held["held_bytes"] == cut
            });
            assert_eq!((&held["complete"], &held["sha256"]), (&json!(false), &json!(null)), "cut after {cut}");
        }
        // Nothing is gone on with that never came; whoever overlaps is believed about the overlap.
        let beyond = client.goes_on(&path, &[bytes.as_slice(), b"+"].concat(), bytes.len());
        assert_eq!((beyond.status, &beyond.body["held_bytes"]), (409, &json!(bytes.len() - 1)));
        let said = client.goes_on(&path, bytes, bytes.len() / 2);
        assert_eq!((said.status, &said.body["held_bytes"]), (201, &json!(bytes.len())), "{said:?}");
        assert_eq!(client.asks(&format!("GET {path}"), b"").body, said.body);
    }
    let digests: serde_json::Map<_, _> = files
        .iter()
        .map(|(name, _)| {
            let held = client.asks(&format!("GET /sets/{set}/{name}"), b"").body;
            (name.clone(), held["sha256"].clone())
        })
        .collect();
    let wrong = json!({ "files": { files[0].0.clone(): digests[&files[1].0] } }).to_string();
    assert_eq!(client.asks(&format!("POST /sets/{set}"), wrong.as_bytes()).status, 409);
    let right = json!({ "files": digests }).to_string();
    assert_eq!(client.asks(&format!("POST /sets/{set}"), right.as_bytes()).status, 202);
    eventually("it is migrated", || client.asks(&format!("GET /sets/{set}"), b"").body["state"] == "done");
    // All of it again: it is known, and nothing happens.
    assert_eq!(hand_over(&client, &set, &files), [200, 200, 200, 200]);
    let other = [files[0].1.as_slice(), b" "].concat();
    assert_eq!(client.asks(&format!("PUT /sets/{set}/{}", files[0].0), &other).status, 409);
    served.stop();
    settled(&place);
    assert_eq!(times_taken_in(&place), 1);
    assert_eq!(place.list("stores/dsp.uploads"), Vec::<String>::new(), "nothing is left lying");
    assert_eq!(place.list(&format!("stores/dsp.submitted/{set}")), ["set.json"]);
}

#[test]
fn the_same_set_from_many_at_once_is_one_set() {
    let place = Place::new(healthy(3));
    let served = Served::start(&place, "");
    let client = Client::of(&place, PARTY, served.address);
    let (set, files) = set_of(&place);
    std::thread::scope(|scope| {
        let at_once: Vec<_> = (0..6).map(|_| scope.spawn(|| hand_over(&client, &set, &files))).collect();
        for statuses in at_once.into_iter().map(|one| one.join().expect("answers")) {
            assert!(statuses.iter().all(|status| matches!(status, 200..=202)), "{statuses:?}");
        }
    });
    eventually("it is migrated", || client.asks(&format!("GET /sets/{set}"), b"").body["state"] == "done");
    served.stop();
    settled(&place);
    assert_eq!(times_taken_in(&place), 1);
}

#[test]
fn what_is_too_long_too_slow_or_too_much_is_refused_and_stops_nobody_else() {
    let place = Place::new(healthy(1));
    place.run(&["pki", "issue", "requesting-party", "another"]).clean();
    let limits = "[serve]\nfile_bytes_max = 100000\ngrace_ms = 0\nleast_bytes_a_second = 1000\n\
                  sets_under_way_max = 2\nuploads_at_once_max = 2\n";
    let served = Served::start(&place, limits);
    let [client, another] = [PARTY, "another"].map(|party| Client::of(&place, party, served.address));
    let (set, files) = set_of(&place);
    let path = format!("/sets/{set}/{}", files[0].0);
    let refused = |said: Said, status: u16, what: &str| {
        let told = said.body["detail"].as_str().or(said.body.as_str()).unwrap_or_default().to_owned();
        assert_eq!((said.status, told.contains(what)), (status, true), "{said:?}");
        assert!(said.body.is_string() || said.body["next"].as_str().is_some_and(|next| !next.is_empty()), "{said:?}");
    };
    refused(client.asks(&format!("PUT {path}"), &[b' '; 100_001]), 413, "longer than a file may be");
    refused(
        client.tries(&format!("PUT {path}"), "Content-Range: bytes 5-9/100\r\n", b"12345").expect("answers"),
        400,
        "Content-Range",
    );
    refused(client.asks(&format!("PUT /sets/{set}/other.xml"), b"x"), 404, "no file of the set");
    refused(client.asks("GET /elsewhere", b""), 404, "is not asked here");
    refused(client.asks(&format!("POST /sets/{set}"), b""), 409, "MGEF_");
    refused(client.asks(&format!("POST /sets/{set}"), b"what?"), 400, "does not say what was sent");
    let stream = client.tries(&format!("PUT {path}"), "Transfer-Encoding: chunked\r\n", b"0\r\n\r\n").expect("answers");
    assert_eq!((stream.status, stream.body), (400, json!("a body without a length\n")));

    // Whoever drips is cut off, and keeps what came; meanwhile others are served.
    let mut dripping = client.connect().expect("a connection");
    dripping.write_all(format!("PUT {path} HTTP/1.1\r\nContent-Length: 90000\r\n\r\n").as_bytes()).expect("sends");
    let mut second = client.connect().expect("a connection");
    second.write_all(format!("PUT {path} HTTP/1.1\r\nContent-Length: 90000\r\n\r\n").as_bytes()).expect("sends");
    second.flush().expect("sends");
    dripping.flush().expect("sends");
    let third = || client.asks(&format!("PUT {path}"), b"third");
    eventually("two are enough", || third().status == 429);
    drop(second);
    let mut drops = 0;
    while dripping.write_all(b"<").and_then(|()| dripping.flush()).is_ok() {
        drops += 1;
        assert_eq!(client.asks("GET /sets", b"").status, 200);
        look_again();
    }
    assert!(drops > 0 && answer(&mut dripping).is_err());
    let held = || client.asks(&format!("GET {path}"), b"").body["held_bytes"].as_u64().expect("a number");
    eventually("what dripped stays", || held() > 0);
    // 200 where the third came once before the two were begun.
    eventually("and there is room again", || [200, 201].contains(&third().status));

    // Connections that say nothing more are few of each party.
    let mut idle: Vec<_> = (0..16).map(|_| client.connect().expect("a connection")).collect();
    let asks = |line: &mut Line| {
        line.write_all(b"GET /sets HTTP/1.1\r\n\r\n").and_then(|()| line.flush()).expect("sends");
        answer(line).expect("an answer").status
    };
    assert!(idle.iter_mut().all(|line| asks(line) == 200));
    refused(client.asks("GET /sets", b""), 429, "too many connections");
    assert_eq!(another.asks("GET /sets", b"").status, 200, "nobody else is kept out");
    drop(idle);
    eventually("there is room again", || client.asks("GET /sets", b"").status == 200);

    // Sets that nobody hands in are few, until they are withdrawn.
    let numbered = |n: u64| set.replace("_EA_1", &format!("_EA_{n}"));
    let begin = |n: u64| client.asks(&format!("PUT /sets/{0}/MCF_{0}.xml", numbered(n)), b"x");
    assert_eq!(begin(2).status, 201);
    refused(begin(3), 429, "too many sets");
    assert_eq!(client.asks(&format!("DELETE /sets/{}", numbered(2)), b"").status, 200);
    assert_eq!(begin(3).status, 201);
    assert_eq!(client.asks(&format!("GET /sets/{}", numbered(2)), b"").status, 404);
    served.stop();
}

#[test]
fn a_set_is_its_owners_alone_and_what_the_dsp_refuses_is_told_with_place_and_suggestion() {
    let place = Place::new(healthy(2));
    place.run(&["pki", "issue", "requesting-party", "another"]).clean();
    let served = Served::start(&place, "");
    let [own, another] = [PARTY, "another"].map(|party| Client::of(&place, party, served.address));
    let (set, mut files) = set_of(&place);
    for what in ["GET", "POST", "DELETE"] {
        assert_eq!(another.asks(&format!("{what} /sets/{set}"), b"").status, 403);
    }
    assert_eq!(another.asks(&format!("PUT /sets/{set}/{}", files[0].0), b"x").status, 403);
    assert!(Client::of(&place, "s1sp", served.address).tries("GET /", "", b"").is_err(), "no Requesting Party");

    // Altered after it was signed: the DSP says where, and the set may come again as it was.
    let signed = files[1].1.clone();
    files[1].1 =
        String::from_utf8(signed.clone()).expect("XML").replacen("<GroupID>EA<", "<GroupID>EB<", 1).into_bytes();
    assert_eq!(hand_over(&own, &set, &files), [201, 201, 201, 202]);
    let mut told = json!(null);
    eventually("it is judged", || {
        told = own.asks(&format!("GET /sets/{set}"), b"").body;
        told["state"] != "waiting"
    });
    assert_eq!(told["state"], "refused");
    let finding = &told["refused"][0];
    for part in ["clause", "place", "message", "suggestion"] {
        assert!(!finding[part].is_null(), "{told}");
    }
    assert_eq!(own.asks(&format!("GET /sets/{set}/validation"), b"").status, 404);
    files[1].1 = signed;
    assert_eq!(hand_over(&own, &set, &files), [201, 201, 201, 202]);
    eventually("it is migrated", || own.asks(&format!("GET /sets/{set}"), b"").body["state"] == "done");

    let rows = own.asks(&format!("GET /sets/{set}/outcomes.json"), b"").body;
    let chf = rows[0]["chf_identifier"].as_str().expect("a row").to_owned();
    let standing = own.asks(&format!("GET /installations/{chf}"), b"").body;
    assert_eq!((&standing["sets"][0]["set"], &standing["sets"][0]["outcome"]), (&json!(set), &json!("commissioned")));
    for what in ["validation", "outcomes.csv", "outcomes.json"] {
        assert_eq!(another.asks(&format!("GET /sets/{set}/{what}"), b"").status, 403);
    }
    assert_eq!(another.asks(&format!("GET /installations/{chf}"), b"").status, 404);
    assert_eq!(
        (another.asks("GET /sets", b"").body, own.asks("GET /sets", b"").body),
        (json!([]), json!([{"set": set, "state": "done"}]))
    );
    served.stop();
    settled(&place);
}
