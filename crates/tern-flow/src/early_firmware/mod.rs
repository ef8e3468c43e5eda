//! Early firmware (S003 section 2): upgrading Dormant Meters and the Devices with them before their EPCL entry
//! is approved.
//!
//! Two pure machines with a transition table each: [`Entry`], what is known of an entry of the EPCL, which
//! answers whether clause 4.26 permits upgrades towards it ([`Permit`]); and [`Upgrade`], one installation's way
//! along the hops of a [`Route`]. Neither may ask the time, a record or a Device: who drives them hands in days
//! and [`UpgradeFacts`], and carries out the effects that they name.

mod entry;
mod entry_table;
mod permit;
mod route;
mod upgrade;
mod upgrade_table;
mod upgrade_told;

pub use entry::{Entry, Halt};
pub use entry_table::{ENTRY_TABLE, EntryArrow, EntryEvent, EntryState};
pub use permit::{Asked, Ground, NotPermitted, Permit, Work};
pub use route::{Consent, Hop, MeterIs, Route, RouteFault};
pub use upgrade::{Onward, Upgrade, UpgradeEffect, UpgradeFacts, UpgradeTransition};
pub use upgrade_table::{UPGRADE_TABLE, UpgradeArrow, UpgradeEvent, UpgradeState};
pub use upgrade_told::{Because, Held};
