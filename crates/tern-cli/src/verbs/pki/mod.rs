//! `tern pki`: the key infrastructure of the organisations. What it does is `tern_service::pki`'s.

mod init;
mod issue;
mod revoke;
mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;

/// Keys and certificates of the organisations
///
/// The root, the issuing authority, and a certificate for each role, shaped like those of SMKI (P).
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(after_help = after_help!(plain, "tern pki init ./pki", "tern pki show --pki ./pki"))]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Init(init::Args),
    Issue(issue::Args),
    Revoke(revoke::Args),
    Show(show::Args),
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Init(args) => args.run(context),
            Verb::Issue(args) => args.run(context),
            Verb::Revoke(args) => args.run(context),
            Verb::Show(args) => args.run(context),
        }
    }
}

/// Where the key infrastructure is.
#[derive(Debug, clap::Args)]
pub struct PkiDir {
    /// The folder of the key infrastructure; by default tern.toml's, or ./pki
    #[arg(id = "pki", long, value_name = "DIR")]
    pub dir: Option<std::path::PathBuf>,
}
