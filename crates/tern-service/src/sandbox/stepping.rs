//! The clock is stepped: not over what is held, but from one moment to the next at which something is due, so that each is
//! carried out when it was to be.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::desk::UnderWay;
use crate::clock::{Clock, SteppedClock};
use crate::fault::ServiceFault;
use crate::roles::Hands;

/// What is due at one moment is waited for so long; what takes longer goes on while the clock does.
const PATIENCE: Duration = Duration::from_secs(60);
/// So often it is looked whether that is done.
const LOOK: Duration = Duration::from_millis(25);

/// Steps to a moment, over every moment at which something is due; gives the time that it is then, and at how many moments
/// it stopped on the way.
///
/// # Errors
/// A store failed, or the step cannot be kept.
pub(super) fn step(
    clock: &SteppedClock,
    to: Timestamp,
    under_way: &dyn UnderWay,
    hands: Hands<'_>,
) -> Result<(Timestamp, usize), ServiceFault> {
    let mut stops = 0;
    loop {
        rest(under_way, hands)?;
        if hands.halt.is_asked() {
            return Ok((clock.now(), stops));
        }
        // What is due by now is under way, however long it takes.
        let next = under_way.next_due(clock.now())?.filter(|due| *due <= to);
        clock.step_to(next.unwrap_or(to))?;
        hands.bells.ring_all();
        match next {
            Some(_) => stops += 1,
            None => return Ok((clock.now(), stops)),
        }
    }
}

/// Waits until nothing that is due is under way.
fn rest(under_way: &dyn UnderWay, hands: Hands<'_>) -> Result<(), ServiceFault> {
    let until = Instant::now() + PATIENCE;
    while !under_way.is_at_rest()? && Instant::now() < until && !hands.halt.is_asked() {
        hands.bells.replies.wait(hands.bells.replies.rung(), LOOK);
    }
    Ok(())
}
