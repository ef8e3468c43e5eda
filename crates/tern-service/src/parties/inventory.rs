//! The Smart Metering Inventory as far as migrations fill it: what the DSP's store holds of each device.

use serde::{Deserialize, Serialize};
use tern_model::facts::{InventoryRecord, SourceRow};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, SetId};
use tern_store::StoreView;

use super::inbox;
use crate::fault::ServiceFault;

/// Kind of the store's records.
pub(super) const INVENTORY: &str = "inventory";

/// A device in the Smart Metering Inventory by a migration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InventoryEntry {
    /// The device.
    pub device: DeviceId,
    /// Its kind.
    pub kind: DeviceKind,
    /// Its hub.
    pub chf: ChfIdentifier,
    /// Its status.
    pub status: String,
    /// The set that put it there.
    pub set: SetId,
}

/// What migrations put into the Smart Metering Inventory, from the DSP's store.
///
/// # Errors
/// The store cannot be read.
pub fn recorded(store: &dyn StoreView) -> Result<Vec<InventoryRecord>, ServiceFault> {
    Ok(inbox::all::<InventoryEntry>(store, INVENTORY, "")?.iter().map(|(_, e)| record_of(e)).collect())
}

/// An entry as rules know it.
pub(super) fn record_of(entry: &InventoryEntry) -> InventoryRecord {
    InventoryRecord {
        row: SourceRow::default(),
        device: entry.device,
        kind: entry.kind,
        chf: entry.chf,
        status: entry.status.clone(),
        by_set: Some(entry.set),
    }
}
