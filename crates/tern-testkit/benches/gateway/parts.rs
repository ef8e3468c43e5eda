//! What the parts of a request cost one core, each measured by itself in the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tern_testkit::UserClient;
use tern_wire::duis::{self, Received, ResponseBody, ResponseCode, ResponseHeader, SchemaVersion};
use tern_wire::smki::Signer;
use tern_wire::xml::Limits;

use crate::limits;

/// How long each is measured.
const MEASURE: Duration = Duration::from_millis(500);

/// Costs of one request.
pub struct Parts {
    /// From bytes to a request that its schema allows.
    pub decode: Duration,
    /// The User's signature: canonical form, digest, certificate, ECDSA.
    pub verify: Duration,
    /// The DSP's response, written, judged and signed.
    pub sign: Duration,
}

impl Parts {
    /// Measures them on a request of this User's.
    pub fn measure(user: &UserClient, request: &str, dsp: &Signer, at: Timestamp) -> Parts {
        let version = SchemaVersion::V5_1;
        let decoded = |verify: bool| {
            let received = Received::new("request", request.as_bytes(), &Limits::MESSAGE).expect("text");
            let incoming = received.parse().expect("XML");
            let unverified = incoming.request(version).expect("a request");
            if verify {
                drop(black_box(unverified.verify(&user.trust, at).expect("its signature")));
            } else {
                black_box(unverified.claimed());
            }
        };
        let (decode, both) = (once(|| decoded(false)), once(|| decoded(true)));
        let sign = once(|| {
            let header = ResponseHeader::synchronous(None, ResponseCode::I99, at);
            let body = ResponseBody::Message { service: "4.1.1".parse().expect("a service"), content: None };
            drop(black_box(duis::response(&header, &body, version, dsp).expect("a response")));
        });
        Parts { decode, verify: both.saturating_sub(decode), sign }
    }
}

/// How often a second all cores at once could verify one signature of P-256 and make one, if they did nothing else: the bound of
/// whatever answers signed requests with signatures, in this very moment.
pub fn signatures_alone(signer: &Signer) -> f64 {
    let message = [0x5A_u8; 32];
    let signature = signer.sign(&message).expect("a signature");
    let key = signer.certificate().public_key();
    let pair = || {
        once(|| {
            assert!(key.verify(black_box(&message), &signature));
            black_box(signer.sign(black_box(&message))).expect("a signature");
        })
    };
    std::thread::scope(|scope| {
        let cores: Vec<_> = (0..limits::cores()).map(|_| scope.spawn(pair)).collect();
        cores.into_iter().map(|core| 1.0 / core.join().expect("a core").as_secs_f64()).sum()
    })
}

/// What an operation takes.
pub fn once(mut operation: impl FnMut()) -> Duration {
    let (since, mut turns) = (Instant::now(), 0_u32);
    while since.elapsed() < MEASURE {
        operation();
        turns += 1;
    }
    since.elapsed() / turns.max(1)
}
