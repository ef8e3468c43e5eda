//! The guidance list for Users (RQ13): known behaviours with their days, made from the rows that drive them. Pure: whoever calls it writes
//! it, or compares it with what is there. It must never say what no row says.

use std::fmt::Write;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{Behaviour, DeviceKind, GroupId};

use super::told::{ToldRow, ToldVariation};
use super::{ROWS, Row};
use crate::rulebook::Rulebook;

/// The page's path from the workspace's root.
const PATH: &str = "docs/reference/guidance.md";
const PREAMBLE: &str = "# Guidance for Users: known behaviours\n\n\
    <!-- Generated from crates/tern-rules/src/dmves: change a row and run `cargo xtask codegen`. -->\n\n\
    What Service Requests to migrated SMETS1 devices do other than one would expect, from which day on. A day marked *assumed* is ours; no source \
    gives it. A GroupID is concerned from the day on which the TMAD covers it. `tern srv --guidance` prints this list, with `--as-of DATE` what holds \
    on a day; `tern explain DMVES` prints the rows.\n";

/// A line of the list: what some requests do from a day on.
#[derive(Debug, Clone, Serialize)]
pub struct GuidanceEntry {
    /// The first day; none where it was so from the group's migration on.
    pub from: Option<Date>,
    /// Whether the day is our assumption.
    pub assumed: bool,
    /// The document version or the release that brought it.
    pub by: String,
    /// The row's name.
    pub key: &'static str,
    /// The row, in a few words.
    pub title: &'static str,
    /// The kind of device that a request is for.
    pub device: DeviceKind,
    /// Whose installations; of a day that was asked for those for which it holds then.
    pub groups: Vec<GroupId>,
    /// The Service Reference Variants.
    pub srvs: &'static [&'static str],
    /// What happens.
    pub behaviour: Behaviour,
    /// What a User is told of it.
    pub words: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

impl GuidanceEntry {
    fn of(row: &ToldRow, variation: &ToldVariation) -> GuidanceEntry {
        let all = || row.groups.iter().map(|member| member.group).collect();
        GuidanceEntry {
            from: variation.from,
            assumed: variation.assumed,
            by: variation.by.clone(),
            key: row.key,
            title: row.title,
            device: row.device,
            groups: variation.holds_for.clone().unwrap_or_else(all),
            srvs: row.srvs,
            behaviour: variation.behaviour,
            words: variation.words,
            source: row.source,
        }
    }
}

/// The list under a rulebook, the earliest first; with a day only what holds for some group then.
#[must_use]
pub fn guidance(rulebook: &Rulebook, as_of: Option<Date>) -> Vec<GuidanceEntry> {
    let rows = ROWS.iter().map(|row| row.told(rulebook, as_of));
    let entries = rows.flat_map(|row| row.variations.iter().map(|v| GuidanceEntry::of(&row, v)).collect::<Vec<_>>());
    let mut entries: Vec<_> = entries.collect();
    // Stable: of one day in the rows' order.
    entries.sort_by_key(|entry| entry.from);
    entries
}

/// The page's path from the workspace's root, and its text.
#[must_use]
pub fn page() -> (&'static str, String) {
    let mut out = PREAMBLE.to_owned();
    let book = Rulebook::published();
    by_day(&mut out, &book);
    ROWS.iter().copied().for_each(|row| section(&mut out, row, &book));
    (PATH, out)
}

/// A line of the page. Writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

fn by_day(out: &mut String, book: &Rulebook) {
    line!(out, "\n## By day\n\n| From | Requests | To | GroupIDs | What happens |\n|---|---|---|---|---|");
    for entry in guidance(book, None) {
        let groups: Vec<String> = entry.groups.iter().map(ToString::to_string).collect();
        let day = day((entry.from, entry.assumed));
        let (requests, groups) = (entry.srvs.join(", "), groups.join(" "));
        line!(out, "| {day} | {requests} | {} | {groups} | {} |", entry.device, entry.words);
    }
}

fn section(out: &mut String, row: &'static Row, book: &Rulebook) {
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
    for variation in &row.told(book, None).variations {
        let day = day((variation.from, variation.assumed));
        line!(out, "| {day} | {} | {} |", variation.by, variation.words);
    }
    let requirement = row.requirement;
    let reading = if row.reading.is_empty() { String::new() } else { format!(" {}", row.reading) };
    line!(out, "\nSource: {} · {} · serves {requirement}.{reading}", row.source, row.grade);
}

fn day((from, assumed): (Option<Date>, bool)) -> String {
    match (from, assumed) {
        (None, _) => "migration".to_owned(),
        (Some(day), true) => format!("{day}, *assumed*"),
        (Some(day), false) => day.to_string(),
    }
}
