//! The generated reference page of stages, reasons and codes. Pure: whoever calls it writes it, or compares it with what is there.

use std::fmt::Write;

use super::STAGES;
use crate::codes::{Basis, DccAlert, KNOWN, REASONS, ReasonRow, meaning};

const PREAMBLE: &str = "# Stages and response codes\n\n\
    <!-- Generated from crates/tern-requests/src/stages and src/codes: change a row and run `cargo xtask codegen`. -->\n\n\
    A Service Request goes through these stages in this order (P: of the SRPD only fragments are public). The first check that refuses ends it. \
    `tern srv --stages` prints the same.\n";

/// A line of the page. Writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

/// The page's path from the workspace's root, and its text.
#[must_use]
pub fn page() -> (&'static str, String) {
    let mut out = PREAMBLE.to_owned();
    for (at, stage) in STAGES.iter().enumerate() {
        line!(out, "\n## {}. {} ({})\n\n{}.", at + 1, stage.title, stage.party, stage.words);
        let rows: Vec<&ReasonRow> = REASONS.iter().filter(|row| row.stage == stage.stage).collect();
        if !rows.is_empty() {
            line!(out, "\n| Reason | Code | Grade | What is wrong | What to do |\n|---|---|---|---|---|");
        }
        for row in rows {
            let code =
                format!("`{}`{}", row.code, if row.basis == Basis::Unconfirmed { ", configuration" } else { "" });
            let (key, grade, meaning, suggestion) = (row.key, row.basis.grade(), row.meaning, row.suggestion);
            line!(out, "| `{key}` | {code} | {grade} | {meaning} | {suggestion} |");
        }
    }
    alerts(&mut out);
    known(&mut out);
    ("docs/reference/request-stages.md", out)
}

fn alerts(out: &mut String) {
    line!(
        out,
        "\n## DCC Alerts\n\nTheir codes are unconfirmed, and configuration.\n\n| Alert | Code | Grade | Tells |\n|---|---|---|---|"
    );
    for alert in DccAlert::ALL {
        line!(out, "| `{}` | `{}`, configuration | P | {} |", alert.key(), alert.default_code(), alert.words());
    }
}

fn known(out: &mut String) {
    line!(
        out,
        "\n## Every response code of the published schemas\n\nThe letter says whether it informs, warns or refuses; of codes with six digits two each say \
         group, service and number. Meanings, where a public page confirms one:\n\n| Code | Means |\n|---|---|"
    );
    for code in KNOWN {
        if let Some(meaning) = meaning(code) {
            line!(out, "| {code} | {meaning} |");
        }
    }
    let others: Vec<&str> = KNOWN.iter().filter(|code| meaning(code).is_none()).copied().collect();
    line!(out, "\nOf the other {} nobody could confirm a meaning: {}.", others.len(), others.join(", "));
}
