//! `tern explain DMVES`, or one of its rows: what is known of the Device Model Variations to Equivalent Steps Matrix.

use jiff::civil::Date;
use serde::Serialize;
use tern_rules::dmves::{Member, ROWS, Row, ToldRow, ToldVariation, find};
use tern_rules::{Rulebook, list_groups};

use crate::look::{Look, counted};
use crate::output::Report;

/// Rows of the matrix.
#[derive(Debug, Serialize)]
pub struct Matrix {
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Date>,
    rows: Vec<ToldRow>,
}

impl Matrix {
    /// What was asked for: all of it, or a row; none where it is something else.
    pub fn of(asked: &str, rulebook: &Rulebook, as_of: Option<Date>) -> Option<Matrix> {
        let rows: Vec<&'static Row> =
            if asked.trim().eq_ignore_ascii_case("DMVES") { ROWS.to_vec() } else { vec![find(asked)?] };
        Some(Matrix { as_of, rows: rows.into_iter().map(|row| row.told(rulebook, as_of)).collect() })
    }
}

impl Report for Matrix {
    fn text(&self, look: &Look) -> String {
        let mut parts: Vec<String> = self.rows.iter().map(|row| told(row, look)).collect();
        let day = self.as_of.map_or_else(String::new, |day| format!(" on {day}"));
        let rows = counted(self.rows.len(), "row");
        parts.push(look.faint(&look.paragraph(
            &format!("{rows} of the DMVES (S1SR Annex A){day}: what the sources let be known. The matrix itself is not public."),
            2,
        )));
        parts.join("\n\n")
    }
}

/// A row as it is told.
pub fn told(row: &ToldRow, look: &Look) -> String {
    let srvs = row.srvs.join(", ");
    let grade = look.faint(&format!("{} ({})", row.grade, row.source));
    let mut lines = vec![
        format!("  {} · {}", look.strong(row.key), row.title),
        look.paragraph(&format!("{srvs} to {}s of {} · {grade}", row.device, members(row.groups)), 6),
    ];
    for variation in &row.variations {
        lines.push(look.paragraph(&format!("{}: {}", since(variation), variation.behaviour.as_str()), 6));
        lines.push(look.paragraph(variation.words, 8));
    }
    if row.variations.is_empty() {
        lines.push("      NOT YET IN FORCE for any of these groups".to_owned());
    }
    if !row.reading.is_empty() {
        lines.push(look.faint(&look.paragraph(&format!("Our reading: {}", row.reading), 6)));
    }
    lines.join("\n")
}

/// The groups, with their grade where it is not the source's own word.
fn members(groups: &[Member]) -> String {
    let member = |member: &Member| match member.grade {
        tern_model::Grade::Stated => member.group.to_string(),
        grade => format!("{} ({grade})", member.group),
    };
    groups.iter().map(member).collect::<Vec<_>>().join(", ")
}

fn since(variation: &ToldVariation) -> String {
    let day = match (variation.from, variation.assumed) {
        (None, _) => "from migration on".to_owned(),
        (Some(day), true) => format!("from {day} (assumed, {})", variation.by),
        (Some(day), false) => format!("from {day} ({})", variation.by),
    };
    match &variation.holds_for {
        Some(groups) => format!("{day}, for {}", list_groups(groups)),
        None => day,
    }
}
