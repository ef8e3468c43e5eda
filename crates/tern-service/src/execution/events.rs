//! Events that an execution brings about: rows for the estate's file of events, each durable as a row to come before it is
//! appended, so that a crash in between neither loses nor repeats one.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::civil::Date;
use tern_model::estate::{EventKind, EventRecord};
use tern_model::{ChfIdentifier, DeviceId};
use tern_plan::estate::EVENTS_FILE;
use tern_wire::facts_csv::{self, Record};

use super::Execution;
use super::kept::{Changes, State};
use crate::fault::ServiceFault;
use crate::plans::taking;

/// The SMSO made a hop; or, where it did not, the version that the device still has: then nobody takes it for another.
pub(super) fn firmware(day: Date, device: DeviceId, firmware: &str) -> EventRecord {
    let (device, firmware) = (Some(device), Some(firmware.to_owned()));
    EventRecord { device, firmware, ..EventRecord::new(day, EventKind::FirmwareDone) }
}

/// The SMSO configured hub and SIM.
pub(super) fn configured(day: Date, chf: ChfIdentifier) -> EventRecord {
    EventRecord { chf: Some(chf), ..EventRecord::new(day, EventKind::SmsoConfigured) }
}

/// An attempt had no success.
pub(super) fn failed(day: Date, chf: ChfIdentifier, code: &str) -> EventRecord {
    let (chf, value) = (Some(chf), Some(code.to_owned()));
    EventRecord { chf, value, ..EventRecord::new(day, EventKind::AttemptFailed) }
}

impl State {
    /// Adds an event about an installation, which is appended once this state is durable.
    pub(super) fn say(&mut self, chf: ChfIdentifier, event: &EventRecord) {
        let text = facts_csv::write(std::slice::from_ref(event));
        let row = text.split_once('\n').map_or("", |(_, row)| row);
        self.rows.push(row.to_owned());
        self.about.push(chf);
        self.report.events += 1;
    }
}

impl Execution {
    /// Appends the rows that are to come to the estate's events, and goes on under the plan's next generation.
    pub(super) fn take_up_events(&mut self) -> Result<(), ServiceFault> {
        if self.state.rows.is_empty() {
            return Ok(());
        }
        // Nobody else adds rows meanwhile.
        let _held = taking::hold(&self.setup.estate)?;
        let length = append(&self.setup.estate.join(EVENTS_FILE), self.state.events_bytes, &self.state.rows.concat())?;
        let mut state = self.state.clone();
        (state.events_bytes, state.rows) = (length, Vec::new());
        self.kept.commit(Changes::default(), &state)?;
        self.state = state;
        self.next_generation()
    }
}

/// Appends rows behind the first bytes of a file of events; those that a crash cut short are completed. The file's length.
fn append(path: &Path, known: u64, rows: &str) -> Result<u64, ServiceFault> {
    let fault = |error: std::io::Error| ServiceFault::file("append events", path, error);
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(fault)?;
    has_our_header(&mut file, path)?;
    file.seek(SeekFrom::Start(known)).map_err(fault)?;
    let mut tail = Vec::new();
    (&mut file).take(rows.len() as u64 + 1).read_to_end(&mut tail).map_err(fault)?;
    let Some(missing) = rows.as_bytes().strip_prefix(tail.as_slice()) else {
        return Err(ServiceFault::Refused {
            what: format!("rows were added to {} while a day was being carried out", path.display()),
            suggestion: "take them out, run the day to its end, then add them and make the next generation".to_owned(),
        });
    };
    file.seek(SeekFrom::End(0)).map_err(fault)?;
    file.write_all(missing).and_then(|()| file.sync_all()).map_err(fault)?;
    Ok(known + rows.len() as u64)
}

/// Rows are appended in the order of the reference's columns.
fn has_our_header(file: &mut File, path: &Path) -> Result<(), ServiceFault> {
    let names: Vec<&str> = EventRecord::FILE.columns.iter().map(|column| column.name).collect();
    let ours = format!("{}\n", names.join(","));
    let mut there = vec![0; ours.len()];
    let read = file.read_exact(&mut there);
    if read.is_ok() && there == ours.as_bytes() {
        return Ok(());
    }
    Err(ServiceFault::Refused {
        what: format!("{} has its columns in another order, or other line ends", path.display()),
        suggestion: format!("put them in this order: {}", names.join(",")),
    })
}
