//! Firmware images on their way to a device: what is known of one, and its bytes in a file that is written block by block.
//!
//! An image as the world's makers sign it (P): the text `TERN FIRMWARE 1`, maker, model and version, each ended by a line feed,
//! then the program, then SHA-256 over everything before it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tern_model::{DeviceId, DeviceModel};

use super::changes::{Change, digest};
use crate::WorldError;

/// The bytes of a block that a device takes at once.
pub const BLOCK_BYTES: u32 = 512;
/// The longest image that a device has room for.
pub const IMAGE_MAX_BYTES: u32 = 4 << 20;
/// The first line of an image.
const MAGIC: &str = "TERN FIRMWARE 1";
/// The bytes of the digest at an image's end.
const DIGEST_BYTES: usize = 32;

/// How far an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Blocks are taken.
    Initiated,
    /// It holds this version for this device.
    Verified { firmware: String },
    /// It holds nothing for this device.
    NotVerified,
    /// It takes effect at a moment, or did.
    Activated { firmware: String, effective: Timestamp },
}

/// What a device knows of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    /// Its identifier, by which the client names it.
    pub(crate) identifier: Vec<u8>,
    /// Its bytes.
    pub(crate) size: u32,
    /// How far it is.
    pub(crate) stage: Stage,
    /// The version that ran when it was initiated.
    before: String,
}

impl Image {
    pub(super) fn initiated(identifier: Vec<u8>, size: u32, before: String) -> Image {
        Image { identifier, size, stage: Stage::Initiated, before }
    }

    pub(super) fn apply(&mut self, change: &Change) {
        match (change, &self.stage) {
            (Change::ImageVerified { firmware, .. }, _) if firmware.is_empty() => self.stage = Stage::NotVerified,
            (Change::ImageVerified { firmware, .. }, _) => self.stage = Stage::Verified { firmware: firmware.clone() },
            (Change::ImageActivated { effective, .. }, Stage::Verified { firmware }) => {
                self.stage = Stage::Activated { firmware: firmware.clone(), effective: *effective };
            }
            _ => {}
        }
    }

    /// The version that runs at a moment because of this image or of those before it.
    pub(super) fn running(&self, now: Timestamp) -> Option<&str> {
        match &self.stage {
            Stage::Activated { firmware, effective } if *effective <= now => Some(firmware),
            _ => Some(&self.before),
        }
    }

    /// How many blocks it has.
    pub(crate) fn blocks(&self) -> u32 {
        self.size.div_ceil(BLOCK_BYTES)
    }
}

/// An image as its maker gives it out.
#[must_use]
pub fn build_image(model: &DeviceModel, program: &[u8]) -> Vec<u8> {
    let head = format!("{MAGIC}\n{}\n{}\n{}\n", model.manufacturer, model.model, model.firmware);
    let mut image = [head.as_bytes(), program].concat();
    let sum = digest(&[&image]);
    image.extend_from_slice(&sum.0);
    image
}

/// The version that an image holds for a device of that maker and model; `None` where it holds none.
pub(crate) fn judge_image(image: &[u8], model: &DeviceModel) -> Option<String> {
    let (body, sum) = image.split_at_checked(image.len().checked_sub(DIGEST_BYTES)?)?;
    if digest(&[body]).0 != sum {
        return None;
    }
    let mut lines = body.splitn(5, |b| *b == b'\n').map(|line| std::str::from_utf8(line).ok());
    let (magic, maker, name, version) = (lines.next()??, lines.next()??, lines.next()??, lines.next()??);
    let fits = magic == MAGIC && maker == model.manufacturer && name == model.model && !version.is_empty();
    fits.then(|| version.to_owned())
}

/// The bytes of an image in a file: the blocks, then one byte for each block that says that it is there.
pub(crate) struct ImageFile {
    path: PathBuf,
    file: File,
    size: u32,
}

impl ImageFile {
    /// The file of a device's image; `anew` forgets what is there.
    pub(crate) fn open(folder: &Path, device: DeviceId, size: u32, anew: bool) -> Result<ImageFile, WorldError> {
        std::fs::create_dir_all(folder).map_err(WorldError::io(folder))?;
        let path = folder.join(format!("{device}.image"));
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(anew);
        let file = options.open(&path).map_err(WorldError::io(&path))?;
        let length = u64::from(size) + u64::from(size.div_ceil(BLOCK_BYTES));
        file.set_len(length).map_err(WorldError::io(&path))?;
        Ok(ImageFile { path, file, size })
    }

    /// Keeps a block; what says that it is there is written last.
    pub(crate) fn put(&self, block: u32, bytes: &[u8]) -> Result<(), WorldError> {
        let at = u64::from(block) * u64::from(BLOCK_BYTES);
        self.file.write_all_at(bytes, at).map_err(WorldError::io(&self.path))?;
        self.file.write_all_at(&[1], u64::from(self.size) + u64::from(block)).map_err(WorldError::io(&self.path))
    }

    /// Which blocks are there.
    pub(crate) fn blocks(&self) -> Result<Vec<bool>, WorldError> {
        let mut flags = vec![0; usize::try_from(self.size.div_ceil(BLOCK_BYTES)).unwrap_or(0)];
        self.file.read_exact_at(&mut flags, u64::from(self.size)).map_err(WorldError::io(&self.path))?;
        Ok(flags.into_iter().map(|flag| flag == 1).collect())
    }

    /// All bytes.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, WorldError> {
        let mut bytes = vec![0; usize::try_from(self.size).unwrap_or(0)];
        self.file.read_exact_at(&mut bytes, 0).map_err(WorldError::io(&self.path))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_its_models_alone_and_every_bit_counts() {
        let model = |version: &str| DeviceModel {
            manufacturer: "Maker".to_owned(),
            model: "Meter".to_owned(),
            firmware: version.to_owned(),
        };
        let image = build_image(&model("2.0"), &[7; 1000]);
        assert_eq!(judge_image(&image, &model("1.0")).as_deref(), Some("2.0"));
        let other = DeviceModel { model: "Other".to_owned(), ..model("1.0") };
        assert_eq!(judge_image(&image, &other), None);
        for at in [0, 20, 500, image.len() - 1] {
            let mut flipped = image.clone();
            flipped[at] ^= 1;
            assert_eq!(judge_image(&flipped, &model("1.0")), None, "byte {at}");
        }
        assert_eq!(judge_image(&image[..10], &model("1.0")), None);
    }
}
