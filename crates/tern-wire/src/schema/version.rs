//! The versions of the SMETS1 Migration Schema: the namespace of a document tells its own (FI3).
//!
//! Both are read on every day; from and until when each may be sent P-schema-version says.

use tern_model::GroupId;

use super::Namespace;

/// A version, the earlier one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SchemaVersion {
    /// The version before v1.2: neither DecryptedS1SPDPGroupInformation nor DeviceCertificate (S002 11 to 13).
    Before12,
    /// v1.2.
    #[default]
    V12,
}

impl SchemaVersion {
    /// Both.
    pub const ALL: [SchemaVersion; 2] = [SchemaVersion::Before12, SchemaVersion::V12];

    /// The namespace of its documents.
    #[must_use]
    pub const fn namespace(self) -> Namespace {
        match self {
            SchemaVersion::Before12 => Namespace::Earlier,
            SchemaVersion::V12 => Namespace::Migration,
        }
    }

    /// The version that a namespace name tells.
    #[must_use]
    pub fn of_uri(uri: Option<&str>) -> Option<SchemaVersion> {
        SchemaVersion::ALL.into_iter().find(|version| uri == Some(version.namespace().uri()))
    }

    /// The namespace in a document of this version of what the descriptions put into a namespace.
    #[must_use]
    pub(crate) const fn of_described(self, described: Namespace) -> Namespace {
        match described {
            Namespace::Migration | Namespace::Earlier => self.namespace(),
            Namespace::Signature | Namespace::Encryption => described,
        }
    }

    /// The version for files of a group where this one is in force: FOC's cannot be said in the version before v1.2.
    #[must_use]
    pub fn for_group(self, group: GroupId) -> SchemaVersion {
        if group.is_foc() { SchemaVersion::V12 } else { self }
    }

    /// The words for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            SchemaVersion::Before12 => "the version before v1.2",
            SchemaVersion::V12 => "v1.2",
        }
    }
}
