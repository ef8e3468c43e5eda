//! A seeded run: how many executions, which numbers each gets, and what is said of it at the end.
//!
//! A test makes the executions that it is asked for here. `cargo xtask soak` asks for other ones, by these variables:
//! `TERN_SOAK_SEED`; `TERN_SOAK_MINUTES`, how long; `TERN_SOAK_ONLY`, the one execution that is to be repeated; `TERN_SOAK_KEPT`, the
//! folder with the files and keys that it was of.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::fixtures::FIXTURES;
use tern_testkit::Dice;

/// A run that goes on, and how a failure in it is repeated.
pub struct Run {
    name: &'static str,
    seed: u64,
    next: u64,
    /// The execution after the last one.
    end: u64,
    deadline: Option<Instant>,
    of_tests: bool,
    under_way: Option<u64>,
    started: Instant,
    done: u64,
}

impl Run {
    /// A run of so many executions, unless others are asked for.
    pub fn new(name: &'static str, executions: u64) -> Run {
        // A failure keeps them.
        LazyLock::force(&FIXTURES);
        let started = Instant::now();
        let seed = asked("TERN_SOAK_SEED").unwrap_or(20_210_302);
        let mut run = Run {
            name,
            seed,
            next: 0,
            end: executions,
            deadline: None,
            of_tests: true,
            under_way: None,
            started,
            done: 0,
        };
        if let Some(minutes) = asked("TERN_SOAK_MINUTES") {
            (run.end, run.deadline, run.of_tests) =
                (u64::MAX, Some(started + Duration::from_secs(60 * minutes)), false);
        }
        if let Some(only) = asked("TERN_SOAK_ONLY") {
            (run.next, run.end, run.deadline, run.of_tests) = (only, only + 1, None, false);
        }
        run
    }

    /// Numbers for the next execution; none when the run is over.
    pub fn next(&mut self) -> Option<Dice> {
        if self.next == self.end || self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return None;
        }
        self.next += 1;
        self.done += 1;
        Some(Dice::new(self.seed, self.next - 1))
    }

    /// The execution whose numbers were handed out last.
    pub fn number(&self) -> u64 {
        self.next.saturating_sub(1)
    }

    /// Says which execution is under way, where that is not the last.
    pub fn at(&mut self, number: u64) {
        self.under_way = Some(number);
    }

    /// Whether this is the run of the tests, which ends by its own count; a soak ends with its time.
    pub fn is_of_tests(&self) -> bool {
        self.of_tests
    }

    /// Says what was done, and how much memory this process has ever taken.
    pub fn told(&self, of: &str) {
        println!(
            "{}: seed {}, {} executions in {:.1} s, peak memory {} MiB: {of}",
            self.name,
            self.seed,
            self.done,
            self.started.elapsed().as_secs_f64(),
            peak_mib()
        );
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let (name, seed, number) = (self.name, self.seed, self.under_way.unwrap_or(self.number()));
            let kept = FIXTURES.keep(&format!("{name}-{seed}-{number}"));
            let kept = kept.display();
            eprintln!("{name}: repeat with: cargo xtask soak --seed {seed} --only {number} --kept {kept} {name}");
        }
    }
}

fn asked(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

/// More than this no test process here may ever have resident. The largest file that is accepted has 64 MiB.
pub const PEAK_MAX_MIB: u64 = 512;

/// The most memory that this process has had resident; 0 where the system does not say.
pub fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
