//! Why a request is not carried out, so that whoever sent it can act on it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::codes::{Reason, ReasonRow};
use crate::stages::Stage;

/// One refusal: the first reason of the first stage that has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Which reason; stage, code and suggestion follow from it.
    pub reason: Reason,
    /// What was found, in one sentence; never a secret.
    pub text: String,
}

impl Refusal {
    /// A refusal.
    #[must_use]
    pub fn new(reason: Reason, text: impl Into<String>) -> Refusal {
        Refusal { reason, text: text.into() }
    }

    /// The row of its reason.
    #[must_use]
    pub fn row(&self) -> &'static ReasonRow {
        self.reason.row()
    }

    /// Where it was refused.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.row().stage
    }

    /// What its sender may do.
    #[must_use]
    pub fn suggestion(&self) -> &'static str {
        self.row().suggestion
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.stage(), self.text, self.reason.key())
    }
}
