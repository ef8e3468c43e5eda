//! Which files records were read from, so that somebody sees when these have changed. It must never open one.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use tern_wire::facts_csv::FILES;

/// The fact files of a folder as they were at a moment, in the order of [`FILES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp(Vec<Option<FileStamp>>);

/// A file as it was at a moment: another stamp means that it was written since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStamp {
    changed: Option<SystemTime>,
    bytes: u64,
    /// A file that takes another's place by its name is another one.
    inode: u64,
}

impl FileStamp {
    /// As it is now; none where it is not there, or cannot be looked at.
    #[must_use]
    pub fn of(path: &Path) -> Option<FileStamp> {
        let about = std::fs::metadata(path).ok()?;
        Some(FileStamp { changed: about.modified().ok(), bytes: about.len(), inode: about.ino() })
    }
}

impl Stamp {
    /// As they are now.
    pub(crate) fn of(dir: &Path) -> Stamp {
        Stamp(FILES.iter().map(|file| FileStamp::of(&dir.join(file.name))).collect())
    }
}
