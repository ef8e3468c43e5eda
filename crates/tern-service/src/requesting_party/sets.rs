//! One set's three files, made from the same installations and signed under the same header.

use tern_model::{Fuel, GroupId, PartyId, SetId};
use tern_wire::migration::{
    CommonInstallation, ExportInstallation, FileKind, FileName, GroupEncryptedInstallation, GroupInstallation,
    MigrationCommonFile, MigrationGroupEncryptedFile, MigrationGroupFile, MigrationHeader,
};
use tern_wire::schema::{Message, write};

use super::certificates::Certificates;
use super::{BuiltSet, Request};
use crate::ServiceFault;

/// What one set is made of.
pub(super) struct Draft<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) group: GroupId,
    pub(super) smso: PartyId,
    pub(super) counter: u64,
    pub(super) installations: &'a [&'a ExportInstallation],
}

impl Draft<'_> {
    /// The set with its files signed.
    pub(super) fn signed(&self, certificates: &mut Certificates<'_>) -> Result<BuiltSet, ServiceFault> {
        let header = self.header();
        let installations = self.installations.iter();
        let common = MigrationCommonFile {
            migration_header: header.clone(),
            installations: installations.clone().map(|i| common(i, certificates)).collect(),
        };
        let group = MigrationGroupFile {
            migration_header: header.clone(),
            installations: installations.clone().map(|i| clear(i)).collect(),
        };
        let encrypted = MigrationGroupEncryptedFile {
            migration_header: header.clone(),
            installations: installations.map(|i| sealed(i)).collect(),
        };
        let id = header.set_id();
        let files = vec![
            self.file(FileKind::MigrationCommonFile, id, &common)?,
            self.file(FileKind::MigrationGroupFile, id, &group)?,
            self.file(FileKind::MigrationGroupEncryptedFile, id, &encrypted)?,
        ];
        Ok(BuiltSet { id, installations: self.installations.len(), files })
    }

    fn header(&self) -> MigrationHeader {
        MigrationHeader {
            requesting_party_id: self.request.signer.certificate().party(),
            group_id: self.group,
            file_counter: self.counter,
            creation_date_time: self.request.now,
            smets1_smso: self.smso,
        }
    }

    fn file<T: Message>(&self, kind: FileKind, id: SetId, message: &T) -> Result<(FileName, String), ServiceFault> {
        let signed = tern_wire::dsig::sign(&write(message), self.request.signer)
            .map_err(|e| ServiceFault::Crypto { what: kind.title(), reason: e.to_string() })?;
        Ok((FileName::OfSet(kind, id), signed))
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
