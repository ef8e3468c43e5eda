//! The Migration Common Validation File: the DSP's judgement on a Common File.

use jiff::Timestamp;
use tern_model::{ChfIdentifier, Digest};

use super::open::{Claim, SignedFile};
use super::{FileKind, FindingEntry, MigrationHeader, UnderOverlay, Validity};
use crate::describe;
use crate::schema::{Message, MessageDescription};

describe! {
    /// The Migration Common Validation File, from the DSP to the Requesting Party, the S1SP and the DCO.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MigrationCommonValidationFile signed {
        /// What every file of the set carries alike.
        "MigrationHeader" migration_header: MigrationHeader, stated "S002 22";
        /// SHA-256 of the Common File's bytes.
        "MigrationCommonFileDigest" migration_common_file_digest: Digest, P;
        /// SHA-256 of the Group File's bytes.
        "MigrationGroupFileDigest" migration_group_file_digest: Digest, P;
        /// SHA-256 of the Group Encrypted File's bytes.
        "MigrationGroupEncryptedFileDigest" migration_group_encrypted_file_digest: Digest, P;
        /// When the DSP judged, UTC.
        "ValidationDateTime" validation_date_time: Timestamp, P;
        /// Under which overlay the DSP judged; none where it was under the published rules.
        "Overlay" overlay: Option<UnderOverlay>, P;
        /// One entry per installation of the Common File.
        "Installation" installations: Vec<ValidationInstallation> [1..=100_000], P;
    }
}

describe! {
    /// The outcome for one installation; one that fails stops no other (CH8).
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ValidationInstallation {
        /// The Device ID of the Communications Hub Function, the key of the entry.
        "CHFIdentifier" chf_identifier: ChfIdentifier, P;
        /// Whether it may go on.
        "Outcome" outcome: Validity, P;
        /// Why not.
        "Finding" findings: Vec<FindingEntry> [0..=1000], P;
    }
}

impl Message for MigrationCommonValidationFile {
    const MESSAGE: MessageDescription = MessageDescription {
        root: "MigrationCommonValidationFile",
        content: &Self::TYPE,
        files: &[FileKind::MigrationCommonValidationFile],
    };
}

impl SignedFile for MigrationCommonValidationFile {
    fn claim(&self) -> Claim {
        Claim::of_role(&self.migration_header)
    }
}
