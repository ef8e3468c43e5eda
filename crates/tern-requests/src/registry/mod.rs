//! The registry of Service Reference Variants: what the DCC User Interface lets Users ask, and what Tern makes of each for SMETS1.
//!
//! Everything that depends on a variant comes from here: the pages, `tern srv`, the checks. It must never hold a behaviour of one
//! cohort or of one day: those are rows of the DMVES, which whoever judges a request is handed.

pub mod page;
mod rows;
mod targets;
mod words;

use serde::Serialize;
use tern_model::UserRole;

pub use rows::ALL;
pub use targets::{AllowedTarget, added_targets};
pub use words::{Evidence, FirstSeen, FutureDating, Handling, Target};

use crate::command_variant::{self, CommandVariantRow};

/// One Service Reference Variant.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Srv {
    /// For example `4.1.1`.
    pub number: &'static str,
    /// As the DCC's public matrix words it.
    pub name: &'static str,
    /// The element that is a request's body.
    pub body: &'static str,
    /// Whether it is a Critical Service Request: for SMETS1 it goes through the DCO.
    pub critical: bool,
    /// Whether it may be carried out at once.
    pub on_demand: bool,
    /// Whether a DSP schedule may hold it.
    pub schedulable: bool,
    /// Who holds one for a later moment.
    pub future_dating: FutureDating,
    /// The targets that the DCC's public templates show, for any generation of devices.
    pub shown_targets: &'static [Target],
    /// The User Roles that may send it.
    pub roles: &'static [UserRole],
    /// What speaks for its being a SMETS1 service.
    pub evidence: Evidence,
    /// What Tern does with it.
    pub handling: Handling,
}

/// The variant of a number.
#[must_use]
pub fn find(number: &str) -> Option<&'static Srv> {
    ALL.iter().find(|srv| srv.number == number)
}

impl Srv {
    /// The Service Reference that it is a variant of: `4.1` of `4.1.1`.
    #[must_use]
    pub fn reference(&self) -> &'static str {
        let second_dot = self.number.match_indices('.').nth(1).map_or(self.number.len(), |(at, _)| at);
        &self.number[..second_dot]
    }

    /// Whether the DCC answers it itself: a Non-Device Service Request.
    #[must_use]
    pub fn is_non_device(&self) -> bool {
        self.shown_targets == [Target::Dcc]
    }

    /// The element of a device's answer, in the schema of parsed messages (MMC); none where there is none.
    #[must_use]
    pub fn response_body(&self) -> Option<String> {
        match self.number {
            "6.14.3" => None,
            "6.2.3" => Some("ReadDeviceConfigurationDataBillingCalendarRsp".to_owned()),
            _ if self.is_non_device() => None,
            _ => Some(format!("{}Rsp", self.body)),
        }
    }

    /// In which version of the DCC User Interface Specification it is first seen.
    #[must_use]
    pub fn first_seen(&self) -> FirstSeen {
        match self.evidence {
            _ if self.number == "11.4" => FirstSeen::After31,
            Evidence::Named => FirstSeen::By31,
            _ => FirstSeen::By50,
        }
    }

    /// The Command Variants under which it is taken for SMETS1, in the order in which a User should think of them.
    pub fn command_variants(&self) -> impl Iterator<Item = &'static CommandVariantRow> + use<'_> {
        command_variant::ALL.iter().filter(|variant| variant.is_taken_for(self))
    }
}
