//! Image transfer: an image comes in blocks, in any order and over any number of connections, is verified, and is activated.

use jiff::SignedDuration;
use tern_dlms::Data;
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::image_transfer::ImageToActivate;

use super::reading::{bits, encoded};
use super::request::{Addressed, Refusal, Request, failed};
use crate::devices::{BLOCK_BYTES, Change, IMAGE_MAX_BYTES, IMAGES_DIR, ImageFile, Stage, digest, judge_image};
use crate::hex::hex;

/// How long a device takes to start again with another program.
const ACTIVATION_SECONDS: i64 = 30;
/// The longest identifier of an image.
const IDENTIFIER_MAX_BYTES: usize = 64;

/// image_transfer_status, by the standard's numbers.
mod status {
    pub(super) const NOT_INITIATED: u8 = 0;
    pub(super) const INITIATED: u8 = 1;
    pub(super) const VERIFIED: u8 = 3;
    pub(super) const NOT_VERIFIED: u8 = 4;
    pub(super) const ACTIVATING: u8 = 5;
    pub(super) const ACTIVATED: u8 = 6;
}

impl Request<'_> {
    /// An attribute of image transfer.
    pub(super) fn image(&self, attribute: i8) -> Result<Data, Refusal> {
        let image = self.slot.installation.image_of(self.id());
        Ok(match attribute {
            2 => Data::DoubleLongUnsigned(BLOCK_BYTES),
            3 => bits(self.blocks()?),
            4 => {
                let blocks = self.blocks()?;
                let first = blocks.iter().position(|there| !there).unwrap_or(blocks.len());
                Data::DoubleLongUnsigned(u32::try_from(first).unwrap_or(u32::MAX))
            }
            5 => Data::Boolean(true),
            6 => Data::Enum(match image.map(|image| &image.stage) {
                None => status::NOT_INITIATED,
                Some(Stage::Initiated) => status::INITIATED,
                Some(Stage::Verified { .. }) => status::VERIFIED,
                Some(Stage::NotVerified) => status::NOT_VERIFIED,
                Some(Stage::Activated { effective, .. }) if self.now < *effective => status::ACTIVATING,
                Some(Stage::Activated { .. }) => status::ACTIVATED,
            }),
            7 => {
                let ready = image.is_some_and(|image| matches!(image.stage, Stage::Verified { .. }));
                Data::Array(if ready { vec![self.to_activate()?.to_data()] } else { Vec::new() })
            }
            _ => return Err(Refusal::Undefined),
        })
    }

    /// A method of image transfer.
    pub(super) fn image_method(&mut self, method: i8, parameter: &Data, operation: &str) -> Result<(), Refusal> {
        match method {
            1 => self.initiate(parameter, operation),
            2 => self.take_block(parameter),
            3 => self.verify(operation),
            _ => self.activate(parameter, operation),
        }
    }

    fn initiate(&mut self, parameter: &Data, operation: &str) -> Result<(), Refusal> {
        let [identifier, size] = parameter.as_structure::<2>().map_err(|_| Refusal::Type)?;
        let identifier = identifier.as_octets().map_err(|_| Refusal::Type)?;
        let size = size.as_double_long_unsigned().map_err(|_| Refusal::Type)?;
        if identifier.len() > IDENTIFIER_MAX_BYTES || !(1..=IMAGE_MAX_BYTES).contains(&size) {
            return Err(Refusal::Other);
        }
        let device = self.id();
        ImageFile::open(&self.world.dir().join(IMAGES_DIR), device, size, true).map_err(|error| failed(&error))?;
        let change = Change::ImageInitiated { device, identifier: hex(identifier), size };
        self.effect(operation, &encoded(parameter), change)
    }

    /// A block is kept in the image's file alone: it changes nothing that runs.
    fn take_block(&mut self, parameter: &Data) -> Result<(), Refusal> {
        let [number, bytes] = parameter.as_structure::<2>().map_err(|_| Refusal::Type)?;
        let number = number.as_double_long_unsigned().map_err(|_| Refusal::Type)?;
        let bytes = bytes.as_octets().map_err(|_| Refusal::Type)?;
        let image = self.slot.installation.image_of(self.id()).ok_or(Refusal::Other)?;
        let expected = image.size.saturating_sub(number.saturating_mul(BLOCK_BYTES)).min(BLOCK_BYTES);
        let fits = number < image.blocks() && u32::try_from(bytes.len()) == Ok(expected);
        if image.stage != Stage::Initiated || !fits {
            return Err(Refusal::Other);
        }
        self.image_file()?.put(number, bytes).map_err(|error| failed(&error))
    }

    /// Verifying again what is verified is no error: it says the same.
    fn verify(&mut self, operation: &str) -> Result<(), Refusal> {
        let device = self.id();
        let image = self.slot.installation.image_of(device).ok_or(Refusal::Other)?;
        match &image.stage {
            Stage::Verified { .. } => return Ok(()),
            Stage::Initiated if self.blocks()?.iter().all(|there| *there) => {}
            _ => return Err(Refusal::Other),
        }
        let of = if self.device == Addressed::Gpf { self.slot.installation.hub.chf.into() } else { device };
        let model = self.slot.installation.model_of(of, self.now).ok_or(Refusal::Undefined)?;
        let bytes = self.image_file()?.bytes().map_err(|error| failed(&error))?;
        let firmware = if self.finds_it_bad(operation) { None } else { judge_image(&bytes, &model) };
        let change = Change::ImageVerified { device, firmware: firmware.clone().unwrap_or_default() };
        self.effect(operation, &[], change)?;
        if firmware.is_some() { Ok(()) } else { Err(Refusal::Other) }
    }

    /// The parameter is the standard's 0, which means whatever image is there, or names the one that is meant, by all that tells
    /// it from others or by its SHA-256 alone (P). One that was activated by its name is not activated anew: that is said again.
    fn activate(&mut self, parameter: &Data, operation: &str) -> Result<(), Refusal> {
        let device = self.id();
        let image = self.slot.installation.image_of(device).ok_or(Refusal::Other)?;
        let is_activated = match &image.stage {
            Stage::Verified { .. } => false,
            Stage::Activated { .. } => true,
            Stage::Initiated | Stage::NotVerified => return Err(Refusal::Other),
        };
        let there = self.to_activate()?;
        let is_meant = match parameter {
            Data::OctetString(digest) => Some(*digest == there.signature),
            other => ImageToActivate::of_data(other).ok().map(|meant| meant == there),
        };
        match (is_activated, is_meant) {
            (_, Some(false)) | (true, None) => Err(Refusal::Other),
            (true, Some(true)) => Ok(()),
            (false, _) => {
                let effective = self.now.checked_add(SignedDuration::from_secs(ACTIVATION_SECONDS)).unwrap_or(self.now);
                self.effect(operation, &encoded(parameter), Change::ImageActivated { device, effective })
            }
        }
    }

    /// What the device says of the image that it holds; its signature is SHA-256 of all its bytes (P).
    fn to_activate(&self) -> Result<ImageToActivate, Refusal> {
        let image = self.slot.installation.image_of(self.id()).ok_or(Refusal::Other)?;
        let bytes = self.image_file()?.bytes().map_err(|error| failed(&error))?;
        let signature = digest(&[&bytes]).0.to_vec();
        Ok(ImageToActivate { size: image.size, identification: image.identifier.clone(), signature })
    }

    fn blocks(&self) -> Result<Vec<bool>, Refusal> {
        if self.slot.installation.image_of(self.id()).is_none() {
            return Ok(Vec::new());
        }
        self.image_file()?.blocks().map_err(|error| failed(&error))
    }

    fn image_file(&self) -> Result<ImageFile, Refusal> {
        let image = self.slot.installation.image_of(self.id()).ok_or(Refusal::Other)?;
        let folder = self.world.dir().join(IMAGES_DIR);
        ImageFile::open(&folder, self.id(), image.size, false).map_err(|error| failed(&error))
    }
}
