//! The DCO as a party: judges its Required File Set, opens master keys, makes key packages, and obeys the S1SP's orders for
//! installations that it consented to.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_dco::{Dco, MeterCertificates, Package, Records, Site};
use tern_model::{DeviceId, DeviceKind, Fuel, Mpxn, PartyId, Role, SecretBytes, SetId};
use tern_rules::InstallationHistory;
use tern_store::{Expect, Put, Store, StoreView};
use tern_wire::facts_csv::Subject;
use tern_wire::migration::{CommonInstallation, FileKind, FileName};
use tern_wire::role_link::{DcoOrder, DcoReply, LinkRefusal};
use tern_wire::smki::{Decrypter, Signer, Trust};

use super::history::{self, EXPORT, REFUSED, SET};
use super::required::{self, Keeper};
use super::{Party, Shared, inbox, of_set, s1sp};
use crate::facts::FactsIndex;
use crate::fault::ServiceFault;
use crate::judging::JudgedPart;
use crate::set_files::FileAt;

/// The DCO.
pub struct DcoParty {
    store: Box<dyn Store>,
    signer: Arc<Signer>,
    dco: Dco,
    shared: Shared,
}

impl DcoParty {
    /// A DCO on its store.
    #[must_use]
    pub fn new(store: Box<dyn Store>, signer: Arc<Signer>, dco: Dco, shared: Shared) -> DcoParty {
        let mut party = DcoParty { store, signer, dco, shared };
        party.look_up_anew();
        party
    }

    /// The DCO looks up certificates and registrations in what this role has of them.
    fn look_up_anew(&mut self) {
        let Shared { trust, facts, .. } = &self.shared;
        self.dco.look_up_in(Arc::new(LookedUp { trust: trust.clone(), facts: facts.clone() }));
    }

    /// The private key of its encryption certificate.
    #[must_use]
    pub fn decrypter(&self) -> &Arc<Decrypter> {
        self.dco.decrypter()
    }

    /// Its store, for reading.
    pub(crate) fn view(&self) -> &dyn StoreView {
        &*self.store
    }

    /// Obeys the S1SP's orders; durable when this returns.
    ///
    /// # Errors
    /// The store failed: none was obeyed.
    pub fn obey(
        &mut self,
        orders: &[DcoOrder],
        now: Timestamp,
    ) -> Result<Vec<Result<DcoReply, LinkRefusal>>, ServiceFault> {
        let consented = |store: &dyn Store, order: &DcoOrder| {
            let judged = store.get(SET, &order.set.to_string())?.is_some();
            Ok(judged && store.get(REFUSED, &of_set::key(order.set, order.chf))?.is_none())
        };
        Ok(self.dco.obey(&mut *self.store, orders, &consented, now)?)
    }

    /// Has the credentials count again with which meters came: in a sandbox alone.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn forget_credentials(&mut self, meters: &[DeviceId], now: Timestamp) -> Result<(), ServiceFault> {
        Ok(tern_dco::forget_replaced(&mut *self.store, meters, now)?)
    }

    /// Judges a set once everything that the Required File Set needs is there (15.5).
    fn consider(&mut self, set: SetId) -> Result<(), ServiceFault> {
        required::consider(&mut *self.store, &self.signer, &self.shared, &Keeping(&self.dco), set)
    }
}

/// What the DCO looks up: certificates, and who supplies a metering point.
#[derive(Debug)]
struct LookedUp {
    trust: Arc<Trust>,
    facts: Arc<FactsIndex>,
}

impl Records for LookedUp {
    fn trust(&self) -> Arc<Trust> {
        self.trust.clone()
    }

    fn electricity_supplier(&self, mpan: &Mpxn, on: Date) -> Result<Option<PartyId>, String> {
        let facts = self.facts.slice([Subject::Point(Fuel::Electricity, mpan.clone())]).map_err(|e| e.to_string())?;
        Ok(facts.registration_on(Fuel::Electricity, mpan, on).map(|registration| registration.supplier))
    }
}

/// What the DCO keeps of the installations of a set.
struct Keeping<'a>(&'a Dco);

impl Keeper for Keeping<'_> {
    const ROLE: Role = Role::Dco;
    const NAME: &'static str = "DCO";
    const REQUIRED: &'static [(Role, FileKind)] = &[
        (Role::Dsp, FileKind::MigrationCommonFile),
        (Role::Dsp, FileKind::MigrationCommonValidationFile),
        (Role::RequestingParty, FileKind::MigrationGroupEncryptedFile),
    ];
    const REPORT: FileKind = FileKind::DcoViabilityReport;
    const KINDS: &'static [&'static str] = &[Site::KIND];

    fn decrypter(&self) -> &Arc<Decrypter> {
        self.0.decrypter()
    }

    fn remembers(
        &self,
        store: &dyn StoreView,
        set: SetId,
        installations: &[CommonInstallation],
    ) -> Result<InstallationHistory, ServiceFault> {
        history::of_dco(store, set, installations)
    }

    /// The key package and the devices beside it; none where the plaintext holds no key after all.
    fn keep(&self, set: SetId, part: &JudgedPart, at: usize, _: Timestamp) -> Result<Option<Vec<Put>>, ServiceFault> {
        let Some(Some(Ok(plaintext))) = part.master_keys.get(at) else { return Ok(None) };
        let Some(master) = s1sp::key(&plaintext.master_key) else { return Ok(None) };
        let chf = plaintext.chf_identifier;
        let master = SecretBytes::new(master.expose().to_vec());
        let package = Package::of_file(set, chf, plaintext.device_id, &master, self.0.custody())?;
        let Some(common) = part.common.value().installations.get(at) else { return Ok(None) };
        let site = site_of(set, common);
        let export = format!("{chf}/{}", plaintext.smso_export_reference);
        Ok(Some(vec![package.put(Expect::Any)?, site.put()?, inbox::put(EXPORT, export, Expect::Any, &set)?]))
    }
}

/// An installation as the DCO writes it down of the Common File.
pub(crate) fn site_of(set: SetId, common: &CommonInstallation) -> Site {
    let (chf, devices) = (common.chf_identifier, devices_of(common));
    let meters = std::iter::once(&common.esme).chain(&common.gsme);
    let certificates = meters.map(|meter| MeterCertificates {
        device: meter.device_id,
        supplier: meter.critical_supplier_certificate_id.clone(),
        network_operator: meter.critical_network_operator_certificate_id.clone(),
    });
    let mprn = common.gsme.as_ref().map(|gsme| gsme.mpxn.clone());
    let import_mpan = Some(common.esme.mpxn.clone());
    Site { set, chf, devices, import_mpan, mprn, certificates: certificates.collect() }
}

fn devices_of(common: &CommonInstallation) -> Vec<(DeviceId, DeviceKind)> {
    let ppmids = common.ppmids.iter().map(|ppmid| (ppmid.device_id, DeviceKind::Ppmid));
    let ihds = common.ihds.iter().map(|ihd| (ihd.device_id, DeviceKind::Ihd));
    let gsme = common.gsme.iter().map(|gsme| (gsme.device_id, DeviceKind::Gsme));
    let always = [
        (common.chf_identifier.into(), DeviceKind::Chf),
        (common.gpf.device_id, DeviceKind::Gpf),
        (common.esme.device_id, DeviceKind::Esme),
    ];
    always.into_iter().chain(gsme).chain(ppmids).chain(ihds).collect()
}

impl Party for DcoParty {
    fn role(&self) -> Role {
        Role::Dco
    }

    fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    fn shared(&mut self) -> &mut Shared {
        &mut self.shared
    }

    fn renew(&mut self, trust: Arc<Trust>, facts: Arc<FactsIndex>) {
        self.shared.renew(trust, facts);
        self.look_up_anew();
    }

    fn receive(&mut self, from: Role, file: &FileAt) -> Result<(), ServiceFault> {
        inbox::take_in(&mut *self.store, from, file, self.shared.clock.now())?;
        match file.name.parse() {
            Ok(FileName::OfSet(_, set)) => self.consider(set),
            _ => Ok(()),
        }
    }
}
