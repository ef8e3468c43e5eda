//! What of a document's text can be seen, and faults told from it.

use tern_model::Place;

use super::LineColumn;
use crate::{FaultKind, WireFault};

/// How many bytes behind a piece of text its judge looks: a reference, the start of what a fault quotes.
pub(crate) const LOOK_AHEAD_BYTES: usize = 512;

/// The whole text of a document, or a window that moves over a stream.
pub(crate) struct View<'a> {
    pub(crate) document_name: &'a str,
    pub(crate) text: &'a str,
    /// Offset in the document of the first byte in view.
    pub(crate) base: usize,
    /// Where the first byte in view stands.
    pub(crate) start: LineColumn,
    /// Whether the document ends where the view does.
    pub(crate) is_last: bool,
}

/// Why a judge stopped.
pub(crate) enum Stop {
    /// Something is wrong.
    Fault(Box<WireFault>),
    /// What is in view does not suffice: more is to be read, and the same piece judged again.
    More,
}

impl View<'_> {
    /// The place of an offset in view; no path.
    pub(crate) fn place(&self, at: usize) -> Place {
        self.start.after(&self.text.as_bytes()[..at]).of(self.document_name)
    }

    /// Stops for a limit; quotes nothing behind `at`.
    pub(crate) fn limit(&self, at: usize, message: &str, found: &str, expected: String) -> Stop {
        let suggestion = "send a file of the published schema".into();
        Stop::Fault(Box::new(WireFault {
            kind: FaultKind::Limits,
            place: self.place(at),
            message: message.into(),
            found: found.into(),
            expected,
            suggestion,
        }))
    }

    /// Stops for what no migration file holds, or asks for more where the quoted text would depend on what comes.
    pub(crate) fn form(&self, at: usize, message: &str, found: String, expected: &str, suggestion: &str) -> Stop {
        if !self.is_last && self.text.len() - at < LOOK_AHEAD_BYTES {
            return Stop::More;
        }
        Stop::Fault(Box::new(WireFault {
            kind: FaultKind::Form,
            place: self.place(at),
            message: message.into(),
            found,
            expected: expected.into(),
            suggestion: suggestion.into(),
        }))
    }

    /// What begins at `at` does not end in view: more is to be read, or the document is cut short.
    pub(crate) fn unfinished(&self, at: usize) -> Stop {
        if self.is_last { self.cut(at) } else { Stop::More }
    }

    /// What begins at `at` does not end.
    pub(crate) fn cut(&self, at: usize) -> Stop {
        let found = format!("the end of the file inside {}", shortened(&self.text[at..]));
        self.form(at, "the file is cut short", found, "the end tag of every element", "send the whole file again")
    }
}

/// The beginning of what was found, short enough for one line.
pub(crate) fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 40;
    let line: String = text.chars().take(CHARACTERS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = if line.trim().is_empty() { format!("{line:?}") } else { line };
    if text.chars().nth(CHARACTERS_MAX).is_some() { format!("{line}…") } else { line }
}
