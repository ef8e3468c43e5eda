//! A plan's lines in words that mean the same beside any estate: what is kept on disk, shown and compared.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::{DeviceId, DeviceKind, Fuel, PartyId};

use super::{End, Step, What};
use crate::estate::{DeviceIx, EntryIx, Estate, MeterIx, ModelIx, SupplierIx};

/// A meter by its metering point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MeterName {
    /// Which supply; says MPAN or MPRN.
    pub fuel: Fuel,
    /// The digits.
    pub mpxn: String,
}

/// A device by its ID.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeviceName {
    /// What it is.
    pub kind: DeviceKind,
    /// Its Device ID.
    pub id: DeviceId,
}

/// What is done, in names; a version is its firmware, an entry its short name, a reason its text.
pub type Named = What<PartyId, MeterName, DeviceName, String, String, String>;

/// One line of an installation's story, in names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Line {
    /// The day.
    pub day: Date,
    /// What is done on it.
    pub what: Named,
}

impl Line {
    /// A step of a plan of an estate.
    #[must_use]
    pub fn of(step: &Step, estate: &Estate) -> Line {
        Line { day: step.day, what: Names { estate }.of(step.what) }
    }

    /// Where a story ends.
    #[must_use]
    pub fn end(story: &[Line]) -> End {
        story.iter().fold(End::UnderWay, |end, line| end.after(line.day, &line.what))
    }
}

struct Names<'e> {
    estate: &'e Estate,
}

impl Names<'_> {
    fn of(&self, what: What) -> Named {
        match what {
            What::Awaits(awaited) => What::Awaits(awaited),
            What::Notice { of, to, working_days, dormancy, earliest } => {
                What::Notice { of, to: self.supplier(to), working_days, dormancy, earliest }
            }
            What::NoticeToNew { of, meter, to, effective } => {
                What::NoticeToNew { of, meter: self.meter(meter), to: self.supplier(to), effective }
            }
            What::CertificatesAsked(until) => What::CertificatesAsked(until),
            What::TurnedActive => What::TurnedActive,
            What::TurnedDormant => What::TurnedDormant,
            What::Decided(after) => What::Decided(after),
            What::Authorised => What::Authorised,
            What::AuthorisationEnded(last) => What::AuthorisationEnded(last),
            What::HopBegun { device, to, entry, why } => {
                What::HopBegun { device: self.device(device), to: self.firmware(to), entry: self.entry(entry), why }
            }
            What::Withdrawn => What::Withdrawn,
            What::Stands => What::Stands,
            What::HopDone { device, to } => What::HopDone { device: self.device(device), to: self.firmware(to) },
            What::FirmwareRecorded { device, to } => {
                What::FirmwareRecorded { device: self.device(device), to: self.firmware(to) }
            }
            What::ConfigurationBegun => What::ConfigurationBegun,
            What::ConfigurationDone => What::ConfigurationDone,
            What::ConfigurationRecorded => What::ConfigurationRecorded,
            What::Ready => What::Ready,
            What::Migration(supplier) => What::Migration(self.supplier(supplier)),
            What::NullCertificate(meter) => What::NullCertificate(self.meter(meter)),
            What::Left { meter, to, effective } => {
                What::Left { meter: self.meter(meter), to: self.supplier(to), effective }
            }
            What::AttemptFailed { attempts, why } => {
                let why = why.map(|why| self.estate.catalogue().text(why).to_owned());
                What::AttemptFailed { attempts, why }
            }
            What::Excluded(why) => What::Excluded(why),
            What::GasExcluded(row) => What::GasExcluded(row),
            What::ExclusionEnded { category, row } => What::ExclusionEnded { category, row },
            What::PlannedAnew => What::PlannedAnew,
        }
    }

    fn supplier(&self, supplier: SupplierIx) -> PartyId {
        self.estate.catalogue().supplier_id(supplier)
    }

    fn meter(&self, meter: MeterIx) -> MeterName {
        let of = &self.estate.meters()[meter.at()];
        let first = self.estate.meters_of(of.installation).first().map(|first| first.device);
        let fuel = if first == Some(of.device) { Fuel::Electricity } else { Fuel::Gas };
        MeterName { fuel, mpxn: of.point.to_string() }
    }

    fn device(&self, device: DeviceIx) -> DeviceName {
        let of = &self.estate.devices()[device.at()];
        DeviceName { kind: of.kind, id: of.id }
    }

    fn firmware(&self, model: ModelIx) -> String {
        self.estate.catalogue().model_text(model).firmware
    }

    fn entry(&self, entry: EntryIx) -> String {
        self.estate.catalogue().text(self.estate.entries()[entry.at()].name).to_owned()
    }
}
