//! The whole service in one process, and whoever comes to its door: `tern serve`, curl, and clients that mean ill.

mod client;
mod every;
mod guide;
mod outside;
mod packages;
mod plain;
mod sandbox;
mod submits;
mod uploads;
mod users;

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::roles::signal;
use crate::support::{Place, StandingWorld, eventually};

/// The service of a place, and its devices, each a process.
pub struct Served<'a> {
    place: &'a Place,
    _world: StandingWorld,
    process: Option<Child>,
    pub address: SocketAddr,
    /// The door for Users.
    pub gateway: SocketAddr,
}

impl<'a> Served<'a> {
    /// Starts them, with what else `tern.toml` is to hold.
    pub fn start(place: &'a Place, more: &str) -> Served<'a> {
        let world = place.start_world("127.0.0.1:0");
        place.configure(&format!("[world]\naddress = \"{}\"\n{more}", world.address));
        Served::beside(place, world)
    }

    /// Starts the service of a place that is configured already.
    pub fn beside(place: &'a Place, world: StandingWorld) -> Served<'a> {
        Served::beside_with(place, world, &[]).0
    }

    /// The same with flags of its command line; also the line in which it says where it listens.
    pub fn beside_with(place: &'a Place, world: StandingWorld, flags: &[&str]) -> (Served<'a>, Value) {
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut served = Served { place, _world: world, process: None, address: nowhere, gateway: nowhere };
        let told = served.start_again_with(flags);
        (served, told)
    }

    /// Starts the service, and waits until it listens.
    pub fn start_again(&mut self) {
        self.start_again_with(&[]);
    }

    /// Starts the service with flags of its command line, and waits until it listens; also the line in which it says so.
    pub fn start_again_with(&mut self, flags: &[&str]) -> Value {
        let said = OpenOptions::new().create(true).append(true).open(self.place.path("said-serve"));
        let mut command = self.place.command(&[&["serve", "--json"], flags].concat());
        let mut child =
            command.stdout(Stdio::piped()).stderr(said.expect("a file for what it says")).spawn().expect("tern runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line} {}", self.said()));
        let address = |key: &str| told[key].as_str().expect("an address").parse().expect("an address");
        (self.address, self.gateway) = (address("address"), address("gateway"));
        self.process = Some(child);
        told
    }

    /// `kill -9`
    pub fn kill(&mut self) {
        let mut child = self.process.take().expect("it runs");
        child.kill().expect("killed");
        child.wait().expect("its end");
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        self.place.read("said-serve")
    }

    /// Asks it to stop, and waits until it has, cleanly.
    pub fn stop(mut self) {
        let mut child = self.process.take().expect("it runs");
        signal("TERM", child.id());
        let mut code = None;
        eventually("the service ends", || {
            code = child.try_wait().expect("its status");
            code.is_some()
        });
        let said = self.said();
        assert!(code.is_some_and(|code| code.success()) && !said.contains("panicked"), "{said}");
        assert!(!self.place.path("stores/serve.address").exists(), "it is still announced");
    }
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the service said: {}", self.said());
        }
        if let Some(child) = &mut self.process {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
