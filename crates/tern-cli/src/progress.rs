//! Progress on standard error: a bar for whatever takes over a second, and nothing where nobody looks.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// What is said on standard error while a stage goes on: each thing once, with the bar out of the way.
#[derive(Debug)]
pub struct Asides<'a> {
    verb: &'static str,
    stage: &'a Stage,
    said: RefCell<BTreeSet<String>>,
}

impl<'a> Asides<'a> {
    /// Of a verb's stage.
    pub fn of(verb: &'static str, stage: &'a Stage) -> Asides<'a> {
        Asides { verb, stage, said: RefCell::default() }
    }

    /// Says it, where it was not said before.
    pub fn say(&self, words: &str) {
        if self.said.borrow_mut().insert(words.to_owned()) {
            self.stage.aside(|| eprintln!("tern {}: {words}", self.verb));
        }
    }
}

/// Work that is over sooner shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a bar is drawn while nothing moves on.
const TICK: Duration = Duration::from_millis(120);

/// One stage of a command's work. Its bar goes away with it.
#[derive(Debug)]
pub struct Stage {
    bar: ProgressBar,
    since: Instant,
    /// Dropped with the stage: ends the wait for the bar.
    _over: Option<Sender<()>>,
}

impl Stage {
    /// Begins a stage of so many things, or of an unknown number.
    pub fn begin(name: &str, length: Option<usize>) -> Stage {
        let since = Instant::now();
        let bar = ProgressBar::with_draw_target(length.map(|n| n as u64), ProgressDrawTarget::hidden());
        let template = match length {
            // What stands last is cut where the terminal ends.
            Some(_) => "  ▸ {prefix:<22} {bar:16} {human_pos}/{human_len}  {rate}  eta {eta}  {wide_msg}",
            None => "  ▸ {prefix:<22} {spinner} {msg} {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let rate = |state: &ProgressState, to: &mut dyn std::fmt::Write| {
                let _ = write!(to, "{:.0}/s", state.per_sec());
            };
            bar.set_style(style.with_key("rate", rate).progress_chars("█▌░"));
        }
        bar.set_prefix(name.to_owned());
        let over = std::io::stderr().is_terminal().then(|| show_when_slow(&bar));
        Stage { bar, since, _over: over }
    }

    /// So many more are done.
    pub fn advance(&self, by: usize) {
        self.bar.inc(by as u64);
    }

    /// So many are done in all.
    pub fn reach(&self, done: usize) {
        self.bar.set_position(done as u64);
    }

    /// So many more are to be done than was known.
    pub fn lengthen(&self, by: usize) {
        self.bar.inc_length(by as u64);
    }

    /// Does something that prints, with the bar out of the way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// A few words beside the bar, for example `2 refused  3 rolled back`.
    pub fn note(&self, words: impl Into<String>) {
        self.bar.set_message(words.into());
    }

    /// Ends the stage and says how long it took.
    pub fn end(self) -> Duration {
        self.since.elapsed()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn show_when_slow(bar: &ProgressBar) -> Sender<()> {
    let (over, wait) = channel();
    let bar = bar.clone();
    std::thread::spawn(move || {
        if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) && !bar.is_finished() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
    });
    over
}
