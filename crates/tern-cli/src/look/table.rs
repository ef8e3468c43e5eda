//! Tables without rules; where a row does not fit on a line, each row is told in a few lines that say the same.

use std::fmt::Display;

use comfy_table::{Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::{Look, WIDTH_MAX, count, visible};

/// A column of words is never narrower: rather than that, rows are told one by one.
const FLEXIBLE_MIN: u16 = 28;
/// Where the further lines of a row begin.
const INDENT: usize = 4;
/// What stands between two pieces of a line.
const BETWEEN: &str = " · ";

/// What stands in one place of a table.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    tone: Tone,
    is_count: bool,
}

/// How what it tells is to be taken.
#[derive(Debug, Clone, Copy)]
enum Tone {
    Plain,
    Good,
    Bad,
    Unsure,
}

/// A cell that tells a fact.
pub fn cell(text: impl Display) -> Cell {
    toned(text, Tone::Plain)
}

/// A cell that tells how many.
pub fn count_cell(number: usize) -> Cell {
    Cell { is_count: true, ..cell(count(number)) }
}

/// A cell that tells of something in order.
pub fn good_cell(text: impl Display) -> Cell {
    toned(text, Tone::Good)
}

/// A cell that tells of something wrong.
pub fn bad_cell(text: impl Display) -> Cell {
    toned(text, Tone::Bad)
}

/// A cell that tells of something open.
pub fn unsure_cell(text: impl Display) -> Cell {
    toned(text, Tone::Unsure)
}

fn toned(text: impl Display, tone: Tone) -> Cell {
    Cell { text: text.to_string(), tone, is_count: false }
}

impl Look {
    /// A table. The column named `flexible` gives way where the terminal is narrow; no other is ever broken, so that an
    /// identifier can be copied.
    pub fn table(&self, header: &[&str], flexible: usize, rows: impl IntoIterator<Item = Vec<Cell>>) -> String {
        let rows: Vec<_> = rows.into_iter().collect();
        self.columns(header, flexible, &rows).unwrap_or_else(|| self.one_by_one(header, flexible, &rows))
    }

    /// A table, where its rows fit.
    pub fn columns(&self, header: &[&str], flexible: usize, rows: &[Vec<Cell>]) -> Option<String> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.width).unwrap_or(WIDTH_MAX));
        if self.colour {
            table.enforce_styling()
        } else {
            table.force_no_tty()
        };
        let bold = |name: &&str| comfy_table::Cell::new(name).add_attribute(Attribute::Bold);
        table.set_header(header.iter().map(bold).collect::<Vec<_>>());
        for row in rows {
            table.add_row(row.iter().map(Cell::set).collect::<Vec<_>>());
        }
        let widths = table.column_max_content_widths();
        let last = header.len().saturating_sub(1);
        for (at, column) in table.column_iter_mut().enumerate() {
            column.set_padding((if at == 0 { 2 } else { 0 }, if at == last { 0 } else { 2 }));
            column.set_constraint(if at == flexible {
                let enough = widths.get(at).map_or(FLEXIBLE_MIN, |wide| FLEXIBLE_MIN.min(*wide));
                ColumnConstraint::LowerBoundary(Width::Fixed(enough + column.padding_width()))
            } else {
                ColumnConstraint::ContentWidth
            });
        }
        let text = table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n");
        self.fits(&text).then_some(text)
    }

    /// A few lines for each row: its name with what it says in words, and the rest by the names of their columns.
    fn one_by_one(&self, header: &[&str], flexible: usize, rows: &[Vec<Cell>]) -> String {
        rows.iter().map(|row| self.record(header, flexible, row)).collect::<Vec<_>>().join("\n")
    }

    fn record(&self, header: &[&str], flexible: usize, row: &[Cell]) -> String {
        let Some(name) = row.first() else { return String::new() };
        let words = row.get(flexible).filter(|words| flexible > 0 && words.tells()).map(|words| words.painted(self));
        let beside = INDENT + name.text.chars().count();
        let head = self.strong(&name.painted(self));
        let mut lines = match words {
            Some(words) if !name.tells() => vec![self.paragraph(&words, 2)],
            Some(words) if beside + usize::from(FLEXIBLE_MIN) <= self.width => {
                vec![format!("  {head}  {}", self.hanging(&words, beside))]
            }
            Some(words) => vec![format!("  {head}"), self.paragraph(&words, INDENT)],
            None => vec![format!("  {head}")],
        };
        let others =
            header.iter().zip(row).enumerate().skip(1).filter(|(at, (_, cell))| *at != flexible && cell.tells());
        let told = others.map(|(_, (column, cell))| format!("{} {}", self.faint(column), cell.painted(self)));
        lines.extend(self.pieces(told));
        lines.join("\n")
    }

    /// Pieces side by side, as many on a line as there is room for.
    fn pieces(&self, pieces: impl Iterator<Item = String>) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for piece in pieces {
            match lines.last_mut() {
                Some(line) if visible(line) + BETWEEN.chars().count() + visible(&piece) <= self.width => {
                    line.push_str(BETWEEN);
                    line.push_str(&piece);
                }
                _ => lines.push(self.paragraph(&piece, INDENT)),
            }
        }
        lines
    }
}

impl Cell {
    /// As a table sets it.
    fn set(&self) -> comfy_table::Cell {
        let set = comfy_table::Cell::new(&self.text);
        let set = if self.is_count { set.set_alignment(CellAlignment::Right) } else { set };
        match self.tone {
            Tone::Plain => set,
            Tone::Good => set.fg(Color::DarkGreen),
            Tone::Bad => set.fg(Color::DarkRed),
            Tone::Unsure => set.fg(Color::DarkYellow),
        }
    }

    /// As it stands within a line.
    fn painted(&self, look: &Look) -> String {
        match self.tone {
            Tone::Plain => self.text.clone(),
            Tone::Good => look.good(&self.text),
            Tone::Bad => look.bad(&self.text),
            Tone::Unsure => look.unsure(&self.text),
        }
    }

    /// Whether it says anything.
    fn tells(&self) -> bool {
        !matches!(self.text.as_str(), "" | "-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clauses(look: Look) -> String {
        let title = "Check digits of the MPxN, and more words than there is room for";
        let rows = [
            vec![cell("P-certificate-network-operator"), cell("P"), cell(title)],
            vec![cell("15.6"), cell("-"), cell(title)],
        ];
        look.table(&["clause", "grade", "title"], 2, rows)
    }

    #[test]
    fn where_it_is_narrow_words_wrap_and_where_it_is_too_narrow_each_row_is_told_by_itself() {
        let table = clauses(Look::narrow(80));
        assert!(
            table.starts_with("  clause ") && table.lines().count() > 3 && Look::narrow(80).fits(&table),
            "{table}"
        );
        let told = "  P-certificate-network-operator
    Check digits of the MPxN, and more words than there is
    room for
    grade P
  15.6  Check digits of the MPxN, and more words than there
        is room for";
        assert_eq!(clauses(Look::narrow(60)), told);
    }

    #[test]
    fn no_identifier_is_ever_broken() {
        let rows =
            || [vec![cell("supplier-a"), bad_cell("revoked"), cell("90-B3-D5-1F-30-02-00-01"), cell("1".repeat(39))]];
        let look = Look::narrow(60);
        let table = look.table(&["name", "status", "party", "serial number"], 0, rows());
        let serial = "1".repeat(39);
        assert_eq!(
            table,
            format!("  supplier-a\n    status revoked · party 90-B3-D5-1F-30-02-00-01\n    serial number {serial}")
        );
        let coloured = Look { colour: true, ..look }.table(&["name", "status", "party", "serial number"], 0, rows());
        assert!(coloured.contains("\u{1b}[31mrevoked\u{1b}[0m") && look.fits(&coloured), "{coloured:?}");
    }

    #[test]
    fn a_table_lines_up_and_says_the_same_without_colour() {
        let rows = || [vec![cell("dsp"), good_cell("in force")], vec![cell("supplier-a"), bad_cell("revoked")]];
        let plain = Look::plain().table(&["name", "status"], 0, rows());
        assert_eq!(plain, "  name        status\n  dsp         in force\n  supplier-a  revoked");
        let coloured = Look { colour: true, ..Look::narrow(80) }.table(&["name", "status"], 0, rows());
        assert!(coloured.contains("\u{1b}["), "{coloured:?}");
    }
}
