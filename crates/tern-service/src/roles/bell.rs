//! Wakes whoever waits for something to do, so that nobody looks for it all the time.
//!
//! Each kind of work has a bell of its own: what happens with one request must never wake everybody.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a link that failed is left alone: longer each time, up to a bound.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pause(Duration);

impl Pause {
    const FIRST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(2);

    pub(crate) fn new() -> Pause {
        Pause(Pause::FIRST)
    }

    /// The next one.
    pub(crate) fn next(&mut self) -> Duration {
        let now = self.0;
        self.0 = (now * 2).min(Pause::LONGEST);
        now
    }
}

/// The bells of a process, one for each kind of work.
#[derive(Debug, Default)]
pub(crate) struct Bells {
    /// Sets, and all that a migration leads to.
    pub(crate) sets: Bell,
    /// A request goes on at the DSP.
    pub(crate) requests: Bell,
    /// A request waits for the S1SP's workers.
    pub(crate) steps: Bell,
    /// What the S1SP signed waits for the DSP.
    pub(crate) answers: Bell,
    /// A reply waits for a User.
    pub(crate) replies: Bell,
    /// An image waits for a device.
    pub(crate) images: Bell,
}

impl Bells {
    /// Wakes everybody: the clock was set, or it is over.
    pub(crate) fn ring_all(&self) {
        let Bells { sets, requests, steps, answers, replies, images } = self;
        [sets, requests, steps, answers, replies, images].into_iter().for_each(Bell::ring);
    }
}

/// A bell that any number of threads hear.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: Mutex<u64>,
    heard: Condvar,
}

impl Bell {
    /// Wakes everybody who waits for it.
    pub(crate) fn ring(&self) {
        *self.held() += 1;
        self.heard.notify_all();
    }

    /// Wakes one who waits for it: there is something for one more to do.
    pub(crate) fn ring_one(&self) {
        *self.held() += 1;
        self.heard.notify_one();
    }

    /// How often it has rung.
    pub(crate) fn rung(&self) -> u64 {
        *self.held()
    }

    /// Waits until it rings after `seen`, or for so long.
    pub(crate) fn wait(&self, seen: u64, at_most: Duration) {
        let waited = self.heard.wait_timeout_while(self.held(), at_most, |rung| *rung == seen);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn held(&self) -> MutexGuard<'_, u64> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
