//! Sets on disk: a set's folder is there whole or not at all.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Built, BuiltSet, Counters};
use crate::ServiceFault;

/// Writes sets below `folder/sets/`, the counters into `counters_folder` first; answers the sets' folders.
///
/// # Errors
/// A file cannot be written, or a set's folder is there already: nothing is ever overwritten.
pub fn write(
    folder: &Path,
    built: &Built,
    counters: &Counters,
    counters_folder: &Path,
) -> Result<Vec<PathBuf>, ServiceFault> {
    let sets = folder.join("sets");
    fs::create_dir_all(&sets).map_err(|e| cannot("make", &sets, &e))?;
    if let Some(there) = built.sets.iter().map(|set| sets.join(set.folder())).find(|path| path.exists()) {
        return Err(ServiceFault::Configuration {
            what: format!("{} is there already", there.display()),
            suggestion: "give a higher --counter, or another output folder".to_owned(),
        });
    }
    counters.save(counters_folder)?;
    built.sets.iter().map(|set| write_set(&sets, set)).collect()
}

fn write_set(sets: &Path, set: &BuiltSet) -> Result<PathBuf, ServiceFault> {
    let target = sets.join(set.folder());
    let draft = sets.join(format!(".{}.part", set.folder()));
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(|e| cannot("remove", &draft, &e))?;
    }
    fs::create_dir(&draft).map_err(|e| cannot("make", &draft, &e))?;
    for (name, text) in &set.files {
        durable(&draft.join(name.to_string()), text.as_bytes())?;
    }
    fs::rename(&draft, &target).map_err(|e| cannot("write", &target, &e))?;
    Ok(target)
}

/// Writes a file anew in one step.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), ServiceFault> {
    let draft = path.with_extension("part");
    durable(&draft, bytes)?;
    fs::rename(&draft, path).map_err(|e| cannot("write", path, &e))
}

fn durable(path: &Path, bytes: &[u8]) -> Result<(), ServiceFault> {
    let written = File::create(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|e| cannot("write", path, &e))
}

pub(super) fn cannot(doing: &'static str, path: &Path, error: &dyn Display) -> ServiceFault {
    ServiceFault::File { doing, path: path.to_owned(), reason: error.to_string() }
}
