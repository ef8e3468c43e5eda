//! Firmware images on their way to devices, in words that no protocol shares.

use tern_dlms::client::ClientError;
use tern_dlms::client::image::{ImageError, Stage};
use tern_model::{DeviceId, Digest};

use crate::device::{DeviceError, Whose};

/// How far an image is at a device.
pub type FirmwareStage = Stage;

/// An image, and whether it was begun before: where that is true, the device says how far it came.
#[derive(Debug, Clone, Copy)]
pub struct Firmware<'i> {
    /// What it is called.
    pub identifier: &'i [u8],
    /// Its bytes; none where nothing of it is to be sent any more.
    pub image: &'i [u8],
    /// How many they are.
    pub size: u32,
    /// SHA-256 of them.
    pub digest: Digest,
    /// Whether any of it may have reached the device. Remember it, so that nothing is sent twice.
    pub begun: bool,
}

/// The device that an image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// The ESME, under whose association keys.
    Esme(Whose),
    /// The hub.
    Hub,
    /// The GSME, by way of its hub.
    Gsme,
    /// A PPMID behind it.
    Ppmid {
        /// Its Device ID.
        device: DeviceId,
        /// Its place among the installation's PPMIDs, from 0.
        nth: u16,
    },
}

/// Why an image does not go on.
#[derive(Debug)]
pub enum FirmwareError {
    /// The device's own refusal, or the network's: what was asked surely was not done.
    Device(DeviceError),
    /// No answer came, or none that can be believed: the device is to be asked how far it is.
    Lost,
    /// The image or its transfer is not as it should be.
    Image(ImageError),
    /// To change the program that the ESME runs is critical: the DCO alone can ask for it.
    Critical,
}

impl FirmwareError {
    /// Whether the same, asked again, may end otherwise.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            FirmwareError::Lost
                | FirmwareError::Device(DeviceError::NoWan | DeviceError::Garbled { .. } | DeviceError::Failed { .. })
                | FirmwareError::Image(ImageError::Client(ClientError::Refused(_)))
        )
    }

    /// Whether the device itself says of the image, or of what it has of it, that it cannot be used.
    #[must_use]
    pub fn is_about_the_image(&self) -> bool {
        matches!(self, FirmwareError::Image(error) if !matches!(error, ImageError::Client(_)))
    }
}

impl std::fmt::Display for FirmwareError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FirmwareError::Device(DeviceError::NoWan) => f.write_str("nobody answers on the WAN"),
            FirmwareError::Device(DeviceError::KeyRejected) => f.write_str("the S1SP's keys are not those in force"),
            FirmwareError::Device(DeviceError::Garbled { reason } | DeviceError::Failed { reason }) => {
                f.write_str(reason)
            }
            FirmwareError::Device(_) => f.write_str("the device cannot be reached behind its hub"),
            FirmwareError::Lost => f.write_str("no answer came"),
            FirmwareError::Image(error) => write!(f, "{error}"),
            FirmwareError::Critical => f.write_str("the DCO alone can have an ESME activate an image"),
        }
    }
}

impl std::error::Error for FirmwareError {}
