//! What the inventory held of each device when the sandbox was first started: a reset goes back to that.

use tern_model::{DeviceId, PartyId};
use tern_store::{AuditEntry, Batch, Expect, Put, Remove, StoreView};
use tern_wire::duis::RequestId;

use crate::fault::ServiceFault;
use crate::gateway::Ledger;
use crate::parties::inbox;
use crate::parties::inventory::{self, InventoryCause, InventoryEntry};

/// Kind of the inventory's entries as they were, by device.
const KEPT: &str = "sandbox-inventory";
/// Kind of the one mark that says that they were kept.
const DONE: &str = "sandbox-kept";
/// Entries that are kept at once.
const PAGE: usize = 500;

/// Keeps what the inventory holds, once.
///
/// # Errors
/// The store failed.
pub(super) fn keep(ledger: &Ledger) -> Result<(), ServiceFault> {
    let view = ledger.view();
    if view.get(DONE, DONE)?.is_some() {
        return Ok(());
    }
    let mut after = None;
    loop {
        let page = inventory::page(view, after.as_deref())?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        let kept = |(key, entry): &(String, InventoryEntry)| inbox::put(KEPT, key.clone(), Expect::Any, entry);
        let puts = page.iter().map(kept).collect::<Result<_, _>>()?;
        ledger.commit(Batch { puts, ..Batch::default() })?;
    }
    let puts = vec![inbox::put(DONE, DONE.to_owned(), Expect::Any, &())?];
    Ok(ledger.commit(Batch { puts, ..Batch::default() })?)
}

/// The changes that take a device's entry back.
pub(super) fn back(view: &dyn StoreView, device: DeviceId) -> Result<Vec<Put>, ServiceFault> {
    match inbox::get::<InventoryEntry>(view, KEPT, &device.to_string())? {
        Some((entry, _)) => entry.puts(),
        None => Ok(Vec::new()),
    }
}

/// Takes out what a User pre-notified since.
pub(super) fn notified_by(view: &dyn StoreView, user: PartyId) -> Result<Vec<Remove>, ServiceFault> {
    let (mut removes, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = view.scan(inventory::INVENTORY, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(removes) };
        after = Some(last.clone());
        for (key, record) in &page {
            let entry = InventoryEntry::read(record)?;
            let first = entry.history.first().map(|event| &event.by);
            let by = match first {
                Some(InventoryCause::Request(id)) => id.parse::<RequestId>().ok().map(|id| PartyId(id.originator)),
                _ => None,
            };
            if by == Some(user) && view.get(KEPT, key)?.is_none() {
                removes.push(Remove { kind: inventory::INVENTORY, key: key.clone(), generation: None });
            }
        }
    }
}

/// What the audit says of a reset.
pub(super) fn audit(at: jiff::Timestamp, (actor, subject): (&str, String), devices: usize) -> AuditEntry {
    let evidence = format!("{devices} devices went back to what they were after migration");
    AuditEntry { at, actor: actor.to_owned(), action: "sandbox reset".to_owned(), subject, evidence }
}
