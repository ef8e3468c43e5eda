//! Findings and verdicts: the bad news about a counterparty's document, and what a rule says of it.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How firmly the sources support a rule or a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// A source says it.
    #[serde(rename = "stated")]
    Stated,
    /// Our reading of an unclear or evidently misprinted source.
    #[serde(rename = "R")]
    Reading,
    /// Project-defined: the sources need it and leave it open.
    #[serde(rename = "P")]
    Project,
}

impl Grade {
    /// `stated`, `R` or `P`, as it is shown everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Grade::Stated => "stated",
            Grade::Reading => "R",
            Grade::Project => "P",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where in a counterparty's document or record something stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// File name or record source, for example `MCF_…_EA_42.xml` or `registration.csv`.
    pub document: String,
    /// For example `MigrationCommonFile/Installation[17]/ESME/MPxN`; empty where the place is the whole document.
    pub xpath: String,
    /// One-based; 0 where no line applies.
    pub line: u32,
    /// One-based, in characters; 0 where no column applies. Signed files are compact, so the line alone says little.
    pub column: u32,
}

impl Place {
    /// The whole document.
    #[must_use]
    pub fn document(name: impl Into<String>) -> Place {
        Place { document: name.into(), ..Place::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.xpath.is_empty() { &self.document } else { &self.xpath })?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        if self.column > 0 {
            write!(f, ", column {}", self.column)?;
        }
        Ok(())
    }
}

/// One rejection, told so that the reader can act on it (CH8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `5.10.10`, `MA110`, or a project-defined number that starts with `P-`.
    pub clause: Cow<'static, str>,
    /// The clause's grade.
    pub grade: Grade,
    /// Where.
    pub place: Place,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What was found; never a secret.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// What to do next.
    pub suggestion: String,
}

/// What a rule says of what it judged (CH6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// The rule applies, is in force, and is met.
    Pass,
    /// The rule does not bind this group, role or installation.
    NotApplicable,
    /// The rule binds from a later day.
    NotYetInForce,
    /// The rule cannot be judged without a record that is not there. Never clean.
    FactsMissing {
        /// Which record, of what, and where it would be added.
        missing: String,
    },
    /// The rule is broken.
    Finding(Box<Finding>),
}

impl Verdict {
    /// Whether an installation may go on with this verdict.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !matches!(self, Verdict::FactsMissing { .. } | Verdict::Finding(_))
    }

    /// `PASS`, `NOT APPLICABLE`, `NOT YET IN FORCE`, `FACTS MISSING` or `FINDING`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Pass => "PASS",
            Verdict::NotApplicable => "NOT APPLICABLE",
            Verdict::NotYetInForce => "NOT YET IN FORCE",
            Verdict::FactsMissing { .. } => "FACTS MISSING",
            Verdict::Finding(_) => "FINDING",
        }
    }
}
