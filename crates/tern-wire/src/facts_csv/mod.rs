//! The nine files of fact records as CSV (P): UTF-8, a header row, one record a row.
//!
//! A row that cannot be used is reported with field, reason and suggestion, and every other row is kept. A file whose header
//! is wrong gives no record at all and does not count as given, so that rules answer FACTS MISSING and never clean. This
//! module must never judge an installation.

mod cell;
mod dated;
mod fault;
mod page;
mod record;
mod registers;

use tern_model::facts::{
    Authorisation, EpclEntry, Exclusion, Facts, InventoryRecord, Notice, Registration, RollbackCertificate, SimRecord,
    SmsoConfiguration,
};

pub use fault::{FAULTS_MAX, RowFault};
pub use page::files;
pub use record::{Column, FactFile, Record, write};

/// Every file, in the order of the reference page.
pub const FILES: [FactFile; 9] = [
    Registration::FILE,
    EpclEntry::FILE,
    InventoryRecord::FILE,
    Authorisation::FILE,
    Notice::FILE,
    Exclusion::FILE,
    SimRecord::FILE,
    SmsoConfiguration::FILE,
    RollbackCertificate::FILE,
];

/// Reads one file into `facts`. `file_name` is one of [`FILES`], without folder.
///
/// Returns what is wrong, up to [`FAULTS_MAX`] rows' worth; an empty list means that every row was taken.
pub fn read(file_name: &str, bytes: &[u8], facts: &mut Facts) -> Vec<RowFault> {
    match FILES.iter().find(|file| file.name == file_name) {
        Some(file) => (file.read)(bytes, facts),
        None => vec![fault::unknown_file(file_name)],
    }
}
