//! What an estate's files say of one installation of the corpus.

use tern_model::estate::{DeviceRecord, EventKind, EventRecord, InstallationRecord, MeterRecord};
use tern_model::facts::{PaymentMode, SourceRow};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, DeviceModel, InstallationState, MeterState, PartyId};

use super::super::described::{self, Described};
use super::super::supply::Supply;
use super::super::{Plan, SUPPLIER_WITHOUT_CERTIFICATE, SmsoParty};
use super::{Site, authorised_until};

/// Installations are so old at least, in days, and meters so long in their state; the rest differs from one to the other.
const INSTALLED: (i32, i32) = (900, 700);
const SINCE: (i32, i32) = (40, 300);

impl Site {
    /// Adds the installation to the estate.
    pub(super) fn describe(&self, plan: &Plan<'_>, smso: &SmsoParty, index: usize, into: &mut Described) {
        let (row, chf) = (SourceRow::default(), ChfIdentifier(self.ids.chf.0));
        into.installations.push(InstallationRecord {
            row,
            chf,
            group: self.group,
            smso: smso.name.clone(),
            communications_provider: self.provider.name.to_owned(),
            installing_supplier: described::installing_supplier(plan, index),
            installed_on: described::before(plan.day, INSTALLED.0, index, INSTALLED.1),
        });
        let mut device = |device: DeviceId, kind, model: &DeviceModel| {
            into.devices.push(DeviceRecord { row, device, chf, kind, model: model.clone() });
        };
        device(self.ids.chf, DeviceKind::Chf, &self.chf_model);
        device(self.ids.esme, DeviceKind::Esme, &self.esme_model);
        if let Some(gas) = &self.gas {
            device(self.ids.gsme, DeviceKind::Gsme, &gas.model);
        }
        self.ppmids.iter().for_each(|ppmid| device(ppmid.device_id, DeviceKind::Ppmid, &ppmid.model));
        self.describe_meter(plan, index, (self.ids.esme, self.esme_state, &self.electricity), into);
        if let Some(gas) = &self.gas {
            self.describe_meter(plan, index, (self.ids.gsme, gas.state, &gas.supply), into);
        }
        self.describe_answers(plan, into);
    }

    /// A meter with the supplier of the day of description; changes that come are known from then on.
    fn describe_meter(
        &self,
        plan: &Plan<'_>,
        index: usize,
        (device, service, supply): (DeviceId, MeterState, &Supply),
        into: &mut Described,
    ) {
        let (come, to_come): (Vec<_>, Vec<_>) =
            supply.registrations.iter().partition(|registration| registration.effective_from <= plan.day);
        let Some(now) = come.last() else { return };
        into.meters.push(MeterRecord {
            row: SourceRow::default(),
            device,
            mpxn: now.mpxn.clone(),
            supplier: now.supplier,
            service,
            since: described::before(plan.day, SINCE.0, index, SINCE.1),
            payment_mode: PaymentMode::Credit,
        });
        into.events.extend(to_come.into_iter().map(|change| EventRecord {
            mpxn: Some(change.mpxn.clone()),
            supplier: Some(change.supplier),
            effective: Some(change.effective_from),
            ..EventRecord::new(plan.day, EventKind::ChangeOfSupplier)
        }));
    }

    /// What suppliers answer: those of Dormant installations give certificates, where they have some (PL11); those of Active
    /// Meters authorise (PL5), as the records say.
    fn describe_answers(&self, plan: &Plan<'_>, into: &mut Described) {
        let supplies = std::iter::once(&self.electricity).chain(self.gas.iter().map(|gas| &gas.supply));
        let mut suppliers: Vec<PartyId> = supplies.flat_map(|supply| supply.suppliers.iter().copied()).collect();
        suppliers.sort_unstable();
        suppliers.dedup();
        let kind = match self.state() {
            InstallationState::Dormant => {
                suppliers.retain(|supplier| *supplier != SUPPLIER_WITHOUT_CERTIFICATE);
                EventKind::CertificatesSupplied
            }
            InstallationState::Active | InstallationState::Mixed => EventKind::Authorised,
        };
        let until = (kind == EventKind::Authorised).then(|| authorised_until(plan).to_string());
        into.events.extend(suppliers.into_iter().map(|supplier| EventRecord {
            chf: Some(ChfIdentifier(self.ids.chf.0)),
            supplier: Some(supplier),
            value: until.clone(),
            ..EventRecord::new(plan.day, kind)
        }));
    }
}
