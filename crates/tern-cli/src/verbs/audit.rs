//! `tern audit`: whether each role's audit is the one that was written. It only reads.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use tern_model::{Digest, Role};
use tern_service::overview::{Overview, audit_rows};
use tern_store::{AuditBroken, AuditRow, SqliteView, StoreView};

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, count};
use crate::output::Report;
use crate::values;

/// Verify each role's audit: who did what, when, on which evidence
///
/// Every line's hash covers the line before it, so that a line that was changed or taken out shows. A chain cannot show by itself
/// that it was written anew from its beginning: note the head hash elsewhere and compare.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(judging, "tern audit", "tern audit tern-demo --lines", "tern audit --json"))]
pub struct Args {
    /// The folder with tern.toml, or one below it
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Print every line too
    #[arg(long)]
    lines: bool,
}

#[derive(Debug, Serialize)]
struct Audits {
    roles: Vec<One>,
}

#[derive(Debug, Serialize)]
struct One {
    role: Role,
    #[serde(flatten)]
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<Line>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
enum State {
    /// The chain holds.
    Ok { entries: u64, head: Digest },
    /// It does not.
    Broken { broken: String },
    /// The role has no store yet.
    NoStore,
}

#[derive(Debug, Serialize)]
struct Line {
    number: u64,
    at: Timestamp,
    actor: String,
    action: String,
    subject: String,
    evidence: String,
    hash: Digest,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.dir)?;
        let overview = Overview::open(&configured.config)?;
        let mut roles = Vec::new();
        for (role, store) in overview.stores() {
            roles.push(One::of(role, store, self.lines)?);
        }
        let broken = roles.iter().filter(|r| matches!(r.state, State::Broken { .. })).count();
        context.output.show(&Audits { roles })?;
        Ok(Exit::of_findings(broken))
    }
}

impl One {
    fn of(role: Role, store: Option<&SqliteView>, with_lines: bool) -> Result<One, Failure> {
        let Some(store) = store else { return Ok(One { role, state: State::NoStore, lines: None }) };
        let state = match store.verify_audit() {
            Ok(head) => State::Ok { entries: head.entries, head: head.hash },
            Err(AuditBroken::Unreadable(fault)) => return Err(fault.into()),
            Err(broken) => State::Broken { broken: broken.to_string() },
        };
        let lines = if with_lines { Some(audit_rows(store)?.into_iter().map(Line::of).collect()) } else { None };
        Ok(One { role, state, lines })
    }
}

impl Line {
    fn of(row: AuditRow) -> Line {
        let AuditRow { number, entry: e, hash } = row;
        Line { number, at: e.at, actor: e.actor, action: e.action, subject: e.subject, evidence: e.evidence, hash }
    }
}

impl Report for Audits {
    fn text(&self, look: &Look) -> String {
        let mut lines = Vec::new();
        for one in &self.roles {
            let name = format!("{:<20}", values::role_words(one.role.as_str()));
            lines.push(match &one.state {
                State::Ok { entries, head } => {
                    let entries = usize::try_from(*entries).unwrap_or(usize::MAX);
                    let entries =
                        if entries == 1 { "1 entry".to_owned() } else { format!("{} entries", count(entries)) };
                    format!("  {} {name} ok, {entries}, head {head}", look.good("✓"))
                }
                State::Broken { broken } => format!("  {} {name} {broken}", look.bad("✗")),
                State::NoStore => format!("  {} {name} no store yet", look.faint("-")),
            });
            for l in one.lines.iter().flatten() {
                let at = l.at.strftime("%Y-%m-%d %H:%M:%S%.3f");
                let words = [l.actor.as_str(), &l.action, &l.subject, &l.evidence].map(str::trim);
                let words: Vec<_> = words.into_iter().filter(|w| !w.is_empty()).collect();
                lines.push(format!("    {:>6}  {at}  {}", l.number, look.hanging(&words.join(" · "), 12)));
            }
        }
        if self.roles.iter().any(|r| matches!(r.state, State::Broken { .. })) {
            lines.push(String::new());
            lines.push(look.paragraph("next: keep that store as it is, find out who could write it, and restore the last copy whose head you noted", 2));
        }
        lines.join("\n")
    }
}
