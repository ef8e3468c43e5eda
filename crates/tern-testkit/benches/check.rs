//! What `tern check` does in a second as the S1SP, with one RSA-2048 transported key per blob, beside the bound that RSA and
//! ECDSA alone set in the same run, and where the distance lies; and what it costs to name the day (`--as-of`) or an overlay:
//!
//! ```text
//! cargo bench -p tern-testkit --bench check
//! ```
//!
//! Rates are of one core: installations by the processor's time, whatever else runs on the machine. Prints figures and fails
//! nothing.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use tern_model::{Place, Role};
use tern_service::check::Checker;
use tern_service::facts::subjects_of;
use tern_service::parties::SetTaken;
use tern_service::pki;
use tern_service::set_files::OpenedSet;
use tern_testkit::{Cut, Lab, LabPlan, Laid, Power, RawFile, take};
use tern_wire::migration::{DecryptedS1spDpGroupInformation, read_plaintext};
use tern_wire::xenc;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PLAN: LabPlan = LabPlan { installations: 1_000, seed: 1, defects_permille: 0, faults: 0, set_size: 1_000 };
const RUNS: usize = 5;
const TURNS: usize = 7;
/// Judged so often that 10 ms are no part of it.
const JUDGED_A_TURN: usize = 5;
/// Numbers and a day that change, and no verdict of a set without a defect.
const OVERLAY: &str = r#"name = "bench"
[documents]
"TMAD FOC text" = 2020-12-13
"SMETS1 Migration Schema v1.2" = 2020-12-13
[texts."5.10.10"."TMAD FOC text"]
days = 1
[limits]
rollback_days = 15
"#;
/// Installations a second on one core.
const FLOOR: f64 = 1_000.0;
/// How long each operation is measured.
const MEASURE: Duration = Duration::from_millis(400);

fn main() {
    if std::env::args().any(|argument| argument == "--bench") {
        bench();
    } else {
        println!("nothing to test here: `cargo bench -p tern-testkit --bench check` measures");
    }
}

fn bench() {
    let mut lab = Lab::new(PLAN, |_| {});
    let laid = validated(&mut lab);
    let checker = Checker::new(lab.config(), lab.facts(), lab.now, None).expect("a checker");
    let runs: Vec<[Duration; 2]> = (0..RUNS).map(|_| check(&checker, &laid)).collect();
    let middle = |of: usize| {
        let mut costs: Vec<Duration> = runs.iter().map(|run| run[of]).collect();
        costs.sort_unstable();
        costs[costs.len() / 2]
    };
    let (verify, judge) = (middle(0), middle(1));
    let opened = checker.open(&laid.folder).expect("readable files");
    let parts = Parts::measure(&lab, &checker, &opened);
    let all = verify + judge;
    let bound = parts.rsa + parts.ecdsa;
    println!(
        "{} installations, one RSA-2048 transported key each, as the S1SP; one core, {RUNS} runs",
        PLAN.installations
    );
    let rate = |cost: Duration| 1.0 / cost.as_secs_f64();
    println!("FIGURE | tern check as S1SP, one core | {:.0} | installations/s | {FLOOR:.0} |", rate(all));
    println!("FIGURE | bound by RSA and ECDSA alone, one core | {:.0} | installations/s | |", rate(bound));
    println!("what an installation costs one core, in microseconds:");
    let ours = [
        ("verify four files, first pass", verify),
        ("read four files again, second pass", parts.read),
        ("DeviceCertificate beside its signature", parts.certificate.saturating_sub(parts.ecdsa)),
        ("blob beside its RSA: AES-GCM, XML, decoding", parts.blob.saturating_sub(parts.rsa)),
        ("facts looked up", parts.facts),
    ];
    let told: Duration = ours.iter().skip(1).map(|(_, cost)| *cost).sum();
    let rest = judge.saturating_sub(bound + told);
    let print = |name: &str, cost: Duration| println!("{:>10.1} {name}", 1e6 * cost.as_secs_f64());
    print("all", all);
    print("RSA-2048, private", parts.rsa);
    print("ECDSA P-256, verify", parts.ecdsa);
    ours.iter().for_each(|(name, cost)| print(name, *cost));
    print("rules, telling and the rest", rest);
    let share = 100.0 * (all.saturating_sub(bound)).as_secs_f64() / all.as_secs_f64();
    println!("{share:.0} % of an installation's time is ours, and not RSA's or ECDSA's");
    books(&lab, &laid);
}

/// What naming the day or an overlay costs, where judging is most of the work: as the DSP, which opens no blob. Every turn
/// judges in each of the three ways.
fn books(lab: &Lab, laid: &Laid) {
    let under = lab.dir().join("overlay.toml");
    std::fs::write(&under, OVERLAY).expect("an overlay");
    let today = tern_model::london_day(lab.now);
    let overlaid = lab.config().under(&under).expect("a good overlay");
    let ways = [(lab.config(), None), (lab.config(), Some(today)), (overlaid, None)];
    let checkers = ways.map(|(config, as_of)| Checker::new(config, lab.facts(), lab.now, as_of).expect("a checker"));
    let opened = checkers[0].open(&laid.folder).expect("readable files");
    let turns: Vec<[f64; 3]> = (0..TURNS).map(|_| checkers.each_ref().map(|c| judged(c, &opened))).collect();
    for (name, way) in [("--as-of today", 1), ("an overlay", 2)] {
        let mut ratios: Vec<f64> = turns.iter().map(|turn| turn[way] / turn[0]).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        println!("FIGURE | check as DSP: {name} to neither, processor | {:.3} | | |", ratios[TURNS / 2]);
    }
}

/// What judging as the DSP costs the processor, over and over, in seconds.
fn judged(checker: &Checker, opened: &OpenedSet) -> f64 {
    let before = processor_time();
    for _ in 0..JUDGED_A_TURN {
        let verdicts = checker.check(opened, Role::Dsp, &mut |_| {}).expect("a check");
        assert!(verdicts.is_clean(), "{:?}", verdicts.installations);
    }
    (processor_time() - before).as_secs_f64()
}

/// The laboratory's set with the Common Validation File that the DSP makes of it.
fn validated(lab: &mut Lab) -> Laid {
    let mut set = lab.sets[0].clone();
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    let SetTaken::Accepted { validation, .. } = take(&mut system, &set).expect("takes") else { panic!("refused") };
    set.files.push(RawFile::read(&validation));
    drop(system);
    lab.reset();
    set.lay()
}

/// What verifying and judging cost the processor for one installation.
fn check(checker: &Checker, laid: &Laid) -> [Duration; 2] {
    let installations = u32::try_from(PLAN.installations).expect("a number");
    let before = processor_time();
    let opened = checker.open(&laid.folder).expect("readable files");
    let verified = processor_time();
    let verdicts = checker.check(&opened, Role::S1sp, &mut |_| {}).expect("a check");
    assert!(verdicts.is_clean() && verdicts.installations.judged == PLAN.installations, "{verdicts:?}");
    [(verified - before) / installations, (processor_time() - verified) / installations]
}

/// What the parts of judging cost one core for one installation.
struct Parts {
    rsa: Duration,
    ecdsa: Duration,
    read: Duration,
    certificate: Duration,
    blob: Duration,
    facts: Duration,
}

impl Parts {
    fn measure(lab: &Lab, checker: &Checker, opened: &OpenedSet) -> Parts {
        let decrypter = pki::load_decrypter(&lab.dir().join("pki"), "s1sp").expect("a key");
        let sealed = decrypter.certificate().public_key().encrypt_oaep_sha1(&[0x5A; 32]).expect("sealed");
        let rsa = once(|| drop(black_box(decrypter.decrypt_oaep_sha1(&sealed))));
        let group = first(opened.group.file().expect("a Group File"));
        let hub = group.installations.first().expect("an installation");
        let certificate = once(|| {
            let der = &hub.chf_details.device_certificate.as_ref().expect("FOC's hubs have one").0;
            black_box(checker.trust().check_device(der, hub.chf_identifier, lab.now)).expect("a good one");
        });
        let encrypted = first(opened.encrypted.file().expect("a Group Encrypted File"));
        let entry = encrypted.installations.first().expect("an installation");
        let holder = entry.encrypted_s1sp_group_information.as_ref().expect("a blob");
        let place = Place::document("MGEF");
        let blob = once(|| {
            let plaintext = xenc::decrypt(holder.encrypted_data.as_xml(), &place, &decrypter).expect("opens");
            black_box(read_plaintext::<DecryptedS1spDpGroupInformation>(&place, &plaintext)).expect("decodes");
        });
        let common = first(opened.common.file().expect("a Common File"));
        let (facts, run) = (lab.facts(), common.installations.chunks(250).next().expect("a run"));
        let slice = once(|| drop(black_box(facts.slice(run.iter().flat_map(subjects_of)).expect("facts"))));
        let installations = u32::try_from(PLAN.installations).expect("a number");
        let read = once(|| {
            read_all(opened.common.file());
            read_all(opened.group.file());
            read_all(opened.encrypted.file());
            read_all(opened.validation.file());
        });
        let facts = slice / u32::try_from(run.len()).expect("a number");
        Parts { rsa, ecdsa: ecdsa(), read: read / installations, certificate, blob, facts }
    }
}

/// The first run of a file, as the program reads it.
fn first<T: tern_wire::migration::SignedFile + tern_wire::stream::Entries>(
    file: &tern_wire::stream::SignedStream<T>,
) -> tern_wire::Verified<T> {
    file.parts(250).and_then(|mut parts| parts.next_part()).expect("unaltered").expect("entries")
}

fn read_all<T: tern_wire::migration::SignedFile + tern_wire::stream::Entries>(
    file: Option<&tern_wire::stream::SignedStream<T>>,
) {
    let mut parts = file.expect("a file").parts(250).expect("readable");
    while let Some(part) = parts.next_part().expect("unaltered") {
        black_box(part);
    }
}

/// A bare verification of a signature.
fn ecdsa() -> Duration {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).expect("a key");
    let signature = key.sign(&random, b"SignedInfo").expect("a signature");
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref().to_vec());
    once(|| public.verify(b"SignedInfo", signature.as_ref()).expect("verifies"))
}

/// How long an operation takes one core.
fn once(mut operation: impl FnMut()) -> Duration {
    let (since, before, mut turns) = (Instant::now(), processor_time(), 0_u32);
    while since.elapsed() < MEASURE {
        operation();
        turns += 1;
    }
    (processor_time() - before) / turns.max(1)
}

/// User and system time of this process with all its threads, in steps of 10 ms; zero elsewhere than on Linux.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold anything; what is counted stands behind it.
    let behind = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: u64 = behind.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
