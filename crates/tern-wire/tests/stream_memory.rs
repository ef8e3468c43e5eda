//! A large file is written, verified and read again in memory that does not grow with it. A process of its own, because what is
//! measured is the whole process.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other kinds of file are for other tests")]
#[path = "stream/messages.rs"]
mod messages;

use std::path::Path;

use tern_model::Role;
use tern_wire::migration::MigrationCommonFile;
use tern_wire::stream::{SignedStream, SignedWriter};
use tern_wire::xml::Limits;

use messages::{KEYS, common_entry, common_file, now};

const NAME: &str = "MCF_90-B3-D5-1F-30-0A-00-01_EA_42.xml";

/// The most memory that the process has had since it was last asked, in kB, where the system tells.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Forgets the peak so far.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Writes, verifies and reads; the file's size in kB.
fn through(path: &Path, installations: u64) -> u64 {
    let mut writer = SignedWriter::begin(path, &common_file(0)).unwrap();
    (1..=installations).for_each(|number| writer.push(&common_entry(number)).unwrap());
    let digest = writer.finish(KEYS.signer(Role::RequestingParty)).unwrap();
    let stream = SignedStream::<MigrationCommonFile>::verify(NAME, path, &KEYS.trust, now(), &Limits::STREAM).unwrap();
    assert_eq!((stream.digest(), stream.keys().len() as u64), (digest, installations));
    let (mut parts, mut entries) = (stream.parts(250).unwrap(), 0);
    while let Some(part) = parts.next_part().unwrap() {
        assert!(part.first() == entries && part.installations.len() <= 250);
        entries += part.installations.len();
    }
    assert_eq!(entries as u64, installations);
    std::fs::metadata(path).unwrap().len() / 1024
}

#[test]
fn memory_does_not_grow_with_the_file() {
    if peak_kilobytes().is_none() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "/proc/self/status is missing");
        println!("SKIPPED memory_does_not_grow_with_the_file: /proc/self/status missing");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    // Whatever is made once: keys, and slices of full size.
    let small = through(&path, 1_000);
    forget_peak();
    let before = peak_kilobytes().unwrap();
    let large = through(&path, 6_000);
    let grown = peak_kilobytes().unwrap().saturating_sub(before);
    println!("files of {small} kB and {large} kB; the peak grew by {grown} kB");
    // 8 bytes for each key and for each of seven ids; everything else is the same. The rest is for the allocator.
    assert!(large > 10_000, "{large} kB are no large file");
    assert!(grown < 3_000, "memory grew by {grown} kB");
}
