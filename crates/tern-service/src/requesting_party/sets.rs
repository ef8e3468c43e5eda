//! Sets as they are made: three files from the same installations, signed under the same header, each written as it grows.

use std::fs;
use std::path::{Path, PathBuf};

use tern_model::{Fuel, GroupId, PartyId, SetId};
use tern_wire::migration::{
    CommonInstallation, ExportInstallation, FileKind, FileName, GroupEncryptedInstallation, GroupInstallation,
    MigrationCommonFile, MigrationGroupEncryptedFile, MigrationGroupFile, MigrationHeader,
};
use tern_wire::schema::SchemaVersion;
use tern_wire::stream::{Entries, SignedWriter, WriteFault};

use super::certificates::Certificates;
use super::files::is_free;
use super::{Counters, Request};
use crate::ServiceFault;

/// One set, signed and not yet at its place; what is not put there goes when this does.
#[derive(Debug)]
pub struct BuiltSet {
    /// Which.
    pub id: SetId,
    /// How many installations it holds.
    pub installations: usize,
    path: PathBuf,
    draft: PathBuf,
}

impl BuiltSet {
    /// The folder that it is to have, for example `sets/EA_42`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder in which its files are until then.
    #[must_use]
    pub fn draft(&self) -> &Path {
        &self.draft
    }
}

impl Drop for BuiltSet {
    fn drop(&mut self) {
        // Where it was put at its place there is nothing left; a draft that stays is written over the next time.
        let _ = fs::remove_dir_all(&self.draft);
    }
}

/// The sets of one group and SMSO, one after the other.
pub(super) struct Line<'a> {
    request: &'a Request<'a>,
    group: GroupId,
    smso: PartyId,
    counters: &'a mut Counters,
    open: Option<Draft>,
    done: Vec<BuiltSet>,
}

impl<'a> Line<'a> {
    pub(super) fn new(request: &'a Request<'a>, group: GroupId, smso: PartyId, counters: &'a mut Counters) -> Line<'a> {
        Line { request, group, smso, counters, open: None, done: Vec::new() }
    }

    /// Adds an installation to the set in hand, or begins one.
    pub(super) fn push(
        &mut self,
        installation: &ExportInstallation,
        certificates: &mut Certificates<'_>,
    ) -> Result<(), ServiceFault> {
        let mut draft = match self.open.take() {
            Some(draft) => draft,
            None => self.begin()?,
        };
        draft.push(installation, certificates)?;
        if draft.set.installations < self.request.settings.installations_max.get() {
            self.open = Some(draft);
        } else {
            self.done.push(draft.finish(self.request)?);
        }
        Ok(())
    }

    /// All sets, signed.
    pub(super) fn finish(mut self) -> Result<Vec<BuiltSet>, ServiceFault> {
        if let Some(draft) = self.open.take() {
            self.done.push(draft.finish(self.request)?);
        }
        Ok(self.done)
    }

    fn begin(&mut self) -> Result<Draft, ServiceFault> {
        let requesting_party_id = self.request.signer.certificate().party();
        let file_counter = self.counters.take(requesting_party_id, self.group)?;
        let header = MigrationHeader {
            requesting_party_id,
            group_id: self.group,
            file_counter,
            creation_date_time: self.request.now,
            smets1_smso: self.smso,
        };
        Draft::begin(
            &self.request.out.join("sets"),
            header,
            tern_rules::schema_version(self.request.books).for_group(self.group),
        )
    }
}

/// A set that is being made.
struct Draft {
    // Before the set: the files' own drafts go before their folder.
    common: SignedWriter<MigrationCommonFile>,
    group: SignedWriter<MigrationGroupFile>,
    encrypted: SignedWriter<MigrationGroupEncryptedFile>,
    set: BuiltSet,
}

impl Draft {
    fn begin(sets: &Path, header: MigrationHeader, version: SchemaVersion) -> Result<Draft, ServiceFault> {
        let id = header.set_id();
        let folder = format!("{}_{}", id.group, id.counter);
        let (path, draft) = (sets.join(&folder), sets.join(format!(".{folder}.part")));
        is_free(&path)?;
        if draft.exists() {
            fs::remove_dir_all(&draft).map_err(|e| ServiceFault::file("remove", &draft, &e))?;
        }
        fs::create_dir_all(&draft).map_err(|e| ServiceFault::file("make", &draft, &e))?;
        let set = BuiltSet { id, installations: 0, path, draft };
        let common = MigrationCommonFile { migration_header: header.clone(), installations: Vec::new() };
        let group = MigrationGroupFile { migration_header: header.clone(), installations: Vec::new() };
        let encrypted = MigrationGroupEncryptedFile { migration_header: header, installations: Vec::new() };
        Ok(Draft {
            common: file((version, &set), FileKind::MigrationCommonFile, &common)?,
            group: file((version, &set), FileKind::MigrationGroupFile, &group)?,
            encrypted: file((version, &set), FileKind::MigrationGroupEncryptedFile, &encrypted)?,
            set,
        })
    }

    fn push(&mut self, from: &ExportInstallation, certificates: &mut Certificates<'_>) -> Result<(), ServiceFault> {
        self.set.installations += 1;
        let folder = &self.set.draft;
        self.common.push(&common(from, certificates)).map_err(|e| fault(folder, e))?;
        self.group.push(&clear(from)).map_err(|e| fault(folder, e))?;
        self.encrypted.push(&sealed(from)).map_err(|e| fault(folder, e))
    }

    fn finish(self, request: &Request<'_>) -> Result<BuiltSet, ServiceFault> {
        let folder = &self.set.draft;
        self.common.finish(request.signer).map_err(|e| fault(folder, e))?;
        self.group.finish(request.signer).map_err(|e| fault(folder, e))?;
        self.encrypted.finish(request.signer).map_err(|e| fault(folder, e))?;
        Ok(self.set)
    }
}

fn file<T: Entries>(
    (version, set): (SchemaVersion, &BuiltSet),
    kind: FileKind,
    head: &T,
) -> Result<SignedWriter<T>, ServiceFault> {
    let path = set.draft.join(FileName::OfSet(kind, set.id).to_string());
    SignedWriter::begin_in(version, &path, head).map_err(|e| fault(&path, e))
}

fn fault(path: &Path, fault: WriteFault) -> ServiceFault {
    match fault {
        WriteFault::Io(error) => ServiceFault::file("write", path, &error),
        WriteFault::Sign(fault) => {
            ServiceFault::Crypto { what: "a file of a migration set", reason: fault.to_string() }
        }
    }
}

fn common(from: &ExportInstallation, certificates: &mut Certificates<'_>) -> CommonInstallation {
    let chf = from.chf_identifier;
    CommonInstallation {
        chf_identifier: chf,
        communications_provider: from.communications_provider.clone(),
        chf: from.chf.clone(),
        gpf: from.gpf.clone(),
        esme: certificates.meter(chf, Fuel::Electricity, &from.esme),
        gsme: from.gsme.as_ref().map(|meter| certificates.meter(chf, Fuel::Gas, meter)),
        ppmids: from.ppmids.clone(),
        ihds: from.ihds.clone(),
    }
}

fn clear(from: &ExportInstallation) -> GroupInstallation {
    GroupInstallation {
        chf_identifier: from.chf_identifier,
        chf_details: from.chf_details.clone(),
        esme_detail: from.esme_detail.clone(),
        gsme_detail: from.gsme_detail.clone(),
    }
}

fn sealed(from: &ExportInstallation) -> GroupEncryptedInstallation {
    GroupEncryptedInstallation {
        chf_identifier: from.chf_identifier,
        encrypted_s1sp_group_information: Some(from.encrypted_s1sp_group_information.clone()),
        encrypted_master_key: Some(from.encrypted_master_key.clone()),
    }
}
