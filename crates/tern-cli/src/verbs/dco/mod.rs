//! `tern dco`: the DCO's operator and its key packages. What it does is `tern_service::dco`'s.

mod backfill;
mod custody;
mod gate;

use std::path::PathBuf;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, counted};

/// Look after the DCO's key packages: where their keys are kept, what Uplift 1.2 adds, whether it may come
///
/// Each verb holds the DCO's store alone while it works; those that change something are refused while the DCO runs.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(after_help = after_help!(working, "tern dco custody show", "tern dco backfill", "tern dco gate"))]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Custody(custody::Args),
    Backfill(backfill::Args),
    Gate(gate::Args),
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Custody(args) => args.run(context),
            Verb::Backfill(args) => args.run(context),
            Verb::Gate(args) => args.run(context),
        }
    }
}

/// What is said of key packages that cannot be used: the first of them, and how many more there are.
fn unusable(packages: &[String], look: &Look) -> Option<String> {
    let (first, more) = packages.split_first()?;
    let words = format!("  {} cannot be used: {first}", counted(packages.len(), "key package"));
    let more = if more.is_empty() { "" } else { "; --json lists all" };
    Some(look.bad(&format!("{words}{more}")))
}

/// Where tern.toml is.
#[derive(Debug, clap::Args)]
pub struct Place {
    /// The folder with tern.toml, or one below it
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
}
