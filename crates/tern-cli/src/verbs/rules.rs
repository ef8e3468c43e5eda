//! `tern rules`: the whole rulebook, one line a rule.

use serde::Serialize;
use tern_rules::{Explanation, Rulebook, list};

use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, counted};
use crate::output::Report;
use crate::values;

/// List every rule, with its grade, groups and judges
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(plain, "tern rules", "tern rules 15.", "tern rules --json"))]
pub struct Args {
    /// Only clauses that begin so
    begins: Option<String>,
}

#[derive(Debug, Serialize)]
struct Rules {
    rules: Vec<Explanation>,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut rules = list(&Rulebook::published());
        if let Some(begins) = &self.begins {
            let asked = begins.to_ascii_lowercase();
            rules.retain(|rule| rule.clause.to_ascii_lowercase().starts_with(&asked));
            if rules.is_empty() {
                return Err(Failure::new(format!("no clause begins with {begins:?}"), "`tern rules` alone lists all"));
            }
        }
        context.output.show(&Rules { rules })?;
        Ok(Exit::Clean)
    }
}

impl Report for Rules {
    fn text(&self, look: &Look) -> String {
        let rows = self.rules.iter().map(|rule| {
            let judges: Vec<&str> = rule.roles.iter().map(|role| short(role)).collect();
            vec![cell(rule.clause), cell(rule.grade), cell(rule.title), cell(&rule.groups), cell(judges.join(", "))]
        });
        let table = look.table(&["clause", "grade", "title", "groups", "judged by"], 2, rows);
        format!("{table}\n\n  {}. `tern explain CLAUSE` says more.", counted(self.rules.len(), "rule"))
    }
}

/// Four judges fit on one line.
fn short(role: &str) -> &str {
    if role == "requesting-party" { "RP" } else { values::role_words(role) }
}
