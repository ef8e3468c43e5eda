//! `tern firmware`: images for the devices of commissioned installations. What it does is `tern_service::firmware`'s.

mod activate;
mod instruct;
mod send;
mod status;
mod told;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Subcommand;
use tern_service::System;
use tern_service::firmware::{FirmwareDesk, Told, Way};
use tern_wire::migration::ImageIdentifier;

use crate::context::{Context, Records};
use crate::devices;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::interrupt;

/// Bring firmware to the devices of commissioned installations: send an image, have it used, see how it stands
///
/// A meter, a hub or a PPMID takes an image in blocks; the same command goes on where one was interrupted. It uses the image
/// only on the signed word of the Electricity Supplier, which the DCO verifies for itself; a gas meter by a Service Request alone.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(after_help = after_help!(
    working,
    "tern firmware send --device 00-DB-12-53-80-00-00-03 --image meter-2.0.bin",
    "tern firmware status --ask"
))]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Send(send::Args),
    Instruct(instruct::Args),
    Activate(activate::Args),
    Status(status::Args),
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Send(args) => args.run(context),
            Verb::Instruct(args) => args.run(context),
            Verb::Activate(args) => args.run(context),
            Verb::Status(args) => args.run(context),
        }
    }
}

/// Where tern.toml is.
#[derive(Debug, clap::Args)]
struct Place {
    /// The folder with tern.toml, or one below it
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

/// An image in a file.
#[derive(Debug, clap::Args)]
struct ImageFile {
    /// The image
    #[arg(long, value_name = "FILE")]
    image: PathBuf,
    /// What the image is called on its way to the device; by default the file's name without its ending
    #[arg(long, value_name = "WORD")]
    identifier: Option<ImageIdentifier>,
}

impl ImageFile {
    /// What the image is called.
    fn identifier(&self) -> Result<ImageIdentifier, Failure> {
        if let Some(identifier) = &self.identifier {
            return Ok(identifier.clone());
        }
        let stem = self.image.file_stem().unwrap_or_default().to_string_lossy();
        stem.parse().map_err(|_| {
            let what = format!("{stem} cannot be what an image is called");
            Failure::new(what, "give it 1 to 64 letters, digits, dots, hyphens or underscores with --identifier")
        })
    }
}

/// Opens the parties and the way to the devices, and hands the desk for firmware over; also what is to be said of fact records.
fn at_desk<T>(
    context: &Context,
    place: &Place,
    body: impl FnOnce(&mut FirmwareDesk<'_>) -> Result<T, Failure>,
) -> Result<(T, Vec<String>), Failure> {
    let configured = context.configured(&place.dir)?;
    let Records { facts, warnings } = configured.records()?;
    // The stores first: whoever holds them holds the devices too.
    let mut system = System::open(configured.config.clone(), facts)?;
    let dialled = devices::dial(&configured.config)?;
    let stop: Arc<AtomicBool> = interrupt::stop_flag()?;
    let identity = system.device_identity();
    let way = Way { connect: &dialled.connect, identity: &identity, stop: &stop };
    let done = system.with_firmware(way, |desk| Ok(body(desk)))??;
    Ok((done, warnings))
}

/// Prints how a device's image stands, and says how the command ended.
fn show(context: &Context, (told, warnings): (Told, Vec<String>)) -> Result<Exit, Failure> {
    let shown = told::Shown::of(told, warnings);
    context.output.show(&shown)?;
    shown.exit()
}
