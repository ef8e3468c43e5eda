//! `tern world`: a process that answers until it is told to stop.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::Tern;

/// A world that was started, and its first line.
fn start(tern: &Tern, args: &[&str]) -> (Child, BufReader<std::process::ChildStdout>, String) {
    let mut child = tern
        .command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tern runs");
    let mut out = BufReader::new(child.stdout.take().expect("its output"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    (child, out, line)
}

#[test]
fn it_answers_alone_and_stops_when_its_starter_is_gone() {
    let tern = Tern::with_pki();
    tern.run(&["corpus", "-n", "3"]).clean();
    let (mut child, mut out, line) = start(&tern, &["world", "--until-stdin-closes", "--json"]);
    let listening: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(listening["installations"], 3);
    let address: SocketAddr = listening["address"].as_str().expect("an address").parse().expect("an address");
    TcpStream::connect(address).expect("it listens");
    assert!(!tern.path("world/address").exists(), "a world that ends with its starter is found by nobody else");
    tern.run(&["world", "world"]).fails("in use by another", "stop the other");
    drop(child.stdin.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("its output");
    assert_eq!(rest, "", "nothing but JSON");
}

#[test]
fn a_signal_stops_it_cleanly() {
    let tern = Tern::with_pki();
    tern.run(&["corpus", "-n", "3"]).clean();
    for signal in ["TERM", "INT"] {
        let (mut child, mut out, line) = start(&tern, &["world", "world", "--address", "127.0.0.1:0"]);
        assert!(line.starts_with("listening on 127.0.0.1:"), "{line}");
        let address = tern.read("world/address");
        assert!(line.contains(address.trim()) && address.ends_with('\n'), "{line}{address}");
        let kill = Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status();
        assert!(kill.expect("a shell").success());
        assert_eq!(child.wait().expect("it ends").code(), Some(0), "{signal}");
        let mut rest = String::new();
        out.read_to_string(&mut rest).expect("its output");
        assert_eq!(rest, "stopped\n");
        assert!(!tern.path("world/address").exists());
    }
}

#[test]
fn it_refuses_what_it_cannot_serve() {
    let tern = Tern::with_pki();
    tern.run(&["world"]).fails("world is no folder", "tern corpus");
    tern.run(&["world", "pki"]).fails("installations.json", "exists");
    tern.run(&["corpus", "-n", "2"]).clean();
    tern.run(&["world", "--address", "192.0.2.1:80"]).fails("loopback", "127.0.0.1");
    tern.run(&["world", "--address", "here"]).usage("--address");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    tern.run(&["world", "--address", &address]).fails("cannot listen", "127.0.0.1:0");
    tern.write("tern.toml", format!("[world]\naddress = \"{address}\"\n"));
    tern.run(&["world"]).fails(&address, "--address");
}
