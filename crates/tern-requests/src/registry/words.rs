//! The words of the registry's columns.

use std::fmt;

use serde::Serialize;
use tern_model::{DeviceKind, Grade};

/// Who or what a request's RequestID may name as its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Target {
    /// Electricity meter.
    Esme,
    /// Gas meter.
    Gsme,
    /// Gas Proxy Function.
    Gpf,
    /// Communications Hub Function.
    Chf,
    /// Prepayment Meter Interface Device.
    Ppmid,
    /// HAN connected auxiliary load control switch: there is none in a SMETS1 installation.
    Hcalcs,
    /// Standalone auxiliary proportional controller: there is none in a SMETS1 installation.
    Sapc,
    /// The DCC itself: a Non-Device Service Request.
    Dcc,
}

impl Target {
    /// The kind of SMETS1 device that it is; none for the DCC, and for devices of SMETS2 alone.
    #[must_use]
    pub fn device(self) -> Option<DeviceKind> {
        match self {
            Target::Esme => Some(DeviceKind::Esme),
            Target::Gsme => Some(DeviceKind::Gsme),
            Target::Gpf => Some(DeviceKind::Gpf),
            Target::Chf => Some(DeviceKind::Chf),
            Target::Ppmid => Some(DeviceKind::Ppmid),
            Target::Hcalcs | Target::Sapc | Target::Dcc => None,
        }
    }

    /// Whether there is such a target in SMETS1.
    #[must_use]
    pub fn is_of_smets1(self) -> bool {
        !matches!(self, Target::Hcalcs | Target::Sapc)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Target::Esme => "ESME",
            Target::Gsme => "GSME",
            Target::Gpf => "GPF",
            Target::Chf => "CHF",
            Target::Ppmid => "PPMID",
            Target::Hcalcs => "HCALCS",
            Target::Sapc => "SAPC",
            Target::Dcc => "DCC",
        })
    }
}

/// Who holds a request that is to be carried out at a later moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FutureDating {
    /// There is no later moment.
    Never,
    /// The DSP holds it and sends it when it is due.
    ByDsp,
    /// A SMETS2 device is sent it at once and holds it; for SMETS1 the DSP holds it too (P).
    ByDevice,
    /// Both.
    ByBoth,
}

impl FutureDating {
    /// The word of the DCC's public matrix.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FutureDating::Never => "-",
            FutureDating::ByDsp => "DSP",
            FutureDating::ByDevice => "Device",
            FutureDating::ByBoth => "DSP & Device",
        }
    }

    /// Whether a request of the kind may name a later moment.
    #[must_use]
    pub fn is_possible(self) -> bool {
        self != FutureDating::Never
    }
}

/// What speaks for a variant's being a SMETS1 service: the official table (DUIS 1.4.2, S1SR Table 3) is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The sources name it for SMETS1.
    Named,
    /// The sources imply it.
    Implied,
    /// A public page or the published schema supports it.
    Public,
    /// Plausible, unconfirmed.
    Likely,
    /// Thought not to apply, unconfirmed.
    Unlikely,
    /// Nothing is known either way.
    Unknown,
}

impl Evidence {
    /// Every kind.
    pub const ALL: [Evidence; 6] =
        [Evidence::Named, Evidence::Implied, Evidence::Public, Evidence::Likely, Evidence::Unlikely, Evidence::Unknown];

    /// The mark in tables.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Evidence::Named => "S",
            Evidence::Implied => "S~",
            Evidence::Public => "P",
            Evidence::Likely => "u+",
            Evidence::Unlikely => "u-",
            Evidence::Unknown => "?",
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Evidence::Named => "named for SMETS1 by the sources",
            Evidence::Implied => "implied for SMETS1 by the sources",
            Evidence::Public => "supported by a public page or the published schema",
            Evidence::Likely => "plausible, unconfirmed",
            Evidence::Unlikely => "thought not to apply, unconfirmed",
            Evidence::Unknown => "not known",
        }
    }

    /// How firmly the sources support what Tern makes of it.
    #[must_use]
    pub fn grade(self) -> Grade {
        match self {
            Evidence::Named => Grade::Stated,
            Evidence::Implied | Evidence::Public => Grade::Reading,
            Evidence::Likely | Evidence::Unlikely | Evidence::Unknown => Grade::Project,
        }
    }
}

/// What Tern does with a request for a SMETS1 installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handling {
    /// Processed end to end.
    Processed,
    /// Refused: it is no SMETS1 service.
    NotForSmets1,
    /// Refused: it may be one, and Tern does not process it yet.
    NotYetProcessed,
}

impl Handling {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Handling::Processed => "processed",
            Handling::NotForSmets1 => "refused: not a SMETS1 service",
            Handling::NotYetProcessed => "refused: not yet processed",
        }
    }

    /// One word, for tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Handling::Processed => "processed",
            Handling::NotForSmets1 => "refused",
            Handling::NotYetProcessed => "not yet",
        }
    }
}

/// In which version of the DCC User Interface Specification a variant is first seen. Of its schemas those of 5.0 and later alone
/// are to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstSeen {
    /// The sources of 2020 name it, when 3.1 was in force.
    By31,
    /// Not in 3.1, in 5.0.
    After31,
    /// In 5.0; whether it was there before is not known.
    By50,
}

impl FirstSeen {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            FirstSeen::By31 => "3.1 or earlier",
            FirstSeen::After31 => "after 3.1, by 5.0",
            FirstSeen::By50 => "5.0 or earlier",
        }
    }
}
