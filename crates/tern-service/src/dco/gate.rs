//! The gate before the Uplift 1.2 documents are re-designated: whether Activate Firmware would be refused anywhere (RQ7).

use jiff::civil::Date;
use tern_dco::DcoFault;
use tern_dco::upkeep::{self, Standing};
use tern_model::{ChfIdentifier, DeviceId};

use super::{PAGE, view};
use crate::config::Config;
use crate::fault::ServiceFault;

/// Whether re-designation is safe on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The day.
    pub day: Date,
    /// The first and the last day on which it may be done.
    pub window: (Date, Date),
    /// The day of the system change, from which Joins add a PPMID's keys.
    pub system_change: Date,
    /// Sites that the DCC operates.
    pub sites: usize,
    /// Those whose key packages lack a PPMID's keys.
    pub incomplete: Vec<Incomplete>,
}

/// A site that is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incomplete {
    /// The installation.
    pub chf: ChfIdentifier,
    /// The PPMIDs without keys; none where nobody knows the site's devices.
    pub ppmids: Option<Vec<DeviceId>>,
}

impl Gate {
    /// How the sites stand on a day. It only reads.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn look(config: &Config, day: Date) -> Result<Gate, ServiceFault> {
        let dco = &config.dco;
        let window = (dco.redesignation_first, dco.redesignation_last);
        let mut gate = Gate { day, window, system_change: dco.system_change, sites: 0, incomplete: Vec::new() };
        let Some(store) = view(config)? else { return Ok(gate) };
        let mut after = None;
        loop {
            let page = upkeep::sites(&store, after.as_deref(), PAGE)?;
            // Whether it is safe cannot be told where a package cannot be read.
            if let Some(unusable) = page.unusable.into_iter().next() {
                return Err(DcoFault::Unreadable(unusable).into());
            }
            gate.sites += page.told.len();
            for site in page.told {
                let ppmids = match site.standing {
                    Standing::Complete => continue,
                    Standing::Missing(ppmids) => Some(ppmids),
                    Standing::Unknown => None,
                };
                gate.incomplete.push(Incomplete { chf: site.chf, ppmids });
            }
            let Some(next) = page.next else { return Ok(gate) };
            after = Some(next);
        }
    }

    /// Whether the day is one on which it may be done.
    #[must_use]
    pub fn is_in_window(&self) -> bool {
        (self.window.0..=self.window.1).contains(&self.day)
    }

    /// Whether the system was changed by that day: before, no PPMID's key can be there.
    #[must_use]
    pub fn is_system_changed(&self) -> bool {
        self.day >= self.system_change
    }

    /// Whether the DCC would break the SEC by re-designating that day: firmware of a PPMID would be refused (S000 7.1).
    #[must_use]
    pub fn is_non_compliance(&self) -> bool {
        !self.incomplete.is_empty() || !self.is_system_changed()
    }

    /// Whether it is safe.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.is_in_window() && !self.is_non_compliance()
    }
}
