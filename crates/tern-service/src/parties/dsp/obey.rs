//! What the S1SP orders of the DSP while it commissions: the second judgement, the Smart Metering Inventory's entries, and to
//! forget what it watched of an installation that rests.
//!
//! An order may come twice: what this very set did already is done.

use std::collections::HashMap;

use tern_model::{DeviceId, DeviceKind, DeviceModel, InventoryChange, PartyId};
use tern_store::Batch;
use tern_wire::role_link::{HubDetails, InventoryOrder, InventoryReply, InventoryRequest, LinkRefusal};

use super::Dsp;
use super::watch::{WATCHED, Watched};
use crate::fault::ServiceFault;
use crate::parties::inventory::{self, InventoryCause, InventoryEntry, InventoryEvent};
use crate::parties::of_set;

/// What the orders before it make of devices: not yet in the store.
type Pending = HashMap<DeviceId, InventoryEntry>;

impl Dsp {
    /// Obeys an S1SP's orders; durable when this returns.
    ///
    /// # Errors
    /// The store failed: none was obeyed.
    pub fn obey(
        &mut self,
        s1sp: PartyId,
        orders: &[InventoryOrder],
    ) -> Result<Vec<Result<InventoryReply, LinkRefusal>>, ServiceFault> {
        let (mut pending, mut batch) = (Pending::new(), Batch::default());
        let mut answers = Vec::with_capacity(orders.len());
        for order in orders {
            answers.push(match &order.what {
                InventoryRequest::Recheck => self.recheck(order)?,
                InventoryRequest::Add { hub, devices } => self.add(s1sp, order, (hub, devices), &mut pending)?,
                InventoryRequest::Remove => self.remove(order, &mut pending)?,
                InventoryRequest::Query => {
                    Ok(InventoryReply::Present { present: !self.held(order, &pending)?.is_empty() })
                }
                InventoryRequest::Runs { device, model } => self.runs(order, (*device, model), &mut pending)?,
                InventoryRequest::Rested => {
                    batch.removes.push(of_set::remove(WATCHED, order.set, order.chf));
                    Ok(InventoryReply::Done)
                }
            });
        }
        for entry in pending.values() {
            batch.puts.extend(entry.puts()?);
        }
        if !batch.is_empty() {
            self.store.commit(&batch)?;
        }
        Ok(answers)
    }

    /// Table B5: the hub as it reports itself, and the devices that go along.
    fn add(
        &mut self,
        s1sp: PartyId,
        order: &InventoryOrder,
        (hub, devices): (&HubDetails, &[(DeviceId, DeviceKind)]),
        pending: &mut Pending,
    ) -> Result<Result<InventoryReply, LinkRefusal>, ServiceFault> {
        let watched = match self.still(order)? {
            (_, Ok(watched)) => watched,
            (_, Err(refusal)) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = may_add(&watched, order, hub, devices) {
            return Ok(Err(refusal));
        }
        let model_of = |device| watched.devices.iter().find(|d| d.device == device).and_then(|d| d.model.clone());
        let chf = (order.chf.into(), DeviceKind::Chf);
        let mut added = Vec::new();
        for (device, kind) in std::iter::once(chf).chain(devices.iter().copied()) {
            let known = self.entry(device, pending)?;
            match known.as_ref().and_then(InventoryEntry::held_by) {
                Some(set) if set == order.set => continue,
                None if self.shared.facts.inventory(device)?.is_none() => {}
                _ => return Ok(Err(dp01(format!("device {device} is in the inventory already")))),
            }
            let (history, notified) = known.map(|known| (known.history, known.notified)).unwrap_or_default();
            let model = if kind == DeviceKind::Chf { Some(hub.model.clone()) } else { model_of(device) };
            let (chf, mpxn, s1sp) = (Some(order.chf), watched.point_of(kind), Some(s1sp));
            let entry = InventoryEntry { device, kind, model, chf, mpxn, notified, s1sp, history };
            added.push(self.changed(entry, InventoryChange::Added, order));
        }
        pending.extend(added.into_iter().map(|entry| (entry.device, entry)));
        Ok(Ok(InventoryReply::Done))
    }

    /// Takes out again what this set put in (15.10).
    fn remove(
        &mut self,
        order: &InventoryOrder,
        pending: &mut Pending,
    ) -> Result<Result<InventoryReply, LinkRefusal>, ServiceFault> {
        for entry in self.held(order, pending)? {
            let entry = self.changed(entry, InventoryChange::TakenOut, order);
            pending.insert(entry.device, entry);
        }
        Ok(Ok(InventoryReply::Done))
    }

    /// Notes which program a device runs that this set put in.
    fn runs(
        &mut self,
        order: &InventoryOrder,
        (device, model): (DeviceId, &DeviceModel),
        pending: &mut Pending,
    ) -> Result<Result<InventoryReply, LinkRefusal>, ServiceFault> {
        let Some(entry) = self.held(order, pending)?.into_iter().find(|entry| entry.device == device) else {
            let reason = format!("{device} is not in the inventory by {}", order.set);
            return Ok(Err(LinkRefusal { code: "P-firmware-inventory".to_owned(), reason }));
        };
        pending.insert(device, InventoryEntry { model: Some(model.clone()), ..entry });
        Ok(Ok(InventoryReply::Done))
    }

    fn changed(&self, mut entry: InventoryEntry, change: InventoryChange, order: &InventoryOrder) -> InventoryEntry {
        let at = Some(self.shared.clock.now());
        entry.history.push(InventoryEvent { at, change, by: InventoryCause::Set(order.set) });
        entry
    }

    fn entry(&self, device: DeviceId, pending: &Pending) -> Result<Option<InventoryEntry>, ServiceFault> {
        match pending.get(&device) {
            Some(entry) => Ok(Some(entry.clone())),
            None => inventory::entry(&*self.store, device),
        }
    }

    /// Devices of the installation that this set put into the inventory.
    fn held(&self, order: &InventoryOrder, pending: &Pending) -> Result<Vec<InventoryEntry>, ServiceFault> {
        let mut held: HashMap<DeviceId, InventoryEntry> =
            inventory::of_hub(&*self.store, order.chf)?.into_iter().map(|entry| (entry.device, entry)).collect();
        let of_hub = pending.values().filter(|entry| entry.chf == Some(order.chf));
        held.extend(of_hub.map(|entry| (entry.device, entry.clone())));
        Ok(held.into_values().filter(|entry| entry.held_by() == Some(order.set)).collect())
    }
}

/// Whether the hub is the one, and the devices are those, that the Common File names.
fn may_add(
    watched: &Watched,
    order: &InventoryOrder,
    hub: &HubDetails,
    devices: &[(DeviceId, DeviceKind)],
) -> Result<(), LinkRefusal> {
    if hub.device != order.chf.into() || hub.model != watched.hub {
        return Err(dp01(format!("the hub reports itself as {} ({})", hub.device, hub.model)));
    }
    let named = |device: &DeviceId| watched.devices.iter().any(|d| d.device == *device);
    match devices.iter().find(|(device, _)| !named(device)) {
        Some((device, _)) => Err(dp01(format!("device {device} is none of the installation's in the Common File"))),
        None => Ok(()),
    }
}

fn dp01(reason: String) -> LinkRefusal {
    LinkRefusal { code: "DP01".to_owned(), reason }
}
