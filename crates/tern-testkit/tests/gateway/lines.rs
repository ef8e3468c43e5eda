//! Connections that drip, are cut, bring too much, or are too many: each gets a clean answer or none, holds nobody else up, and leaves
//! nothing half done.

use std::io::{BufRead, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use tern_model::GroupId;
use tern_service::clock::Clock;
use tern_testkit::served::{Line, Said, answer, head_of, post};
use tern_testkit::{Home, Served, UserClient};

use crate::bench::{Bench, COUNTER, bench, log_bytes, served};
use crate::wishes::{Of, wishes};

/// A request that the inventory answers.
fn wanted(user: &UserClient, home: &Home, counter: u64) -> String {
    let wish = wishes(home).into_iter().find(|wish| wish.of == Of::Dcc).expect("a wish");
    wish.signed(user, home, counter)
}

fn sends(line: &mut Line, bytes: &[u8]) -> std::io::Result<()> {
    line.get_mut().write_all(bytes)?;
    line.get_mut().flush()
}

/// Sends whatever bytes, and reads the first answer.
fn said(user: &UserClient, bytes: &[u8]) -> std::io::Result<Said> {
    let mut line = user.connect()?;
    // Whoever is refused early may not hear the rest.
    let _ = sends(&mut line, bytes);
    answer(&mut line)
}

struct Stage {
    bench: Bench,
    service: Served,
    user: UserClient,
}

fn stage() -> Stage {
    let bench = bench();
    let mut plan = bench.plan();
    plan.config.gateway.quiet_seconds = 1;
    plan.config.gateway.connections_max = 12;
    plan.config.gateway.connections_of_one_max = 4;
    let service = served(&bench, plan);
    let user = service.user(&bench.home(GroupId::CA).supplier);
    Stage { bench, service, user }
}

impl Stage {
    fn home(&self) -> &Home {
        self.bench.home(GroupId::CA)
    }

    fn code(&self, said: &Said) -> String {
        assert_eq!(said.status, 200, "{}", said.body);
        let response = self.user.believes(&said.body, self.bench.clock.now()).expect("the DSP's signature");
        response.header().code.to_string()
    }

    /// It works as ever, for this User and for another.
    #[track_caller]
    fn works(&self, counter: u64) {
        let request = wanted(&self.user, self.home(), counter);
        assert_eq!(self.code(&self.user.tries("serviceD", &request).expect("an answer")), "I0");
        assert!(!self.service.has_ended());
    }
}

#[test]
fn whoever_is_slow_holds_up_nobody_and_is_cut_off_where_it_never_ends() {
    let stage = stage();
    let (user, home) = (&stage.user, stage.home());
    let request = wanted(user, home, COUNTER);
    let head = head_of("serviceD", request.len());
    let whole = [head.as_bytes(), request.as_bytes()].concat();
    // Byte for byte, each in a record of its own: slow, and in time.
    let mut slow = user.connect().expect("a connection");
    for byte in &whole {
        sends(&mut slow, &[*byte]).expect("sent");
    }
    assert_eq!(stage.code(&answer(&mut slow).expect("an answer")), "I0");
    // One that stops in its head, one in its body: meanwhile others are served, and then they are gone.
    let mut stopped: Vec<Line> = [head.len() / 2, head.len() + 10]
        .into_iter()
        .map(|at| {
            let mut line = user.connect().expect("a connection");
            sends(&mut line, &whole[..at]).expect("sent");
            line
        })
        .collect();
    stage.works(COUNTER + 1);
    for line in &mut stopped {
        assert!(answer(line).is_err(), "half a request has no answer");
    }
    // One that goes on for ever, a byte at a time, whenever there is still somebody: its head, its body.
    for from in [0, head.len()] {
        let mut line = user.connect().expect("a connection");
        sends(&mut line, &whole[..from]).expect("sent");
        let since = Instant::now();
        let endless = std::iter::repeat(b'x');
        let cut = endless.take(2_000_000).find(|_| {
            std::thread::yield_now();
            sends(&mut line, b"x").is_err()
        });
        assert!(cut.is_some() || answer(&mut line).is_ok_and(|said| said.status == 400), "it goes on");
        assert!(since.elapsed() < Duration::from_secs(30), "{:?}", since.elapsed());
    }
    stage.works(COUNTER + 2);
    stage.service.stop().expect("a clean end");
}

#[test]
fn a_connection_that_is_cut_anywhere_leaves_nothing() {
    let stage = stage();
    let (user, home) = (&stage.user, stage.home());
    let wish = wishes(home).into_iter().find(|wish| wish.srv == "7.2").expect("a wish");
    let request = wish.signed(user, home, COUNTER);
    let whole = [head_of("serviceS", request.len()).as_bytes(), request.as_bytes()].concat();
    let log = log_bytes(&stage.bench.lab);
    // Every byte of the head's first line, and a sample of the rest up to the last byte.
    let cuts = (0..40).chain((40..whole.len()).step_by(61)).chain([whole.len() - 1]);
    for cut in cuts {
        let mut line = user.connect().expect("a connection");
        sends(&mut line, &whole[..cut]).expect("sent");
        line.get_mut().sock.shutdown(Shutdown::Both).expect("cut");
        drop(line);
        // The bytes of TLS itself, cut: a stranger that never says who it is.
        let mut raw = TcpStream::connect(user.at).expect("a connection");
        raw.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00][..cut % 7]).expect("sent");
    }
    stage.works(COUNTER + 1);
    assert_eq!(log_bytes(&stage.bench.lab), log, "a device was asked");
    // Nothing of it used the RequestID up.
    assert_eq!(stage.code(&user.tries("serviceS", &request).expect("an answer")), "I99");
    stage.service.stop().expect("a clean end");
}

#[test]
fn what_is_no_request_of_this_door_gets_a_clean_refusal() {
    let stage = stage();
    let user = &stage.user;
    let request = wanted(user, stage.home(), COUNTER);
    let status = |bytes: &[u8]| said(user, bytes).expect("an answer");
    let with = |method: &str, path: &str, fields: &str| {
        let length = request.len();
        let text =
            format!("{method} {path} HTTP/1.1\r\nHost: dsp\r\n{fields}Content-Length: {length}\r\n\r\n{request}");
        status(text.as_bytes()).status
    };
    let (path, xml) = ("/api/v1/serviceD", "Content-Type: application/xml\r\n");
    for method in ["GET", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "post"] {
        assert_eq!(with(method, path, xml), 405, "{method}");
    }
    for path in [
        "/",
        "/api/v1/serviceX",
        "/api/v1/serviceD/",
        "/api/v1/serviceD?x=1",
        "/API/v1/serviceD",
        "//api/v1/serviceD",
        "*",
    ] {
        assert_eq!(with("POST", path, xml), 404, "{path}");
    }
    for kind in [
        "",
        "Content-Type: application/json\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type:\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n",
    ] {
        assert_eq!(with("POST", path, kind), 415, "{kind}");
    }
    // Those that are taken.
    for kind in ["Content-Type: text/xml; charset=utf-8\r\n", "content-type: APPLICATION/XML\r\n"] {
        assert_eq!(with("POST", path, kind), 200, "{kind}");
    }
    let more = stage.bench.plan().config.gateway.request_bytes_max + 1;
    for (text, right) in [
        (format!("POST {path} HTTP/1.1\r\nHost: dsp\r\n{xml}Content-Length: {more}\r\n\r\n"), 413),
        (format!("POST {path} HTTP/1.1\r\nHost: dsp\r\n{xml}Content-Length: {}\r\n\r\n", u64::MAX), 413),
        (format!("POST {path} HTTP/1.1\r\nHost: dsp\r\n{xml}Content-Length: -1\r\n\r\n"), 400),
        (
            format!("POST {path} HTTP/1.1\r\nHost: dsp\r\n{xml}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
            400,
        ),
        (
            format!(
                "POST {path} HTTP/1.1\r\nHost: dsp\r\n{xml}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
            ),
            400,
        ),
        (format!("POST {path} HTTP/1.1\r\nHost: dsp\r\n{xml}\r\n"), 400),
        (format!("POST {path} HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(20_000)), 400),
        (format!("POST {path} HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(100)), 400),
        ("hello\r\n\r\n".to_owned(), 400),
        (format!("POST {path} HTTP/3.7\r\n\r\n"), 400),
        ("\u{0}\u{1}\r\n\r\n".to_owned(), 400),
    ] {
        let said = status(text.as_bytes());
        assert!(said.status == right && !said.body.trim().is_empty(), "{said:?}: {text:.200}");
    }
    stage.works(COUNTER + 1);
    stage.service.stop().expect("a clean end");
}

#[test]
fn requests_that_come_before_the_last_is_answered_are_answered_in_their_order() {
    let stage = stage();
    let user = &stage.user;
    let requests: Vec<String> = (0..5).map(|n| wanted(user, stage.home(), COUNTER + n)).collect();
    let piped: Vec<u8> = requests
        .iter()
        .flat_map(|request| [head_of("serviceD", request.len()).into_bytes(), request.clone().into_bytes()].concat())
        .collect();
    let mut line = user.connect().expect("a connection");
    sends(&mut line, &piped).expect("sent");
    for n in 0..5 {
        let said = answer(&mut line).expect("an answer");
        let response = user.believes(&said.body, stage.bench.clock.now()).expect("a response");
        let id = response.header().request_id.expect("whose it is");
        assert_eq!((response.header().code.as_str(), id.counter), ("I0", COUNTER + n));
    }
    // A body longer than it was said to be is no second request.
    let mut line = user.connect().expect("a connection");
    let request = wanted(user, stage.home(), COUNTER + 10);
    let head = head_of("serviceD", request.len() - 20);
    sends(&mut line, &[head.as_bytes(), request.as_bytes()].concat()).expect("sent");
    assert_eq!(answer(&mut line).expect("an answer").status, 400);
    assert!(answer(&mut line).map_or(true, |said| said.status == 400), "the rest of it was taken for a request");
    stage.works(COUNTER + 10);
    stage.service.stop().expect("a clean end");
}

#[test]
fn too_many_connections_cost_nobody_else_a_place() {
    let stage = stage();
    let (user, other) = (&stage.user, "network-operator-a");
    let connected = |counter| {
        let mut line = user.connect().expect("a connection");
        let said = post(&mut line, "serviceD", wanted(user, stage.home(), counter).as_bytes());
        (line, said.expect("an answer"))
    };
    let held: Vec<(Line, Said)> = (0..4).map(|n| connected(COUNTER + n)).collect();
    assert!(held.iter().all(|(_, said)| stage.code(said) == "I0"));
    let (mut fifth, said) = connected(COUNTER + 5);
    assert_eq!(said.status, 429, "{said:?}");
    assert!(fifth.fill_buf().map_or(true, <[u8]>::is_empty), "its connection ends");
    // Strangers who say nothing take no place of those who are known.
    let strangers: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(user.at).expect("a connection")).collect();
    let others = stage.service.user(other);
    let said = others.tries("serviceD", &wanted(&others, stage.home(), COUNTER)).expect("an answer");
    assert!(others.believes(&said.body, stage.bench.clock.now()).is_ok());
    drop((held, strangers));
    // Their places are free again, at the latest when they were quiet for too long.
    let since = Instant::now();
    while user.tries("serviceD", &wanted(user, stage.home(), COUNTER + 6)).map_or(true, |said| said.status != 200) {
        assert!(since.elapsed() < Duration::from_secs(20), "no place is free");
        std::thread::yield_now();
    }
    // No TLS at all.
    let mut plain = TcpStream::connect(user.at).expect("a connection");
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
    let mut told = Vec::new();
    let _ = plain.read_to_end(&mut told);
    assert!(!told.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&told));
    stage.service.stop().expect("a clean end");
}
