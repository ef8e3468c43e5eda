//! How `tern rules --diff` tells what changed.

use serde::Serialize;
use tern_model::GroupId;
use tern_rules::{Change, ClauseChange, Diff, OverlayChange, Wording, list_groups};

use crate::look::{Look, cell, counted};
use crate::output::Report;

#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Told(pub Diff);

/// Each way of changing: its heading and its mark.
const KINDS: [(Change, &str, &str); 4] = [
    (Change::New, "New", "+"),
    (Change::TextChanged, "Text changed", "~"),
    (Change::FurtherGroups, "Now binds further groups", ">"),
    (Change::NotYetInForce, "Not yet in force", "…"),
];

impl Report for Told {
    fn text(&self, look: &Look) -> String {
        let diff = &self.0;
        let mut parts = vec![format!("  {}", look.strong(&format!("The rules on {} and on {}", diff.from, diff.to)))];
        parts.extend(self.versions(look));
        for (change, heading, mark) in KINDS {
            let clauses: Vec<&ClauseChange> = diff.of(change).collect();
            if !clauses.is_empty() {
                parts.push(format!("  {} ({})", look.strong(heading), clauses.len()));
                parts.extend(clauses.into_iter().map(|clause| told(clause, mark, look)));
            }
        }
        let changed = counted(diff.clauses.len(), "clause");
        parts.push(format!("  {changed} told, {} as before. `tern explain CLAUSE` says more.", diff.unchanged));
        parts.join("\n\n")
    }
}

impl Told {
    /// What came into force, and whom it brought in.
    fn versions(&self, look: &Look) -> Option<String> {
        let rows = self.0.documents.iter().map(|version| {
            let on = format!("{}{}", version.on, if version.assumed { ", assumed" } else { "" });
            vec![cell(on), cell(&version.version), cell(version.note), cell(version.source)]
        });
        let table = look.table(&["in force from", "document", "brings", "source"], 2, rows);
        let mut groups: Vec<String> = Vec::new();
        for of_day in self.0.groups.chunk_by(|a, b| (a.on, a.assumed) == (b.on, b.assumed)) {
            let names = list_groups(&of_day.iter().map(|came| came.group).collect::<Vec<_>>());
            let assumed = if of_day[0].assumed { ", assumed" } else { "" };
            groups.push(format!("{names} ({}{assumed})", of_day[0].on));
        }
        let covered = (!groups.is_empty()).then(|| format!("  GroupIDs now covered: {}", groups.join("; ")));
        let table = (!self.0.documents.is_empty()).then_some(table);
        let parts: Vec<String> = table.into_iter().chain(covered).collect();
        (!parts.is_empty()).then(|| parts.join("\n\n"))
    }
}

/// What an overlay changes.
#[derive(Debug, Serialize)]
pub struct Overlaid {
    pub changes: Vec<OverlayChange>,
}

impl Report for Overlaid {
    fn text(&self, look: &Look) -> String {
        if self.changes.is_empty() {
            return "  it changes nothing: every value is the published one".to_owned();
        }
        let row = |change: &OverlayChange| {
            let clauses = change.clauses.join(", ");
            vec![cell(&change.key), cell(&change.before), cell(&change.after), cell(clauses)]
        };
        let table = look.table(&["key", "without", "under it", "bears on"], 3, self.changes.iter().map(row));
        let words = "`tern rules --overlay FILE --diff FROM TO` compares two days under it.";
        format!("{table}\n\n  {}. {words}", counted(self.changes.len(), "change"))
    }
}

/// Where what is said of a clause begins.
const INDENT: usize = 6;

fn told(clause: &ClauseChange, mark: &str, look: &Look) -> String {
    let grade = if clause.source.is_empty() {
        clause.grade.to_string()
    } else {
        format!("{} ({})", clause.grade, clause.source)
    };
    let name = look.strong(&clause.name);
    let mut lines = vec![format!("  {mark} {name} · {} · {}", clause.title, look.faint(&grade))];
    let mut say = |text: &str| lines.push(look.paragraph(text, INDENT));
    match (clause.change, &clause.before, &clause.after) {
        (Change::TextChanged, Some(before), Some(after)) if before.words != after.words => {
            say(&format!("before: {}", before.words));
            say(&format!("now: {}", after.words));
        }
        (_, _, Some(wording)) => say(wording.words),
        (_, _, None) => say("binds nobody any more"),
    }
    for number in &clause.numbers {
        let word = |value: Option<i32>| value.map_or("none".to_owned(), |value| value.to_string());
        let name = number.number.replace('_', " ");
        say(&format!("{name}: {} → {}", word(number.before), word(number.after)));
    }
    say(&look.faint(&standing(clause)));
    lines.join("\n")
}

/// Since when, by which document, and whom it binds.
fn standing(clause: &ClauseChange) -> String {
    let groups = |groups: &[GroupId]| list_groups(groups);
    let since = clause.after.as_ref().map(since).unwrap_or_default();
    match clause.change {
        Change::New => format!("binds {}{since}", groups(&clause.groups)),
        Change::NotYetInForce => match clause.since {
            Some(day) => format!("binds nobody before {day}{since}"),
            None => "in no version that came into force".to_owned(),
        },
        Change::TextChanged | Change::FurtherGroups if clause.further.is_empty() => {
            format!("binds {} as before{since}", groups(&clause.groups))
        }
        Change::TextChanged | Change::FurtherGroups => {
            format!("binds {}, of them newly {}{since}", groups(&clause.groups), groups(&clause.further))
        }
    }
}

fn since(wording: &Wording) -> String {
    let assumed = if wording.assumed { ", assumed" } else { "" };
    wording.from.map(|day| format!(" · {} ({day}{assumed})", wording.version)).unwrap_or_default()
}
