//! Payment mode, and top-ups.

use tern_wire::duis::Element;

use super::{Family, Order, Said, Work, needed, not_kept, nothing};
use crate::codes::Reason;
use crate::refusal::Refusal;
use crate::task::{Millipence, PaymentMode, Task, Utrn};

pub(super) static FAMILY: Family = Family { name: "prepayment", srvs: &["1.6", "2.2"], plan, content: nothing };

fn plan(order: &Order<'_>) -> Result<Work, Refusal> {
    let task = match order.srv.number {
        "1.6" => Task::SetPaymentMode { mode: mode(order.body)? },
        _ => Task::TopUp { utrn: utrn(order)? },
    };
    Ok(Work::Device(task))
}

fn mode(body: Element<'_>) -> Result<PaymentMode, Refusal> {
    let Some(prepayment) = body.child("Prepayment") else { return Ok(PaymentMode::Credit) };
    let truth = |name: &str| needed(prepayment.child(name).and_then(Element::boolean), name);
    let threshold = prepayment.child("DisablementThreshold").and_then(|threshold| threshold.parse());
    Ok(PaymentMode::Prepayment {
        suspend_debt_disabled: truth("SuspendDebtDisabled")?,
        suspend_debt_emergency: truth("SuspendDebtEmergency")?,
        disablement_threshold: Millipence(needed(threshold, "DisablementThreshold")?),
    })
}

/// The UTRN that an alert about a task bears: that which the DCC made for the device, which a customer can key in (R). A successful
/// answer has no place for it.
#[must_use]
pub fn utrn_of(task: &Task) -> Option<&Utrn> {
    if let Task::TopUp { utrn } = task { Some(utrn) } else { None }
}

/// Why a device's refusal is told by an alert and not by a SMETS1 Response: of a top-up, whose UTRN stands in the alert (R).
#[must_use]
pub fn told_by_alert(task: &Task, said: Said<'_>) -> Option<Refusal> {
    let words = match said {
        _ if said.is_success() => return None,
        Said::Refused => "the device refused the UTRN",
        Said::Obeyed(_) => "the device took this UTRN before",
    };
    utrn_of(task).map(|_| Refusal::new(Reason::TopUpFailed, words))
}

/// The device's UTRN is made within the DCC: its credit is that of the User's twenty digits, and what tells it from every other is the
/// counter of the request (P). The same request again is the same UTRN again, which a device takes once.
fn utrn(order: &Order<'_>) -> Result<Utrn, Refusal> {
    let asked: Utrn = needed(order.body.child("UTRN").and_then(|utrn| utrn.parse()), "UTRN")?;
    let pence = u32::try_from(asked.credit().0 / 1000).ok().filter(|_| asked.is_sound());
    let made = pence.and_then(|pence| Utrn::made(pence, order.id.counter));
    made.ok_or_else(|| not_kept("the UTRN holds no credit, or its check digit is wrong"))
}
