//! The Commissioning Party (P): combines the S1SP's and the DCO's reports, and instructs what both found viable.

use std::sync::Arc;

use tern_model::{Role, SetId};
use tern_store::{AuditEntry, Expect, Store};
use tern_wire::migration::{
    CommissioningFile, CommissioningInstallation, FileKind, FileName, Validity, ViabilityReport,
};
use tern_wire::smki::Signer;
use tern_wire::stream::SignedStream;

use super::writing::Writing;
use super::{Party, Shared, inbox, to};
use crate::fault::ServiceFault;
use crate::judging::Second;
use crate::set_files::FileAt;

const SET: &str = "set";

/// The Commissioning Party.
pub struct CommissioningParty {
    store: Box<dyn Store>,
    signer: Arc<Signer>,
    shared: Shared,
}

impl CommissioningParty {
    /// A Commissioning Party on its store.
    #[must_use]
    pub fn new(store: Box<dyn Store>, signer: Arc<Signer>, shared: Shared) -> CommissioningParty {
        CommissioningParty { store, signer, shared }
    }

    /// Instructs once both reports on a set are there and speak of the same validation file.
    fn consider(&mut self, set: SetId) -> Result<(), ServiceFault> {
        if self.store.get(SET, &set.to_string())?.is_some() {
            return Ok(());
        }
        let s1sp = self.report(Role::S1sp, FileKind::S1spViabilityReport, set)?;
        let dco = self.report(Role::Dco, FileKind::DcoViabilityReport, set)?;
        let (Some(s1sp), Some(dco)) = (s1sp, dco) else { return Ok(()) };
        self.shared.may_sign(&self.signer)?;
        let now = self.shared.clock.now();
        let head = CommissioningFile {
            migration_header: s1sp.head().migration_header.clone(),
            s1sp_viability_report_digest: s1sp.digest(),
            dco_viability_report_digest: dco.digest(),
            creation_date_time: now,
            overlay: self.shared.under_overlay(),
            installations: Vec::new(),
        };
        let mut writing = Writing::begin(&mut *self.store, set, (s1sp.version(), &head), &[], Arc::default())?;
        let evidence = match why_none(&s1sp, &dco) {
            Some(why) => format!("none: {why}"),
            None => {
                let instructed = viable_to_both(&s1sp, &dco, self.shared.at_once, &mut writing)?;
                format!("{instructed} installations that S1SP and DCO both found viable")
            }
        };
        let (file, digest, mut batch) = writing.finish(&mut *self.store, &self.signer)?;
        batch.audit.push(AuditEntry {
            at: now,
            actor: "Commissioning Party".to_owned(),
            action: "commissioning instructed".to_owned(),
            subject: set.to_string(),
            evidence: self.shared.noted(evidence),
        });
        batch.puts.push(inbox::put(SET, set.to_string(), Expect::Absent, &digest)?);
        let name = FileName::OfSet(FileKind::CommissioningFile, set).to_string();
        batch.outbox.push(to(Role::S1sp, &name, &file, now));
        Ok(self.store.commit(&batch)?)
    }

    fn report(
        &mut self,
        from: Role,
        kind: FileKind,
        set: SetId,
    ) -> Result<Option<SignedStream<ViabilityReport>>, ServiceFault> {
        let Some(file) = inbox::received(&mut *self.store, from, kind, set)? else { return Ok(None) };
        self.shared.believe(&file).map(Some)
    }
}

/// Why two reports allow no installation at all; none where they may be held against each other.
fn why_none(s1sp: &SignedStream<ViabilityReport>, dco: &SignedStream<ViabilityReport>) -> Option<&'static str> {
    let basis = |report: &SignedStream<ViabilityReport>| report.head().migration_common_validation_file_digest;
    if basis(s1sp) != basis(dco) {
        Some("S1SP and DCO judged by different validation files")
    } else if s1sp.keys() != dco.keys() {
        Some("S1SP and DCO speak of different installations")
    } else {
        None
    }
}

/// Writes every installation that both reports call viable, read side by side; says how many. Nothing of it counts where a
/// report turns out to be altered.
fn viable_to_both(
    s1sp: &SignedStream<ViabilityReport>,
    dco: &SignedStream<ViabilityReport>,
    at_once: usize,
    writing: &mut Writing<CommissioningFile>,
) -> Result<usize, ServiceFault> {
    let (mut ours, mut theirs) = (Second::of(s1sp, at_once)?, Second::of(dco, at_once)?);
    let mut instructed = 0;
    loop {
        let (Some(ours), Some(theirs)) = (ours.next()?, theirs.next()?) else { return Ok(instructed) };
        for (ours, theirs) in ours.installations.iter().zip(&theirs.installations) {
            if ours.outcome == Validity::Valid && theirs.outcome == Validity::Valid {
                writing.answer(&CommissioningInstallation { chf_identifier: ours.chf_identifier })?;
                instructed += 1;
            }
        }
    }
}

impl Party for CommissioningParty {
    fn role(&self) -> Role {
        Role::CommissioningParty
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
            Ok(FileName::OfSet(_, set)) => self.consider(set),
            _ => Ok(()),
        }
    }
}
