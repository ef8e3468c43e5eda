//! What it costs to read one signed DUIS request, and to write its signed acknowledgement, beside one bare ECDSA P-256 operation of each kind:
//!
//! ```text
//! cargo bench -p tern-wire --bench requests
//! ```
//!
//! Everything is measured in time of one core and in short windows that take turns, and a ratio is the median of the pairs. Prints
//! figures and fails nothing.

#[expect(dead_code, reason = "the migration file of the other benchmarks is not read here")]
mod common;

use std::hint::black_box;
use std::time::{Duration, Instant};

use common::{Keys, core_time};
use tern_model::Eui64;
use tern_wire::duis::{
    self, Draft, Received, RequestHeader, RequestId, ResponseBody, ResponseCode, ResponseHeader, SchemaVersion,
};
use tern_wire::xml::Limits;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PAIRS: usize = 11;
const WINDOW: Duration = Duration::from_millis(100);
const VERSION: SchemaVersion = SchemaVersion::V5_1;

fn main() {
    let keys = Keys::new();
    let id = RequestId {
        originator: keys.certificate.party().0,
        target: Eui64(0x00DB_1234_5678_90A0),
        counter: 1_614_686_400_000,
    };
    let service = "4.8.1".parse().expect("a variant");
    let header = RequestHeader::new(id, "1".parse().expect("a variant"), service);
    let period = Draft::new("ReadLogPeriod")
        .with(Draft::leaf("StartDateTime", "2021-02-01T00:00:00Z"))
        .with(Draft::leaf("EndDateTime", "2021-03-01T00:00:00Z"));
    let body = Draft::new("ReadActiveImportProfileData").with(period);
    let signed = duis::request(&header, body, VERSION, &keys.signer).expect("a signed request");
    let received = Received::new("request", signed.as_bytes(), &Limits::MESSAGE).expect("received");
    let incoming = received.parse().expect("parsed");
    let response = ResponseHeader::synchronous(Some(id), ResponseCode::I99, keys.at);
    let message = [0x5A_u8; 32];
    let signature = keys.signer.sign(&message).expect("a signature");
    let parts: [(&str, &dyn Fn()); 7] = [
        ("read: received, parsed, judged, verified", &|| {
            let received = Received::new("request", black_box(signed.as_bytes()), &Limits::MESSAGE).expect("received");
            let incoming = received.parse().expect("parsed");
            let request = incoming.request(VERSION).expect("of the schema");
            drop(black_box(request.verify(&keys.trust, keys.at).expect("verified")));
        }),
        ("  received", &|| drop(black_box(Received::new("request", black_box(signed.as_bytes()), &Limits::MESSAGE)))),
        ("  parsed", &|| drop(black_box(received.parse()))),
        ("  judged", &|| drop(black_box(incoming.judge(VERSION)))),
        ("bare ECDSA verification", &|| assert!(keys.certificate.public_key().verify(black_box(&message), &signature))),
        ("acknowledgement written", &|| {
            let body = ResponseBody::Message { service, content: None };
            drop(black_box(duis::response(&response, &body, VERSION, &keys.signer).expect("a signed response")));
        }),
        ("bare ECDSA signature", &|| {
            black_box(keys.signer.sign(black_box(&message))).expect("a signature");
        }),
    ];
    let mut costs = vec![Vec::new(); parts.len()];
    for _ in 0..PAIRS {
        for (cost, (_, part)) in costs.iter_mut().zip(&parts) {
            cost.push(microseconds(part));
        }
    }
    println!("one request of {} bytes; {PAIRS} windows of {WINDOW:?} for each", signed.len());
    for ((name, _), cost) in parts.iter().zip(&costs) {
        println!("{:>10.2} us {name}", median(cost.iter().copied()));
    }
    let share = |whole: usize, bare: usize| 100.0 * median(costs[whole].iter().zip(&costs[bare]).map(|(w, b)| b / w));
    println!("FIGURE | read a DUIS request, share of bare ECDSA P-256 | {:.1} | % |", share(0, 4));
    println!("FIGURE | write a DUIS acknowledgement, share of bare ECDSA P-256 | {:.1} | % |", share(5, 6));
}

/// What an operation costs on one core, by one window.
fn microseconds(operation: impl Fn()) -> f64 {
    let start = Instant::now();
    let (mut count, spent) = (0_u32, core_time(start));
    while start.elapsed() < WINDOW {
        operation();
        count += 1;
    }
    (core_time(start) - spent).as_secs_f64() * 1e6 / f64::from(count)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
