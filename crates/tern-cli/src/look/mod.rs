//! How text for people is set: width, colour, paragraphs, tables.
//!
//! Colour adds nothing that the words do not say; it is used on a terminal only, and never with `NO_COLOR`.

mod table;

use std::io::IsTerminal;

use comfy_table::Table;

pub use table::{Cell, bad_cell, cell, count_cell, good_cell, unsure_cell};

/// Width and colour of the text for people.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// In characters.
    pub width: usize,
    colour: bool,
    /// Somebody looks at it, so that no line may run over; who reads a file finds sentences whole.
    watched: bool,
}

/// Lines are no longer than this, however wide the terminal is, and where there is none.
const WIDTH_MAX: u16 = 120;
/// Narrower than this, nothing lines up any more.
const WIDTH_MIN: u16 = 60;

impl Look {
    /// No colour, the greatest width: what files and tests get.
    #[cfg(test)]
    pub fn plain() -> Look {
        Look { width: usize::from(WIDTH_MAX), colour: false, watched: false }
    }

    /// No colour on a terminal of that width.
    #[cfg(test)]
    pub fn narrow(width: usize) -> Look {
        Look { width, colour: false, watched: true }
    }

    /// How text is set on a stream.
    pub fn of(stream: &impl IsTerminal) -> Look {
        let terminal = stream.is_terminal();
        let quiet = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let width = Table::new().width().filter(|_| terminal).unwrap_or(WIDTH_MAX).clamp(WIDTH_MIN, WIDTH_MAX);
        Look { width: usize::from(width), colour: terminal && !quiet && !dumb, watched: terminal }
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

    /// Rows of fact records that could not be used: told before anything that stands on the others.
    pub fn warnings(&self, rows: &[String]) -> Vec<String> {
        rows.iter().map(|row| format!("  {} {}", self.unsure("!"), self.hanging(row, 4))).collect()
    }

    /// A paragraph whose first line begins where the caller stands, after `indent` characters, and the others below it.
    pub fn hanging(&self, text: &str, indent: usize) -> String {
        let (mut lines, mut line, mut length) = (Vec::new(), String::new(), 0);
        for word in glued(text, self.width.saturating_sub(indent)).split_whitespace() {
            let wide = visible(word);
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
        lines.join(&format!("\n{:indent$}", "")).replace(GLUE, " ")
    }

    /// Whether no line of a text is longer than there is room for.
    pub fn fits(&self, text: &str) -> bool {
        text.lines().all(|line| visible(line) <= self.width)
    }

    /// A text whose lines do not run over, where somebody looks at it: what is too long goes on below, a little further in. A
    /// word is never broken, so that an identifier can be copied.
    pub fn folded(&self, text: &str) -> String {
        if !self.watched || self.fits(text) {
            return text.to_owned();
        }
        text.split('\n').map(|line| self.folded_line(line)).collect::<Vec<_>>().join("\n")
    }

    fn folded_line(&self, line: &str) -> String {
        if visible(line) <= self.width {
            return line.to_owned();
        }
        let indent = 2 + line.len() - line.trim_start_matches(' ').len();
        let (mut folded, mut length, mut pending) = (String::new(), 0, 0);
        for (at, word) in glued(line, self.width.saturating_sub(indent)).split(' ').enumerate() {
            // Blanks are words of no length: they stand as they are, but where a line ends.
            pending += usize::from(at > 0);
            if word.is_empty() {
                continue;
            }
            let wide = visible(word);
            if length > indent && length + pending + wide > self.width {
                folded.push_str(&format!("\n{:indent$}", ""));
                (length, pending) = (indent, 0);
            }
            folded.push_str(&format!("{:pending$}{word}", ""));
            length += pending + wide;
            pending = 0;
        }
        folded.replace(GLUE, " ")
    }
}

/// Stands for a blank where no line may end.
const GLUE: &str = "\u{1}";

/// A text with its commands in one piece, as far as a line of that width has room for them: they are there to be copied.
fn glued(text: &str, width: usize) -> String {
    let mut glued = String::with_capacity(text.len());
    for (number, part) in text.split('`').enumerate() {
        let between = if number > 0 { "`" } else { "" };
        let is_command = number % 2 == 1 && visible(part) + 2 <= width;
        let part = if is_command { part.replace(' ', GLUE) } else { part.to_owned() };
        glued.extend([between, part.as_str()]);
    }
    glued
}

/// How many characters of a line are seen: what colours it is not.
fn visible(line: &str) -> usize {
    let mut pieces = line.split('\u{1b}');
    let plain = pieces.next().map_or(0, |text| text.chars().count());
    pieces.fold(plain, |seen, piece| seen + piece.split_once('m').map_or(0, |(_, text)| text.chars().count()))
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
        let look = Look::narrow(20);
        assert_eq!(look.paragraph("one two three four five", 4), "    one two three\n    four five");
        assert_eq!(look.hanging("", 4), "");
    }

    #[test]
    fn a_command_is_in_one_piece_where_there_is_room() {
        let look = Look::narrow(20);
        assert_eq!(look.hanging("say `tern a b` or", 4), "say `tern a b`\n    or");
        assert_eq!(look.hanging("now say `tern a b` or", 4), "now say\n    `tern a b` or");
        assert_eq!(look.folded("  and now say `tern a b`"), "  and now say\n    `tern a b`");
        assert_eq!(look.hanging("`tern a b c d e f g`", 4), "`tern a b c d e\n    f g`", "longer than any line");
    }

    #[test]
    fn what_is_too_long_goes_on_below_and_no_word_is_broken() {
        let look = Look::narrow(24);
        assert_eq!(
            look.folded("  ✓ DSP   ok, 1 entry, head c34913d9fdab1141dbad221f"),
            "  ✓ DSP   ok, 1 entry,\n    head\n    c34913d9fdab1141dbad221f"
        );
        assert_eq!(look.folded("short\n  as  it  is"), "short\n  as  it  is");
        let painted = format!("  {}", Look { colour: true, ..look }.bad("one two three four five six"));
        assert_eq!(look.folded(&painted), "  \u{1b}[31mone two three four\n    five six\u{1b}[0m");
        let file = Look::plain();
        assert_eq!(file.folded(&"word ".repeat(60)), "word ".repeat(60), "who reads a file finds sentences whole");
    }
}
