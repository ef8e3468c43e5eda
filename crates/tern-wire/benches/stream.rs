//! What it costs to take a file of 100,000 installations (150 MB) in as a stream: both passes, and how much memory the whole process takes for it.
//!
//! ```text
//! cargo bench -p tern-wire --bench stream
//! ```

#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod common;

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use common::{Keys, NAME, core_time, entry, head};
use tern_wire::migration::MigrationCommonFile;
use tern_wire::stream::{SignedStream, SignedWriter};
use tern_wire::xml::Limits;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The most that one file may hold.
const INSTALLATIONS: u64 = 100_000;
const ENTRIES_PER_PART: usize = 250;

fn main() {
    let keys = Keys::new();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    let small = through(&keys, &path, INSTALLATIONS / 100);
    println!("{:.1} MB: {} kB in all", small.megabytes, small.peak_kilobytes);
    let large = through(&keys, &path, INSTALLATIONS);
    for (what, seconds) in [("write", large.write), ("verify", large.verify), ("second pass of", large.read)] {
        println!("FIGURE | {what} a stream of {:.0} MB | {:.0} | MB/s |", large.megabytes, large.megabytes / seconds);
    }
    println!("FIGURE | peak memory of a stream of {:.0} MB | {} | kB |", large.megabytes, large.peak_kilobytes);
    let more = large.peak_kilobytes.saturating_sub(small.peak_kilobytes) * 1024 / (INSTALLATIONS - INSTALLATIONS / 100);
    println!("FIGURE | memory for each installation more, of one file | {more} | bytes |");
}

/// What a file of so many installations took, in megabytes and seconds of one core.
struct Taken {
    megabytes: f64,
    write: f64,
    verify: f64,
    read: f64,
    peak_kilobytes: u64,
}

fn through(keys: &Keys, path: &Path, installations: u64) -> Taken {
    let begun = Instant::now();
    let mut last = core_time(begun);
    let mut lap = || {
        let now = core_time(begun);
        (now - std::mem::replace(&mut last, now)).as_secs_f64()
    };
    let mut writer = SignedWriter::begin(path, &head()).expect("begun");
    (1..=installations).for_each(|number| writer.push(&entry(number)).expect("written"));
    writer.finish(&keys.signer).expect("signed");
    let write = lap();
    // Forgets the peak so far, where the system can.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (trust, at) = (&keys.trust, keys.at);
    let stream = SignedStream::<MigrationCommonFile>::verify(NAME, path, trust, at, &Limits::STREAM).expect("verified");
    let verify = lap();
    let mut parts = stream.parts(ENTRIES_PER_PART).expect("begun");
    while let Some(part) = parts.next_part().expect("the same") {
        black_box(part);
    }
    let read = lap();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let megabytes = std::fs::metadata(path).expect("a file").len() as f64 / 1e6;
    Taken { megabytes, write, verify, read, peak_kilobytes: peak_kilobytes() }
}

fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}
