//! The Smart Metering Inventory as far as migrations and Service Requests fill it: what the DSP's store holds of each device,
//! found by the device, by its hub and by its metering point. A device that was taken out again keeps its history.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::facts::{Facts, InventoryRecord, SourceRow};
use tern_model::{
    ChfIdentifier, DeviceId, DeviceKind, DeviceModel, InventoryChange, InventoryStatus, Mpxn, PartyId, SetId,
};
use tern_store::{Expect, Put, Record, StoreView};
use tern_wire::facts_csv::Subject;
use tern_wire::migration::CommonInstallation;

use super::inbox;
use crate::facts::subjects_of;
use crate::fault::ServiceFault;

/// Kind of the store's records, by device.
pub(crate) const INVENTORY: &str = "inventory";
/// Kind of the marks that find a hub's devices: `{CHFIdentifier}/{DeviceID}`.
const OF_HUB: &str = "inventory-of-hub";
/// Kind of the marks that find the meters of a metering point: `{MPxN}/{DeviceID}`.
const OF_POINT: &str = "inventory-of-point";
/// Version of [`InventoryEntry`]; version 1 had neither model nor history, version 2 knew of migrations alone.
const VERSION: u16 = 3;

/// What the Smart Metering Inventory holds, or held, of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryEntry {
    /// The device.
    pub device: DeviceId,
    /// Its kind.
    pub kind: DeviceKind,
    /// Model and firmware; none for kinds of which the migration files name none.
    pub model: Option<DeviceModel>,
    /// Its hub; none where it was pre-notified and nobody has said yet.
    pub chf: Option<ChfIdentifier>,
    /// The metering point, of a meter; none where an earlier version of this program did not note it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mpxn: Option<Mpxn>,
    /// What only a pre-notification says of a device.
    #[serde(default, skip_serializing_if = "Notified::is_empty")]
    pub notified: Notified,
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
    /// By what.
    #[serde(flatten)]
    pub by: InventoryCause,
}

/// What a change of the inventory came of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InventoryCause {
    /// A migration, under this set.
    Set(SetId),
    /// A Service Request, by its RequestID.
    Request(String),
}

impl std::fmt::Display for InventoryCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            InventoryCause::Set(set) => write!(f, "{set}"),
            InventoryCause::Request(request) => f.write_str(request),
        }
    }
}

/// What only a pre-notification (12.2) or an update (8.4) says of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notified {
    /// The SMETS or CHTS version.
    pub smets_version: Option<String>,
    /// The ESME's variant.
    pub esme_variant: Option<String>,
    /// Of a CHF: the GPF with which it shares its hub.
    pub gpf: Option<DeviceId>,
}

impl Notified {
    fn is_empty(&self) -> bool {
        *self == Notified::default()
    }
}

impl InventoryEntry {
    /// The set whose migration put it in; none where it was taken out again, or never was migrated.
    #[must_use]
    pub fn held_by(&self) -> Option<SetId> {
        let told = self.history.iter().rev();
        let mut told = told.filter(|e| e.change == InventoryChange::Added || !e.change.holds());
        match told.next() {
            Some(InventoryEvent { change: InventoryChange::Added, by: InventoryCause::Set(set), .. }) => Some(*set),
            _ => None,
        }
    }

    /// Whether the inventory holds it.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.history.last().is_some_and(|event| event.change.holds())
    }

    /// Its status; none where it was taken out, and none of Type 2 devices.
    #[must_use]
    pub fn status(&self) -> Option<InventoryStatus> {
        self.statuses().last().and_then(|(_, status)| status)
    }

    /// All that happened to it, with the status that each change left.
    pub fn statuses(&self) -> impl Iterator<Item = (&InventoryEvent, Option<InventoryStatus>)> {
        self.history.iter().scan(None, |status, event| {
            *status = event.change.status(self.kind, *status);
            Some((event, *status))
        })
    }

    /// The changes that store it, by device, by hub and by metering point.
    pub(crate) fn puts(&self) -> Result<Vec<Put>, ServiceFault> {
        let body = serde_json::to_vec(self).map_err(ServiceFault::body)?;
        let (key, expect) = (self.device.to_string(), Expect::Any);
        let mut puts = vec![Put { kind: INVENTORY, key, expect, version: VERSION, body }];
        if let Some(chf) = self.chf {
            puts.push(inbox::put(OF_HUB, format!("{chf}/{}", self.device), Expect::Any, &())?);
        }
        if let Some(mpxn) = &self.mpxn {
            puts.push(inbox::put(OF_POINT, format!("{}/{}", mpxn.as_str(), self.device), Expect::Any, &())?);
        }
        Ok(puts)
    }

    pub(crate) fn read(record: &Record) -> Result<InventoryEntry, ServiceFault> {
        match record.version {
            1 => serde_json::from_slice::<EntryV1>(&record.body).map(EntryV1::taken_over).map_err(ServiceFault::body),
            2 | VERSION => serde_json::from_slice(&record.body).map_err(ServiceFault::body),
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
        let added = InventoryEvent { at: None, change: InventoryChange::Added, by: InventoryCause::Set(set) };
        let (mpxn, notified) = (None, Notified::default());
        InventoryEntry { device, kind, model: None, chf: Some(chf), mpxn, notified, s1sp: None, history: vec![added] }
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
    // A device that was taken out may have gone behind another hub since.
    marked(store, OF_HUB, &format!("{chf}/"), |entry| entry.chf == Some(chf))
}

/// What the store holds of the meters of a metering point.
///
/// # Errors
/// The store cannot be read.
pub fn of_point(store: &dyn StoreView, mpxn: &Mpxn) -> Result<Vec<InventoryEntry>, ServiceFault> {
    marked(store, OF_POINT, &format!("{}/", mpxn.as_str()), |entry| entry.mpxn.as_ref() == Some(mpxn))
}

/// The devices whose marks begin so, where they still are what the mark says.
fn marked(
    store: &dyn StoreView,
    kind: &'static str,
    prefix: &str,
    is_so: impl Fn(&InventoryEntry) -> bool,
) -> Result<Vec<InventoryEntry>, ServiceFault> {
    let mut entries = Vec::new();
    for (key, ()) in inbox::all(store, kind, prefix)? {
        let device = key[prefix.len()..].parse().map_err(|_| ServiceFault::Body(format!("{kind} record {key}")))?;
        entries.extend(entry(store, device)?.filter(&is_so));
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

/// An entry as rules know it; none where no migration put it in, or it was taken out again.
fn record_of(entry: &InventoryEntry) -> Option<InventoryRecord> {
    let (set, chf) = (entry.held_by()?, entry.chf?);
    Some(InventoryRecord {
        row: SourceRow::default(),
        device: entry.device,
        kind: entry.kind,
        chf,
        status: entry.status().map_or_else(|| "no status (Type 2)".to_owned(), |status| status.to_string()),
        by_set: Some(set),
    })
}
