//! The estate: what is to be migrated, in so few bytes that a million installations fit in memory with their plan.
//!
//! Rows come in through [`EstateBuilder`], in any order; what fits together becomes an [`Estate`], and an installation about
//! which rows contradict one another is set aside whole. This module must never guess which of two rows is right.

mod aside;
mod builder;
mod catalogue;
mod entries;
mod event;
mod finding;
mod holders;
mod ids;
mod parts;
mod place;
mod read;
mod sequence;
mod settle;

use tern_model::{ChfIdentifier, DeviceId, InstallationState, MeterState, Mpxn};

pub use builder::{AsOf, EstateBuilder};
pub use catalogue::Catalogue;
pub use event::{EntryStep, Event, What};
pub use finding::{Finding, FindingKind, Findings};
pub use holders::Holders;
pub use ids::{DeviceIx, EntryIx, HardwareIx, InstallationIx, MeterIx, ModelIx, NameIx, SupplierIx};
pub use parts::{Combination, Device, Entry, Hop, Installation, Meter, Point};
pub use read::{EVENTS_FILE, EstateFile};

use aside::NotUsed;
use settle::Settled;

/// What is to be migrated. Installations stand in the order of their CHF identifiers, and devices and meters in the order of
/// their installations.
#[derive(Debug, Clone, Default)]
pub struct Estate {
    catalogue: Catalogue,
    installations: Vec<Installation>,
    devices: Vec<Device>,
    meters: Vec<Meter>,
    /// Devices in the order of their IDs.
    by_id: Vec<DeviceIx>,
    /// Meters in the order of their metering points.
    by_point: Vec<MeterIx>,
    entries: Vec<Entry>,
    hops: Vec<Hop>,
    set_aside: Vec<ChfIdentifier>,
    not_used: NotUsed,
    /// How many models the description names: those of events come behind them.
    described_models: usize,
}

impl Estate {
    /// Begins an estate.
    #[must_use]
    pub fn builder() -> EstateBuilder {
        EstateBuilder::default()
    }

    fn of(settled: Settled, entries: Vec<Entry>, hops: Vec<Hop>) -> Estate {
        let Settled { catalogue, installations, devices, meters, set_aside, not_used } = settled;
        let mut by_id: Vec<DeviceIx> = (0..devices.len()).map(DeviceIx::of).collect();
        by_id.sort_unstable_by_key(|device| devices[device.at()].id);
        let mut by_point: Vec<MeterIx> = (0..meters.len()).map(MeterIx::of).collect();
        by_point.sort_unstable_by_key(|meter| meters[meter.at()].point);
        let described_models = catalogue.model_count();
        Estate {
            catalogue,
            installations,
            devices,
            meters,
            by_id,
            by_point,
            entries,
            hops,
            set_aside,
            not_used,
            described_models,
        }
    }

    /// Names, suppliers and models.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Every installation that is planned for.
    #[must_use]
    pub fn installations(&self) -> &[Installation] {
        &self.installations
    }

    /// Every device of those installations.
    #[must_use]
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// Every meter of those installations.
    #[must_use]
    pub fn meters(&self) -> &[Meter] {
        &self.meters
    }

    /// Every entry planned for the EPCL.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Every hop of an upgrade path.
    #[must_use]
    pub fn hops(&self) -> &[Hop] {
        &self.hops
    }

    /// The installations that the rows speak of and that cannot be planned for, in order.
    #[must_use]
    pub fn set_aside(&self) -> &[ChfIdentifier] {
        &self.set_aside
    }

    /// Whether rows describe the hub of an installation that cannot be planned for.
    #[must_use]
    pub fn is_set_aside(&self, chf: ChfIdentifier) -> bool {
        self.not_used.hubs.contains(&chf)
    }

    /// An installation.
    ///
    /// # Panics
    /// The index is another estate's.
    #[must_use]
    pub fn installation(&self, installation: InstallationIx) -> &Installation {
        &self.installations[installation.at()]
    }

    /// The hub of an installation.
    #[must_use]
    pub fn hub_of(&self, installation: InstallationIx) -> DeviceIx {
        self.installation(installation).first_device
    }

    /// Devices of an installation: the hub first, then GPF, ESME, GSME, and what else there is.
    #[must_use]
    pub fn devices_of(&self, installation: InstallationIx) -> &[Device] {
        let of = self.installation(installation);
        &self.devices[of.first_device.at()..][..usize::from(of.devices)]
    }

    /// Meters of an installation: the electricity meter first, then the gas meter where there is one.
    #[must_use]
    pub fn meters_of(&self, installation: InstallationIx) -> &[Meter] {
        let of = self.installation(installation);
        &self.meters[of.first_meter.at()..][..usize::from(of.meters)]
    }

    /// The meter that stands at a place among those of an installation.
    #[must_use]
    pub fn meter_at(&self, installation: InstallationIx, place: usize) -> MeterIx {
        MeterIx::of(self.installation(installation).first_meter.at() + place)
    }

    /// Models and provider of an installation, with the firmware that was on its devices when the estate was described.
    #[must_use]
    pub fn combination(&self, installation: InstallationIx) -> Combination {
        let meters = self.meters_of(installation);
        let model = |device: DeviceIx| self.devices[device.at()].model;
        let of = self.installation(installation);
        Combination {
            chf: model(of.first_device),
            esme: model(meters[0].device),
            gsme: meters.get(1).map(|meter| model(meter.device)),
            provider: of.provider,
        }
    }

    /// Active, Dormant or Mixed, as it was when the estate was described.
    #[must_use]
    pub fn state(&self, installation: InstallationIx) -> InstallationState {
        let services: Vec<MeterState> = self.meters_of(installation).iter().map(|meter| meter.service).collect();
        InstallationState::of(services[0], services.get(1).copied())
    }

    /// The installation of a hub.
    #[must_use]
    pub fn find_installation(&self, chf: ChfIdentifier) -> Option<InstallationIx> {
        self.installations.binary_search_by_key(&chf, |of| of.chf).ok().map(InstallationIx::of)
    }

    /// The device of an ID.
    #[must_use]
    pub fn find_device(&self, id: DeviceId) -> Option<DeviceIx> {
        let at = self.by_id.binary_search_by_key(&id, |device| self.devices[device.at()].id).ok()?;
        Some(self.by_id[at])
    }

    /// The meter at a metering point.
    #[must_use]
    pub fn find_point(&self, mpxn: &Mpxn) -> Option<MeterIx> {
        let point = Point::from(mpxn);
        let at = self.by_point.binary_search_by_key(&point, |meter| self.meters[meter.at()].point).ok()?;
        Some(self.by_point[at])
    }

    /// The meter that a device is.
    #[must_use]
    pub fn meter_of(&self, device: DeviceIx) -> Option<MeterIx> {
        let first = self.installation(self.devices.get(device.at())?.installation).first_meter.at();
        let installation = self.devices[device.at()].installation;
        let at = self.meters_of(installation).iter().position(|meter| meter.device == device)?;
        Some(MeterIx::of(first + at))
    }

    /// The entry of a short name.
    #[must_use]
    pub fn find_entry(&self, name: &str) -> Option<EntryIx> {
        self.catalogue.find_name(name).and_then(|name| entries::find(&self.entries, name))
    }
}
