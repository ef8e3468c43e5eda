//! Both passes over a good file.

use std::path::Path;

use tern_model::{DeviceKind, Eui64, Role};
use tern_wire::migration::{MigrationCommonFile, open};
use tern_wire::schema::write;
use tern_wire::stream::{Repeat, Repeats, SignedStream, Sizes, StreamFault};
use tern_wire::xml::Limits;
use tern_wire::{FaultKind, dsig};

use crate::messages::{KEYS, common_file, now};

const NAME: &str = "MCF_90-B3-D5-1F-30-0A-00-01_EA_42.xml";

fn streamed(path: &Path) -> SignedStream<MigrationCommonFile> {
    SignedStream::verify(NAME, path, &KEYS.trust, now(), &Limits::DEFAULT).unwrap()
}

#[test]
fn entries_come_in_runs_that_know_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let file = common_file(25);
    let text = dsig::sign(&write(&file), KEYS.signer(Role::RequestingParty)).unwrap();
    std::fs::write(&path, &text).unwrap();
    let whole = open::<MigrationCommonFile>(NAME, text.as_bytes(), &KEYS.trust, now(), &Limits::DEFAULT).unwrap();

    let stream = streamed(&path);
    assert_eq!(stream.keys(), file.installations.iter().map(|i| i.chf_identifier).collect::<Vec<_>>());
    assert_eq!((stream.digest(), stream.sender()), (whole.document().digest(), whole.document().sender()));
    assert_eq!(stream.head().migration_header, file.migration_header);
    assert!(stream.head().installations.is_empty() && **stream.repeats() == Repeats::default());
    let header = "MigrationHeader/GroupID";
    assert_eq!(stream.place_in_root(header), whole.place_in_root(header));
    assert_eq!(stream.place_of_entry(20, "ESME/MPxN").unwrap(), whole.place(20, "ESME/MPxN"));

    let (mut parts, mut installations, mut lengths) = (stream.parts(10).unwrap(), Vec::new(), Vec::new());
    while let Some(part) = parts.next_part().unwrap() {
        assert_eq!((part.first(), &part.migration_header), (installations.len(), &file.migration_header));
        for path in ["", "ESME/MPxN", "PPMID[1]/DeviceModel/Model"] {
            assert_eq!(part.place(3, path), whole.place(part.first() + 3, path));
        }
        assert_eq!(part.place_in_root(header), whole.place_in_root(header));
        lengths.push(part.installations.len());
        installations.extend_from_slice(&part.installations);
    }
    assert_eq!((installations, lengths), (file.installations, vec![10, 10, 5]));
}

#[test]
fn ids_that_stand_twice_are_told_with_every_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let mut file = common_file(9);
    file.installations[7].chf_identifier = file.installations[2].chf_identifier;
    file.installations[8].ppmids[0].device_id = file.installations[4].esme.device_id;
    let text = dsig::sign(&write(&file), KEYS.signer(Role::RequestingParty)).unwrap();
    std::fs::write(&path, &text).unwrap();
    let (chf, Eui64(esme)) = (file.installations[2].chf_identifier.0, file.installations[4].esme.device_id.0);
    let used = |id, entry, kind| Repeat { id, entry, kind };
    let uses = [
        used(chf, 2, DeviceKind::Chf),
        used(Eui64(esme), 4, DeviceKind::Esme),
        used(chf, 7, DeviceKind::Chf),
        used(Eui64(esme), 8, DeviceKind::Ppmid),
    ];
    let stream = streamed(&path);
    assert_eq!(**stream.repeats(), Repeats::among(&uses));
    let of = |id| stream.repeats().uses_of(id).first().collect::<Vec<_>>();
    assert_eq!(of(chf), [(2, DeviceKind::Chf), (7, DeviceKind::Chf)]);
    assert_eq!(of(Eui64(esme)), [(4, DeviceKind::Esme), (8, DeviceKind::Ppmid)]);
}

/// What somebody with access to the copy may do to it between the passes; each has the length that the file has, or not.
#[test]
fn a_copy_that_is_altered_between_the_passes_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let signer = KEYS.signer(Role::RequestingParty);
    let text = dsig::sign(&write(&common_file(30)), signer).unwrap();
    let signature_value = text.split_once("<ds:SignatureValue>").unwrap().1.split_once('<').unwrap().0;
    let other_value = signature_value.chars().rev().collect::<String>();
    let again = dsig::sign(&write(&common_file(30)), signer).unwrap();
    let altered = [
        ("an entry", text.replacen("<MeterState>Active", "<MeterState>Dormant", 1)),
        ("the last entry", text.replace("00-DB-12-34-00-00-01-E4", "00-DB-12-34-00-00-01-E6")),
        ("the header", text.replace("<FileCounter>42", "<FileCounter>43")),
        ("the signature's value", text.replace(signature_value, &other_value)),
        ("another signature of the same sender", again),
        ("white space behind the root", format!("{text}\n")),
        (
            "an entry less",
            text.replacen(
                &text[text.find("<Installation>").unwrap()..=text.find("</Installation>").unwrap() + 14],
                "",
                1,
            ),
        ),
        ("no entry", dsig::sign(&write(&common_file(0)), signer).unwrap()),
        ("half of it", text[..text.len() / 2].to_owned()),
        ("nothing", String::new()),
        ("no XML", "x".repeat(text.len())),
    ];
    for (what, altered) in altered {
        assert_ne!(altered, text, "{what}");
        std::fs::write(&path, &text).unwrap();
        let stream = streamed(&path);
        std::fs::write(&path, &altered).unwrap();
        let second_pass = || {
            let mut parts = stream.parts(7)?;
            while parts.next_part()?.is_some() {}
            Ok(())
        };
        let fault: Result<(), StreamFault> = second_pass();
        assert!(matches!(fault, Err(StreamFault::Altered)), "{what}: {fault:?}");
        std::fs::write(&path, &text).unwrap();
        assert!(second_pass().is_ok(), "{what}, put right again");
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(second_pass(), Err(StreamFault::Io(_))), "{what}, gone");
    }
}

/// An entry that fits into no memory that a stream may take, however it is made up.
#[test]
fn entries_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let limits = Limits { max_entry_bytes: 20_000, ..Limits::STREAM };
    let head = "<MigrationCommonFile xmlns=\"urn:tern:smets1-migration:1.2\">";
    let over = 30_000;
    let bodies = [
        format!("{head}<x>{}</x>", "a".repeat(over)),
        format!("{head}<x a='{}'/>", "a".repeat(over)),
        format!("{head}<x>{}</x>", "<y/>".repeat(over / 4)),
        format!("{head}{}<x/>", " ".repeat(over)),
        format!("{head}<x><![CDATA[{}]]></x>", "a".repeat(over)),
        format!("{}{head}<x/>", "\n".repeat(over)),
        format!("<MigrationCommonFile a='{}'><x/>", "a".repeat(over)),
        format!("{head}<x/></MigrationCommonFile>{}", "\n".repeat(over)),
    ];
    for body in bodies {
        std::fs::write(&path, &body).unwrap();
        for sizes in [Sizes { read_bytes: 1000, slice_bytes: 1000 }, Sizes::default()] {
            let (trust, at) = (&KEYS.trust, now());
            let stream = SignedStream::<MigrationCommonFile>::verify_by(NAME, &path, (trust, at), &limits, sizes);
            let Err(StreamFault::Refused(faults)) = stream else { panic!("{} is refused", &body[..80]) };
            assert_eq!((faults[0].kind, faults[0].message.as_str()), (FaultKind::Limits, "an entry is too large"));
        }
    }
}
