//! The ten files of fact records, the events of meters, and the six files of an estate, as CSV (P): UTF-8, a header row, one record a row.
//!
//! A row that cannot be used is reported with field, reason and suggestion, and every other row is kept. A file whose header
//! is wrong gives no record at all and does not count as given, so that rules answer FACTS MISSING and never clean. This
//! module must never judge an installation.

mod cell;
mod dated;
mod estate;
mod events;
mod fault;
mod installing;
mod page;
mod record;
mod registers;
mod row;
mod rows;
mod suppliers;

use std::collections::HashMap;

use tern_model::facts::{
    Authorisation, EpclEntry, Exclusion, Facts, InstallingSupplier, InventoryRecord, MeterEvent, Notice, Registration,
    RollbackCertificate, SimRecord, SmsoConfiguration,
};

pub use estate::ESTATE;
pub use fault::{FAULTS_MAX, RowFault};
pub use page::files;
pub use record::{Column, FactFile, KeptRow, Record, Subject, Writer, restore, write};
pub use rows::{Illegible, ROW_MAX_BYTES, Rows};
pub use suppliers::{ReadFile, SUPPLIER_FILES, read_records, supplier_files_page};

/// The file of what happened to meters after they were commissioned (4.49). It is none of [`FILES`]: no rule that judges a
/// set asks for it.
pub const METER_EVENTS: FactFile = <MeterEvent as Record>::FILE;

/// Puts a kept row's record into its place; false where the cells are none of the file's.
type Add = fn(u64, &str, &mut Facts) -> bool;

macro_rules! fact_files {
    ($count:literal: $($record:ty),+ $(,)?) => {
        /// Every file, in the order of the reference page.
        pub const FILES: [FactFile; $count] = [$(<$record as Record>::FILE),+];

        const ADD: [Add; $count] = [$(record::add::<$record>),+];
    };
}

fact_files! {
    10: Registration, EpclEntry, InventoryRecord, Authorisation, Notice, Exclusion, SimRecord, SmsoConfiguration,
    RollbackCertificate, InstallingSupplier,
}

/// Puts the record of a row of `FILES[file]` that was kept into its place. False where it is none of that file's.
#[must_use]
pub fn add(file: usize, number: u64, cells: &str, facts: &mut Facts) -> bool {
    ADD.get(file).is_some_and(|add| add(number, cells, facts))
}

/// Reads one short file into `facts`, whole. `file_name` is one of [`FILES`], without folder. Longer ones are read with
/// [`Rows`].
///
/// Returns what is wrong, up to [`FAULTS_MAX`] rows' worth; an empty list means that every row was taken.
pub fn read(file_name: &str, bytes: &[u8], facts: &mut Facts) -> Vec<RowFault> {
    let Some(file) = FILES.iter().position(|file| file.name == file_name) else {
        return vec![fault::unknown_file(file_name)];
    };
    let mut kept: HashMap<(Subject, String), (u64, String)> = HashMap::new();
    // Bytes in memory can always be read.
    let Ok(mut rows) = Rows::open(FILES[file], bytes) else { return Vec::new() };
    while let Ok(Some(row)) = rows.next_row() {
        let key = (row.subject.clone(), row.rest.clone());
        match kept.get(&key) {
            Some((first, cells)) => rows.came_before(row.number, &row.cells, *first, cells),
            None => {
                let taken = add(file, row.number, &row.cells, facts);
                debug_assert!(taken, "a good row comes back as it was: {}", row.cells);
                kept.insert(key, (row.number, row.cells));
            }
        }
    }
    if rows.given() {
        facts.mark_given(FILES[file].name);
    }
    rows.into_faults()
}
