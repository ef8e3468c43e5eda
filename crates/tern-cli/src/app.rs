//! From the command line to a verb, and from its end to an exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::output::Output;
use crate::verbs::Verb;

/// Migrates SMETS1 installations: signed and encrypted migration file sets in, commissioned installations out.
#[derive(Debug, Parser)]
#[command(name = "tern", version, max_term_width = 120, arg_required_else_help = true, subcommand_required = true)]
#[command(after_help = after_help!(working, "tern demo", "tern explain 5.10.10"))]
struct App {
    /// The configuration; by default tern.toml in the folder worked on, or above it
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    config: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long, global = true, help_heading = "Everywhere")]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

/// The whole command line, for reference pages and tests.
#[must_use]
pub fn command() -> clap::Command {
    App::command()
}

/// Reads the command line, runs the verb, and gives its exit code.
#[must_use]
pub fn run() -> ExitCode {
    let app = match App::try_parse() {
        Ok(app) => app,
        Err(error) => {
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if asked { Exit::Clean } else { Exit::Failed }.into();
        }
    };
    let context = Context { output: Output::new(app.json), config_file: app.config };
    match app.verb.run(&context) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            context.output.fail(&failure);
            Exit::Failed.into()
        }
    }
}
