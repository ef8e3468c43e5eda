//! What the parts of a request cost one core, each measured by itself in the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tern_testkit::UserClient;
use tern_wire::duis::{self, Received, ResponseBody, ResponseCode, ResponseHeader, SchemaVersion};
use tern_wire::smki::Signer;
use tern_wire::xml::Limits;

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

/// What an operation takes.
pub fn once(mut operation: impl FnMut()) -> Duration {
    let (since, mut turns) = (Instant::now(), 0_u32);
    while since.elapsed() < MEASURE {
        operation();
        turns += 1;
    }
    since.elapsed() / turns.max(1)
}
