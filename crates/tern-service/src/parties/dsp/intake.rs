//! Taking a set in: Table 5.10 judged, the Common Validation File written, and all of it made durable at once.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use tern_model::{Digest, Role, SetId};
use tern_rules::SetJudgement;
use tern_store::{AuditEntry, Batch, Expect, StoreView};
use tern_wire::migration::{FileKind, FileName, MigrationCommonValidationFile, ValidationInstallation, Validity};

use super::Dsp;
use super::watch::Watched;
use crate::fault::ServiceFault;
use crate::parties::history::{self, REFUSED, SetRecord};
use crate::parties::viability::Telling;
use crate::parties::{inbox, of_set, to};
use crate::set_files::{FileSet, OpenedSet, RawFile};

/// Kind of Common Validation Files, kept to be sent again.
const VALIDATION: &str = "validation";

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

impl Dsp {
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
        let facts = self.facts_of(opened)?;
        let verdicts = self.shared.bench(&facts, day).judge(Role::Dsp, opened, &history, None).verdicts;
        match (set, opened.digests()) {
            (Some(set), Some(digests)) if verdicts.set_is_clean() => self.accept(files, opened, set, digests, verdicts),
            _ => {
                self.note_refusal(files, &verdicts)?;
                Ok(SetTaken::Refused(Box::new(verdicts)))
            }
        }
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
        let invalid: BTreeMap<_, _> =
            verdicts.installations.iter().filter(|i| !i.is_clean()).map(|i| (i.chf, clauses(i))).collect();
        let record = SetRecord {
            common,
            group: Some(group),
            encrypted,
            judged: now,
            installations: verdicts.installations.iter().map(|i| i.chf).collect::<HashSet<_>>().len(),
            refused: invalid.len(),
            sender: opened.common.file().map(|f| f.document().sender().certificate.clone()),
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
        for (chf, clauses) in &invalid {
            batch.puts.push(of_set::put(REFUSED, set, *chf, clauses)?);
        }
        for i in verdicts.installations.iter().filter(|i| i.is_clean()) {
            let common = opened.common.file();
            batch.puts.extend(common.map(|file| Watched::put(set, file, i.entry)).transpose()?.flatten());
        }
        batch.puts.push(record.put(set, Expect::Absent)?);
        let text = String::from_utf8_lossy(&validation.bytes);
        batch.puts.push(inbox::put(VALIDATION, set.to_string(), Expect::Absent, &text)?);
        batch.puts.extend(inbox::note_counter(&*self.store, set)?);
        batch.audit.push(AuditEntry {
            at: now,
            actor: "DSP".to_owned(),
            action: "set taken in".to_owned(),
            subject: set.to_string(),
            evidence: format!("{} installations, {} refused", record.installations, record.refused),
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
}

/// The Common Validation File of a set that was taken in.
pub(crate) fn validation(store: &dyn StoreView, set: SetId) -> Result<Option<RawFile>, ServiceFault> {
    let name = FileName::OfSet(FileKind::MigrationCommonValidationFile, set).to_string();
    let text = inbox::get::<String>(store, VALIDATION, &set.to_string())?;
    Ok(text.map(|(text, _)| RawFile { name, bytes: text.into_bytes() }))
}

/// The clauses that an installation breaks, each once, in the registry's order.
pub(crate) fn clauses(installation: &tern_rules::InstallationJudgement) -> Vec<String> {
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
