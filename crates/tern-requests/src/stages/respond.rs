//! The answer: what the DSP says where nothing came from the S1SP.

use jiff::Timestamp;

use crate::codes::Reason;
use crate::refusal::Refusal;

/// Judges a request that was sent on at a moment and of which nothing was heard until now.
///
/// # Errors
/// [`Reason::NoResponse`], from `until` on.
pub fn awaited(until: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if now < until {
        return Ok(());
    }
    Err(Refusal::new(Reason::NoResponse, format!("nothing was heard of it until {until}")))
}
