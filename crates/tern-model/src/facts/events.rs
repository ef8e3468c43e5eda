//! What happens to a meter after it was commissioned, as far as the Responsible Supplier's duties turn on it (4.49).
//!
//! The CSV is project-defined; `tern-wire` reads it. Nothing here decides what an event leads to.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::SourceRow;
use crate::{DeviceId, Fuel, Mpxn, PartyId};

/// How an event names its meter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MeterName {
    /// By its Device ID.
    Device(DeviceId),
    /// By its metering point.
    Point(Fuel, Mpxn),
}

/// A Payment Mode, with its SMETS1 meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentMode {
    /// Prepayment Mode.
    Prepayment,
    /// Credit Mode.
    Credit,
}

impl fmt::Display for PaymentMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PaymentMode::Prepayment => "Prepayment Mode",
            PaymentMode::Credit => "Credit Mode",
        })
    }
}

/// What became of a "Top Up" Service Request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TopUpResult {
    /// Successfully processed.
    Success,
    /// Not.
    Failure,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeterEventKind {
    /// From this day on the meter is in this mode.
    PaymentMode(PaymentMode),
    /// A Top Up was processed.
    TopUp(TopUpResult),
    /// On this day it became known that a change of supplier takes effect later; that day is at its beginning.
    SupplierChangePlanned {
        /// The day on which it takes effect.
        takes_effect: Date,
        /// The gaining supplier, where it is known.
        new_supplier: Option<PartyId>,
    },
    /// The planned change of supplier does not come.
    SupplierChangeWithdrawn,
    /// A change of supplier took effect, at the beginning of this day.
    SupplierChangeEffective {
        /// The gaining supplier, where it is known.
        new_supplier: Option<PartyId>,
    },
}

/// One event of one meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterEvent {
    /// Where the record stands.
    pub row: SourceRow,
    /// Which meter.
    pub meter: MeterName,
    /// On which day, in Europe/London.
    pub day: Date,
    /// What.
    pub kind: MeterEventKind,
    /// Tells events of one kind and day apart; empty where there is but one.
    pub reference: String,
}
