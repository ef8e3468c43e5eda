//! Reading a file of records row by row, however long it is.
//!
//! A row is judged by itself; whether its key came before is asked of whoever keeps the rows. This module must never hold
//! more than one row.

use std::io::{self, Read};

use csv::{ByteRecord, ReaderBuilder, Trim};
use tern_model::{ChfIdentifier, DeviceId};

use super::cell::Cell;
use super::fault::{Faults, RowFault};
use super::record::{FactFile, KeptRow, Record};
use super::row::Row;

/// No row is longer; one that seems to be has a quote that never ends.
pub const ROW_MAX_BYTES: u64 = 64 * 1024;

/// What is legible of a row that cannot be used: about whom it would have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Illegible {
    /// The row.
    pub row: u64,
    /// The installation that it names.
    pub chf: Option<ChfIdentifier>,
    /// The device that it names.
    pub device: Option<DeviceId>,
}

/// The rows of one file, read once from front to back.
pub struct Rows<S> {
    file: FactFile,
    reader: csv::Reader<Capped<S>>,
    record: ByteRecord,
    /// Where each column stands; empty where the header is not in order.
    positions: Vec<usize>,
    width: usize,
    number: u64,
    given: bool,
    faults: Faults,
}

impl<S: Read> Rows<S> {
    /// Begins to read a file: its header is judged at once.
    ///
    /// # Errors
    /// `source` cannot be read.
    pub fn open(file: FactFile, source: S) -> io::Result<Rows<S>> {
        let mut faults = Faults::of(file.name);
        let source = Capped { source, since_row: 0, exceeded: false };
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(source);
        let mut header = ByteRecord::new();
        let read = reader.read_byte_record(&mut header);
        let (mut positions, mut given) = (Vec::new(), false);
        if too_long(&reader, &read) {
            faults.add(1, "", "the header never ends", "save the file as CSV in UTF-8");
        } else {
            read.map_err(io::Error::from)?;
            let empty = header.is_empty() && reader.position().byte() == 0;
            if let Some(found) = header_positions(&file, empty, &header, &mut faults) {
                (positions, given) = (found, true);
            }
        }
        reader.get_mut().since_row = 0;
        Ok(Rows { file, reader, positions, width: header.len(), record: header, number: 1, given, faults })
    }

    /// The next good row; none at the end. Bad ones are noted and passed over.
    ///
    /// # Errors
    /// The source cannot be read any more.
    pub fn next_row(&mut self) -> io::Result<Option<KeptRow>> {
        while self.advance()? {
            let (file, number) = (self.file, self.number);
            if let Some(kept) = self.checked(|row| (file.check)(row).map(|checked| checked.kept(&file, number))) {
                return Ok(Some(kept));
            }
        }
        Ok(None)
    }

    /// The record of the next row; none at the end. A bad row is noted, and what is legible of whom it is about is given.
    /// The file is that of `R`.
    ///
    /// # Errors
    /// The source cannot be read any more.
    pub fn next_record<R: Record>(&mut self) -> io::Result<Option<Result<R, Illegible>>> {
        if !self.advance()? {
            return Ok(None);
        }
        let record = self.checked(R::read);
        Ok(Some(record.ok_or_else(|| Illegible {
            row: self.number,
            chf: self.legible("chf_identifier"),
            device: self.legible("device_id"),
        })))
    }

    /// Goes to the next row; false at the end.
    fn advance(&mut self) -> io::Result<bool> {
        if !self.given {
            return Ok(false);
        }
        let read = self.reader.read_byte_record(&mut self.record);
        if too_long(&self.reader, &read) {
            let reason = format!("the row is longer than {} KiB; nothing after it was read", ROW_MAX_BYTES / 1024);
            self.faults.add(self.number + 1, "", reason, "look for a quote that never ends");
            self.given = false;
            return Ok(false);
        }
        let there = read?;
        self.number += u64::from(there);
        self.reader.get_mut().since_row = 0;
        Ok(there)
    }

    /// The value in a column of a row that is otherwise bad, where the file has the column and the row a value in it.
    fn legible<T: Cell>(&self, column: &str) -> Option<T> {
        let at = self.file.columns.iter().position(|known| known.name == column)?;
        let cell = self.record.get(*self.positions.get(at)?)?;
        T::parse(std::str::from_utf8(cell).ok()?)
    }

    /// Notes that the key of a good row came before: in row `first`, which has the cells `earlier`.
    pub fn came_before(&mut self, number: u64, cells: &str, first: u64, earlier: &str) {
        let key = self.file.key;
        if cells == earlier {
            self.faults.add(number, key[0], format!("the row repeats row {first}"), "remove one of them");
        } else {
            let columns = key.join(", ");
            let reason =
                format!("the row contradicts row {first}, which has the same {columns}; row {first} was taken");
            self.faults.add(number, key[0], reason, "keep the row that is right");
        }
    }

    /// Whether the file counts as given: its header is in order, and every row could be told from the next.
    #[must_use]
    pub fn given(&self) -> bool {
        self.given
    }

    /// What was wrong.
    #[must_use]
    pub fn into_faults(self) -> Vec<RowFault> {
        self.faults.into_list()
    }

    /// What `read` makes of the row, where it finds no fault in it.
    fn checked<T>(&mut self, read: impl FnOnce(&mut Row<'_>) -> Option<T>) -> Option<T> {
        let (number, record, faults) = (self.number, &self.record, &mut self.faults);
        if let Some(quote) = Quote::in_row(record, self.width) {
            let at = self.positions.iter().position(|position| *position == quote.cell);
            let column = at.map_or("", |at| self.file.columns[at].name);
            // No cell holds a line break: what the quote took in are rows, and nobody knows of what.
            self.given = quote.lines == 0;
            faults.add(number, column, quote.reason(), "close the quote, or remove it");
            return None;
        }
        if record.len() != self.width {
            let reason = format!("the row has {} cells, the header has {}", record.len(), self.width);
            let suggestion = "give every row as many cells as the header, and put text with commas in quotes";
            faults.add(number, "", reason, suggestion);
            return None;
        }
        let cells = self.positions.iter().map(|at| std::str::from_utf8(&record[*at]));
        let Ok(cells) = cells.collect::<Result<Vec<_>, _>>() else {
            faults.add(number, "", "the row is not UTF-8", "save the file as CSV in UTF-8");
            return None;
        };
        let before = faults.count();
        let checked = read(&mut Row { number, columns: self.file.columns, cells, faults });
        checked.filter(|_| faults.count() == before)
    }
}

/// A quote that opens in a cell and takes in more than a cell should hold.
struct Quote {
    cell: usize,
    /// So many lines below it.
    lines: usize,
}

impl Quote {
    fn in_row(record: &ByteRecord, width: usize) -> Option<Quote> {
        let lines = |cell: &[u8]| cell.iter().filter(|byte| **byte == b'\n').count();
        let below = record.iter().position(|cell| lines(cell) > 0);
        let beside = || record.iter().position(|cell| cell.contains(&b','));
        let cell = below.or_else(|| if record.len() < width { beside() } else { None })?;
        Some(Quote { cell, lines: lines(&record[cell]) })
    }

    fn reason(&self) -> String {
        let taken = match self.lines {
            0 => return "a quote opens in this cell and takes in the cells after it".to_owned(),
            1 => "the line below".to_owned(),
            lines => format!("the {lines} lines below"),
        };
        format!("a quote opens in this cell and takes in {taken}; nothing of the file after it was read")
    }
}

/// Whether reading stopped because a row does not end.
fn too_long<S: Read>(reader: &csv::Reader<Capped<S>>, read: &csv::Result<bool>) -> bool {
    read.is_err() && reader.get_ref().exceeded
}

/// A source that says no where a row does not end.
struct Capped<S> {
    source: S,
    since_row: u64,
    exceeded: bool,
}

impl<S: Read> Read for Capped<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.since_row > ROW_MAX_BYTES {
            self.exceeded = true;
            return Err(io::ErrorKind::InvalidData.into());
        }
        let read = self.source.read(into)?;
        self.since_row += read as u64;
        Ok(read)
    }
}

/// Where each column stands, where the header is in order.
fn header_positions(file: &FactFile, empty: bool, header: &ByteRecord, faults: &mut Faults) -> Option<Vec<usize>> {
    let names: Vec<&str> = file.columns.iter().map(|column| column.name).collect();
    let expected = format!("begin the file with this row: {}", names.join(","));
    if empty {
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
