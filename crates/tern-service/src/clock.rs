//! The time, real or virtual: the one place where the running system asks for it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tern_model::london_day;

use crate::fault::ServiceFault;
use crate::pki::files;

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
        SignedDuration::try_from(self.since.elapsed())
            .ok()
            .and_then(|passed| self.start.checked_add(passed).ok())
            .unwrap_or(Timestamp::MAX)
    }
}

/// A clock that was stepped ahead of another one, and may be stepped on. How far is kept in a file: a step is durable before
/// anybody sees it, and no step ever goes back.
pub struct SteppedClock {
    of: Arc<dyn Clock>,
    file: PathBuf,
    ahead_ms: AtomicI64,
    steps: Mutex<()>,
}

impl SteppedClock {
    /// A clock that is ahead of `of` as far as a file says; one that is not there says nothing.
    ///
    /// # Errors
    /// The file cannot be read, or says no number.
    pub fn open(of: Arc<dyn Clock>, file: PathBuf) -> Result<SteppedClock, ServiceFault> {
        let ahead = kept_steps(&file)?;
        let ahead_ms = AtomicI64::new(i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX));
        Ok(SteppedClock { of, file, ahead_ms, steps: Mutex::new(()) })
    }

    /// Steps to a moment, unless it is that late already; gives the time that it is then.
    ///
    /// # Errors
    /// The file cannot be written: then it is as late as it was.
    pub fn step_to(&self, moment: Timestamp) -> Result<Timestamp, ServiceFault> {
        let _alone = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        if moment > now {
            let missing = moment.as_millisecond().saturating_sub(now.as_millisecond()).saturating_add(1);
            let ahead = self.ahead_ms.load(Ordering::Acquire).saturating_add(missing);
            files::write(&self.file, format!("{ahead}\n").as_bytes(), files::Access::Everybody)?;
            self.ahead_ms.store(ahead, Ordering::Release);
        }
        Ok(self.now())
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.ahead_ms.load(Ordering::Acquire));
        self.of.now().checked_add(ahead).unwrap_or(Timestamp::MAX)
    }
}

/// A clock that is so far ahead of another one.
pub(crate) struct Ahead {
    pub(crate) of: Arc<dyn Clock>,
    pub(crate) by: SignedDuration,
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        self.of.now().checked_add(self.by).unwrap_or(Timestamp::MAX)
    }
}

/// How far a file says that a clock was stepped ahead, in milliseconds.
pub(crate) fn kept_steps(file: &Path) -> Result<SignedDuration, ServiceFault> {
    let fault = |why: String| ServiceFault::file("read how far the clock was stepped", file, why);
    match std::fs::read_to_string(file) {
        Ok(text) => match text.trim().parse::<i64>() {
            Ok(ahead @ 0..) => Ok(SignedDuration::from_millis(ahead)),
            _ => Err(fault("it holds no number of milliseconds".to_owned())),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(SignedDuration::ZERO),
        Err(error) => Err(fault(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_kept_and_none_goes_back() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("clock");
        let start: Timestamp = "2026-11-21T09:00:00Z".parse().expect("a moment");
        let open = || SteppedClock::open(Arc::new(VirtualClock::starting_at(start)), file.clone()).expect("opens");
        let clock = open();
        let day = SignedDuration::from_hours(24);
        let tomorrow = start + day;
        assert!(clock.step_to(tomorrow).expect("steps") >= tomorrow);
        assert!(clock.step_to(start).expect("stays") >= tomorrow, "no step goes back");
        // The clock below begins anew with each start; what was stepped is not lost.
        assert!(open().now() >= tomorrow);
        std::fs::write(&file, "-5").expect("written");
        assert!(SteppedClock::open(Arc::new(SystemClock), file.clone()).is_err());
    }
}
