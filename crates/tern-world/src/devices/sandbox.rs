//! What whoever plays with a world may order while it runs: faults, and that devices go back to what they were. Each order
//! stands in the effect log, so that the next start knows of it.
//!
//! It must never touch a key, a counter, or a device that was not named.

use std::sync::PoisonError;

use tern_model::{ChfIdentifier, DeviceId, Malformed};

use super::effects::{ArmedRecord, LogRecord, ResetRecord};
use super::faults::{Fault, FaultRow};
use super::world::{Slot, World};
use crate::WorldError;

impl World {
    /// What every device remembers now it goes back to when it is reset.
    ///
    /// # Errors
    /// The log refuses.
    pub fn keep_baseline(&self) -> Result<(), WorldError> {
        let mut held: Vec<_> =
            self.slots.iter().map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner)).collect();
        self.log.append(&LogRecord::Baseline)?;
        held.iter_mut().for_each(|slot| slot.keep_baseline());
        Ok(())
    }

    /// Whether there is a state to which devices go back.
    #[must_use]
    pub fn has_baseline(&self) -> bool {
        self.slots.first().is_some_and(|slot| slot.lock().is_ok_and(|slot| slot.baseline.is_some()))
    }

    /// Orders a fault; gives whether there is such an installation.
    ///
    /// # Errors
    /// The log refuses.
    pub fn order(&self, fault: Fault) -> Result<bool, WorldError> {
        let Some(mut slot) = self.slot(fault.chf) else { return Ok(false) };
        self.log.append(&LogRecord::Armed(ArmedRecord::of(&fault)))?;
        slot.faults.push(fault);
        Ok(true)
    }

    /// Ends the faults of an installation that have these rows; gives whether there is such an installation.
    ///
    /// # Errors
    /// The log refuses.
    pub fn end_faults(&self, chf: ChfIdentifier, rows: Vec<String>) -> Result<bool, WorldError> {
        let Some(mut slot) = self.slot(chf) else { return Ok(false) };
        if slot.faults.iter().any(|fault| rows.iter().any(|row| row == fault.row.as_str())) {
            self.log.append(&LogRecord::Disarmed { chf, rows: rows.clone() })?;
            slot.disarm(&rows);
        }
        Ok(true)
    }

    /// The faults that may still strike an installation.
    #[must_use]
    pub fn faults(&self, chf: ChfIdentifier) -> Vec<Fault> {
        let slot = self.slot(chf);
        slot.map_or_else(Vec::new, |slot| slot.faults.iter().filter(|fault| fault.is_left()).cloned().collect())
    }

    /// Has devices of an installation go back to the state that was kept; gives whether there is such an installation.
    ///
    /// # Errors
    /// No state was kept, or the log refuses.
    pub fn reset(&self, chf: ChfIdentifier, devices: &[DeviceId]) -> Result<bool, WorldError> {
        let Some(mut slot) = self.slot(chf) else { return Ok(false) };
        if slot.baseline.is_none() {
            return Err(WorldError::malformed(self.dir(), 0, NO_BASELINE));
        }
        self.log.append(&LogRecord::Reset(ResetRecord { chf, devices: devices.to_vec() }))?;
        slot.reset(devices).map_err(|reason| WorldError::malformed(self.dir(), 0, reason))?;
        Ok(true)
    }
}

const NO_BASELINE: &str = "no state of the devices was kept to which they could go back";

impl Slot {
    pub(super) fn keep_baseline(&mut self) {
        self.baseline = Some(self.installation.clone());
    }

    pub(super) fn disarm(&mut self, rows: &[String]) {
        self.faults.retain(|fault| !rows.iter().any(|row| row == fault.row.as_str()));
    }

    pub(super) fn reset(&mut self, devices: &[DeviceId]) -> Result<(), &'static str> {
        self.installation.go_back(devices, self.baseline.as_ref().ok_or(NO_BASELINE)?);
        Ok(())
    }
}

impl ArmedRecord {
    fn of(fault: &Fault) -> ArmedRecord {
        let (row, times) = (fault.row.as_str().to_owned(), fault.times.to_string());
        ArmedRecord { chf: fault.chf, fault: fault.kind.as_str().to_owned(), row, times }
    }

    /// The fault that was ordered; what is none is told in words.
    pub(super) fn fault(&self) -> Result<Fault, String> {
        let words = |error: Malformed| error.to_string();
        let (kind, times) = (self.fault.parse().map_err(words)?, self.times.parse().map_err(words)?);
        Ok(Fault { chf: self.chf, kind, row: FaultRow::new(&self.row), times })
    }
}
