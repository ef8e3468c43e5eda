//! How simulated devices speak DLMS/COSEM: which objects each device has, who may do what with them, and what comes of it.
//!
//! `docs/design/devices.md` says what is chosen and why. An installation is one WAN address; behind it each device is a
//! logical device. This module knows the standard's messages as `tern-dlms` reads them, and the devices' state; it must never
//! know what a migration is: a device obeys whoever holds its keys, and nobody else.

mod access;
mod account;
mod actions;
mod associations;
mod calendar;
mod conversation;
mod critical;
mod firmware;
mod keys;
mod loopback;
mod objects;
mod pins;
mod profile;
mod reading;
mod request;
mod signed;
mod simulated;
mod writing;

pub use associations::{Door, doors_of};
pub(crate) use conversation::{APDU_MAX_BYTES, Conversation};
pub use critical::critical_keys;
pub use loopback::Loopback;

/// What a client is called at the wrapper, where the model has no table: the association that it wants.
pub mod client {
    /// Nobody in particular: what everybody may read.
    pub const PUBLIC: u16 = 16;
    /// The high-level association, under the keys of the migration files.
    pub const MANAGEMENT: u16 = 1;
    /// The low-level association, where the device model opens it.
    pub const LOW_LEVEL: u16 = 2;
    /// The pre-established association, under keys that are derived from the master key.
    pub const CRITICAL: u16 = 3;
}

/// Which device is meant at the wrapper, where its model has no table.
pub mod server {
    /// The ESME, the management logical device.
    pub const ESME: u16 = 1;
    /// The hub itself.
    pub const CHF: u16 = 2;
    /// The Gas Proxy Function in the hub.
    pub const GPF: u16 = 3;
    /// The GSME behind the hub.
    pub const GSME: u16 = 4;
    /// The first PPMID behind the hub; the others follow.
    pub const PPMID: u16 = 5;
}
