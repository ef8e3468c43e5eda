//! A finding as reports carry it between parties.

use std::borrow::Cow;

use tern_model::{Finding, Grade};

use crate::describe;
use crate::schema::{Base, Facet, SimpleType, SimpleValue, Text};

/// Whether an installation may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It may.
    Valid,
    /// It may not; its findings say why.
    Invalid,
}

crate::schema::words! {
    Validity: "Outcome", ["Valid" => Validity::Valid, "Invalid" => Validity::Invalid], "`Valid` or `Invalid`";
}

describe! {
    /// One rejection. A message that begins with `FACTS MISSING` says that a record was missing, not that the file is wrong.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FindingEntry {
        /// The clause, or a project-defined number that begins with `P-`.
        "Clause" clause: Text<1, 64>, P;
        /// How firmly the sources support the clause.
        "Grade" grade: Grade, P;
        /// Where: element with line and column, or the record.
        "Place" place: Text<0, 500>, P;
        /// What is wrong.
        "Message" message: Text<1, 1000>, P;
        /// What was found; never a secret.
        "Found" found: Text<0, 1000>, P;
        /// What was expected.
        "Expected" expected: Text<0, 1000>, P;
        /// What to do next.
        "Suggestion" suggestion: Text<0, 1000>, P;
    }
}

impl From<&Finding> for FindingEntry {
    fn from(finding: &Finding) -> FindingEntry {
        FindingEntry {
            clause: Text::shortened(&finding.clause),
            grade: finding.grade,
            place: Text::shortened(&finding.place.to_string()),
            message: Text::shortened(&finding.message),
            found: Text::shortened(&finding.found),
            expected: Text::shortened(&finding.expected),
            suggestion: Text::shortened(&finding.suggestion),
        }
    }
}
