//! What it costs to verify and to decode one signed message of about 3 KB, its certificate found by issuer and serial number and its path
//! remembered, beside one bare ECDSA P-256 verification and beside xmlsec1:
//!
//! ```text
//! cargo bench -p tern-wire --bench verify
//! ```
//!
//! Everything is measured in time of one core and in short windows that take turns, and a ratio is the median of the pairs, so that
//! whatever else the machine does falls on both sides. Prints figures and fails nothing.

mod common;

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use common::{Keys, NAME, core_time, entry, head};
use tern_wire::dsig;
use tern_wire::migration::{MigrationCommonFile, open};
use tern_wire::schema::{Quoting, read, write};
use tern_wire::smki::Usage;
use tern_wire::stream::Entries;
use tern_wire::xml::{self, Limits, Sha256Sink};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PAIRS: usize = 11;
const WINDOW: Duration = Duration::from_millis(150);
/// Repetitions for a profiler: `cargo bench -p tern-wire --bench verify -- profile`.
const PROFILED: u32 = 50_000;
const XMLSEC1_REPEATS: u32 = 2_000;
/// Shares and multiples that are to be reached.
const FLOOR_PERCENT_OF_ECDSA: &str = "60";
const FLOOR_DECODED_PERCENT_OF_ECDSA: &str = "55";
const FLOOR_TIMES_XMLSEC1: &str = "3.0";

fn main() {
    let bench = Bench::new();
    if std::env::args().any(|argument| argument == "profile") {
        (0..PROFILED).for_each(|_| bench.open());
        return;
    }
    println!("one signed message of {} bytes; {PAIRS} pairs of windows of {WINDOW:?}", bench.signed.len());
    bench.against_bare_ecdsa();
    bench.against_xmlsec1();
    bench.divided();
    bench.large();
}

struct Bench {
    signed: String,
    /// The same message of 2,000 installations.
    large: String,
    keys: Keys,
}

impl Bench {
    fn new() -> Bench {
        let keys = Keys::new();
        let of = |installations: u64| {
            let message = head().with_entries((1..=installations).map(entry).collect());
            dsig::sign(&write(&message), &keys.signer).expect("a signed message")
        };
        Bench { signed: of(1), large: of(2_000), keys }
    }

    fn verify(&self) {
        let verified = dsig::verify(NAME, self.signed.as_bytes(), &self.keys.trust, self.keys.at, &Limits::DEFAULT);
        black_box(verified.expect("verified"));
    }

    /// Verified, decoded, its sender and name held against its header.
    fn open(&self) {
        let (trust, at) = (&self.keys.trust, self.keys.at);
        let opened = open::<MigrationCommonFile>(NAME, self.signed.as_bytes(), trust, at, &Limits::DEFAULT);
        black_box(opened.expect("opened"));
    }

    /// A prepared key over 32 bytes: nothing but the curve.
    fn against_bare_ecdsa(&self) {
        let (message, key, signature) = bare();
        let parsed = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).parse().expect("a key");
        let ecdsa = || parsed.verify_sig(black_box(&message), &signature).expect("a signature that holds");
        let rounds: Vec<[f64; 3]> =
            (0..PAIRS).map(|_| [rate(|| self.verify()), rate(|| self.open()), rate(ecdsa)]).collect();
        let each = |at: usize| median(rounds.iter().map(|round| round[at]));
        let (verify, open, bare) = (each(0), each(1), each(2));
        println!("{verify:>10.0}/s verify a message; {open:.0}/s verify and decode; {bare:.0}/s bare ECDSA P-256");
        let figure = |name: &str, at: usize, floor: &str| {
            let percent = 100.0 * median(rounds.iter().map(|round| round[at] / round[2]));
            println!("FIGURE | {name} 3 KB, share of bare ECDSA P-256 | {percent:.1} | % | {floor}");
        };
        figure("verify", 0, FLOOR_PERCENT_OF_ECDSA);
        figure("verify + decode", 1, FLOOR_DECODED_PERCENT_OF_ECDSA);
    }

    /// xmlsec1's own timer over many verifications in one process: neither its start nor its reading of keys counts.
    fn against_xmlsec1(&self) {
        if Command::new("xmlsec1").arg("--version").output().is_err() {
            println!("SKIPPED against_xmlsec1: xmlsec1 missing");
            return;
        }
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("file.xml"), &self.signed).expect("written");
        std::fs::write(dir.path().join("party.pem"), self.keys.certificate.to_pem()).expect("written");
        let pairs: Vec<(f64, f64)> = (0..PAIRS).map(|_| (rate(|| self.verify()), xmlsec1_rate(dir.path()))).collect();
        println!("{:>10.0}/s xmlsec1 --verify --pubkey-cert-pem --repeat", median(pairs.iter().map(|p| p.1)));
        let times = median(pairs.iter().map(|p| p.0 / p.1));
        println!("FIGURE | verify 3 KB, times xmlsec1 --repeat | {times:.2} | times | {FLOOR_TIMES_XMLSEC1}");
    }

    /// A whole file, where the curve counts for nothing.
    fn large(&self) {
        let bytes = self.large.as_bytes();
        let (trust, at) = (&self.keys.trust, self.keys.at);
        let verify = || drop(black_box(dsig::verify(NAME, bytes, trust, at, &Limits::DEFAULT)));
        let open = || drop(black_box(open::<MigrationCommonFile>(NAME, bytes, trust, at, &Limits::DEFAULT)));
        let size = bytes.len() as f64 / 1e6;
        println!("FIGURE | verify a file of {size:.1} MB | {:.0} | MB/s |", rate(verify) * size);
        println!("FIGURE | verify + decode a file of {size:.1} MB | {:.0} | MB/s |", rate(open) * size);
    }

    /// Where the time goes, part by part.
    fn divided(&self) {
        let (name, limits) = (NAME, Limits::DEFAULT);
        let guarded = xml::guard(name, self.signed.as_bytes(), &limits).expect("guarded");
        let tree = xml::parse(name, &guarded).expect("parsed");
        let ds = |name| ("http://www.w3.org/2000/09/xmldsig#", name);
        let signature = tree.root_element().last_element_child().expect("a signature");
        let info = signature.children().find(|n| n.has_tag_name(ds("SignedInfo"))).expect("SignedInfo");
        let canonical_info = xml::exclusive_text(info);
        let value = signature.children().find(|n| n.has_tag_name(ds("SignatureValue"))).and_then(|n| n.text());
        let value = decode(value.expect("a value"));
        let parts: [(&str, &dyn Fn()); 9] = [
            ("verify + decode, whole", &|| self.open()),
            ("guard", &|| drop(black_box(xml::guard(name, black_box(self.signed.as_bytes()), &limits)))),
            ("parse", &|| drop(black_box(xml::parse(name, black_box(&guarded))))),
            ("canonical form of the document, digested", &|| {
                black_box(xml::canonical_document(&tree, Some(signature.id()), Sha256Sink::new()).finish());
            }),
            ("canonical form of SignedInfo", &|| drop(black_box(xml::exclusive_text(black_box(info))))),
            ("certificate by issuer and serial", &|| {
                black_box(self.keys.trust.check(self.keys.certificate.id(), self.keys.at, Usage::Sign))
                    .expect("usable");
            }),
            ("ECDSA over SignedInfo", &|| {
                assert!(self.keys.certificate.public_key().verify(canonical_info.as_bytes(), &value));
            }),
            ("decode", &|| {
                drop(black_box(read::<MigrationCommonFile>(name, black_box(&tree), Quoting::Shown)));
            }),
            ("digest of the file", &|| {
                black_box(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.signed.as_bytes()));
            }),
        ];
        let mut costs = vec![Vec::new(); parts.len()];
        for _ in 0..PAIRS {
            for (cost, (_, part)) in costs.iter_mut().zip(&parts) {
                cost.push(1e6 / rate(part));
            }
        }
        let medians: Vec<f64> = costs.iter().map(|cost| median(cost.iter().copied())).collect();
        for ((name, _), cost) in parts.iter().zip(&medians) {
            println!("{cost:>10.2} us {name}");
        }
        let rest = medians[0] - medians[1..].iter().sum::<f64>();
        println!("{rest:>10.2} us rest: profile, base64, sender, copy of the text");
    }
}

fn decode(base64_text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(base64_text).expect("base64")
}

/// A message of one block, a key and its signature.
fn bare() -> ([u8; 32], Vec<u8>, Vec<u8>) {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    let message = [0x5A; 32];
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let signature = pair.sign(&SystemRandom::new(), &message).expect("a signature");
    (message, pair.public_key().as_ref().to_vec(), signature.as_ref().to_vec())
}

/// How often an operation runs in a second of one core, by one window.
fn rate(operation: impl Fn()) -> f64 {
    let start = Instant::now();
    let (mut count, spent) = (0_u32, core_time(start));
    while start.elapsed() < WINDOW {
        operation();
        count += 1;
    }
    f64::from(count) / (core_time(start) - spent).as_secs_f64()
}

/// xmlsec1 prints how many verifications took how long.
fn xmlsec1_rate(dir: &std::path::Path) -> f64 {
    let repeats = XMLSEC1_REPEATS.to_string();
    let out = Command::new("xmlsec1")
        .args(["--verify", "--pubkey-cert-pem", "party.pem", "--repeat", &repeats, "file.xml"])
        .current_dir(dir)
        .output()
        .expect("xmlsec1 runs");
    let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
    assert!(out.status.success(), "{said}");
    let milliseconds = said
        .lines()
        .find_map(|line| {
            line.strip_prefix("Executed ")?.split_once(" in ")?.1.split_whitespace().next()?.parse::<f64>().ok()
        })
        .unwrap_or_else(|| panic!("xmlsec1 prints its time: {said}"));
    f64::from(XMLSEC1_REPEATS) * 1_000.0 / milliseconds
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
