//! One row while it is read: its cells by column, and where their faults go.

use jiff::civil::Date;
use tern_model::facts::SourceRow;

use super::cell::Cell;
use super::fault::Faults;
use super::record::Column;

/// A row being read.
pub struct Row<'f> {
    pub(super) number: u64,
    pub(super) columns: &'static [Column],
    pub(super) cells: Vec<&'f str>,
    pub(super) faults: &'f mut Faults,
}

impl Row<'_> {
    /// Where the record stands.
    pub(super) fn source(&self) -> SourceRow {
        SourceRow(self.number)
    }

    /// The text of a cell, where there is any.
    pub(super) fn text(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|known| known.name == column);
        at.and_then(|at| self.cells.get(at)).copied().unwrap_or_default()
    }

    /// The value of a cell.
    pub(super) fn get<T: Cell>(&mut self, column: &'static str) -> Option<T> {
        let text = self.text(column);
        let value = T::parse(text);
        if value.is_none() {
            let found: String = text.chars().take(60).collect();
            let reason =
                if found.is_empty() { "the cell is empty".into() } else { format!("`{found}` is no such value") };
            self.fault(column, reason, format!("write {}", T::EXPECTED));
        }
        value
    }

    /// The value of a cell that may be empty. The outer `None` stands for a fault.
    pub(super) fn optional<T: Cell>(&mut self, column: &'static str) -> Option<Option<T>> {
        if self.text(column).is_empty() { Some(None) } else { self.get(column).map(Some) }
    }

    /// Reports a field.
    pub(super) fn fault(&mut self, column: &'static str, reason: impl Into<String>, suggestion: impl Into<String>) {
        self.faults.add(self.number, column, reason, suggestion);
    }

    /// Reports a last day before the first.
    pub(super) fn in_order(&mut self, first: &'static str, last: &'static str) {
        let (from, until) = (self.text(first).to_owned(), self.text(last).to_owned());
        if let (Some(a), Some(b)) = (<Date as Cell>::parse(&from), <Date as Cell>::parse(&until))
            && b < a
        {
            let reason = format!("{last} {until} is before {first} {from}");
            self.fault(last, reason, format!("correct {first} or {last}: the first must not come after the second"));
        }
    }
}
