//! `tern status`: how migrations stand, and one installation's story.

mod story;

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use tern_model::{ChfIdentifier, OutcomeKind};
use tern_service::overview::{Overview, SetRefusal, SetStanding};
use tern_service::results::{Tally, Tallying};

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Cell, Look, bad_cell, cell, count, count_cell, counted, unsure_cell};
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
    /// Files that were refused as a whole: none of their installations is counted above.
    refused_sets: Vec<RefusedRow>,
    outcomes: Vec<Tally>,
    /// How often an installation is counted that a set before it in the list had brought.
    counted_again: usize,
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
    /// A set of this name was taken in and stands: what was refused is another copy of it.
    stands: bool,
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
                let outcomes = ended.rows();
                let rows: Vec<SetRow> = sets.iter().map(SetRow::of).collect();
                let refused = |refused| RefusedRow::of(refused, &rows);
                let refused_sets = overview.refused_sets()?.into_iter().map(refused).collect();
                let counted_again = sets.iter().map(|set| set.again).sum();
                context.output.show(&Sets { sets: rows, refused_sets, outcomes, counted_again })?;
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
    fn of(SetRefusal { set, at, clauses, times }: SetRefusal, taken_in: &[SetRow]) -> RefusedRow {
        let stands = taken_in.iter().any(|row| row.set == set);
        RefusedRow { set, stands, at, clauses, times }
    }
}

impl Report for Sets {
    fn text(&self, look: &Look) -> String {
        let mut parts = Vec::new();
        if self.sets.is_empty() {
            parts.push(format!("  no set was taken in yet\n  {}", look.faint("next: `tern migrate DIR`")));
        } else {
            parts.push(self.standings(look));
            let counts = self.sets.iter().map(|set| set.installations).sum();
            let several = outcomes::several_sets(counts, self.counted_again, look);
            let table = std::iter::once(outcomes::table(&self.outcomes, look));
            parts.push(table.chain(several).collect::<Vec<_>>().join("\n"));
        }
        let (copies, refused): (Vec<_>, Vec<_>) = self.refused_sets.iter().partition(|row| row.stands);
        if !refused.is_empty() {
            parts.push(refusals("refused as a whole, nothing of them was taken in:", &refused, look));
        }
        if !copies.is_empty() {
            parts.push(refusals(
                "copies that were refused; the sets above stand as they were taken in:",
                &copies,
                look,
            ));
        }
        parts.join("\n\n")
    }
}

impl Sets {
    /// A line for each set; where the terminal is too narrow for that, a few words.
    fn standings(&self, look: &Look) -> String {
        let told = || self.sets.iter().map(|set| set.words(look)).collect::<Vec<_>>().join("\n");
        self.table(look).unwrap_or_else(told)
    }

    fn table(&self, look: &Look) -> Option<String> {
        let some = |n: usize, paint: fn(usize) -> Cell| if n == 0 { count_cell(0) } else { paint(n) };
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
        look.columns(&header, 0, &self.sets.iter().map(row).collect::<Vec<_>>())
    }
}

impl SetRow {
    fn words(&self, look: &Look) -> String {
        let kinds = [
            (self.commissioned, "commissioned"),
            (self.refused, "refused"),
            (self.rolled_back, "rolled back"),
            (self.stuck, "stuck"),
            (self.closed, "closed"),
            (self.open, "open"),
        ];
        let some = kinds.into_iter().filter(|(n, _)| *n > 0).map(|(n, kind)| format!("{} {kind}", count(n)));
        let came = counted(self.installations, "installation");
        let lines = [
            format!("  {}", look.strong(&self.set)),
            format!("    {came}, taken in {} UTC", self.taken_in.strftime("%Y-%m-%d %H:%M")),
            look.paragraph(&some.collect::<Vec<_>>().join(", "), 4),
        ];
        lines.join("\n")
    }
}

impl RefusedRow {
    fn words(&self, look: &Look) -> String {
        let at = self.at.strftime("%Y-%m-%d %H:%M");
        let clauses = look.paragraph(&self.clauses.join(", "), 4);
        format!("  {}\n    {}, the last on {at} UTC\n{clauses}", look.strong(&self.set), counted(self.times, "time"))
    }
}

fn refusals(title: &str, rows: &[&RefusedRow], look: &Look) -> String {
    let row = |r: &&RefusedRow| {
        let at = r.at.strftime("%Y-%m-%d %H:%M");
        vec![cell(&r.set), cell(at), count_cell(r.times), cell(r.clauses.join(", "))]
    };
    let cells: Vec<_> = rows.iter().map(row).collect();
    let told = || rows.iter().map(|row| row.words(look)).collect::<Vec<_>>().join("\n");
    let table = look.columns(&["set", "refused (UTC)", "times", "clauses"], 3, &cells).unwrap_or_else(told);
    let next = "next: `tern check` says where and why; `tern explain` says what a clause means";
    let next = look.faint(&look.paragraph(next, 2));
    format!("{}\n{table}\n{next}", look.bad(&look.paragraph(title, 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(width: usize) -> String {
        let set = SetRow {
            set: "90-B3-D5-1F-30-83-00-01_EA_1".to_owned(),
            taken_in: Timestamp::UNIX_EPOCH,
            installations: 250,
            commissioned: 236,
            refused: 11,
            rolled_back: 2,
            stuck: 1,
            closed: 0,
            open: 0,
        };
        let refused = RefusedRow {
            set: set.set.clone(),
            stands: true,
            at: Timestamp::UNIX_EPOCH,
            clauses: ["P-signature-value", "P-counter", "P-signature-certificate"].map(str::to_owned).to_vec(),
            times: 2,
        };
        let sets = Sets { sets: vec![set], refused_sets: vec![refused], outcomes: Vec::new(), counted_again: 3 };
        sets.text(&Look::narrow(width))
    }

    #[test]
    fn a_narrow_terminal_gets_short_lines_that_say_the_same() {
        for width in [60, 80, 117] {
            let text = standing(width);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
            assert!(text.contains("\n    236 commissioned, 11 refused, 2 rolled back, 1 stuck\n"), "{width}:\n{text}");
            assert!(text.contains("the sets above stand"), "{width}:\n{text}");
        }
        assert!(standing(120).lines().next().is_some_and(|head| head.contains("commissioned  refused")));
    }
}
