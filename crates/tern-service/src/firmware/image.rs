//! A firmware image as it lies in a file: its bytes, their number and their digest. Nobody here looks into it.

use std::path::Path;

use tern_model::Digest;

use crate::fault::ServiceFault;
use crate::set_files::unreadable;

/// An image is never longer, in bytes: devices have no room for more (P).
const IMAGE_MAX_BYTES: u64 = 64 << 20;

/// A firmware image.
#[derive(Debug, Clone)]
pub struct Image {
    bytes: Vec<u8>,
    size: u32,
    digest: Digest,
}

impl Image {
    /// Reads an image.
    ///
    /// # Errors
    /// The file cannot be read, has nothing in it, or is longer than any device takes.
    pub fn read(path: &Path) -> Result<Image, ServiceFault> {
        let refused = |reason: &str| ServiceFault::file("take as a firmware image", path, reason);
        let length = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?.len();
        if length > IMAGE_MAX_BYTES {
            return Err(refused("it is longer than 64 MiB"));
        }
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
        Image::of(bytes).ok_or_else(|| refused("it is empty"))
    }

    /// An image of these bytes; none where there are none, or too many.
    #[must_use]
    pub fn of(bytes: Vec<u8>) -> Option<Image> {
        let size = u32::try_from(bytes.len()).ok().filter(|size| *size > 0)?;
        Some(Image { size, digest: tern_wire::dsig::sha256(&bytes), bytes })
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many they are.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// SHA-256 of them.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
