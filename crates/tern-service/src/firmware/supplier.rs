//! The Responsible Supplier's own step: it signs that one device is to use one image. No DCC party takes part.

use jiff::Timestamp;
use tern_model::DeviceId;
use tern_wire::migration::{
    FileName, FirmwareImage, FirmwareInstruction, FirmwareInstructionHeader, ImageIdentifier, InstructionReference,
};
use tern_wire::smki::Signer;

use super::image::Image;
use crate::fault::ServiceFault;

/// What a supplier decides.
#[derive(Debug)]
pub struct Instruction<'a> {
    /// Names it; another one for each.
    pub reference: InstructionReference,
    /// The device.
    pub device: DeviceId,
    /// What the image is called.
    pub identifier: ImageIdentifier,
    /// The image.
    pub image: &'a Image,
    /// The first moment at which it may be obeyed.
    pub not_before: Timestamp,
    /// The last one.
    pub not_after: Timestamp,
}

impl Instruction<'_> {
    /// The signed file, and its name.
    ///
    /// # Errors
    /// The key failed.
    pub fn sign(&self, signer: &Signer, now: Timestamp) -> Result<(FileName, Vec<u8>), ServiceFault> {
        let supplier = signer.certificate().party();
        let message = FirmwareInstruction {
            firmware_instruction_header: FirmwareInstructionHeader {
                responsible_supplier: supplier,
                instruction_reference: self.reference.clone(),
                creation_date_time: now,
            },
            device_id: self.device,
            firmware_image: FirmwareImage {
                image_identifier: self.identifier.clone(),
                image_size: self.image.size(),
                image_digest: self.image.digest(),
            },
            not_before: self.not_before,
            not_after: self.not_after,
        };
        let failed = |reason: String| ServiceFault::Crypto { what: "a Firmware Instruction", reason };
        let text = tern_wire::schema::write(&message);
        let text = tern_wire::dsig::sign(&text, signer).map_err(|fault| failed(fault.to_string()))?;
        Ok((FileName::Firmware(supplier, self.reference.clone()), text.into_bytes()))
    }
}
