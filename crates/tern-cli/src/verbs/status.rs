//! `tern status`: how migrations stand, and one installation's story.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use tern_cohorts::cohort;
use tern_flow::{Arrow, EffectKind, Lane, Step};
use tern_model::{ChfIdentifier, GroupId, Outcome, OutcomeKind};
use tern_service::executor::{InstallationRecord, JournalLine};
use tern_service::migrate::{reasons, tally};
use tern_service::overview::{Overview, SetStanding};

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, bad_cell, cell, count_cell, counted, unsure_cell};
use crate::outcomes;
use crate::output::Report;
use crate::stuck_words::{standing_rows, turn};

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
struct Story {
    chf_identifier: ChfIdentifier,
    migrations: Vec<MigrationRow>,
    lines: Vec<Line>,
}

/// How the installation stands under one set.
#[derive(Debug, Serialize)]
struct MigrationRow {
    set: String,
    #[serde(flatten)]
    outcome: Option<Outcome>,
    why: Option<String>,
    turn: String,
    /// Rows that altered something and are, or may be, in place.
    in_place: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Line {
    at: Timestamp,
    set: String,
    row: String,
    /// Who was asked.
    by: &'static str,
    what: String,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.dir)?;
        let overview = Overview::open(&configured.config)?;
        match self.chf {
            Some(chf) => context.output.show(&story(&overview, chf)?)?,
            None => {
                let sets = overview.sets()?;
                let ends: Vec<_> = sets.iter().flat_map(ends).collect();
                let outcomes = outcomes::rows(tally(ends.iter().copied()));
                context.output.show(&Sets { sets: sets.iter().map(SetRow::of).collect(), outcomes })?;
            }
        }
        Ok(Exit::Clean)
    }
}

/// How the installations of a set ended; those that no party has spoken of yet are open too.
fn ends(set: &SetStanding) -> Vec<Option<&Outcome>> {
    let mut ends: Vec<_> = set.results.values().map(Option::as_ref).collect();
    ends.resize(ends.len().max(set.installations), None);
    ends
}

fn story(overview: &Overview, chf: ChfIdentifier) -> Result<Story, Failure> {
    let mut migrations: Vec<_> = overview.records(Some(chf))?.iter().map(|(_, r)| MigrationRow::of(r)).collect();
    for set in overview.sets()? {
        if let Some(Some(outcome @ Outcome::Refused { .. })) = set.results.get(&chf) {
            let name = set.set.to_string();
            if !migrations.iter().any(|m| m.set == name) {
                migrations.push(MigrationRow::refused(name, outcome.clone()));
            }
        }
    }
    if migrations.is_empty() {
        let what = format!("no set that was taken in holds CHF {chf}");
        return Err(Failure::new(what, "`tern status` lists the sets; `tern check` says what is in a set"));
    }
    let lines = overview.story(chf)?.iter().map(|(at, line)| Line::of(*at, line)).collect();
    Ok(Story { chf_identifier: chf, migrations, lines })
}

impl SetRow {
    fn of(set: &SetStanding) -> SetRow {
        let of = |kind| ends(set).into_iter().filter(|o| o.map(Outcome::kind) == kind).count();
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

impl MigrationRow {
    fn of(record: &InstallationRecord) -> MigrationRow {
        let m = &record.migration;
        let failure = m.undo_failure.as_ref().filter(|_| !m.not_undone.is_empty()).or(m.failure.as_ref());
        MigrationRow {
            set: record.plan.set.to_string(),
            outcome: m.outcome(),
            why: failure.map(|f| format!("{}: {}", f.row, f.reason)),
            turn: turn(record),
            in_place: standing_rows(record).into_iter().map(|s| s.row).collect(),
        }
    }

    fn refused(set: String, outcome: Outcome) -> MigrationRow {
        let turn = "the Requesting Party's: mend what was found and put it forward again".to_owned();
        let why = Some(reasons(&outcome).join(", "));
        MigrationRow { set, outcome: Some(outcome), why, turn, in_place: Vec::new() }
    }
}

impl Line {
    fn of(at: Timestamp, line: &JournalLine) -> Line {
        Line { at, set: line.set.to_string(), row: line.row.clone(), by: asked(line), what: words(line) }
    }
}

/// One transition in plain words.
fn words(line: &JournalLine) -> String {
    use tern_flow::{EventKind as E, StateKind as S};
    let Arrow { from, on, to } = line.arrow;
    let happened = match (from, on) {
        (S::Ready, _) => "taken up".to_owned(),
        (S::Rechecking, E::Done) => "the supplier-change window still holds".to_owned(),
        (S::Doing, E::Done) => format!("done: {}", text(line.set.group, &line.row)),
        (S::Undoing, E::Done) => format!("taken back: {}", text(line.set.group, &line.row)),
        (_, E::Failed) => format!("failed, {}", line.failure.as_deref().unwrap_or("no reason given")),
        (_, E::Lost) => "no answer".to_owned(),
        (_, E::Applied) => "asked: it is in place".to_owned(),
        (_, E::NotApplied) => "asked: it is not in place".to_owned(),
        (_, E::Resume) => "taken up again after an interruption".to_owned(),
        (_, E::Retry) => "tried again by a person".to_owned(),
        (_, E::Close) => "closed by a person".to_owned(),
        (_, E::Start | E::Done) => "done".to_owned(),
    };
    let then = match to {
        S::Commissioned => "; commissioned",
        S::Refused => "; refused",
        S::RolledBack => "; wholly with the SMSO again",
        S::Stuck => "; stuck",
        S::Closed => "; closed",
        S::ProbingUndo if from != S::ProbingUndo && from != S::Undoing => "; the way back begins",
        _ if line.asked == Some(EffectKind::Probe) && from != S::ProbingUndo && from != S::Undoing => {
            "; asking what happened"
        }
        _ => "",
    };
    happened + then
}

fn step(group: GroupId, row: &str) -> Option<&'static Step> {
    cohort(group).and_then(|c| c.steps().iter().find(|s| s.row == row))
}

fn text(group: GroupId, row: &str) -> &'static str {
    step(group, row).map_or("", |s| s.text)
}

/// Who answered, or did not.
fn asked(line: &JournalLine) -> &'static str {
    match step(line.set.group, &line.row).map(|s| s.lane) {
        Some(Lane::Device) => "device",
        Some(Lane::Dco) => "DCO",
        Some(Lane::Dsp) => "DSP",
        None if line.row == "recheck" => "DSP",
        None => "",
    }
}

impl Report for Sets {
    fn text(&self, look: &Look) -> String {
        if self.sets.is_empty() {
            return format!("  no set was taken in yet\n  {}", look.faint("next: `tern migrate DIR`"));
        }
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
                some(s.open, unsure_cell),
            ]
        };
        let header =
            ["set", "taken in (UTC)", "installations", "commissioned", "refused", "rolled back", "stuck", "open"];
        let table = look.table(&header, 0, self.sets.iter().map(row));
        format!("{table}\n\n{}", outcomes::table(&self.outcomes, look))
    }
}

impl Report for Story {
    fn text(&self, look: &Look) -> String {
        let mut lines = vec![format!("  {}", look.strong(&format!("CHF {}", self.chf_identifier)))];
        for m in &self.migrations {
            let end = m.outcome.as_ref().map_or_else(
                || look.unsure("open"),
                |o| match o.kind() {
                    OutcomeKind::Commissioned => look.good("commissioned"),
                    OutcomeKind::Stuck => look.bad("stuck"),
                    kind => kind.to_string(),
                },
            );
            lines.push(format!("  set {}: {end}", m.set));
            if let Some(why) = &m.why {
                lines.push(look.paragraph(&format!("why: {why}"), 4));
            }
            lines.push(look.paragraph(&format!("turn: {}", m.turn), 4));
            if !m.in_place.is_empty() {
                lines.push(look.paragraph(&format!("in place: {}", m.in_place.join(", ")), 4));
            }
        }
        if !self.lines.is_empty() {
            lines.push(String::new());
            let row =
                |l: &Line| vec![cell(l.at.strftime("%Y-%m-%d %H:%M:%S%.3f")), cell(&l.row), cell(l.by), cell(&l.what)];
            lines.push(look.table(&["at (UTC)", "row", "by", "what"], 3, self.lines.iter().map(row)));
            lines.push(format!("\n  {}", look.faint(&counted(self.lines.len(), "line"))));
        }
        lines.join("\n")
    }
}
