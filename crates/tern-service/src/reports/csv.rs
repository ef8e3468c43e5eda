//! Tables as CSV by RFC 4180: UTF-8, one header line, a carriage return and a line feed behind each line.
//!
//! Spreadsheets take a text that begins with `=`, `+`, `-` or `@` for a formula, and names of parties are other people's words.
//! Such a text is written behind one apostrophe, and so is one that begins with an apostrophe itself: who drops one leading
//! apostrophe has every text back as it was ([`unguarded`]). This module must never change or drop anything else.

use std::fmt::Write as _;

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words; guarded against spreadsheets.
    Text(String),
    /// How many; the digits alone.
    Count(u64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Cell {
        Cell::Count(count)
    }
}

/// A table that becomes one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The file's name without its ending.
    pub name: &'static str,
    /// Names of the columns.
    pub header: Vec<&'static str>,
    /// One field for each column.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Adds a last column that says the same in every row.
    pub fn add_column(&mut self, name: &'static str, text: &str) {
        self.header.push(name);
        self.rows.iter_mut().for_each(|row| row.push(text.into()));
    }

    /// The file's text.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut out = self.header.join(",");
        out.push_str("\r\n");
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                match cell {
                    Cell::Text(text) => write_text(&guarded(text), &mut out),
                    Cell::Count(count) => {
                        let _ = write!(out, "{count}");
                    }
                }
            }
            out.push_str("\r\n");
        }
        out
    }
}

/// With what a spreadsheet's formula begins; the full-width forms are read as formulas in some languages.
const FORMULA: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\''];

/// The text as it stands in a file.
fn guarded(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// The text that a field was written from.
#[must_use]
pub fn unguarded(field: &str) -> &str {
    field.strip_prefix('\'').unwrap_or(field)
}

fn write_text(text: &str, out: &mut String) {
    if text.contains([',', '"', '\r', '\n']) || text.starts_with(' ') || text.ends_with(' ') {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, written: &str) {
        let table = Table { name: "t", header: vec!["a", "b"], rows: vec![vec![text.into(), 7_u64.into()]] };
        assert_eq!(table.to_csv(), format!("a,b\r\n{written},7\r\n"));
        assert_eq!(unguarded(&guarded(text)), text);
    }

    #[test]
    fn separators_quotes_and_line_ends_are_quoted() {
        check("plain", "plain");
        check("", "");
        check("a,b", "\"a,b\"");
        check("say \"a\"", "\"say \"\"a\"\"\"");
        check("a\nb", "\"a\nb\"");
        check(" a", "\" a\"");
        check("Ångström ☎", "Ångström ☎");
    }

    #[test]
    fn what_a_spreadsheet_would_compute_stands_behind_an_apostrophe_and_comes_back_whole() {
        check("=HYPERLINK(1)", "'=HYPERLINK(1)");
        check("+1", "'+1");
        check("-1+2", "'-1+2");
        check("@sum", "'@sum");
        check("\tx", "'\tx");
        check("＝1", "'＝1");
        check("'quoted", "''quoted");
        check("a=b", "a=b");
    }
}
