//! The Migration Group Encrypted File: device keys, each blob for one recipient.

use tern_model::ChfIdentifier;

use super::open::{Claim, SignedFile};
use super::{EncryptedBlobHolder, EncryptedMasterKey, FileKind, MigrationHeader};
use crate::describe;
use crate::schema::{Message, MessageDescription};

describe! {
    /// The Migration Group Encrypted File, from the Requesting Party to the S1SP and the DCO.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MigrationGroupEncryptedFile signed {
        /// What every file of the set carries alike.
        "MigrationHeader" migration_header: MigrationHeader, stated "S002 22";
        /// One entry per installation.
        "Installation" installations: Vec<GroupEncryptedInstallation> [1..=100_000], P;
    }
}

describe! {
    /// One installation. Both blobs are needed; the schema lets one be missing so that a rule can speak of that installation
    /// alone.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct GroupEncryptedInstallation {
        /// The Device ID of the Communications Hub Function, the key of the entry.
        "CHFIdentifier" chf_identifier: ChfIdentifier, stated "S002 25";
        /// Keys for the S1SP alone.
        "EncryptedS1SPGroupInformation" encrypted_s1sp_group_information: Option<EncryptedBlobHolder>, stated "S002 21";
        /// The ESME's master key, for the DCO alone.
        "EncryptedMasterKey" encrypted_master_key: Option<EncryptedMasterKey>, stated "S002 25";
    }
}

impl Message for MigrationGroupEncryptedFile {
    const MESSAGE: MessageDescription = MessageDescription {
        root: "MigrationGroupEncryptedFile",
        content: &Self::TYPE,
        files: &[FileKind::MigrationGroupEncryptedFile],
    };
}

impl SignedFile for MigrationGroupEncryptedFile {
    fn claim(&self) -> Claim {
        Claim::requesting_party(&self.migration_header)
    }
}
