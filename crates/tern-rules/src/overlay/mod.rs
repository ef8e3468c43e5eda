//! An overlay: other days, numbers and limits than the published ones, read from a file that someone without a compiler
//! writes; everything is then judged under it, and says so.
//!
//! A file that names what is not known, or contradicts itself, is refused as a whole. This module must never read a file: it
//! is handed the text. It must never let wordings, groups or checks be changed.

mod changes;
mod read;
mod settings;

use std::fmt;

use serde::Serialize;
use tern_model::{Digest, Verdict};

use crate::documents::{DocumentVersion, Force};
use crate::rule::{Number, Rule};

pub use changes::OverlayChange;
pub use settings::{Setting, Takes, Value};

/// What an overlay is called in every output that is made under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OverlayName {
    /// As its file says.
    pub name: String,
    /// SHA-256 of the file.
    pub digest: Digest,
}

/// Other days and numbers than the published ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// How it is called.
    pub name: OverlayName,
    documents: Vec<(&'static DocumentVersion, Force)>,
    numbers: Vec<NumberSet>,
    settings: Vec<(Setting, Value)>,
}

/// A number of a wording.
#[derive(Debug, Clone, Copy)]
struct NumberSet {
    rule: &'static Rule,
    version: &'static DocumentVersion,
    number: Number,
    value: i32,
}

impl PartialEq for NumberSet {
    fn eq(&self, other: &NumberSet) -> bool {
        let place = |set: &NumberSet| (set.rule.clause, set.version.name(), set.number, set.value);
        place(self) == place(other)
    }
}

impl Eq for NumberSet {}

/// What is wrong with an overlay file, at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayFault {
    /// The line, from 1.
    pub line: usize,
    /// The key, from the top; empty where the file is no TOML.
    pub key: String,
    /// What is wrong.
    pub cause: String,
    /// What to do.
    pub suggestion: String,
}

impl fmt::Display for OverlayName {
    /// For example `overlay two-weeks-later (SHA-256 0f3a…)`, with the whole digest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "overlay {} (SHA-256 {})", self.name, self.digest)
    }
}

impl fmt::Display for OverlayFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.key.is_empty() { String::new() } else { format!(", {}", self.key) };
        write!(f, "line {}{key}: {}; {}", self.line, self.cause, self.suggestion)
    }
}

impl Overlay {
    /// Reads an overlay; `digest` is that of the file.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of its lines.
    pub fn read(text: &str, digest: Digest) -> Result<Overlay, Vec<OverlayFault>> {
        read::read(text, digest)
    }

    /// Since when a version is in force, where the overlay says so.
    pub(crate) fn force(&self, version: &'static DocumentVersion) -> Option<Force> {
        self.documents.iter().find(|(of, _)| std::ptr::eq(*of, version)).map(|(_, force)| *force)
    }

    /// The other number of a rule's wording.
    pub(crate) fn number(&self, rule: &Rule, version: &DocumentVersion, number: Number) -> Option<i32> {
        let is = |set: &&NumberSet| {
            std::ptr::eq(set.rule, rule) && std::ptr::eq(set.version, version) && set.number == number
        };
        self.numbers.iter().find(is).map(|set| set.value)
    }

    /// The settings that it changes.
    pub fn settings(&self) -> impl Iterator<Item = (Setting, &Value)> {
        self.settings.iter().map(|(setting, value)| (*setting, value))
    }

    /// The other value of a setting.
    #[must_use]
    pub fn setting(&self, wanted: Setting) -> Option<&Value> {
        self.settings().find(|(setting, _)| *setting == wanted).map(|(_, value)| value)
    }
}

impl OverlayName {
    /// A verdict that says of itself under which overlay it was reached, where it is not clean.
    pub(crate) fn on(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Finding(mut finding) => {
                finding.message = self.mark(&finding.message);
                Verdict::Finding(finding)
            }
            Verdict::FactsMissing { missing } => Verdict::FactsMissing { missing: self.mark(&missing) },
            clean @ (Verdict::Pass | Verdict::NotApplicable | Verdict::NotYetInForce) => clean,
        }
    }

    /// Words that were said under the overlay.
    #[must_use]
    pub fn mark(&self, words: &str) -> String {
        format!("{words} [{self}]")
    }
}
