//! Transitions in sentences.

use tern_requests::Refusal;
use tern_requests::machine::dsp::{self, EventKind, Reply, StateKind};
use tern_requests::machine::s1sp::{self, Outcome};

use crate::request_line::{DspLine, S1spLine};

/// What the DSP did.
pub(super) fn of_dsp(line: &DspLine) -> String {
    let arrow = &line.taken.arrow;
    let happened = match (arrow.on, arrow.to) {
        (EventKind::Accepted, _) if arrow.from == StateKind::Rejudging => "judged again, and accepted",
        (EventKind::Accepted, StateKind::Held) => "accepted, and held",
        (EventKind::Accepted, _) => "accepted",
        (EventKind::Refused, _) => "refused",
        (EventKind::Answered, _) => "answered by the DCC itself",
        (EventKind::Woke, StateKind::Rejudging) => "due: access is judged again",
        (EventKind::Woke, StateKind::Replying) => "given up waiting for the S1SP",
        (EventKind::Woke, _) => "looked at before its moment",
        (EventKind::TakenBack, _) => "taken back by its User before it was due",
        (EventKind::Handed, _) => "countersigned, and handed to the S1SP",
        (EventKind::FromS1sp, _) => "what the S1SP signed came",
        (EventKind::Delivered, _) => "the User has taken a reply",
        (EventKind::Expired, _) => "a reply has become a dead letter",
        (EventKind::SentAgain, _) => "a dead letter is on its way again",
        (EventKind::Resumed, _) => "taken up again after a start",
    };
    let next = line.taken.effects.iter().filter_map(dsp_next);
    sentence(happened, line.words.as_deref(), next)
}

fn dsp_next(effect: &dsp::Effect) -> Option<String> {
    Some(match effect {
        dsp::Effect::Refuse(refusal) => refused(refusal),
        dsp::Effect::WakeAt(at) => format!("looked at again at {at:.0}"),
        dsp::Effect::TakeBack => "what is held of the same service and device is taken back".to_owned(),
        dsp::Effect::Reply(Reply::Refused(refusal)) => format!("a reply says so: {}", refused(refusal)),
        dsp::Effect::Reply(_) => "a reply is signed for the User".to_owned(),
        _ => return None,
    })
}

/// What the S1SP did.
pub(super) fn of_s1sp(line: &S1spLine) -> String {
    use s1sp::EventKind as E;
    let arrow = &line.taken.arrow;
    let happened = match arrow.on {
        E::Planned => "judged, and planned",
        E::Refused => "refused",
        E::Protected => "the DCO consented",
        E::DcoSaid => "the DCO did not consent",
        E::Obeyed if arrow.from == s1sp::State::Protecting => "the DCO has seen that the device obeyed",
        E::Obeyed => "the device obeyed",
        E::DeviceRefused => "the device refused",
        E::Unreachable => "the device was not reached",
        E::Lost => "no answer came",
        E::Probed if matches!(line.taken.effects.first(), Some(s1sp::Effect::Tell(Outcome::Done))) => "it had happened",
        E::Probed => "the next step is known",
        E::Delivered => "the DSP has what was signed",
        E::Resumed => "taken up again after a start",
    };
    let next = line.taken.effects.iter().map(s1sp_next);
    sentence(happened, line.words.as_deref(), next)
}

fn s1sp_next(effect: &s1sp::Effect) -> String {
    match effect {
        s1sp::Effect::Judge => "it is judged".to_owned(),
        s1sp::Effect::Protect { at } => format!("the DCO is asked about instruction {}", at + 1),
        s1sp::Effect::Ask { at } => format!("the device is asked ({})", at + 1),
        s1sp::Effect::Probe { .. } => "what has happened is found out".to_owned(),
        s1sp::Effect::Tell(Outcome::Done) => "a response is signed".to_owned(),
        s1sp::Effect::Tell(Outcome::NotDone) => "a response that says so is signed".to_owned(),
        s1sp::Effect::Tell(Outcome::Alert(refusal)) => format!("an alert is signed: {}", refused(refusal)),
    }
}

fn refused(refusal: &Refusal) -> String {
    format!("{} ({}, at {})", refusal.text, refusal.reason.key(), refusal.stage())
}

/// What happened, why, and what comes next. What next says why too is not said twice.
fn sentence(happened: &str, why: Option<&str>, next: impl Iterator<Item = String>) -> String {
    let next: Vec<String> = next.collect();
    let why = why.filter(|why| !next.iter().any(|next| next.contains(why)));
    let first = why.map_or(happened.to_owned(), |why| format!("{happened}: {why}"));
    std::iter::once(first).chain(next).collect::<Vec<_>>().join("; ")
}
