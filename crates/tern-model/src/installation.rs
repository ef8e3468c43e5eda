//! An installation as a whole: which models it combines, and whether its meters are Active or Dormant.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{DeviceModel, MeterState};

/// The Device Model Combination that an EPCL entry approves, together with its communications provider (AC5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceModelCombination {
    /// Communications Hub Function.
    pub chf: DeviceModel,
    /// Electricity meter.
    pub esme: DeviceModel,
    /// Gas meter, where the installation has one.
    pub gsme: Option<DeviceModel>,
    /// Communications provider of the hub's SIM.
    pub communications_provider: String,
}

impl fmt::Display for DeviceModelCombination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CHF {}, ESME {}", self.chf, self.esme)?;
        if let Some(gsme) = &self.gsme {
            write!(f, ", GSME {gsme}")?;
        }
        write!(f, ", {}", self.communications_provider)
    }
}

/// Active, Dormant or Mixed, from the states of the meters (AC3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InstallationState {
    /// Every meter is Active.
    Active,
    /// Every meter is Dormant.
    Dormant,
    /// One of each.
    Mixed,
}

impl InstallationState {
    /// The state that the meters' states make.
    #[must_use]
    pub fn of(esme: MeterState, gsme: Option<MeterState>) -> InstallationState {
        match (esme, gsme.unwrap_or(esme)) {
            (MeterState::Active, MeterState::Active) => InstallationState::Active,
            (MeterState::Dormant, MeterState::Dormant) => InstallationState::Dormant,
            _ => InstallationState::Mixed,
        }
    }
}
