//! The table of outcomes: how many installations ended how, and why. `migrate`, `demo` and `status` show the same.

use tern_model::OutcomeKind;
use tern_service::results::Tally;

use crate::look::{Cell, Look, bad_cell, cell, count, count_cell, good_cell, unsure_cell};

/// The table.
pub fn table(rows: &[Tally], look: &Look) -> String {
    let cells = |row: &Tally| {
        let why: Vec<_> = row.why.iter().map(|w| format!("{} ×{}", w.clause, w.installations)).collect();
        vec![name(row), count_cell(row.installations), cell(why.join(" · "))]
    };
    look.table(&["outcome", "installations", "why"], 2, rows.iter().map(cells))
}

fn name(row: &Tally) -> Cell {
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
pub fn of(rows: &[Tally], kind: OutcomeKind) -> usize {
    rows.iter().filter(|r| r.outcome == Some(kind)).map(|r| r.installations).sum()
}

/// `2 refused  3 rolled back  0 stuck`: what stands beside a bar.
pub fn beside_bar(refused: usize, rolled_back: usize, stuck: usize) -> String {
    format!("{} refused  {} rolled back  {} stuck", count(refused), count(rolled_back), count(stuck))
}
