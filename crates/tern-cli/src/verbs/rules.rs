//! `tern rules`: the whole rulebook, one line a rule; as of a day; and what changes from one day to another.

mod diff;

use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;
use tern_rules::{Diff, Explanation, OnDay, find, list};

use crate::context::{Configured, Context};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, counted};
use crate::output::Report;
use crate::values::{self, day};

/// List every rule, with its grade, groups and judges
///
/// With --as-of as the rules stood on a day: which wording bound whom, and for whom a rule was NOT YET IN FORCE. With --diff what
/// changed from one day to another, clause by clause.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern rules",
    "tern rules 15.",
    "tern rules --as-of 2020-06-15",
    "tern rules --diff 2019-12-01 2021-06-01",
    "tern rules --overlay two-weeks-later.toml --diff"
))]
pub struct Args {
    /// Only clauses that begin so
    begins: Option<String>,
    /// As the rules stood on that day
    #[arg(long, value_name = "DATE", value_parser = day, conflicts_with = "diff")]
    as_of: Option<Date>,
    /// What is different on the second day; without days, what the overlay changes
    #[arg(long, value_names = ["FROM", "TO"], num_args = 0..=2, value_parser = day)]
    diff: Option<Vec<Date>>,
}

#[derive(Debug, Serialize)]
struct Rules {
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Date>,
    rules: Vec<Listed>,
}

/// A rule, and how it stands on the day that was asked for.
#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    rule: Explanation,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<OnDay>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.config_or_default(Path::new("."))?;
        if let Some(days) = &self.diff {
            return self.diff(context, &configured, days);
        }
        let rulebook = configured.config.rulebook;
        let on = |rule: &Explanation| Some(OnDay::of(find(rule.clause)?, rulebook.on(self.as_of?)));
        let listed = list(&rulebook).into_iter().filter(|rule| self.wants(rule.clause));
        let rules: Vec<Listed> = listed.map(|rule| Listed { on: on(&rule), rule }).collect();
        if let Some(begins) = self.begins.as_ref().filter(|_| rules.is_empty()) {
            return Err(Failure::new(format!("no clause begins with {begins:?}"), "`tern rules` alone lists all"));
        }
        context.output.show(&Rules { as_of: self.as_of, rules })?;
        Ok(Exit::Clean)
    }

    fn diff(&self, context: &Context, configured: &Configured, days: &[Date]) -> Result<Exit, Failure> {
        let rulebook = &configured.config.rulebook;
        match days {
            [from, to] if to < from => {
                return Err(Failure::new(format!("{to} comes before {from}"), "give the earlier day first"));
            }
            [from, to] => {
                let mut diff = Diff::between(rulebook.on(*from), rulebook.on(*to));
                diff.clauses.retain(|clause| self.wants(clause.clause));
                context.output.show(&diff::Told(diff))?;
            }
            [] if rulebook.overlay().is_some() => {
                let changes = configured.config.overlay_changes(&configured.without_overlay()?);
                context.output.show(&diff::Overlaid { changes })?;
            }
            _ => {
                let what = "--diff compares two days, or an overlay with the published rules";
                return Err(Failure::new(what, "give both days, or --overlay FILE"));
            }
        }
        Ok(Exit::Clean)
    }

    fn wants(&self, clause: &str) -> bool {
        let asked = self.begins.as_deref().unwrap_or_default().to_ascii_lowercase();
        clause.to_ascii_lowercase().starts_with(&asked)
    }
}

impl Report for Rules {
    fn text(&self, look: &Look) -> String {
        let rows = self.rules.iter().map(|Listed { rule, on }| {
            let mut row = vec![cell(rule.clause), cell(rule.grade), cell(rule.title)];
            if let Some(on) = on {
                row.push(cell(on.words()));
            } else {
                let judges: Vec<&str> = rule.roles.iter().map(|role| short(role)).collect();
                row.extend([cell(&rule.groups), cell(judges.join(", "))]);
            }
            row
        });
        let table = match self.as_of {
            Some(day) => look.table(&["clause", "grade", "title", &format!("on {day}")], 3, rows),
            None => look.table(&["clause", "grade", "title", "groups", "judged by"], 2, rows),
        };
        format!("{table}\n\n  {}. `tern explain CLAUSE` says more.", counted(self.rules.len(), "rule"))
    }
}

/// Four judges fit on one line.
fn short(role: &str) -> &str {
    if role == "requesting-party" { "RP" } else { values::role_words(role) }
}
