//! The Firmware Instruction: what the Responsible Supplier signs to have one device use one firmware image (P).
//!
//! It stands where a User's Activate Firmware request (SRV 11.3) will. The supplier signs, because no other party may decide
//! that a device's program changes (RQ6): the S1SP sends images and must not be able to choose one.

use jiff::Timestamp;
use tern_model::{DeviceId, Digest, PartyId};

use super::open::{Claim, SignedFile};
use super::{FileKind, ImageIdentifier, InstructionReference};
use crate::describe;
use crate::schema::{Message, MessageDescription};

describe! {
    /// A Firmware Instruction, from the Responsible Supplier to the S1SP, which hands it to the DCO as it is.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FirmwareInstruction signed {
        /// What names the instruction.
        "FirmwareInstructionHeader" firmware_instruction_header: FirmwareInstructionHeader, P;
        /// The device that is to use the image.
        "DeviceID" device_id: DeviceId, P;
        /// The image.
        "FirmwareImage" firmware_image: FirmwareImage, P;
        /// The first moment at which it may be obeyed, UTC.
        "NotBefore" not_before: Timestamp, P;
        /// The last moment at which it may be obeyed, UTC.
        "NotAfter" not_after: Timestamp, P;
    }
}

describe! {
    /// What names a Firmware Instruction.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FirmwareInstructionHeader {
        /// The Responsible Supplier: of an ESME, a hub and a PPMID the Electricity Supplier.
        "ResponsibleSupplier" responsible_supplier: PartyId, P;
        /// Unique per supplier.
        "InstructionReference" instruction_reference: InstructionReference, P;
        /// When the instruction was made, UTC. A device obeys none that was made before the last that it obeyed.
        "CreationDateTime" creation_date_time: Timestamp, P;
    }
}

describe! {
    /// A firmware image, by all that a device says of the one that it holds.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FirmwareImage {
        /// What it is called on its way to the device.
        "ImageIdentifier" image_identifier: ImageIdentifier, P;
        /// Its length in bytes.
        "ImageSize" image_size: u32, P;
        /// SHA-256 of its bytes.
        "ImageDigest" image_digest: Digest, P;
    }
}

impl Message for FirmwareInstruction {
    const MESSAGE: MessageDescription = MessageDescription {
        root: "FirmwareInstruction",
        content: &Self::TYPE,
        files: &[FileKind::FirmwareInstruction],
    };
}

impl SignedFile for FirmwareInstruction {
    fn claim(&self) -> Claim {
        let header = &self.firmware_instruction_header;
        Claim {
            party: Some((header.responsible_supplier, "FirmwareInstructionHeader/ResponsibleSupplier")),
            name: format!("{}_{}", header.responsible_supplier, header.instruction_reference),
        }
    }
}
