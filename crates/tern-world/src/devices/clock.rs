//! What time it is in the world, and what each meter believes it to be.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// The world's time: the machine's, one that starts at a moment, or one that somebody else keeps; it may be moved on.
pub struct WorldClock {
    told: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    moved_seconds: AtomicI64,
}

impl fmt::Debug for WorldClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WorldClock").field(&self.now()).finish()
    }
}

impl WorldClock {
    /// The machine's time.
    #[must_use]
    pub fn of_machine() -> WorldClock {
        WorldClock::told_by(Arc::new(Timestamp::now))
    }

    /// The time that somebody else keeps, so that there is one clock and not two.
    #[must_use]
    pub fn told_by(told: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> WorldClock {
        WorldClock { told, moved_seconds: AtomicI64::new(0) }
    }

    /// Time that passes as the machine's does, from a moment on.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> WorldClock {
        let since = Instant::now();
        WorldClock::told_by(Arc::new(move || {
            let elapsed = SignedDuration::try_from(since.elapsed()).unwrap_or(SignedDuration::MAX);
            start.checked_add(elapsed).unwrap_or(Timestamp::MAX)
        }))
    }

    /// Lets so many seconds pass at once.
    pub fn advance(&self, seconds: i64) {
        self.moved_seconds.fetch_add(seconds, Ordering::AcqRel);
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let moved = SignedDuration::from_secs(self.moved_seconds.load(Ordering::Acquire));
        (self.told)().checked_add(moved).unwrap_or(Timestamp::MAX)
    }
}

/// A meter's clock: it was right but for an offset at a moment, and is too fast or too slow since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeterClock {
    /// When it was last set, in the world's time.
    pub set_at: Timestamp,
    /// How far it was ahead of the world's time then, in seconds.
    pub offset_seconds: i64,
    /// How fast it runs away from the world's time, in seconds a million seconds.
    pub drift_ppm: i64,
}

impl MeterClock {
    /// What the meter believes at a moment of the world's time, in whole seconds.
    #[must_use]
    pub fn reads(&self, now: Timestamp) -> Timestamp {
        let since = now.as_second().saturating_sub(self.set_at.as_second());
        let drifted = since.saturating_mul(self.drift_ppm) / 1_000_000;
        let seconds = now.as_second().saturating_add(self.offset_seconds).saturating_add(drifted);
        Timestamp::from_second(seconds).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meters_clock_runs_away_until_it_is_set() {
        let set_at = Timestamp::from_second(1_000_000).expect("a moment");
        let clock = MeterClock { set_at, offset_seconds: 5, drift_ppm: -40 };
        assert_eq!(clock.reads(set_at).as_second(), 1_000_005);
        let later = Timestamp::from_second(3_000_000).expect("a moment");
        assert_eq!(clock.reads(later).as_second(), 3_000_005 - 80);
    }

    #[test]
    fn time_passes_at_once_where_it_is_told_to() {
        let start: Timestamp = "2021-03-02T09:00:00Z".parse().expect("a moment");
        let clock = WorldClock::starting_at(start);
        clock.advance(3600);
        let passed = clock.now().duration_since(start).as_secs();
        assert!((3600..3660).contains(&passed), "{passed}");
    }
}
