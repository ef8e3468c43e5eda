//! Orders from the S1SP, obeyed in batches: one durable transaction for all of them, before any is answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tern_model::Secret;
use tern_store::{AuditEntry, Batch, Expect, Seal, Store, StoreFault};
use tern_wire::device_link::{master_key_proof, wrap_key};
use tern_wire::role_link::{
    AssociationKeyTransfer, DcoOrder, DcoReply, DcoRequest, LinkRefusal, WrappedAssociationKeys, WrappedMasterKey,
};
use tern_wire::smki::Decrypter;

use crate::fault::DcoFault;
use crate::package::{InForce, KIND, Package, PackageState, key};

/// The DCO's keys and orders. Its store is handed in, so that the role that owns it commits other things too.
#[derive(Debug)]
pub struct Dco {
    seal: Seal,
    decrypter: Arc<Decrypter>,
}

/// What an order is told for which there is none.
const NO_CONSENT: &str = "the DCO did not consent to this installation under this file set";

/// A package on its way through a batch.
struct Open {
    package: Package,
    generation: u64,
    changed: bool,
}

impl Dco {
    /// A DCO with its sealing key and the private key of its encryption certificate.
    #[must_use]
    pub fn new(seal: Seal, decrypter: Arc<Decrypter>) -> Dco {
        Dco { seal, decrypter }
    }

    /// The sealing key, for packages of newly admitted installations.
    #[must_use]
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// The private key of the encryption certificate.
    #[must_use]
    pub fn decrypter(&self) -> &Arc<Decrypter> {
        &self.decrypter
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
        let mut open = BTreeMap::new();
        let mut batch = Batch::default();
        let mut answers = Vec::with_capacity(orders.len());
        for order in orders {
            if !consented(store, order)? {
                answers.push(Err(refusal(NO_CONSENT)));
                continue;
            }
            answers.push(match self.package(store, &mut open, order)? {
                Ok(entry) => self.one(order, entry, &mut batch, now)?,
                Err(refusal) => Err(refusal),
            });
        }
        for entry in open.values().filter(|e| e.changed) {
            batch.puts.push(entry.package.put(Expect::Generation(entry.generation))?);
        }
        if !batch.is_empty() {
            store.commit(&batch)?;
        }
        Ok(answers)
    }

    /// The package that an order is about, where the DCO consented to it under the same set.
    fn package<'a>(
        &self,
        store: &dyn Store,
        open: &'a mut BTreeMap<String, Open>,
        order: &DcoOrder,
    ) -> Result<Result<&'a mut Open, LinkRefusal>, DcoFault> {
        let key = key(order.device, order.set);
        if let std::collections::btree_map::Entry::Vacant(place) = open.entry(key.clone()) {
            match store.get(KIND, &key)? {
                Some(record) => {
                    let package = Package::read(&record)?;
                    place.insert(Open { package, generation: record.generation, changed: false });
                }
                None => return Ok(Err(refusal("the DCO holds no key package of this device under this file set"))),
            }
        }
        let entry = open.get_mut(&key).ok_or(DcoFault::Crypto("look-up"))?;
        if entry.package.set != order.set || entry.package.chf != order.chf {
            return Ok(Err(refusal(NO_CONSENT)));
        }
        Ok(Ok(entry))
    }

    fn one(
        &self,
        order: &DcoOrder,
        entry: &mut Open,
        batch: &mut Batch,
        now: Timestamp,
    ) -> Result<Result<DcoReply, LinkRefusal>, DcoFault> {
        let package = &mut entry.package;
        let mut audit = |action: &str| {
            batch.audit.push(AuditEntry {
                at: now,
                actor: "DCO".to_owned(),
                action: action.to_owned(),
                subject: order.device.to_string(),
                evidence: order.set.to_string(),
            });
        };
        Ok(match &order.what {
            DcoRequest::VerifyMasterKey { challenge, proof } => {
                let expect = master_key_proof(&package.smso_master(&self.seal)?, package.device, challenge);
                match aws_lc_rs::constant_time::verify_slices_are_equal(&expect, proof) {
                    Ok(()) => Ok(DcoReply::MasterKeyHolds),
                    Err(_) => Err(refusal("the device does not hold the master key that the migration file gave")),
                }
            }
            DcoRequest::WrapAssociationKeys { sealed } => self.wrap_association_keys(package, sealed)?,
            DcoRequest::PrepareMasterKey => {
                if package.dco_master(&self.seal)?.is_none() {
                    package.set_dco_master(&self.seal, &Secret::new(random()?))?;
                    entry.changed = true;
                    audit("next master key made");
                }
                Ok(DcoReply::MasterKey(self.wrap_master_keys(&entry.package)?))
            }
            DcoRequest::ActivateMasterKey => {
                if package.dco_master(&self.seal)?.is_none() {
                    return Ok(Err(refusal("no next master key was prepared for this device")));
                }
                if package.in_force() != InForce::Dco {
                    package.state = PackageState::Active;
                    entry.changed = true;
                    audit("key package active");
                }
                Ok(DcoReply::Done)
            }
            DcoRequest::RestoreMasterKey => {
                if package.in_force() != InForce::Smso {
                    package.state = PackageState::Retired;
                    entry.changed = true;
                    audit("key package retired, the SMSO's master key in force");
                }
                Ok(DcoReply::Done)
            }
            DcoRequest::MakeCritical { .. }
            | DcoRequest::VerifyCritical { .. }
            | DcoRequest::FillKeyTransfer { .. }
            | DcoRequest::FillMasterKeyTransfer { .. }
            | DcoRequest::Activate { .. }
            | DcoRequest::Join { .. } => Err(refusal("this order is not obeyed yet")),
            DcoRequest::QueryMasterKey => Ok(DcoReply::InForce { dco: package.in_force() == InForce::Dco }),
        })
    }

    fn wrap_association_keys(
        &self,
        package: &Package,
        sealed: &[u8],
    ) -> Result<Result<DcoReply, LinkRefusal>, DcoFault> {
        let Some(keys) =
            self.decrypter.decrypt_oaep_sha1(sealed).ok().and_then(|b| AssociationKeyTransfer::from_bytes(&b))
        else {
            return Ok(Err(refusal("the sealed keys do not open under the DCO's certificate")));
        };
        let master = package.master_in_force(&self.seal)?;
        let wrap = |key| wrap_key(&master, key).ok_or(DcoFault::Crypto("key wrap"));
        Ok(Ok(DcoReply::AssociationKeys(WrappedAssociationKeys {
            new_authentication: wrap(&keys.new.authentication)?,
            new_encryption: wrap(&keys.new.encryption)?,
            smso_authentication: wrap(&keys.smso.authentication)?,
            smso_encryption: wrap(&keys.smso.encryption)?,
        })))
    }

    fn wrap_master_keys(&self, package: &Package) -> Result<WrappedMasterKey, DcoFault> {
        let smso = package.smso_master(&self.seal)?;
        let dco = package.dco_master(&self.seal)?.ok_or(DcoFault::Crypto("key package"))?;
        let challenge = random()?;
        Ok(WrappedMasterKey {
            forward: wrap_key(&smso, &dco).ok_or(DcoFault::Crypto("key wrap"))?,
            back: wrap_key(&dco, &smso).ok_or(DcoFault::Crypto("key wrap"))?,
            challenge,
            proof_dco: master_key_proof(&dco, package.device, &challenge),
            proof_smso: master_key_proof(&smso, package.device, &challenge),
        })
    }
}

fn refusal(reason: &str) -> LinkRefusal {
    LinkRefusal { code: "P-dco-consent".to_owned(), reason: reason.to_owned() }
}

fn random() -> Result<[u8; 16], DcoFault> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| DcoFault::Crypto("random"))?;
    Ok(bytes)
}
