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

/// What happens to a device's entry: by a migration, which has SMETS1 devices enter straight as Commissioned and a rollback
/// take them out again, or by a Service Request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InventoryChange {
    /// B5.2: the DCC adds it.
    Added,
    /// 15.10: it is taken out again.
    TakenOut,
    /// 12.2: a User notifies it before it is there.
    PreNotified,
    /// 8.4 and others: it stands so from now on.
    Set(InventoryStatus),
    /// 8.4: its details are others.
    DetailsUpdated,
    /// 8.4: a User takes out what was never commissioned.
    Deleted,
    /// 11.2, 11.3: it told that it runs other firmware than the inventory had.
    FirmwareTold,
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
    /// The status that follows on the one before; none where the inventory does not hold the device, or, as of Type 2
    /// devices, keeps no status of it.
    #[must_use]
    pub fn status(self, kind: DeviceKind, before: Option<InventoryStatus>) -> Option<InventoryStatus> {
        match self {
            _ if kind == DeviceKind::Ihd => None,
            InventoryChange::TakenOut | InventoryChange::Deleted => None,
            InventoryChange::Added => Some(InventoryStatus::Commissioned),
            InventoryChange::PreNotified => Some(InventoryStatus::Pending),
            InventoryChange::Set(status) => Some(status),
            InventoryChange::DetailsUpdated | InventoryChange::FirmwareTold => before,
        }
    }

    /// Whether the inventory holds the device afterwards.
    #[must_use]
    pub fn holds(self) -> bool {
        !matches!(self, InventoryChange::TakenOut | InventoryChange::Deleted)
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
            InventoryChange::PreNotified => "pre-notified (12.2)",
            InventoryChange::Set(status) => return write!(f, "set to {status}"),
            InventoryChange::DetailsUpdated => "details updated (8.4)",
            InventoryChange::Deleted => "deleted (8.4)",
            InventoryChange::FirmwareTold => "firmware told by the device (11.2, 11.3)",
        })
    }
}
