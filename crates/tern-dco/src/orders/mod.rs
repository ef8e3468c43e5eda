//! Orders from the S1SP, obeyed in batches: one durable transaction for all of them, before any is answered.

mod critical;
mod firmware;
mod join;
mod retiring;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::{DeviceId, Eui64, SetId};
use tern_store::{AuditEntry, Batch, Expect, Store, StoreFault, for_each_under};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, LinkRefusal, MasterKeyOf};
use tern_wire::smki::Decrypter;

use crate::custody::{Custody, Keeper};
use crate::fault::DcoFault;
use crate::package::{KIND, KeyVersion, Package, PackageState, key};
use crate::wipe::wipe_stack;

pub use firmware::Records;

/// What the DCO is told of itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its EUI-64: the system title under which it speaks to devices.
    pub title: Eui64,
    /// The day of the Uplift 1.2 system change, from which Joins add a PPMID's keys (CO3).
    pub system_change: Date,
    /// So many days after a device's new master key came into force its old one is kept for the way back.
    pub rollback_days: i32,
}

/// The DCO's keys and orders. Its store is handed in, so that the role that owns it commits other things too.
#[derive(Debug)]
pub struct Dco {
    custody: Keeper,
    decrypter: Arc<Decrypter>,
    settings: Settings,
    records: Option<Arc<dyn Records>>,
}

/// What an order is told for which there is none.
const NO_CONSENT: &str = "the DCO did not consent to this installation under this file set";

/// Whether an order was obeyed, or why not; and beyond that, how the world failed.
type Told = Result<Result<DcoReply, LinkRefusal>, DcoFault>;

/// A package on its way through a batch.
struct Open {
    package: Package,
    expect: Expect,
    changed: bool,
}

/// What a batch of orders reads and changes.
struct Desk<'a> {
    store: &'a dyn Store,
    open: BTreeMap<String, Open>,
    operated: BTreeSet<DeviceId>,
    batch: Batch,
    now: Timestamp,
}

impl Dco {
    /// A DCO with the custody of its key packages and the private key of its encryption certificate.
    #[must_use]
    pub fn new(custody: Keeper, decrypter: Arc<Decrypter>, settings: Settings) -> Dco {
        Dco { custody, decrypter, settings, records: None }
    }

    /// The private key of the encryption certificate.
    #[must_use]
    pub fn decrypter(&self) -> &Arc<Decrypter> {
        &self.decrypter
    }

    /// The custody of the key packages, also for those of newly admitted installations.
    #[must_use]
    pub fn custody(&self) -> &dyn Custody {
        &self.custody
    }

    /// Obeys orders: answers stand in their order, and are given only once their effects are durable. A package alone is no
    /// consent: `consented` says of an order whether the DCO judged its set to the end, and did not refuse the installation.
    ///
    /// # Errors
    /// [`DcoFault`]: none of the orders was obeyed.
    pub fn obey(
        &self,
        store: &mut dyn Store,
        orders: &[DcoOrder],
        consented: &dyn Fn(&dyn Store, &DcoOrder) -> Result<bool, StoreFault>,
        now: Timestamp,
    ) -> Result<Vec<Result<DcoReply, LinkRefusal>>, DcoFault> {
        let outcome = self.answers(store, orders, consented, now);
        wipe_stack();
        let (answers, batch) = outcome?;
        if !batch.is_empty() {
            store.commit(&batch)?;
        }
        Ok(answers)
    }

    /// The answers, and what must be durable before they are given.
    fn answers(
        &self,
        store: &dyn Store,
        orders: &[DcoOrder],
        consented: &dyn Fn(&dyn Store, &DcoOrder) -> Result<bool, StoreFault>,
        now: Timestamp,
    ) -> Result<(Vec<Result<DcoReply, LinkRefusal>>, Batch), DcoFault> {
        let mut desk = Desk { store, open: BTreeMap::new(), operated: BTreeSet::new(), batch: Batch::default(), now };
        desk.destroy_what_is_due()?;
        let mut answers = Vec::with_capacity(orders.len());
        for order in orders {
            answers.push(match consented(store, order)? {
                true => self.one(order, &mut desk)?,
                false => Err(no_consent(NO_CONSENT)),
            });
        }
        Ok((answers, desk.close()?))
    }

    fn one(&self, order: &DcoOrder, desk: &mut Desk<'_>) -> Told {
        let Some(open) = desk.package(order.device, order.set)? else {
            return Ok(Err(no_package(order)));
        };
        let package = &mut open.package;
        if package.set != order.set || package.chf != order.chf {
            return Ok(Err(no_consent(NO_CONSENT)));
        }
        let dco = package.in_force() == MasterKeyOf::Dco;
        if is_key_operation(&order.what) && !desk.operated.insert(order.device) {
            return Ok(Err(one_operation()));
        }
        match &order.what {
            DcoRequest::QueryMasterKey => Ok(Ok(DcoReply::InForce { dco })),
            DcoRequest::RestoreMasterKey => self.restore(order, desk),
            DcoRequest::MakeCritical { instruction, under, not_below } => {
                self.make_critical(order, desk, instruction, (*under, *not_below))
            }
            DcoRequest::VerifyCritical { under, answer } => {
                self.verify_critical(order, desk, *under, (answer, critical::Says::DeviceIdOrDone))
            }
            DcoRequest::FillKeyTransfer { instruction, sealed } => {
                self.fill_key_transfer(order, desk, instruction, sealed)
            }
            DcoRequest::PrepareMasterKey => self.prepare_master_key(order, desk),
            DcoRequest::FillMasterKeyTransfer { instruction, under, not_below } => {
                self.fill_master_key_transfer(order, desk, instruction, (*under, *not_below))
            }
            DcoRequest::Activate { evidence } => self.activate_by(order, desk, evidence),
            DcoRequest::Join { devices } => self.join(order, desk, devices),
            DcoRequest::ActivateFirmware { document, instruction, not_below } => {
                self.activate_firmware(order, desk, document, (instruction, *not_below))
            }
        }
    }

    /// The DCO's master key is in force at the device: so are the packages of what was joined with it.
    fn activate(&self, order: &DcoOrder, desk: &mut Desk<'_>) -> Told {
        let package = &mut desk.held(order)?.package;
        let Some(version) = package.version(MasterKeyOf::Dco) else {
            return Ok(Err(no_consent("no next master key was prepared for this device")));
        };
        if version.state == PackageState::Retired {
            return Ok(Err(no_consent("this device went back to the SMSO: a new file set is needed")));
        }
        desk.retire_later(order, self.settings.rollback_days)?;
        self.put_in_force(order, desk, MasterKeyOf::Dco, "key package active")
    }

    fn restore(&self, order: &DcoOrder, desk: &mut Desk<'_>) -> Told {
        let package = &desk.held(order)?.package;
        if package.version(MasterKeyOf::Smso).and_then(KeyVersion::kek).is_none() {
            return Ok(Err(no_consent("the rollback window is over: the SMSO's master key was destroyed")));
        }
        self.put_in_force(order, desk, MasterKeyOf::Smso, "key package retired, the SMSO's master key in force")
    }

    fn put_in_force(&self, order: &DcoOrder, desk: &mut Desk<'_>, of: MasterKeyOf, action: &str) -> Told {
        let open = desk.held(order)?;
        if open.package.in_force() != of {
            open.changed |= open.package.put_in_force(of);
            desk.note(order, action);
        }
        desk.with_joined(order, |joined| joined.put_in_force(of))?;
        Ok(Ok(DcoReply::Done))
    }
}

impl Desk<'_> {
    /// The package of a device under a set, where there is one.
    fn package(&mut self, device: DeviceId, set: SetId) -> Result<Option<&mut Open>, DcoFault> {
        let key = key(device, set);
        if !self.open.contains_key(&key) {
            let Some(record) = self.store.get(KIND, &key)? else { return Ok(None) };
            let package = Package::read(&record)?;
            let expect = Expect::Generation(record.generation);
            self.open.insert(key.clone(), Open { package, expect, changed: false });
        }
        Ok(self.open.get_mut(&key))
    }

    /// The highest invocation counters of a device's critical keys, used and heard, in packages other than this set's: the
    /// device counts once, whatever the set, and the SMSO's master key may come again with the same keys.
    fn counters_elsewhere(&self, order: &DcoOrder) -> Result<(u32, u32), DcoFault> {
        let mut highest = (0, 0);
        for_each_under(self.store, KIND, &format!("{}/", order.device), |record| {
            let package = Package::read(record)?;
            if package.set != order.set {
                let (used, heard) = package.highest_counters();
                highest = (highest.0.max(used), highest.1.max(heard));
            }
            Ok::<_, DcoFault>(())
        })?;
        Ok(highest)
    }

    /// The package that an order is about, which is there.
    fn held(&mut self, order: &DcoOrder) -> Result<&mut Open, DcoFault> {
        self.package(order.device, order.set)?.ok_or(DcoFault::Crypto("look-up"))
    }

    /// Puts in a package that is not there yet.
    fn insert(&mut self, package: Package) {
        let key = key(package.device, package.set);
        self.open.insert(key, Open { package, expect: Expect::Absent, changed: true });
    }

    fn note(&mut self, order: &DcoOrder, action: &str) {
        self.batch.audit.push(AuditEntry {
            at: self.now,
            actor: "DCO".to_owned(),
            action: action.to_owned(),
            subject: order.device.to_string(),
            evidence: order.set.to_string(),
        });
    }

    /// What must be durable.
    fn close(self) -> Result<Batch, DcoFault> {
        let mut batch = self.batch;
        for open in self.open.values().filter(|open| open.changed) {
            batch.puts.push(open.package.put(open.expect)?);
        }
        Ok(batch)
    }
}

/// Whether an order begins or ends something that is done with a device's keys: one of them a device at a time.
fn is_key_operation(what: &DcoRequest) -> bool {
    matches!(
        what,
        DcoRequest::FillKeyTransfer { .. }
            | DcoRequest::PrepareMasterKey
            | DcoRequest::FillMasterKeyTransfer { .. }
            | DcoRequest::Activate { .. }
            | DcoRequest::RestoreMasterKey
    )
}

fn no_package(order: &DcoOrder) -> LinkRefusal {
    let why = "the DCO holds no key package of this device under this file set";
    match order.what {
        DcoRequest::ActivateFirmware { .. } => refusal(firmware::KEYS, why),
        _ => no_consent(why),
    }
}

fn no_consent(reason: &str) -> LinkRefusal {
    refusal("P-dco-consent", reason)
}

fn one_operation() -> LinkRefusal {
    refusal("P-dco-one-operation", "another operation on the keys of this device is under way")
}

fn refusal(code: &str, reason: impl Into<String>) -> LinkRefusal {
    LinkRefusal { code: code.to_owned(), reason: reason.into() }
}
