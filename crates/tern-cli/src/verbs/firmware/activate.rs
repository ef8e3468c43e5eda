//! `tern firmware activate`: a device uses the image that it verified, on its supplier's signed word.

use std::path::PathBuf;

use tern_model::DeviceId;
use tern_wire::role_link::SignedDocument;

use super::{Place, at_desk, show};
use crate::context::{Context, file_failure};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;

/// Have a device use the image that it verified, as the Electricity Supplier's signed instruction says
///
/// The DCO verifies the instruction for itself: device, image, supplier and time. An ESME obeys the DCO alone. Where no answer comes, the
/// device is asked what became of it. A device takes a while to change over: `tern firmware status --ask` tells when it has.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    working,
    "tern firmware activate --device 00-DB-12-53-80-00-00-03 --instruction FWI_…_4711.xml"
))]
pub struct Args {
    /// The device
    #[arg(long, value_name = "DEVICE ID")]
    device: DeviceId,
    /// The supplier's Firmware Instruction, under the name that it was given
    #[arg(long, value_name = "FILE")]
    instruction: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// An instruction is never longer.
const INSTRUCTION_MAX_BYTES: u64 = 64 << 10;

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let path = &self.instruction;
        let length = std::fs::metadata(path).map_err(|error| file_failure("read", path, &error))?.len();
        if length > INSTRUCTION_MAX_BYTES {
            let what = format!("{} is too long to be a Firmware Instruction", path.display());
            return Err(Failure::new(what, "name the file that the supplier signed"));
        }
        let bytes = std::fs::read(path).map_err(|error| file_failure("read", path, &error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let document = SignedDocument { name, bytes };
        let told = at_desk(context, &self.place, |desk| Ok(desk.activate(self.device, &document)?))?;
        show(context, told)
    }
}
