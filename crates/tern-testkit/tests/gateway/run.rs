//! A seeded run that many Users carry out at once: which numbers each execution gets, and what is said of it at the end.
//!
//! A test makes the executions that it is asked for here; `cargo xtask soak` asks for other ones, by `TERN_SOAK_SEED`,
//! `TERN_SOAK_MINUTES` and `TERN_SOAK_ONLY`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tern_testkit::Dice;

/// Users at work at once.
pub const AT_ONCE: usize = 4;

/// A run that goes on.
pub struct Run {
    name: &'static str,
    seed: u64,
    next: AtomicU64,
    end: u64,
    deadline: Option<Instant>,
    started: Instant,
    of_tests: bool,
}

impl Run {
    /// A run of so many executions, unless others are asked for.
    pub fn new(name: &'static str, executions: u64) -> Run {
        let (started, seed) = (Instant::now(), asked("TERN_SOAK_SEED").unwrap_or(20_210_302));
        let (mut next, mut end, mut deadline, mut of_tests) = (0, executions, None, true);
        if let Some(minutes) = asked("TERN_SOAK_MINUTES") {
            (end, deadline, of_tests) = (u64::MAX, Some(started + Duration::from_secs(60 * minutes)), false);
        }
        if let Some(only) = asked("TERN_SOAK_ONLY") {
            (next, end, deadline, of_tests) = (only, only + 1, None, false);
        }
        Run { name, seed, next: AtomicU64::new(next), end, deadline, started, of_tests }
    }

    /// Whether this is the run of the tests, which ends by its own count; a soak ends with its time.
    pub fn is_of_tests(&self) -> bool {
        self.of_tests
    }

    /// The next execution, and its numbers; none when the run is over.
    pub fn next(&self) -> Option<(Execution<'_>, Dice)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let over = number >= self.end || self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        (!over).then(|| (Execution { run: self, number }, Dice::new(self.seed, number)))
    }

    /// Says what was done.
    pub fn told(&self, of: &str) {
        let seconds = self.started.elapsed().as_secs_f64();
        let done = self.next.load(Ordering::Relaxed).min(self.end);
        println!("{}: seed {}, {done} executions in {seconds:.1} s: {of}", self.name, self.seed);
    }
}

/// An execution that goes on; where it fails it says how it is repeated.
pub struct Execution<'r> {
    run: &'r Run,
    pub number: u64,
}

impl Drop for Execution<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Run { name, seed, .. } = self.run;
            eprintln!("{name}: repeat with: cargo xtask soak --seed {seed} --only {} {name}", self.number);
        }
    }
}

fn asked(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}
