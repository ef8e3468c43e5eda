//! Facts: what the DCC's records say about the world, handed to the rules beside the document.
//!
//! A fact that is not there is not a fact in favour: rules answer FACTS MISSING. Nothing here decides anything.

mod events;
mod records;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

pub use events::{MeterEvent, MeterEventKind, MeterName, PaymentMode, TopUpResult};
pub use records::{
    Authorisation, EpclEntry, EpclState, Exclusion, ExclusionCategory, InstallingSupplier, InventoryRecord, Notice,
    NoticeKind, NoticeState, Registration, RollbackCertificate, SimRecord, SmsoConfiguration, SourceRow,
};

use crate::{ChfIdentifier, DeviceId, Fuel, Mpxn};

/// All records of one snapshot, indexed by what rules ask for.
///
/// A kind whose file was not given at all is told apart from one that is empty: see [`Facts::given`].
#[derive(Debug, Clone, Default)]
pub struct Facts {
    registration: HashMap<(Fuel, Mpxn), Vec<Registration>>,
    /// Shared: it is the same for every run of installations, and a copy of these facts copies all else.
    epcl: Arc<Vec<EpclEntry>>,
    inventory: HashMap<DeviceId, InventoryRecord>,
    inventory_by_hub: HashMap<ChfIdentifier, Vec<DeviceId>>,
    authorisations: HashMap<ChfIdentifier, Vec<Authorisation>>,
    notices: HashMap<ChfIdentifier, Vec<Notice>>,
    exclusions: HashMap<ChfIdentifier, Vec<Exclusion>>,
    sims: HashMap<ChfIdentifier, SimRecord>,
    smso_configuration: HashMap<ChfIdentifier, SmsoConfiguration>,
    rollback_certificates: HashMap<ChfIdentifier, Vec<RollbackCertificate>>,
    installing_suppliers: HashMap<DeviceId, InstallingSupplier>,
    given: Vec<&'static str>,
}

impl Facts {
    /// Says that the records named `file` (for example `registration.csv`) were given, even where there are none.
    pub fn mark_given(&mut self, file: &'static str) {
        if !self.given.contains(&file) {
            self.given.push(file);
        }
    }

    /// Whether the records named `file` were given.
    #[must_use]
    pub fn given(&self, file: &str) -> bool {
        self.given.contains(&file)
    }

    /// Every registration of a metering point, in order of effective day.
    #[must_use]
    pub fn registrations(&self, fuel: Fuel, mpxn: &Mpxn) -> &[Registration] {
        self.registration.get(&(fuel, mpxn.clone())).map_or(&[], Vec::as_slice)
    }

    /// The registration in force on a day.
    #[must_use]
    pub fn registration_on(&self, fuel: Fuel, mpxn: &Mpxn, day: Date) -> Option<&Registration> {
        self.registrations(fuel, mpxn).iter().rev().find(|r| r.effective_from <= day)
    }

    /// Every EPCL entry.
    #[must_use]
    pub fn epcl(&self) -> &[EpclEntry] {
        &self.epcl
    }

    /// What the Smart Metering Inventory holds of a device.
    #[must_use]
    pub fn inventory(&self, device: DeviceId) -> Option<&InventoryRecord> {
        self.inventory.get(&device)
    }

    /// What the Smart Metering Inventory holds behind a hub, the CHF among it.
    pub fn inventory_of(&self, chf: ChfIdentifier) -> impl Iterator<Item = &InventoryRecord> {
        let devices = self.inventory_by_hub.get(&chf).map_or(&[][..], Vec::as_slice);
        devices.iter().filter_map(|d| self.inventory.get(d))
    }

    /// Authorisations that name the installation.
    #[must_use]
    pub fn authorisations(&self, chf: ChfIdentifier) -> &[Authorisation] {
        self.authorisations.get(&chf).map_or(&[], Vec::as_slice)
    }

    /// Notices that name the installation.
    #[must_use]
    pub fn notices(&self, chf: ChfIdentifier) -> &[Notice] {
        self.notices.get(&chf).map_or(&[], Vec::as_slice)
    }

    /// Exclusions that name the installation.
    #[must_use]
    pub fn exclusions(&self, chf: ChfIdentifier) -> &[Exclusion] {
        self.exclusions.get(&chf).map_or(&[], Vec::as_slice)
    }

    /// The hub's SIM.
    #[must_use]
    pub fn sim(&self, chf: ChfIdentifier) -> Option<&SimRecord> {
        self.sims.get(&chf)
    }

    /// The SMSO's configuration of hub and SIM (15.2).
    #[must_use]
    pub fn smso_configuration(&self, chf: ChfIdentifier) -> Option<&SmsoConfiguration> {
        self.smso_configuration.get(&chf)
    }

    /// Certificates to restore communication after a rollback (5.1(c)).
    #[must_use]
    pub fn rollback_certificates(&self, chf: ChfIdentifier) -> &[RollbackCertificate] {
        self.rollback_certificates.get(&chf).map_or(&[], Vec::as_slice)
    }

    /// The Installing Supplier of a gas meter (3.25).
    #[must_use]
    pub fn installing_supplier(&self, gsme: DeviceId) -> Option<&InstallingSupplier> {
        self.installing_suppliers.get(&gsme)
    }

    /// Adds a registration.
    pub fn add_registration(&mut self, row: Registration) {
        let rows = self.registration.entry((row.fuel, row.mpxn.clone())).or_default();
        let at = rows.partition_point(|r| r.effective_from <= row.effective_from);
        rows.insert(at, row);
    }

    /// Adds an EPCL entry.
    pub fn add_epcl(&mut self, row: EpclEntry) {
        Arc::make_mut(&mut self.epcl).push(row);
    }

    /// Adds or replaces an inventory record.
    pub fn add_inventory(&mut self, row: InventoryRecord) {
        self.remove_inventory(row.device);
        self.inventory_by_hub.entry(row.chf).or_default().push(row.device);
        self.inventory.insert(row.device, row);
    }

    /// Takes an inventory record out.
    pub fn remove_inventory(&mut self, device: DeviceId) {
        if let Some(old) = self.inventory.remove(&device) {
            self.inventory_by_hub.entry(old.chf).or_default().retain(|d| *d != device);
        }
    }

    /// Adds an authorisation.
    pub fn add_authorisation(&mut self, row: Authorisation) {
        self.authorisations.entry(row.chf).or_default().push(row);
    }

    /// Adds a notice.
    pub fn add_notice(&mut self, row: Notice) {
        self.notices.entry(row.chf).or_default().push(row);
    }

    /// Adds an exclusion.
    pub fn add_exclusion(&mut self, row: Exclusion) {
        self.exclusions.entry(row.chf).or_default().push(row);
    }

    /// Adds or replaces a SIM record.
    pub fn add_sim(&mut self, row: SimRecord) {
        self.sims.insert(row.chf, row);
    }

    /// Adds or replaces an SMSO configuration record.
    pub fn add_smso_configuration(&mut self, row: SmsoConfiguration) {
        self.smso_configuration.insert(row.chf, row);
    }

    /// Adds a rollback certificate.
    pub fn add_rollback_certificate(&mut self, row: RollbackCertificate) {
        self.rollback_certificates.entry(row.chf).or_default().push(row);
    }

    /// Adds or replaces an Installing Supplier.
    pub fn add_installing_supplier(&mut self, row: InstallingSupplier) {
        self.installing_suppliers.insert(row.device, row);
    }
}
