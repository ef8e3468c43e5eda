//! What a request at the DSP is said to be, what happens to it, and what is done then.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;
use crate::stages::hold::Timing;

/// A state without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateKind {
    /// Taken in and not yet judged; nothing has been said.
    Received,
    /// End: refused on its own connection.
    Refused,
    /// End: answered on its own connection, a Non-Device request or one that is returned as a pre-command.
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
    /// End: the User has not got every reply, and what it has not got is a dead letter.
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
    /// Answered by the DSP itself.
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
    /// A reply expired, or the User refused it for good.
    Expired,
    /// The operator sends a dead letter again.
    SentAgain,
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
    /// See [`EventKind::SentAgain`].
    SentAgain,
    /// See [`EventKind::Resumed`].
    Resumed,
}

/// What the DSP is to do next: journalled before it is tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
            Event::SentAgain => EventKind::SentAgain,
            Event::Resumed => EventKind::Resumed,
        }
    }
}
