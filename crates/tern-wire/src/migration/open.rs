//! From signed bytes to a message that may be believed, and from a decrypted blob to its plaintext.

use tern_model::PartyId;

use super::{MigrationHeader, SmsoExportHeader};
use crate::schema::Message;

/// What a signed file says of its own sender and name, to be held against its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The sender's EUI-64 and the element that says it; none where the header names another party than the sender.
    pub party: Option<(PartyId, &'static str)>,
    /// What stands behind the file type in the file's name.
    pub name: String,
}

impl Claim {
    pub(super) fn requesting_party(header: &MigrationHeader) -> Claim {
        Claim {
            party: Some((header.requesting_party_id, "MigrationHeader/RequestingPartyID")),
            name: header.set_id().to_string(),
        }
    }

    pub(super) fn of_role(header: &MigrationHeader) -> Claim {
        Claim { party: None, name: header.set_id().to_string() }
    }

    pub(super) fn smso(header: &SmsoExportHeader) -> Claim {
        Claim {
            party: Some((header.smets1_smso, "SMSOExportHeader/SMETS1SMSO")),
            name: format!("{}_{}_{}", header.smets1_smso, header.group_id, header.export_reference),
        }
    }
}

/// A message that is sent as a signed file.
pub trait SignedFile: Message {
    /// What the file says of its sender and name.
    fn claim(&self) -> Claim;
}
