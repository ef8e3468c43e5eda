//! Hold at the DSP: a request for a later moment is kept until then. For SMETS1 the DSP keeps those too that a SMETS2 device would keep
//! itself (P, unconfirmed).

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::Limits;
use crate::asked::Asked;
use crate::codes::Reason;
use crate::refusal::Refusal;

/// When a request is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// At once. A moment that has passed is now (P).
    Now,
    /// When it is due.
    Later(Timestamp),
    /// Not at all: it takes back what is held of the same service, device and User.
    Cancel,
}

/// When a request is carried out.
#[must_use]
pub fn timing(asked: &Asked, now: Timestamp) -> Timing {
    match asked.execution {
        Some(moment) if cancels(moment) => Timing::Cancel,
        Some(moment) if moment > now => Timing::Later(moment),
        _ => Timing::Now,
    }
}

/// Whether an ExecutionDateTime takes back what is held: the DCC's public templates send the last day of the year 3000.
#[must_use]
pub fn cancels(moment: Timestamp) -> bool {
    let from = date(3000, 12, 31).to_zoned(TimeZone::UTC).map(|day| day.timestamp());
    from.is_ok_and(|from| moment >= from)
}

/// Judges a request that was due at a moment and could be sent only now.
///
/// # Errors
/// [`Reason::HeldTooLong`].
pub fn overdue(due: Timestamp, now: Timestamp, limits: &Limits) -> Result<(), Refusal> {
    if now.duration_since(due) <= limits.overdue {
        return Ok(());
    }
    Err(Refusal::new(Reason::HeldTooLong, format!("it was due at {due}, and could be sent at {now} only")))
}
