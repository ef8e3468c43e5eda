//! `tern smso`: what stands for the SMETS1 SMSO, who alone sees device keys, unless they are EB's and EC's (11.1).

mod export;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;

/// The SMETS1 SMSO's step of a migration
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(after_help = after_help!(plain, "tern smso export smso/smso --out exports"))]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Export(export::Args),
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Export(args) => args.run(context),
        }
    }
}
