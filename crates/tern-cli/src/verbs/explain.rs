//! `tern explain`: one clause. All words come from the rule.

mod codes;
pub mod dmves;

use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::GroupId;
use tern_rules::{Explanation, OnDay, explain, find, nearest, rules, similar};

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;
use crate::values::{self, day};

/// Explain a clause: text, grade, dates, source, and the file that holds it
///
/// A clause of the TMAD (15.8), a code (MA110, DP01), a row of Appendix B (B2), a number of Tern's own (P-sender), DMVES: what
/// Service Requests do on some devices other than the Equivalent Steps say, or a code that Users are told (E4, W110101, N55). Grades:
/// "stated" by a source, "R" our reading of an unclear one, "P" defined by this project.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern explain 5.10.10",
    "tern explain 5.10.10 --as-of 2020-06-15",
    "tern explain DMVES --as-of 2020-11-01",
    "tern explain E1000",
    "tern explain P-mpxn-check-digit --json"
))]
pub struct Args {
    /// For example 15.11
    clause: String,
    /// As the clause stood on that day
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
}

#[derive(Debug, Serialize)]
struct Explained {
    #[serde(flatten)]
    rule: Explanation,
    /// How it stands on the day that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<OnDay>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let config = context.config_or_default(Path::new("."))?.config;
        let (codes, rulebook) = (config.gateway.codes()?, config.rulebook);
        if let Some(matrix) = dmves::Matrix::of(&self.clause, &rulebook, self.as_of) {
            context.output.show(&matrix)?;
            return Ok(Exit::Clean);
        }
        if explain(&self.clause, &rulebook).is_none()
            && let Some(page) = codes::CodePage::of(&self.clause, &codes)
        {
            context.output.show(&page)?;
            return Ok(Exit::Clean);
        }
        let unknown = || row(&self.clause).unwrap_or_else(|| unknown(&self.clause));
        // A number of ours is known without its `P-` too: earlier builds wrote some so into events.
        let ours = || explain(&format!("P-{}", self.clause.trim()), &rulebook);
        let rule = explain(&self.clause, &rulebook).or_else(ours).ok_or_else(unknown)?;
        let on = self.as_of.and_then(|day| Some(OnDay::of(find(rule.clause)?, rulebook.on(day))));
        context.output.show(&Explained { rule, on })?;
        Ok(Exit::Clean)
    }
}

/// A row of a cohort's tables is no clause: what it does, and under which code its failure is told.
fn row(asked: &str) -> Option<Failure> {
    let steps = GroupId::ALL.into_iter().map(tern_cohorts::cohort).flat_map(|c| c.steps());
    let step = steps.into_iter().find(|s| s.row.eq_ignore_ascii_case(asked.trim()))?;
    let what = format!("{} is a row, not a clause: {}", step.row, step.text);
    Some(Failure::new(what, format!("its failure is told as {}: `tern explain {}`", step.code, step.code)))
}

/// As many clauses as a reader looks at.
const NEAREST: usize = 5;

fn unknown(clause: &str) -> Failure {
    let mut near = similar(clause);
    if near.is_empty() {
        near = nearest(clause, rules().map(|rule| rule.clause));
    }
    near.truncate(NEAREST);
    let next = match near.as_slice() {
        [] => "`tern rules` lists every clause".to_owned(),
        near => format!("did you mean {}? `tern rules` lists every clause", near.join(", ")),
    };
    Failure::new(format!("no rule {clause:?} is known"), next)
}

impl Report for Explained {
    fn text(&self, look: &Look) -> String {
        let rule = &self.rule;
        let head = format!("{} · GroupIDs {} · {}", rule.title, rule.groups, look.faint(&rule.graded_source()));
        let mut parts = vec![format!("  {} · {head}", look.strong(&rule.name()))];
        if let Some(on) = &self.on {
            parts.push(String::new());
            parts.push(look.strong(&look.paragraph(&format!("On {}: {}.", on.day, on.words()), 2)));
        }
        for (at, text) in rule.texts.iter().enumerate() {
            // Of a day its own wording is told; where it has none, the first one to come.
            if self.on.as_ref().is_some_and(|on| on.wording.unwrap_or_default() != at) {
                continue;
            }
            parts.push(String::new());
            parts.push(look.paragraph(text.words, 2));
            parts.push(look.faint(&look.paragraph(&text.dates(), 2)));
            parts.extend(
                text.overlaid.iter().map(|words| look.unsure(&look.paragraph(&format!("Overlaid: {words}."), 2))),
            );
        }
        parts.push(String::new());
        parts.push(look.paragraph(&judged(rule), 2));
        if !rule.reading.is_empty() {
            parts.push(look.paragraph(&format!("Our reading: {}", rule.reading), 2));
        }
        parts.push(look.faint(&format!("  {}", rule.file)));
        parts.join("\n")
    }
}

/// Who judges it and when, or how it is fulfilled.
fn judged(rule: &Explanation) -> String {
    let judges: Vec<&str> = rule.roles.iter().map(|role| values::role_words(role)).collect();
    match judges.as_slice() {
        [] => rule.judged(),
        [one] => format!("Judged by {one}: {}.", rule.stage),
        [others @ .., last] => format!("Judged by {} and {last}: {}.", others.join(", "), rule.stage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_clause_is_guessed_and_nonsense_is_not() {
        assert!(unknown("P-mpxn-checkdigit").next.contains("P-mpxn-check-digit"));
        assert!(unknown("5.10").next.contains("5.10.10, 5.10.15"));
        assert!(unknown("nonsense").next.starts_with("`tern rules`"));
    }
}
