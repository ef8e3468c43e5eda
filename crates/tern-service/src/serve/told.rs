//! What Requesting Parties are told, as JSON: how sets and installations stand, and why something cannot be done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, Digest, Finding, Grade, OutcomeKind, Role, SetId};

use super::submissions::HeldFile;
use crate::links::server::{Answer, Content};
use crate::overview::Told;
use crate::results::Tally;

/// Why something cannot be done (RFC 9457), with what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The status of the answer.
    pub status: u16,
    /// What is wrong, in one sentence.
    pub detail: String,
    /// What to do.
    pub next: String,
    /// So much of the file is there already, where that is what is wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub held_bytes: Option<u64>,
}

impl Problem {
    pub(super) fn new(status: u16, detail: impl Into<String>, next: impl Into<String>) -> Problem {
        Problem { status, detail: detail.into(), next: next.into(), held_bytes: None }
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Answer {
        Answer { status: problem.status, content: Content::Problem(body(&problem)) }
    }
}

/// How far a set is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetState {
    /// It was not handed in yet.
    Incomplete,
    /// It was handed in, and waits to be judged.
    Waiting,
    /// The DSP refused it as a whole.
    Refused,
    /// It was taken in; of some installations the end is open.
    Migrating,
    /// Nothing more will come of it by itself.
    Done,
}

/// How a set stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct SetStanding {
    #[serde(serialize_with = "named")]
    pub(super) set: SetId,
    pub(super) state: SetState,
    pub(super) files: Vec<HeldFile>,
    /// Files that a set has and that are not there.
    pub(super) missing: Vec<String>,
    /// Why the set as a whole was refused.
    pub(super) refused: Vec<Finding>,
    /// Another copy of it was taken in, and stands.
    pub(super) stands: bool,
    pub(super) installations: usize,
    pub(super) outcomes: Vec<Tally>,
    pub(super) next: &'static str,
}

/// As much of a set's standing as `tern submit` reads.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StandingRead {
    pub(super) state: SetState,
    pub(super) refused: Vec<Finding>,
    pub(super) stands: bool,
    pub(super) installations: usize,
    pub(super) outcomes: Vec<OutcomesRead>,
}

/// As much of a row of outcomes as `tern submit` reads.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct OutcomesRead {
    pub(super) outcome: Option<OutcomeKind>,
    pub(super) installations: usize,
}

/// A set of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct SetLine {
    #[serde(serialize_with = "named")]
    pub(super) set: SetId,
    pub(super) state: SetState,
}

/// What a sender says that it sent: SHA-256 by file name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    pub(super) files: BTreeMap<String, Digest>,
}

/// How much of a file is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileStanding {
    pub(super) name: String,
    /// All of it is held.
    pub(super) complete: bool,
    pub(super) held_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) sha256: Option<Digest>,
}

impl From<HeldFile> for FileStanding {
    fn from(file: HeldFile) -> FileStanding {
        FileStanding { name: file.name, complete: true, held_bytes: file.bytes, sha256: Some(file.sha256) }
    }
}

/// How an installation stands under each of its sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct InstallationStanding {
    pub(super) chf_identifier: ChfIdentifier,
    pub(super) sets: Vec<UnderSet>,
}

/// How an installation stands under one set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct UnderSet {
    #[serde(serialize_with = "named")]
    pub(super) set: SetId,
    /// Null while it is open.
    pub(super) outcome: Option<OutcomeKind>,
    /// Clauses and codes behind it.
    pub(super) why: Vec<String>,
    /// What the parties' signed reports say of it, where it was refused.
    pub(super) findings: Vec<FoundBy>,
}

/// What one party found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct FoundBy {
    role: Role,
    document: String,
    clause: String,
    grade: Grade,
    place: String,
    message: String,
    found: String,
    expected: String,
    suggestion: String,
}

/// The findings of reports, those of a report that cannot be read left out.
pub(super) fn findings(told: Vec<Told>) -> Vec<FoundBy> {
    let of_report = |Told { role, document, findings }: Told| {
        findings.unwrap_or_default().into_iter().map(move |entry| FoundBy {
            role,
            document: document.clone(),
            clause: entry.clause.as_str().to_owned(),
            grade: entry.grade,
            place: entry.place.as_str().to_owned(),
            message: entry.message.as_str().to_owned(),
            found: entry.found.as_str().to_owned(),
            expected: entry.expected.as_str().to_owned(),
            suggestion: entry.suggestion.as_str().to_owned(),
        })
    };
    told.into_iter().flat_map(of_report).collect()
}

/// A set by its name.
fn named<S: serde::Serializer>(set: &SetId, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(set)
}

/// A value as an answer.
pub(super) fn answer(status: u16, value: &impl Serialize) -> Answer {
    Answer { status, content: Content::Json(body(value)) }
}

/// JSON for people too: in lines.
fn body(value: &impl Serialize) -> Vec<u8> {
    let mut body = serde_json::to_vec_pretty(value).unwrap_or_else(|error| error.to_string().into_bytes());
    body.push(b'\n');
    body
}
