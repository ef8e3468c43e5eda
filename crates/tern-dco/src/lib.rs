//! The Dual Control Organisation: a key package per device, and what it does with the keys on the S1SP's orders (CO3).
//!
//! Master keys come in from verified migration files and never leave: what goes out is wrapped for the device, protected with
//! keys that are derived from them, or an answer. An order is obeyed only for an installation that the DCO itself found
//! viable under the same file set, and an instruction only where it is the one that the file set stands for, or a supplier's
//! signed instruction, or a User's signed Service Request.
//! This crate must never know a cohort, nor what is judged of a request before it comes here, and never keep the S1SP's keys.

mod counters;
mod critical_keys;
pub mod custody;
mod fault;
mod instruction;
mod orders;
mod package;
mod refusal;
mod site;
pub mod upkeep;
mod wipe;

pub use fault::DcoFault;
pub use instruction::permits;
pub use orders::{Dco, Records, Settings, forget_replaced};
pub use package::{KeyVersion, Package, PackageState};
pub use refusal::Refused;
pub use site::{MeterCertificates, Site};
