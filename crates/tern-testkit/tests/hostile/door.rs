//! The doors by which a signed file comes in: whole, and as a stream. Both say the same of every file.

use tempfile::NamedTempFile;
use tern_wire::WireFault;
use tern_wire::migration::{
    CommissioningFile, FileKind, MigrationCommonFile, MigrationCommonValidationFile, MigrationGroupEncryptedFile,
    MigrationGroupFile, SignedFile, SmsoExport, ViabilityReport, open,
};
use tern_wire::schema::write;
use tern_wire::stream::{Entries, SignedStream, StreamFault};
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
    }
}

fn of<T: SignedFile + Entries>(name: &str, bytes: &[u8], door: Door) -> Said {
    match door {
        Door::Whole => {
            let opened = open::<T>(name, bytes, &FIXTURES.trust, FIXTURES.now, &Limits::DEFAULT);
            opened.map(|verified| write(verified.value()))
        }
        Door::Stream => streamed::<T>(name, bytes).map_err(|fault| match fault {
            StreamFault::Refused(faults) => faults,
            other => panic!("{name}: {other}"),
        }),
    }
}

/// Both passes, an entry at a time.
fn streamed<T: SignedFile + Entries>(name: &str, bytes: &[u8]) -> Result<String, StreamFault> {
    let copy = NamedTempFile::new_in("/dev/shm").or_else(|_| NamedTempFile::new())?;
    std::fs::write(copy.path(), bytes)?;
    let stream = SignedStream::<T>::verify(name, copy.path(), &FIXTURES.trust, FIXTURES.now, &Limits::DEFAULT)?;
    let (mut parts, mut entries) = (stream.parts(1)?, Vec::new());
    while let Some(part) = parts.next_part()? {
        entries.extend_from_slice(part.value().entries());
    }
    assert_eq!(entries.len(), stream.keys().len(), "{name}");
    Ok(write(&stream.head().with_entries(entries)))
}
