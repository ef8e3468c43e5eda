//! The Smart Metering Inventory as far as migrations fill it: what the DSP's store holds of each device, found by the device
//! and by its hub. A device that was taken out again keeps its history.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::facts::{Facts, InventoryRecord, SourceRow};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, DeviceModel, InventoryChange, InventoryStatus, PartyId, SetId};
use tern_store::{Expect, Put, Record, StoreView};
use tern_wire::facts_csv::Subject;
use tern_wire::migration::CommonInstallation;

use super::inbox;
use crate::facts::subjects_of;
use crate::fault::ServiceFault;

/// Kind of the store's records, by device.
pub(super) const INVENTORY: &str = "inventory";
/// Kind of the marks that find a hub's devices: `{CHFIdentifier}/{DeviceID}`.
const OF_HUB: &str = "inventory-of-hub";
/// Version of [`InventoryEntry`]; version 1 had neither model nor history.
const VERSION: u16 = 2;

/// What the Smart Metering Inventory holds, or held, of a device by a migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryEntry {
    /// The device.
    pub device: DeviceId,
    /// Its kind.
    pub kind: DeviceKind,
    /// Model and firmware; none for kinds of which the migration files name none.
    pub model: Option<DeviceModel>,
    /// Its hub.
    pub chf: ChfIdentifier,
    /// The S1SP that serves it; none where an earlier version of this program did not note it.
    pub s1sp: Option<PartyId>,
    /// All that happened to it, oldest first.
    pub history: Vec<InventoryEvent>,
}

/// Something that happened to a device's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryEvent {
    /// When; none where an earlier version of this program did not note it.
    pub at: Option<Timestamp>,
    /// What.
    pub change: InventoryChange,
    /// Under which set.
    pub set: SetId,
}

impl InventoryEntry {
    /// The set that put it in; none where it was taken out again.
    #[must_use]
    pub fn held_by(&self) -> Option<SetId> {
        self.history.last().filter(|e| e.change == InventoryChange::Added).map(|e| e.set)
    }

    /// Its status; none where it was taken out, and none of Type 2 devices.
    #[must_use]
    pub fn status(&self) -> Option<InventoryStatus> {
        self.history.last().and_then(|e| e.change.status(self.kind))
    }

    /// The changes that store it, by device and by hub.
    pub(super) fn puts(&self) -> Result<[Put; 2], ServiceFault> {
        let body = serde_json::to_vec(self).map_err(ServiceFault::body)?;
        let (key, expect) = (self.device.to_string(), Expect::Any);
        let of_hub = inbox::put(OF_HUB, format!("{}/{}", self.chf, self.device), Expect::Any, &())?;
        Ok([Put { kind: INVENTORY, key, expect, version: VERSION, body }, of_hub])
    }

    pub(super) fn read(record: &Record) -> Result<InventoryEntry, ServiceFault> {
        match record.version {
            1 => serde_json::from_slice::<EntryV1>(&record.body).map(EntryV1::taken_over).map_err(ServiceFault::body),
            VERSION => serde_json::from_slice(&record.body).map_err(ServiceFault::body),
            other => Err(ServiceFault::Body(format!("inventory record of version {other}"))),
        }
    }
}

/// What version 1 kept of a device: it was there as long as the record was.
#[derive(Deserialize)]
struct EntryV1 {
    device: DeviceId,
    kind: DeviceKind,
    chf: ChfIdentifier,
    set: SetId,
}

impl EntryV1 {
    fn taken_over(self) -> InventoryEntry {
        let EntryV1 { device, kind, chf, set } = self;
        let added = InventoryEvent { at: None, change: InventoryChange::Added, set };
        InventoryEntry { device, kind, model: None, chf, s1sp: None, history: vec![added] }
    }
}

/// What the store holds of a device.
///
/// # Errors
/// The store cannot be read.
pub fn entry(store: &dyn StoreView, device: DeviceId) -> Result<Option<InventoryEntry>, ServiceFault> {
    store.get(INVENTORY, &device.to_string())?.map(|record| InventoryEntry::read(&record)).transpose()
}

/// What the store holds of the devices behind a hub, the CHF among them.
///
/// # Errors
/// The store cannot be read.
pub fn of_hub(store: &dyn StoreView, chf: ChfIdentifier) -> Result<Vec<InventoryEntry>, ServiceFault> {
    let prefix = format!("{chf}/");
    let mut entries = Vec::new();
    for (key, ()) in inbox::all(store, OF_HUB, &prefix)? {
        let device = key[prefix.len()..].parse().map_err(|_| ServiceFault::Body(format!("{OF_HUB} record {key}")))?;
        // A device that was taken out may have gone behind another hub since.
        entries.extend(entry(store, device)?.filter(|entry| entry.chf == chf));
    }
    entries.sort_by_key(|e: &InventoryEntry| (e.kind, e.device));
    Ok(entries)
}

/// Devices of the store in the order of their Device IDs, behind the key `after`, with their keys; empty where there are no
/// more.
pub(crate) fn page(store: &dyn StoreView, after: Option<&str>) -> Result<Vec<(String, InventoryEntry)>, ServiceFault> {
    const PAGE: usize = 500;
    let page = store.scan(INVENTORY, after, PAGE)?;
    page.into_iter().map(|(key, record)| Ok((key, InventoryEntry::read(&record)?))).collect()
}

/// What a migration put into the Smart Metering Inventory of a device, as rules know it.
///
/// # Errors
/// The store cannot be read.
pub fn of_device(store: &dyn StoreView, device: DeviceId) -> Result<Option<InventoryRecord>, ServiceFault> {
    Ok(entry(store, device)?.and_then(|entry| record_of(&entry)))
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

/// An entry as rules know it; none where the device was taken out again.
fn record_of(entry: &InventoryEntry) -> Option<InventoryRecord> {
    let set = entry.held_by()?;
    Some(InventoryRecord {
        row: SourceRow::default(),
        device: entry.device,
        kind: entry.kind,
        chf: entry.chf,
        status: entry.status().map_or_else(|| "no status (Type 2)".to_owned(), |status| status.to_string()),
        by_set: Some(set),
    })
}
