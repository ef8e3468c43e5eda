//! How much a durable commit costs beside what the disk can do, in one run on one file system:
//!
//! ```text
//! cargo bench -p tern-store --bench commit
//! ```
//!
//! Works in a folder of its own under `TERN_BENCH_DIR`, else under the build's own folder, because a temporary folder may
//! lie in memory. It prints and judges nothing.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tern_model::Role;
use tern_store::{AuditEntry, Batch, Expect, JournalEntry, OutboxEntry, Put, SqliteStore, Store};

/// How long each figure is measured.
const MEASURE: Duration = Duration::from_secs(3);

/// A body as the executor writes them: about what an installation's state takes.
const BODY_BYTES: usize = 400;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing to test here: `cargo bench -p tern-store --bench commit` measures");
        return;
    }
    let folder = std::env::var_os("TERN_BENCH_DIR").map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
    let folder = tempfile::tempdir_in(folder).expect("a folder to measure in");
    println!("in {}", folder.path().display());
    println!("a step: 2 puts, 1 journal row, 1 message, 1 audit row, about 2 KB");

    let fsyncs = bare_fsync(folder.path());
    figure("disk: write 4 KiB + fdatasync, nothing else", fsyncs, "/s");
    for group in [1, 16, 256] {
        let (steps, commits) = steps(folder.path(), group);
        figure(&format!("store: durable steps, {group} a commit"), steps, "/s");
        figure(&format!("store: commits of {group} beside the disk's own rate"), 100.0 * commits / fsyncs, "%");
    }
    figure("store: one batch of 1,000 puts + 1,000 journal rows", large_batch(folder.path()), "ms, median");
}

/// One line of the table that `cargo xtask bench` makes; no figure of the store has a floor.
fn figure(name: &str, value: f64, unit: &str) {
    let digits = if value < 100.0 { 2 } else { 0 };
    println!("FIGURE | {name} | {value:.digits$} | {unit} | ");
}

/// The disk's own rate.
fn bare_fsync(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("bare")).expect("a file");
    let page = [0x5A; 4_096];
    file.write_all(&page.repeat(256)).and_then(|()| file.sync_all()).expect("a first write");
    rate(|turn| {
        file.seek(std::io::SeekFrom::Start(turn % 256 * 4_096)).expect("a place");
        file.write_all(&page).and_then(|()| file.sync_data()).expect("a durable write");
    })
}

/// Steps and commits a second where so many steps wait for the disk together.
fn steps(folder: &Path, group: u64) -> (f64, f64) {
    let mut store = SqliteStore::open(&folder.join(format!("group-{group}.sqlite")), Role::S1sp).expect("a store");
    let commits = rate(|turn| {
        let batches: Vec<_> = (0..group).map(|n| step(turn * group + n)).collect();
        let answers = store.commit_group(&batches).expect("a healthy store");
        assert!(answers.iter().all(Result::is_ok));
    });
    (commits * group as f64, commits)
}

/// One step of one of 1,000 installations that migrate side by side.
fn step(n: u64) -> Batch {
    let subject = format!("00-DB-12-34-00-00-{:02X}-{:02X}", n % 1_000 / 256, n % 256);
    let put = |kind, expect| Put { kind, key: subject.clone(), expect, version: 1, body: vec![0x5A; BODY_BYTES] };
    Batch {
        puts: vec![put("installation", Expect::Any), put("lease", Expect::Any)],
        journal: vec![journal(&subject)],
        outbox: vec![OutboxEntry {
            to: "dsp".into(),
            message: n.to_string(),
            at: Timestamp::UNIX_EPOCH,
            body: vec![0x5A; BODY_BYTES].into(),
        }],
        audit: vec![AuditEntry {
            at: Timestamp::UNIX_EPOCH,
            actor: "s1sp".into(),
            action: "step".into(),
            subject: subject.clone(),
            evidence: "MCF EA 42, certificate 12".into(),
        }],
        ..Batch::default()
    }
}

/// The median time of a batch that writes 1,000 records and 1,000 journal rows, in milliseconds.
fn large_batch(folder: &Path) -> f64 {
    let mut store = SqliteStore::open(&folder.join("large.sqlite"), Role::S1sp).expect("a store");
    let mut times: Vec<_> = (0..21)
        .map(|round| {
            let keys: Vec<_> = (0..1_000).map(|n| format!("{round}-{n}")).collect();
            let put = |key: &String| Put {
                kind: "installation",
                key: key.clone(),
                expect: Expect::Absent,
                version: 1,
                body: vec![0x5A; BODY_BYTES],
            };
            let batch = Batch {
                puts: keys.iter().map(put).collect(),
                journal: keys.iter().map(|key| journal(key)).collect(),
                ..Batch::default()
            };
            let start = Instant::now();
            store.commit(&batch).expect("a healthy store");
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}

fn journal(subject: &str) -> JournalEntry {
    JournalEntry { subject: subject.to_owned(), at: Timestamp::UNIX_EPOCH, version: 1, body: vec![0x5A; BODY_BYTES] }
}

/// Turns a second.
fn rate(mut turn: impl FnMut(u64)) -> f64 {
    let start = Instant::now();
    let mut turns = 0;
    while start.elapsed() < MEASURE {
        turn(turns);
        turns += 1;
    }
    turns as f64 / start.elapsed().as_secs_f64()
}
