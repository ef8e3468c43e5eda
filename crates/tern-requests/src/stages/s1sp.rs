//! The S1SP's own checks: it trusts neither the DSP's word nor the User's, but their signatures.

use tern_model::Behaviour;

use super::receipt::Signature;
use super::{Check, Limits, first_refusal};
use crate::asked::Asked;
use crate::codes::Reason;
use crate::refusal::Refusal;

/// What the S1SP knows of a Countersigned Service Request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S1spFacts {
    /// What the DSP's signature is worth.
    pub countersignature: Signature,
    /// What the User's is worth.
    pub signature: Signature,
    /// What the device's cohort does otherwise on the day; none where the S1SP serves no such device.
    pub behaviours: Option<Vec<Behaviour>>,
    /// Of a top-up: the counter below which, and at which, none is taken for the device.
    pub top_up_floor: Option<u64>,
}

/// The checks, in their order.
pub static CHECKS: [Check<S1spFacts>; 5] = [
    Check { reason: Reason::Countersignature, refuses: countersignature },
    Check { reason: Reason::UnknownToS1sp, refuses: unknown },
    Check { reason: Reason::Credentials, refuses: credentials },
    Check { reason: Reason::NotProcessed, refuses: not_processed },
    Check { reason: Reason::AlertInstead, refuses: alert_instead },
];

/// Judges a Countersigned Service Request.
///
/// # Errors
/// The first check that refuses.
pub fn judge(asked: &Asked, facts: &S1spFacts, limits: &Limits) -> Result<(), Refusal> {
    first_refusal(&CHECKS, asked, facts, limits)
}

fn countersignature(_: &Asked, facts: &S1spFacts, _: &Limits) -> Option<String> {
    let both = [("the DSP's", &facts.countersignature), ("the User's", &facts.signature)];
    let bad = both.into_iter().find(|(_, signature)| **signature != Signature::Good);
    bad.map(|(whose, _)| format!("{whose} signature does not hold"))
}

fn unknown(asked: &Asked, facts: &S1spFacts, _: &Limits) -> Option<String> {
    facts.behaviours.is_none().then(|| format!("{} is served by another S1SP", asked.id.target))
}

/// The credentials for critical requests are the DCO's to look at; those for top-ups have a floor of their own.
fn credentials(asked: &Asked, facts: &S1spFacts, _: &Limits) -> Option<String> {
    let floor = facts.top_up_floor.filter(|floor| asked.srv.number == "2.2" && asked.id.counter <= *floor)?;
    Some(format!("the counter {} is not above {floor}, below which no top-up is taken for it", asked.id.counter))
}

fn not_processed(asked: &Asked, facts: &S1spFacts, _: &Limits) -> Option<String> {
    let refused = facts.behaviours.as_ref()?.contains(&Behaviour::NotProcessed);
    refused.then(|| format!("{} is not processed for a device of this cohort", asked.srv.number))
}

fn alert_instead(asked: &Asked, facts: &S1spFacts, _: &Limits) -> Option<String> {
    let instead = facts.behaviours.as_ref()?.contains(&Behaviour::AlertInsteadOfResponse);
    instead.then(|| format!("the answer to {} cannot be read because of a defect", asked.srv.number))
}
