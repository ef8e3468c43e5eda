//! A corpus as those who plan its migration describe it: the six files of an estate (PL), about the very installations that the
//! corpus has records and devices of.
//!
//! It is written from the same draws as the records, and must never say what only an execution brings about: no notice has gone
//! out, nothing is configured, no attempt was made.

use std::path::Path;

use jiff::civil::Date;
use tern_model::estate::{
    ApprovalRoute, DeviceRecord, EntryRecord, EventKind, EventRecord, HopRecord, InstallationRecord, MeterRecord,
};
use tern_model::facts::{EpclEntry, EpclState, SourceRow};
use tern_model::{DeviceModel, InstallationState, PartyId};
use tern_wire::facts_csv::{self, Record};

use super::families::{Family, models};
use super::{Plan, days_from};
use crate::WorldError;
use crate::files::{self, Readers};

/// The folder of the six files.
pub const ESTATE_DIR: &str = "estate";

/// Versions that a device may lie behind its entry's.
const HOPS: u64 = 2;
/// How many versions hub, electricity meter and gas meter lie behind, in turn.
const BEHIND: [[u64; 3]; 5] = [[1, 0, 0], [0, 1, 0], [2, 1, 0], [0, 1, 1], [0, 2, 0]];
/// How many of the suppliers install, and give upgrade paths.
const INSTALLING: usize = 2;
/// A version is confirmed as operable so many days before the estate is described.
const CONFIRMED_BEFORE: i32 = 20;
/// The tests of an entry are done, and confirmed by TAG, so many days before it is approved.
const TESTED_BEFORE: i32 = 35;
const TAG_BEFORE: i32 = 28;

/// Installations that are still to be planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToPlan {
    /// One in so many is Dormant, and has older firmware than its entry; none where it is 0.
    pub behind_one_in: usize,
}

impl ToPlan {
    /// How many versions the devices of an installation lie behind; none where it is up to date.
    pub(super) fn behind(self, index: usize) -> Option<[u64; 3]> {
        let nth = index.checked_div(self.behind_one_in)?;
        (index % self.behind_one_in == self.behind_one_in - 1).then(|| BEHIND[nth % BEHIND.len()])
    }
}

/// The six files.
#[derive(Debug, Clone, Default)]
pub struct Described {
    /// `installations.csv`.
    pub installations: Vec<InstallationRecord>,
    /// `devices.csv`.
    pub devices: Vec<DeviceRecord>,
    /// `meters.csv`.
    pub meters: Vec<MeterRecord>,
    /// `entries.csv`.
    pub entries: Vec<EntryRecord>,
    /// `upgrade_paths.csv`.
    pub hops: Vec<HopRecord>,
    /// `events.csv`.
    pub events: Vec<EventRecord>,
}

/// Who installed the installation of an index.
pub(super) fn installing_supplier(plan: &Plan<'_>, index: usize) -> PartyId {
    plan.suppliers[index % plan.suppliers.len().min(INSTALLING)]
}

impl Described {
    /// What speaks of no single installation: the entries of the EPCL with their course, and the ways to their versions.
    pub(super) fn background(plan: &Plan<'_>, epcl: &[EpclEntry]) -> Described {
        let mut described = Described::default();
        epcl.iter().for_each(|row| described.entry(row));
        let mut versions: Vec<DeviceModel> = Family::all_of(plan.groups)
            .flat_map(|family| family.approved.iter().flat_map(|combination| models(*combination)))
            .collect();
        versions.sort_by(|one, other| names(one).cmp(&names(other)));
        versions.dedup();
        for supplier in plan.suppliers.iter().take(INSTALLING) {
            versions.iter().for_each(|version| described.ways(plan, *supplier, version));
        }
        described
    }

    /// A state of an entry, which is named when it is first met.
    fn entry(&mut self, row: &EpclEntry) {
        let known = self.entries.iter().find(|entry| entry.combination == row.combination);
        let entry = known.map_or_else(|| format!("E{}", self.entries.len() + 1), |known| known.entry.clone());
        if known.is_none() {
            self.entries.push(EntryRecord {
                row: SourceRow::default(),
                entry: entry.clone(),
                combination: row.combination.clone(),
                comprises: InstallationState::Mixed,
                route: ApprovalRoute::MtSit,
                equivalent_to: None,
            });
        }
        let mut say = |on, kind| {
            self.events.push(EventRecord { entry: Some(entry.clone()), ..EventRecord::new(on, kind) });
        };
        match row.state {
            EpclState::Planned => say(row.from, EventKind::EpclPlanned),
            EpclState::Paused => say(row.from, EventKind::EpclPaused),
            EpclState::NotApproved => say(row.from, EventKind::EpclNotApproved),
            EpclState::Approved => {
                say(days_from(row.from, -TESTED_BEFORE), EventKind::TestsDone);
                say(days_from(row.from, -TAG_BEFORE), EventKind::TagConfirmed);
                say(row.from, EventKind::EpclApproved);
            }
        }
    }

    /// The hops to a version, and that those on the way can be operated.
    fn ways(&mut self, plan: &Plan<'_>, supplier: PartyId, version: &DeviceModel) {
        for versions in 1..=HOPS {
            let (from, to) = (older(version, versions), older(version, versions - 1));
            self.hops.push(HopRecord {
                row: SourceRow::default(),
                from,
                to_firmware: to.firmware.clone(),
                installing_supplier: supplier,
            });
            for smso in plan.smsos {
                let DeviceModel { manufacturer, model, firmware } = to.clone();
                self.events.push(EventRecord {
                    supplier: Some(supplier),
                    smso: Some(smso.name.clone()),
                    manufacturer: Some(manufacturer),
                    model: Some(model),
                    firmware: Some(firmware),
                    ..EventRecord::new(days_from(plan.day, -CONFIRMED_BEFORE), EventKind::OperabilityConfirmed)
                });
            }
        }
    }

    /// Puts the events in the order of their days; those of one day stay in the order in which they came.
    pub(super) fn sort(&mut self) {
        self.events.sort_by_key(|event| event.on);
    }

    /// Writes the six files.
    ///
    /// # Errors
    /// The file system refuses.
    pub(super) fn write(&self, dir: &Path) -> Result<(), WorldError> {
        write_file(dir, &self.installations)?;
        write_file(dir, &self.devices)?;
        write_file(dir, &self.meters)?;
        write_file(dir, &self.entries)?;
        write_file(dir, &self.hops)?;
        write_file(dir, &self.events)
    }
}

/// A version that lies so many before that of a model.
pub(crate) fn older(model: &DeviceModel, versions: u64) -> DeviceModel {
    let mut older = model.clone();
    if versions > 0 {
        older.firmware = format!("{}-p{versions}", model.firmware);
    }
    older
}

fn names(model: &DeviceModel) -> (&str, &str, &str) {
    (&model.manufacturer, &model.model, &model.firmware)
}

/// Since when something is as it is: before the day of description, differently for each.
pub(super) fn before(day: Date, least: i32, index: usize, spread: i32) -> Date {
    let turn = i32::try_from(index % usize::try_from(spread.max(1)).unwrap_or(1)).unwrap_or(0);
    days_from(day, -(least + turn))
}

fn write_file<R: Record>(dir: &Path, records: &[R]) -> Result<(), WorldError> {
    files::write(&dir.join(R::FILE.name), facts_csv::write(records).as_bytes(), Readers::Anyone)
}
