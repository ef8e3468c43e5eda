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

/// What day it is for an execution.
pub(super) enum Reached {
    /// The day at which it stands; or a later one, where nothing was to be done in between.
    Day(Moment),
    /// A later one, and in between something was to be done.
    Later(Date, Moment),
    /// It is stopped before the day has come.
    Stopped,
}

/// How days come about.
pub(super) struct Days<'a> {
    config: &'a Config,
}

impl<'a> Days<'a> {
    pub(super) fn of(config: &'a Config) -> Days<'a> {
        Days { config }
    }

    /// The day at which an execution stands, as soon as it has come.
    pub(super) fn reach(&self, execution: &Execution, stop: &AtomicBool) -> Result<Reached, Failure> {
        let day = execution.stands_at();
        loop {
            let moment = self.moment(day)?;
            let today = clock_of(&moment.config).today();
            if today > day && execution.is_due(day, today) {
                return Ok(Reached::Later(today, moment));
            }
            if today >= day {
                return Ok(Reached::Day(moment));
            }
            if stop.load(Ordering::Acquire) {
                return Ok(Reached::Stopped);
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Now; under a virtual clock the morning of the day, unless that is over.
    fn moment(&self, day: Date) -> Result<Moment, Failure> {
        if self.config.clock.start.is_some() {
            return self.step_to(day);
        }
        Ok(Moment { config: self.config.clone(), now: clock_of(self.config).now() })
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
        let now = clock_of(&config).now();
        Ok(Moment { config, now })
    }
}

fn morning_of(day: Date) -> Result<Timestamp, Failure> {
    let london = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    let morning = day.to_datetime(MORNING).to_zoned(london);
    let beyond = |error: jiff::Error| Failure::new(format!("{day}: {error}"), "give a day that calendars know");
    Ok(morning.map_err(beyond)?.timestamp())
}
