//! `tern firmware send`: an image to a device, in blocks, verified by it.

use tern_model::DeviceId;
use tern_service::firmware::{FirmwareRecord, Image, Sending};

use super::{ImageFile, Place, at_desk, show};
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::progress::Stage;

/// Send a firmware image to a device, in blocks, and have the device verify it
///
/// What reached the device is not sent again: after Ctrl-C, a crash or a lost line the same command asks the device how far it is, and goes on
/// there. The device goes on running what it runs until `tern firmware activate`.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    working,
    "tern firmware send --device 00-DB-12-53-80-00-00-03 --image meter-2.0.bin",
    "tern firmware send --device 00-DB-12-53-80-00-00-01 --image hub.bin --identifier hub-7"
))]
pub struct Args {
    /// A meter, a hub or a PPMID of a commissioned installation
    #[arg(long, value_name = "DEVICE ID")]
    device: DeviceId,
    #[command(flatten)]
    image: ImageFile,
    /// Give up another image that is on its way to the device
    #[arg(long)]
    instead: bool,
    #[command(flatten)]
    place: Place,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let (identifier, image) = (self.image.identifier()?, Image::read(&self.image.image)?);
        let sending = Sending { device: self.device, identifier, image: &image, instead: self.instead };
        let stage = Stage::begin("blocks", Some(0));
        let (mut all, mut there) = (0, 0);
        let mut watch = |record: &FirmwareRecord| {
            let (of, now) = (record.blocks as usize, record.blocks_there as usize);
            stage.lengthen(of.saturating_sub(all));
            stage.advance(now.saturating_sub(there));
            (all, there) = (all.max(of), there.max(now));
        };
        let told = at_desk(context, &self.place, |desk| Ok(desk.send(&sending, &mut watch)?))?;
        drop(stage);
        show(context, told)
    }
}
