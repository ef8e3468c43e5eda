//! What a verb prints: text for people, or the same as JSON. No other module writes to standard output.

use std::io::Write;

use serde::Serialize;

use crate::failure::Failure;
use crate::look::Look;

/// What a verb has to say.
pub trait Report: Serialize {
    /// The text for people, without a line feed at its end.
    fn text(&self, look: &Look) -> String;
}

/// A failure as JSON.
#[derive(Serialize)]
struct Failed<'a> {
    error: &'a Failure,
}

/// Standard output.
#[derive(Debug, Clone)]
pub struct Output {
    json: bool,
    look: Look,
}

impl Output {
    /// Looks at the terminal once.
    pub fn new(json: bool) -> Output {
        Output { json, look: Look::of(&std::io::stdout()) }
    }

    /// Prints a report: JSON on one line with `--json`, else its text.
    ///
    /// # Errors
    /// Standard output cannot be written. A reader that has gone away is none.
    pub fn show<R: Report>(&self, report: &R) -> Result<(), Failure> {
        let text = if self.json {
            serde_json::to_string(report)
                .map_err(|error| Failure::new(format!("cannot make JSON: {error}"), "leave --json out"))?
        } else {
            report.text(&self.look)
        };
        self.write(&text)
    }

    /// Prints a line for people; nothing with `--json`.
    ///
    /// # Errors
    /// As [`Output::show`].
    pub fn say(&self, line: &str) -> Result<(), Failure> {
        if self.json { Ok(()) } else { self.write(line) }
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::new(format!("cannot write to standard output: {error}"), "check where it goes"))
            }
            _ => Ok(()),
        }
    }

    /// Prints why a command failed, to standard error.
    pub fn fail(&self, failure: &Failure) {
        let stderr = std::io::stderr();
        let text = if self.json {
            serde_json::to_string(&Failed { error: failure }).unwrap_or_default()
        } else {
            failure.text(&Look::of(&stderr))
        };
        let _ = writeln!(stderr.lock(), "{text}");
    }
}
