//! Tasks of service requests, as a cohort is handed them: of whom they are asked, under which circumstances, and why one may not
//! be put into words for a device.

use jiff::Timestamp;
use tern_model::{Behaviour, DeviceId, DeviceKind};

use crate::Plan;

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
    /// What a device is in an installation, and as what it may be asked anything; none where it is none of the installation's.
    #[must_use]
    pub fn of(plan: &Plan, device: DeviceId) -> Option<(DeviceKind, Option<Addressee>)> {
        if plan.esme.device == device {
            return Some((DeviceKind::Esme, Some(Addressee::Esme)));
        }
        if DeviceId::from(plan.chf) == device {
            return Some((DeviceKind::Chf, Some(Addressee::Hub)));
        }
        if plan.gsme.as_ref().is_some_and(|gsme| gsme.expected.device == device) {
            return Some((DeviceKind::Gsme, Some(Addressee::Gsme)));
        }
        let (_, kind) = plan.others.iter().find(|(other, _)| *other == device)?;
        let who = match kind {
            DeviceKind::Gpf => Some(Addressee::Gpf { device }),
            DeviceKind::Ppmid => {
                let mut ppmids = plan.others.iter().filter(|(_, kind)| *kind == DeviceKind::Ppmid);
                let nth = ppmids.position(|(ppmid, _)| *ppmid == device).and_then(|nth| u16::try_from(nth).ok());
                nth.map(|nth| Addressee::Ppmid { device, nth })
            }
            _ => None,
        };
        Some((*kind, who))
    }

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
