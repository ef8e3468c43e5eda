//! A request at the DSP: received, acknowledged, held until it is due, judged again, countersigned, with the S1SP, answered, replied.

mod terms;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Arrow, Transition};
use crate::stages::hold::{self, Timing};
use crate::stages::{Limits, respond};

pub use terms::{Effect, Event, EventKind, Reply, State, StateKind};

const fn arrow(from: StateKind, on: EventKind, to: StateKind) -> Arrow<StateKind, EventKind> {
    Arrow { from, on, to }
}

/// Every permitted transition.
pub const TABLE: &[Arrow<StateKind, EventKind>] = {
    use {EventKind as E, StateKind as S};
    &[
        arrow(S::Received, E::Refused, S::Refused),
        arrow(S::Received, E::Answered, S::Answered),
        arrow(S::Received, E::Accepted, S::Sending),
        arrow(S::Received, E::Accepted, S::Held),
        // One that takes back what is held is done with that.
        arrow(S::Received, E::Accepted, S::Replying),
        arrow(S::Held, E::Woke, S::Held),
        arrow(S::Held, E::Woke, S::Rejudging),
        arrow(S::Held, E::TakenBack, S::TakenBack),
        arrow(S::Held, E::Resumed, S::Held),
        arrow(S::Rejudging, E::Accepted, S::Sending),
        // Due for too long.
        arrow(S::Rejudging, E::Accepted, S::Replying),
        arrow(S::Rejudging, E::Refused, S::Replying),
        arrow(S::Rejudging, E::Resumed, S::Rejudging),
        arrow(S::Sending, E::Handed, S::WithS1sp),
        arrow(S::Sending, E::Refused, S::Replying),
        // An answer may overtake the word that the request has arrived.
        arrow(S::Sending, E::FromS1sp, S::Replying),
        arrow(S::Sending, E::Resumed, S::Sending),
        arrow(S::WithS1sp, E::FromS1sp, S::Replying),
        arrow(S::WithS1sp, E::Woke, S::WithS1sp),
        arrow(S::WithS1sp, E::Woke, S::Replying),
        arrow(S::WithS1sp, E::Resumed, S::WithS1sp),
        arrow(S::Replying, E::Delivered, S::Replied),
        arrow(S::Replying, E::Delivered, S::Replying),
        arrow(S::Replying, E::Delivered, S::DeadLetter),
        arrow(S::Replying, E::Expired, S::DeadLetter),
        arrow(S::Replying, E::Expired, S::Replying),
        arrow(S::Replying, E::SentAgain, S::Replying),
        arrow(S::DeadLetter, E::SentAgain, S::Replying),
        // After "no response in time" the answer may still come: the User gets it too, once.
        arrow(S::Replying, E::FromS1sp, S::Replying),
        arrow(S::Replied, E::FromS1sp, S::Replying),
        arrow(S::DeadLetter, E::FromS1sp, S::Replying),
    ]
};

/// A request at the DSP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestAtDsp {
    /// Where it stands.
    pub state: State,
    /// Replies made so far; their number is part of each one's key.
    pub replies: u8,
    /// Replies that are on their way to the User.
    pub undelivered: u8,
    /// Replies that are dead letters.
    pub dead: u8,
    /// Whether the S1SP's answer has come.
    pub answered: bool,
    /// Whether it went to the S1SP.
    pub sent: bool,
}

impl Default for RequestAtDsp {
    fn default() -> Self {
        RequestAtDsp { state: State::Received, replies: 0, undelivered: 0, dead: 0, answered: false, sent: false }
    }
}

/// How long the DSP waits for an S1SP (configuration, P).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// From when on it says that no response came.
    pub answer: SignedDuration,
}

impl Default for Waits {
    fn default() -> Self {
        Waits { answer: SignedDuration::from_hours(4) }
    }
}

type Taken = Transition<StateKind, EventKind, Effect>;

impl RequestAtDsp {
    /// Takes an event in.
    ///
    /// `None` where the state does not know the event: nothing changes, and it is a repeat, a late word or a mistake of the caller.
    #[must_use]
    pub fn on(&mut self, event: Event, now: Timestamp, limits: &Limits, waits: Waits) -> Option<Taken> {
        let (from, on) = (self.state.kind(), event.kind());
        let effects = match (self.state, event) {
            (State::Received, event) => self.received(event)?,
            (State::Held { due }, event) => self.held(due, event, now)?,
            (State::Rejudging { due }, event) => self.rejudging(due, event, now, limits)?,
            (State::Sending, event) => self.sending(event, now, waits)?,
            (State::WithS1sp { until }, event) => self.with_s1sp(until, event, now)?,
            (State::Replying | State::Replied | State::DeadLetter, event) => self.replying(event)?,
            _ => return None,
        };
        Some(Transition { arrow: Arrow { from, on, to: self.state.kind() }, effects })
    }

    fn received(&mut self, event: Event) -> Option<Vec<Effect>> {
        let (state, effects) = match event {
            Event::Refused(refusal) => (State::Refused, vec![Effect::Refuse(refusal)]),
            Event::Answered => (State::Answered, vec![Effect::Answer]),
            Event::Accepted(Timing::Now) => (State::Sending, vec![Effect::Acknowledge, Effect::Send]),
            Event::Accepted(Timing::Later(due)) => {
                (State::Held { due }, vec![Effect::Acknowledge, Effect::WakeAt(due)])
            }
            Event::Accepted(Timing::Cancel) => {
                let reply = self.reply(Reply::Done);
                return Some([vec![Effect::Acknowledge, Effect::TakeBack], reply].concat());
            }
            _ => return None,
        };
        self.state = state;
        Some(effects)
    }

    fn held(&mut self, due: Timestamp, event: Event, now: Timestamp) -> Option<Vec<Effect>> {
        match event {
            Event::Woke if now >= due => {
                self.state = State::Rejudging { due };
                Some(vec![Effect::Judge])
            }
            // The clock may have been set back, and a restart knows of no alarm.
            Event::Woke | Event::Resumed => Some(vec![Effect::WakeAt(due)]),
            Event::TakenBack => {
                self.state = State::TakenBack;
                Some(Vec::new())
            }
            _ => None,
        }
    }

    fn rejudging(&mut self, due: Timestamp, event: Event, now: Timestamp, limits: &Limits) -> Option<Vec<Effect>> {
        match event {
            Event::Accepted(_) => match hold::overdue(due, now, limits) {
                Ok(()) => {
                    self.state = State::Sending;
                    Some(vec![Effect::Send])
                }
                Err(refusal) => Some(self.reply(Reply::Refused(refusal))),
            },
            Event::Refused(refusal) => Some(self.reply(Reply::Refused(refusal))),
            Event::Resumed => Some(vec![Effect::Judge]),
            _ => None,
        }
    }

    fn sending(&mut self, event: Event, now: Timestamp, waits: Waits) -> Option<Vec<Effect>> {
        match event {
            Event::Handed => {
                let until = now.checked_add(waits.answer).unwrap_or(Timestamp::MAX);
                self.sent = true;
                self.state = State::WithS1sp { until };
                Some(vec![Effect::WakeAt(until)])
            }
            Event::Refused(refusal) => Some(self.reply(Reply::Refused(refusal))),
            Event::FromS1sp => {
                self.sent = true;
                Some(self.answered_by_s1sp())
            }
            Event::Resumed => Some(vec![Effect::Send]),
            _ => None,
        }
    }

    fn with_s1sp(&mut self, until: Timestamp, event: Event, now: Timestamp) -> Option<Vec<Effect>> {
        match event {
            Event::FromS1sp => Some(self.answered_by_s1sp()),
            Event::Woke => Some(match respond::awaited(until, now) {
                Ok(()) => vec![Effect::WakeAt(until)],
                Err(refusal) => self.reply(Reply::Refused(refusal)),
            }),
            Event::Resumed => Some(vec![Effect::WakeAt(until)]),
            _ => None,
        }
    }

    fn replying(&mut self, event: Event) -> Option<Vec<Effect>> {
        let open = self.state == State::Replying;
        match event {
            Event::Delivered if open => {
                self.one_less();
                Some(Vec::new())
            }
            Event::Expired if open => {
                self.dead += 1;
                self.one_less();
                Some(Vec::new())
            }
            Event::SentAgain if self.dead > 0 => {
                (self.dead, self.undelivered) = (self.dead - 1, self.undelivered + 1);
                self.state = State::Replying;
                Some(Vec::new())
            }
            Event::FromS1sp if self.sent && !self.answered => Some(self.answered_by_s1sp()),
            _ => None,
        }
    }

    /// A reply is not on its way any more.
    fn one_less(&mut self) {
        self.undelivered = self.undelivered.saturating_sub(1);
        self.state = match (self.undelivered, self.dead) {
            (0, 0) => State::Replied,
            (0, _) => State::DeadLetter,
            _ => State::Replying,
        };
    }

    fn answered_by_s1sp(&mut self) -> Vec<Effect> {
        self.answered = true;
        self.reply(Reply::FromS1sp)
    }

    fn reply(&mut self, reply: Reply) -> Vec<Effect> {
        self.state = State::Replying;
        self.replies += 1;
        self.undelivered += 1;
        vec![Effect::Reply(reply)]
    }
}
