//! Orders from the S1SP, obeyed in batches: one durable transaction for all of them, before any is answered.

mod credentials;
mod critical;
mod desk;
mod firmware;
mod footing;
mod join;
mod operation;
mod retiring;
mod service;
mod transfer;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::Eui64;
use tern_store::{Batch, Store, StoreFault};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, LinkRefusal, MasterKeyOf};
use tern_wire::smki::Decrypter;

use crate::custody::{Custody, Keeper};
use crate::fault::DcoFault;
use crate::package::{KIND, Package, PackageState, key};
use crate::refusal::Refused;
use crate::wipe::wipe_stack;
use desk::Desk;

pub use credentials::forget_replaced;
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

/// What is told of a set by which a device went back.
const WENT_BACK: &str = "this device went back to the SMSO: a new file set is needed";

/// Whether an order was obeyed, or why not; and beyond that, how the world failed.
type Told = Result<Result<DcoReply, LinkRefusal>, DcoFault>;

/// So many packages are looked at to tell one that cannot be used from a custody that cannot.
const OTHERS: usize = 16;

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
    /// [`DcoFault`]: none of the orders was obeyed. A package that cannot be used is no fault where others can: its own orders
    /// are refused.
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
        let mut desk = Desk::new(store, now);
        desk.destroy_what_is_due()?;
        let mut answers = Vec::with_capacity(orders.len());
        for order in orders {
            desk.begin();
            let answer = match consented(store, order)? {
                true => self.one_or_none(order, &mut desk)?,
                false => Err(no_consent(NO_CONSENT)),
            };
            if let Err(refusal) = &answer {
                desk.note(order, &format!("order refused under {}: {}", refusal.code, refusal.reason));
            }
            answers.push(answer);
        }
        Ok((answers, desk.close()?))
    }

    /// Obeys one order; where its device's own package cannot be used, it is refused and leaves nothing behind.
    fn one_or_none(&self, order: &DcoOrder, desk: &mut Desk<'_>) -> Told {
        self.one(order, desk).or_else(|fault| {
            desk.forget();
            if !fault.is_of_one_record() || !self.opens_another(desk.store, order)? {
                return Err(fault);
            }
            desk.note(order, &format!("a record cannot be used: {fault}"));
            Ok(Err(Refused::Record.because("the DCO's own record of this device cannot be used")))
        })
    }

    /// Whether a package of another device opens: else it is not one package that fails, but what they all need.
    fn opens_another(&self, store: &dyn Store, order: &DcoOrder) -> Result<bool, DcoFault> {
        let packages = store.scan(KIND, None, OTHERS)?;
        let others = packages.iter().filter(|(name, _)| *name != key(order.device, order.set));
        Ok(others.filter_map(|(_, record)| Package::read(record).ok()).any(|other| other.opens(&self.custody)))
    }

    fn one(&self, order: &DcoOrder, desk: &mut Desk<'_>) -> Told {
        let Some(open) = desk.package(footing::keeper(order, desk)?, order.set)? else {
            return Ok(Err(no_package(order)));
        };
        let package = &open.package;
        if package.set != order.set || package.chf != order.chf {
            return Ok(Err(no_consent(NO_CONSENT)));
        }
        match &order.what {
            DcoRequest::QueryMasterKey => Ok(Ok(standing(package))),
            DcoRequest::RestoreMasterKey { evidence } => self.restore_by(order, desk, evidence),
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
            DcoRequest::ServiceRequest { document, instruction, not_below } => {
                self.service_request(order, desk, document, (instruction, *not_below))
            }
            DcoRequest::Credentials { document } => self.replace_credentials(order, desk, document),
            DcoRequest::VerifyServiceAnswer { answer } => self.verify_service_answer(order, desk, answer),
        }
    }

    /// The DCO's master key is in force at the device: so are the packages of what was joined with it.
    fn activate(&self, order: &DcoOrder, desk: &mut Desk<'_>) -> Told {
        let package = &mut desk.held(order)?.package;
        let Some(version) = package.version(MasterKeyOf::Dco) else {
            return Ok(Err(no_consent("no next master key was prepared for this device")));
        };
        if version.state == PackageState::Retired {
            return Ok(Err(no_consent(WENT_BACK)));
        }
        desk.retire_later(order, self.settings.rollback_days)?;
        self.put_in_force(order, desk, MasterKeyOf::Dco, "key package active")
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

/// Where a package stands, as far as the S1SP needs to know.
fn standing(package: &Package) -> DcoReply {
    let next = package.version(MasterKeyOf::Dco).is_some_and(|version| version.state != PackageState::Retired);
    DcoReply::InForce { dco: package.in_force() == MasterKeyOf::Dco, next }
}

fn no_package(order: &DcoOrder) -> LinkRefusal {
    let why = "the DCO holds no key package of this device under this file set";
    match order.what {
        DcoRequest::ActivateFirmware { .. } | DcoRequest::ServiceRequest { .. } => Refused::KeyPackage.because(why),
        _ => no_consent(why),
    }
}

fn no_consent(reason: &str) -> LinkRefusal {
    Refused::Consent.because(reason)
}
