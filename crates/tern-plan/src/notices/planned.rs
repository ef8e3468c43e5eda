//! The notices of an installation's story, each with the day of the first steps that it came before: what notice
//! compliance is measured against (PL1, PL3).

use jiff::civil::Date;
use tern_model::PartyId;

use crate::plan::{Line, NoticeOf, What};

/// A notice that a plan has go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedNotice {
    /// On which day.
    pub day: Date,
    /// Of what.
    pub of: NoticeOf,
    /// To whom.
    pub to: PartyId,
    /// So many Working Days before the steps at least; none where the supplier gains a meter, which has no such term.
    pub working_days: Option<u16>,
    /// The earliest day for the steps that it announces.
    pub earliest: Date,
    /// The day of the first of the steps, or, where none is planned, the earliest day that was announced.
    pub steps: Date,
}

/// The notices of a story, in its order.
#[must_use]
pub fn planned(story: &[Line]) -> Vec<PlannedNotice> {
    let mut all = Vec::new();
    for (at, line) in story.iter().enumerate() {
        match &line.what {
            What::Notice { of, to, working_days, earliest, .. } => {
                let steps = first_step(*of, &story[at..]).unwrap_or(*earliest);
                let working_days = Some(*working_days);
                all.push(PlannedNotice { day: line.day, of: *of, to: *to, working_days, earliest: *earliest, steps });
            }
            What::NoticeToNew { of, to, .. } => {
                for (of, earliest) in told_to_new(*of, &story[..at]) {
                    let earliest = earliest.max(line.day);
                    let steps = first_step(of, &story[at..]).unwrap_or(earliest);
                    all.push(PlannedNotice { day: line.day, of, to: *to, working_days: None, earliest, steps });
                }
            }
            _ => {}
        }
    }
    all
}

/// The first day on which something is done that a notice was of, before the installation leaves what was announced.
fn first_step(of: NoticeOf, story: &[Line]) -> Option<Date> {
    for line in story {
        match (of, &line.what) {
            (NoticeOf::Preparation, What::HopBegun { .. } | What::ConfigurationBegun)
            | (NoticeOf::Migration, What::Migration(_)) => return Some(line.day),
            (_, What::Left { .. } | What::TurnedActive) | (NoticeOf::Preparation, What::Withdrawn) => return None,
            _ => {}
        }
    }
    None
}

/// What a supplier that gains a meter is told after this much of a story, with the earliest day for it: all that is still to
/// be done, where its line does not say of what.
pub(super) fn told_to_new(of: Option<NoticeOf>, story: &[Line]) -> Vec<(NoticeOf, Date)> {
    let mut told = pending(story);
    told.retain(|(pending, _)| of.is_none_or(|of| of == *pending));
    told
}

/// What was announced in a story and is still to be done, with the earliest day for it.
fn pending(story: &[Line]) -> Vec<(NoticeOf, Date)> {
    let mut pending = Vec::new();
    for line in story {
        match line.what {
            What::Notice { of, earliest, .. } => {
                pending.retain(|(other, _)| *other != of);
                pending.push((of, earliest));
            }
            What::Ready | What::Withdrawn => pending.retain(|(of, _)| *of != NoticeOf::Preparation),
            What::TurnedActive | What::Left { .. } => pending.clear(),
            _ => {}
        }
    }
    pending
}
