//! The time, real or virtual: the one place where the running system asks for it.

use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::london_day;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Today in Europe/London.
    fn today(&self) -> Date {
        london_day(self.now())
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that starts where configuration says and goes on at the pace of the real one.
#[derive(Debug, Clone, Copy)]
pub struct VirtualClock {
    start: Timestamp,
    since: Instant,
}

impl VirtualClock {
    /// A clock that shows `start` now.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> VirtualClock {
        VirtualClock { start, since: Instant::now() }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        jiff::SignedDuration::try_from(self.since.elapsed())
            .ok()
            .and_then(|passed| self.start.checked_add(passed).ok())
            .unwrap_or(Timestamp::MAX)
    }
}
