//! `tern status`: how migrations stand, and one installation's story.

mod story;

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use tern_model::{ChfIdentifier, OutcomeKind};
use tern_service::overview::{Overview, SetRefusal, SetStanding};
use tern_service::results::Tallying;

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, bad_cell, cell, count_cell, unsure_cell};
use crate::outcomes;
use crate::output::Report;

/// How migrations stand: every set, or one installation's story
///
/// Reads the stores beside a running `tern migrate`. An installation's story says how it stands, whose turn it is, and what
/// happened, row by row. Keys are never shown.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern status", "tern status tern-demo", "tern status tern-demo --chf 00-DB-12-53-80-00-00-01"))]
pub struct Args {
    /// The folder with tern.toml, or one below it
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// One installation
    #[arg(long, value_name = "CHF IDENTIFIER")]
    chf: Option<ChfIdentifier>,
}

#[derive(Debug, Serialize)]
struct Sets {
    sets: Vec<SetRow>,
    /// Sets that were refused as a whole: none of their installations is counted above.
    refused_sets: Vec<RefusedRow>,
    outcomes: Vec<outcomes::Row>,
}

#[derive(Debug, Serialize)]
struct SetRow {
    set: String,
    taken_in: Timestamp,
    installations: usize,
    commissioned: usize,
    refused: usize,
    rolled_back: usize,
    stuck: usize,
    closed: usize,
    open: usize,
}

#[derive(Debug, Serialize)]
struct RefusedRow {
    set: String,
    at: Timestamp,
    clauses: Vec<String>,
    /// How often it came.
    times: usize,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.dir)?;
        let overview = Overview::open(&configured.config)?;
        match self.chf {
            Some(chf) => context.output.show(&story::story(&overview, chf)?)?,
            None => {
                let sets = overview.sets()?;
                let mut ended = Tallying::default();
                sets.iter().for_each(|set| ended.append(&set.ended));
                let outcomes = outcomes::rows(ended.rows());
                let refused_sets = overview.refused_sets()?.into_iter().map(RefusedRow::of).collect();
                context.output.show(&Sets { sets: sets.iter().map(SetRow::of).collect(), refused_sets, outcomes })?;
            }
        }
        Ok(Exit::Clean)
    }
}

impl SetRow {
    fn of(set: &SetStanding) -> SetRow {
        let of = |kind| set.ended.count_of(kind);
        SetRow {
            set: set.set.to_string(),
            taken_in: set.taken,
            installations: set.installations,
            commissioned: of(Some(OutcomeKind::Commissioned)),
            refused: of(Some(OutcomeKind::Refused)),
            rolled_back: of(Some(OutcomeKind::RolledBack)),
            stuck: of(Some(OutcomeKind::Stuck)),
            closed: of(Some(OutcomeKind::Closed)),
            open: of(None),
        }
    }
}

impl RefusedRow {
    fn of(SetRefusal { set, at, clauses, times }: SetRefusal) -> RefusedRow {
        RefusedRow { set, at, clauses, times }
    }
}

impl Report for Sets {
    fn text(&self, look: &Look) -> String {
        let mut parts = Vec::new();
        if self.sets.is_empty() {
            parts.push(format!("  no set was taken in yet\n  {}", look.faint("next: `tern migrate DIR`")));
        } else {
            parts.push(self.standings(look));
            parts.push(outcomes::table(&self.outcomes, look));
        }
        if !self.refused_sets.is_empty() {
            parts.push(self.refusals(look));
        }
        parts.join("\n\n")
    }
}

impl Sets {
    fn standings(&self, look: &Look) -> String {
        let some = |n: usize, paint: fn(usize) -> comfy_table::Cell| if n == 0 { count_cell(0) } else { paint(n) };
        let row = |s: &SetRow| {
            vec![
                cell(&s.set),
                cell(s.taken_in.strftime("%Y-%m-%d %H:%M")),
                count_cell(s.installations),
                count_cell(s.commissioned),
                count_cell(s.refused),
                count_cell(s.rolled_back),
                some(s.stuck, bad_cell),
                count_cell(s.closed),
                some(s.open, unsure_cell),
            ]
        };
        let header = [
            "set",
            "taken in (UTC)",
            "installations",
            "commissioned",
            "refused",
            "rolled back",
            "stuck",
            "closed",
            "open",
        ];
        look.table(&header, 0, self.sets.iter().map(row))
    }

    fn refusals(&self, look: &Look) -> String {
        let row = |r: &RefusedRow| {
            let at = r.at.strftime("%Y-%m-%d %H:%M");
            vec![cell(&r.set), cell(at), count_cell(r.times), cell(r.clauses.join(", "))]
        };
        let table = look.table(&["set", "refused (UTC)", "times", "clauses"], 3, self.refused_sets.iter().map(row));
        let next = look.faint("  next: `tern check` says where and why; `tern explain` says what a clause means");
        format!("  {}\n{table}\n{next}", look.bad("refused as a whole, nothing of them was taken in:"))
    }
}
