//! `tern pin open`: the Installing Supplier's own step, with its own key.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use tern_model::{ChfIdentifier, DeviceId, SetId};
use tern_service::pins::{self, PinRefused};
use tern_service::pki;

use super::not_believed;
use crate::context::{Context, file_failure};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;
use crate::verbs::pki::PkiDir;

/// Open, as the Installing Supplier, a file with a revised PIN
///
/// Says which gas meter the PIN is of, and that it can be opened. The PIN itself is printed with --show alone. It needs the
/// supplier's key and nothing of the DCC's.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern pin open ISPIN_….xml --as supplier-a",
    "tern pin open ISPIN_….xml --as supplier-a --show"
))]
pub struct Args {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The supplier's name in the key infrastructure
    #[arg(long = "as", value_name = "NAME")]
    supplier: String,
    /// Print the PIN
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    pki: PkiDir,
}

/// No Debug: it may hold the PIN.
#[derive(Serialize)]
struct Opened {
    set: SetId,
    chf_identifier: ChfIdentifier,
    device_id: DeviceId,
    made: Timestamp,
    /// SHA-256 of PIN and salt, as the gas meter tells it.
    check_value: String,
    /// Where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(&self.file)?;
        let (dir, now) = (configured.pki_dir(self.pki.dir.clone()), configured.clock().now());
        let (decrypter, trust) = (pki::load_decrypter(&dir, &self.supplier)?, pki::load_trust(&dir)?);
        let bytes = std::fs::read(&self.file).map_err(|error| file_failure("read", &self.file, &error))?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let opened = pins::open((&name, &bytes), &trust, &decrypter, now).map_err(|refused| match refused {
            PinRefused::OfAnother { supplier } => {
                let what = format!("the PIN in {name} is encrypted to another supplier than {}", self.supplier);
                Failure::new(what, format!("hand the file to {supplier}"))
            }
            PinRefused::Faults(faults) => not_believed(&name, &faults),
        })?;
        context.output.show(&Opened {
            set: opened.set,
            chf_identifier: opened.chf,
            device_id: opened.gsme,
            made: opened.made,
            check_value: opened.pin.digest().to_string(),
            pin: self.show.then(|| opened.pin.expose_digits().to_string()),
        })?;
        Ok(Exit::Clean)
    }
}

impl Report for Opened {
    fn text(&self, look: &Look) -> String {
        let Opened { set, chf_identifier, device_id, made, check_value, pin } = self;
        let head = format!("  {} the revised PIN of GSME {device_id}", look.good("✓"));
        let about = format!("CHF {chf_identifier}, set {set}, made {made:.0}; check value {check_value}");
        let next = match pin {
            Some(pin) => format!("    PIN {}", look.strong(pin)),
            None => look.faint("  next: --show prints the PIN"),
        };
        format!("{head}\n{}\n{next}", look.paragraph(&about, 4))
    }
}
