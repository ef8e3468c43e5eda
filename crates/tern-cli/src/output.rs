//! What a verb prints: text for people, or the same as JSON. No other module writes to standard output.

use std::cell::OnceCell;
use std::io::{BufWriter, Stdout, Write};
use std::rc::Rc;

use serde::Serialize;
use tern_rules::OverlayName;

use crate::failure::Failure;
use crate::look::Look;

/// What a verb has to say.
pub trait Report: Serialize {
    /// What a line stands behind that is said beside the text.
    const NOTE: &'static str = "  ";

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
    /// Under which overlay everything is made, once that is known; none under the published rules.
    overlay: Rc<OnceCell<OverlayName>>,
}

/// A report that was made under an overlay.
#[derive(Serialize)]
struct Under<'a, R> {
    overlay: &'a OverlayName,
    #[serde(flatten)]
    report: &'a R,
}

impl Output {
    /// Looks at the terminal once.
    pub fn new(json: bool) -> Output {
        Output { json, look: Look::of(&std::io::stdout()), overlay: Rc::default() }
    }

    /// Prints a report: JSON on one line with `--json`, else its text.
    ///
    /// # Errors
    /// Standard output cannot be written. A reader that has gone away is none.
    pub fn show<R: Report>(&self, report: &R) -> Result<(), Failure> {
        let text = match (self.json, self.overlay.get()) {
            (true, None) => serde_json::to_string(report).map_err(|error| no_json(&error))?,
            (true, Some(overlay)) => {
                serde_json::to_string(&Under { overlay, report }).map_err(|error| no_json(&error))?
            }
            (false, None) => self.look.folded(&report.text(&self.look)),
            (false, Some(overlay)) => {
                let text = format!("{}\n\n{}", under(overlay, R::NOTE, &self.look), report.text(&self.look));
                self.look.folded(&text)
            }
        };
        self.write(&text)
    }

    /// Prints bytes as they are, with `--json` too.
    ///
    /// # Errors
    /// As [`Output::show`].
    pub fn raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::new(format!("cannot write to standard output: {error}"), "check where it goes"))
            }
            _ => Ok(()),
        }
    }

    /// How text looks.
    pub fn look(&self) -> Look {
        self.look
    }

    /// From now on everything that is shown says that it was made under this overlay.
    pub fn name(&self, overlay: Option<&OverlayName>) {
        if let Some(overlay) = overlay {
            // A command has one configuration; whatever it reads of it again says the same.
            let _ = self.overlay.set(overlay.clone());
        }
    }

    /// Prints a line for people; nothing with `--json`.
    ///
    /// # Errors
    /// As [`Output::show`].
    pub fn say(&self, line: &str) -> Result<(), Failure> {
        if self.json { Ok(()) } else { self.write(&self.look.folded(line)) }
    }

    /// For what is told bit by bit.
    pub fn stream(&self) -> Stream {
        let mut stream = Stream {
            out: BufWriter::new(std::io::stdout()),
            json: self.json,
            look: self.look,
            overlay: self.overlay.get().cloned(),
            closers: Vec::new(),
            first: true,
            wrong: None,
        };
        let named = stream.overlay.as_ref().map(|overlay| under(overlay, "  ", &self.look));
        stream.text(|| named.into_iter().flat_map(|line| [line, String::new()]).collect());
        stream
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
            let look = Look::of(&stderr);
            look.folded(&failure.text(&look))
        };
        let _ = writeln!(stderr.lock(), "{text}");
    }
}

/// The line that says under which overlay something was made.
fn under(overlay: &OverlayName, note: &str, look: &Look) -> String {
    look.unsure(&format!("{note}under {overlay}"))
}

/// Standard output for what is told bit by bit: lines for people, or one JSON value on one line. However it ends, the JSON is
/// whole.
pub struct Stream {
    out: BufWriter<Stdout>,
    json: bool,
    look: Look,
    overlay: Option<OverlayName>,
    /// What closes what is open, the innermost last.
    closers: Vec<&'static str>,
    /// Whether nothing stands before the next item of the innermost list.
    first: bool,
    wrong: Option<std::io::Error>,
}

impl Stream {
    /// How text looks.
    pub fn look(&self) -> Look {
        self.look
    }

    /// Prints lines for people; nothing with `--json`.
    pub fn text(&mut self, lines: impl FnOnce() -> Vec<String>) {
        if !self.json {
            for line in lines() {
                self.put(&self.look.folded(&line));
                self.put("\n");
            }
            self.flush();
        }
    }

    /// Begins a JSON value whose innermost list comes next, with what closes it. The outermost says under which overlay all was
    /// made.
    pub fn open(&mut self, head: &str, closer: &'static str) {
        if self.json {
            match (self.overlay.take(), head.strip_prefix('{')) {
                (Some(overlay), Some(rest)) if self.closers.is_empty() => {
                    let overlay = serde_json::to_string(&overlay).unwrap_or_default();
                    self.put(&format!("{{\"overlay\":{overlay},{rest}"));
                }
                _ => self.put(head),
            }
            self.closers.push(closer);
            self.first = true;
        }
    }

    /// Begins an object in the list, with these members and then a list under this name.
    pub fn open_object(&mut self, members: &impl Serialize, list: &str) -> Result<(), Failure> {
        if self.json {
            let members = object(members)?;
            let comma = self.comma();
            self.open(&format!("{comma}{{{members},\"{list}\":["), "]}");
        }
        Ok(())
    }

    /// Adds an item to the list.
    pub fn item(&mut self, item: &impl Serialize) -> Result<(), Failure> {
        if self.json {
            let comma = self.comma();
            let item = serde_json::to_string(item).map_err(|error| no_json(&error))?;
            self.put(comma);
            self.put(&item);
        }
        Ok(())
    }

    /// Ends the list, and its object.
    pub fn close(&mut self) {
        if let Some(closer) = self.closers.pop() {
            self.put(closer);
            self.first = false;
        }
    }

    /// Ends the list, and its object with these members behind it.
    pub fn close_object(&mut self, members: &impl Serialize) -> Result<(), Failure> {
        if self.json {
            let members = object(members)?;
            self.closers.pop();
            self.put(&format!("],{members}}}"));
            self.first = false;
        }
        Ok(())
    }

    /// Ends all.
    ///
    /// # Errors
    /// As [`Output::show`].
    pub fn end(mut self) -> Result<(), Failure> {
        self.finish();
        match self.wrong.take() {
            Some(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::new(format!("cannot write to standard output: {error}"), "check where it goes"))
            }
            _ => Ok(()),
        }
    }

    fn finish(&mut self) {
        while !self.closers.is_empty() {
            self.close();
        }
        if self.json && !self.first {
            self.put("\n");
            self.first = true;
        }
        self.flush();
    }

    fn comma(&mut self) -> &'static str {
        if std::mem::replace(&mut self.first, false) { "" } else { "," }
    }

    fn put(&mut self, text: &str) {
        if self.wrong.is_none() {
            self.wrong = self.out.write_all(text.as_bytes()).err();
        }
    }

    fn flush(&mut self) {
        if self.wrong.is_none() {
            self.wrong = self.out.flush().err();
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.finish();
    }
}

/// The members of an object, without its braces.
fn object(members: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(members).map_err(|error| no_json(&error))?;
    Ok(text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default().to_owned())
}

fn no_json(error: &serde_json::Error) -> Failure {
    Failure::new(format!("cannot make JSON: {error}"), "leave --json out")
}
