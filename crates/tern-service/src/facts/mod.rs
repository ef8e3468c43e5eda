//! Fact records as they lie in a folder. Nothing here may judge.

mod index;
mod stamp;

use std::path::Path;

use tern_wire::facts_csv::RowFault;

pub(crate) use index::put_all;
pub use index::{FactsIndex, subjects_of, subjects_of_point, subjects_of_watched};
pub use stamp::FileStamp;
pub(crate) use stamp::Stamp;

use crate::fault::ServiceFault;

/// Facts, and the rows that could not be used.
#[derive(Debug)]
pub struct Loaded {
    /// Every good row, to be looked up.
    pub facts: FactsIndex,
    /// Every bad one, by file and row: up to [`tern_wire::facts_csv::FAULTS_MAX`] a file, and then their count.
    pub faults: Vec<RowFault>,
}

/// Reads every fact file of a folder, row by row. A file that is not there gives no facts, and rules that need it say
/// FACTS MISSING.
///
/// # Errors
/// The folder or a file in it cannot be read, or the index cannot be written.
pub fn load(dir: &Path) -> Result<Loaded, ServiceFault> {
    FactsIndex::read(dir)
}
