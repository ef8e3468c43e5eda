//! `tern pin`: the revised PINs of gas meters, on their way to Installing Suppliers (3.25). What it does is `tern_service::pins`'.

mod export;
mod open;

use clap::Subcommand;
use tern_wire::WireFault;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;

/// Bring revised PINs of gas meters to their Installing Suppliers, who alone can open them (3.25)
///
/// A gas meter of group CA takes a new PIN for functionality not meant for use by Energy Consumers as it is migrated. The S1SP signs a
/// file with it for the supplier that installed the meter, responsible for it or no longer.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(after_help = after_help!(
    plain,
    "tern pin export --out pins",
    "tern pin open pins/90-B3-D5-1F-30-02-00-01/ISPIN_….xml --as supplier-a"
))]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Export(export::Args),
    Open(open::Args),
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Export(args) => args.run(context),
            Verb::Open(args) => args.run(context),
        }
    }
}

/// A file that is not what the S1SP signed.
fn not_believed(name: &str, faults: &[WireFault]) -> Failure {
    let why = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    Failure::new(format!("{name} cannot be believed: {why}"), "ask the S1SP for the file once more")
}
