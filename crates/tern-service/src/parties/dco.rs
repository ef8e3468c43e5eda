//! The DCO as a party: judges its Required File Set, opens master keys, makes key packages, and obeys the S1SP's orders for
//! installations that it consented to.

use std::sync::Arc;

use tern_dco::{Dco, Package};
use tern_model::{Role, SetId};
use tern_rules::SetJudgement;
use tern_store::{AuditEntry, Expect, Put, Store, StoreView};
use tern_wire::migration::{CommonInstallation, DecryptedMasterKey, FileKind, FileName, ViabilityReport};
use tern_wire::role_link::{DcoOrder, DcoReply, LinkRefusal};
use tern_wire::smki::{Decrypter, Signer};

use super::history::{self, EXPORT, REFUSED, SET, SetRecord};
use super::viability::Viability;
use super::writing::Writing;
use super::{Party, Shared, inbox, not_believed, of_set, s1sp, to};
use crate::fault::ServiceFault;
use crate::judging::{Client, JudgedPart, Known, Then};
use crate::set_files::{FileAt, OpenedSet};

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
        DcoParty { store, signer, dco, shared }
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
        now: jiff::Timestamp,
    ) -> Result<Vec<Result<DcoReply, LinkRefusal>>, ServiceFault> {
        let consented = |store: &dyn Store, order: &DcoOrder| {
            let judged = store.get(SET, &order.set.to_string())?.is_some();
            Ok(judged && store.get(REFUSED, &of_set::key(order.set, order.chf))?.is_none())
        };
        Ok(self.dco.obey(&mut *self.store, orders, &consented, now)?)
    }

    /// Judges a set once everything that the Required File Set needs is there (15.5).
    fn consider(&mut self, set: SetId) -> Result<(), ServiceFault> {
        if self.store.get(SET, &set.to_string())?.is_some() {
            return Ok(());
        }
        let mut files = Vec::new();
        for (from, kind) in [
            (Role::Dsp, FileKind::MigrationCommonFile),
            (Role::Dsp, FileKind::MigrationCommonValidationFile),
            (Role::RequestingParty, FileKind::MigrationGroupEncryptedFile),
        ] {
            let Some(file) = inbox::received(&mut *self.store, from, kind, set)? else { return Ok(()) };
            files.push(file);
        }
        let now = self.shared.clock.now();
        self.shared.may_sign(&self.signer)?;
        let opened = OpenedSet::open(&files, &self.shared.trust, now)?;
        let (Some(common), Some(encrypted), Some(validation)) =
            (opened.common.file(), opened.encrypted.file(), inbox::digest_of(&*self.store, Role::Dsp, &files[1])?)
        else {
            return Err(not_believed(&files[0].name, &opened.faults));
        };
        let head = ViabilityReport {
            migration_header: common.head().migration_header.clone(),
            migration_common_validation_file_digest: validation,
            report_date_time: now,
            installations: Vec::new(),
        };
        let history = history::of_counter(&*self.store, set)?;
        let mut judging = Judging {
            writing: Writing::begin(&mut *self.store, set, &head, &[], opened.repeats())?,
            viability: None,
            set,
            store: &mut *self.store,
            dco: &self.dco,
            shared: &self.shared,
        };
        let bench = self.shared.bench(self.shared.clock.today());
        bench.judge(Role::Dco, &opened, &history, Some(self.dco.decrypter()), &mut judging)?;
        let writing = judging.writing;
        let record = SetRecord {
            common: common.digest(),
            group: None,
            encrypted: encrypted.digest(),
            judged: now,
            installations: opened.different_installations(),
            refused: writing.refused(),
            sender: None,
            report: None,
            instructed: None,
            instructing: 0,
        };
        self.judged(set, writing, &record)
    }

    /// A set was judged to its end: with its record all that was written of it counts.
    fn judged(
        &mut self,
        set: SetId,
        writing: Writing<ViabilityReport>,
        record: &SetRecord,
    ) -> Result<(), ServiceFault> {
        let (report, _, mut batch) = writing.finish(&mut *self.store, &self.signer)?;
        batch.audit.push(AuditEntry {
            at: record.judged,
            actor: "DCO".to_owned(),
            action: "set judged".to_owned(),
            subject: set.to_string(),
            evidence: format!("{} installations not viable", record.refused),
        });
        batch.puts.push(record.put(set, Expect::Absent)?);
        batch.puts.extend(inbox::note_counter(&*self.store, set)?);
        let name = FileName::OfSet(FileKind::DcoViabilityReport, set).to_string();
        batch.outbox.push(to(Role::CommissioningParty, &name, &report, record.judged));
        Ok(self.store.commit(&batch)?)
    }
}

/// A set in front of the DCO.
struct Judging<'a> {
    writing: Writing<ViabilityReport>,
    viability: Option<Viability>,
    set: SetId,
    store: &'a mut dyn Store,
    dco: &'a Dco,
    shared: &'a Shared,
}

impl Client for Judging<'_> {
    fn begin(&mut self, set: &SetJudgement) -> Result<Then, ServiceFault> {
        self.viability = Some(Viability::of(set));
        Ok(Then::Go)
    }

    fn know(&mut self, installations: &[CommonInstallation]) -> Result<Known, ServiceFault> {
        let history = history::of_dco(&*self.store, self.set, installations)?;
        Ok(Known { facts: self.shared.facts_of(installations)?, history })
    }

    fn take(&mut self, part: JudgedPart) -> Result<(), ServiceFault> {
        self.writing.next_run(&mut *self.store)?;
        let Some(viability) = self.viability.take() else { return Ok(()) };
        for (installation, opened) in
            part.installations.iter().zip(part.master_keys.iter().chain(std::iter::repeat(&None)))
        {
            let viable = viability.whole && installation.is_clean();
            let kept = match opened {
                Some(Ok(plaintext)) if viable => self.package(plaintext)?,
                _ => None,
            };
            viability.tell(&mut self.writing, installation, kept)?;
        }
        self.viability = Some(viability);
        Ok(())
    }
}

impl Judging<'_> {
    /// The key package of a viable installation; none where the plaintext holds no key after all.
    fn package(&self, plaintext: &DecryptedMasterKey) -> Result<Option<Vec<Put>>, ServiceFault> {
        let Some(master) = s1sp::key(&plaintext.master_key) else { return Ok(None) };
        let chf = plaintext.chf_identifier;
        let package = Package::new(self.set, chf, plaintext.device_id, &master, self.dco.seal())?;
        let export = format!("{chf}/{}", plaintext.smso_export_reference);
        Ok(Some(vec![package.put(Expect::Any)?, inbox::put(EXPORT, export, Expect::Any, &self.set)?]))
    }
}

impl Party for DcoParty {
    fn role(&self) -> Role {
        Role::Dco
    }

    fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    fn receive(&mut self, from: Role, file: &FileAt) -> Result<(), ServiceFault> {
        inbox::take_in(&mut *self.store, from, file, self.shared.clock.now())?;
        match file.name.parse() {
            Ok(FileName::OfSet(_, set)) => self.consider(set),
            _ => Ok(()),
        }
    }
}
