//! Keys in the clear do not stay in memory, whatever becomes of the reading. A process of its own with one test, because all its memory
//! is searched.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other kinds of file are for other tests")]
#[path = "stream/messages.rs"]
mod messages;

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use tern_model::Role;
use tern_wire::migration::{SmsoPlaintextExport, open};
use tern_wire::stream::{Entries, SignedStream, SignedWriter, Sizes, StreamFault};
use tern_wire::xml::Limits;
use zeroize::Zeroize;

use messages::{KEYS, now, plaintext_export};

const NAME: &str = "SMSOPLAINTEXT_90-B3-D5-1F-30-0A-00-01_EB_WEEK-09-1.xml";
/// Stands in the program's constants, which are not searched: they cannot be written to.
const KEY: &str = "5EC2E75EC2E75EC2E75EC2E75EC2E799";

/// How often the key stands in what this process can write to.
fn found() -> usize {
    let (maps, mut memory) = (fs::read_to_string("/proc/self/maps").unwrap(), File::open("/proc/self/mem").unwrap());
    let mut chunk = vec![0; 1 << 20];
    let mut found = 0;
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, access) = (words.next().unwrap(), words.next().unwrap());
        if !access.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let (mut from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        while from < to {
            // What was read stands here a second time until the next is.
            chunk.zeroize();
            chunk.resize(usize::try_from((to - from).min(1 << 20)).unwrap(), 0);
            memory.seek(SeekFrom::Start(from)).unwrap();
            if memory.read_exact(&mut chunk).is_err() {
                break;
            }
            found += chunk.windows(KEY.len()).filter(|bytes| *bytes == KEY.as_bytes()).count();
            from += chunk.len() as u64;
        }
    }
    chunk.zeroize();
    found
}

fn stream(path: &Path, sizes: Sizes) -> Result<SignedStream<SmsoPlaintextExport>, StreamFault> {
    SignedStream::verify_by(NAME, path, (&KEYS.trust, now()), &Limits::STREAM, sizes)
}

/// Writes the export, and leaves another half-way.
fn written(path: &Path) {
    let message = plaintext_export(60, KEY);
    let mut half = SignedWriter::begin(path, &message).unwrap();
    half.push(&message.entries()[0]).unwrap();
    drop(half);
    let mut writer = SignedWriter::begin(path, &message).unwrap();
    message.entries().iter().for_each(|entry| writer.push(entry).unwrap());
    writer.finish(KEYS.signer(Role::Smso)).unwrap();
}

/// The bytes of the file, changed, in its place.
fn change(path: &Path, change: impl FnOnce(&[u8]) -> Vec<u8>) {
    let mut bytes = fs::read(path).unwrap();
    let mut changed = change(&bytes);
    fs::write(path, &changed).unwrap();
    bytes.zeroize();
    changed.zeroize();
}

#[test]
fn no_key_stays_in_memory_whatever_becomes_of_the_reading() {
    if !Path::new("/proc/self/mem").exists() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "/proc/self/mem is missing");
        println!("SKIPPED no_key_stays_in_memory_whatever_becomes_of_the_reading: /proc/self/mem missing");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(NAME);
    let held = KEY.to_owned();
    assert_eq!(found(), 1, "what is there is found");
    let mut held = held;
    held.zeroize();
    assert_eq!(found(), 0, "and what is not");

    written(&path);
    assert_eq!(found(), 0, "after writing");
    for sizes in [Sizes::default(), Sizes { read_bytes: 700, slice_bytes: 1_500 }] {
        let export = stream(&path, sizes).unwrap();
        assert_eq!(found(), 0, "after verifying");
        let mut parts = export.parts(10).unwrap();
        let (first, second) = (parts.next_part().unwrap().unwrap(), parts.next_part().unwrap().unwrap());
        let copy = first.document().clone();
        drop((first, second.into_value()));
        assert!(copy.text().contains(KEY), "somebody holds it yet");
        drop((parts, copy));
        assert_eq!(found(), 0, "after half a pass");
    }
    let mut bytes = fs::read(&path).unwrap();
    drop(open::<SmsoPlaintextExport>(NAME, &bytes, &KEYS.trust, now(), &Limits::DEFAULT).unwrap());
    bytes.zeroize();
    assert_eq!(found(), 0, "after a whole file");

    let export = stream(&path, Sizes::default()).unwrap();
    change(&path, |bytes| bytes[..bytes.len() * 2 / 3].to_vec());
    let mut parts = export.parts(10).unwrap();
    while let Ok(Some(part)) = parts.next_part() {
        drop(part);
    }
    drop(parts);
    assert_eq!(found(), 0, "after a file that was cut between the passes");
    assert!(stream(&path, Sizes::default()).is_err());
    assert_eq!(found(), 0, "after a cut file");
    written(&path);
    change(&path, |bytes| {
        let mut changed = Vec::with_capacity(3 * bytes.len());
        for byte in bytes {
            changed.extend_from_slice(if *byte == b'>' { b">\r\n" } else { std::slice::from_ref(byte) });
        }
        changed
    });
    assert!(stream(&path, Sizes::default()).is_err());
    assert_eq!(found(), 0, "after line ends of another system");
    for (before, after) in [("&#x35;", ""), ("<![CDATA[5", "]]>")] {
        written(&path);
        change(&path, |bytes| respelt(bytes, before, after));
        assert!(stream(&path, Sizes::default()).is_err());
        let mut bytes = fs::read(&path).unwrap();
        assert!(open::<SmsoPlaintextExport>(NAME, &bytes, &KEYS.trust, now(), &Limits::DEFAULT).is_err());
        bytes.zeroize();
        assert_eq!(found(), 0, "after a key that is written {before}");
    }
}

/// The bytes, with the first character of each key written so, and this behind the key.
fn respelt(bytes: &[u8], before: &str, after: &str) -> Vec<u8> {
    let mut changed = Vec::with_capacity(2 * bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if bytes[at..].starts_with(KEY.as_bytes()) {
            changed.extend_from_slice(before.as_bytes());
            changed.extend_from_slice(&bytes[at + 1..at + KEY.len()]);
            changed.extend_from_slice(after.as_bytes());
            at += KEY.len();
        } else {
            changed.push(*byte);
            at += 1;
        }
    }
    changed
}
