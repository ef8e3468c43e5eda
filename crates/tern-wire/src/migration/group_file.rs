//! The Migration Group File: what the S1SP needs beyond the Common File, in the clear.

use tern_model::ChfIdentifier;

use super::open::{Claim, SignedFile};
use super::{ChfDetails, EsmeDetail, FileKind, GsmeDetail, MigrationHeader};
use crate::describe;
use crate::schema::{Message, MessageDescription};

describe! {
    /// The Migration Group File, from the Requesting Party to the S1SP.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MigrationGroupFile signed {
        /// What every file of the set carries alike.
        "MigrationHeader" migration_header: MigrationHeader, stated "S002 22";
        /// One entry per installation.
        "Installation" installations: Vec<GroupInstallation> [1..=100_000], P;
    }
}

describe! {
    /// One installation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct GroupInstallation {
        /// The Device ID of the Communications Hub Function, the key of the entry.
        "CHFIdentifier" chf_identifier: ChfIdentifier, stated "S002 24";
        /// The hub's SIM and certificate.
        "CHFDetails" chf_details: ChfDetails, stated "S002 24";
        /// The electricity meter.
        "ESMEDetail" esme_detail: EsmeDetail, P;
        /// The gas meter, where there is one.
        "GSMEDetail" gsme_detail: Option<GsmeDetail>, P;
    }
}

impl Message for MigrationGroupFile {
    const MESSAGE: MessageDescription =
        MessageDescription { root: "MigrationGroupFile", content: &Self::TYPE, files: &[FileKind::MigrationGroupFile] };
}

impl SignedFile for MigrationGroupFile {
    fn claim(&self) -> Claim {
        Claim::requesting_party(&self.migration_header)
    }
}
