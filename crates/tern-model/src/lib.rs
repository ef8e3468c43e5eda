//! The domain's nouns: identifiers, groups, roles, dates, facts, findings, outcomes, secrets.
//!
//! Every other crate speaks in these types, so each noun is modelled once, here.
//! This crate must never do I/O, ask the time, make randomness or know how anything is stored or sent.

mod association;
mod behaviour;
mod certificate_id;
mod date;
mod device;
pub mod estate;
mod eui;
pub mod facts;
mod finding;
mod group;
mod installation;
mod inventory;
mod meter_point;
mod outcome;
mod role;
mod secret;
mod set;
pub mod supplier_file;
mod user_role;
pub mod working_day;

pub use association::{
    ApplicationAssociation, Authentication, CohortAssociations, ConfiguredAssociations, ContextForm, KnownAssociations,
    ModelAssociations,
};
pub use behaviour::Behaviour;
pub use certificate_id::CertificateId;
pub use date::{london_day, london_midnight, parse_day};
pub use device::{DeviceKind, DeviceModel, HanType, MeterState};
pub use eui::{ChfIdentifier, DeviceId, Eui64, PartyId};
pub use finding::{Finding, Grade, Place, Verdict};
pub use group::{Cohort, Graded, GroupId, GroupStructure};
pub use installation::{DeviceModelCombination, InstallationState};
pub use inventory::{CSP_REGION, InventoryChange, InventoryStatus};
pub use meter_point::{Fuel, Mpxn};
pub use outcome::{GasOutcome, Holder, Outcome, OutcomeKind};
pub use role::Role;
pub use secret::{Secret, SecretBytes};
pub use set::{Digest, SetId};
pub use user_role::UserRole;

/// Why a text is not the value that it should be: one sentence for the reader, never the text itself
/// where that could be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What was expected, for example "an EUI-64 as eight hexadecimal pairs".
    pub expected: &'static str,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for Malformed {}
