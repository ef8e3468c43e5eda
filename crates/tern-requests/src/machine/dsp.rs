//! A request at the DSP: received, acknowledged, held until it is due, judged again, countersigned, with the S1SP, answered, replied.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Arrow, Transition};
use crate::refusal::Refusal;
use crate::stages::hold::{self, Timing};
use crate::stages::{Limits, respond};

/// A state without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateKind {
    /// Taken in and not yet judged; nothing has been said.
    Received,
    /// End: refused on its own connection.
    Refused,
    /// End: a Non-Device request, answered on its own connection.
    Answered,
    /// Acknowledged, and kept until it is due.
    Held,
    /// Due: access control judges it again.
    Rejudging,
    /// On its way to the S1SP.
    Sending,
    /// The S1SP has it.
    WithS1sp,
    /// A reply is on its way to the User.
    Replying,
    /// End: the User has every reply.
    Replied,
    /// End: a reply expired before the User took it.
    DeadLetter,
    /// End: taken back while it was held.
    TakenBack,
}

/// An event without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// Judged, and accepted.
    Accepted,
    /// Judged, and refused.
    Refused,
    /// Answered from the inventory.
    Answered,
    /// Time has passed.
    Woke,
    /// The User takes back what is held.
    TakenBack,
    /// The S1SP has it, durably.
    Handed,
    /// The S1SP's signed answer or alert came.
    FromS1sp,
    /// The User has a reply.
    Delivered,
    /// A reply expired.
    Expired,
    /// The DSP came back after a crash.
    Resumed,
}

/// Where a request stands; journalled with every transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// See [`StateKind::Received`].
    Received,
    /// See [`StateKind::Refused`].
    Refused,
    /// See [`StateKind::Answered`].
    Answered,
    /// See [`StateKind::Held`].
    Held {
        /// When it is due.
        due: Timestamp,
    },
    /// See [`StateKind::Rejudging`].
    Rejudging {
        /// When it was due.
        due: Timestamp,
    },
    /// See [`StateKind::Sending`].
    Sending,
    /// See [`StateKind::WithS1sp`].
    WithS1sp {
        /// From when on nothing is awaited any more.
        until: Timestamp,
    },
    /// See [`StateKind::Replying`].
    Replying,
    /// See [`StateKind::Replied`].
    Replied,
    /// See [`StateKind::DeadLetter`].
    DeadLetter,
    /// See [`StateKind::TakenBack`].
    TakenBack,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// See [`EventKind::Accepted`]: on receipt with its timing; when it was judged again with [`Timing::Now`].
    Accepted(Timing),
    /// See [`EventKind::Refused`]: by any stage of the DSP.
    Refused(Refusal),
    /// See [`EventKind::Answered`].
    Answered,
    /// See [`EventKind::Woke`].
    Woke,
    /// See [`EventKind::TakenBack`].
    TakenBack,
    /// See [`EventKind::Handed`].
    Handed,
    /// See [`EventKind::FromS1sp`].
    FromS1sp,
    /// See [`EventKind::Delivered`].
    Delivered,
    /// See [`EventKind::Expired`].
    Expired,
    /// See [`EventKind::Resumed`].
    Resumed,
}

/// What the DSP is to do next: journalled before it is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Say on the request's own connection that it is accepted, once this is durable.
    Acknowledge,
    /// Say on the request's own connection why it is not.
    Refuse(Refusal),
    /// Give the answer on the request's own connection.
    Answer,
    /// Wake it at that moment, across restarts.
    WakeAt(Timestamp),
    /// Ask access control again, with the facts of now.
    Judge,
    /// Countersign it, and hand it to the S1SP: its inbox drops what it has seen.
    Send,
    /// Take back what is held of the same service, device and User.
    TakeBack,
    /// Make a reply, sign it, and POST it to the User until it is acknowledged or expires.
    Reply(Reply),
}

/// What is replied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// It is done, by the DSP itself.
    Done,
    /// It is refused, or failed.
    Refused(Refusal),
    /// What the S1SP signed.
    FromS1sp,
}

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
        arrow(S::Replying, E::Expired, S::DeadLetter),
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
    /// Replies that the User has not got.
    pub undelivered: u8,
    /// Whether the S1SP's answer has come.
    pub answered: bool,
    /// Whether it went to the S1SP.
    pub sent: bool,
}

impl Default for RequestAtDsp {
    fn default() -> Self {
        RequestAtDsp { state: State::Received, replies: 0, undelivered: 0, answered: false, sent: false }
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
                self.undelivered = self.undelivered.saturating_sub(1);
                self.state = if self.undelivered == 0 { State::Replied } else { State::Replying };
                Some(Vec::new())
            }
            Event::Expired if open => {
                self.undelivered = 0;
                self.state = State::DeadLetter;
                Some(Vec::new())
            }
            Event::FromS1sp if self.sent && !self.answered => Some(self.answered_by_s1sp()),
            _ => None,
        }
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

impl State {
    /// The state without its particulars.
    #[must_use]
    pub fn kind(self) -> StateKind {
        match self {
            State::Received => StateKind::Received,
            State::Refused => StateKind::Refused,
            State::Answered => StateKind::Answered,
            State::Held { .. } => StateKind::Held,
            State::Rejudging { .. } => StateKind::Rejudging,
            State::Sending => StateKind::Sending,
            State::WithS1sp { .. } => StateKind::WithS1sp,
            State::Replying => StateKind::Replying,
            State::Replied => StateKind::Replied,
            State::DeadLetter => StateKind::DeadLetter,
            State::TakenBack => StateKind::TakenBack,
        }
    }

    /// Whether nothing more is awaited.
    #[must_use]
    pub fn is_at_rest(self) -> bool {
        use State::{Answered, DeadLetter, Refused, Replied, TakenBack};
        matches!(self, Refused | Answered | Replied | DeadLetter | TakenBack)
    }
}

impl Event {
    /// The event without its particulars.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Event::Accepted(_) => EventKind::Accepted,
            Event::Refused(_) => EventKind::Refused,
            Event::Answered => EventKind::Answered,
            Event::Woke => EventKind::Woke,
            Event::TakenBack => EventKind::TakenBack,
            Event::Handed => EventKind::Handed,
            Event::FromS1sp => EventKind::FromS1sp,
            Event::Delivered => EventKind::Delivered,
            Event::Expired => EventKind::Expired,
            Event::Resumed => EventKind::Resumed,
        }
    }
}

impl Effect {
    /// What it is called in its key, with the number of the reply that it makes.
    #[must_use]
    pub fn name(&self, replies: u8) -> String {
        match self {
            Effect::Acknowledge => "acknowledge".to_owned(),
            Effect::Refuse(_) => "refuse".to_owned(),
            Effect::Answer => "answer".to_owned(),
            Effect::WakeAt(_) => "wake".to_owned(),
            Effect::Judge => "judge".to_owned(),
            Effect::Send => "send".to_owned(),
            Effect::TakeBack => "take-back".to_owned(),
            Effect::Reply(_) => format!("reply-{replies}"),
        }
    }
}
