//! From the command line to a verb, and from its end to an exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
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
    /// An overlay: other days, numbers and limits than the published ones; by default the one that tern.toml names
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    overlay: Option<PathBuf>,
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
        Err(error) => return not_run(&error).into(),
    };
    let context = Context { output: Output::new(app.json), config_file: app.config, overlay_file: app.overlay };
    match app.verb.run(&context) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            context.output.fail(&failure);
            Exit::Failed.into()
        }
    }
}

/// What was asked about the command line, or what is wrong with it: with `--json` among its words as other failures are told.
fn not_run(error: &clap::Error) -> Exit {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let json = std::env::args_os().skip(1).take_while(|word| word != "--").any(|word| word == "--json");
    if json && !asked {
        Output::new(true).fail(&usage(error));
    } else {
        let _ = error.print();
    }
    if asked { Exit::Clean } else { Exit::Failed }
}

/// The parser's words: what is wrong stands in its first paragraph, what may be done in the others.
fn usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let what = paragraphs.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let next: Vec<_> = paragraphs.filter(|part| part.starts_with("tip:") || part.starts_with("Usage:")).collect();
    Failure::new(
        what,
        if next.is_empty() { "the verb's --help says what it takes".to_owned() } else { next.join("; ") },
    )
}
