//! What the DSP judges before it acknowledges a request: receipt and access control in one call, for whoever keeps the facts.

use jiff::Timestamp;
use tern_model::{Eui64, PartyId, UserRole};
use tern_wire::duis::Request;

use crate::asked::Asked;
use crate::command_variant::WebService;
use crate::refusal::Refusal;
use crate::registry::Srv;
use crate::stages::Limits;
use crate::stages::access_control::{self, AccessFacts, TargetDevice, User};
use crate::stages::hold::{Timing, timing};
use crate::stages::receipt::{self, PreCommand, ReceiptFacts, Seen, Signature};

/// Everything that the two stages ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The moment of judging.
    pub now: Timestamp,
    /// The web service to which it was sent.
    pub service: WebService,
    /// What the signature is worth.
    pub signature: Signature,
    /// Who connected; none where connections have no certificates, and where that was compared before.
    pub connection: Option<PartyId>,
    /// Whether RequestID and Command Variant were used for other bytes.
    pub seen: Seen,
    /// The highest counter of the originator.
    pub highest_counter: Option<u64>,
    /// Of a signed pre-command: what became of the request that was transformed.
    pub pre_command: PreCommand,
    /// The DCC's own identifier.
    pub dcc: Eui64,
    /// The originator as a User; none where it is none.
    pub user: Option<User>,
    /// The target as the inventory holds it; none where it does not.
    pub device: Option<TargetDevice>,
}

/// When it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// When it comes in.
    Receipt,
    /// When it was held and is due: access control alone.
    Due,
}

/// A request that may be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What it asks.
    pub asked: Asked,
    /// What is asked for.
    pub srv: &'static Srv,
    /// The role in which the User asks.
    pub role: UserRole,
    /// When it is carried out.
    pub timing: Timing,
}

/// Judges a request by receipt and access control.
///
/// # Errors
/// The first refusal.
pub fn judge(request: &Request, facts: &Facts, occasion: Occasion, limits: &Limits) -> Result<Accepted, Refusal> {
    let asked = Asked::of(request, facts.service)?;
    if occasion == Occasion::Receipt {
        receipt::judge(&asked, &facts.of_receipt(), limits)?;
    }
    let access = facts.of_access();
    access_control::judge(&asked, &access, limits)?;
    // Access control has found a role; without one it would have refused.
    let role = access.role(asked.srv).unwrap_or(UserRole::Ou);
    let timing = timing(&asked, facts.now);
    Ok(Accepted { srv: asked.srv, asked, role, timing })
}

impl Facts {
    fn of_receipt(&self) -> ReceiptFacts {
        ReceiptFacts {
            signature: self.signature.clone(),
            connection: self.connection,
            seen: self.seen,
            highest_counter: self.highest_counter,
            pre_command: self.pre_command,
        }
    }

    fn of_access(&self) -> AccessFacts {
        AccessFacts { now: self.now, dcc: self.dcc, user: self.user.clone(), device: self.device.clone() }
    }
}
