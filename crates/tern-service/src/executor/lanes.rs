//! The ways along which orders leave the S1SP and answers come back.

use std::ops::Range;

use tern_cohorts::{Answer, Keys, SiteAssociations};
use tern_model::{ChfIdentifier, DeviceId, SetId};
use tern_wire::smki::DeviceKey;

use crate::fault::ServiceFault;

/// One order, addressed.
#[derive(Debug, Clone)]
pub struct Order {
    /// Names the answer.
    pub ticket: u64,
    /// The set.
    pub set: SetId,
    /// The installation.
    pub chf: ChfIdentifier,
    /// Its ESME, about which the DCO is asked.
    pub esme: DeviceId,
    /// The effect's idempotency key.
    pub key: String,
    /// What is asked.
    pub what: tern_cohorts::Order,
    /// What opens the devices' associations, where devices are asked.
    pub access: Option<Access>,
}

/// What opens the associations of an installation's devices, for one order.
#[derive(Debug, Clone)]
pub struct Access {
    /// The GSME, where there is one.
    pub gsme: Option<DeviceId>,
    /// Where the devices' associations are.
    pub associations: SiteAssociations,
    /// Opened for this order.
    pub keys: Keys,
    /// Invocation counters that were never used and never will be again: reserved with the effect's journal line.
    pub invocations: Range<u32>,
    /// Transactions of signed requests: as the invocation counters.
    pub transactions: Range<u64>,
    /// By which the hub signs its answers; none where the file set had no DeviceCertificate.
    pub hub_key: Option<DeviceKey>,
}

/// What came back for a ticket; no answer means that it was lost: the effect may or may not have happened.
#[derive(Debug, Clone)]
pub struct Returned {
    /// The order's ticket.
    pub ticket: u64,
    /// The answer, if any came.
    pub answer: Option<Answer>,
}

/// Devices, DCO and DSP behind one interface.
pub trait Lanes {
    /// Sends orders on their way. Nothing is known of them until [`Lanes::collect`] returns their tickets.
    ///
    /// # Errors
    /// The link itself is down: the caller stops, and takes everything in flight up again later.
    fn submit(&mut self, orders: Vec<Order>) -> Result<(), ServiceFault>;

    /// Waits for at least one ticket, and gives all that have come. Empty only where nothing is on its way.
    ///
    /// # Errors
    /// As [`Lanes::submit`].
    fn collect(&mut self) -> Result<Vec<Returned>, ServiceFault>;
}
