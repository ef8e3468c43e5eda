//! The line: frames in and out, many connections, bad frames, lost answers, a clean stop.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::support::*;
use tern_model::ChfIdentifier;
use tern_wire::device_frame::{read_frame, write_frame};
use tern_wire::device_link::{Answer, Call, DeviceError, FRAME_MAX_BYTES, Reply, Row};
use tern_world::devices::{ADDRESS_FILE, FaultKind, Times};
use tern_world::server::{address_of, serve_until};

/// Runs a world's server around `body`, which is handed the address that the directory tells.
fn serving(dir: &Path, faults: &[tern_world::devices::Fault], body: impl FnOnce(&str)) {
    let world = world(dir);
    for fault in faults {
        assert!(world.arm(fault.clone()));
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = listener.local_addr().expect("an address").to_string();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let server = scope.spawn(|| serve_until(&listener, &world, &stop));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| body(&address)));
        stop.store(true, Ordering::Release);
        server.join().expect("no panic").expect("a clean stop");
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    assert!(!dir.join(ADDRESS_FILE).exists(), "the address is taken away");
}

fn send(stream: &mut TcpStream, id: u64, chf: ChfIdentifier, key: &str, row: Row) {
    let body = serde_json::to_vec(&Call { id, key: key.to_owned(), chf, row }).expect("writes");
    write_frame(stream, &body).expect("sends");
}

fn receive(stream: &mut TcpStream) -> Option<Answer> {
    let mut frame = Vec::new();
    read_frame(stream, &mut frame).expect("reads").then(|| serde_json::from_slice(&frame).expect("an answer"))
}

#[test]
fn calls_are_pipelined_and_a_lost_answer_is_not_sent() {
    let dir = tempfile::tempdir().expect("a directory");
    let faults = [fault(DUAL, FaultKind::LostAnswer, "W1", Times::Count(1))];
    serving(dir.path(), &faults, |address| {
        let mut stream = TcpStream::connect(address).expect("connects");
        let set = Row::SetApn { apn: "s1sp.apn".to_owned() };
        send(&mut stream, 1, DUAL, &key(DUAL, "W1", "do", 1), set);
        send(&mut stream, 2, DUAL, "probe", Row::ReadHub);
        send(&mut stream, 3, SINGLE, "gas", Row::ReadGsme);
        let answer = receive(&mut stream).expect("an answer");
        assert_eq!(answer.id, 2, "the first answer is lost");
        let Ok(Reply::Hub(hub)) = answer.result else { panic!("no hub") };
        assert_eq!(hub.apn, "s1sp.apn");
        let answer = receive(&mut stream).expect("an answer");
        assert_eq!((answer.id, answer.result), (3, Err(DeviceError::NoSuchDevice)));
        assert_eq!(address_of(dir.path()).expect("an address file").to_string(), address);
    });
}

#[test]
fn many_connections_ask_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    serving(dir.path(), &[], |address| {
        thread::scope(|scope| {
            for connection in 0..8u64 {
                scope.spawn(move || {
                    let mut stream = TcpStream::connect(address).expect("connects");
                    for id in 0..50 {
                        let apn = format!("{connection}.{id}");
                        send(&mut stream, id, DUAL, &format!("{connection}/{id}"), Row::SetApn { apn });
                    }
                    for id in 0..50 {
                        let answer = receive(&mut stream).expect("an answer");
                        assert_eq!((answer.id, answer.result), (id, Ok(Reply::Done)));
                    }
                });
            }
        });
    });
    let log = tern_world::devices::read_log(&dir.path().join("effects.log")).expect("a log");
    assert_eq!(log.len(), 400);
}

#[track_caller]
fn check_closed(address: &str, bytes: &[u8], what: &str) {
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.write_all(bytes).expect("sends");
    let mut rest = Vec::new();
    // A reset is a close too: the server leaves what it did not read.
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.is_empty(), "{what}: {rest:?}");
}

#[test]
fn a_frame_that_is_no_call_closes_its_connection_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    serving(dir.path(), &[], |address| {
        let mut good = TcpStream::connect(address).expect("connects");
        check_closed(address, b"\0\0\0\x02{}", "no call");
        check_closed(address, b"\0\0\0\x04\xff\xff\xff\xff", "no JSON");
        let too_long = u32::try_from(FRAME_MAX_BYTES + 1).expect("fits").to_be_bytes();
        check_closed(address, &too_long, "too long");
        send(&mut good, 1, DUAL, "probe", Row::ReadHub);
        assert_eq!(receive(&mut good).expect("an answer").id, 1);
    });
}

#[test]
fn a_stop_closes_connections_that_wait() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut waiting = None;
    serving(dir.path(), &[], |address| {
        let mut stream = TcpStream::connect(address).expect("connects");
        send(&mut stream, 1, DUAL, "probe", Row::ReadHub);
        assert_eq!(receive(&mut stream).expect("an answer").id, 1);
        waiting = Some(stream);
    });
    assert!(receive(&mut waiting.expect("connected")).is_none());
}
