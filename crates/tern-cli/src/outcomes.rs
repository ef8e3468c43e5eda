//! The table of outcomes: how many installations ended how, and why. `migrate`, `demo` and `status` show the same.

use comfy_table::Cell;
use serde::Serialize;
use tern_model::OutcomeKind;
use tern_service::results::Tally;

use crate::look::{Look, bad_cell, cell, count, good_cell, unsure_cell};

/// One row, as JSON has it.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Null while installations are open.
    pub outcome: Option<OutcomeKind>,
    /// How many.
    pub installations: usize,
    /// Clauses and codes behind them.
    pub why: Vec<Why>,
}

/// A clause or code, and how often it stands behind an outcome.
#[derive(Debug, Serialize)]
pub struct Why {
    /// For example `5.10.10` or `B2`.
    pub clause: String,
    /// How often.
    pub installations: usize,
}

/// The rows of a tally.
pub fn rows(tally: Vec<Tally>) -> Vec<Row> {
    let why = |(clause, installations)| Why { clause, installations };
    let row = |t: Tally| Row { outcome: t.kind, installations: t.count, why: t.why.into_iter().map(why).collect() };
    tally.into_iter().map(row).collect()
}

/// The table.
pub fn table(rows: &[Row], look: &Look) -> String {
    let cells = |row: &Row| {
        let why: Vec<_> = row.why.iter().map(|w| format!("{} ×{}", w.clause, w.installations)).collect();
        vec![name(row), crate::look::count_cell(row.installations), cell(why.join(" · "))]
    };
    look.table(&["outcome", "installations", "why"], 2, rows.iter().map(cells))
}

fn name(row: &Row) -> Cell {
    match row.outcome {
        Some(OutcomeKind::Commissioned) => good_cell("commissioned"),
        Some(OutcomeKind::Stuck) if row.installations > 0 => bad_cell("stuck"),
        Some(kind) => cell(kind),
        None => unsure_cell("open"),
    }
}

/// That installations came in several sets, where so many of all that were counted did; none where each counts once.
pub fn several_sets(counts: usize, again: usize, look: &Look) -> Option<String> {
    let words = format!(
        "the sets hold {} different installations; one that came in several counts in each",
        count(counts.saturating_sub(again))
    );
    (again > 0).then(|| look.faint(&look.paragraph(&words, 2)))
}

/// How many there are of one kind.
pub fn of(rows: &[Row], kind: OutcomeKind) -> usize {
    rows.iter().filter(|r| r.outcome == Some(kind)).map(|r| r.installations).sum()
}

/// `2 refused  3 rolled back  0 stuck`: what stands beside a bar.
pub fn beside_bar(refused: usize, rolled_back: usize, stuck: usize) -> String {
    format!("{} refused  {} rolled back  {} stuck", count(refused), count(rolled_back), count(stuck))
}
