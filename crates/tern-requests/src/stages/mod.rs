//! The stages through which a Service Request goes, as a list that can be looked at (RQ2), and the checks of each.
//!
//! The order is unconfirmed: of the SRPD only fragments are public. Each check is a pure function of what is asked and of facts that
//! are handed in, and refuses for one reason of [`crate::codes::REASONS`]. Nothing here may look a fact up, or remember one.

pub mod access_control;
pub mod countersign;
pub mod dco;
pub mod equivalent_steps;
pub mod hold;
pub mod page;
pub mod receipt;
pub mod respond;
pub mod s1sp;

use std::fmt;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::asked::Asked;
use crate::codes::Reason;
use crate::refusal::Refusal;

/// A stage, in the order of processing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The DSP takes the message in.
    Receipt,
    /// The DSP asks who may ask this of whom.
    AccessControl,
    /// The DSP holds the request against thresholds.
    AnomalyDetection,
    /// The DSP says that it is accepted.
    Acknowledge,
    /// The DSP answers itself what concerns no device.
    NonDevice,
    /// The DSP keeps it until it is due.
    Hold,
    /// The DSP signs it on to the S1SP.
    Countersign,
    /// The S1SP takes it in.
    S1sp,
    /// The S1SP has the device do what it asks.
    EquivalentSteps,
    /// The DCO protects what is critical.
    Dco,
    /// S1SP and DSP sign the answer.
    Respond,
}

/// A stage with what is known of it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct StageRow {
    /// Which.
    pub stage: Stage,
    /// Its name in the documents' words.
    pub title: &'static str,
    /// Who does it.
    pub party: &'static str,
    /// What is done.
    pub words: &'static str,
    /// Whether Tern does it.
    pub is_on: bool,
}

const fn row(stage: Stage, title: &'static str, party: &'static str, words: &'static str) -> StageRow {
    StageRow { stage, title, party, words, is_on: true }
}

/// Every stage, in the order of processing.
pub static STAGES: [StageRow; 11] = [
    row(
        Stage::Receipt,
        "receipt",
        "DSP",
        "schema of the message's version, Command Variant and web service, signature and certificate, RequestID and counter",
    ),
    row(
        Stage::AccessControl,
        "access control",
        "DSP",
        "User, role, status, service, device, registration at the required moment, status of the device, cohort and day",
    ),
    StageRow {
        is_on: false,
        ..row(
            Stage::AnomalyDetection,
            "threshold anomaly detection",
            "DSP",
            "off: no thresholds are set, so that nothing is counted, quarantined or deleted; nor at S1SP and DCO",
        )
    },
    row(Stage::Acknowledge, "acknowledge", "DSP", "I99 on the request's own connection, once the request is durable"),
    row(
        Stage::NonDevice,
        "answer by the DCC",
        "DSP",
        "Non-Device requests are answered from the inventory on the request's own connection, and a critical one as Command Variant 4 by \
         a pre-command; nothing further follows",
    ),
    row(
        Stage::Hold,
        "hold",
        "DSP",
        "one for a later moment is kept until it is due, and goes through access control again then",
    ),
    row(
        Stage::Countersign,
        "countersign",
        "DSP",
        "the User's bytes inside a Countersigned Service Request, to the S1SP that the inventory names",
    ),
    row(
        Stage::S1sp,
        "checks of the S1SP",
        "S1SP",
        "both signatures again, whether the device is one of its own, whether its cohort processes the service",
    ),
    row(
        Stage::EquivalentSteps,
        "Equivalent Steps",
        "S1SP",
        "what the service asks becomes tasks of the device, by cohort and day; what was lost is probed where it may have happened",
    ),
    row(
        Stage::Dco,
        "dual control",
        "DCO",
        "of a critical request: the User's signature and the instruction once more and independently, then the device's key package",
    ),
    row(
        Stage::Respond,
        "respond",
        "S1SP, DSP",
        "SMETS1 Response or S1SP Alert signed by the S1SP, inside a Response or DCC Alert signed by the DSP, until the User has it",
    ),
];

impl Stage {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static StageRow {
        &STAGES[self as usize]
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.row().title)
    }
}

/// Limits that are configuration (P).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How far behind the highest counter of its originator a new RequestID may be; existing clients count milliseconds.
    pub counter_window: u64,
    /// How far ahead a request may be dated (unconfirmed).
    pub ahead: SignedDuration,
    /// How long after it was due a held request is still sent.
    pub overdue: SignedDuration,
    /// Whether Command Variants 4 and 5 are taken, so that existing SMETS2 clients need no change.
    pub pre_commands: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            counter_window: 86_400_000,
            ahead: SignedDuration::from_hours(30 * 24),
            overdue: SignedDuration::from_hours(24),
            pre_commands: true,
        }
    }
}

/// One check of a stage: the reason for which it refuses, and the question, which answers what was found where it does.
pub struct Check<Facts: 'static> {
    /// The reason.
    pub reason: Reason,
    /// The question.
    pub refuses: fn(&Asked, &Facts, &Limits) -> Option<String>,
}

/// Asks the checks in their order.
///
/// # Errors
/// The first that refuses.
fn first_refusal<Facts>(checks: &[Check<Facts>], asked: &Asked, facts: &Facts, limits: &Limits) -> Result<(), Refusal> {
    let refusal = checks
        .iter()
        .find_map(|check| (check.refuses)(asked, facts, limits).map(|found| Refusal::new(check.reason, found)));
    refusal.map_or(Ok(()), Err)
}
