//! The Dual Control Organisation: a key package per device, and what it does with the keys on the S1SP's orders (CO3).
//!
//! Master keys come in from verified migration files and never leave: what goes out is wrapped for the device, or an
//! answer. An order is obeyed only for an installation that the DCO itself found viable under the same file set. This
//! crate must never know a cohort or a request, and never keep the S1SP's keys.

pub mod custody;
mod fault;
mod orders;
mod package;

pub use fault::DcoFault;
pub use orders::Dco;
pub use package::{InForce, Package, PackageState};
