//! Both passes over a good file.

use std::path::Path;

use tern_model::{DeviceKind, Eui64, Role};
use tern_wire::dsig;
use tern_wire::migration::{MigrationCommonFile, open};
use tern_wire::schema::write;
use tern_wire::stream::{Repeat, SignedStream, SignedWriter};
use tern_wire::xml::Limits;

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
    assert!(stream.head().installations.is_empty() && stream.repeats().is_empty());
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
    assert_eq!(
        streamed(&path).repeats(),
        [
            used(chf, 2, DeviceKind::Chf),
            used(chf, 7, DeviceKind::Chf),
            used(Eui64(esme), 4, DeviceKind::Esme),
            used(Eui64(esme), 8, DeviceKind::Ppmid),
        ]
    );
}

#[test]
fn what_is_written_by_entries_is_what_is_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.xml");
    let file = common_file(3);
    let mut writer = SignedWriter::begin(&path, &file).unwrap();
    file.installations.iter().for_each(|entry| writer.push(entry).unwrap());
    let digest = writer.finish(KEYS.signer(Role::RequestingParty)).unwrap();
    let stream = streamed(&path);
    assert_eq!((stream.digest(), stream.keys().len()), (digest, 3));
    // A signature is never the same twice; everything before it is.
    let written = std::fs::read_to_string(&path).unwrap();
    let whole = dsig::sign(&write(&file), KEYS.signer(Role::RequestingParty)).unwrap();
    let unsigned = |text: &str| text.split_once("<ds:SignatureValue>").unwrap().0.to_owned();
    assert_eq!(unsigned(&written), unsigned(&whole));
}
