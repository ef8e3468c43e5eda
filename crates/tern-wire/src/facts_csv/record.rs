//! What a file of records is, and the one way to read and write it.

use std::collections::HashMap;

use csv::{ByteRecord, ReaderBuilder, Trim};
use jiff::civil::Date;
use tern_model::facts::{Facts, SourceRow};

use super::cell::Cell;
use super::fault::{Faults, RowFault};

/// A column of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What it holds, with its form.
    pub doc: &'static str,
    /// Whether its cell may be empty.
    pub optional: bool,
}

pub(super) const fn column(name: &'static str, doc: &'static str) -> Column {
    Column { name, doc, optional: false }
}

pub(super) const fn optional(name: &'static str, doc: &'static str) -> Column {
    Column { name, doc, optional: true }
}

/// A file of records.
#[derive(Debug, Clone, Copy)]
pub struct FactFile {
    /// Its name without folder.
    pub name: &'static str,
    /// What a record says.
    pub doc: &'static str,
    /// Its columns: all of them are in the header, each once, in any order.
    pub columns: &'static [Column],
    /// The columns that no two rows have alike.
    pub key: &'static [&'static str],
    pub(super) read: fn(&[u8], &mut Facts) -> Vec<RowFault>,
}

/// A kind of record.
pub trait Record: Sized {
    /// Its file.
    const FILE: FactFile;

    /// Reads a row; `None` where a fault was reported.
    #[doc(hidden)]
    fn read(row: &mut Row<'_>) -> Option<Self>;

    /// The row's cells in the order of the columns.
    #[doc(hidden)]
    fn cells(&self) -> Vec<String>;

    /// Puts the record into its place.
    #[doc(hidden)]
    fn add(self, facts: &mut Facts);
}

/// Writes records as the file that [`super::read`] reads.
pub fn write<'r, R: Record + 'r>(records: impl IntoIterator<Item = &'r R>) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    // A Vec takes whatever is written to it, and every row has the header's number of cells.
    let _ = writer.write_record(R::FILE.columns.iter().map(|column| column.name));
    for record in records {
        let _ = writer.write_record(record.cells());
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

pub(super) fn read_file<R: Record>(bytes: &[u8], facts: &mut Facts) -> Vec<RowFault> {
    let mut faults = Faults::of(R::FILE.name);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(bytes);
    let mut rows = reader.byte_records();
    let header = rows.next().and_then(Result::ok).unwrap_or_default();
    let Some(positions) = header_positions(&R::FILE, bytes, &header, &mut faults) else { return faults.into_list() };
    facts.mark_given(R::FILE.name);
    let mut seen: HashMap<Vec<String>, (u64, Vec<String>)> = HashMap::new();
    for (number, record) in (2..).zip(rows) {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.add(number, "", format!("the row cannot be read: {error}"), "correct its quotes and commas");
                continue;
            }
        };
        if let Some(record) = read_row::<R>(number, &record, &positions, header.len(), &mut faults)
            && is_new::<R>(number, &record, &mut seen, &mut faults)
        {
            record.add(facts);
        }
    }
    faults.into_list()
}

/// Where each column stands, where the header is in order.
fn header_positions(file: &FactFile, bytes: &[u8], header: &ByteRecord, faults: &mut Faults) -> Option<Vec<usize>> {
    let names: Vec<&str> = file.columns.iter().map(|column| column.name).collect();
    let expected = format!("begin the file with this row: {}", names.join(","));
    if bytes.is_empty() {
        faults.add(0, "", "the file is empty, it has not even a header", expected);
        return None;
    }
    let Ok(cells) = header.iter().map(std::str::from_utf8).collect::<Result<Vec<_>, _>>() else {
        faults.add(1, "", "the file is not UTF-8", "save it as CSV in UTF-8");
        return None;
    };
    if cells.iter().any(|cell| cell.contains('\0')) {
        faults.add(1, "", "the file is not UTF-8: it looks like UTF-16", "save it as CSV in UTF-8");
        return None;
    }
    for (at, cell) in cells.iter().enumerate() {
        if !names.contains(cell) {
            faults.add(1, cell, "there is no such column", format!("the columns are {}", names.join(", ")));
        } else if cells[..at].contains(cell) {
            faults.add(1, cell, "the column is there twice", "remove one of them");
        }
    }
    for name in names.iter().filter(|name| !cells.contains(name)) {
        faults.add(1, name, "the column is missing", expected.as_str());
    }
    let position = |name: &&str| cells.iter().position(|cell| cell == name);
    if faults.count() > 0 { None } else { names.iter().map(position).collect() }
}

fn read_row<R: Record>(
    number: u64,
    record: &ByteRecord,
    positions: &[usize],
    width: usize,
    faults: &mut Faults,
) -> Option<R> {
    if record.len() != width {
        let reason = format!("the row has {} cells, the header has {width}", record.len());
        faults.add(
            number,
            "",
            reason,
            "give every row as many cells as the header, and put text with commas in quotes",
        );
        return None;
    }
    let Ok(cells) = positions.iter().map(|at| std::str::from_utf8(&record[*at])).collect::<Result<Vec<_>, _>>() else {
        faults.add(number, "", "the row is not UTF-8", "save the file as CSV in UTF-8");
        return None;
    };
    let before = faults.count();
    let mut row = Row { number, columns: R::FILE.columns, cells, faults };
    let read = R::read(&mut row);
    if faults.count() == before { read } else { None }
}

/// Whether no row before has the same key.
fn is_new<R: Record>(
    number: u64,
    record: &R,
    seen: &mut HashMap<Vec<String>, (u64, Vec<String>)>,
    faults: &mut Faults,
) -> bool {
    let cells = record.cells();
    let key = R::FILE.key.iter().filter_map(|name| {
        let at = R::FILE.columns.iter().position(|column| column.name == *name)?;
        Some(cells[at].clone())
    });
    let key: Vec<String> = key.collect();
    let Some((first, earlier)) = seen.get(&key) else {
        seen.insert(key, (number, cells));
        return true;
    };
    let columns = R::FILE.key.join(", ");
    if *earlier == cells {
        faults.add(number, R::FILE.key[0], format!("the row repeats row {first}"), "remove one of them");
    } else {
        let reason = format!("the row contradicts row {first}, which has the same {columns}; row {first} was taken");
        faults.add(number, R::FILE.key[0], reason, "keep the row that is right");
    }
    false
}

/// A row being read.
pub struct Row<'f> {
    number: u64,
    columns: &'static [Column],
    cells: Vec<&'f str>,
    faults: &'f mut Faults,
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
