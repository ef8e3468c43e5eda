//! What DCC and Responsible Suppliers tell each other before a migration: notices one way, authorisations the
//! other (PL1, PL3, PL5, PL11).
//!
//! The names of such files are published, their columns are not: those are project-defined (P).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::facts::SourceRow;
use crate::{ChfIdentifier, DeviceId, Mpxn};

/// Why a Responsible Supplier is notified, and so how long before the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeGround {
    /// The installation has Dormant Meters alone.
    Dormant,
    /// It is a Recently Dormant SMETS1 Installation.
    RecentlyDormant,
    /// The supplier gains a meter of an installation that others were notified of (PL3).
    ChangeOfSupplier,
}

/// A meter of which its Responsible Supplier is notified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticedMeter {
    /// Where the record stands.
    pub row: SourceRow,
    /// The installation.
    pub chf: ChfIdentifier,
    /// The meter.
    pub device: DeviceId,
    /// Its metering point.
    pub mpxn: Mpxn,
    /// Why its supplier is notified.
    pub ground: NoticeGround,
    /// So many Working Days before the steps at least; none for [`NoticeGround::ChangeOfSupplier`], which has no
    /// such term.
    pub working_days: Option<u32>,
    /// The earliest day on which the steps may be taken.
    pub earliest: Date,
}

/// A row of a notice of steps under 4.26 (4.29).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmwareNotice(pub NoticedMeter);

/// A row of a notice of steps under 4.27 (4.30).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationNotice {
    /// Of which meter.
    pub noticed: NoticedMeter,
    /// The last day for its supplier's certificates; after it the meter goes with the Null Certificate ID (PL11,
    /// P). None where they are not asked for.
    pub certificates_by: Option<Date>,
}

/// A row of a Migration Authorisation: the file's name says whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorisedInstallation {
    /// Where the record stands.
    pub row: SourceRow,
    /// The supplier's reference.
    pub reference: String,
    /// The installation.
    pub chf: ChfIdentifier,
    /// First day.
    pub from: Date,
    /// Last day, included.
    pub until: Date,
}

/// A row of a supplier's answer to the question for its certificates (PL11): the file's name says whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedInstallation {
    /// Where the record stands.
    pub row: SourceRow,
    /// The installation for which its certificates may be used.
    pub chf: ChfIdentifier,
}

/// A row of a demand file, or of what answers it (PL13): the file's name says whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// Where the record stands.
    pub row: SourceRow,
    /// The first day of which it is said; in an answer the day.
    pub day: Date,
    /// So many installations a day.
    pub places: u32,
}

/// A row of a demand file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemandedPlaces(pub Places);

/// A row of the answer to a demand file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmedPlaces(pub Places);
