//! Tasks of service requests, as a cohort is handed them: of whom they are asked, under which circumstances, and why one may not
//! be put into words for a device.

use jiff::Timestamp;
use tern_model::{Behaviour, DeviceId};

/// The device of an installation that a task is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressee {
    /// The ESME, under the S1SP's association keys and the DCO's critical ones.
    Esme,
    /// The GSME: it obeys what the S1SP signs.
    Gsme,
    /// The GPF, which tells what its gas meter does.
    Gpf {
        /// Its Device ID.
        device: DeviceId,
    },
    /// The hub.
    Hub,
    /// A PPMID behind it.
    Ppmid {
        /// Its Device ID.
        device: DeviceId,
        /// Its place among the installation's PPMIDs, from 0.
        nth: u16,
    },
}

impl Addressee {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Addressee::Esme => "an ESME",
            Addressee::Gsme => "a GSME",
            Addressee::Gpf { .. } => "a GPF",
            Addressee::Hub => "a Communications Hub",
            Addressee::Ppmid { .. } => "a PPMID",
        }
    }
}

/// Under which circumstances a task is put into words.
#[derive(Debug, Clone, Copy)]
pub struct Conditions<'a> {
    /// The S1SP's time.
    pub at: Timestamp,
    /// What the DMVES says of this request on these devices today ([`tern_rules::dmves::variations`]).
    pub behaviours: &'a [Behaviour],
}

/// Why there are no instructions for a task. Nothing was asked of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotInstructed {
    /// The device cannot keep it, in words for the User.
    Unkept(String),
    /// Such a device does not do such a thing.
    NotOfSuch(Addressee),
    /// The User's time is further from the S1SP's than the User itself allows (6.11, 8.1.1).
    OutOfTolerance,
}

impl std::fmt::Display for NotInstructed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotInstructed::Unkept(words) => write!(f, "the meter cannot keep it: {words}"),
            NotInstructed::NotOfSuch(who) => write!(f, "this is nothing that {} does", who.as_str()),
            NotInstructed::OutOfTolerance => f.write_str("the time is further from the S1SP's than the request allows"),
        }
    }
}

impl std::error::Error for NotInstructed {}
