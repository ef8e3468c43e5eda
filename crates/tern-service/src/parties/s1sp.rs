//! The SMETS1 Service Provider: judges its Required File Set, opens what was encrypted to it, and holds the installations
//! that the executor commissions.

use std::sync::Arc;

use jiff::Timestamp;
use tern_cohorts::{Expected, GasMeter, Memory, PinRevision, Plan, Supply};
use tern_flow::Migration;
use tern_model::{ChfIdentifier, DeviceKind, Fuel, Role, Secret, SetId};
use tern_rules::InstallationHistory;
use tern_store::{AuditEntry, Batch, Expect, Put, Seal, Store, StoreView};
use tern_wire::migration::{
    CommissioningFile, CommonInstallation, FileKind, FileName, GroupInformation, GroupInstallation,
};
use tern_wire::role_link::AssociationKeys;
use tern_wire::role_link::{InventoryOrder, InventoryRequest};
use tern_wire::schema::SecretText;
use tern_wire::smki::{Decrypter, DeviceCertificate, DeviceKey, Signer, Usage};

use super::history::{self, EXPORT, REFUSED, SetRecord, VIABLE};
use super::of_set::{self, Cursor, OfSet};
use super::required::{self, Keeper};
use super::{Party, Shared, inbox};
use crate::executor::standing::{self, UNTOLD};
use crate::executor::{InstallationRecord, SealedKeys};
use crate::fault::ServiceFault;
use crate::judging::JudgedPart;
use crate::lanes::ObeyDsp;
use crate::pins::PinOf;
use crate::set_files::FileAt;

/// The S1SP.
pub struct S1sp {
    pub(crate) store: Box<dyn Store>,
    signer: Arc<Signer>,
    decrypter: Arc<Decrypter>,
    pub(crate) seal: Arc<Seal>,
    shared: Shared,
}

impl S1sp {
    /// An S1SP on its store.
    #[must_use]
    pub fn new(
        store: Box<dyn Store>,
        signer: Arc<Signer>,
        decrypter: Arc<Decrypter>,
        seal: Seal,
        shared: Shared,
    ) -> S1sp {
        S1sp { store, signer, decrypter, seal: Arc::new(seal), shared }
    }

    /// The S1SP's signing certificate, in charge of devices after commissioning.
    #[must_use]
    pub fn signer(&self) -> &Arc<Signer> {
        &self.signer
    }

    /// The private key of its encryption certificate.
    #[must_use]
    pub fn decrypter(&self) -> &Arc<Decrypter> {
        &self.decrypter
    }

    /// Judges a set once everything that the Required File Set needs is there (15.4).
    fn consider(&mut self, set: SetId) -> Result<(), ServiceFault> {
        let keeping = Keeping { decrypter: &self.decrypter, seal: &self.seal, shared: &self.shared };
        required::consider(&mut *self.store, &self.signer, &self.shared, &keeping, set)
    }

    /// The Commissioning Party's word: installations that both found viable may go on, the others' keys are dropped.
    ///
    /// An attempt that a crash ended has moved some of them already: it is gone on with, and the count with it.
    fn instruct(&mut self, file: &FileAt, set: SetId) -> Result<(), ServiceFault> {
        let now = self.shared.clock.now();
        let other = |why: &str| ServiceFault::NotBelieved { name: file.name.clone(), why: why.to_owned() };
        let Some((record, _)) = history::set_record(&*self.store, set)? else {
            return Err(other("it instructs a set that the S1SP never judged"));
        };
        if record.instructed.is_some() {
            return Ok(());
        }
        // What is believed is the S1SP's own copy.
        let from = Role::CommissioningParty;
        let held = inbox::received(&mut *self.store, from, FileKind::CommissioningFile, set)?;
        let Some(held) = held else { return Err(other("it did not come from the Commissioning Party")) };
        let verified = self.shared.believe::<CommissioningFile>(&held)?;
        if Some(verified.head().s1sp_viability_report_digest) != record.report {
            return Err(other("it stands on another report than the S1SP's"));
        }
        let mut wanted = verified.keys().to_vec();
        wanted.sort_unstable();
        let mut page = self.instruct_some(set, &wanted)?;
        while page.more {
            self.store.commit(&page.batch)?;
            page = self.instruct_some(set, &wanted)?;
        }
        let (mut record, mut batch) = (page.record, page.batch);
        let instructed = record.instructing;
        (record.instructed, record.instructing) = (Some(instructed), 0);
        batch.puts.push(record.put(set, Expect::Any)?);
        batch.audit.push(AuditEntry {
            at: now,
            actor: verified.sender().name.clone(),
            action: "commissioning instructed".to_owned(),
            subject: set.to_string(),
            evidence: format!("{instructed} installations, {}", verified.sender().certificate),
        });
        Ok(self.store.commit(&batch)?)
    }

    /// The next installations that wait for the word: instructed, or dropped.
    fn instruct_some(&self, set: SetId, wanted: &[ChfIdentifier]) -> Result<Instructing, ServiceFault> {
        let Some((mut record, generation)) = history::set_record(&*self.store, set)? else {
            return Err(ServiceFault::Body(format!("the record of {set} is gone")));
        };
        let mut batch = Batch::default();
        let mut waiting = OfSet::<InstallationRecord>::new(&*self.store, VIABLE, Some(set));
        for viable in waiting.by_ref().take(self.shared.at_once) {
            let (_, chf, viable) = viable?;
            batch.removes.push(of_set::remove(VIABLE, set, chf));
            if history::migrating(&*self.store, chf, set)?.is_some() {
                batch.puts.push(of_set::put(REFUSED, set, chf, &["P-duplicate-chf"])?);
                batch.puts.push(of_set::put(UNTOLD, set, chf, &())?);
                record.refused += 1;
            } else if wanted.binary_search(&chf).is_ok() {
                batch.puts.push(viable.put(Expect::Absent)?);
                batch.puts.extend(standing::noted(&viable)?);
                record.instructing += 1;
            } else {
                batch.puts.push(of_set::put(UNTOLD, set, chf, &())?);
            }
        }
        let more = waiting.next().is_some();
        if more {
            batch.puts.push(record.put(set, Expect::Generation(generation))?);
        }
        Ok(Instructing { record, batch, more })
    }
}

/// Tells the DSP of every installation that goes on no more under its set and of which it has not heard. One that a crash leaves
/// untold, or told without note, is told again.
///
/// # Errors
/// The store failed, or the DSP did not hear.
pub(crate) fn tell_of_rest(store: &mut dyn Store, dsp: ObeyDsp<'_>) -> Result<(), ServiceFault> {
    /// Told at once.
    const PAGE: usize = 250;
    let mut untold = Cursor::<()>::new(UNTOLD, None);
    loop {
        let (mut orders, mut batch) = (Vec::new(), Batch::default());
        while let Some((set, chf, ())) = untold.next(store)? {
            // Nothing counts of a set that was not judged to its end: it is judged again.
            if history::has_judged(store, set) {
                orders.push(InventoryOrder { set, chf, what: InventoryRequest::Rested });
                batch.removes.push(of_set::remove(UNTOLD, set, chf));
            }
            if orders.len() == PAGE {
                break;
            }
        }
        if orders.is_empty() {
            return Ok(());
        }
        dsp(&orders)?;
        store.commit(&batch)?;
    }
}

/// Some installations of a set, instructed or dropped.
struct Instructing {
    /// The set's record as it will stand.
    record: SetRecord,
    /// What changes.
    batch: Batch,
    /// Whether others wait; then the batch holds the record.
    more: bool,
}

/// What the S1SP keeps of the installations of a set.
struct Keeping<'a> {
    decrypter: &'a Arc<Decrypter>,
    seal: &'a Seal,
    shared: &'a Shared,
}

impl Keeping<'_> {
    /// The PIN that the gas meter is to take, where 3.25 binds today (P: the day on which the S1SP judges the set).
    fn pin_revision(&self, plan: &Plan, prepayment: &[Secret<16>]) -> Result<Option<PinRevision>, ServiceFault> {
        let Some(gsme) = plan.gsme.as_ref().map(|gsme| gsme.expected.device) else { return Ok(None) };
        let Shared { rulebook, facts, trust, clock, .. } = self.shared;
        if !tern_rules::revises_pin(rulebook.on(self.shared.today()), plan.set.group) {
            return Ok(None);
        }
        // Judged with the set (3.25), by these very records and certificates.
        let gone = || ServiceFault::Body(format!("GSME {gsme} passed 3.25 without an Installing Supplier"));
        let supplier = facts.installing_supplier(gsme)?.ok_or_else(gone)?.supplier;
        let certificates = trust.usable(Role::Supplier, Some(supplier), Usage::Encrypt, clock.now());
        let supplier = certificates.first().ok_or_else(gone)?;
        let [_, prepayment] = prepayment else { return Err(gone()) };
        PinOf { chf: plan.chf, gsme, prepayment, supplier }.revision().map(Some)
    }
}

impl Keeper for Keeping<'_> {
    const ROLE: Role = Role::S1sp;
    const NAME: &'static str = "S1SP";
    const REQUIRED: &'static [(Role, FileKind)] = &[
        (Role::Dsp, FileKind::MigrationCommonFile),
        (Role::Dsp, FileKind::MigrationCommonValidationFile),
        (Role::RequestingParty, FileKind::MigrationGroupFile),
        (Role::RequestingParty, FileKind::MigrationGroupEncryptedFile),
    ];
    const REPORT: FileKind = FileKind::S1spViabilityReport;
    const KINDS: &'static [&'static str] = &[VIABLE, UNTOLD];

    fn decrypter(&self) -> &Arc<Decrypter> {
        self.decrypter
    }

    fn remembers(
        &self,
        store: &dyn StoreView,
        set: SetId,
        installations: &[CommonInstallation],
    ) -> Result<InstallationHistory, ServiceFault> {
        history::of_s1sp(store, set, installations)
    }

    /// The DSP is to hear of it, whoever found it wanting.
    fn drop(&self, set: SetId, chf: ChfIdentifier) -> Result<Vec<Put>, ServiceFault> {
        Ok(vec![of_set::put(UNTOLD, set, chf, &())?])
    }

    /// Sealed keys and plan, which wait for the Commissioning Party's word.
    fn keep(&self, set: SetId, part: &JudgedPart, at: usize, now: Timestamp) -> Result<Option<Vec<Put>>, ServiceFault> {
        let missing = || ServiceFault::Body("a viable installation without its entries".to_owned());
        let common = part.common.installations.get(at).ok_or_else(missing)?;
        let group = part.group.as_ref().and_then(|f| f.installations.get(at)).ok_or_else(missing)?;
        let Some(Some(Ok(plaintext))) = part.group_information.get(at) else { return Err(missing()) };
        let mut plan = plan_of(set, common, group);
        let (smso, prepayment) = keys_of(plaintext).ok_or_else(missing)?;
        plan.pin_revision = self.pin_revision(&plan, &prepayment)?;
        let keys = SealedKeys::seal(self.seal, &plan, &smso, &new_keys()?, &prepayment)?;
        let chf = plan.chf;
        let record = InstallationRecord {
            migration: Migration::new(plan.gsme.is_some()),
            plan,
            memory: Memory::default(),
            keys,
            dcc: None,
            invocations: 0,
            transactions: 0,
            updated: now,
        };
        let export = format!("{chf}/{}", plaintext.smso_export_reference);
        Ok(Some(vec![of_set::put(VIABLE, set, chf, &record)?, inbox::put(EXPORT, export, Expect::Any, &set)?]))
    }
}

impl Party for S1sp {
    fn role(&self) -> Role {
        Role::S1sp
    }

    fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    fn shared(&mut self) -> &mut Shared {
        &mut self.shared
    }

    fn receive(&mut self, from: Role, file: &FileAt) -> Result<(), ServiceFault> {
        inbox::take_in(&mut *self.store, from, file, self.shared.clock.now())?;
        match file.name.parse() {
            Ok(FileName::OfSet(FileKind::CommissioningFile, set)) => self.instruct(file, set),
            Ok(FileName::OfSet(_, set)) => self.consider(set),
            _ => Ok(()),
        }
    }
}

fn plan_of(set: SetId, common: &CommonInstallation, group: &GroupInstallation) -> Plan {
    let expected = |m: &tern_wire::migration::Meter| Expected { device: m.device_id, model: m.device_model.clone() };
    let han = group.gsme_detail.as_ref().map(|g| g.han_type);
    let gpf = std::iter::once((common.gpf.device_id, DeviceKind::Gpf));
    let ppmids = common.ppmids.iter().map(|p| (p.device_id, DeviceKind::Ppmid));
    let ihds = common.ihds.iter().map(|i| (i.device_id, DeviceKind::Ihd));
    let supply = |fuel, m: &tern_wire::migration::Meter| Supply {
        meter: m.device_id,
        fuel,
        mpxn: m.mpxn.clone(),
        state: m.meter_state,
    };
    let gas = common.gsme.iter().map(|m| supply(Fuel::Gas, m));
    Plan {
        set,
        chf: common.chf_identifier,
        esme: expected(&common.esme),
        chf_model: Some(common.chf.device_model.clone()),
        gsme: common
            .gsme
            .as_ref()
            .map(|m| GasMeter { expected: expected(m), han: han.unwrap_or(tern_model::HanType::Other) }),
        others: gpf.chain(ppmids).chain(ihds).collect(),
        previous_apn: group.chf_details.previous_apn.to_string(),
        // Judged with the set (P-device-certificate): where FOC must have one there is one, and it can be read.
        hub_key: group
            .chf_details
            .device_certificate
            .as_ref()
            .and_then(|certificate| DeviceCertificate::from_der(&certificate.0).ok())
            .and_then(|certificate| DeviceKey::of(&certificate)),
        pin_revision: None,
        supplies: std::iter::once(supply(Fuel::Electricity, &common.esme)).chain(gas).collect(),
    }
}

/// The keys of a plaintext that 15.8 or P-device-keys found well-formed.
fn keys_of(plaintext: &GroupInformation) -> Option<(AssociationKeys, Vec<Secret<16>>)> {
    let esme = &plaintext.esme;
    let keys =
        AssociationKeys { authentication: key(&esme.authentication_key)?, encryption: key(&esme.encryption_key)? };
    let gsme = plaintext.gsme.as_ref().map(|g| &g.prepayment_key);
    let prepayment = std::iter::once(&esme.prepayment_key).chain(gsme).map(key).collect::<Option<_>>()?;
    Some((keys, prepayment))
}

/// A key from its 32 hexadecimal digits.
pub(super) fn key(text: &SecretText) -> Option<Secret<16>> {
    let digits = text.expose().as_bytes();
    let mut bytes = [0u8; 16];
    if digits.len() != 32 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |d: u8| (d as char).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
    }
    Some(Secret::new(bytes))
}

/// The S1SP's own association keys for one installation.
fn new_keys() -> Result<AssociationKeys, ServiceFault> {
    let random = || {
        let mut bytes = [0; 16];
        aws_lc_rs::rand::fill(&mut bytes)
            .map_err(|_| ServiceFault::Crypto { what: "a key", reason: "the random source failed".to_owned() })?;
        Ok::<_, ServiceFault>(Secret::new(bytes))
    };
    Ok(AssociationKeys { authentication: random()?, encryption: random()? })
}
