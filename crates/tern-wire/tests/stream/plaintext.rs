//! Exports with keys in the clear: their owner's alone to read, and nothing of them is told.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tern_model::Role;
use tern_wire::migration::{SmsoPlaintextExport, open};
use tern_wire::schema::write;
use tern_wire::stream::{Entries, SignedStream, SignedWriter, Sizes, StreamFault};
use tern_wire::xml::Limits;
use tern_wire::{WireFault, dsig};

use crate::messages::{KEYS, now, plaintext_export};

const NAME: &str = "SMSOPLAINTEXT_90-B3-D5-1F-30-0A-00-01_EB_WEEK-09-1.xml";
const KEY: &str = "5EC2E75EC2E75EC2E75EC2E75EC2E700";

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn such_a_file_is_its_owners_from_the_moment_it_exists_and_comes_back_run_by_run() {
    let folder = tempfile::tempdir().unwrap();
    let (path, draft) = (folder.path().join(NAME), folder.path().join(format!("{NAME}.part")));
    let message = plaintext_export(9, KEY);
    // What an earlier, broken run left does not open the draft to others.
    std::fs::write(&draft, "left").unwrap();
    std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o666)).unwrap();
    let mut writer = SignedWriter::begin(&path, &message).unwrap();
    assert_eq!(mode(&draft), 0o600);
    message.entries().iter().for_each(|entry| writer.push(entry).unwrap());
    writer.finish(KEYS.signer(Role::Smso)).unwrap();
    assert_eq!(mode(&path), 0o600);

    let stream = SignedStream::<SmsoPlaintextExport>::verify(NAME, &path, &KEYS.trust, now(), &Limits::STREAM).unwrap();
    let (mut parts, mut entries) = (stream.parts(4).unwrap(), Vec::new());
    while let Some(part) = parts.next_part().unwrap() {
        entries.extend(part.into_value().into_entries());
    }
    assert_eq!(write(&stream.head().with_entries(entries)), write(&message));
}

/// What both doors say of a text, which must be the same.
fn faults(text: &str) -> Vec<WireFault> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(NAME);
    std::fs::write(&path, text).unwrap();
    let sizes = Sizes { read_bytes: 700, slice_bytes: 1_500 };
    let whole = open::<SmsoPlaintextExport>(NAME, text.as_bytes(), &KEYS.trust, now(), &Limits::DEFAULT).err();
    let (trust, limits) = ((&KEYS.trust, now()), &Limits::DEFAULT);
    let streamed = match SignedStream::<SmsoPlaintextExport>::verify_by(NAME, &path, trust, limits, sizes) {
        Err(StreamFault::Refused(faults)) => Some(faults),
        _ => None,
    };
    assert_eq!(whole, streamed);
    whole.unwrap_or_default()
}

#[test]
fn no_fault_quotes_what_stands_in_such_a_file() {
    let long = format!("{KEY}{KEY}0");
    let signed = dsig::sign(&write(&plaintext_export(3, &long)), KEYS.signer(Role::Smso)).unwrap();
    let good = dsig::sign(&write(&plaintext_export(3, KEY)), KEYS.signer(Role::Smso)).unwrap();
    let broken = [
        signed,
        good.replacen(KEY, &format!("{KEY}&{KEY};"), 1),
        good.replacen(KEY, &format!("{KEY}\u{1}"), 1),
        good.replacen(KEY, &format!("<{KEY} x='{KEY}'"), 1),
        good.replacen(KEY, &format!("<a{KEY}></b{KEY}>"), 1),
        good.replacen(KEY, &format!("<ds:Signature Id=\"{KEY}\">{KEY}</ds:Signature>"), 1),
        good.replacen("</ds:KeyInfo>", &format!("{KEY}</ds:KeyInfo>"), 1),
        good.replacen(KEY, "00", 1),
    ];
    for (at, text) in broken.iter().enumerate() {
        let faults = faults(text);
        assert!(!faults.is_empty(), "text {at} is believed");
        let told: String = faults.iter().map(|fault| format!("{fault} {fault:?}")).collect();
        assert!(!told.contains("5EC2E7"), "text {at}: {told}");
    }
}
