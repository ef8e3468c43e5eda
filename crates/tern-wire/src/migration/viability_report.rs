//! The Viability Report: what the S1SP or the DCO finds of its Required File Set (P).

use jiff::Timestamp;
use tern_model::{ChfIdentifier, Digest};

use super::open::{Claim, SignedFile};
use super::{FileKind, FindingEntry, MigrationHeader, UnderOverlay, Validity};
use crate::describe;
use crate::schema::{Message, MessageDescription};

describe! {
    /// A Viability Report, from the S1SP or the DCO to the Commissioning Party.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ViabilityReport signed {
        /// What every file of the set carries alike.
        "MigrationHeader" migration_header: MigrationHeader, P;
        /// SHA-256 of the Common Validation File's bytes.
        "MigrationCommonValidationFileDigest" migration_common_validation_file_digest: Digest, P;
        /// When the sender judged, UTC.
        "ReportDateTime" report_date_time: Timestamp, P;
        /// Under which overlay the sender judged; none where it was under the published rules.
        "Overlay" overlay: Option<UnderOverlay>, P;
        /// One entry per installation that was judged.
        "Installation" installations: Vec<ReportInstallation> [1..=100_000], P;
    }
}

describe! {
    /// The outcome for one installation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ReportInstallation {
        /// The Device ID of the Communications Hub Function, the key of the entry.
        "CHFIdentifier" chf_identifier: ChfIdentifier, P;
        /// Whether it may go on.
        "Outcome" outcome: Validity, P;
        /// Why not.
        "Finding" findings: Vec<FindingEntry> [0..=1000], P;
    }
}

impl Message for ViabilityReport {
    const MESSAGE: MessageDescription = MessageDescription {
        root: "ViabilityReport",
        content: &Self::TYPE,
        files: &[FileKind::S1spViabilityReport, FileKind::DcoViabilityReport],
    };
}

impl SignedFile for ViabilityReport {
    fn claim(&self) -> Claim {
        Claim::of_role(&self.migration_header)
    }
}
