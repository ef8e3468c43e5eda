//! A file that is read as a stream is what it is when it is read whole: the same value, or the same faults.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use tern_model::{Digest, Role};
use tern_wire::migration::{SignedFile, open};
use tern_wire::schema::write;
use tern_wire::stream::{Entries, Entry, SignedStream, Sizes, StreamFault};
use tern_wire::xml::Limits;
use tern_wire::{FaultKind, WireFault, dsig};

use crate::dice::Dice;
use crate::messages::{
    KEYS, commissioning_file, common_file, encrypted_file, group_file, now, smso_export, validation_file,
    viability_report,
};
use crate::mutants::{damaged, rearranged};

const SEED: u64 = 0x5EED_0003;
/// Mutants of each kind of file.
const MUTANTS: u64 = 60;
const SIZES: [(usize, usize); 4] = [(1, 1), (61, 400), (1000, 3000), (64 << 10, 256 << 10)];

/// What a file turns out to be.
type Outcome<T> = Result<(T, Digest), Vec<WireFault>>;

fn whole<T: SignedFile>(name: &str, bytes: &[u8]) -> Outcome<T> {
    let opened = open::<T>(name, bytes, &KEYS.trust, now(), &Limits::DEFAULT)?;
    let digest = opened.document().digest();
    Ok((opened.into_value(), digest))
}

/// Both passes; the places of some elements are compared on the way.
fn streamed<T: SignedFile + Entries>(name: &str, path: &Path, bytes: &[u8], sizes: (usize, usize)) -> Outcome<T> {
    let sizes = Sizes { read_bytes: sizes.0, slice_bytes: sizes.1 };
    let stream = match SignedStream::<T>::verify_by(name, path, (&KEYS.trust, now()), &Limits::DEFAULT, sizes) {
        Ok(stream) => stream,
        Err(StreamFault::Refused(faults)) => return Err(faults),
        Err(fault) => panic!("{fault}"),
    };
    let opened = open::<T>(name, bytes, &KEYS.trust, now(), &Limits::DEFAULT)?;
    assert_eq!(stream.place_in_root("MigrationHeader/GroupID"), opened.place_in_root("MigrationHeader/GroupID"));
    let (mut entries, mut parts) = (Vec::new(), stream.parts(1 + sizes.read_bytes % 5).unwrap());
    while let Some(part) = parts.next_part().unwrap() {
        assert_eq!(part.first(), entries.len());
        for path in ["", "CHFIdentifier", "ESME/DeviceModel/Model", "Finding[2]/Place"] {
            let last = part.entries().len() - 1;
            assert_eq!(part.place(last, path), opened.place(part.first() + last, path));
        }
        entries.extend(part.into_value().into_entries());
    }
    assert_eq!(stream.keys(), entries.iter().map(Entry::chf).collect::<Vec<_>>());
    Ok((stream.head().with_entries(entries), stream.digest()))
}

/// Says of a file what it is, whole and as a stream.
fn agree<T: SignedFile + Entries + PartialEq + Debug>(
    name: &str,
    path: &Path,
    bytes: &[u8],
    what: &str,
) -> Option<FaultKind> {
    std::fs::write(path, bytes).unwrap();
    let expected = whole::<T>(name, bytes);
    for sizes in SIZES {
        let found = streamed::<T>(name, path, bytes, sizes);
        assert_eq!(found, expected, "{what}, {sizes:?}:\n{}", String::from_utf8_lossy(bytes));
    }
    expected.err().map(|faults| faults[0].kind)
}

fn check<T: SignedFile + Entries + PartialEq + Debug>(name: &str, message: &T, role: Role) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let (text, signer) = (write(message), KEYS.signer(role));
    let signed = dsig::sign(&text, signer).unwrap();
    assert_eq!(agree::<T>(name, &path, signed.as_bytes(), "as it is"), None);
    let wrong_party = dsig::sign(&text, KEYS.signer(if role == Role::Dco { Role::Smso } else { Role::Dco })).unwrap();
    assert_eq!(agree::<T>(name, &path, wrong_party.as_bytes(), "of another"), Some(FaultKind::Sender));
    let mut kinds: BTreeMap<_, u64> = BTreeMap::new();
    for number in 0..MUTANTS {
        let dice = &mut Dice::new(SEED + number);
        let bytes = if number % 2 == 0 {
            let text = rearranged(&text, dice);
            let text = if dice.one_in(3) { rearranged(&text, dice) } else { text };
            dsig::sign(&text, signer).unwrap_or(text).into_bytes()
        } else {
            let bytes = damaged(signed.as_bytes(), dice);
            if dice.one_in(3) { damaged(&bytes, dice) } else { bytes }
        };
        let kind = agree::<T>(name, &path, &bytes, &format!("{} {number}", T::MESSAGE.root));
        *kinds.entry(kind).or_default() += 1;
    }
    println!("{}: {kinds:?}", T::MESSAGE.root);
    for kind in [None, Some(FaultKind::Form), Some(FaultKind::Schema), Some(FaultKind::SignatureValue)] {
        assert!(kinds.contains_key(&kind), "no mutant came to {kind:?}");
    }
}

fn name(prefix: &str) -> String {
    format!("{prefix}_90-B3-D5-1F-30-0A-00-01_EA_42.xml")
}

#[test]
fn common_files() {
    check(&name("MCF"), &common_file(6), Role::RequestingParty);
}

#[test]
fn group_files() {
    check(&name("MGF"), &group_file(6), Role::RequestingParty);
}

#[test]
fn group_encrypted_files() {
    check(&name("MGEF"), &encrypted_file(5), Role::RequestingParty);
}

#[test]
fn validation_files() {
    check(&name("MCVF"), &validation_file(7), Role::Dsp);
}

#[test]
fn viability_reports() {
    check(&name("S1SPVR"), &viability_report(7), Role::S1sp);
}

#[test]
fn commissioning_files() {
    check(&name("CF"), &commissioning_file(7), Role::CommissioningParty);
    check(&name("CF"), &commissioning_file(0), Role::CommissioningParty);
}

#[test]
fn exports() {
    check("SMSOEXPORT_90-B3-D5-1F-30-0A-00-01_EA_WEEK-09-1.xml", &smso_export(4), Role::Smso);
}
