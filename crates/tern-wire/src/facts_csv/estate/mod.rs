//! The files of an estate: what is to be migrated, and dated events about it (PL).

mod entries;
mod events;
mod parts;

use tern_model::estate::{DeviceRecord, EntryRecord, EventRecord, HopRecord, InstallationRecord, MeterRecord};

use super::record::{FactFile, Record};

/// The files of an estate, in the order of the reference page. They are none of [`super::FILES`]: no rule is handed them.
pub const ESTATE: [FactFile; 6] = [
    <InstallationRecord as Record>::FILE,
    <DeviceRecord as Record>::FILE,
    <MeterRecord as Record>::FILE,
    <EntryRecord as Record>::FILE,
    <HopRecord as Record>::FILE,
    <EventRecord as Record>::FILE,
];
