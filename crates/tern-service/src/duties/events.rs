//! The events of meters behind an index on disk: read once, row by row, and asked meter by meter.
//!
//! It must never keep events in memory beyond those of the meter that is asked for.

use std::fs::File;
use std::path::Path;

use tern_model::facts::MeterEvent;
use tern_store::{Scratch, StoreFault};
use tern_wire::facts_csv::{METER_EVENTS, RowFault, Rows, Subject, restore};

use crate::facts::put_all;
use crate::fault::ServiceFault;

/// Events of meters, on disk for as long as this lives.
#[derive(Debug)]
pub struct MeterEvents {
    rows: Scratch,
    /// How many there are.
    pub count: u64,
    /// The rows that could not be used.
    pub faults: Vec<RowFault>,
}

impl MeterEvents {
    /// Reads an events file.
    ///
    /// # Errors
    /// It cannot be read, its header is not in order, or the index cannot be written.
    pub fn read(path: &Path) -> Result<MeterEvents, ServiceFault> {
        let fault = |e: std::io::Error| ServiceFault::file("read the events of meters", path, e);
        let mut rows = Rows::open(METER_EVENTS, File::open(path).map_err(fault)?).map_err(fault)?;
        let scratch = Scratch::new()?;
        let mut filling = scratch.fill()?;
        let count = put_all(&mut filling, 0, &mut rows, fault)?;
        filling.finish()?;
        let given = rows.given();
        let faults = rows.into_faults();
        if !given {
            let why = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            let suggestion = "docs/reference/meter-events.md says what stands in it".to_owned();
            return Err(ServiceFault::Configuration { what: format!("{}: {why}", path.display()), suggestion });
        }
        Ok(MeterEvents { rows: scratch, count, faults })
    }

    /// The events that name a meter in one of these ways.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn of(&self, names: impl IntoIterator<Item = Subject>) -> Result<Vec<MeterEvent>, ServiceFault> {
        let mut events = Vec::new();
        for name in names {
            for row in self.rows.rows_of(name.number())? {
                let reason = "the index of meter events gave a row that was never written".to_owned();
                let altered = || StoreFault::Damaged { path: "(a temporary file)".into(), reason };
                events.push(restore::<MeterEvent>(row.number, &row.text).ok_or_else(altered)?);
            }
        }
        Ok(events)
    }
}
