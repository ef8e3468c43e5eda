//! Runs `tern` in a folder of its own.

use std::ops::Deref;
use std::path::{Path, PathBuf};

pub use crate::folder::{Folder, Ran};

/// A folder in which `tern` runs.
pub struct Tern(Folder);

impl Deref for Tern {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.0
    }
}

impl Tern {
    pub fn new() -> Tern {
        Tern(Folder(tempfile::tempdir().expect("a folder")))
    }

    /// A folder with a key infrastructure.
    pub fn with_pki() -> Tern {
        let tern = Tern::new();
        tern.run(&["pki", "init", "pki"]).clean();
        tern
    }

    /// A folder with a key infrastructure, a corpus of so many installations, and the SMSO's export of it.
    pub fn with_export(installations: &str) -> Tern {
        let tern = Tern::with_pki();
        tern.run(&["corpus", "-n", installations, "--seed", "7"]).clean();
        tern.run(&["smso", "export", "--reference", "FIRST"]).clean();
        tern
    }
}

impl Ran {
    /// The command line was wrong; the parser of arguments says how.
    #[track_caller]
    pub fn usage(self, words: &str) {
        assert_eq!((self.code, self.out.as_str()), (Some(2), ""), "{self:?}");
        assert!(self.err.contains(words), "{words:?} in {self:?}");
    }
}

/// The permission bits of a file or folder.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

/// Every file below a folder.
pub fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}
