//! The Smart Metering Inventory as far as migrations fill it: what the DSP's store holds of each device.

use serde::{Deserialize, Serialize};
use tern_model::facts::{Facts, InventoryRecord, SourceRow};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, SetId};
use tern_store::StoreView;
use tern_wire::facts_csv::Subject;
use tern_wire::migration::CommonInstallation;

use super::inbox;
use crate::facts::subjects_of;
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

/// What a migration put into the Smart Metering Inventory of a device, from the DSP's store.
///
/// # Errors
/// The store cannot be read.
pub fn of_device(store: &dyn StoreView, device: DeviceId) -> Result<Option<InventoryRecord>, ServiceFault> {
    let entry = inbox::get::<InventoryEntry>(store, INVENTORY, &device.to_string())?;
    Ok(entry.map(|(entry, _)| record_of(&entry)))
}

/// Adds to `facts` what migrations put into the Smart Metering Inventory of the devices of some installations.
///
/// # Errors
/// The store cannot be read.
pub fn add_recorded(
    store: &dyn StoreView,
    installations: &[CommonInstallation],
    facts: &mut Facts,
) -> Result<(), ServiceFault> {
    for subject in installations.iter().flat_map(subjects_of) {
        if let Subject::Device(device) = subject
            && let Some(record) = of_device(store, device)?
        {
            facts.add_inventory(record);
        }
    }
    Ok(())
}

/// An entry as rules know it.
fn record_of(entry: &InventoryEntry) -> InventoryRecord {
    InventoryRecord {
        row: SourceRow::default(),
        device: entry.device,
        kind: entry.kind,
        chf: entry.chf,
        status: entry.status.clone(),
        by_set: Some(entry.set),
    }
}
