//! `tern dco custody`: what keeps the key-encryption keys of key packages.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use tern_service::config::CustodyKind;
use tern_service::dco::{self, CustodyState, Upkeep};

use super::{Place, unusable};
use crate::context::{Configured, Context};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::interrupt;
use crate::look::{Look, cell, count_cell, counted};
use crate::output::Report;
use crate::progress::Stage;

/// Prepare, look at, move or renew what keeps the key-encryption keys: a file, or a PKCS#11 token
///
/// Keys of key packages lie in the DCO's store, each wrapped under a key-encryption key (KEK). The KEK is in the seal file or
/// in a token, as [roles.dco.custody] in tern.toml says; a token makes it and never gives it out.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(after_help = after_help!(
    working,
    "tern dco custody init --so-pin-file so.pin",
    "tern dco custody show",
    "tern dco custody move",
    "tern dco custody rotate --destroy-old"
))]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Prepare what is configured: a token with a name and its first KEK, or the seal file
    ///
    /// A token is named by its security officer; the user's PIN is read from the configured file, or made and written there.
    #[command(after_help = after_help!(judging, "tern dco custody init --so-pin-file so.pin"))]
    Init {
        /// A file with the PIN of the token's security officer, for a token that has no name yet
        #[arg(long, value_name = "FILE")]
        so_pin_file: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// Show which KEK wraps, and how many keys are under which
    #[command(after_help = after_help!(judging, "tern dco custody show --json"))]
    Show {
        #[command(flatten)]
        place: Place,
    },
    /// Wrap every key under the KEK of the configured custody; interrupted, the same command goes on
    #[command(after_help = after_help!(working, "tern dco custody move"))]
    Move {
        #[command(flatten)]
        place: Place,
    },
    /// Make a new KEK and wrap every key under it; interrupted, `tern dco custody move` goes on
    #[command(after_help = after_help!(working, "tern dco custody rotate", "tern dco custody rotate --destroy-old"))]
    Rotate {
        /// Destroy the older KEKs at the end: backups of the store that are older open no more
        #[arg(long)]
        destroy_old: bool,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Serialize)]
struct Shown {
    kind: CustodyKind,
    token: Option<TokenShown>,
    /// The KEK that wraps from now on.
    current: String,
    keks: Vec<KekRow>,
    /// Keys that are not under the current KEK.
    to_move: usize,
    /// Key packages that cannot be used, each with the reason.
    unusable: Vec<String>,
}

#[derive(Debug, Serialize)]
struct TokenShown {
    label: String,
    serial: String,
    model: String,
}

#[derive(Debug, Serialize)]
struct KekRow {
    kek: String,
    keys: usize,
}

#[derive(Debug, Serialize)]
struct Moved {
    /// Key packages that were wrapped anew by this run.
    packages: usize,
    kek: String,
    complete: bool,
    /// The older KEKs are gone.
    old_destroyed: bool,
    /// Key packages that cannot be used, each with the reason.
    unusable: Vec<String>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Init { so_pin_file, place } => {
                let configured = context.configured(&place.dir)?;
                let done = dco::prepare_custody(&configured.config, so_pin_file.as_deref())?;
                context.output.say(if done { "prepared" } else { "prepared already" })?;
                show(context, &configured)
            }
            Verb::Show { place } => show(context, &context.configured(&place.dir)?),
            Verb::Move { place } => rewrap(context, &context.configured(&place.dir)?, Renew::No),
            Verb::Rotate { destroy_old, place } => {
                let renew = if destroy_old { Renew::AndDestroy } else { Renew::Yes };
                rewrap(context, &context.configured(&place.dir)?, renew)
            }
        }
    }
}

/// Whether a new KEK is made first, and the older ones destroyed last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Renew {
    No,
    Yes,
    AndDestroy,
}

fn show(context: &Context, configured: &Configured) -> Result<Exit, Failure> {
    let shown = Shown::of(dco::custody_state(&configured.config)?);
    context.output.show(&shown)?;
    Ok(Exit::of_findings(shown.unusable.len()))
}

fn rewrap(context: &Context, configured: &Configured, renew: Renew) -> Result<Exit, Failure> {
    let (stop, now) = (interrupt::stop_flag()?, configured.clock().now());
    let mut upkeep = Upkeep::open(&configured.config)?;
    if renew != Renew::No {
        upkeep.rotate(now)?;
    }
    let stage = Stage::begin("key packages", Some(upkeep.packages()?));
    let done = upkeep.rewrap(now, &stop, &mut |looked| stage.advance(looked))?;
    drop(stage);
    let complete = !done.stopped;
    let old_destroyed = complete && renew == Renew::AndDestroy;
    if old_destroyed {
        upkeep.destroy_old_keks(now)?;
    }
    drop(upkeep);
    let kek = dco::custody_state(&configured.config)?.current.to_string();
    let moved = Moved { packages: done.packages, kek, complete, old_destroyed, unusable: done.unusable };
    context.output.show(&moved)?;
    Ok(if complete { Exit::of_findings(moved.unusable.len()) } else { Exit::Interrupted })
}

impl Shown {
    fn of(state: CustodyState) -> Shown {
        let to_move = state.to_move();
        let token =
            state.token.map(|token| TokenShown { label: token.label, serial: token.serial, model: token.model });
        let keks = state.keys.into_iter().map(|(kek, keys)| KekRow { kek: kek.to_string(), keys }).collect();
        let (kind, current, unusable) = (state.kind, state.current.to_string(), state.unusable);
        Shown { kind, token, current, keks, to_move, unusable }
    }
}

impl Report for Shown {
    fn text(&self, look: &Look) -> String {
        let kept = match &self.token {
            Some(token) => format!("  token `{}`, serial {}, {}", token.label, token.serial, token.model),
            None => "  the seal file".to_owned(),
        };
        let row = |row: &KekRow| {
            let wraps = if row.kek == self.current { "wraps from now on" } else { "" };
            vec![cell(&row.kek), count_cell(row.keys), cell(wraps)]
        };
        let mut lines = vec![kept, look.table(&["key-encryption key", "keys", ""], 2, self.keks.iter().map(row))];
        if self.to_move > 0 {
            let words = format!("  {} to move: `tern dco custody move`", counted(self.to_move, "key"));
            lines.push(look.unsure(&words));
        }
        lines.extend(unusable(&self.unusable, look));
        lines.join("\n")
    }
}

impl Report for Moved {
    fn text(&self, look: &Look) -> String {
        let packages = counted(self.packages, "key package");
        let first = match (self.complete, self.unusable.is_empty()) {
            (true, true) => format!("  {packages} wrapped anew; {} under {}", look.good("every key is"), self.kek),
            (true, false) => format!("  {packages} wrapped anew; every other key is under {}", self.kek),
            (false, _) => {
                let stopped = look.unsure("stopped: `tern dco custody move` goes on");
                format!("  {packages} wrapped anew under {}; {stopped}", self.kek)
            }
        };
        let destroyed = self.old_destroyed.then(|| "  the older key-encryption keys are destroyed".to_owned());
        std::iter::once(first).chain(destroyed).chain(unusable(&self.unusable, look)).collect::<Vec<_>>().join("\n")
    }
}
