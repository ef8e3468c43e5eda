//! The one executor: runs the machines of many installations at once, and makes every transition durable before its effect is tried.
//!
//! Whatever has been answered since the last turn goes into one transaction, with the effects that follow; only then are
//! those effects ordered. So a turn costs one fsync however many installations take part, and a crash at any moment leaves
//! a journal that says what may have been in flight. It must never decide what comes next (the machine does) nor know what
//! a row means (the cohort does).

mod lanes;
mod live;
mod record;
pub(crate) mod standing;
mod turn;

pub use lanes::{Access, Lanes, Order, Returned};
pub(crate) use record::count_on;
pub use record::{DccSide, InstallationRecord, JournalLine, KIND, Numbers, SealedKeys, key_of};
pub use turn::{Executor, Running, Settings};
