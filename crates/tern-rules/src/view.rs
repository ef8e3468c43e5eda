//! What the judge is shown: of a set, everything but its entries; of a run of its installations, the entries of every file
//! that the role has, what was decrypted for it, and what it knows of them.
//!
//! Everything here was verified or opened by `tern-wire` before. This module must never open, verify or fetch anything.

use std::collections::HashMap;

use tern_model::facts::Facts;
use tern_model::{CertificateId, ChfIdentifier, Digest, GroupId, KnownAssociations, PartyId, Place, Role, SetId};
use tern_wire::migration::{
    DecryptedMasterKey, GroupInformation, MigrationCommonFile, MigrationCommonValidationFile,
    MigrationGroupEncryptedFile, MigrationGroupFile, SignedFile,
};
use tern_wire::schema::{Message, SchemaVersion};
use tern_wire::stream::{Entries, Repeats, SignedStream};
use tern_wire::{Verified, WireFault};

/// Where elements of a verified file stand.
pub trait Places {
    /// Of an element outside the entries, for example `MigrationHeader/FileCounter`.
    fn place_in_root(&self, path: &str) -> Place;

    /// Of an element of an entry, which counts from 0 over the whole file.
    fn place_of_entry(&self, entry: usize, path: &str) -> Place;
}

impl<T: Message> Places for Verified<T> {
    fn place_in_root(&self, path: &str) -> Place {
        Verified::place_in_root(self, path)
    }

    fn place_of_entry(&self, entry: usize, path: &str) -> Place {
        self.place(entry, path)
    }
}

impl<T: SignedFile + Entries> Places for SignedStream<T> {
    fn place_in_root(&self, path: &str) -> Place {
        SignedStream::place_in_root(self, path)
    }

    /// The document alone where the file cannot be read again: it was verified all the same.
    fn place_of_entry(&self, entry: usize, path: &str) -> Place {
        SignedStream::place_of_entry(self, entry, path).unwrap_or_else(|_| Place::document(self.name()))
    }
}

/// A verified file without its entries.
#[derive(Clone, Copy)]
pub struct FileHead<'a, T> {
    /// The message; whatever entries it holds are not looked at.
    pub message: &'a T,
    /// The file's name.
    pub name: &'a str,
    /// SHA-256 of the whole file.
    pub digest: Digest,
    /// The schema version that it follows.
    pub version: SchemaVersion,
    /// The CHFIdentifier of every entry, in the file's order.
    pub keys: &'a [ChfIdentifier],
    /// Where its elements stand.
    pub places: &'a (dyn Places + Sync),
}

/// One kind of file of a set.
#[derive(Clone, Copy)]
pub enum Slot<'a, T> {
    /// No such file was given.
    Absent,
    /// There is one, and it was refused while it was read: its faults are in [`SetView::faults`].
    Unreadable,
    /// Verified.
    Present(FileHead<'a, T>),
}

impl<'a, T> Slot<'a, T> {
    /// The file, where it could be read.
    #[must_use]
    pub fn file(&self) -> Option<&FileHead<'a, T>> {
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

    /// Whether something can be encrypted to a party in a role: it has an encryption certificate that may be used now.
    fn can_encrypt_to(&self, role: Role, party: PartyId) -> bool;
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

/// What the role remembers of earlier sets of the same Requesting Party and group. Empty where it has seen none.
#[derive(Debug, Clone, Default)]
pub struct SetHistory {
    /// The highest counter seen.
    pub highest: Option<u64>,
    /// What this very counter was seen with, where it was seen.
    pub seen: Option<SeenSet>,
}

/// What the role remembers of some installations. Empty where it has never heard of them.
#[derive(Debug, Clone, Default)]
pub struct InstallationHistory {
    /// Those that another set holds at this moment: neither refused, commissioned nor rolled back.
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
    /// What device models open to the DCC (Table B1).
    pub associations: KnownAssociations,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            rollback_days: 14,
            counter_window: 100,
            constraints_kept: Vec::new(),
            served: GroupId::FOC.to_vec(),
            associations: KnownAssociations::default(),
        }
    }
}

/// A file set as one role sees it, without its entries.
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
    pub doubled: &'a [String],
    /// What was wrong with files that could not be read.
    pub faults: &'a [WireFault],
    /// Device IDs that stand more than once in the Migration Common File, a CHF's own among them.
    pub repeats: &'a Repeats,
    /// The role's directory of organisation certificates.
    pub certificates: &'a (dyn Directory + Sync),
    /// What the role remembers of earlier sets.
    pub history: &'a SetHistory,
    /// What configuration leaves open.
    pub settings: &'a Settings,
}

/// The entries of one file from some place on.
#[derive(Debug)]
pub enum Run<'a, T> {
    /// The role does not get the file, or could not read it.
    Absent,
    /// The file ended before this place.
    Over,
    /// As many as there are installations in the run; fewer where the file ends in it.
    Entries(&'a Verified<T>),
}

impl<'a, T> Run<'a, T> {
    /// The entries, where there are any.
    #[must_use]
    pub fn entries(&self) -> Option<&'a Verified<T>> {
        match self {
            Run::Entries(entries) => Some(entries),
            Run::Absent | Run::Over => None,
        }
    }
}

/// A run of a set's installations: of each file that the role has, the entries from the same place on.
pub struct PartView<'a> {
    /// The place of its first installation among all of the set, from 0.
    pub first: usize,
    /// Migration Common File: the installations that are judged.
    pub common: &'a Verified<MigrationCommonFile>,
    /// Migration Group File.
    pub group: Run<'a, MigrationGroupFile>,
    /// Migration Group Encrypted File.
    pub encrypted: Run<'a, MigrationGroupEncryptedFile>,
    /// Migration Common Validation File.
    pub validation: Run<'a, MigrationCommonValidationFile>,
    /// What the S1SP decrypted, one per entry of `encrypted`; none where no key was given.
    pub group_information: Option<&'a [Opened<GroupInformation>]>,
    /// What the DCO decrypted, one per entry of `encrypted`; none where no key was given.
    pub master_keys: Option<&'a [Opened<DecryptedMasterKey>]>,
    /// Path, validity, revocation and binding of each DeviceCertificate, one per entry of `group`; none where they were
    /// not checked.
    pub device_certificates: Option<&'a [Result<(), String>]>,
    /// The DCC's records, of these installations at least.
    pub facts: &'a Facts,
    /// What the role remembers of these installations.
    pub history: &'a InstallationHistory,
}

impl<'a> PartView<'a> {
    /// A run with the Migration Common File alone; fill in what else there is.
    #[must_use]
    pub fn new(
        first: usize,
        common: &'a Verified<MigrationCommonFile>,
        facts: &'a Facts,
        history: &'a InstallationHistory,
    ) -> PartView<'a> {
        PartView {
            first,
            common,
            group: Run::Absent,
            encrypted: Run::Absent,
            validation: Run::Absent,
            group_information: None,
            master_keys: None,
            device_certificates: None,
            facts,
            history,
        }
    }
}
