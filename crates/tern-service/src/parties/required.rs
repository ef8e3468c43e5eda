//! A Required File Set in front of S1SP or DCO (15.4, 15.5): what both do alike, from the last file that comes to the Viability
//! Report.
//!
//! What is judged is the very file that came: one that reads otherwise now was altered, and nothing of its set counts.

use std::sync::Arc;

use jiff::Timestamp;
use tern_model::{ChfIdentifier, Digest, Role, SetId};
use tern_rules::{InstallationHistory, SetJudgement};
use tern_store::{AuditEntry, Expect, Put, Store, StoreView};
use tern_wire::migration::{CommonInstallation, FileKind, FileName, UnderOverlay, ViabilityReport};
use tern_wire::smki::{Decrypter, Signer};
use tern_wire::stream::SignedStream;

use super::history::{self, SET, SetRecord};
use super::inbox::{self, Received};
use super::viability::Viability;
use super::writing::Writing;
use super::{Shared, not_believed, to};
use crate::fault::ServiceFault;
use crate::judging::{Client, JudgedPart, Known, Then};
use crate::set_files::{FileAt, OpenedSet, Reading};

/// A party with a Required File Set: which one it is, and what it keeps of an installation.
pub(super) trait Keeper {
    /// Its role.
    const ROLE: Role;
    /// Its name in its audit.
    const NAME: &'static str;
    /// The files, each with the party that hands it over: the Common File, its validation, the others.
    const REQUIRED: &'static [(Role, FileKind)];
    /// Its report.
    const REPORT: FileKind;
    /// The kinds of the records that [`Keeper::keep`] and [`Keeper::drop`] make under the set's name.
    const KINDS: &'static [&'static str];

    /// The private key of its encryption certificate.
    fn decrypter(&self) -> &Arc<Decrypter>;

    /// What it remembers of installations.
    ///
    /// # Errors
    /// The store cannot be read.
    fn remembers(
        &self,
        store: &dyn StoreView,
        set: SetId,
        installations: &[CommonInstallation],
    ) -> Result<InstallationHistory, ServiceFault>;

    /// The records of an installation that is not viable.
    ///
    /// # Errors
    /// They cannot be made.
    fn drop(&self, _set: SetId, _chf: ChfIdentifier) -> Result<Vec<Put>, ServiceFault> {
        Ok(Vec::new())
    }

    /// The records of a viable installation; none where it is not viable after all.
    ///
    /// # Errors
    /// They cannot be made.
    fn keep(&self, set: SetId, part: &JudgedPart, at: usize, now: Timestamp) -> Result<Option<Vec<Put>>, ServiceFault>;
}

/// Where the Common Validation File stands in [`Keeper::REQUIRED`].
const VALIDATION: usize = 1;

/// Judges a set once everything that the Required File Set needs is there. Nothing changes before, or where it was judged.
///
/// # Errors
/// A file cannot be believed or was altered; the party cannot sign; the store fails.
pub(super) fn consider<K: Keeper>(
    store: &mut dyn Store,
    signer: &Signer,
    shared: &Shared,
    keeper: &K,
    set: SetId,
) -> Result<(), ServiceFault> {
    if store.get(SET, &set.to_string())?.is_some() {
        return Ok(());
    }
    let now = shared.clock.now();
    let Some(files) = files::<K>(store, set)? else { return Ok(()) };
    shared.may_sign(signer)?;
    let at: Vec<FileAt> = files.iter().map(|came| came.file.clone()).collect();
    let opened = OpenedSet::open(&at, &shared.trust, now)?;
    let (head, mut record) = head_and_record(store, &opened, &files, (now, shared.under_overlay()))?;
    let history = history::of_counter(store, set)?;
    let mut judging = Judging {
        writing: Writing::begin(store, set, (opened.schema(), &head), K::KINDS, opened.repeats())?,
        viability: None,
        set,
        now,
        store,
        keeper,
        shared,
    };
    let bench = shared.bench(shared.today());
    bench.judge(K::ROLE, &opened, &history, Some(keeper.decrypter()), &mut judging)?;
    let Judging { writing, store, .. } = judging;
    // With its record all that was written of the set counts.
    record.refused = writing.refused();
    let (report, digest, mut batch) = writing.finish(store, signer)?;
    record.report = Some(digest);
    batch.audit.push(AuditEntry {
        at: now,
        actor: K::NAME.to_owned(),
        action: "set judged".to_owned(),
        subject: set.to_string(),
        evidence: shared.noted(format!("{} installations not viable", record.refused)),
    });
    batch.puts.push(record.put(set, Expect::Absent)?);
    batch.puts.extend(inbox::note_counter(store, set)?);
    let name = FileName::OfSet(K::REPORT, set).to_string();
    batch.outbox.push(to(Role::CommissioningParty, &name, &report, now));
    Ok(store.commit(&batch)?)
}

/// The files that came, once all are there.
fn files<K: Keeper>(store: &mut dyn Store, set: SetId) -> Result<Option<Vec<Received>>, ServiceFault> {
    let mut files = Vec::new();
    for (from, kind) in K::REQUIRED {
        let Some(file) = inbox::received(store, *from, *kind, set)? else { return Ok(None) };
        files.push(file);
    }
    Ok(Some(files))
}

/// How the report begins, and what will be remembered of the set, where every file is still the one that came. A validation
/// file that cannot be believed is judged: it makes nothing viable, and the report says why.
fn head_and_record(
    store: &mut dyn Store,
    opened: &OpenedSet,
    files: &[Received],
    (now, overlay): (Timestamp, Option<UnderOverlay>),
) -> Result<(ViabilityReport, SetRecord), ServiceFault> {
    let group = opened.group.file().map(SignedStream::digest);
    let group_refused = matches!(opened.group, Reading::Refused);
    let (Some(common), Some(encrypted), false) = (opened.common.file(), opened.encrypted.file(), group_refused) else {
        let name = files.first().map_or("", |came| &came.file.name);
        return Err(not_believed(name, &opened.faults));
    };
    let mut read: Vec<Digest> = group.into_iter().chain([common.digest(), encrypted.digest()]).collect();
    let validation = match (opened.validation.file(), files.get(VALIDATION)) {
        (Some(file), _) => file.digest(),
        (None, Some(came)) => inbox::copied(store, &came.file)?.digest,
        (None, None) => return Err(not_believed(common.name(), &opened.faults)),
    };
    read.push(validation);
    if let Some(other) = files.iter().find(|came| !read.contains(&came.digest)) {
        return Err(ServiceFault::Altered { name: other.file.name.clone() });
    }
    let head = ViabilityReport {
        migration_header: common.head().migration_header.clone(),
        migration_common_validation_file_digest: validation,
        report_date_time: now,
        overlay,
        installations: Vec::new(),
    };
    let record = SetRecord {
        common: common.digest(),
        group,
        encrypted: encrypted.digest(),
        judged: now,
        installations: opened.different_installations(),
        refused: 0,
        sender: None,
        report: None,
        instructed: None,
        instructing: 0,
    };
    Ok((head, record))
}

/// A set in front of a party.
struct Judging<'a, K> {
    writing: Writing<ViabilityReport>,
    viability: Option<Viability>,
    set: SetId,
    now: Timestamp,
    store: &'a mut dyn Store,
    keeper: &'a K,
    shared: &'a Shared,
}

impl<K: Keeper> Client for Judging<'_, K> {
    fn begin(&mut self, set: &SetJudgement) -> Result<Then, ServiceFault> {
        self.viability = Some(Viability::of(set));
        Ok(Then::Go)
    }

    fn know(&mut self, installations: &[CommonInstallation]) -> Result<Known, ServiceFault> {
        let history = self.keeper.remembers(&*self.store, self.set, installations)?;
        Ok(Known { facts: self.shared.facts_of(installations)?, history })
    }

    fn take(&mut self, part: JudgedPart) -> Result<(), ServiceFault> {
        self.writing.next_run(&mut *self.store)?;
        let Some(viability) = &self.viability else { return Ok(()) };
        for (at, installation) in part.installations.iter().enumerate() {
            let kept = if viability.whole && installation.is_clean() {
                self.keeper.keep(self.set, &part, at, self.now)?
            } else {
                None
            };
            if kept.is_none() {
                self.writing.keep(self.keeper.drop(self.set, installation.chf)?);
            }
            viability.tell(&mut self.writing, installation, kept)?;
        }
        Ok(())
    }
}
