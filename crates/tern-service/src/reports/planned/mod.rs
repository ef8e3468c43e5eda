//! What a plan has for everybody, counted story by story: a calendar of its days, and the reports of PL15 as planned.
//!
//! Only sums are kept, and of those who are excluded a few bytes each: a plan has a million stories. Nothing here decides a day,
//! and no clock is asked: the same plan gives the same files.

mod calendar;
mod days;

pub use calendar::Calendar;
pub use days::{Day, Days, Doing};
