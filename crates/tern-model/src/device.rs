//! Devices of an installation and what is known of them before migration.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// What a device is in its installation (AC3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DeviceKind {
    /// Communications Hub Function.
    #[serde(rename = "CHF")]
    Chf,
    /// Gas Proxy Function.
    #[serde(rename = "GPF")]
    Gpf,
    /// Electricity meter.
    #[serde(rename = "ESME")]
    Esme,
    /// Gas meter.
    #[serde(rename = "GSME")]
    Gsme,
    /// Prepayment Meter Interface Device.
    #[serde(rename = "PPMID")]
    Ppmid,
    /// In-Home Display.
    #[serde(rename = "IHD")]
    Ihd,
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DeviceKind::Chf => "CHF",
            DeviceKind::Gpf => "GPF",
            DeviceKind::Esme => "ESME",
            DeviceKind::Gsme => "GSME",
            DeviceKind::Ppmid => "PPMID",
            DeviceKind::Ihd => "IHD",
        })
    }
}

/// Manufacturer, model and firmware version of a device: what an EPCL entry combines (AC5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeviceModel {
    /// Manufacturer's name as the lists print it.
    pub manufacturer: String,
    /// Model designation.
    pub model: String,
    /// Firmware version designation.
    pub firmware: String,
}

impl fmt::Display for DeviceModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.manufacturer, self.model, self.firmware)
    }
}

/// Whether the Responsible Supplier has smart services for the meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MeterState {
    /// It has.
    Active,
    /// It has not.
    Dormant,
}

impl MeterState {
    /// The word in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MeterState::Active => "Active",
            MeterState::Dormant => "Dormant",
        }
    }
}

impl FromStr for MeterState {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text {
            "Active" => Ok(MeterState::Active),
            "Dormant" => Ok(MeterState::Dormant),
            _ => Err(Malformed { expected: "`Active` or `Dormant`" }),
        }
    }
}

/// How a GSME talks to the GPF; decides whether the CHF Whitelist holds it (15.11; read from the Group File: P).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HanType {
    /// A ZigBee network: the GSME's Device ID is on the whitelist.
    ZigBee,
    /// Anything else: it is not.
    Other,
}

impl HanType {
    /// The word in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            HanType::ZigBee => "ZigBee",
            HanType::Other => "Other",
        }
    }
}

impl FromStr for HanType {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text {
            "ZigBee" => Ok(HanType::ZigBee),
            "Other" => Ok(HanType::Other),
            _ => Err(Malformed { expected: "`ZigBee` or `Other`" }),
        }
    }
}
