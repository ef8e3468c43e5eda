//! What is to be migrated, row by row: installations, devices, meters, entries planned for the EPCL, upgrade paths, and dated
//! events about them (PL, AC3 to AC5). The columns are project-defined (P).
//!
//! A record says what its row says and nothing that follows from it; who reads rows together finds contradictions.

mod events;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use events::{EventCell, EventKind, EventRecord};

use crate::facts::{PaymentMode, SourceRow};
use crate::{
    ChfIdentifier, DeviceId, DeviceKind, DeviceModel, DeviceModelCombination, GroupId, InstallationState, MeterState,
    Mpxn, PartyId,
};

/// An installation, named by its hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallationRecord {
    /// Where the record stands.
    pub row: SourceRow,
    /// Its hub.
    pub chf: ChfIdentifier,
    /// The group that its file set will have.
    pub group: GroupId,
    /// Name of the SMSO that operates it.
    pub smso: String,
    /// Communications provider of the hub's SIM.
    pub communications_provider: String,
    /// Who installed it, and so gives its upgrade paths (PL7).
    pub installing_supplier: PartyId,
    /// The day on which it was installed.
    pub installed_on: Date,
}

/// A device of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRecord {
    /// Where the record stands.
    pub row: SourceRow,
    /// Its Device ID; a hub's is the one that names the installation.
    pub device: DeviceId,
    /// Its installation.
    pub chf: ChfIdentifier,
    /// What it is.
    pub kind: DeviceKind,
    /// Manufacturer, model and the firmware on it.
    pub model: DeviceModel,
}

/// What a supplier has to do with a meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterRecord {
    /// Where the record stands.
    pub row: SourceRow,
    /// The ESME or GSME.
    pub device: DeviceId,
    /// The metering point that it measures.
    pub mpxn: Mpxn,
    /// The Responsible Supplier.
    pub supplier: PartyId,
    /// Whether that supplier has smart services for it.
    pub service: MeterState,
    /// Since when the service is so.
    pub since: Date,
    /// Its Payment Mode.
    pub payment_mode: PaymentMode,
}

/// How an entry comes to be approved (PL6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalRoute {
    /// Migration Testing and SIT, confirmed by TAG.
    MtSit,
    /// The DMCT EPCL Report.
    Dmct,
    /// Substantively equivalent to an entry that is tested.
    Equivalent,
}

/// An entry that is planned for the EPCL, under a short name by which events speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRecord {
    /// Where the record stands.
    pub row: SourceRow,
    /// Its short name.
    pub entry: String,
    /// Models and communications provider.
    pub combination: DeviceModelCombination,
    /// Which installations it comprises: those with Active Meters alone, with Dormant Meters alone, or with both.
    pub comprises: InstallationState,
    /// How it comes to be approved.
    pub route: ApprovalRoute,
    /// The tested entry, for [`ApprovalRoute::Equivalent`] alone.
    pub equivalent_to: Option<String>,
}

/// One hop of an upgrade path (PL7).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HopRecord {
    /// Where the record stands.
    pub row: SourceRow,
    /// Manufacturer, model and the firmware from which the hop leads.
    pub from: DeviceModel,
    /// The firmware to which it leads.
    pub to_firmware: String,
    /// Whose devices take it.
    pub installing_supplier: PartyId,
}
