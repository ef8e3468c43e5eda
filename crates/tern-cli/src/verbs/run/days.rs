//! From day to day: at once under a virtual clock, and by the machine's otherwise.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tern_service::clock::SteppedClock;
use tern_service::config::Config;
use tern_service::execution::Execution;
use tern_service::{clock_below, clock_of};

use crate::failure::Failure;

/// When the work of a day begins under a virtual clock, in London.
const MORNING: jiff::civil::Time = time(9, 0, 0, 0);
/// How often the machine's clock is looked at while the next day is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// A moment of the day that is carried out, with the configuration that shows it.
pub(super) struct Moment {
    pub(super) config: Config,
    pub(super) now: Timestamp,
}

/// How days come about.
pub(super) struct Days<'a> {
    config: &'a Config,
}

impl<'a> Days<'a> {
    pub(super) fn of(config: &'a Config) -> Days<'a> {
        Days { config }
    }

    /// A moment of the day at which an execution stands, as soon as it has come; none where it is stopped before.
    pub(super) fn reach(&self, execution: &Execution, stop: &AtomicBool) -> Result<Option<Moment>, Failure> {
        let day = execution.stands_at();
        if self.config.clock.start.is_some() {
            return self.step_to(day).map(Some);
        }
        let clock = clock_of(self.config);
        loop {
            let today = clock.today();
            if today == day || (today > day && !execution.is_due(day, today)) {
                return Ok(Some(Moment { config: self.config.clone(), now: clock.now() }));
            }
            if today > day {
                return Err(missed(day, today));
            }
            if stop.load(Ordering::Acquire) {
                return Ok(None);
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// The virtual clock on the morning of a day. Where it keeps how far it was stepped, everybody else sees that day too.
    fn step_to(&self, day: Date) -> Result<Moment, Failure> {
        let mut config = self.config.clone();
        let below = clock_below(&config);
        let morning = morning_of(day)?;
        let shown = match &config.clock.steps {
            Some(file) => SteppedClock::open(below.clone(), config.path(file))?.step_to(morning)?,
            None => morning.max(below.now()),
        };
        let ahead = shown.as_millisecond().saturating_sub(below.now().as_millisecond());
        config.clock.ahead = SignedDuration::from_millis(ahead.max(0));
        let clock = clock_of(&config);
        if clock.today() != day {
            let what = format!("the clock shows {}, and the execution stands at {day}", clock.today());
            return Err(Failure::new(what, "let nobody but `tern run` step the clock while a plan is carried out"));
        }
        Ok(Moment { config, now: clock.now() })
    }
}

fn morning_of(day: Date) -> Result<Timestamp, Failure> {
    let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let morning = day.to_datetime(MORNING).to_zoned(london);
    let beyond = |error: jiff::Error| Failure::new(format!("{day}: {error}"), "give a day that calendars know");
    Ok(morning.map_err(beyond)?.timestamp())
}

/// Days went by on which something was to be done: nothing is done late and called in time.
fn missed(day: Date, today: Date) -> Failure {
    let what = format!("the execution stands at {day}, today is {today}, and in between something was to be done");
    Failure::new(
        what,
        "a notice that goes out late breaks its term: make a plan from today on in another folder (`tern plan make --out`)",
    )
}
