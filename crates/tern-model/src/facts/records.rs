//! The ten kinds of fact record. Their CSV columns are project-defined; `tern-wire` reads them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{CertificateId, ChfIdentifier, DeviceId, DeviceKind, DeviceModelCombination, Fuel, Mpxn, PartyId, SetId};

/// The row of its CSV that a record came from (1 is the header), so that a finding can point at it; 0 where it did not come from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SourceRow(pub u64);

/// Registration Data: who is the registered supplier and network operator of a metering point from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Where the record stands.
    pub row: SourceRow,
    /// Electricity: the Import Supplier. Gas: the Gas Supplier.
    pub fuel: Fuel,
    /// The metering point.
    pub mpxn: Mpxn,
    /// Registered from `effective_from` on.
    pub supplier: PartyId,
    /// Electricity distributor or gas transporter.
    pub network_operator: PartyId,
    /// First day, in Europe/London.
    pub effective_from: Date,
}

/// The state of an EPCL entry (AC5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EpclState {
    /// Foreseen, not yet approved.
    Planned,
    /// Halted.
    Paused,
    /// On the EPCL.
    Approved,
    /// Refused by the Secretary of State.
    NotApproved,
}

/// An entry of the Eligible Product Combinations List with its dated state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpclEntry {
    /// Where the record stands.
    pub row: SourceRow,
    /// What is combined.
    pub combination: DeviceModelCombination,
    /// Its state from `from` on.
    pub state: EpclState,
    /// First day of that state.
    pub from: Date,
}

/// A device that the Smart Metering Inventory already holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryRecord {
    /// Where the record stands.
    pub row: SourceRow,
    /// The device.
    pub device: DeviceId,
    /// Its kind.
    pub kind: DeviceKind,
    /// The hub that it belongs to.
    pub chf: ChfIdentifier,
    /// Its status as the Inventory words it, for example `Commissioned`.
    pub status: String,
    /// The set that put it there, where a migration did.
    pub by_set: Option<SetId>,
}

/// A Migration Authorisation of a Responsible Supplier (MAM).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorisation {
    /// Where the record stands.
    pub row: SourceRow,
    /// The supplier's reference.
    pub reference: String,
    /// The installation.
    pub chf: ChfIdentifier,
    /// The authorising supplier.
    pub supplier: PartyId,
    /// First day.
    pub from: Date,
    /// Last day, included.
    pub until: Date,
}

/// What a notice announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// Steps under 4.26 (notice by 4.29).
    Configuration,
    /// Steps under 4.27 (notice by 4.30).
    Migration,
}

/// How far a notice has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeState {
    /// Its period has run.
    Completed,
    /// Sent, its period still runs.
    Running,
    /// Could not be delivered; recorded, stops nothing (PL3).
    Undelivered,
}

/// A notice to a Responsible Supplier about an installation with Dormant Meters and no Active Meters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Where the record stands.
    pub row: SourceRow,
    /// The installation.
    pub chf: ChfIdentifier,
    /// Its recipient.
    pub supplier: PartyId,
    /// What it announces.
    pub kind: NoticeKind,
    /// The day on which it was sent.
    pub issued: Date,
    /// The earliest scheduled day of the steps that it announces.
    pub earliest: Date,
    /// How far it has come.
    pub state: NoticeState,
}

/// An excluded category (clause 18 as proposed, PL14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExclusionCategory {
    /// The master keys are not to be had.
    MissingMasterKeys,
    /// No WAN before migration, so that no firmware or configuration is possible.
    NoWanBeforeMigration,
    /// No WAN when migration was attempted.
    NoWanAtMigration,
    /// Five attempts or more without success.
    AttemptsExhausted,
    /// GT01 on the gas meter: electricity may go alone. Binds the gas meter, not the installation.
    GasHanError,
    /// A Device Model Combination that is uneconomic to test.
    UneconomicToTest,
    /// Dormant by the supplier's own termination, and stated as not migratable.
    SupplierTerminated,
}

impl ExclusionCategory {
    /// Every category.
    pub const ALL: [ExclusionCategory; 7] = [
        ExclusionCategory::MissingMasterKeys,
        ExclusionCategory::NoWanBeforeMigration,
        ExclusionCategory::NoWanAtMigration,
        ExclusionCategory::AttemptsExhausted,
        ExclusionCategory::GasHanError,
        ExclusionCategory::UneconomicToTest,
        ExclusionCategory::SupplierTerminated,
    ];

    /// The word in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ExclusionCategory::MissingMasterKeys => "missing-master-keys",
            ExclusionCategory::NoWanBeforeMigration => "no-wan-before-migration",
            ExclusionCategory::NoWanAtMigration => "no-wan-at-migration",
            ExclusionCategory::AttemptsExhausted => "attempts-exhausted",
            ExclusionCategory::GasHanError => "gas-han-error",
            ExclusionCategory::UneconomicToTest => "uneconomic-to-test",
            ExclusionCategory::SupplierTerminated => "supplier-terminated",
        }
    }

    /// As people read it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            ExclusionCategory::MissingMasterKeys => "its master keys are not to be had",
            ExclusionCategory::NoWanBeforeMigration => "no WAN before migration",
            ExclusionCategory::NoWanAtMigration => "no WAN when migration was attempted",
            ExclusionCategory::AttemptsExhausted => "five attempts or more without success",
            ExclusionCategory::GasHanError => "a gas HAN error",
            ExclusionCategory::UneconomicToTest => "its Device Model Combination is uneconomic to test",
            ExclusionCategory::SupplierTerminated => "dormant by its supplier's own termination",
        }
    }

    /// The category of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<ExclusionCategory> {
        Self::ALL.into_iter().find(|category| category.as_str() == word)
    }
}

/// An exclusion of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Where the record stands.
    pub row: SourceRow,
    /// The installation.
    pub chf: ChfIdentifier,
    /// Why.
    pub category: ExclusionCategory,
    /// First day.
    pub from: Date,
    /// What supports it.
    pub evidence: String,
}

/// The SIM of a hub, as the communications provider records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimRecord {
    /// Where the record stands.
    pub row: SourceRow,
    /// The installation.
    pub chf: ChfIdentifier,
    /// International Mobile Subscriber Identity.
    pub imsi: String,
    /// Access Point Name in use with the SMSO.
    pub apn: String,
}

/// The SMSO's configuration of hub and SIM so that the S1SP can reach the installation (15.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsoConfiguration {
    /// Where the record stands.
    pub row: SourceRow,
    /// The installation.
    pub chf: ChfIdentifier,
    /// The SMSO.
    pub smso: PartyId,
    /// The day on which it was recorded as done.
    pub configured: Date,
    /// The day on which it was tried with success; none where it was not tried.
    pub tried: Option<Date>,
}

/// A certificate that restores communication with the SMSO after a rollback (5.1(c)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackCertificate {
    /// Where the record stands.
    pub row: SourceRow,
    /// The installation.
    pub chf: ChfIdentifier,
    /// The device on which it is re-instated.
    pub device: DeviceId,
    /// The SMSO's certificate.
    pub certificate: CertificateId,
    /// First day of use, included.
    pub from: Date,
    /// Last day of use, included.
    pub until: Date,
    /// Constraints on use; empty where there are none. Judged as written by configuration (P).
    pub constraint: String,
}

/// The Installing Supplier of a gas meter, Responsible Supplier or no longer (3.25).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallingSupplier {
    /// Where the record stands.
    pub row: SourceRow,
    /// The gas meter.
    pub device: DeviceId,
    /// The supplier that installed it.
    pub supplier: PartyId,
}
