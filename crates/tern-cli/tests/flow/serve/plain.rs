//! Users by plain HTTP, on this machine, where a flag asks for it: whose a request is, its signature alone says.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;
use tern_wire::duis::{self, Draft, RequestHeader, RequestId, SchemaVersion};

use super::Served;
use super::users::{COUNTER, User, migrated_meter, posted, read};
use crate::support::{PATIENCE, Place, eventually, healthy};

/// What curl is answered, with its status.
fn curl(place: &Place, at: &str, (path, body): (&str, &str), more: &[&str]) -> (u16, String) {
    place.write("body", body);
    let body = format!("@{}", place.path("body").display());
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--max-time", "120", "-w", "\n%{http_code}", "-H", "Content-Type: application/xml"]);
    let done = curl.args(["--data-binary", &body]).args(more).arg(format!("http://{at}{path}")).output();
    let done = done.expect("curl runs");
    let text = String::from_utf8(done.stdout).expect("UTF-8");
    let (answer, status) = text.rsplit_once('\n').unwrap_or_else(|| panic!("{text} {done:?}", done = done.stderr));
    (status.parse().expect("a status"), answer.to_owned())
}

/// Takes what is posted by plain HTTP.
fn letterbox(at: SocketAddr) -> Receiver<String> {
    let listener = TcpListener::bind(at).expect("the port is free again");
    let (found, replies) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut line = BufReader::new(stream.expect("a stream"));
            while let Some(body) = posted(&mut line) {
                let _ = found.send(body);
                let _ = line.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
            }
        }
    });
    replies
}

/// `tern request` with a file, as the place's own User or another.
fn asks(place: &Place, name: &str, file: &str, code: i32) -> Value {
    let ran = place.run(&["request", file, "--as", name, "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(code), ""), "{file}: {ran:?}");
    ran.json()
}

/// A signed file is sent as it is, an unsigned one is signed, and what is neither is told so. Replies come by plain HTTP.
fn files_are_sent(place: &Place, (user, name): (&User, &str), device: &str) {
    let register = |counter| user.request_to(device, counter, "4.1.1", Draft::new("ReadInstantaneousImportRegisters"));
    let of = |counter: u64| format!("{}:{device}:{counter}", user.signer.certificate().party());
    place.write("signed.xml", register(COUNTER));
    let told = asks(place, name, "signed.xml", 0);
    assert_eq!((&told["request_id"], &told["reply"]["signed_by_s1sp"]), (&of(COUNTER).into(), &true.into()));

    let signed = register(COUNTER + 1);
    let (from, to) = (signed.find("<ds:Signature").expect("a signature"), "</ds:Signature>");
    let end = signed.find(to).expect("its end") + to.len();
    place.write("unsigned.xml", format!("{}{}", &signed[..from], &signed[end..]));
    let told = asks(place, name, "unsigned.xml", 0);
    assert_ne!(told["request_id"], of(COUNTER + 1), "of this moment");
    assert_eq!(told["reply"]["code"], "I0");

    // The service says what is wrong with a signature; what is no request never gets there.
    place.write("altered.xml", signed.replace(&format!(":{}<", COUNTER + 1), &format!(":{}<", COUNTER + 2)));
    assert_eq!(asks(place, name, "altered.xml", 1)["acknowledgement"]["code"], "E100");
    let other = if name == "supplier-a" { "supplier-b" } else { "supplier-a" };
    assert_eq!(asks(place, other, "signed.xml", 1)["acknowledgement"]["code"], "E1");
    let refused = |args: &[&str], what: &str, next: &str| {
        place.run(&[&["request"], args, &["--as", name]].concat()).fails(what, next);
    };
    place.write("nonsense.xml", "<Request");
    refused(&["nonsense.xml"], "it is no Request", "tern show");
    refused(&["tern.toml"], "it is no Request", "tern show");
    place.write("cut.xml", &signed[..signed.len() / 2]);
    refused(&["cut.xml"], "it is no Request", "tern show");
    refused(&["nowhere.xml"], "neither a Service Reference Variant nor a file", "tern srv");
    refused(&["signed.xml", "--to", device], "says itself", "leave --to");
}

#[test]
fn by_plain_http_a_signature_alone_says_who_asks_and_replies_come_the_same_way() {
    if !tern_outside::has("by_plain_http_a_signature_alone_says_who_asks_and_replies_come_the_same_way", "curl") {
        return;
    }
    let place = Place::new(healthy(1));
    let (device, name) = migrated_meter(&place);
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let world = place.start_world("127.0.0.1:0");
    let world_at = format!("[world]\naddress = \"{}\"\n", world.address);
    let users = |address: &str| format!("{world_at}[[gateway.users]]\nparty = \"{name}\"\naddress = \"{address}\"\n");

    // By a flag alone, and on this machine alone.
    place.configure(&users("http://192.0.2.1:8080"));
    place.run(&["serve", "--plain-http", "127.0.0.1:0"]).fails("192.0.2.1:8080 is not on loopback", "use TLS");
    place.configure(&users(&format!("http://{free}")));
    place.run(&["serve"]).fails("replies go by TLS alone", "--plain-http");
    place.run(&["serve", "--plain-http", "0.0.0.0:0"]).fails("0.0.0.0:0 is not on loopback", "use TLS");
    let (served, told) = Served::beside_with(&place, world, &["--plain-http", "127.0.0.1:0"]);
    let at = told["plain_http"].as_str().expect("an address");
    let user = User::of(&place, &name, served.gateway);
    files_are_sent(&place, (&user, &name), &device);

    let replies = letterbox(free);
    let sends = |service: &str, request: &str| curl(&place, at, (&format!("/api/v1/{service}"), request), &[]);
    let code = |service: &str, request: &str| {
        let (status, answer) = sends(service, request);
        assert_eq!(status, 200, "{answer}");
        user.read(&answer).header().code.to_string()
    };
    let first = user.request(COUNTER + 10, "8.2", read(&device));
    let (status, answer) = sends("serviceD", &first);
    assert_eq!((status, user.read(&answer).header().code.to_string()), (200, "I0".to_owned()));
    assert_eq!(user.send("serviceD", &first).1, answer, "the same bytes by TLS get the same answer");
    let supply = user.request_to(&device, COUNTER + 11, "7.4", Draft::new("ReadSupplyStatus"));
    assert_eq!(code("serviceS", &supply), "I99");
    let reply = user.read(&replies.recv_timeout(PATIENCE).expect("a reply"));
    assert_eq!(reply.header().response_id.map(|id| id.request().counter), Some(COUNTER + 11));
    assert!(reply.nested().is_some(), "the S1SP's signature");

    // Nobody is believed to be who they say.
    assert_eq!(code("serviceD", &first.replace(&device, "00-DB-12-53-80-00-00-02")), "E100");
    let (theirs, others) =
        (user.signer.certificate().party().0, if name == "supplier-a" { "supplier-b" } else { "supplier-a" });
    let other = User::of(&place, others, served.gateway);
    let id = RequestId { originator: theirs, target: device.parse().expect("an ID"), counter: COUNTER + 12 };
    let header = RequestHeader::new(id, "1".parse().expect("a variant"), "7.2".parse().expect("an SRV"));
    let forged = duis::request(&header, Draft::new("DisableSupply"), SchemaVersion::V5_1, &other.signer);
    assert_eq!(code("serviceS", &forged.expect("signed")), "E1");
    let theirs = other.request_to(&device, COUNTER + 13, "7.2", Draft::new("DisableSupply"));
    assert_eq!(code("serviceS", &theirs), "E4", "it is no supplier of that meter");
    let no_user = User::of(&place, "dsp", served.gateway);
    assert_eq!(code("serviceD", &no_user.request(COUNTER + 14, "8.2", read(&device))), "E1");

    // Requests alone are taken.
    for path in ["/operator/v1/dead-letters", "/sandbox/v1/clock", "/"] {
        let (status, words) = curl(&place, at, (path, "{}"), &[]);
        assert!(status == 404 && words.contains("all else needs TLS"), "{path}: {status} {words}");
    }
    assert_eq!(curl(&place, at, ("/api/v1/serviceD", &first), &["-X", "PUT"]).0, 405);
    assert_eq!(curl(&place, at, ("/api/v1/serviceD", &first), &["-H", "Content-Type: text/plain"]).0, 415);
    assert_eq!(sends("serviceD", "nonsense").0, 400);

    // No connection says that a certificate was revoked: what was answered is told no more either.
    let shown = place.run(&["pki", "show", &name, "--json"]).clean().json();
    let signing = shown["certificates"].as_array().expect("a list").iter().find(|c| c["usage"] == "signing");
    let serial = signing.expect("a certificate")["serial"].as_str().expect("a serial number").to_owned();
    place.run(&["pki", "revoke", &serial]).clean();
    let mut now = String::new();
    eventually("the revocation counts", || {
        now = sends("serviceD", &first).1;
        now != answer
    });
    assert_eq!(user.read(&now).header().code.to_string(), "E100");
    served.stop();
}
