//! All three lanes of an S1SP that shares its process with DCO and DSP.
//!
//! DCO and DSP answer in batches, each batch one durable transaction at that role; devices answer when they do.

use jiff::Timestamp;
use tern_cohorts::device::Row;
use tern_cohorts::{Answer, Order as What};
use tern_model::{ChfIdentifier, DeviceId, GroupId};
use tern_wire::role_link::{DcoOrder, DcoReply, InventoryOrder, InventoryReply, LinkRefusal};

use crate::clock::Clock;
use crate::executor::{Access, Lanes, Order, Returned};
use crate::fault::ServiceFault;

/// One row for an installation's devices.
#[derive(Debug, Clone)]
pub struct DeviceOrder {
    /// Names the answer.
    pub ticket: u64,
    /// The effect's idempotency key: for whoever watches the line; devices never hear of it.
    pub key: String,
    /// Says which cohort's adapter speaks to them.
    pub group: GroupId,
    /// The installation.
    pub chf: ChfIdentifier,
    /// Its ESME.
    pub esme: DeviceId,
    /// What opens their associations.
    pub access: Access,
    /// The row.
    pub row: Row,
}

/// An order with the party that it is for; what is not a device's goes with the ticket that names its answer.
pub(super) enum Addressed {
    Device(Box<DeviceOrder>),
    Dco(u64, DcoOrder),
    Dsp(u64, InventoryOrder),
}

impl Addressed {
    /// Whom an order is for.
    ///
    /// # Errors
    /// It asks devices, and gives no access to them.
    pub(super) fn of(order: Order) -> Result<Addressed, ServiceFault> {
        let Order { ticket, set, chf, esme, key, what, access } = order;
        Ok(match what {
            What::Device(row) => {
                let without = || ServiceFault::Devices("an order without access".to_owned());
                let access = access.ok_or_else(without)?;
                Addressed::Device(Box::new(DeviceOrder { ticket, key, group: set.group, chf, esme, access, row }))
            }
            What::Dco(what) => Addressed::Dco(ticket, DcoOrder { set, chf, device: esme, what }),
            What::Dsp(what) => Addressed::Dsp(ticket, InventoryOrder { set, chf, what }),
        })
    }
}

/// The devices' side as the lanes need it.
pub trait Devices {
    /// Sends orders.
    ///
    /// # Errors
    /// No order can be carried out at all.
    fn call(&mut self, orders: Vec<DeviceOrder>) -> Result<(), ServiceFault>;

    /// What came back, or was lost; waits for at least one where `wait` and any is on its way.
    ///
    /// # Errors
    /// The line is down.
    fn collect(&mut self, wait: bool) -> Result<Vec<Returned>, ServiceFault>;
}

/// The DCO as the lanes need it: answers stand in the orders' order, and are durable.
pub type ObeyDco<'a> =
    &'a mut dyn FnMut(&[DcoOrder], Timestamp) -> Result<Vec<Result<DcoReply, LinkRefusal>>, ServiceFault>;

/// The DSP as the lanes need it: answers stand in the orders' order, and are durable.
pub type ObeyDsp<'a> =
    &'a mut dyn FnMut(&[InventoryOrder]) -> Result<Vec<Result<InventoryReply, LinkRefusal>>, ServiceFault>;

/// The three lanes.
pub struct InProcess<'a> {
    devices: &'a mut dyn Devices,
    dco: ObeyDco<'a>,
    dsp: ObeyDsp<'a>,
    clock: &'a dyn Clock,
    for_dco: Vec<(u64, DcoOrder)>,
    for_dsp: Vec<(u64, InventoryOrder)>,
}

impl<'a> InProcess<'a> {
    /// Lanes to these three.
    pub fn new(devices: &'a mut dyn Devices, dco: ObeyDco<'a>, dsp: ObeyDsp<'a>, clock: &'a dyn Clock) -> Self {
        InProcess { devices, dco, dsp, clock, for_dco: Vec::new(), for_dsp: Vec::new() }
    }
}

impl Lanes for InProcess<'_> {
    fn submit(&mut self, orders: Vec<Order>) -> Result<(), ServiceFault> {
        let mut calls = Vec::new();
        for order in orders {
            match Addressed::of(order)? {
                Addressed::Device(call) => calls.push(*call),
                Addressed::Dco(ticket, order) => self.for_dco.push((ticket, order)),
                Addressed::Dsp(ticket, order) => self.for_dsp.push((ticket, order)),
            }
        }
        self.devices.call(calls)
    }

    fn collect(&mut self) -> Result<Vec<Returned>, ServiceFault> {
        let mut returned = Vec::new();
        if !self.for_dco.is_empty() {
            let (tickets, orders): (Vec<_>, Vec<_>) = std::mem::take(&mut self.for_dco).into_iter().unzip();
            let answers = (self.dco)(&orders, self.clock.now())?;
            let answers = answers.into_iter().map(|a| Some(Answer::Dco(a)));
            returned.extend(tickets.into_iter().zip(answers).map(|(ticket, answer)| Returned { ticket, answer }));
        }
        if !self.for_dsp.is_empty() {
            let (tickets, orders): (Vec<_>, Vec<_>) = std::mem::take(&mut self.for_dsp).into_iter().unzip();
            let answers = (self.dsp)(&orders)?.into_iter().map(|a| Some(Answer::Dsp(a)));
            returned.extend(tickets.into_iter().zip(answers).map(|(ticket, answer)| Returned { ticket, answer }));
        }
        returned.extend(self.devices.collect(returned.is_empty())?);
        Ok(returned)
    }
}
