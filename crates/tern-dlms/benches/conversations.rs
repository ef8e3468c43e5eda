//! What protected conversations cost, both sides together, without sockets and disks:
//!
//! ```text
//! cargo bench -p tern-dlms --bench conversations
//! ```
//!
//! Prints figures and fails nothing.

#[path = "../tests/conversations/meter.rs"]
mod meter;
#[path = "../tests/conversations/wire.rs"]
mod wire;

use std::hint::black_box;
use std::time::{Duration, Instant};

use meter::{CLIENT, MANAGEMENT, Meter, REGISTER, TITLE, keys};
use tern_dlms::client::{Association, Client, Party, Ports};
use tern_dlms::invocation::{Block, Invocations};
use tern_dlms::security::{Protection, protect, unprotect};
use wire::Wire;

const WINDOW: Duration = Duration::from_millis(400);
const BOTH: Protection = Protection::AuthenticatedEncrypted;

fn main() {
    let (keys, content) = (keys(), [7; 64]);
    let message = per_second(|number| {
        let sealed = protect(&keys, BOTH, CLIENT, number, black_box(&content)).expect("protects");
        black_box(unprotect(&keys, CLIENT, &sealed)).expect("opens");
    });
    figure("DLMS message of 64 bytes, protected and opened", message, "messages/s");

    let mut meter = Meter::new();
    let talk = per_second(|number| {
        let party = Party {
            client_title: CLIENT,
            server_title: Some(TITLE),
            keys: keys.clone(),
            invocations: Invocations::within(Block::from(1 + u64::from(number) * 8, 8).expect("numbers")),
            heard: None,
        };
        let association = Association::HighLevelGmac { party, protection: Some(BOTH) };
        let ports = Ports { client: MANAGEMENT, server: 1 };
        let mut client = Client::connect(Wire::new(&mut meter), ports, association).expect("opens");
        black_box(client.get(REGISTER)).expect("reads");
        client.release().expect("ends");
    });
    figure("DLMS association with mechanism 5, a register read, released", talk, "talks/s");
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("FIGURE | {name} | {value:.0} | {unit} | ");
}

/// How often a second `work` is done, which is told a number that it was never told before.
fn per_second(mut work: impl FnMut(u32)) -> f64 {
    let (started, mut done) = (Instant::now(), 0);
    while started.elapsed() < WINDOW {
        for _ in 0..64 {
            work(done);
            done += 1;
        }
    }
    f64::from(done) / started.elapsed().as_secs_f64()
}
