//! Sets on disk: a set's folder is there whole or not at all.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Built, BuiltSet, Counters};
use crate::ServiceFault;

/// Puts sets at their places, the counters into `counters_folder` first; answers the sets' folders.
///
/// # Errors
/// A file cannot be written, or a set's folder is there already: nothing is ever overwritten.
pub fn write(built: &Built, counters: &Counters, counters_folder: &Path) -> Result<Vec<PathBuf>, ServiceFault> {
    for set in &built.sets {
        is_free(set.path())?;
    }
    counters.save(counters_folder)?;
    let put = |set: &BuiltSet| {
        fs::rename(set.draft(), set.path()).map_err(|e| ServiceFault::file("write", set.path(), &e))?;
        Ok(set.path().to_owned())
    };
    built.sets.iter().map(put).collect()
}

/// A set is never written over.
pub(super) fn is_free(set: &Path) -> Result<(), ServiceFault> {
    if !set.exists() {
        return Ok(());
    }
    Err(ServiceFault::Configuration {
        what: format!("{} is there already", set.display()),
        suggestion: "give a higher --counter, or another output folder".to_owned(),
    })
}

/// Writes a file anew in one step.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), ServiceFault> {
    let draft = path.with_extension("part");
    durable(&draft, bytes)?;
    fs::rename(&draft, path).map_err(|e| ServiceFault::file("write", path, &e))
}

fn durable(path: &Path, bytes: &[u8]) -> Result<(), ServiceFault> {
    let written = File::create(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|e| ServiceFault::file("write", path, &e))
}
