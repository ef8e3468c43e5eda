//! A process that is killed in the middle of commits loses nothing that it acknowledged and leaves no half batch.
//!
//! The test starts itself again as the process to be killed. Moments are seeded:
//! `TERN_SEED=<n> cargo test -p tern-store --test crash` takes others. A kill leaves what the process wrote in the
//! system's hands; the loss of power is imitated by cutting and altering the write-ahead log that a kill left behind.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{audit, inbox, journal, outbox, put};
use tern_model::Role;
use tern_store::{Batch, Expect, SqliteStore, Store, StoreView};

const DEFAULT_SEED: u64 = 40_2021;
const KILLS: u64 = 40;
/// Cuts of each log that is cut.
const CUTS: u64 = 20;
/// Names the store of the process to be killed.
const CHILD: &str = "TERN_STORE_CRASH_CHILD";

#[test]
fn a_kill_loses_no_acknowledged_commit_and_leaves_no_half_batch() {
    if let Some(path) = std::env::var_os(CHILD) {
        commit_until_killed(Path::new(&path));
    }
    let seed = std::env::var("TERN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_SEED);
    eprintln!("again: TERN_SEED={seed} cargo test -p tern-store --test crash");
    let mut random = Random(seed);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("killed.sqlite");

    let (mut base, mut logs_cut) = (0, 0);
    for kill in 1..=KILLS {
        let acknowledged = kill_at_a_moment(&path, &mut random).max(base);
        if let (0, Ok(log)) = (kill % 8, std::fs::read(log_of(&path))) {
            cut_the_log(&path, &log, base, &mut random);
            logs_cut += 1;
        }
        let durable = check_whole(&path);
        let unanswered = durable.checked_sub(acknowledged).expect("an acknowledged commit is lost");
        assert!(unanswered <= largest_transaction(), "kill {kill}: {acknowledged} acknowledged, {durable} durable");
        base = durable;
    }
    assert!(base > KILLS && logs_cut > 0, "too little was done: {base} commits, {logs_cut} logs cut");
}

/// The process to be killed: commits batch after batch, and says after each which one is durable.
fn commit_until_killed(path: &Path) -> ! {
    let mut store = SqliteStore::open(path, Role::S1sp).expect("the store that the last kill left");
    let mut done = durable(&store);
    loop {
        let group = transaction_after(done);
        let batches: Vec<_> = (done + 1..=done + group).map(batch).collect();
        match &batches[..] {
            [one] => store.commit(one).expect("a commit"),
            many => {
                let answers = store.commit_group(many).expect("a group");
                assert!(answers.iter().all(Result::is_ok), "{answers:?}");
            }
        }
        done += group;
        // The test's harness owns the standard output.
        writeln!(std::io::stderr(), "{done}").expect("a reader");
    }
}

/// How many batches the transaction behind the first `done` batches holds: now one, now a group.
fn transaction_after(done: u64) -> u64 {
    if done.is_multiple_of(5) { largest_transaction() } else { 1 }
}

fn largest_transaction() -> u64 {
    3
}

/// The n-th batch touches everything that a store holds, so that half of it would show.
fn batch(n: u64) -> Batch {
    let (text, long) = (n.to_string(), "x".repeat(usize::try_from(n % 7).expect("small") * 1_500));
    let expect = if n == 1 { Expect::Absent } else { Expect::Generation(n - 1) };
    Batch {
        puts: vec![put("count", expect, &text), put(&format!("{}", n % 7), Expect::Any, &format!("{n} {long}"))],
        removes: vec![],
        journal: vec![journal("a", &text), journal("b", &text)],
        inbox: vec![inbox("dsp", &text)],
        outbox: vec![outbox("dco", &text)],
        sent: if n > 1 { vec![n - 1] } else { vec![] },
        audit: vec![audit(&text)],
    }
}

fn durable(store: &SqliteStore) -> u64 {
    store.get("installation", "count").expect("a readable store").map_or(0, |record| record.generation)
}

/// Starts the process, kills it after a seeded number of acknowledgements and some microseconds, and returns the last
/// acknowledgement that left it.
fn kill_at_a_moment(path: &Path, random: &mut Random) -> u64 {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "a_kill_loses_no_acknowledged_commit_and_leaves_no_half_batch", "--nocapture"])
        .env(CHILD, path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process to kill");
    let mut lines = BufReader::new(child.stderr.take().expect("its voice")).lines().map(|line| line.expect("text"));
    let mut last = 0;
    // Now and then before it has committed anything, perhaps while it opens the store.
    let (acknowledgements, wait) = match random.below(8) {
        0 => (0, random.below(20_000)),
        _ => (1 + random.below(60), random.below(1_500)),
    };
    for _ in 0..acknowledgements {
        last = acknowledgement(&lines.next().expect("the process ended by itself"));
    }
    let moment = Instant::now() + Duration::from_micros(wait);
    while Instant::now() < moment {
        std::hint::spin_loop();
    }
    child.kill().expect("a kill");
    for line in lines {
        last = acknowledgement(&line);
    }
    let status = child.wait().expect("its end");
    assert!(!status.success(), "{status}");
    last
}

#[track_caller]
fn acknowledgement(line: &str) -> u64 {
    line.parse().unwrap_or_else(|_| panic!("the process to be killed said: {line}"))
}

/// Checks that the store holds the first n batches, each whole, and nothing else; returns n.
#[track_caller]
fn check_whole(path: &Path) -> u64 {
    let store = SqliteStore::open(path, Role::S1sp).expect("the store that a kill left");
    let n = durable(&store);
    let numbers: Vec<_> = (1..=n).map(|n| n.to_string()).collect();
    for subject in ["a", "b"] {
        let bodies = store.journal(subject).expect("a journal").into_iter().map(|(_, entry)| entry.body);
        assert!(bodies.eq(numbers.iter().map(|n| n.as_bytes())), "the journal of {subject}");
    }
    for slot in 0..7 {
        let newest = (n.saturating_sub(6)..=n).find(|&m| m > 0 && m % 7 == slot);
        let record = store.get("installation", &slot.to_string()).expect("a record");
        assert_eq!(record.map(|record| record.body), newest.map(|m| batch(m).puts[1].body.clone()), "slot {slot}");
    }
    assert!(numbers.iter().all(|n| store.received("dsp", n) == Ok(Some(inbox("dsp", n)))));
    assert_eq!(store.received("dsp", &(n + 1).to_string()), Ok(None));
    let unsent: Vec<_> = numbers.last().map(|n| outbox("dco", n)).into_iter().collect();
    assert_eq!(store.unsent(9).expect("an outbox").into_iter().map(|(_, entry)| entry).collect::<Vec<_>>(), unsent);
    assert_eq!(store.verify_audit().expect("a whole chain").entries, n);
    n
}

/// Imitates the loss of power on copies: a log that ends anywhere, or that holds a wrong byte, gives the commits before
/// that place, each whole.
fn cut_the_log(path: &Path, log: &[u8], base: u64, random: &mut Random) {
    let store = std::fs::read(path).expect("the store's file");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut cuts: Vec<_> = (0..CUTS).map(|_| random.below(log.len() as u64 + 1)).collect();
    cuts.sort_unstable();
    let mut least = base;
    for (turn, cut) in cuts.into_iter().enumerate() {
        let at = usize::try_from(cut).expect("a length in memory");
        let mut damaged = log[..at].to_vec();
        let copy = folder.path().join(format!("{turn}.sqlite"));
        let durable = check_copy(&copy, &store, &damaged);
        assert!(durable >= least, "a longer log gave fewer commits: {durable}, not {least}");
        least = durable;
        if at > 0 && turn % 4 == 0 {
            let place = usize::try_from(random.below(cut)).expect("a length in memory");
            damaged[place] ^= 1 << random.below(8);
            assert!(check_copy(&copy, &store, &damaged) <= durable);
        }
    }
}

fn check_copy(copy: &Path, store: &[u8], log: &[u8]) -> u64 {
    std::fs::write(copy, store).expect("a copy");
    std::fs::write(log_of(copy), log).expect("a copy of its log");
    check_whole(copy)
}

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("sqlite-wal")
}

/// SplitMix64: small, seeded, good enough to choose moments.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}
