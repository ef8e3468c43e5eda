//! Fact records as they lie in a folder. Nothing here may judge.

mod index;

use std::path::Path;

use tern_model::facts::Facts;
use tern_wire::facts_csv::{self, RowFault};

pub use index::{FactsIndex, subjects_of, subjects_of_watched};

use crate::fault::ServiceFault;

/// Facts, and the rows that could not be used.
#[derive(Debug)]
pub struct Loaded {
    /// Every good row.
    pub facts: Facts,
    /// Every bad one, by file and row.
    pub faults: Vec<RowFault>,
}

/// Reads every fact file of a folder. A file that is not there gives no facts, and rules that need it say FACTS MISSING.
///
/// # Errors
/// The folder or a file in it cannot be read.
pub fn load(dir: &Path) -> Result<Loaded, ServiceFault> {
    let mut loaded = Loaded { facts: Facts::default(), faults: Vec::new() };
    let fault = |path: &Path, e: std::io::Error| ServiceFault::File {
        doing: "read the fact records",
        path: path.to_owned(),
        reason: e.to_string(),
    };
    std::fs::read_dir(dir).map_err(|e| fault(dir, e))?;
    for file in facts_csv::FILES {
        let path = dir.join(file.name);
        match std::fs::read(&path) {
            Ok(bytes) => loaded.faults.extend(facts_csv::read(file.name, &bytes, &mut loaded.facts)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(fault(&path, e)),
        }
    }
    Ok(loaded)
}
