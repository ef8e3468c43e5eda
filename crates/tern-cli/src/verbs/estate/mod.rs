//! `tern estate`: invents an estate, and reads one.

mod check;
mod make;
mod take;
pub mod told;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;

/// The installations that are to be migrated, as six CSV files: invent some, check them, take in what suppliers send
///
/// What is planned stands in one folder: installations, devices, meters, entries of the EPCL, upgrade paths, and dated events.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(after_help = after_help!(judging, "tern estate make ./estate -n 10000", "tern estate check ./estate"))]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Make(Box<make::Args>),
    Check(check::Args),
    Take(take::Args),
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Make(args) => args.run(context),
            Verb::Check(args) => args.run(context),
            Verb::Take(args) => args.run(context),
        }
    }
}
