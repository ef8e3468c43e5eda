//! How text for people is set: width, colour, paragraphs, tables.
//!
//! Colour adds nothing that the words do not say; it is used on a terminal only, and never with `NO_COLOR`.

use std::io::IsTerminal;

use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width, presets};

/// Width and colour of the text for people.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// In characters.
    pub width: usize,
    colour: bool,
}

/// Lines are no longer than this, however wide the terminal is, and where there is none.
const WIDTH_MAX: u16 = 120;
/// A column of words is never narrower: rather than that, lines run over.
const FLEXIBLE_MIN: u16 = 32;
/// Narrower than this, nothing lines up any more.
const WIDTH_MIN: u16 = 60;

impl Look {
    /// No colour, the greatest width: what files and tests get.
    #[cfg(test)]
    pub fn plain() -> Look {
        Look { width: usize::from(WIDTH_MAX), colour: false }
    }

    /// No colour on a terminal of that width.
    #[cfg(test)]
    pub fn narrow(width: usize) -> Look {
        Look { width, colour: false }
    }

    /// How text is set on a stream.
    pub fn of(stream: &impl IsTerminal) -> Look {
        let terminal = stream.is_terminal();
        let quiet = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let width = Table::new().width().filter(|_| terminal).unwrap_or(WIDTH_MAX).clamp(WIDTH_MIN, WIDTH_MAX);
        Look { width: usize::from(width), colour: terminal && !quiet && !dumb }
    }

    /// What is as it should be.
    pub fn good(&self, text: &str) -> String {
        self.paint("32", text)
    }

    /// What is wrong.
    pub fn bad(&self, text: &str) -> String {
        self.paint("31", text)
    }

    /// What nobody can say yet.
    pub fn unsure(&self, text: &str) -> String {
        self.paint("33", text)
    }

    /// What a reader looks for first.
    pub fn strong(&self, text: &str) -> String {
        self.paint("1", text)
    }

    /// What a reader may pass over.
    pub fn faint(&self, text: &str) -> String {
        self.paint("2", text)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A paragraph whose every line begins with so many blanks.
    pub fn paragraph(&self, text: &str, indent: usize) -> String {
        format!("{:indent$}{}", "", self.hanging(text, indent))
    }

    /// A paragraph whose first line begins where the caller stands, after `indent` characters, and the others below it.
    pub fn hanging(&self, text: &str, indent: usize) -> String {
        let (mut lines, mut line, mut length) = (Vec::new(), String::new(), 0);
        for word in text.split_whitespace() {
            let wide = word.chars().count();
            if length > 0 && indent + length + 1 + wide > self.width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += wide;
        }
        lines.push(line);
        lines.join(&format!("\n{:indent$}", ""))
    }

    /// Whether no line of a text is longer than there is room for.
    pub fn fits(&self, text: &str) -> bool {
        text.lines().all(|line| visible(line) <= self.width)
    }

    /// A table without rules. The column named `flexible` gives way where the terminal is narrow; no other is ever broken,
    /// so that an identifier can be copied.
    pub fn table(&self, header: &[&str], flexible: usize, rows: impl IntoIterator<Item = Vec<Cell>>) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.width).unwrap_or(WIDTH_MAX));
        if self.colour {
            table.enforce_styling()
        } else {
            table.force_no_tty()
        };
        let bold = |name: &&str| Cell::new(name).add_attribute(comfy_table::Attribute::Bold);
        table.set_header(header.iter().map(bold).collect::<Vec<_>>());
        for row in rows {
            table.add_row(row);
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
        table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

/// How many characters of a line are seen: what colours it is not.
fn visible(line: &str) -> usize {
    let mut pieces = line.split('\u{1b}');
    let plain = pieces.next().map_or(0, |text| text.chars().count());
    pieces.fold(plain, |seen, piece| seen + piece.split_once('m').map_or(0, |(_, text)| text.chars().count()))
}

/// A cell that tells a fact.
pub fn cell(text: impl std::fmt::Display) -> Cell {
    Cell::new(text)
}

/// A cell that tells how many.
pub fn count_cell(number: usize) -> Cell {
    Cell::new(count(number)).set_alignment(CellAlignment::Right)
}

/// A cell that tells of something in order.
pub fn good_cell(text: impl std::fmt::Display) -> Cell {
    Cell::new(text).fg(Color::DarkGreen)
}

/// A cell that tells of something wrong.
pub fn bad_cell(text: impl std::fmt::Display) -> Cell {
    Cell::new(text).fg(Color::DarkRed)
}

/// A cell that tells of something open.
pub fn unsure_cell(text: impl std::fmt::Display) -> Cell {
    Cell::new(text).fg(Color::DarkYellow)
}

/// A count with thousands told apart: `12,345`.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 installation`, `2 installations`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        assert_eq!(["7", "812", "1,000", "1,234,567"], [7, 812, 1000, 1_234_567].map(count));
        assert_eq!(counted(1, "set"), "1 set");
    }

    #[test]
    fn paragraphs_keep_to_the_width() {
        let look = Look { width: 20, colour: false };
        assert_eq!(look.paragraph("one two three four five", 4), "    one two three\n    four five");
        assert_eq!(look.hanging("", 4), "");
    }

    #[test]
    fn where_it_is_narrow_words_wrap_and_identifiers_do_not() {
        let look = Look { width: 60, colour: false };
        let title = "Check digits of the MPxN, and more words than there is room for";
        let rows = [vec![cell("P-certificate-network-operator"), cell(title)]];
        let table = look.table(&["clause", "title"], 1, rows);
        assert!(table.lines().count() > 2 && table.contains("P-certificate-network-operator"), "{table}");
        let rows = [vec![cell("supplier-a"), cell("90-B3-D5-1F-30-02-00-01"), cell("1".repeat(39))]];
        let table = look.table(&["name", "party", "serial number"], 0, rows);
        assert!(table.ends_with(&format!("  supplier-a  90-B3-D5-1F-30-02-00-01  {}", "1".repeat(39))), "{table}");
    }

    #[test]
    fn a_table_lines_up_and_says_the_same_without_colour() {
        let rows = || [vec![cell("dsp"), good_cell("in force")], vec![cell("supplier-a"), bad_cell("revoked")]];
        let plain = Look::plain().table(&["name", "status"], 0, rows());
        assert_eq!(plain, "  name        status\n  dsp         in force\n  supplier-a  revoked");
        let coloured = Look { width: 80, colour: true }.table(&["name", "status"], 0, rows());
        assert!(coloured.contains("\u{1b}["), "{coloured:?}");
    }
}
