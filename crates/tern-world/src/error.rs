//! What can go wrong with the world's own files.

use std::io;
use std::path::{Path, PathBuf};

/// A fault of the world's files or directory; never an answer of a device.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Another process answers for the devices of this directory.
    #[error("{path} is in use by another `tern world`")]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// A corpus that cannot be invented.
    #[error("no such corpus: {reason}")]
    Plan {
        /// What the plan lacks.
        reason: String,
    },
    /// An estate that cannot be invented.
    #[error("no such population: {reason}")]
    Population {
        /// What of it cannot be.
        reason: String,
    },
    /// A defect that cannot be planted in a set.
    #[error("no such defect here: {reason}")]
    Tampering {
        /// What the set lacks.
        reason: String,
    },
    /// An export that cannot be made.
    #[error("no export: {reason}")]
    Export {
        /// Of which installation, and why; never a key.
        reason: String,
    },
    /// An order that an SMSO cannot take.
    #[error("the SMSO takes no such order: {reason}")]
    Order {
        /// Why not.
        reason: String,
    },
    /// An export of that reference was made before.
    #[error("{path} is there already")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file is not what the world wrote or documents.
    #[error("{path}, line {line}: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// One-based; 0 where no line applies.
        line: usize,
        /// What is wrong and what was expected.
        reason: String,
    },
}

impl WorldError {
    /// What to do next.
    #[must_use]
    pub fn suggestion(&self) -> String {
        match self {
            WorldError::Io { .. } => "check that the file or folder exists, and who may use it",
            WorldError::Locked { .. } => "stop the other `tern world` first, or use another folder",
            WorldError::Order { .. } => "check that estate and SMSO speak of the same installations and devices",
            WorldError::Plan { .. } => "ask for fewer installations, defects or faults, or issue the parties that lack",
            WorldError::Population { .. } => {
                "correct the parameter: `tern estate make` prints each by the name that a file gives it"
            }
            WorldError::Tampering { .. } => "take a set that was built and not changed since, or another defect",
            WorldError::Export { .. } => "mend the SMSO's records, or export the others",
            // Never written over: its blobs would be bound to a reference that stands for others.
            WorldError::Exists { .. } => "give another reference, or another folder",
            WorldError::Malformed { .. } => "restore the file, or make the corpus again in an empty folder",
        }
        .to_owned()
    }

    /// Turns an I/O error into a fault that names its file.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> WorldError + '_ {
        move |source| WorldError::Io { path: path.to_owned(), source }
    }

    /// A fault at a line of a file.
    pub(crate) fn malformed(path: &Path, line: usize, reason: impl Into<String>) -> WorldError {
        WorldError::Malformed { path: path.to_owned(), line, reason: reason.into() }
    }
}
