//! Clocks.

use jiff::Timestamp;
use tern_dlms::{CosemDateTime, Data};
use tern_requests::TaskAnswer;
use tern_requests::task::ClockStatus;

use super::super::objects;
use super::{Server, Trouble, failed};
use crate::NotInstructed;

/// 6.11, 8.1.1: the S1SP's own time, as long as the User's is not too far from it. So an instruction that waited sets no clock
/// wrong.
pub(super) fn set((now, tolerance): (Timestamp, u32), at: Timestamp) -> Result<Vec<Vec<u8>>, NotInstructed> {
    let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
    if now.as_millisecond().abs_diff(at.as_millisecond()) > u64::from(tolerance) * 1000 {
        return Err(NotInstructed::OutOfTolerance);
    }
    Ok(vec![super::set(objects::CLOCK, Data::date_time(&CosemDateTime::from_timestamp(at)))])
}

/// What the clock reads afterwards.
pub(super) fn read(server: &mut Server<'_, '_>) -> Result<TaskAnswer, Trouble> {
    let [time] = server.read([objects::CLOCK])?;
    let reads = time.as_date_time().ok().and_then(|time| time.timestamp());
    let reads = reads.ok_or_else(|| failed("the clock tells no time"))?;
    Ok(TaskAnswer::Clock { reads, status: ClockStatus::Reliable })
}
