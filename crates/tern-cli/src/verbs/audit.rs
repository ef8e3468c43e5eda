//! `tern audit`: whether each role's audit is the one that was written. It only reads.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use tern_model::{Digest, Role};
use tern_service::overview::{AuditRows, Overview};
use tern_store::{AuditBroken, AuditRow, SqliteView, StoreView};

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, count};
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
struct One {
    role: Role,
    #[serde(flatten)]
    state: State,
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
        let mut out = context.output.stream();
        let look = out.look();
        out.open("{\"roles\":[", "]}");
        let mut broken = 0;
        for (role, store) in overview.stores() {
            let one = One::of(role, store)?;
            broken += usize::from(matches!(one.state, State::Broken { .. }));
            out.text(|| vec![one.line(&look)]);
            let Some(store) = store.filter(|_| self.lines) else {
                out.item(&one)?;
                continue;
            };
            out.open_object(&one, "lines")?;
            for row in AuditRows::new(store) {
                let line = Line::of(row?);
                out.item(&line)?;
                out.text(|| vec![line.text(&look)]);
            }
            out.close();
        }
        if broken > 0 {
            out.text(|| vec![String::new(), look.paragraph(NEXT, 2)]);
        }
        out.end()?;
        Ok(Exit::of_findings(broken))
    }
}

const NEXT: &str =
    "next: keep that store as it is, find out who could write it, and restore the last copy whose head you noted";

impl One {
    fn of(role: Role, store: Option<&SqliteView>) -> Result<One, Failure> {
        let Some(store) = store else { return Ok(One { role, state: State::NoStore }) };
        let state = match store.verify_audit() {
            Ok(head) => State::Ok { entries: head.entries, head: head.hash },
            Err(AuditBroken::Unreadable(fault)) => return Err(fault.into()),
            Err(broken) => State::Broken { broken: broken.to_string() },
        };
        Ok(One { role, state })
    }

    fn line(&self, look: &Look) -> String {
        let name = format!("{:<20}", values::role_words(self.role.as_str()));
        match &self.state {
            State::Ok { entries, head } => {
                let entries = usize::try_from(*entries).unwrap_or(usize::MAX);
                let entries = if entries == 1 { "1 entry".to_owned() } else { format!("{} entries", count(entries)) };
                format!("  {} {name} ok, {entries}, head {head}", look.good("✓"))
            }
            State::Broken { broken } => format!("  {} {name} {broken}", look.bad("✗")),
            State::NoStore => format!("  {} {name} no store yet", look.faint("-")),
        }
    }
}

impl Line {
    fn of(row: AuditRow) -> Line {
        let AuditRow { number, entry: e, hash } = row;
        Line { number, at: e.at, actor: e.actor, action: e.action, subject: e.subject, evidence: e.evidence, hash }
    }

    fn text(&self, look: &Look) -> String {
        let at = self.at.strftime("%Y-%m-%d %H:%M:%S%.3f");
        let words = [self.actor.as_str(), &self.action, &self.subject, &self.evidence].map(str::trim);
        let words: Vec<_> = words.into_iter().filter(|w| !w.is_empty()).collect();
        format!("    {:>6}  {at}  {}", self.number, look.hanging(&words.join(" · "), 12))
    }
}
