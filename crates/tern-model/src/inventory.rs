//! The statuses of the Smart Metering Inventory, and the changes that a migration makes to it (RQ4).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::DeviceKind;

/// The CSP Region of every SMETS1 device.
pub const CSP_REGION: &str = "SMETS1";

/// What the Smart Metering Inventory may say of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InventoryStatus {
    /// Notified, and not yet seen.
    Pending,
    /// On its hub's device log.
    Whitelisted,
    /// It communicates, and is not yet commissioned.
    InstalledNotCommissioned,
    /// In service.
    Commissioned,
    /// Taken out of service.
    Decommissioned,
    /// Its supplier has opted out.
    Withdrawn,
    /// Its model and firmware are no longer on the list of certified products.
    Suspended,
    /// Being recovered after a compromise of its certificates.
    Recovery,
    /// The recovering certificates are in place.
    Recovered,
}

/// What a migration does to a device's entry. There is no other: SMETS1 devices enter straight as Commissioned, and a
/// rollback takes them out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InventoryChange {
    /// B5.2: the DCC adds it.
    Added,
    /// 15.10: it is taken out again.
    TakenOut,
}

impl InventoryStatus {
    /// Every status.
    pub const ALL: [InventoryStatus; 9] = [
        InventoryStatus::Pending,
        InventoryStatus::Whitelisted,
        InventoryStatus::InstalledNotCommissioned,
        InventoryStatus::Commissioned,
        InventoryStatus::Decommissioned,
        InventoryStatus::Withdrawn,
        InventoryStatus::Suspended,
        InventoryStatus::Recovery,
        InventoryStatus::Recovered,
    ];
}

impl InventoryChange {
    /// The status that follows; none where the inventory does not hold the device, or, as of Type 2 devices, keeps no
    /// status of it.
    #[must_use]
    pub fn status(self, kind: DeviceKind) -> Option<InventoryStatus> {
        match (self, kind) {
            (InventoryChange::TakenOut, _) | (InventoryChange::Added, DeviceKind::Ihd) => None,
            (InventoryChange::Added, _) => Some(InventoryStatus::Commissioned),
        }
    }
}

impl fmt::Display for InventoryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl fmt::Display for InventoryChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            InventoryChange::Added => "added (B5.2)",
            InventoryChange::TakenOut => "taken out (15.10)",
        })
    }
}
