//! Taking a set in: Table 5.10 judged, the Common Validation File written, and all of it
//! made durable before any of it counts.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::{Digest, Role, SetId};
use tern_rules::{InstallationHistory, SetJudgement};
use tern_store::{AuditEntry, Batch, Body, Expect, InboxEntry, Put, Store, StoreView};
use tern_wire::migration::{
    CommonInstallation, FileKind, FileName, MigrationCommonValidationFile, ValidationInstallation, Validity,
};

use super::Dsp;
use super::watch::{WATCHED, Watched};
use crate::fault::ServiceFault;
use crate::judging::{Client, JudgedPart, Known, Then};
use crate::parties::history::{self, SetRecord};
use crate::parties::inbox::{self, Copied};
use crate::parties::viability::told;
use crate::parties::writing::Writing;
use crate::parties::{Shared, inventory, to};
use crate::set_files::{FileAt, OpenedSet, SetFolder, altered};

/// Kind of Common Validation Files, kept to be sent again.
const VALIDATION: &str = "validation";
/// Version of that record; version 1 held the file itself.
const NOTED_VERSION: u16 = 2;

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
        validation: FileAt,
    },
    /// Taken in; the Common Validation File says of each installation how it was judged.
    Accepted {
        /// The set.
        set: SetId,
        /// Its Common Validation File.
        validation: FileAt,
        /// The judgement.
        verdicts: Box<SetJudgement>,
    },
}

impl Dsp {
    /// The day as of which it judges sets.
    #[must_use]
    pub fn today(&self) -> Date {
        self.shared.today()
    }

    /// Takes a set in, judged for migration on `day`. Its files are copied first: what is judged is what is kept.
    ///
    /// # Errors
    /// The store failed, or the validation file could not be signed.
    pub fn take(&mut self, folder: &SetFolder, day: Date) -> Result<SetTaken, ServiceFault> {
        let copy = |file| inbox::copied(&mut *self.store, &file);
        let copies = folder.files().into_iter().map(copy).collect::<Result<Vec<Copied>, _>>()?;
        let files: Vec<_> = copies.iter().map(|copy| copy.file.clone()).collect();
        let opened = OpenedSet::open(&files, &self.shared.trust, self.shared.clock.now())?;
        let set = opened.set_id();
        if let (Some(set), Some([common, group, encrypted])) = (set, opened.digests()) {
            let known = history::set_record(&*self.store, set)?;
            if known.is_some_and(|(k, _)| (k.common, k.group, k.encrypted) == (common, Some(group), encrypted)) {
                return Ok(SetTaken::Known { set, validation: self.validation_file(set)? });
            }
        }
        self.shared.may_sign(&self.signer)?;
        let history = set.map(|s| history::of_counter(&*self.store, s)).transpose()?.unwrap_or_default();
        let mut judging = Judging {
            begun: None,
            opened: &opened,
            now: self.shared.clock.now(),
            store: &mut *self.store,
            shared: &self.shared,
        };
        let verdicts = self.shared.bench(day).judge(Role::Dsp, &opened, &history, None, &mut judging);
        let refused = match (verdicts, judging.begun.take()) {
            (Ok(verdicts), Some(mut begun)) => {
                // What is kept is the copy that was judged, whatever else lies beside it.
                let name = FileName::OfSet(FileKind::MigrationCommonFile, begun.set).to_string();
                let judged = |copy: &Copied| copy.file.name == name && copy.digest == begun.digests[0];
                if let Some(copy) = copies.into_iter().find(judged) {
                    return self.accept(copy, &opened, begun, verdicts);
                }
                begun.said.refuse(&altered(&name));
                begun.said
            }
            (Ok(verdicts), None) => verdicts,
            (Err(ServiceFault::Altered { name }), Some(mut begun)) => {
                begun.said.refuse(&altered(&name));
                begun.said
            }
            (Err(fault), _) => return Err(fault),
        };
        self.note_refusal(folder, &refused)?;
        Ok(SetTaken::Refused(Box::new(refused)))
    }

    /// A set was judged to its end: with its record all that was written of it counts.
    fn accept(
        &mut self,
        copy: Copied,
        opened: &OpenedSet,
        Begun { set, digests: [common, group, encrypted], writing, .. }: Begun,
        verdicts: SetJudgement,
    ) -> Result<SetTaken, ServiceFault> {
        let (now, refused) = (self.shared.clock.now(), writing.refused());
        let (body, _, mut batch) = writing.finish(&mut *self.store, &self.signer)?;
        let record = SetRecord {
            common,
            group: Some(group),
            encrypted,
            judged: now,
            installations: opened.different_installations(),
            refused,
            sender: opened.common.file().map(|f| f.sender().certificate.clone()),
            report: None,
            instructed: None,
            instructing: 0,
        };
        let name = FileName::OfSet(FileKind::MigrationCommonValidationFile, set).to_string();
        let is_new = inbox::is_new(&*self.store, Role::RequestingParty, &copy)?;
        let (message, digest) = (copy.file.name.clone(), copy.digest);
        let common = copy.keep(&mut *self.store)?;
        for role in [Role::S1sp, Role::Dco] {
            batch.outbox.push(to(role, &message, &common, now));
            batch.outbox.push(to(role, &name, &body, now));
        }
        let link = Role::RequestingParty.as_str().to_owned();
        batch.inbox.extend(is_new.then_some(InboxEntry { link, message, digest, at: now, body: common }));
        batch.puts.push(record.put(set, Expect::Absent)?);
        batch.puts.push(put_validation(set, &body)?);
        batch.puts.extend(inbox::note_counter(&*self.store, set)?);
        batch.audit.push(AuditEntry {
            at: now,
            actor: "DSP".to_owned(),
            action: "set taken in".to_owned(),
            subject: set.to_string(),
            evidence: self.shared.noted(format!("{} installations, {} refused", record.installations, record.refused)),
        });
        self.store.commit(&batch)?;
        let validation = FileAt { path: inbox::place(&mut *self.store, &body)?, name };
        Ok(SetTaken::Accepted { set, validation, verdicts: Box::new(verdicts) })
    }

    /// A file of a set that was taken in, copied once more for the party that gets it from the sender; none where the folder
    /// holds it no more, or under its name other bytes than were judged: its sender must send it as it was.
    ///
    /// # Errors
    /// The store failed, or the file cannot be read.
    pub(crate) fn as_judged(
        &mut self,
        folder: &SetFolder,
        (kind, set): (FileKind, SetId),
    ) -> Result<Option<Copied>, ServiceFault> {
        let record = history::set_record(&*self.store, set)?.map(|(record, _)| record);
        let (Some(record), Some(file)) = (record, folder.file(kind, set).filter(|file| file.path.exists())) else {
            return Ok(None);
        };
        let copy = inbox::copied(&mut *self.store, &file)?;
        if [record.group, Some(record.encrypted)].contains(&Some(copy.digest)) {
            return Ok(Some(copy));
        }
        let fault = altered(&file.name);
        let entry = AuditEntry {
            at: self.shared.clock.now(),
            actor: "DSP".to_owned(),
            action: "file set aside".to_owned(),
            subject: file.name,
            evidence: fault.message,
        };
        self.store.commit(&Batch { audit: vec![entry], ..Batch::default() })?;
        Ok(None)
    }

    fn note_refusal(&mut self, files: &SetFolder, verdicts: &SetJudgement) -> Result<(), ServiceFault> {
        let clauses: Vec<_> = verdicts.refusals().into_iter().map(|finding| finding.clause).collect();
        let entry = AuditEntry {
            at: self.shared.clock.now(),
            actor: "DSP".to_owned(),
            action: "set refused".to_owned(),
            subject: files.named().map_or_else(|| files.dir.display().to_string(), |s| s.to_string()),
            evidence: self.shared.noted(clauses.join(" ")),
        };
        Ok(self.store.commit(&Batch { audit: vec![entry], ..Batch::default() })?)
    }

    /// The Common Validation File of a set that was taken in.
    pub(crate) fn validation_file(&mut self, set: SetId) -> Result<FileAt, ServiceFault> {
        let body = validation(&*self.store, set)?
            .ok_or_else(|| ServiceFault::Body(format!("the set {set} has no validation file")))?;
        let name = FileName::OfSet(FileKind::MigrationCommonValidationFile, set).to_string();
        Ok(FileAt { path: inbox::place(&mut *self.store, &body)?, name })
    }
}

/// A set in front of the DSP.
struct Judging<'a> {
    /// What is written of it; none until it is known that the set as a whole is taken in.
    begun: Option<Begun>,
    opened: &'a OpenedSet,
    now: Timestamp,
    store: &'a mut dyn Store,
    shared: &'a Shared,
}

/// What is being written of a set that is taken in, if it was not altered.
struct Begun {
    set: SetId,
    digests: [Digest; 3],
    said: SetJudgement,
    writing: Writing<MigrationCommonValidationFile>,
}

impl Client for Judging<'_> {
    fn begin(&mut self, verdicts: &SetJudgement) -> Result<Then, ServiceFault> {
        let opened = self.opened;
        let clean = verdicts.set_is_clean();
        let (Some(common), Some(set), Some(digests), true) =
            (opened.common.file(), opened.set_id(), opened.digests(), clean)
        else {
            return Ok(Then::Stop);
        };
        let head = MigrationCommonValidationFile {
            migration_header: common.head().migration_header.clone(),
            migration_common_file_digest: digests[0],
            migration_group_file_digest: digests[1],
            migration_group_encrypted_file_digest: digests[2],
            validation_date_time: self.now,
            overlay: self.shared.under_overlay(),
            installations: Vec::new(),
        };
        let writing = Writing::begin(&mut *self.store, set, (opened.schema(), &head), &[WATCHED], opened.repeats())?;
        self.begun = Some(Begun { set, digests, said: verdicts.clone(), writing });
        Ok(Then::Go)
    }

    fn know(&mut self, installations: &[CommonInstallation]) -> Result<Known, ServiceFault> {
        let mut facts = self.shared.facts_of(installations)?;
        inventory::add_recorded(&*self.store, installations, &mut facts)?;
        Ok(Known { facts, history: InstallationHistory::default() })
    }

    fn take(&mut self, part: JudgedPart) -> Result<(), ServiceFault> {
        let Some(Begun { set: begun_for, writing, .. }) = &mut self.begun else { return Ok(()) };
        writing.next_run(&mut *self.store)?;
        for (at, installation) in part.installations.iter().enumerate() {
            let clean = installation.is_clean();
            if clean {
                writing.keep(Watched::put(*begun_for, &part.common, at)?.into_iter().collect());
            } else {
                writing.refuse(installation.chf, &clauses(installation))?;
            }
            writing.answer(&ValidationInstallation {
                chf_identifier: installation.chf,
                outcome: if clean { Validity::Valid } else { Validity::Invalid },
                findings: told(installation.findings().iter()),
            })?;
        }
        Ok(())
    }
}

/// The change that notes a set's Common Validation File.
fn put_validation(set: SetId, body: &Body) -> Result<Put, ServiceFault> {
    let Body::File { digest, length } = body else { return Err(ServiceFault::Body("no file".to_owned())) };
    let noted = serde_json::to_vec(&Noted { digest: *digest, length: *length }).map_err(ServiceFault::body)?;
    Ok(Put { kind: VALIDATION, key: set.to_string(), expect: Expect::Absent, version: NOTED_VERSION, body: noted })
}

/// Which file a set's Common Validation File is.
#[derive(Debug, Serialize, Deserialize)]
struct Noted {
    digest: Digest,
    length: u64,
}

/// The Common Validation File of a set that was taken in.
pub(crate) fn validation(store: &dyn StoreView, set: SetId) -> Result<Option<Body>, ServiceFault> {
    let Some(record) = store.get(VALIDATION, &set.to_string())? else { return Ok(None) };
    if record.version == NOTED_VERSION {
        let Noted { digest, length } = serde_json::from_slice(&record.body).map_err(ServiceFault::body)?;
        return Ok(Some(Body::File { digest, length }));
    }
    Ok(Some(Body::Bytes(inbox::decoded::<String>(VALIDATION, &record)?.into_bytes())))
}

/// The clauses that an installation breaks, each once, in the registry's order.
pub(crate) fn clauses(installation: &tern_rules::InstallationJudgement) -> Vec<String> {
    let mut clauses: Vec<String> = installation.unclean().map(|j| j.rule.clause.to_owned()).collect();
    clauses.dedup();
    clauses
}
