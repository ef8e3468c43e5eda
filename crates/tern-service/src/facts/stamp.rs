//! Which files records were read from, so that somebody sees when these have changed. It must never open one.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use tern_wire::facts_csv::FILES;

/// The fact files of a folder as they were at a moment, in the order of [`FILES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp(Vec<Option<FileStamp>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct FileStamp {
    changed: Option<SystemTime>,
    bytes: u64,
    /// A file that takes another's place by its name is another one.
    inode: u64,
}

impl Stamp {
    /// As they are now; a file that is not there, or cannot be looked at, has none.
    pub(crate) fn of(dir: &Path) -> Stamp {
        let stamp = |name: &str| {
            let about = std::fs::metadata(dir.join(name)).ok()?;
            Some(FileStamp { changed: about.modified().ok(), bytes: about.len(), inode: about.ino() })
        };
        Stamp(FILES.iter().map(|file| stamp(file.name)).collect())
    }
}
