//! What suppliers send, taken into an estate: each file once, its good rows as events (PL5, PL11, PL13).
//!
//! Files and events become durable together: after a crash either all of them are there or none. A file that was taken
//! is kept beside the estate, byte for byte, so that it is known when it comes again. Nothing here decides what follows
//! from an event, and no row of `events.csv` that is there is altered.

mod keep;
mod rows;

use std::fs::File;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use tern_model::PartyId;
use tern_model::estate::EventRecord;
use tern_model::facts::Authorisation;
use tern_plan::estate::{Estate, Holders};
use tern_plan::notices::{Incoming, SupplierFileKind, SupplierFileName, receive};
use tern_wire::facts_csv::RowFault;

use super::estate::load;
use crate::fault::ServiceFault;
use crate::pki::files;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Became {
    /// Its good rows are events now.
    Taken,
    /// It was taken before: nothing was done.
    Known,
    /// It is none of the files that are taken, or does not count as given: nothing was done.
    Refused,
}

/// A file that was handed over.
#[derive(Debug, Clone)]
pub struct TakenFile {
    /// Its name.
    pub file: String,
    /// Whose it is, by its name.
    pub supplier: Option<PartyId>,
    /// What became of it.
    pub became: Became,
    /// How many events it adds.
    pub events: usize,
    /// What is wrong with it, row by row.
    pub faults: Vec<RowFault>,
}

/// An estate that takes files, held against others that would.
pub struct Taking {
    dir: PathBuf,
    estate: Estate,
    holders: Holders,
    on: Date,
    events: Vec<EventRecord>,
    files: Vec<(String, Vec<u8>)>,
    told: Vec<TakenFile>,
    _lock: File,
}

impl Taking {
    /// Opens an estate, and brings to its end, or takes back, what an interrupted run had begun. Events are known on
    /// the day `on`.
    ///
    /// # Errors
    /// The estate cannot be read, or its folder not be written.
    pub fn open(dir: &Path, on: Date) -> Result<Taking, ServiceFault> {
        let lock = hold(dir)?;
        keep::recover(dir)?;
        let folder = load(dir)?;
        let holders = Holders::of(&folder.events);
        let estate = folder.estate;
        let (events, files, told) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Taking { dir: dir.to_owned(), estate, holders, on, events, files, told, _lock: lock })
    }

    /// Reads a file, and holds its rows against the estate.
    ///
    /// # Errors
    /// A file that was taken before cannot be read.
    pub fn take(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), ServiceFault> {
        let earlier = match self.files.iter().find(|(earlier, _)| earlier == name) {
            Some((_, bytes)) => Some(bytes.clone()),
            None => keep::kept(&self.dir, name)?,
        };
        let (file, supplier) = (name.to_owned(), rows::supplier_of(name));
        let mut told = TakenFile { file, supplier, became: Became::Refused, events: 0, faults: Vec::new() };
        match earlier {
            Some(earlier) if earlier == bytes => told.became = Became::Known,
            Some(_) => told.faults.push(whole(
                name,
                "a file of this name was taken before, with other bytes",
                "send what is new under a name of its own: another time, or another reference",
            )),
            None => {
                let read =
                    rows::Reading { estate: &self.estate, holders: &self.holders, on: self.on }.read(name, &bytes);
                let earlier = |one: &PartyId| keep::demands(&self.dir, &self.files, *one);
                let read = read.and_then(|read| read.events(self.on, earlier))?;
                told.faults = read.faults;
                told.faults.sort_by_key(|fault| fault.row);
                if read.given {
                    (told.became, told.events) = (Became::Taken, read.events.len());
                    self.events.extend(read.events);
                    self.files.push((name.to_owned(), bytes));
                }
            }
        }
        self.told.push(told);
        Ok(())
    }

    /// Makes durable what was taken; what became of each file, in the order in which they were handed over.
    ///
    /// # Errors
    /// The folder cannot be written: then nothing was taken.
    pub fn finish(self) -> Result<Vec<TakenFile>, ServiceFault> {
        if !self.files.is_empty() {
            keep::keep(&self.dir, &self.events, &self.files)?;
        }
        Ok(self.told)
    }
}

/// Holds an estate's events against others that would add to them, until the value is dropped.
///
/// # Errors
/// Another process holds them, or the folder cannot be written.
pub fn hold(dir: &Path) -> Result<File, ServiceFault> {
    keep::hold(dir)
}

/// Demand files that were taken into an estate, in the order of their days.
///
/// # Errors
/// The folder cannot be read.
pub fn demand_files(dir: &Path) -> Result<Vec<tern_plan::notices::DemandFileName>, ServiceFault> {
    let mut names = keep::demand_names(dir, &[])?;
    names.sort();
    Ok(names)
}

/// Migration Authorisations that were taken into an estate, in the order in which their files were made. What an interrupted run
/// had begun to take is brought to its end, or taken back, before.
///
/// # Errors
/// The folder cannot be read, or another process takes files into it at this moment.
pub fn authorisations(dir: &Path) -> Result<Vec<Authorisation>, ServiceFault> {
    if keep::is_begun(dir) {
        let _lock = hold(dir)?;
        keep::recover(dir)?;
    }
    let mut files = Vec::new();
    for path in keep::taken(dir)? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.parse().is_ok_and(|name: SupplierFileName| name.kind == SupplierFileKind::Authorisation) {
            let fault = |error| ServiceFault::file("read", &path, error);
            let read = receive(name, File::open(&path).map_err(fault)?).map_err(fault)?;
            files.extend(read.ok().map(|received| (received.name.made, received.says)));
        }
    }
    files.sort_by_key(|(made, _)| *made);
    let says = files.into_iter().map(|(_, says)| match says {
        Incoming::Authorisations(rows) => rows,
        Incoming::Certificates(_) | Incoming::Notices(_) => Vec::new(),
    });
    Ok(says.flatten().collect())
}

/// A fault of a file as a whole.
fn whole(file: &str, reason: &str, suggestion: &str) -> RowFault {
    let (file, field) = (file.to_owned(), String::new());
    RowFault { file, row: 0, field, reason: reason.to_owned(), suggestion: suggestion.to_owned() }
}

/// The folder of what was taken.
fn taken_dir(dir: &Path) -> Result<PathBuf, ServiceFault> {
    let taken = dir.join("taken");
    files::make_dir(&taken, files::Access::Everybody)?;
    Ok(taken)
}
