//! The generated page `docs/reference/rules.md`. Pure: whoever calls it writes it, or compares it with what is there.

use std::fmt::Write;

use crate::documents::{Force, REGISTER};
use crate::explain::{Explanation, list};
use crate::groups::GROUPS;
use crate::rulebook::Rulebook;

const PREAMBLE: &str = concat!(
    "# Rules\n\n<!-- Generated from crates/tern-rules: change the rule and run `cargo xtask codegen`. -->\n\n",
    "Grades: **stated**: the source says it. **R**: our reading of an unclear or misprinted source. **P**: ",
    "project-defined; the sources need it and leave it open. `tern explain CLAUSE` prints the same.\n\n",
);

/// The page's path from the workspace's root, and its text.
#[must_use]
pub fn page() -> (&'static str, String) {
    let mut out = PREAMBLE.to_owned();
    let rules = list(&Rulebook::published());
    index(&mut out, &rules);
    for rule in &rules {
        section(&mut out, rule);
    }
    groups(&mut out);
    documents(&mut out);
    ("docs/reference/rules.md", out)
}

/// A line of the page. Writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

fn index(out: &mut String, rules: &[Explanation]) {
    line!(out, "| Clause | Title | Grade | Groups | Judged by | Stage |\n|---|---|---|---|---|---|");
    for r in rules {
        let roles = if r.roles.is_empty() { "explained".to_owned() } else { r.roles.join(", ") };
        let anchor = anchor(r);
        line!(out, "| [{}](#{anchor}) | {} | {} | {} | {roles} | {} |", r.clause, r.title, r.grade, r.groups, r.stage);
    }
}

/// The anchor that common Markdown renderers give to the section's heading.
fn anchor(rule: &Explanation) -> String {
    heading(rule)
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn heading(rule: &Explanation) -> String {
    format!("{}: {}", rule.clause, rule.title)
}

fn section(out: &mut String, rule: &Explanation) {
    line!(out, "\n## {}\n", heading(rule));
    line!(out, "{} · GroupIDs {} · {}\n", rule.name(), rule.groups, rule.graded_source());
    for text in &rule.texts {
        line!(out, "- {} {}", text.words, text.dates());
    }
    line!(out, "\n{}", rule.judged());
    if !rule.reading.is_empty() {
        line!(out, "\nOur reading: {}", rule.reading);
    }
    line!(out, "\n`{}`", rule.file);
}

fn groups(out: &mut String) {
    line!(out, "\n# GroupIDs\n\n| GroupID | Clause | Grade | Since | Source |\n|---|---|---|---|---|");
    for row in &GROUPS {
        let clause = row.clause.unwrap_or("none named");
        line!(out, "| {} | {clause} | {} | {} | {} |", row.group, row.grade, row.since.describe(), row.source);
    }
}

fn documents(out: &mut String) {
    line!(
        out,
        "\n# Document versions\n\n| Document | Version | Status | In force from | Note | Source \
         |\n|---|---|---|---|---|---|"
    );
    for v in REGISTER {
        let force = match v.force {
            Force::Since(day) | Force::Overlaid(day) | Force::Designated(day) => day.to_string(),
            Force::AssumedSince(day) => format!("{day}, assumed"),
            Force::Never => "never".to_owned(),
        };
        let (document, status) = (v.document.as_str(), v.status.as_str());
        line!(out, "| {document} | {} | {status} {} | {force} | {} | {} |", v.version, v.dated, v.note, v.source);
    }
}
