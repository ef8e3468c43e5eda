//! The Installing Supplier PIN File: the revised PIN of one gas meter of group CA, to the supplier that installed it (3.25;
//! the form is ours, P).
//!
//! The PIN stands in it encrypted to that supplier alone: no other party, the S1SP that signed it among them, can open it again.

use jiff::Timestamp;
use tern_model::{ChfIdentifier, DeviceId, GroupId, PartyId, SetId};
use zeroize::Zeroizing;

use super::EncryptedBlobHolder;
use super::FileKind;
use super::open::{Claim, SignedFile};
use crate::describe;
use crate::revised_pin::RevisedPin;
use crate::schema::{EncryptedBlob, Message, MessageDescription, Quoting, SecretText, write};
use crate::smki::Certificate;
use crate::xenc::{self, EncryptFault};

describe! {
    /// An Installing Supplier PIN File, from the S1SP to the Installing Supplier.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct InstallingSupplierPin signed {
        /// What names the file.
        "InstallingSupplierPINHeader" header: InstallingSupplierPinHeader, P;
        /// The supplier that installed the gas meter, Responsible Supplier or no longer.
        "InstallingSupplier" installing_supplier: PartyId, stated "S000 4.1";
        /// The gas meter's Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// The encrypted DecryptedInstallingSupplierPIN.
        "EncryptedPIN" encrypted_pin: EncryptedBlobHolder, P;
    }
}

describe! {
    /// What names an Installing Supplier PIN File: a set, and an installation that was commissioned under it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct InstallingSupplierPinHeader {
        /// The Requesting Party of the set.
        "RequestingPartyID" requesting_party_id: PartyId, P;
        /// The group of the set.
        "GroupID" group_id: GroupId, P;
        /// The counter of the set.
        "FileCounter" file_counter: u64, P;
        /// The Device ID of the Communications Hub Function.
        "CHFIdentifier" chf_identifier: ChfIdentifier, P;
        /// When the installation was commissioned and the file made, UTC.
        "CreationDateTime" creation_date_time: Timestamp, P;
    }
}

describe! {
    /// The revised PIN. Whoever holds this can use what is not meant for Energy Consumers.
    pub struct DecryptedInstallingSupplierPin {
        /// The installation.
        "CHFIdentifier" chf_identifier: ChfIdentifier, P;
        /// The gas meter that the PIN is of: must be the file's own.
        "DeviceID" device_id: DeviceId, P;
        /// The PIN: eight digits.
        "PIN" pin: SecretText, P;
        /// Eight bytes as 16 hexadecimal digits, by which the gas meter's check value is made of the PIN.
        "Salt" salt: SecretText, P;
    }
}

impl DecryptedInstallingSupplierPin {
    /// What is said of a PIN.
    #[must_use]
    pub fn new(chf: ChfIdentifier, gsme: DeviceId, pin: &RevisedPin) -> DecryptedInstallingSupplierPin {
        DecryptedInstallingSupplierPin {
            chf_identifier: chf,
            device_id: gsme,
            pin: SecretText::new(pin.expose_digits().to_string()),
            salt: SecretText::new(pin.expose_salt().to_string()),
        }
    }

    /// The same for its recipient alone.
    ///
    /// # Errors
    /// [`EncryptFault`].
    pub fn encrypted_to(&self, recipient: &Certificate) -> Result<EncryptedBlob, EncryptFault> {
        let plaintext = Zeroizing::new(write(self));
        xenc::encrypt(&plaintext, recipient).map(EncryptedBlob::new)
    }

    /// The PIN; none where it is no PIN with a salt.
    #[must_use]
    pub fn revised_pin(&self) -> Option<RevisedPin> {
        RevisedPin::of_parts(self.pin.expose(), self.salt.expose())
    }
}

impl InstallingSupplierPinHeader {
    /// The set.
    #[must_use]
    pub fn set_id(&self) -> SetId {
        SetId { requesting_party: self.requesting_party_id, group: self.group_id, counter: self.file_counter }
    }
}

impl Message for InstallingSupplierPin {
    const MESSAGE: MessageDescription = MessageDescription {
        root: "InstallingSupplierPIN",
        content: &Self::TYPE,
        files: &[FileKind::InstallingSupplierPin],
    };
}

impl SignedFile for InstallingSupplierPin {
    fn claim(&self) -> Claim {
        Claim { party: None, name: format!("{}_{}", self.header.set_id(), self.header.chf_identifier) }
    }
}

impl Message for DecryptedInstallingSupplierPin {
    const MESSAGE: MessageDescription =
        MessageDescription { root: "DecryptedInstallingSupplierPIN", content: &Self::TYPE, files: &[] };
    const QUOTING: Quoting = Quoting::Hidden;
}
