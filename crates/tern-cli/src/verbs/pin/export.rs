//! `tern pin export`: the S1SP's files for Installing Suppliers, out of its store.

use std::path::{Path, PathBuf};

use serde::Serialize;
use tern_model::PartyId;
use tern_service::overview::Overview;
use tern_service::pins::{self, PinFile};
use tern_service::pki;

use super::not_believed;
use crate::context::{Context, absolute, file_failure, make_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, counted};
use crate::output::Report;

/// Write the S1SP's files with revised PINs to a folder, below it one folder for each Installing Supplier
///
/// They are signed and encrypted: whoever carries them learns no PIN. A file that is there already stays as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern pin export --out pins"))]
pub struct Args {
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "pins")]
    out: PathBuf,
    /// The folder with tern.toml, or one below it
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

#[derive(Debug, Serialize)]
struct Exported {
    folder: PathBuf,
    files: Vec<One>,
}

#[derive(Debug, Serialize)]
struct One {
    installing_supplier: PartyId,
    file: String,
    /// Not there before.
    written: bool,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.dir)?;
        let overview = Overview::open(&configured.config)?;
        let (trust, now) = (pki::load_trust(&configured.pki_dir(None))?, configured.clock().now());
        let mut files = Vec::new();
        overview.pin_files(|PinFile { name, bytes }| {
            let installing_supplier =
                pins::recipient((&name, &bytes), &trust, now).map_err(|faults| not_believed(&name, &faults))?;
            let folder = self.out.join(installing_supplier.to_string());
            make_dir(&folder)?;
            let written = write(&folder.join(&name), &bytes)?;
            files.push(One { installing_supplier, file: name, written });
            Ok::<_, Failure>(())
        })?;
        context.output.show(&Exported { folder: absolute(&self.out), files })?;
        Ok(Exit::Clean)
    }
}

/// Writes a file that is not there; says whether it did.
fn write(path: &Path, bytes: &[u8]) -> Result<bool, Failure> {
    match std::fs::read(path) {
        Ok(there) if there == bytes => Ok(false),
        Ok(_) => {
            let what = format!("{} is there already, and is another file", path.display());
            Err(Failure::new(what, "give another folder with --out"))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::write(path, bytes).map_err(|error| file_failure("write", path, &error))?;
            Ok(true)
        }
        Err(error) => Err(file_failure("read", path, &error)),
    }
}

impl Report for Exported {
    fn text(&self, look: &Look) -> String {
        let Exported { folder, files } = self;
        if files.is_empty() {
            return look
                .paragraph("no gas meter with a revised PIN was commissioned (3.25 is about group CA alone)", 2);
        }
        let new = files.iter().filter(|one| one.written).count();
        let head = format!("  {} {} in {}", look.good("✓"), counted(files.len(), "file"), folder.display());
        let next = look.faint("  next: hand each folder to the supplier whose EUI-64 it bears");
        format!("{head}, {new} of them new\n{next}")
    }
}
