//! A firmware image as the maker of a simulated device gives it out, for whoever wants to try an upgrade.

use std::path::{Path, PathBuf};

use serde::Serialize;
use tern_model::{DeviceId, DeviceModel};
use tern_wire::dsig::sha256;
use tern_world::devices::{WorldClock, build_image, read_installations};

use crate::context::{absolute, file_failure};
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;

/// Bytes of the program in an image: some hundred blocks.
const PROGRAM_BYTES: usize = 100_000;

/// An image that was written.
#[derive(Debug, Serialize)]
pub struct Written {
    file: PathBuf,
    model: DeviceModel,
    bytes: usize,
    /// As 11.3 wants it.
    sha256: String,
}

impl Written {
    /// Writes an image that holds this version for a device's model.
    ///
    /// # Errors
    /// The folder holds no such device, or the file cannot be written.
    pub fn of(dir: &Path, device: DeviceId, firmware: &str, out: &Path) -> Result<Written, Failure> {
        let now = WorldClock::of_machine().now();
        let model = read_installations(dir)?.iter().find_map(|installation| installation.model_of(device, now));
        let model = model.ok_or_else(|| {
            let what = format!("there is no device {device} in {}", dir.display());
            Failure::new(what, "wan.csv there names every hub; the others are in installations.json")
        })?;
        let model = DeviceModel { firmware: firmware.to_owned(), ..model };
        let program: Vec<u8> = firmware.bytes().cycle().take(PROGRAM_BYTES).collect();
        let image = build_image(&model, &program);
        std::fs::write(out, &image).map_err(|error| file_failure("write", out, &error))?;
        let sha256 = sha256(&image).to_string().to_uppercase();
        Ok(Written { file: absolute(out), model, bytes: image.len(), sha256 })
    }
}

impl Report for Written {
    fn text(&self, look: &Look) -> String {
        let Written { file, model, bytes, sha256 } = self;
        format!("  {} {}\n    {model}, {bytes} bytes\n    SHA-256 {sha256}", look.good("✓"), file.display())
    }
}
