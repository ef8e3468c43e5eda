//! What the judge is shown: the files of a set as far as the role has them, what was decrypted for it, and its own state.
//!
//! Everything here was verified or opened by `tern-wire` before. This module must never open, verify or fetch anything.

use std::collections::HashMap;

use tern_model::{CertificateId, ChfIdentifier, Digest, GroupId, PartyId, Role, SetId};
use tern_wire::migration::{
    DecryptedMasterKey, DecryptedS1spDpGroupInformation, MigrationCommonFile, MigrationCommonValidationFile,
    MigrationGroupEncryptedFile, MigrationGroupFile,
};
use tern_wire::{Verified, WireFault};

/// One kind of file of a set.
#[derive(Debug)]
pub enum Slot<'a, T> {
    /// No such file was given.
    Absent,
    /// There is one, and it was refused while it was read: its faults are in [`SetView::faults`].
    Unreadable,
    /// Verified.
    Present(&'a Verified<T>),
}

impl<'a, T> Slot<'a, T> {
    /// The file, where it could be read.
    #[must_use]
    pub fn file(&self) -> Option<&'a Verified<T>> {
        match self {
            Slot::Present(file) => Some(file),
            Slot::Absent | Slot::Unreadable => None,
        }
    }

    /// Whether no such file was given.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Slot::Absent)
    }
}

/// A plaintext of one entry: none where the entry holds no blob, the faults where it could not be opened or decoded.
pub type Opened<T> = Option<Result<T, Vec<WireFault>>>;

/// Who holds a certificate, as the role's directory knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The organisation.
    pub party: PartyId,
    /// Its role.
    pub role: Role,
    /// Whether the certificate may be used now; else why not, in a few words ("expired on 2021-01-01").
    pub usable: Result<(), String>,
}

/// The role's directory of organisation certificates, by certificate ID.
pub trait Directory {
    /// Who holds the certificate; none where the directory does not know it.
    fn holder(&self, id: &CertificateId) -> Option<Holder>;
}

impl<F: Fn(&CertificateId) -> Option<Holder>> Directory for F {
    fn holder(&self, id: &CertificateId) -> Option<Holder> {
        self(id)
    }
}

/// The digests under which the role has seen a set's counter before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenSet {
    /// Of the Migration Common File.
    pub common: Digest,
    /// Of the Migration Group File; none for the DCO, which never gets it.
    pub group: Option<Digest>,
    /// Of the Migration Group Encrypted File.
    pub encrypted: Digest,
}

/// What the role remembers of earlier sets. Empty where it has seen none.
#[derive(Debug, Clone, Default)]
pub struct SetHistory {
    /// The highest counter seen of this Requesting Party and group.
    pub highest: Option<u64>,
    /// What this very counter was seen with, where it was seen.
    pub seen: Option<SeenSet>,
    /// Installations that another set holds at this moment: neither refused, commissioned nor rolled back.
    pub being_migrated: HashMap<ChfIdentifier, SetId>,
    /// The set in which an SMSO export's blob of an installation was used before.
    pub exports_used: HashMap<(ChfIdentifier, String), SetId>,
}

/// What configuration leaves open (P).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The planned rollback window: days after the migration day through which rollback certificates must be usable.
    pub rollback_days: i32,
    /// How far below the highest counter a counter that was never seen is accepted.
    pub counter_window: u64,
    /// Constraints on rollback certificates that this installation of Tern is known to keep, as written in the records.
    pub constraints_kept: Vec<String>,
    /// The groups whose cohort this release can commission.
    pub served: Vec<GroupId>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { rollback_days: 14, counter_window: 100, constraints_kept: Vec::new(), served: GroupId::FOC.to_vec() }
    }
}

/// A file set as one role sees it.
pub struct SetView<'a> {
    /// Migration Common File.
    pub common: Slot<'a, MigrationCommonFile>,
    /// Migration Group File; the DCO never gets it.
    pub group: Slot<'a, MigrationGroupFile>,
    /// Migration Group Encrypted File.
    pub encrypted: Slot<'a, MigrationGroupEncryptedFile>,
    /// Migration Common Validation File.
    pub validation: Slot<'a, MigrationCommonValidationFile>,
    /// Names of files beyond the first of their kind.
    pub doubled: Vec<String>,
    /// What was wrong with files that could not be read.
    pub faults: Vec<WireFault>,
    /// What the S1SP decrypted, one per entry of the Group Encrypted File; none where no key was given.
    pub group_information: Option<&'a [Opened<DecryptedS1spDpGroupInformation>]>,
    /// What the DCO decrypted, one per entry of the Group Encrypted File; none where no key was given.
    pub master_keys: Option<&'a [Opened<DecryptedMasterKey>]>,
    /// Path, validity, revocation and binding of each DeviceCertificate, one per entry of the Group File; none where
    /// they were not checked.
    pub device_certificates: Option<&'a [Result<(), String>]>,
    /// The role's directory of organisation certificates.
    pub certificates: &'a dyn Directory,
    /// What the role remembers.
    pub history: &'a SetHistory,
    /// What configuration leaves open.
    pub settings: &'a Settings,
}

impl<'a> SetView<'a> {
    /// A view without any file; fill in what there is.
    #[must_use]
    pub fn new(certificates: &'a dyn Directory, history: &'a SetHistory, settings: &'a Settings) -> SetView<'a> {
        SetView {
            common: Slot::Absent,
            group: Slot::Absent,
            encrypted: Slot::Absent,
            validation: Slot::Absent,
            doubled: Vec::new(),
            faults: Vec::new(),
            group_information: None,
            master_keys: None,
            device_certificates: None,
            certificates,
            history,
            settings,
        }
    }
}
