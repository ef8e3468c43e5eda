//! What it costs to verify one signed message of about 3 KB, its certificate found by issuer and serial number and its path
//! remembered, beside one bare ECDSA P-256 verification and beside xmlsec1:
//!
//! ```text
//! cargo bench -p tern-wire --bench verify
//! ```
//!
//! Everything is measured in time of one core and in short windows that take turns, and a ratio is the median of the pairs, so that
//! whatever else the machine does falls on both sides. Prints figures and fails nothing.

use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use jiff::Timestamp;
use tern_model::{Eui64, PartyId, Role};
use tern_wire::dsig;
use tern_wire::smki::issuing::{
    AuthorityRequest, Issuer, OrganisationRequest, RevocationListRequest, Serial, Validity,
};
use tern_wire::smki::{Certificate, Signer, Trust, Usage};
use tern_wire::xml::{self, Limits, Sha256Sink, Writer};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PAIRS: usize = 11;
const WINDOW: Duration = Duration::from_millis(150);
const XMLSEC1_REPEATS: u32 = 2_000;
/// Shares and multiples that are to be reached.
const FLOOR_PERCENT_OF_ECDSA: &str = "60";
const FLOOR_TIMES_XMLSEC1: &str = "3.0";

fn main() {
    let bench = Bench::new();
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
    certificate: Arc<Certificate>,
    trust: Trust,
    at: Timestamp,
}

impl Bench {
    fn new() -> Bench {
        let (not_before, not_after) = (moment("2020-01-01T00:00:00Z"), moment("2040-01-01T00:00:00Z"));
        let validity = Validity { not_before, not_after };
        let serial = |number| Serial::from_random([number; 16]);
        let authority = |common_name, number| AuthorityRequest { common_name, validity, serial: serial(number) };
        let (root, _) = Issuer::root(&authority("Bench root", 0x61)).expect("a root");
        let (issuing, _) = root.issuing_authority(&authority("Z1", 0x62)).expect("an issuing authority");
        let issued = issuing
            .issue(&OrganisationRequest {
                common_name: "RP-ALPHA",
                party: PartyId(Eui64(0x90B3_D51F_300A_0001)),
                role: Role::RequestingParty,
                usage: Usage::Sign,
                validity,
                serial: serial(0x63),
            })
            .expect("a certificate");
        let certificate = Arc::new(issued.certificate);
        let list = |issuer: &Issuer| {
            let list =
                RevocationListRequest { number: 1, this_update: not_before, next_update: not_after, revoked: &[] };
            issuer.revocation_list(&list).expect("a revocation list")
        };
        let trust = Trust::builder()
            .roots_pem(root.certificate().to_pem().as_bytes())
            .and_then(|b| b.authorities_pem(issuing.certificate().to_pem().as_bytes()))
            .and_then(|b| b.certificates_pem(certificate.to_pem().as_bytes()))
            .and_then(|b| b.crl(&list(&root)))
            .and_then(|b| b.crl(&list(&issuing)))
            .expect("a trust")
            .build();
        let signer = Signer::from_pem(certificate.clone(), issued.key_pem.expose()).expect("a signer");
        let signed = dsig::sign(&message(1), &signer).expect("a signed message");
        let large = dsig::sign(&message(2_000), &signer).expect("a signed file");
        Bench { signed, large, certificate, trust, at: moment("2021-03-02T12:00:00Z") }
    }

    fn verify(&self) {
        let verified = dsig::verify("MCF.xml", self.signed.as_bytes(), &self.trust, self.at, &Limits::DEFAULT);
        black_box(verified.expect("verified"));
    }

    /// A prepared key over 32 bytes: nothing but the curve.
    fn against_bare_ecdsa(&self) {
        let (message, key, signature) = bare();
        let parsed = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).parse().expect("a key");
        let ecdsa = || parsed.verify_sig(black_box(&message), &signature).expect("a signature that holds");
        let pairs: Vec<(f64, f64)> = (0..PAIRS).map(|_| (rate(|| self.verify()), rate(ecdsa))).collect();
        let (ours, theirs) = (median(pairs.iter().map(|p| p.0)), median(pairs.iter().map(|p| p.1)));
        println!("{ours:>10.0}/s verify a message; {theirs:.0}/s bare ECDSA P-256");
        let percent = 100.0 * median(pairs.iter().map(|p| p.0 / p.1));
        println!("FIGURE | verify 3 KB, share of bare ECDSA P-256 | {percent:.1} | % | {FLOOR_PERCENT_OF_ECDSA}");
    }

    /// xmlsec1's own timer over many verifications in one process: neither its start nor its reading of keys counts.
    fn against_xmlsec1(&self) {
        if Command::new("xmlsec1").arg("--version").output().is_err() {
            println!("SKIPPED against_xmlsec1: xmlsec1 missing");
            return;
        }
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("file.xml"), &self.signed).expect("written");
        std::fs::write(dir.path().join("party.pem"), self.certificate.to_pem()).expect("written");
        let pairs: Vec<(f64, f64)> = (0..PAIRS).map(|_| (rate(|| self.verify()), xmlsec1_rate(dir.path()))).collect();
        println!("{:>10.0}/s xmlsec1 --verify --pubkey-cert-pem --repeat", median(pairs.iter().map(|p| p.1)));
        let times = median(pairs.iter().map(|p| p.0 / p.1));
        println!("FIGURE | verify 3 KB, times xmlsec1 --repeat | {times:.2} | times | {FLOOR_TIMES_XMLSEC1}");
    }

    /// A whole file, where the curve counts for nothing.
    fn large(&self) {
        let bytes = self.large.as_bytes();
        let files = rate(|| drop(black_box(dsig::verify("MCF.xml", bytes, &self.trust, self.at, &Limits::DEFAULT))));
        let megabytes = files * bytes.len() as f64 / 1e6;
        println!("FIGURE | verify a file of {:.1} MB | {megabytes:.0} | MB/s |", bytes.len() as f64 / 1e6);
    }

    /// Where the time goes, part by part.
    fn divided(&self) {
        let (name, limits) = ("MCF.xml", Limits::DEFAULT);
        let guarded = xml::guard(name, self.signed.as_bytes(), &limits).expect("guarded");
        let tree = xml::parse(name, &guarded).expect("parsed");
        let ds = |name| ("http://www.w3.org/2000/09/xmldsig#", name);
        let signature = tree.root_element().last_element_child().expect("a signature");
        let info = signature.children().find(|n| n.has_tag_name(ds("SignedInfo"))).expect("SignedInfo");
        let canonical_info = xml::exclusive_text(info);
        let value = signature.children().find(|n| n.has_tag_name(ds("SignatureValue"))).and_then(|n| n.text());
        let value = decode(value.expect("a value"));
        let parts: [(&str, &dyn Fn()); 8] = [
            ("whole", &|| self.verify()),
            ("guard", &|| drop(black_box(xml::guard(name, black_box(self.signed.as_bytes()), &limits)))),
            ("parse", &|| drop(black_box(xml::parse(name, black_box(&guarded))))),
            ("canonical form of the document, digested", &|| {
                black_box(xml::canonical_document(&tree, Some(signature.id()), Sha256Sink::new()).finish());
            }),
            ("canonical form of SignedInfo", &|| drop(black_box(xml::exclusive_text(black_box(info))))),
            ("certificate by issuer and serial", &|| {
                black_box(self.trust.check(self.certificate.id(), self.at, Usage::Sign)).expect("usable");
            }),
            ("ECDSA over SignedInfo", &|| {
                assert!(self.certificate.public_key().verify(canonical_info.as_bytes(), &value));
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

/// A Migration Common File; of one installation it is as long as a message of the field.
fn message(installations: usize) -> String {
    let mut writer = Writer::new();
    writer.open_with("MigrationCommonFile", &[("xmlns", "urn:tern:smets1-migration:1.2")]);
    writer.open("MigrationHeader");
    writer.leaf("RequestingPartyID", "90-B3-D5-1F-30-0A-00-01");
    writer.leaf("GroupID", "EA");
    writer.leaf("FileCounter", "42");
    writer.leaf("CreationDateTime", "2021-03-02T12:00:00.000Z");
    writer.close();
    (0..installations).for_each(|_| installation(&mut writer));
    writer.finish()
}

fn installation(writer: &mut Writer) {
    writer.open("Installation");
    writer.leaf("CHFIdentifier", "00-DB-12-34-56-78-90-A2");
    for device in ["ESME", "GSME"] {
        writer.open(device);
        writer.leaf("DeviceID", "00-DB-12-34-56-78-91-00");
        writer.leaf("MPxN", "2000012345678");
        for certificate in ["CriticalSupplierCertificateID", "NonCriticalSupplierCertificateID"] {
            writer.open(certificate);
            writer.leaf("SerialNumber", "150306063915418116146042817116181118497");
            writer.leaf("IssuerName", "CN=Z1,OU=07");
            writer.close();
        }
        writer.close();
    }
    for _ in 0..6 {
        writer.open("PPMID");
        writer.leaf("DeviceID", "00-DB-12-34-56-78-92-00");
        writer.leaf("Manufacturer", "Müller & Söhne");
        writer.leaf("Model", "Display Two");
        writer.close();
    }
    writer.close();
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
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

/// The time that this thread has had of a core, which is what xmlsec1's timer counts too; elsewhere than on Linux the time
/// that has passed.
fn core_time(start: Instant) -> Duration {
    let scheduled = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = scheduled.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
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
