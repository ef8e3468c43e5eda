//! What the codec alone costs, without cryptography and sockets:
//!
//! ```text
//! cargo bench -p tern-dlms --bench codec
//! ```
//!
//! Prints figures and fails nothing.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tern_dlms::apdu::{Apdu, GetRequest, GetResponse, InvokeIdAndPriority};
use tern_dlms::{AttributeDescriptor, Codec, CosemDateTime, Data, LogicalName, cosem};

const WINDOW: Duration = Duration::from_millis(400);
/// A month of half-hours.
const ROWS: u32 = 1_488;

fn main() {
    let register =
        AttributeDescriptor::new(cosem::register::CLASS, LogicalName::new(1, 0, 1, 8, 0, 255), cosem::register::VALUE);
    let invoke = InvokeIdAndPriority::new(1);
    let exchange = per_second(|| {
        let asked = Apdu::GetRequest(GetRequest::Normal { invoke, attribute: register.into() }).to_bytes();
        let heard = Apdu::decode(black_box(&asked));
        let result = Ok(Data::DoubleLongUnsigned(black_box(123_456)));
        let answered = Apdu::GetResponse(GetResponse::Normal { invoke, result }).to_bytes();
        black_box((heard, Apdu::decode(black_box(&answered)))).1.is_ok()
    });
    figure("DLMS register read, both sides' codec", exchange, "reads/s");

    let moment = Data::date_time(&CosemDateTime::UNSPECIFIED);
    let row = |number| Data::Structure(vec![moment.clone(), Data::DoubleLongUnsigned(number)]);
    let profile = Data::Array((0..ROWS).map(row).collect()).to_bytes();
    let decoded = per_second(|| Data::decode(black_box(&profile)).is_ok());
    let mebibytes = decoded * profile.len() as f64 / f64::from(1 << 20);
    figure("DLMS load profile of a month, decoded", mebibytes, "MiB/s");
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("FIGURE | {name} | {value:.0} | {unit} | ");
}

/// How often a second `work` is done; it says whether it succeeded.
fn per_second(mut work: impl FnMut() -> bool) -> f64 {
    let (started, mut done) = (Instant::now(), 0_u32);
    while started.elapsed() < WINDOW {
        for _ in 0..64 {
            assert!(work());
        }
        done += 64;
    }
    f64::from(done) / started.elapsed().as_secs_f64()
}
