//! The DCC's data service: takes sets in, judges Table 5.10, writes the Migration Common Validation File, and keeps the
//! Smart Metering Inventory. It never decrypts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use tern_model::facts::Facts;
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, DeviceModel, Digest, Role, SetId, london_day};
use tern_rules::{Judged, SetHistory, SetJudgement, WatchedMeter};
use tern_store::{AuditEntry, Batch, Expect, Remove, Store, StoreView};
use tern_wire::migration::{FileKind, FileName, MigrationCommonValidationFile, ValidationInstallation, Validity};
use tern_wire::role_link::{HubDetails, InventoryOrder, InventoryReply, InventoryRequest, LinkRefusal};
use tern_wire::smki::Signer;

use super::history::{self, SET, SetRecord};
use super::inventory::{INVENTORY, InventoryEntry, record_of, recorded};
use super::viability::Telling;
use super::{Party, Shared, inbox, to};
use crate::fault::ServiceFault;
use crate::set_files::{FileSet, OpenedSet, RawFile};

/// Kind of Common Validation Files, kept to be sent again.
const VALIDATION: &str = "validation";

/// So many sets' Common Files are kept read.
const WATCHED_MAX: usize = 8;

/// The DSP.
pub struct Dsp {
    store: Box<dyn Store>,
    signer: Arc<Signer>,
    shared: Shared,
    /// The DCC's records together with what migrations put into the inventory.
    facts: Facts,
    /// What is judged again just before the first device effect (CH1, CH2), by set.
    watched: HashMap<SetId, Watched>,
    /// The last set that was judged again on a later day than that of its intake.
    later: Option<Later>,
}

/// A set judged again on a later day.
struct Later {
    set: SetId,
    day: Date,
    verdicts: SetJudgement,
}

/// What became of a set at intake.
#[derive(Debug)]
pub enum SetTaken {
    /// It is not taken in; nothing was kept but the audit line.
    Refused(Box<SetJudgement>),
    /// The very same set was taken in before.
    Known {
        /// The set.
        set: SetId,
        /// Its Common Validation File.
        validation: RawFile,
    },
    /// Taken in; the Common Validation File says of each installation how it was judged.
    Accepted {
        /// The set.
        set: SetId,
        /// Its Common Validation File.
        validation: RawFile,
        /// The judgement.
        verdicts: Box<SetJudgement>,
    },
}

/// A set's Common File, read again.
struct Watched {
    /// Why nothing of the set may go on: its Common File no longer holds, for example because the certificate was revoked.
    refused: Option<LinkRefusal>,
    meters: HashMap<ChfIdentifier, Vec<WatchedMeter>>,
    hubs: HashMap<ChfIdentifier, Hub>,
}

/// A hub and what stands behind it, as the Common File has them.
struct Hub {
    model: DeviceModel,
    devices: Vec<DeviceId>,
}

impl Dsp {
    /// A DSP on its store.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn new(store: Box<dyn Store>, signer: Arc<Signer>, shared: Shared) -> Result<Dsp, ServiceFault> {
        let mut facts = (*shared.facts).clone();
        for record in recorded(&*store)? {
            facts.add_inventory(record);
        }
        Ok(Dsp { store, signer, shared, facts, watched: HashMap::new(), later: None })
    }

    /// The DCC's records together with the inventory.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Takes a set in, judged for migration on `day`.
    ///
    /// # Errors
    /// The store failed, or the validation file could not be signed.
    pub fn take(&mut self, files: &FileSet, opened: &OpenedSet, day: Date) -> Result<SetTaken, ServiceFault> {
        let set = opened.set_id();
        if let (Some(set), Some([common, group, encrypted])) = (set, opened.digests()) {
            let known = history::set_record(&*self.store, set)?;
            if known.is_some_and(|(k, _)| (k.common, k.group, k.encrypted) == (common, Some(group), encrypted)) {
                return Ok(SetTaken::Known { set, validation: self.validation(set)? });
            }
        }
        let history = set.map(|s| history::of_dsp(&*self.store, s)).transpose()?.unwrap_or_default();
        let verdicts = self.shared.bench(&self.facts, day).judge(Role::Dsp, opened, &history, None).verdicts;
        match (set, opened.digests()) {
            (Some(set), Some(digests)) if verdicts.set_is_clean() => self.accept(files, opened, set, digests, verdicts),
            _ => {
                self.note_refusal(files, &verdicts)?;
                Ok(SetTaken::Refused(Box::new(verdicts)))
            }
        }
    }

    /// How many installations a set holds that was taken in.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn installations(&self, set: SetId) -> Result<usize, ServiceFault> {
        Ok(history::set_record(&*self.store, set)?.map_or(0, |(r, _)| r.installations))
    }

    /// Its store, for reading.
    pub(crate) fn view(&self) -> &dyn StoreView {
        &*self.store
    }

    /// Obeys the S1SP's orders about the inventory; durable when this returns.
    ///
    /// # Errors
    /// The store failed: none was obeyed.
    pub fn obey(
        &mut self,
        orders: &[InventoryOrder],
    ) -> Result<Vec<Result<InventoryReply, LinkRefusal>>, ServiceFault> {
        let mut batch = Batch::default();
        let mut pending: HashMap<DeviceId, Option<InventoryEntry>> = HashMap::new();
        let mut answers = Vec::with_capacity(orders.len());
        for order in orders {
            answers.push(match &order.what {
                InventoryRequest::Recheck => self.recheck(order)?,
                InventoryRequest::Add { hub, devices } => self
                    .watch(order.set)?
                    .may_add(order.chf, hub, devices)
                    .and_then(|()| self.add(order, devices, &mut pending)),
                InventoryRequest::Remove => {
                    let held: Vec<DeviceId> = self.held(order, &pending).collect();
                    pending.extend(held.into_iter().map(|d| (d, None)));
                    Ok(InventoryReply::Done)
                }
                InventoryRequest::Query => {
                    Ok(InventoryReply::Present { present: self.held(order, &pending).next().is_some() })
                }
            });
        }
        for (device, entry) in &pending {
            match entry {
                Some(e) => batch.puts.push(inbox::put(INVENTORY, device.to_string(), Expect::Any, e)?),
                None => batch.removes.push(Remove { kind: INVENTORY, key: device.to_string(), generation: None }),
            }
        }
        if !batch.is_empty() {
            self.store.commit(&batch)?;
        }
        for (device, entry) in pending {
            match entry {
                Some(e) => self.facts.add_inventory(record_of(&e)),
                None => self.facts.remove_inventory(device),
            }
        }
        Ok(answers)
    }

    fn accept(
        &mut self,
        files: &FileSet,
        opened: &OpenedSet,
        set: SetId,
        [common, group, encrypted]: [Digest; 3],
        verdicts: SetJudgement,
    ) -> Result<SetTaken, ServiceFault> {
        let now = self.shared.clock.now();
        let header = opened.common.file().map(|f| f.migration_header.clone());
        let message = MigrationCommonValidationFile {
            migration_header: header.ok_or_else(|| ServiceFault::Body("a clean set without a file".to_owned()))?,
            migration_common_file_digest: common,
            migration_group_file_digest: group,
            migration_group_encrypted_file_digest: encrypted,
            validation_date_time: now,
            installations: entries_of(&verdicts.installations),
        };
        let name = FileName::OfSet(FileKind::MigrationCommonValidationFile, set);
        let (validation, _) = self.shared.signed(&name, &message, &self.signer)?;
        let invalid = verdicts.installations.iter().filter(|i| !i.is_clean());
        let record = SetRecord {
            common,
            group: Some(group),
            encrypted,
            judged: now,
            installations: verdicts.installations.iter().map(|i| i.chf).collect::<HashSet<_>>().len(),
            invalid: invalid.map(|i| (i.chf, clauses(i))).collect(),
            report: None,
            instructed: None,
        };
        let common_name = FileName::OfSet(FileKind::MigrationCommonFile, set).to_string();
        let mut batch = Batch::default();
        for file in files.files.iter().filter(|f| f.name == common_name) {
            batch.inbox.extend(inbox::new_entry(&*self.store, Role::RequestingParty, file, now)?);
            for role in [Role::S1sp, Role::Dco] {
                batch.outbox.push(to(role, file, now));
                batch.outbox.push(to(role, &validation, now));
            }
        }
        batch.puts.push(inbox::put(SET, set.to_string(), Expect::Absent, &record)?);
        let text = String::from_utf8_lossy(&validation.bytes);
        batch.puts.push(inbox::put(VALIDATION, set.to_string(), Expect::Absent, &text)?);
        batch.puts.extend(inbox::note_counter(&*self.store, set)?);
        batch.audit.push(AuditEntry {
            at: now,
            actor: "DSP".to_owned(),
            action: "set taken in".to_owned(),
            subject: set.to_string(),
            evidence: format!("{} installations, {} refused", record.installations, record.invalid.len()),
        });
        self.store.commit(&batch)?;
        Ok(SetTaken::Accepted { set, validation, verdicts: Box::new(verdicts) })
    }

    fn note_refusal(&mut self, files: &FileSet, verdicts: &SetJudgement) -> Result<(), ServiceFault> {
        let clauses: Vec<_> = verdicts.refusals().into_iter().map(|finding| finding.clause).collect();
        let entry = AuditEntry {
            at: self.shared.clock.now(),
            actor: "DSP".to_owned(),
            action: "set refused".to_owned(),
            subject: files.named().map_or_else(|| files.dir.display().to_string(), |s| s.to_string()),
            evidence: clauses.join(" "),
        };
        Ok(self.store.commit(&Batch { audit: vec![entry], ..Batch::default() })?)
    }

    fn validation(&self, set: SetId) -> Result<RawFile, ServiceFault> {
        validation(&*self.store, set)?
            .ok_or_else(|| ServiceFault::Body(format!("the set {set} has no validation file")))
    }

    /// Judges the supplier-change window again, for today.
    fn recheck(&mut self, order: &InventoryOrder) -> Result<Result<InventoryReply, LinkRefusal>, ServiceFault> {
        let today = self.shared.clock.today();
        self.watch(order.set)?;
        let watched = self.watched.get(&order.set).ok_or_else(|| not_watched(order.set))?;
        if let Some(refusal) = &watched.refused {
            return Ok(Err(refusal.clone()));
        }
        let Some(meters) = watched.meters.get(&order.chf) else {
            let reason = format!("the set's Common File holds no installation {}", order.chf);
            return Ok(Err(LinkRefusal { code: "P-entries-agree".to_owned(), reason }));
        };
        let mut judged = tern_rules::recheck(meters, today, today, &self.facts);
        judged.extend(self.rollback_still_planned(order, today)?);
        let unclean: Vec<_> = judged.iter().filter(|j| !j.verdict.is_clean()).collect();
        if unclean.is_empty() {
            return Ok(Ok(InventoryReply::Done));
        }
        let mut codes: Vec<_> = unclean.iter().map(|j| j.rule.clause).collect();
        codes.dedup();
        let code = codes.join(" ");
        let reason = unclean.iter().filter_map(|j| j.as_finding()).map(|f| f.message).collect::<Vec<_>>().join("; ");
        Ok(Err(LinkRefusal { code, reason }))
    }

    /// Clause 5.1(c) again where a later day than that of intake has come: the rollback window has moved with it (FI8).
    fn rollback_still_planned(&mut self, order: &InventoryOrder, today: Date) -> Result<Vec<Judged>, ServiceFault> {
        let taken = history::set_record(&*self.store, order.set)?.map(|(r, _)| london_day(r.judged));
        if taken == Some(today) {
            return Ok(Vec::new());
        }
        if self.later.as_ref().is_none_or(|l| (l.set, l.day) != (order.set, today)) {
            let opened = self.common_again(order.set)?;
            let bench = self.shared.bench(&self.facts, today);
            let verdicts = bench.judge(Role::Dsp, &opened, &SetHistory::default(), None).verdicts;
            self.later = Some(Later { set: order.set, day: today, verdicts });
        }
        let of = |l: &Later| {
            l.verdicts.of(order.chf).map(|i| i.unclean().filter(|j| j.rule.clause == "5.1(c)").cloned().collect())
        };
        Ok(self.later.as_ref().and_then(of).unwrap_or_default())
    }

    /// A set's Common File, opened again: its certificate is judged by today's clock.
    fn common_again(&self, set: SetId) -> Result<OpenedSet, ServiceFault> {
        let file = inbox::received(&*self.store, Role::RequestingParty, FileKind::MigrationCommonFile, set)?
            .ok_or_else(|| not_watched(set))?;
        Ok(OpenedSet::open(&[file], &self.shared.trust, self.shared.clock.now()))
    }

    /// Reads a set's Common File again, once for each run of the process.
    fn watch(&mut self, set: SetId) -> Result<&Watched, ServiceFault> {
        if !self.watched.contains_key(&set) {
            if self.watched.len() >= WATCHED_MAX {
                self.watched.clear();
            }
            let opened = self.common_again(set)?;
            self.watched.insert(set, Watched::new(&opened));
        }
        self.watched.get(&set).ok_or_else(|| not_watched(set))
    }

    fn add(
        &self,
        order: &InventoryOrder,
        devices: &[(DeviceId, DeviceKind)],
        pending: &mut HashMap<DeviceId, Option<InventoryEntry>>,
    ) -> Result<InventoryReply, LinkRefusal> {
        let all: Vec<_> = std::iter::once((order.chf.into(), DeviceKind::Chf)).chain(devices.iter().copied()).collect();
        let by_other = |d: &&(DeviceId, DeviceKind)| {
            let held = self.facts.inventory(d.0).is_some_and(|r| r.by_set != Some(order.set));
            held || pending.get(&d.0).is_some_and(|p| p.as_ref().is_some_and(|e| e.set != order.set))
        };
        if let Some((device, _)) = all.iter().find(by_other) {
            return Err(dp01(format!("device {device} is in the inventory already")));
        }
        pending.extend(all.into_iter().map(|(device, kind)| {
            let status = "Commissioned".to_owned();
            (device, Some(InventoryEntry { device, kind, chf: order.chf, status, set: order.set }))
        }));
        Ok(InventoryReply::Done)
    }

    /// Devices of the installation that this set put into the inventory.
    fn held<'a>(
        &'a self,
        order: &'a InventoryOrder,
        pending: &'a HashMap<DeviceId, Option<InventoryEntry>>,
    ) -> impl Iterator<Item = DeviceId> + 'a {
        let stored = self.facts.inventory_of(order.chf).filter(|r| r.by_set == Some(order.set)).map(|r| r.device);
        let stored = stored.filter(|d| !matches!(pending.get(d), Some(None)));
        let added = pending.values().flatten().filter(|e| e.chf == order.chf && e.set == order.set).map(|e| e.device);
        stored.chain(added)
    }
}

impl Watched {
    fn new(opened: &OpenedSet) -> Watched {
        let refused =
            opened.faults.first().map(|f| LinkRefusal { code: f.kind.rule().to_owned(), reason: f.message.clone() });
        let (mut meters, mut hubs) = (HashMap::new(), HashMap::new());
        if let Some(file) = opened.common.file() {
            for (entry, installation) in file.installations.iter().enumerate() {
                meters.insert(installation.chf_identifier, WatchedMeter::of(file, entry));
                let i = installation;
                let meters = std::iter::once(&i.esme).chain(&i.gsme).map(|m| m.device_id);
                let others = i.ppmids.iter().map(|p| p.device_id).chain(i.ihds.iter().map(|d| d.device_id));
                let devices = meters.chain([i.gpf.device_id]).chain(others).collect();
                hubs.insert(i.chf_identifier, Hub { model: i.chf.device_model.clone(), devices });
            }
        }
        Watched { refused, meters, hubs }
    }

    /// Whether the hub is the one, and the devices are those, that the Common File names.
    fn may_add(
        &self,
        chf: ChfIdentifier,
        hub: &HubDetails,
        devices: &[(DeviceId, DeviceKind)],
    ) -> Result<(), LinkRefusal> {
        if let Some(refusal) = &self.refused {
            return Err(refusal.clone());
        }
        let known = self.hubs.get(&chf).ok_or_else(|| dp01(format!("the Common File holds no installation {chf}")))?;
        if hub.device != chf.into() || hub.model != known.model {
            return Err(dp01(format!("the hub reports itself as {} ({})", hub.device, hub.model)));
        }
        match devices.iter().find(|(device, _)| !known.devices.contains(device)) {
            Some((device, _)) => Err(dp01(format!("device {device} is none of the installation's in the Common File"))),
            None => Ok(()),
        }
    }
}

impl Party for Dsp {
    fn role(&self) -> Role {
        Role::Dsp
    }

    fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    fn receive(&mut self, from: Role, file: &RawFile) -> Result<(), ServiceFault> {
        inbox::take_in(&mut *self.store, from, file, self.shared.clock.now()).map(drop)
    }
}

/// The Common Validation File of a set that was taken in.
pub(crate) fn validation(store: &dyn StoreView, set: SetId) -> Result<Option<RawFile>, ServiceFault> {
    let name = FileName::OfSet(FileKind::MigrationCommonValidationFile, set).to_string();
    let text = inbox::get::<String>(store, VALIDATION, &set.to_string())?;
    Ok(text.map(|(text, _)| RawFile { name, bytes: text.into_bytes() }))
}

fn not_watched(set: SetId) -> ServiceFault {
    ServiceFault::Body(format!("the DSP holds no Common File of {set}"))
}

fn dp01(reason: String) -> LinkRefusal {
    LinkRefusal { code: "DP01".to_owned(), reason }
}

/// The clauses that an installation breaks, each once, in the registry's order.
pub(super) fn clauses(installation: &tern_rules::InstallationJudgement) -> Vec<String> {
    let mut clauses: Vec<String> = installation.unclean().map(|j| j.rule.clause.to_owned()).collect();
    clauses.dedup();
    clauses
}

/// What the Common Validation File says of each installation, as far as it can be signed.
fn entries_of(installations: &[tern_rules::InstallationJudgement]) -> Vec<ValidationInstallation> {
    let mut telling = Telling::of(installations.len());
    let entry_of = |installation: &tern_rules::InstallationJudgement| ValidationInstallation {
        chf_identifier: installation.chf,
        outcome: if installation.is_clean() { Validity::Valid } else { Validity::Invalid },
        findings: telling.tell(installation.findings().iter()),
    };
    installations.iter().map(entry_of).collect()
}
