//! One installation's story: how it stands under each set, what was found wrong with it, whose turn it is, and what happened.

use jiff::Timestamp;
use serde::Serialize;
use tern_cohorts::cohort;
use tern_flow::{Arrow, Closing, EffectKind, Lane, OnFailure, State, Step};
use tern_model::{ChfIdentifier, DeviceId, Finding, GasOutcome, GroupId, Outcome, OutcomeKind, Place, Role, SetId};
use tern_service::executor::{InstallationRecord, JournalLine};
use tern_service::overview::{Overview, SetStanding, Told};
use tern_service::results::reasons;
use tern_wire::migration::FindingEntry;

use crate::failure::Failure;
use crate::look::{Look, cell, counted};
use crate::output::Report;
use crate::stuck_words::{standing_rows, turn, undone};
use crate::{findings, values};

#[derive(Debug, Serialize)]
pub(super) struct Story {
    chf_identifier: ChfIdentifier,
    migrations: Vec<MigrationRow>,
    lines: Vec<Line>,
}

/// One finding, as a party told it.
#[derive(Debug, Serialize)]
struct Found {
    role: Role,
    /// The report that says so.
    document: String,
    #[serde(flatten)]
    said: Said,
}

/// What a report says.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Said {
    Finding {
        clause: String,
        grade: tern_model::Grade,
        message: String,
        place: String,
        found: String,
        expected: String,
        next: String,
    },
    /// The report can no longer be believed.
    Unreadable { unreadable: String },
}

/// A person's word.
#[derive(Debug, Serialize)]
struct Closed {
    held_by: tern_model::Holder,
    evidence: String,
}

/// How the installation stands under one set.
#[derive(Debug, Serialize)]
struct MigrationRow {
    set: String,
    /// When the DSP took the set in.
    taken_in: Option<Timestamp>,
    #[serde(flatten)]
    outcome: Option<Outcome>,
    why: Option<String>,
    turn: String,
    /// What the parties' signed reports found, where it was refused.
    findings: Vec<Found>,
    /// Who closed it as whose, and what supports that.
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<Closed>,
    /// The GSME that stays with the SMSO (GT01).
    #[serde(skip_serializing_if = "Option::is_none")]
    gas_left_behind: Option<DeviceId>,
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

/// Everything that is known of an installation.
///
/// # Errors
/// No set holds it, or a store cannot be read.
pub(super) fn story(overview: &Overview, chf: ChfIdentifier) -> Result<Story, Failure> {
    let sets = overview.sets()?;
    let taken = |set: SetId| sets.iter().find(|s| s.set == set).map(|s| s.taken);
    let mut migrations = Vec::new();
    let mut recorded = Vec::new();
    for record in overview.records(chf)? {
        recorded.push(record.plan.set);
        migrations.push(MigrationRow::of(&record, taken(record.plan.set)));
    }
    for set in sets.iter().filter(|s| !recorded.contains(&s.set)) {
        if let Some(Some(outcome @ Outcome::Refused { .. })) = overview.result(set.set, chf)? {
            migrations.push(MigrationRow::refused(set, outcome, overview.told(chf, set.set)?));
        }
    }
    if migrations.is_empty() {
        let what = format!("no set that was taken in holds CHF {chf}");
        return Err(Failure::new(what, "`tern status` lists the sets; `tern check` says what is in a set"));
    }
    migrations.sort_by_key(|m| m.taken_in);
    let lines = overview.story(chf)?.iter().map(|(at, line)| Line::of(*at, line)).collect();
    Ok(Story { chf_identifier: chf, migrations, lines })
}

impl MigrationRow {
    fn of(record: &InstallationRecord, taken_in: Option<Timestamp>) -> MigrationRow {
        let m = &record.migration;
        let failure = m.undo_failure.as_ref().filter(|_| !m.not_undone.is_empty()).or(m.failure.as_ref());
        // What refuses an installation that was never touched is the DSP's second judgement, which is no row of the tables.
        let row = |f: &tern_flow::Failure| if m.state == State::Refused { "recheck".to_owned() } else { f.row.clone() };
        let left = m.state == State::Commissioned && m.gas == GasOutcome::LeftBehind;
        MigrationRow {
            set: record.plan.set.to_string(),
            taken_in,
            outcome: m.outcome(),
            why: failure.map(|f| format!("{}: {}", row(f), f.reason)),
            turn: turn(record),
            findings: Vec::new(),
            closing: m.closing.clone().map(|Closing { held_by, evidence }| Closed { held_by, evidence }),
            gas_left_behind: record.plan.gsme.as_ref().filter(|_| left).map(|g| g.expected.device),
            in_place: standing_rows(record).into_iter().map(|s| s.row).collect(),
        }
    }

    fn refused(set: &SetStanding, outcome: Outcome, told: Vec<Told>) -> MigrationRow {
        let turn = "the Requesting Party's: mend what was found and put it forward again".to_owned();
        MigrationRow {
            set: set.set.to_string(),
            taken_in: Some(set.taken),
            why: Some(reasons(&outcome).join(", ")),
            outcome: Some(outcome),
            turn,
            findings: told.into_iter().flat_map(Found::of).collect(),
            closing: None,
            gas_left_behind: None,
            in_place: Vec::new(),
        }
    }

    fn ended(&self, look: &Look) -> String {
        match (&self.outcome, &self.closing, self.gas_left_behind) {
            (None, ..) => look.unsure("open"),
            (Some(Outcome::Commissioned { .. }), _, Some(gsme)) => {
                format!("{} without gas (GT01): GSME {gsme} stays with the SMSO", look.good("commissioned"))
            }
            (Some(Outcome::Closed { held_by }), ..) => format!("closed by a person, held by {held_by}"),
            (Some(outcome), ..) => match outcome.kind() {
                OutcomeKind::Commissioned => look.good("commissioned"),
                OutcomeKind::Stuck => look.bad("stuck"),
                kind => kind.to_string(),
            },
        }
    }

    fn text(&self, look: &Look) -> String {
        let mut lines = vec![format!("  set {}: {}", self.set, self.ended(look))];
        let mut say = |name: &str, words: &str| lines.push(look.paragraph(&format!("{name}: {words}"), 4));
        if let Some(why) = &self.why {
            say("why", why);
        }
        if let Some(closing) = &self.closing {
            say("evidence", &closing.evidence);
        }
        say("turn", &self.turn);
        if !self.in_place.is_empty() {
            say("in place", &self.in_place.join(", "));
        }
        let mut report = "";
        for found in &self.findings {
            if found.document != report {
                report = &found.document;
                lines.push(format!("    the {} says in {report}:", values::role_words(found.role.as_str())));
            }
            lines.push(found.text(look));
        }
        lines.join("\n")
    }
}

impl Found {
    fn of(told: Told) -> Vec<Found> {
        let Told { role, document, findings } = told;
        let one = |said| Found { role, document: document.clone(), said };
        match findings {
            Ok(findings) => findings.iter().map(|f| one(Said::of(f))).collect(),
            Err(unreadable) => vec![one(Said::Unreadable { unreadable })],
        }
    }

    fn text(&self, look: &Look) -> String {
        match &self.said {
            Said::Finding { clause, grade, message, place, found, expected, next } => findings::text(
                &Finding {
                    clause: clause.clone().into(),
                    grade: *grade,
                    place: Place::document(place),
                    message: message.clone(),
                    found: found.clone(),
                    expected: expected.clone(),
                    suggestion: next.clone(),
                },
                look,
            ),
            Said::Unreadable { unreadable } => {
                look.paragraph(&format!("? the report can no longer be read: {unreadable}"), 2)
            }
        }
    }
}

impl Said {
    fn of(entry: &FindingEntry) -> Said {
        Said::Finding {
            clause: entry.clause.as_str().to_owned(),
            grade: entry.grade,
            message: entry.message.as_str().to_owned(),
            place: entry.place.as_str().to_owned(),
            found: entry.found.as_str().to_owned(),
            expected: entry.expected.as_str().to_owned(),
            next: entry.suggestion.as_str().to_owned(),
        }
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
        (S::Undoing, E::Done) => {
            format!("undone: {}", step(line.set.group, &line.row).map_or_else(|| line.row.clone(), undone))
        }
        (S::Doing, E::Failed) if is_gas_error(line) => {
            format!("failed, {}; the gas side stays with the SMSO", line.failure.as_deref().unwrap_or_default())
        }
        (S::Undoing, E::Failed) => format!("undo failed, {}", line.failure.as_deref().unwrap_or("no reason given")),
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

/// Whether the electricity side goes on alone from here (CH9).
fn is_gas_error(line: &JournalLine) -> bool {
    let leaves = match step(line.set.group, &line.row).map(|s| s.on_failure) {
        Some(OnFailure::LeaveGas { code }) => line.failure.as_deref().is_some_and(|f| f.starts_with(code)),
        _ => false,
    };
    leaves && line.next != line.row
}

fn step(group: GroupId, row: &str) -> Option<&'static Step> {
    cohort(group).steps().iter().find(|s| s.row == row)
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

impl Report for Story {
    fn text(&self, look: &Look) -> String {
        let mut parts = vec![format!("  {}", look.strong(&format!("CHF {}", self.chf_identifier)))];
        parts.extend(self.migrations.iter().map(|m| m.text(look)));
        if !self.lines.is_empty() {
            parts.push(String::new());
            parts.push(self.table(look));
            parts.push(format!("\n  {}", look.faint(&counted(self.lines.len(), "line"))));
        }
        parts.join("\n")
    }
}

impl Story {
    /// What happened; a line names its set where there are several.
    fn table(&self, look: &Look) -> String {
        let several = self.migrations.len() > 1;
        let row = |l: &Line| {
            let mut cells = vec![cell(l.at.strftime("%Y-%m-%d %H:%M:%S%.3f"))];
            cells.extend(several.then(|| cell(&l.set)));
            cells.extend([cell(&l.row), cell(l.by), cell(&l.what)]);
            cells
        };
        let mut header = vec!["at (UTC)", "row", "by", "what"];
        if several {
            header.insert(1, "set");
        }
        look.table(&header, header.len() - 1, self.lines.iter().map(row))
    }
}
