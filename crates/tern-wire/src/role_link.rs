//! What the S1SP asks of the DCO and of the DSP while it commissions an installation, and what they answer.
//!
//! In one process a link is a function call; between processes these values cross it. They hold no key in the clear: keys
//! for the DCO travel sealed to its certificate, keys for a device wrapped under its master key.

use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, DeviceModel, Secret, SetId};

/// An order to the DCO about one device. Every order may be repeated: a later answer serves as well as the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DcoOrder {
    /// The set under which both parties consented.
    pub set: SetId,
    /// The installation.
    pub chf: ChfIdentifier,
    /// The ESME; where firmware is to be used, the device that is to use it.
    pub device: DeviceId,
    /// What is asked.
    pub what: DcoRequest,
}

/// What the DCO is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum DcoRequest {
    /// 15.10 · the device has gone back: the SMSO's master key is in force again, the DCO's is retired.
    RestoreMasterKey {
        /// The device's answer to the last [`DcoRequest::MakeCritical`] under the SMSO's master key, newer than every answer
        /// under the DCO's.
        evidence: Vec<u8>,
    },
    /// How do its master keys stand? Answers [`DcoReply::InForce`].
    QueryMasterKey,
    /// B2, B6, probes · protect an instruction with the ESME's critical keys, which the DCO alone has. Answers
    /// [`DcoReply::Critical`]; every asking uses up an invocation counter.
    MakeCritical {
        /// The plain xDLMS APDU. While an installation is commissioned: the get of the ESME's Device ID.
        instruction: Vec<u8>,
        /// Of whose master key the critical keys are.
        under: MasterKeyOf,
        /// The invocation counter is to be this or more: what the device last heard, and one. The DCO's own counter wins
        /// where it is higher.
        not_below: u32,
    },
    /// B2, B6, probes · is this the device's answer to what was last made critical under the same master key: its Device ID, or
    /// that it took a master key?
    VerifyCritical {
        /// Of whose master key the critical keys are.
        under: MasterKeyOf,
        /// The device's APDU as it came.
        answer: Vec<u8>,
    },
    /// B6 · fill the wrapped keys into a key transfer of the association's two keys. Answers [`DcoReply::Transfer`].
    FillKeyTransfer {
        /// The plain APDU: the security setup's key transfer of ids 0 and 2, each with 24 zero bytes.
        instruction: Vec<u8>,
        /// [`AssociationKeyTransfer`] sealed to the DCO's encryption certificate.
        sealed: Vec<u8>,
    },
    /// B6 · make the device's next master key, unless it was made. It never leaves the DCO but in
    /// [`DcoRequest::FillMasterKeyTransfer`].
    PrepareMasterKey,
    /// B6, 15.10 · fill the other master key into a key transfer, wrapped under this one, and protect it with the critical keys
    /// that come of this one. Answers [`DcoReply::Critical`]. On no other association does the ESME take a master key: a
    /// wrapped key does not say which key it is, so the S1SP must never have one that it could put in its place.
    FillMasterKeyTransfer {
        /// The plain APDU: the security setup's key transfer of id 3, with 24 zero bytes.
        instruction: Vec<u8>,
        /// The master key that the device holds: the SMSO's forwards, the DCO's on the way back.
        under: MasterKeyOf,
        /// As with [`DcoRequest::MakeCritical`].
        not_below: u32,
    },
    /// B6 · the device has taken the next master key: it is in force from now on.
    Activate {
        /// The device's answer to the last [`DcoRequest::MakeCritical`] under the DCO's master key.
        evidence: Vec<u8>,
    },
    /// B6 · the Join commands of commissioning: a key package for each of these devices that is to have one (CO3).
    Join {
        /// Devices of the installation, as the Common File names them.
        devices: Vec<(DeviceId, DeviceKind)>,
    },
    /// Firmware · have a device use the image that it holds and verified, as the Responsible Supplier instructs. Answers
    /// [`DcoReply::Critical`] for an ESME, and [`DcoReply::Done`] for hub and PPMID: they obey what the S1SP signs, once the
    /// DCO consents.
    ActivateFirmware {
        /// A Firmware Instruction.
        document: SignedDocument,
        /// The plain APDU: the image transfer's activation, with size, identifier and SHA-256 of the image.
        instruction: Vec<u8>,
        /// As with [`DcoRequest::MakeCritical`].
        not_below: u32,
    },
    /// Service · have a device obey one instruction of a critical Service Request. Answers [`DcoReply::Critical`] for an ESME, and
    /// [`DcoReply::Done`] for the others: they obey what the S1SP signs, once the DCO consents. The same instruction may be asked
    /// again until the ESME is known to have obeyed it ([`DcoRequest::VerifyServiceAnswer`]): from then on the answer for an ESME is
    /// [`DcoReply::Done`] too, and nothing is protected.
    ServiceRequest {
        /// The Countersigned Service Request as it came from the DSP.
        document: Vec<u8>,
        /// The plain APDU.
        instruction: Vec<u8>,
        /// As with [`DcoRequest::MakeCritical`].
        not_below: u32,
    },
    /// Service · the credentials that the DCC holds for a meter are others from now on, as a Service Request says (6.15.1, 6.23).
    /// Answers [`DcoReply::Done`]; the same again changes nothing.
    Credentials {
        /// The Countersigned Service Request as it came from the DSP.
        document: Vec<u8>,
    },
    /// Service · what does the ESME say became of the last [`DcoRequest::ServiceRequest`]? Answers [`DcoReply::Done`] or
    /// [`DcoReply::NotDone`], where the answer is believed.
    VerifyServiceAnswer {
        /// The device's APDU as it came.
        answer: Vec<u8>,
    },
}

/// A signed file that goes along with an order, as it came from whoever signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedDocument {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Which of an ESME's two master keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MasterKeyOf {
    /// The one that the migration file gave.
    Smso,
    /// The one that the DCO made.
    Dco,
}

/// The keys of the ESME's high-level association (S002 26): whoever holds both may use it.
#[derive(Clone, Debug)]
pub struct AssociationKeys {
    /// AuthenticationKey.
    pub authentication: Secret<16>,
    /// EncryptionKey.
    pub encryption: Secret<16>,
}

/// The four keys of an association key transfer, in the order in which they are sealed: 64 bytes.
#[derive(Debug, Clone)]
pub struct AssociationKeyTransfer {
    /// The S1SP's own.
    pub new: AssociationKeys,
    /// The SMSO's, for the way back.
    pub smso: AssociationKeys,
}

/// What the DCO answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum DcoReply {
    /// Done.
    Done,
    /// The proof holds.
    MasterKeyHolds,
    /// A whole APDU for the device's critical association, to be relayed as it is.
    Critical {
        /// General-glo-ciphering, under the DCO's system title.
        apdu: Vec<u8>,
    },
    /// The instruction, filled in for both ways; plain APDUs, in which the device alone can open the keys.
    Transfer {
        /// With the keys that the device is to have.
        forward: Vec<u8>,
        /// With those that it had, for the way back.
        back: Vec<u8>,
    },
    /// The device itself says that it did not do what was asked, or not all of it.
    NotDone {
        /// Its word.
        reason: String,
    },
    /// Whether the DCO's own master key is in force.
    InForce {
        /// `false`: the SMSO's.
        dco: bool,
        /// Whether one that the DCO made is there and was not retired by a way back.
        next: bool,
    },
}

/// An order to the DSP about the Smart Metering Inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryOrder {
    /// The set.
    pub set: SetId,
    /// The installation.
    pub chf: ChfIdentifier,
    /// What is asked.
    pub what: InventoryRequest,
}

/// What the DSP is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum InventoryRequest {
    /// Judge the supplier-change window again (CH1, CH2).
    Recheck,
    /// B5 · add the CHF, as the hub itself reports it, and the devices that go along.
    Add {
        /// What the hub says of itself.
        hub: HubDetails,
        /// The devices, the CHF not among them.
        devices: Vec<(DeviceId, DeviceKind)>,
    },
    /// 15.10 · take them out again.
    Remove,
    /// Are they in?
    Query,
    /// Firmware · a device runs another program since: the inventory is to say so (RQ4).
    Runs {
        /// The device.
        device: DeviceId,
        /// Model and firmware that it tells.
        model: DeviceModel,
    },
    /// The installation goes on no more under this set: nothing need be kept to judge it by.
    Rested,
}

/// The CHF details that the S1SP instructs the DCC to add (Table B5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubDetails {
    /// Device ID that the hub reports.
    pub device: DeviceId,
    /// Model and firmware that it reports.
    pub model: DeviceModel,
}

/// What the DSP answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum InventoryReply {
    /// Done, or clean.
    Done,
    /// Whether the installation is in the inventory by this set.
    Present {
        /// It is.
        present: bool,
    },
}

/// A role's refusal to do what another asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRefusal {
    /// The clause or code, for example `DP01` or `5.10.10`; several are joined by blanks.
    pub code: String,
    /// In words.
    pub reason: String,
}

impl AssociationKeyTransfer {
    /// Length in bytes.
    pub const LEN_BYTES: usize = 64;

    /// The keys in a row, to be sealed at once.
    #[must_use]
    pub fn to_bytes(&self) -> tern_model::SecretBytes {
        let mut bytes = Vec::with_capacity(Self::LEN_BYTES);
        for key in [&self.new.authentication, &self.new.encryption, &self.smso.authentication, &self.smso.encryption] {
            bytes.extend_from_slice(key.expose());
        }
        tern_model::SecretBytes::new(bytes)
    }

    /// The keys from what was sealed; `None` where the length is not right.
    #[must_use]
    pub fn from_bytes(bytes: &tern_model::SecretBytes) -> Option<AssociationKeyTransfer> {
        let bytes = bytes.expose();
        if bytes.len() != Self::LEN_BYTES {
            return None;
        }
        let key = |at: usize| Secret::from_slice(&bytes[at * 16..at * 16 + 16]);
        let pair = |at| Some(AssociationKeys { authentication: key(at)?, encryption: key(at + 1)? });
        Some(AssociationKeyTransfer { new: pair(0)?, smso: pair(2)? })
    }
}
