//! `tern world` as clients of its meters meet it, ours and Gurux's: killed, crowded, and asked for keys.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tern_dlms::client::{Association, Client, ClientError, Party, Ports};
use tern_dlms::invocation::{Block, Invocations};
use tern_dlms::security::{Form, Key, Keys, Protection};
use tern_dlms::{AttributeDescriptor, ClassId, LogicalName, SystemTitle};
use tern_model::DeviceId;
use tern_outside::python_with;
use tern_world::devices::read_installations;

use crate::support::Tern;

/// A running world; it is killed where the test ends.
struct Running {
    child: Child,
    port: u16,
    peak_memory_mib: u64,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Running {
    fn start(tern: &Tern, args: &[&str]) -> Running {
        let args = [&["world", "--json", "meters"], args].concat();
        let child = tern.command(&args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("tern runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let listening: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let address: SocketAddr = listening["address"].as_str().expect("an address").parse().expect("an address");
        let peak_memory_mib = listening["peak_memory_mib"].as_u64().expect("as Linux counts it");
        Running { child, port: address.port(), peak_memory_mib }
    }

    /// What the process holds now, in MiB.
    fn memory_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
        line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).expect("a number") >> 10
    }

    fn connect(&self, place: usize) -> TcpStream {
        let address = tern_world::devices::address_at(place).expect("an address");
        TcpStream::connect((address, self.port)).expect("connects")
    }
}

/// The ESME of a place, as `--keys` tells of it.
fn esme(tern: &Tern, place: usize) -> (DeviceId, Value) {
    let esme = read_installations(&tern.path("meters")).expect("installations")[place].esme.device;
    let told = tern.run(&["world", "--json", "meters", "--keys", &esme.to_string()]).clean().out;
    (esme, serde_json::from_str(&told).expect("JSON"))
}

fn key(told: &Value, name: &str) -> Key {
    let text = told["association"][name].as_str().expect("a key");
    let bytes: Vec<u8> = (0..32).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect();
    Key::of(&bytes).expect("16 bytes")
}

const DEVICE_ID: AttributeDescriptor = AttributeDescriptor::new(ClassId(1), LogicalName::new(0, 0, 96, 1, 0, 255), 2);

/// The management and the critical association of the first meter, counting from `first` on.
fn clients(
    world: &Running,
    (esme, told): &(DeviceId, Value),
    first: u64,
) -> [Result<Client<TcpStream>, ClientError>; 2] {
    let party = |encryption: &str, authentication: &str| Party {
        client_title: SystemTitle(*b"CLI00001"),
        server_title: Some(SystemTitle(esme.0.0.to_be_bytes())),
        keys: Keys { encryption: key(told, encryption), authentication: key(told, authentication) },
        invocations: Invocations::within(Block::from(first, 8).expect("a block")),
        heard: None,
    };
    let protection = Protection::AuthenticatedEncrypted;
    let management = party("encryption_key", "authentication_key");
    let critical = party("critical_encryption_key", "critical_authentication_key");
    let high = Association::HighLevelGmac { party: management, protection: Some(protection) };
    let open = Association::PreEstablished { party: critical, protection, form: Form::General };
    [
        Client::connect(world.connect(0), Ports { client: 1, server: 1 }, high),
        Client::connect(world.connect(0), Ports { client: 3, server: 1 }, open),
    ]
}

#[test]
fn a_world_that_is_killed_repeats_no_counter_and_hears_none_twice() {
    let tern = Tern::new();
    let mut highest = [0, 0];
    let mut meter = None;
    for round in 0u64..8 {
        let args: &[&str] = if round == 0 { &["--installations", "2", "--seed", "7"] } else { &[] };
        let world = Running::start(&tern, args);
        let meter = meter.get_or_insert_with(|| esme(&tern, 0));
        if round > 0 {
            // What the world before this one heard, up to the message before it was killed.
            let [management, critical] = clients(&world, meter, 8 * round - 6);
            assert!(management.is_err(), "round {round}");
            assert!(critical.expect("nothing is exchanged").get(DEVICE_ID).is_err(), "round {round}");
        }
        for (client, highest) in clients(&world, meter, 8 * round + 1).into_iter().zip(&mut highest) {
            let mut client = client.expect("opens");
            for _ in 0..2 {
                client.get(DEVICE_ID).expect("reads");
                let own = client.heard().expect("a counter");
                assert!(own > *highest, "round {round}: {own} after {highest}");
                *highest = own;
            }
        }
    }
}

#[test]
fn ten_thousand_installations_and_a_crowd_that_says_nothing_take_less_than_two_gibibytes() {
    let tern = Tern::new();
    let world = Running::start(&tern, &["--installations", "10000", "--seed", "7"]);
    let began = world.memory_mib();
    let crowd: Vec<TcpStream> = (0..500).map(|at| world.connect(at * 20)).collect();
    let mut last = Client::connect(world.connect(9_999), Ports { client: 16, server: 2 }, Association::Public);
    assert!(last.as_mut().expect("opens").get(DEVICE_ID).is_ok());
    let (peak, crowded) = (world.peak_memory_mib, world.memory_mib());
    println!("10,000 installations: {peak} MiB at most, {began} MiB at rest, {crowded} MiB with 500 idle connections");
    assert!(peak < 2048 && crowded < 2048, "{peak} {crowded}");
    assert!((crowded - began.min(crowded)) * 1024 < 500 * 64, "{began} {crowded}: 64 KiB a connection");
    drop(crowd);
}

#[test]
fn devices_from_a_seed_are_the_same_and_a_folder_that_holds_some_is_left_alone() {
    let tern = Tern::with_pki();
    for name in ["meters", "same"] {
        let child = tern.command(&["world", name, "-n", "3", "--seed", "7", "--until-stdin-closes"]);
        let mut child = { child }.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("tern runs");
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
    let keys = |name: &str| tern.read(&format!("{name}/installations.json"));
    assert_eq!(keys("meters"), keys("same"));
    assert_eq!(tern.read("meters/wan.csv").lines().count(), 4);
    tern.run(&["world", "meters", "-n", "3"]).fails("holds devices already", "--installations");
    tern.run(&["world", "meters", "--keys", "00-00-00-00-00-00-00-01"]).fails("there is no device", "wan.csv");
    let (device, told) = esme(&tern, 1);
    assert_eq!(told["address"], "127.1.0.1");
    let hub = read_installations(&tern.path("meters")).expect("installations")[1].hub.chf.to_string();
    let told = tern.run(&["world", "meters", "--keys", &hub]).clean().out;
    assert!(told.contains("logical device 2") && told.contains("has no keys"), "{told}");
    let told = tern.run(&["world", "meters", "--keys", &device.to_string()]).clean().out;
    assert!(told.contains("client 3") && told.contains("master key"), "{told}");
}

#[test]
fn gurux_reads_the_meters_and_changes_a_key() {
    let Some(python) = python_with("gurux_dlms", "gurux_reads_the_meters_and_changes_a_key") else { return };
    let tern = Tern::new();
    let world = Running::start(&tern, &["--installations", "2", "--seed", "7", "--low-level", "low"]);
    let (esme, told) = esme(&tern, 1);
    let of = |name: &str| told["association"][name].as_str().expect("a key").to_owned();
    let (encryption, authentication, master) = (of("encryption_key"), of("authentication_key"), of("master_key"));
    let (port, host) = (world.port.to_string(), told["address"].as_str().expect("an address").to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/gurux.py");
    let run = |args: &[&str]| {
        let out = Command::new(&python).arg(&script).args([&*host, &*port]).args(args).output().expect("runs");
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
        said.lines().filter(|line| !line.ends_with(" is applied.")).map(str::to_owned).collect::<Vec<_>>()
    };
    let id: String = esme.0.0.to_be_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(run(&["16", "none"]), [format!("device {id}")]);
    assert_eq!(run(&["2", "low", "low"])[1..], ["register True", "clock True", "profile 48"]);
    let new = "5a".repeat(16);
    for form in ["glo", "general"] {
        let read = run(&["1", form, &encryption, &authentication]);
        let device = format!("device {id}");
        let measured = [device.as_str(), "register True", "clock True", "profile 48"];
        let account = ["mode 0 balance 0", "values 7", "rates True"];
        assert_eq!(read, [&measured[..], &account].concat(), "{form}");
    }
    assert_eq!(
        run(&["1", "glo", &encryption, &authentication, &master, &new]).last().map(String::as_str),
        Some("changed")
    );
    assert_eq!(run(&["1", "glo", &encryption, &authentication]), ["refused"], "the key of before");
    assert_eq!(run(&["1", "glo", &new, &authentication])[1], "register True");
    assert_eq!(run(&["1", "glo", &new, &new]), ["refused"]);
}
