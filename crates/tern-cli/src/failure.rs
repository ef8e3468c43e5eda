//! Why a command could not be carried out: what, where, and what to do next. Every one ends with exit code 2.
//!
//! What is wrong with a counterparty's document is never told this way: that is a finding.

use serde::{Deserialize, Serialize};
use tern_service::ServiceFault;
use tern_service::pki::PkiError;
use tern_store::StoreFault;
use tern_world::WorldError;

use crate::look::Look;

/// A command that failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong, in one sentence.
    pub what: String,
    /// Where, if `what` does not say so.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What to do.
    pub next: String,
}

impl Failure {
    /// What went wrong, and what to do.
    pub fn new(what: impl Into<String>, next: impl Into<String>) -> Failure {
        Failure { what: what.into(), place: None, next: next.into() }
    }

    /// The same, with its place.
    pub fn at(self, place: impl Into<String>) -> Failure {
        Failure { place: Some(place.into()), ..self }
    }

    /// The text for people.
    pub fn text(&self, look: &Look) -> String {
        let mut lines = vec![format!("{} {}", look.bad("error:"), indented(self.what.trim(), "       "))];
        let mut say = |name: &str, words: &str| {
            lines.push(format!("{} {}", look.faint(name), look.hanging(words, 7)));
        };
        if let Some(place) = &self.place {
            say("where:", place);
        }
        say(" next:", &self.next);
        lines.join("\n")
    }
}

/// What is told in lines of its own, as TOML's faults are, keeps them.
fn indented(text: &str, by: &str) -> String {
    text.lines().collect::<Vec<_>>().join(&format!("\n{by}"))
}

impl From<ServiceFault> for Failure {
    fn from(fault: ServiceFault) -> Failure {
        let next = fault.suggestion();
        match fault {
            ServiceFault::File { doing, path, reason } => {
                Failure::new(format!("cannot {doing}: {reason}"), next).at(path.display().to_string())
            }
            other => Failure::new(other.to_string(), next),
        }
    }
}

impl From<PkiError> for Failure {
    fn from(error: PkiError) -> Failure {
        Failure::new(error.to_string(), error.suggestion())
    }
}

impl From<StoreFault> for Failure {
    fn from(fault: StoreFault) -> Failure {
        Failure::new(fault.to_string(), fault.suggestion())
    }
}

impl From<WorldError> for Failure {
    fn from(error: WorldError) -> Failure {
        let next = error.suggestion();
        match error {
            WorldError::Malformed { path, line: 0, reason } => {
                Failure::new(reason, next).at(path.display().to_string())
            }
            WorldError::Malformed { path, line, reason } => {
                Failure::new(reason, next).at(format!("{}, line {line}", path.display()))
            }
            other => Failure::new(other.to_string(), next),
        }
    }
}
