//! The Commissioning Party (P): combines the S1SP's and the DCO's reports, and instructs what both found viable.

use std::collections::BTreeSet;
use std::sync::Arc;

use tern_model::{ChfIdentifier, Digest, Role, SetId};
use tern_store::{AuditEntry, Batch, Expect, Store};
use tern_wire::Verified;
use tern_wire::migration::{
    CommissioningFile, CommissioningInstallation, FileKind, FileName, Validity, ViabilityReport,
};
use tern_wire::smki::Signer;

use super::{Party, Shared, inbox, to};
use crate::fault::ServiceFault;
use crate::set_files::RawFile;

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
        let same_basis = s1sp.migration_common_validation_file_digest == dco.migration_common_validation_file_digest;
        let both: BTreeSet<_> = viable(&s1sp).intersection(&viable(&dco)).copied().filter(|_| same_basis).collect();
        let now = self.shared.clock.now();
        let order = s1sp.installations.iter().map(|i| i.chf_identifier).filter(|chf| both.contains(chf));
        let message = CommissioningFile {
            migration_header: s1sp.migration_header.clone(),
            s1sp_viability_report_digest: s1sp.document().digest(),
            dco_viability_report_digest: dco.document().digest(),
            creation_date_time: now,
            installations: order.map(|chf_identifier| CommissioningInstallation { chf_identifier }).collect(),
        };
        let (file, digest): (RawFile, Digest) =
            self.shared.signed(&FileName::OfSet(FileKind::CommissioningFile, set), &message, &self.signer)?;
        let evidence = if same_basis {
            format!("{} installations that S1SP and DCO both found viable", both.len())
        } else {
            "none: S1SP and DCO judged by different validation files".to_owned()
        };
        let audit = AuditEntry {
            at: now,
            actor: "Commissioning Party".to_owned(),
            action: "commissioning instructed".to_owned(),
            subject: set.to_string(),
            evidence,
        };
        self.store.commit(&Batch {
            puts: vec![inbox::put(SET, set.to_string(), Expect::Absent, &digest)?],
            outbox: vec![to(Role::S1sp, &file, now)],
            audit: vec![audit],
            ..Batch::default()
        })?;
        Ok(())
    }

    fn report(
        &self,
        from: Role,
        kind: FileKind,
        set: SetId,
    ) -> Result<Option<Verified<ViabilityReport>>, ServiceFault> {
        let Some(file) = inbox::received(&*self.store, from, kind, set)? else { return Ok(None) };
        self.shared.believe(&file).map(Some)
    }
}

fn viable(report: &ViabilityReport) -> BTreeSet<ChfIdentifier> {
    report.installations.iter().filter(|i| i.outcome == Validity::Valid).map(|i| i.chf_identifier).collect()
}

impl Party for CommissioningParty {
    fn role(&self) -> Role {
        Role::CommissioningParty
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
