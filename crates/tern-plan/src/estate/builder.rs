//! An estate while its rows come in, in any order: each in a few bytes, nothing looked up yet.

use jiff::civil::Date;
use tern_model::estate::{DeviceRecord, EntryRecord, HopRecord, InstallationRecord, MeterRecord};
use tern_model::facts::{PaymentMode, SourceRow};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, GroupId, MeterState};

use super::catalogue::Catalogue;
use super::finding::Findings;
use super::ids::{ModelIx, NameIx, SupplierIx};
use super::parts::Point;
use super::{Estate, entries, settle};

/// Takes the rows of an estate and makes the [`Estate`] of those that fit together.
#[derive(Debug, Clone, Default)]
pub struct EstateBuilder {
    pub(super) catalogue: Catalogue,
    pub(super) installations: Vec<InstallationRow>,
    pub(super) devices: Vec<DeviceRow>,
    pub(super) meters: Vec<MeterRow>,
    pub(super) entries: Vec<EntryRecord>,
    pub(super) hops: Vec<HopRecord>,
    pub(super) findings: Findings,
    /// Rows that cannot be used.
    pub(super) spoiled: Vec<Spoiled>,
    /// The day on which the estate is looked at.
    pub(super) as_of: Option<AsOf>,
}

/// The day by which everything in an estate's description has come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// It is that day.
    Today(Date),
    /// It is to be planned from that day on.
    FirstDay(Date),
}

impl AsOf {
    /// The day.
    #[must_use]
    pub fn day(self) -> Date {
        let (AsOf::Today(day) | AsOf::FirstDay(day)) = self;
        day
    }
}

/// A row that cannot be used, with what is legible of whom it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spoiled {
    pub(super) file: &'static str,
    pub(super) row: u64,
    pub(super) chf: Option<ChfIdentifier>,
    pub(super) device: Option<DeviceId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InstallationRow {
    pub(super) chf: ChfIdentifier,
    pub(super) row: u32,
    pub(super) smso: NameIx,
    pub(super) provider: NameIx,
    pub(super) installing_supplier: SupplierIx,
    pub(super) installed_on: Date,
    pub(super) group: GroupId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DeviceRow {
    pub(super) id: DeviceId,
    pub(super) chf: ChfIdentifier,
    pub(super) row: u32,
    pub(super) model: ModelIx,
    pub(super) kind: DeviceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MeterRow {
    pub(super) device: DeviceId,
    pub(super) point: Point,
    pub(super) row: u32,
    pub(super) supplier: SupplierIx,
    pub(super) since: Date,
    pub(super) service: MeterState,
    pub(super) payment_mode: PaymentMode,
}

impl EstateBuilder {
    /// Says by which day everything that is described has come about. What began later contradicts that.
    pub fn as_of(&mut self, as_of: AsOf) {
        self.as_of = Some(as_of);
    }

    /// Takes an installation.
    pub fn installation(&mut self, record: &InstallationRecord) {
        let smso = self.catalogue.name(&record.smso);
        let provider = self.catalogue.name(&record.communications_provider);
        let installing_supplier = self.catalogue.supplier(record.installing_supplier);
        self.installations.push(InstallationRow {
            chf: record.chf,
            row: short(record.row),
            smso,
            provider,
            installing_supplier,
            installed_on: record.installed_on,
            group: record.group,
        });
    }

    /// Takes a device.
    pub fn device(&mut self, record: &DeviceRecord) {
        let model = self.catalogue.device_model(&record.model);
        let (id, chf, row) = (record.device, record.chf, short(record.row));
        self.devices.push(DeviceRow { id, chf, row, model, kind: record.kind });
    }

    /// Takes a meter.
    pub fn meter(&mut self, record: &MeterRecord) {
        let supplier = self.catalogue.supplier(record.supplier);
        self.meters.push(MeterRow {
            device: record.device,
            point: Point::from(&record.mpxn),
            row: short(record.row),
            supplier,
            since: record.since,
            service: record.service,
            payment_mode: record.payment_mode,
        });
    }

    /// Takes an entry planned for the EPCL.
    pub fn entry(&mut self, record: &EntryRecord) {
        self.entries.push(record.clone());
    }

    /// Takes a hop of an upgrade path.
    pub fn hop(&mut self, record: &HopRecord) {
        self.hops.push(record.clone());
    }

    /// What is wrong with the rows so far, each by itself: for files of which no estate can be made.
    #[must_use]
    pub fn into_findings(self) -> Findings {
        self.findings
    }

    /// Puts together what fits together. An installation with a row that contradicts another, or that lacks a part, is set
    /// aside whole; the findings say why.
    #[must_use]
    pub fn finish(mut self) -> (Estate, Findings) {
        let mut findings = std::mem::take(&mut self.findings);
        let entries = entries::settle(&mut self.catalogue, &self.entries, &mut findings);
        let hops = entries::hops(&mut self.catalogue, &self.hops, &mut findings);
        let settled = settle::settle(self, &mut findings);
        (Estate::of(settled, entries, hops), findings)
    }
}

/// A row's number in four bytes: no file of an estate has more rows.
pub(super) fn short(row: SourceRow) -> u32 {
    u32::try_from(row.0).unwrap_or(u32::MAX)
}
