//! Notices and Migration Authorisations as files: what goes out to Responsible Suppliers and what comes in (PL1,
//! PL3, PL5, PL11).
//!
//! A notice that would come too late is never written. Nothing here decides who is notified when, sends anything
//! or asks the time: that is the plan's, and whoever carries it out.

mod authorisations;
mod demand;
mod due;
mod incoming;
mod name;
mod outgoing;
mod planned;

pub use authorisations::Authorising;
pub use demand::{DemandFileKind, DemandFileName, DemandReceived, Demands, receive_demand};
pub use due::{Due, DueNotices, NotSent};
pub use incoming::{Incoming, Received, receive};
pub use name::{SmsoName, SupplierFileKind, SupplierFileName};
pub use outgoing::{Announcement, NotAnnounced, Outgoing, SupplierFile};
pub use planned::{PlannedNotice, planned};
