//! The guidance list for Users: known behaviours of Service Requests, by day. All words come from the DMVES.

use jiff::civil::Date;
use serde::Serialize;
use tern_rules::dmves::{self, GuidanceEntry};
use tern_rules::{Rulebook, list_groups};

use crate::look::{Look, counted};
use crate::output::Report;

/// The list.
#[derive(Debug, Serialize)]
pub struct Guidance {
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Date>,
    guidance: Vec<GuidanceEntry>,
}

impl Guidance {
    /// The list under a rulebook; with a day only what holds then.
    pub fn of(rulebook: &Rulebook, as_of: Option<Date>) -> Guidance {
        Guidance { as_of, guidance: dmves::guidance(rulebook, as_of) }
    }
}

impl Report for Guidance {
    fn text(&self, look: &Look) -> String {
        let mut lines = Vec::new();
        let mut day = None;
        for entry in &self.guidance {
            let since = since(entry);
            if day.as_ref() != Some(&since) {
                lines.extend((day.is_some()).then(String::new));
                lines.push(format!("  {}", look.strong(&since)));
                day = Some(since);
            }
            let requests = format!("{} to {}s of {}", entry.srvs.join(", "), entry.device, list_groups(&entry.groups));
            lines.push(look.paragraph(&format!("{requests} · {}", look.faint(entry.source)), 4));
            lines.push(look.paragraph(entry.words, 6));
        }
        let behaviours = counted(self.guidance.len(), "known behaviour");
        let when = self.as_of.map_or_else(String::new, |day| format!(" on {day}"));
        let note = format!("{behaviours}{when}. `tern explain DMVES` tells how firmly the sources support each.");
        lines.extend([String::new(), look.faint(&look.paragraph(&note, 2))]);
        lines.join("\n")
    }
}

fn since(entry: &GuidanceEntry) -> String {
    match (entry.from, entry.assumed) {
        (None, _) => "from migration on".to_owned(),
        (Some(day), true) => format!("from {day} (assumed, {})", entry.by),
        (Some(day), false) => format!("from {day} ({})", entry.by),
    }
}
