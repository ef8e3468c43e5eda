//! `tern firmware instruct`: the Electricity Supplier's own step, with its own key.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{DeviceId, Role, london_midnight};
use tern_service::firmware::{Image, Instruction};
use tern_service::pki;
use tern_wire::migration::InstructionReference;

use super::ImageFile;
use crate::context::{Context, absolute, file_failure, make_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;
use crate::values;
use crate::verbs::pki::PkiDir;

/// Sign, as the Electricity Supplier, that a device is to use a firmware image
///
/// Writes a Firmware Instruction: one device, one image by identifier, length and SHA-256, and the days on which it may be obeyed. It needs the
/// supplier's key and nothing of the DCC's.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern firmware instruct --as supplier-a --device 00-DB-12-53-80-00-00-03 --image meter-2.0.bin"
))]
pub struct Args {
    /// The supplier's name in the key infrastructure
    #[arg(long = "as", value_name = "NAME")]
    supplier: String,
    /// The device
    #[arg(long, value_name = "DEVICE ID")]
    device: DeviceId,
    #[command(flatten)]
    image: ImageFile,
    /// The first day on which it may be obeyed; by default today
    #[arg(long, value_name = "DAY", value_parser = values::day)]
    from: Option<Date>,
    /// The last day; by default the first
    #[arg(long, value_name = "DAY", value_parser = values::day)]
    until: Option<Date>,
    /// Names this instruction, and none before it; by default the time of day
    #[arg(long, value_name = "WORD")]
    reference: Option<InstructionReference>,
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    pki: PkiDir,
}

#[derive(Debug, Serialize)]
struct Signed {
    file: PathBuf,
    device: DeviceId,
    image: String,
    sha256: String,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(&self.out)?;
        let (dir, now) = (configured.pki_dir(self.pki.dir.clone()), configured.clock().now());
        let first = self.from.unwrap_or_else(|| configured.clock().today());
        let last = self.until.unwrap_or(first);
        let not_after = last.tomorrow().map_err(|error| Failure::new(error.to_string(), "name an earlier day"))?;
        if last < first {
            let what = format!("it could not be obeyed on any day from {first} to {last}");
            return Err(Failure::new(what, "let --until name a day that is not before --from"));
        }
        let signer = pki::load_signer(&dir, &self.supplier)?;
        let trust = pki::load_trust(&dir)?;
        pki::may_sign(&trust, &signer, now)?;
        if signer.certificate().role() != Role::Supplier {
            let what = format!("{} is no supplier", self.supplier);
            return Err(Failure::new(what, "`tern pki show` names the suppliers"));
        }
        let by_time = || now.strftime("%Y%m%d-%H%M%S").to_string().parse();
        let reference = self.reference.clone().map_or_else(by_time, Ok);
        let image = Image::read(&self.image.image)?;
        let instruction = Instruction {
            reference: reference.map_err(|error| Failure::new(error.to_string(), "give one with --reference"))?,
            device: self.device,
            identifier: self.image.identifier()?,
            image: &image,
            not_before: london_midnight(first),
            // The last millisecond of that day: a moment in a signed file has no finer parts.
            not_after: london_midnight(not_after) - jiff::SignedDuration::from_millis(1),
        };
        let (name, bytes) = instruction.sign(&signer, now)?;
        make_dir(&self.out)?;
        let file = self.out.join(name.to_string());
        if file.exists() {
            let what = format!("{} is there already", file.display());
            return Err(Failure::new(what, "give another --reference"));
        }
        std::fs::write(&file, bytes).map_err(|error| file_failure("write", &file, &error))?;
        context.output.show(&Signed {
            file: absolute(&file),
            device: self.device,
            image: instruction.identifier.to_string(),
            sha256: image.digest().to_string(),
        })?;
        Ok(Exit::Clean)
    }
}

impl Report for Signed {
    fn text(&self, look: &Look) -> String {
        let Signed { file, device, image, sha256 } = self;
        let what = look.paragraph(&format!("{device} is to use the image {image}, SHA-256 {sha256}"), 4);
        let next = look.faint("  next: `tern firmware activate`, once the image is there and verified");
        format!("  {} {}\n{what}\n{next}", look.good("✓"), file.display())
    }
}
