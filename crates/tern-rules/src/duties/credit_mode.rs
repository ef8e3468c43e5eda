//! Clause 4.49: its seven conditions, from when to when the duty is owed, and whether it was broken.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use tern_model::PartyId;
use tern_model::facts::{MeterEventKind, PaymentMode, TopUpResult};

use super::{Condition, EnrolledMeter, Holds, Story, all};
use crate::{Rulebook, tmad};

/// How 4.49 stands for a meter on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreditMode {
    /// (a) to (g).
    pub conditions: [Condition; 7],
    /// What follows.
    pub owed: Owed,
}

/// What follows from the conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "standing")]
pub enum Owed {
    /// The clause has no wording in force on the day.
    NotYetInForce,
    /// A condition does not hold: nothing is owed.
    No,
    /// A condition is not known and every other holds: FACTS MISSING, which is never clean.
    Unknown {
        /// The day at whose beginning the change takes effect.
        takes_effect: Date,
    },
    /// All conditions hold.
    Yes {
        /// The first day on which they did.
        since: Date,
        /// The day at whose beginning the change takes effect.
        takes_effect: Date,
        /// The last day to set Credit Mode.
        last_day: Date,
        /// Who gains the meter, where it is known.
        new_supplier: Option<PartyId>,
    },
    /// The change took effect, and the meter was not in Credit Mode then.
    Broken {
        /// The day at whose beginning it did.
        on: Date,
        /// The first day on which the duty was owed.
        since: Date,
    },
}

/// Judges 4.49 for a meter on the last day of its story, under the rule books of that day.
#[must_use]
pub fn credit_mode(meter: &EnrolledMeter, story: &Story<'_>, rulebook: &Rulebook) -> CreditMode {
    let conditions = conditions(meter, story, story.day);
    let owed = match (all(&conditions), story.changes.pending(story.day)) {
        _ if rulebook.on(story.day).text_of(&tmad::c4_49::RULE, Some(meter.group())).is_none() => Owed::NotYetInForce,
        (Holds::Yes, Some(plan)) => Owed::Yes {
            since: plan.from.max(meter.commissioned),
            takes_effect: plan.takes_effect,
            last_day: plan.takes_effect.saturating_sub(1.day()),
            new_supplier: plan.new_supplier,
        },
        (Holds::Unknown, Some(plan)) => Owed::Unknown { takes_effect: plan.takes_effect },
        _ => broken(meter, story),
    };
    CreditMode { conditions, owed }
}

/// Whether the duty was owed on the day before the first change of supplier. It was broken then: whoever sets Credit Mode
/// ends it by (d).
fn broken(meter: &EnrolledMeter, story: &Story<'_>) -> Owed {
    let Some(change) = story.changes.effective.iter().find(|change| change.day > meter.commissioned) else {
        return Owed::No;
    };
    let eve = change.day.saturating_sub(1.day());
    let pending = story.changes.pending(eve);
    match (all(&conditions(meter, story, eve)), pending) {
        (Holds::Yes, Some(plan)) => Owed::Broken { on: change.day, since: plan.from.max(meter.commissioned) },
        (Holds::Unknown, Some(_)) => Owed::Unknown { takes_effect: change.day },
        _ => Owed::No,
    }
}

fn conditions(meter: &EnrolledMeter, story: &Story<'_>, on: Date) -> [Condition; 7] {
    let of = |letter, asks, (holds, evidence)| Condition { letter, asks, holds, evidence };
    [
        of('a', "part of an Enrolled Smart Metering System", enrolled(meter, on)),
        of('b', "GroupID EA, EB or EC", group(meter)),
        of('c', "in Prepayment Mode when Migrated", prepayment_when_migrated(meter, story)),
        of('d', "in Prepayment Mode ever since", prepayment_since(meter, story, on)),
        of('e', "no Top Up successfully processed since Commissioned", no_top_up(meter, story, on)),
        of('f', "no change of supplier since Commissioned", no_change(meter, story, on)),
        of('g', "a change of supplier is pending", pending(story, on)),
    ]
}

type Answer = (Holds, String);

pub(super) fn enrolled(meter: &EnrolledMeter, on: Date) -> Answer {
    let holds = if meter.commissioned <= on { Holds::Yes } else { Holds::No };
    (holds, format!("commissioned on {} under set {}", meter.commissioned, meter.set))
}

pub(super) fn group(meter: &EnrolledMeter) -> Answer {
    let bound = tmad::c4_49::RULE.groups.bind(meter.group());
    (if bound { Holds::Yes } else { Holds::No }, format!("GroupID {}", meter.group()))
}

fn prepayment_when_migrated(meter: &EnrolledMeter, story: &Story<'_>) -> Answer {
    match story.modes.on(meter.commissioned) {
        None => (Holds::Unknown, format!("no Payment Mode is recorded on or before {}", meter.commissioned)),
        Some(since) => (is_prepayment(since.mode), since.words()),
    }
}

fn prepayment_since(meter: &EnrolledMeter, story: &Story<'_>, on: Date) -> Answer {
    let (before, evidence) = prepayment_when_migrated(meter, story);
    if before != Holds::Yes {
        return (before, evidence);
    }
    let later = || story.modes.between(meter.commissioned, on);
    let other = later().find(|since| since.mode == Some(PaymentMode::Credit));
    match other.or_else(|| later().find(|since| since.mode.is_none())) {
        Some(since) => (is_prepayment(since.mode), since.words()),
        None => (Holds::Yes, format!("no other Payment Mode is recorded up to {on}")),
    }
}

fn is_prepayment(mode: Option<PaymentMode>) -> Holds {
    match mode {
        Some(PaymentMode::Prepayment) => Holds::Yes,
        Some(PaymentMode::Credit) => Holds::No,
        None => Holds::Unknown,
    }
}

/// Also the proof of the prepayment key: a Top Up that was processed needs the right one.
pub(super) fn no_top_up(meter: &EnrolledMeter, story: &Story<'_>, on: Date) -> Answer {
    let since = story.events.iter().filter(|event| meter.commissioned <= event.day && event.day <= on);
    let mut failed = 0;
    for event in since {
        match event.kind {
            MeterEventKind::TopUp(TopUpResult::Success) => {
                return (Holds::No, format!("a Top Up was successful on {} (row {})", event.day, event.row.0));
            }
            MeterEventKind::TopUp(TopUpResult::Failure) => failed += 1,
            _ => {}
        }
    }
    let failures = if failed > 0 { format!("; {failed} failed") } else { String::new() };
    (Holds::Yes, format!("no successful Top Up is recorded from {} to {on}{failures}", meter.commissioned))
}

fn no_change(meter: &EnrolledMeter, story: &Story<'_>, on: Date) -> Answer {
    // A change takes effect at the beginning of its day, so that one on the day of commissioning came before it.
    let since = |day| meter.commissioned < day && day <= on;
    match story.changes.effective.iter().find(|change| since(change.day)) {
        Some(change) => (Holds::No, format!("the supplier changed {}", change.words())),
        None => (Holds::Yes, format!("no change of supplier is recorded from {} to {on}", meter.commissioned)),
    }
}

fn pending(story: &Story<'_>, on: Date) -> Answer {
    match story.changes.pending(on) {
        Some(plan) => (Holds::Yes, format!("the supplier changes {}", plan.words())),
        None => (Holds::No, format!("no change of supplier is pending on {on}")),
    }
}
