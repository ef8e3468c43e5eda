//! The Commissioning File: which installations of a set both S1SP and DCO found viable (P).

use jiff::Timestamp;
use tern_model::{ChfIdentifier, Digest};

use super::open::{Claim, SignedFile};
use super::{FileKind, MigrationHeader, UnderOverlay};
use crate::describe;
use crate::schema::{Message, MessageDescription};

describe! {
    /// A Commissioning File, from the Commissioning Party to the S1SP and the DCO.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CommissioningFile signed {
        /// What every file of the set carries alike.
        "MigrationHeader" migration_header: MigrationHeader, P;
        /// SHA-256 of the S1SP's Viability Report.
        "S1SPViabilityReportDigest" s1sp_viability_report_digest: Digest, P;
        /// SHA-256 of the DCO's Viability Report.
        "DCOViabilityReportDigest" dco_viability_report_digest: Digest, P;
        /// When the file was made, UTC.
        "CreationDateTime" creation_date_time: Timestamp, P;
        /// Under which overlay the file was made; none where it was under the published rules.
        "Overlay" overlay: Option<UnderOverlay>, P;
        /// One entry per installation that is to be commissioned; none where none is.
        "Installation" installations: Vec<CommissioningInstallation> [0..=100_000], P;
    }
}

describe! {
    /// One installation that is to be commissioned.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CommissioningInstallation {
        /// The Device ID of the Communications Hub Function, the key of the entry.
        "CHFIdentifier" chf_identifier: ChfIdentifier, P;
    }
}

impl Message for CommissioningFile {
    const MESSAGE: MessageDescription =
        MessageDescription { root: "CommissioningFile", content: &Self::TYPE, files: &[FileKind::CommissioningFile] };
}

impl SignedFile for CommissioningFile {
    fn claim(&self) -> Claim {
        Claim::of_role(&self.migration_header)
    }
}
