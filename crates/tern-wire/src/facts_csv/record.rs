//! What a file of records is, and how a record is kept and comes back.

use std::io;
use std::marker::PhantomData;

use tern_model::facts::Facts;
use tern_model::{ChfIdentifier, DeviceId, Fuel, Mpxn};

use super::fault::Faults;
use super::row::Row;

/// Parts the cells of a [`KeptRow`]: no cell holds a control character.
const BETWEEN: char = '\u{1f}';

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
    pub(super) about: About,
    pub(super) check: fn(&mut Row<'_>) -> Option<Checked>,
}

impl FactFile {
    /// Whether the file's records are looked up by subjects of this kind.
    #[must_use]
    pub fn speaks_of(&self, subject: &Subject) -> bool {
        self.about == subject.about()
    }
}

/// The kinds of [`Subject`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Hub,
    Device,
    Point,
    /// A device or a metering point: rows of such a file are looked up by both.
    Meter,
    Whole,
}

impl About {
    /// The columns that such a subject is made of.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            About::Hub => &["chf_identifier"],
            About::Device => &["device_id"],
            About::Point => &["mpxn", "fuel"],
            About::Meter => &["meter"],
            About::Whole => &[],
        }
    }
}

/// What a record speaks about, and so what it is looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An installation.
    Hub(ChfIdentifier),
    /// A device.
    Device(DeviceId),
    /// A metering point.
    Point(Fuel, Mpxn),
    /// No single one: records that are always wanted whole.
    Whole,
}

impl Subject {
    /// The subject as a number: no two of one kind share it.
    #[must_use]
    pub fn number(&self) -> i64 {
        match self {
            Subject::Hub(chf) => chf.0.0.cast_signed(),
            Subject::Device(device) => device.0.0.cast_signed(),
            Subject::Point(fuel, mpxn) => {
                // A one before the digits keeps leading zeros apart; 14 digits, doubled, stay far below 2^63.
                let digits = mpxn.as_str().bytes().fold(1, |sum, digit| sum * 10 + i64::from(digit - b'0'));
                -(digits * 2 + i64::from(*fuel == Fuel::Gas))
            }
            Subject::Whole => 0,
        }
    }

    fn about(&self) -> About {
        match self {
            Subject::Hub(_) => About::Hub,
            Subject::Device(_) => About::Device,
            Subject::Point(..) => About::Point,
            Subject::Whole => About::Whole,
        }
    }
}

/// A good row as it is kept until its record is wanted. Two rows with the same key have the same subject and `rest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRow {
    /// What it speaks about.
    pub subject: Subject,
    /// The rest of its key.
    pub rest: String,
    /// Its row; 1 is the header.
    pub number: u64,
    /// Its cells in the order of the columns, spelled in the one way, as one text.
    pub cells: String,
}

/// A good row's subject and cells.
pub(super) struct Checked {
    subject: Subject,
    cells: Vec<String>,
}

impl Checked {
    pub(super) fn kept(self, file: &FactFile, number: u64) -> KeptRow {
        let mut rest = String::new();
        for name in file.key.iter().filter(|name| !file.about.columns().contains(name)) {
            let at = file.columns.iter().position(|column| column.name == *name);
            rest.push_str(at.map_or("", |at| &self.cells[at]));
            rest.push(BETWEEN);
        }
        KeptRow { subject: self.subject, rest, number, cells: self.cells.join(BETWEEN.encode_utf8(&mut [0; 4])) }
    }
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

    /// What it speaks about.
    fn subject(&self) -> Subject;
}

/// A kind of record that rules are handed.
pub(super) trait Fact: Record {
    /// Puts the record into its place.
    fn add(self, facts: &mut Facts);
}

/// Writes records as the file that [`super::Rows`] reads.
pub fn write<'r, R: Record + 'r>(records: impl IntoIterator<Item = &'r R>) -> String {
    let mut writer = Writer::<R, _>::begin(Vec::new());
    for record in records {
        writer.add(record);
    }
    // A Vec takes whatever is written to it.
    writer.end().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Writes a file of records one by one, however many come.
pub struct Writer<R, W: io::Write> {
    to: csv::Writer<W>,
    refused: Option<io::Error>,
    records: PhantomData<R>,
}

impl<R: Record, W: io::Write> Writer<R, W> {
    /// Begins a file with its header.
    pub fn begin(to: W) -> Writer<R, W> {
        let mut writer = Writer { to: csv::Writer::from_writer(to), refused: None, records: PhantomData };
        writer.row(R::FILE.columns.iter().map(|column| column.name));
        writer
    }

    /// Adds a record.
    pub fn add(&mut self, record: &R) {
        self.row(record.cells());
    }

    fn row<C: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = C>) {
        if self.refused.is_none() {
            self.refused = self.to.write_record(cells).err().map(io::Error::from);
        }
    }

    /// Ends the file and gives what it was written to.
    ///
    /// # Errors
    /// Something could not be written, now or before.
    pub fn end(self) -> io::Result<W> {
        match self.refused {
            Some(error) => Err(error),
            None => self.to.into_inner().map_err(csv::IntoInnerError::into_error),
        }
    }
}

/// Reads a row and spells it in the one way; `None` where a fault was reported.
pub(super) fn check<R: Record>(row: &mut Row<'_>) -> Option<Checked> {
    let record = R::read(row)?;
    Some(Checked { subject: record.subject(), cells: record.cells() })
}

/// The record of a row that was kept; `None` where `cells` is none of this file's.
#[must_use]
pub fn restore<R: Record>(number: u64, cells: &str) -> Option<R> {
    let mut faults = Faults::of(R::FILE.name);
    let cells: Vec<&str> = cells.split(BETWEEN).collect();
    let fits = cells.len() == R::FILE.columns.len();
    let mut row = Row { number, columns: R::FILE.columns, cells, faults: &mut faults };
    let record = R::read(&mut row).filter(|_| fits);
    record.filter(|_| faults.count() == 0)
}

/// Puts the record of a row that was kept into its place.
pub(super) fn add<R: Fact>(number: u64, cells: &str, facts: &mut Facts) -> bool {
    restore::<R>(number, cells).map(|record| record.add(facts)).is_some()
}
