//! P-prepayment-key, after the rationale of 4.49 (S002 item 6): the Responsible Supplier of an Active Meter in Prepayment Mode verifies its prepayment
//! key after commissioning. A successful Top Up does (P).

use serde::Serialize;
use tern_model::MeterState;
use tern_model::facts::PaymentMode;

use super::credit_mode::{enrolled, group, no_top_up};
use super::{Condition, EnrolledMeter, Holds, Story, all};

/// Whether a meter's prepayment key is still to be verified on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrepaymentKey {
    /// What must hold for it, all of it.
    pub conditions: [Condition; 5],
    /// Whether it is: unknown where the events do not say the mode, and all else holds.
    pub unverified: Holds,
}

/// Judges a meter on the last day of its story.
#[must_use]
pub fn prepayment_key(meter: &EnrolledMeter, story: &Story<'_>) -> PrepaymentKey {
    let on = story.day;
    let active = match meter.state {
        Some(state) => (holds(state == MeterState::Active), format!("{} in the Common File", state.as_str())),
        None => (Holds::Unknown, "the record of its migration does not say".to_owned()),
    };
    let mode = match story.modes.on(on) {
        None => (Holds::Unknown, format!("no Payment Mode is recorded on or before {on}")),
        Some(since) => {
            let prepayment = since.mode.map_or(Holds::Unknown, |mode| holds(mode == PaymentMode::Prepayment));
            (prepayment, since.words())
        }
    };
    let of = |asks, (holds, evidence)| Condition { letter: '-', asks, holds, evidence };
    let conditions = [
        of("commissioned", enrolled(meter, on)),
        of("GroupID EA, EB or EC", group(meter)),
        of("an Active Meter", active),
        of("in Prepayment Mode", mode),
        of("no Top Up successfully processed since Commissioned", no_top_up(meter, story, on)),
    ];
    PrepaymentKey { unverified: all(&conditions), conditions }
}

fn holds(yes: bool) -> Holds {
    if yes { Holds::Yes } else { Holds::No }
}
