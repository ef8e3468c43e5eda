//! The generated guidance list for Users (RQ13): known behaviours with their days, made from the rows that drive them. Pure:
//! whoever calls it writes it, or compares it with what is there.

use std::fmt::Write;

use super::{ROWS, Row};
use crate::rulebook::Rulebook;

const PREAMBLE: &str = "# Guidance for Users: known behaviours\n\n\
    <!-- Generated from crates/tern-rules/src/dmves: change a row and run `cargo xtask codegen`. -->\n\n\
    What Service Requests to migrated SMETS1 devices do other than one would expect, from which day on. A day marked *assumed* is ours; no source \
    gives it. A GroupID is concerned from the day on which the TMAD covers it. `tern explain DMVES` prints all rows, these among them.\n";

/// The page's path from the workspace's root, and its text.
#[must_use]
pub fn page() -> (&'static str, String) {
    let mut out = PREAMBLE.to_owned();
    let book = Rulebook::published();
    ROWS.iter().filter(|row| row.in_guidance).for_each(|row| section(&mut out, row, &book));
    ("docs/reference/guidance.md", out)
}

/// A line of the page. Writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

fn section(out: &mut String, row: &Row, book: &Rulebook) {
    line!(out, "\n## {}\n", row.title);
    let groups: Vec<String> = row.groups.iter().map(|m| format!("{} ({})", m.group, m.grade)).collect();
    line!(
        out,
        "{} · Service Reference Variants {} · GroupIDs {}\n",
        row.device,
        row.srvs.join(", "),
        groups.join(", ")
    );
    line!(out, "| From | By | What happens |\n|---|---|---|");
    for variation in row.variations {
        let day = match variation.from.day(book) {
            None => "migration".to_owned(),
            Some((day, true)) => format!("{day}, *assumed*"),
            Some((day, false)) => day.to_string(),
        };
        line!(out, "| {day} | {} | {} |", variation.from.name(), variation.words);
    }
    let requirement = row.requirement;
    line!(out, "\nSource: {} · {} · serves {requirement}. {}", row.source, row.grade, row.reading);
}
