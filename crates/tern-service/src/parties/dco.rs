//! The DCO as a party: judges its Required File Set, opens master keys, makes key packages, and obeys the S1SP's orders for
//! installations that it consented to.

use std::sync::Arc;

use tern_dco::{Dco, Package};
use tern_model::{Digest, Role, SetId};
use tern_store::{AuditEntry, Batch, Expect, Put, Store, StoreView};
use tern_wire::migration::{FileKind, FileName, ViabilityReport};
use tern_wire::role_link::{DcoOrder, DcoReply, LinkRefusal};
use tern_wire::smki::{Decrypter, Signer};

use super::history::{self, EXPORT, REFUSED, SET, SetRecord};
use super::viability::Viability;
use super::{Party, Shared, digest, inbox, not_believed, of_set, s1sp, to};
use crate::fault::ServiceFault;
use crate::judging::Judgement;
use crate::set_files::{OpenedSet, RawFile};

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
        Ok(self.dco.obey(&mut *self.store, orders, now)?)
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
            let Some(file) = inbox::received(&*self.store, from, kind, set)? else { return Ok(()) };
            files.push(file);
        }
        let now = self.shared.clock.now();
        let opened = OpenedSet::open(&files, &self.shared.trust, now);
        let (Some(common), Some(encrypted)) = (opened.common.file(), opened.encrypted.file()) else {
            return Err(not_believed(&files[0], &opened.faults));
        };
        let history = history::of_dco(&*self.store, set, &opened)?;
        let facts = self.shared.facts_of(&opened)?;
        let bench = self.shared.bench(&facts, self.shared.clock.today());
        let judgement = bench.judge(Role::Dco, &opened, &history, Some(self.dco.decrypter()));
        let Viability { entries, invalid, puts } =
            Viability::of(&judgement, |i| self.package(set, i.entry, &judgement))?;
        let record = SetRecord {
            common: common.document().digest(),
            group: None,
            encrypted: encrypted.document().digest(),
            judged: now,
            installations: entries.len(),
            refused: invalid.len(),
            sender: None,
            report: None,
            instructed: None,
        };
        let mut batch = Batch { puts, ..Batch::default() };
        let report = ViabilityReport {
            migration_header: common.migration_header.clone(),
            migration_common_validation_file_digest: files.get(1).map_or(Digest([0; 32]), |f| digest(&f.bytes)),
            report_date_time: now,
            installations: entries,
        };
        let (file, _) =
            self.shared.signed(&FileName::OfSet(FileKind::DcoViabilityReport, set), &report, &self.signer)?;
        batch.audit.push(AuditEntry {
            at: now,
            actor: "DCO".to_owned(),
            action: "set judged".to_owned(),
            subject: set.to_string(),
            evidence: format!("{} installations not viable", record.refused),
        });
        for (chf, clauses) in &invalid {
            batch.puts.push(of_set::put(REFUSED, set, *chf, clauses)?);
        }
        batch.puts.push(record.put(set, Expect::Absent)?);
        batch.puts.extend(inbox::note_counter(&*self.store, set)?);
        batch.outbox.push(to(Role::CommissioningParty, &file, now));
        Ok(self.store.commit(&batch)?)
    }

    /// The key package of a viable installation; none where the plaintext holds no key after all.
    fn package(&self, set: SetId, entry: usize, judgement: &Judgement) -> Result<Option<Vec<Put>>, ServiceFault> {
        let Some(Some(Ok(plaintext))) = judgement.master_keys.get(entry) else { return Ok(None) };
        let Some(master) = s1sp::key(&plaintext.master_key) else { return Ok(None) };
        let chf = plaintext.chf_identifier;
        let package = Package::new(set, chf, plaintext.device_id, &master, self.dco.seal())?;
        let export = format!("{chf}/{}", plaintext.smso_export_reference);
        Ok(Some(vec![package.put(Expect::Any)?, inbox::put(EXPORT, export, Expect::Any, &set)?]))
    }
}

impl Party for DcoParty {
    fn role(&self) -> Role {
        Role::Dco
    }

    fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    fn receive(&mut self, from: Role, file: &RawFile) -> Result<(), ServiceFault> {
        inbox::take_in(&mut *self.store, from, file, self.shared.clock.now())?;
        match file.name.parse() {
            Ok(FileName::OfSet(_, set)) => self.consider(set),
            _ => Ok(()),
        }
    }
}
