//! The doors by which a signed file comes in: whole, and as a stream. Both say the same of every file.

use tempfile::NamedTempFile;
use tern_wire::WireFault;
use tern_wire::migration::{
    CommissioningFile, FileKind, FirmwareInstruction, InstallingSupplierPin, MigrationCommonFile,
    MigrationCommonValidationFile, MigrationGroupEncryptedFile, MigrationGroupFile, SignedFile, SmsoExport,
    SmsoPlaintextExport, ViabilityReport, open,
};
use tern_wire::schema::write;
use tern_wire::stream::{Entries, SignedStream, Sizes, StreamFault};
use tern_wire::xml::Limits;

use crate::fixtures::FIXTURES;

/// All that a file says, or why it is refused.
pub type Said = Result<String, Vec<WireFault>>;

/// Offers bytes as a file of a kind, at both doors.
#[track_caller]
pub fn offer(kind: FileKind, name: &str, bytes: &[u8]) -> Said {
    let whole = offer_whole(kind, name, bytes);
    let stream = by_kind(kind, name, bytes, Door::Stream);
    assert!(whole == stream, "{name}: whole {whole:?}\nas a stream {stream:?}\n{}", String::from_utf8_lossy(bytes));
    whole
}

/// Offers bytes as a file of a kind, at the door for whole files alone.
pub fn offer_whole(kind: FileKind, name: &str, bytes: &[u8]) -> Said {
    by_kind(kind, name, bytes, Door::Whole)
}

#[derive(Clone, Copy)]
enum Door {
    Whole,
    Stream,
}

fn by_kind(kind: FileKind, name: &str, bytes: &[u8], door: Door) -> Said {
    match kind {
        FileKind::MigrationCommonFile => of::<MigrationCommonFile>(name, bytes, door),
        FileKind::MigrationGroupFile => of::<MigrationGroupFile>(name, bytes, door),
        FileKind::MigrationGroupEncryptedFile => of::<MigrationGroupEncryptedFile>(name, bytes, door),
        FileKind::MigrationCommonValidationFile => of::<MigrationCommonValidationFile>(name, bytes, door),
        FileKind::S1spViabilityReport | FileKind::DcoViabilityReport => of::<ViabilityReport>(name, bytes, door),
        FileKind::CommissioningFile => of::<CommissioningFile>(name, bytes, door),
        FileKind::SmsoExport => of::<SmsoExport>(name, bytes, door),
        FileKind::SmsoPlaintextExport => of::<SmsoPlaintextExport>(name, bytes, door),
        // They are small, and have no entries: there is one door for them.
        FileKind::FirmwareInstruction => whole::<FirmwareInstruction>(name, bytes),
        FileKind::InstallingSupplierPin => whole::<InstallingSupplierPin>(name, bytes),
    }
}

fn of<T: SignedFile + Entries>(name: &str, bytes: &[u8], door: Door) -> Said {
    match door {
        Door::Whole => whole::<T>(name, bytes),
        Door::Stream => streamed::<T>(name, bytes).map_err(|fault| match fault {
            StreamFault::Refused(faults) => faults,
            other => panic!("{name}: {other}"),
        }),
    }
}

fn whole<T: SignedFile>(name: &str, bytes: &[u8]) -> Said {
    let opened = open::<T>(name, bytes, &FIXTURES.trust, FIXTURES.now, &Limits::DEFAULT);
    opened.map(|verified| write(verified.value()))
}

/// So little at a time that even small files are cut into slices.
const SIZES: Sizes = Sizes { read_bytes: 700, slice_bytes: 1_500 };

/// Both passes, an entry at a time.
fn streamed<T: SignedFile + Entries>(name: &str, bytes: &[u8]) -> Result<String, StreamFault> {
    let copy = NamedTempFile::new_in("/dev/shm").or_else(|_| NamedTempFile::new())?;
    std::fs::write(copy.path(), bytes)?;
    let judge = (&*FIXTURES.trust, FIXTURES.now);
    let stream = SignedStream::<T>::verify_by(name, copy.path(), judge, &Limits::DEFAULT, SIZES)?;
    let (mut parts, mut entries) = (stream.parts(1)?, Vec::new());
    while let Some(part) = parts.next_part()? {
        entries.extend(part.into_value().into_entries());
    }
    assert_eq!(entries.len(), stream.keys().len(), "{name}");
    Ok(write(&stream.head().with_entries(entries)))
}

/// Whether a second pass notices that the file is another one since the first; `bytes` are not the original's.
pub fn notices(original: &[u8], bytes: &[u8], name: &str) -> bool {
    let copy = NamedTempFile::new_in("/dev/shm").or_else(|_| NamedTempFile::new()).expect("a file");
    std::fs::write(copy.path(), original).expect("written");
    let judge = (&*FIXTURES.trust, FIXTURES.now);
    let stream = SignedStream::<MigrationCommonFile>::verify_by(name, copy.path(), judge, &Limits::DEFAULT, SIZES);
    let stream = stream.expect("the original is believed");
    std::fs::write(copy.path(), bytes).expect("written");
    let mut parts = match stream.parts(1) {
        Ok(parts) => parts,
        Err(fault) => return matches!(fault, StreamFault::Altered),
    };
    loop {
        match parts.next_part() {
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(fault) => return matches!(fault, StreamFault::Altered),
        }
    }
}
