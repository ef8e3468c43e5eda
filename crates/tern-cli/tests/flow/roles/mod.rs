//! Roles as processes of their own: `tern role` for each, a `tern world`, and `tern migrate --roles`.

mod at_once;
mod changes;
mod dual_control;
mod ends;
mod kills;
mod line;
mod memory;
mod peers;
mod robbed;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{Place, StandingWorld, eventually};

/// The roles that are processes.
pub const ROLES: [&str; 4] = ["dsp", "s1sp", "dco", "commissioning-party"];

/// Every role of a place, and its devices, each a process.
pub struct Roles<'a> {
    place: &'a Place,
    world: StandingWorld,
    processes: BTreeMap<&'static str, Child>,
}

impl<'a> Roles<'a> {
    /// Starts them all.
    pub fn start(place: &'a Place) -> Roles<'a> {
        Roles::configured(place, "")
    }

    /// Starts them all, with what else `tern.toml` is to hold.
    pub fn configured(place: &'a Place, more: &str) -> Roles<'a> {
        let world = place.start_world("127.0.0.1:0");
        place.configure(&format!("[world]\naddress = \"{}\"\n{more}", world.address));
        let mut roles = Roles { place, world, processes: BTreeMap::new() };
        for role in ROLES {
            roles.start_role(role);
        }
        roles
    }

    /// Where the devices listen.
    pub fn devices(&self) -> SocketAddr {
        self.world.address
    }

    /// Starts one, and waits until it listens.
    pub fn start_role(&mut self, role: &'static str) {
        let said = OpenOptions::new().create(true).append(true).open(self.place.path(&format!("said-{role}")));
        let mut command = self.place.command(&["role", role, "--json"]);
        let mut child =
            command.stdout(Stdio::piped()).stderr(said.expect("a file for what it says")).spawn().expect("tern runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line} {}", self.said(role)));
        assert_eq!(told["role"], role);
        self.processes.insert(role, child);
    }

    /// `kill -9`
    pub fn kill(&mut self, role: &'static str) {
        let mut child = self.processes.remove(role).expect("it runs");
        child.kill().expect("killed");
        child.wait().expect("its end");
    }

    /// The process of a role.
    pub fn id(&self, role: &'static str) -> u32 {
        self.processes[role].id()
    }

    /// What a role has said of its links so far.
    pub fn said(&self, role: &str) -> String {
        self.place.read(&format!("said-{role}"))
    }

    /// Asks each to stop, and waits until it has, cleanly.
    pub fn stop(mut self) {
        for (role, mut child) in std::mem::take(&mut self.processes) {
            signal("TERM", child.id());
            let mut code = None;
            eventually("the role ends", || {
                code = child.try_wait().expect("its status");
                code.is_some()
            });
            let said = self.said(role);
            assert!(code.is_some_and(|code| code.success()) && !said.contains("panicked"), "{role}: {said}");
            assert!(!self.place.path(&format!("stores/{role}.address")).exists(), "{role} is still announced");
        }
    }
}

impl Drop for Roles<'_> {
    fn drop(&mut self) {
        for child in self.processes.values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Sends a signal by its name.
pub fn signal(name: &str, process: u32) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status().expect("a shell");
    assert!(sent.success(), "kill -{name} {process}");
}

/// Hands the place's sets to its roles, to the end; it must have come to one.
#[track_caller]
pub fn migrate(place: &Place) -> Value {
    let ran = place.run(&["migrate", "sets", "--roles", "--json"]);
    assert!(matches!(ran.code, Some(0 | 1)) && ran.err.is_empty(), "{ran:?}");
    ran.json()
}
