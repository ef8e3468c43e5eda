//! Receipt at the DSP: whether the message is a request of the party that it names, sent as it should be, and for the first time.
//!
//! Form and schema are judged where messages are read; what they refuse is told here under the same table.

use tern_model::{Eui64, PartyId};
use tern_wire::WireFault;
use tern_wire::duis::SignatureFault;

use super::{Check, Limits, first_refusal};
use crate::asked::{Asked, SIGNED_PRE_COMMAND};
use crate::codes::Reason;
use crate::command_variant::{self, Taken};
use crate::refusal::Refusal;

/// What is known of a message when it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFacts {
    /// What its signature is worth.
    pub signature: Signature,
    /// Who connected; none where connections have no certificates.
    pub connection: Option<PartyId>,
    /// Whether RequestID and Command Variant were used before for other bytes, by a message whose signature was good.
    pub seen: Seen,
    /// The highest counter of the originator in such messages.
    pub highest_counter: Option<u64>,
    /// Of a signed pre-command: what became of the request that was transformed.
    pub pre_command: PreCommand,
}

/// What a signature is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// It is the originator's own.
    Good,
    /// None, of another profile, or it does not fit.
    Bad(String),
    /// By a certificate that is unknown or not in order.
    Certificate(String),
    /// Good, and another party's.
    OfAnother(String),
}

impl Signature {
    /// What a verification says.
    #[must_use]
    pub fn of(fault: Option<&SignatureFault>) -> Signature {
        let text = |fault: &WireFault| fault.message.clone();
        match fault {
            None => Signature::Good,
            Some(SignatureFault::Profile(fault) | SignatureFault::Value(fault)) => Signature::Bad(text(fault)),
            Some(SignatureFault::Certificate(_, fault)) => Signature::Certificate(text(fault)),
            Some(SignatureFault::Sender(fault)) => Signature::OfAnother(text(fault)),
        }
    }
}

/// Whether RequestID and Command Variant were used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Never. The very bytes again get the stored answer, and never come here.
    Never,
    /// For a message of other bytes.
    ForOtherBytes,
}

/// What became of the request that was transformed, under the same RequestID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreCommand {
    /// None was answered here.
    Unknown,
    /// It was answered, and what is signed now is what was returned.
    Returned,
    /// It was answered, and what is signed now is something else.
    Altered,
}

/// The checks, in their order.
pub static CHECKS: [Check<ReceiptFacts>; 9] = [
    Check { reason: Reason::ServiceMismatch, refuses: service_mismatch },
    Check { reason: Reason::CommandVariant, refuses: command_variant },
    Check { reason: Reason::WebService, refuses: web_service },
    Check { reason: Reason::Signature, refuses: signature },
    Check { reason: Reason::Certificate, refuses: certificate },
    Check { reason: Reason::Originator, refuses: originator },
    Check { reason: Reason::RequestIdReused, refuses: request_id_reused },
    Check { reason: Reason::PreCommand, refuses: pre_command },
    Check { reason: Reason::CounterBehind, refuses: counter_behind },
];

/// Judges a request that the schema allows.
///
/// # Errors
/// The first check that refuses.
pub fn judge(asked: &Asked, facts: &ReceiptFacts, limits: &Limits) -> Result<(), Refusal> {
    first_refusal(&CHECKS, asked, facts, limits)
}

/// The refusal of bytes that are no request.
#[must_use]
pub fn not_a_request(fault: &WireFault) -> Refusal {
    Refusal::new(Reason::NotARequest, told(fault))
}

/// The refusal of a message that breaks its schema: the first fault is told, and how many there are.
#[must_use]
pub fn schema(faults: &[WireFault]) -> Refusal {
    let first = faults.first().map_or_else(|| "the schema does not allow it".to_owned(), told);
    let more = faults.len().saturating_sub(1);
    Refusal::new(Reason::Schema, if more == 0 { first } else { format!("{first}; and {more} more") })
}

fn told(fault: &WireFault) -> String {
    format!("{}: {}", fault.place, fault.message)
}

fn service_mismatch(asked: &Asked, _: &ReceiptFacts, _: &Limits) -> Option<String> {
    let srv = asked.srv;
    if asked.reference.to_string() != srv.reference() {
        return Some(format!("{} is a variant of {}, not of {}", srv.number, srv.reference(), asked.reference));
    }
    let body = if asked.is_signed_pre_command() { SIGNED_PRE_COMMAND } else { srv.body };
    (asked.body != body).then(|| format!("the body of {} is {body}, not {}", srv.number, asked.body))
}

fn command_variant(asked: &Asked, _: &ReceiptFacts, limits: &Limits) -> Option<String> {
    let row = command_variant::find(asked.command_variant.number());
    let taken =
        row.is_some_and(|row| row.is_taken_for(asked.srv) && (row.taken != Taken::Critical || limits.pre_commands));
    (!taken).then(|| format!("Command Variant {} is not taken of {}", asked.command_variant, asked.srv.number))
}

fn web_service(asked: &Asked, _: &ReceiptFacts, _: &Limits) -> Option<String> {
    let right = command_variant::find(asked.command_variant.number())?.service;
    (right != asked.service)
        .then(|| format!("Command Variant {} goes to {right}, not to {}", asked.command_variant, asked.service))
}

fn signature(_: &Asked, facts: &ReceiptFacts, _: &Limits) -> Option<String> {
    if let Signature::Bad(found) = &facts.signature { Some(found.clone()) } else { None }
}

fn certificate(_: &Asked, facts: &ReceiptFacts, _: &Limits) -> Option<String> {
    if let Signature::Certificate(found) = &facts.signature { Some(found.clone()) } else { None }
}

fn originator(asked: &Asked, facts: &ReceiptFacts, _: &Limits) -> Option<String> {
    if let Signature::OfAnother(found) = &facts.signature {
        return Some(found.clone());
    }
    let PartyId(connected) = facts.connection?;
    let originator: Eui64 = asked.id.originator;
    (connected != originator).then(|| format!("{connected} connected, and the RequestID names {originator}"))
}

fn request_id_reused(asked: &Asked, facts: &ReceiptFacts, _: &Limits) -> Option<String> {
    (facts.seen == Seen::ForOtherBytes)
        .then(|| format!("{} with Command Variant {} was another message", asked.id, asked.command_variant))
}

fn pre_command(asked: &Asked, facts: &ReceiptFacts, _: &Limits) -> Option<String> {
    match facts.pre_command {
        _ if !asked.is_signed_pre_command() => None,
        PreCommand::Returned => None,
        PreCommand::Unknown => Some(format!("no pre-command was returned under {}", asked.id)),
        PreCommand::Altered => Some("what is signed is not the pre-command that was returned".to_owned()),
    }
}

/// A signed pre-command bears the counter of the request that was transformed, which may have been long ago.
fn counter_behind(asked: &Asked, facts: &ReceiptFacts, limits: &Limits) -> Option<String> {
    let highest = facts.highest_counter.filter(|_| !asked.is_signed_pre_command())?;
    let behind = highest.saturating_sub(asked.id.counter);
    (behind > limits.counter_window).then(|| {
        format!("counter {} is {behind} behind {highest}, and {} are allowed", asked.id.counter, limits.counter_window)
    })
}
