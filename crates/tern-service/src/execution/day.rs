//! One day, from its first question to its last line: each stage is durable when it is done, and the next start goes on there.

use jiff::Timestamp;
use jiff::civil::Date;

use super::kept::{Changes, Stage, State};
use super::report::table;
use super::{DayReport, Execution, Outside};
use crate::config::Config;
use crate::pki::files;

/// The table of days in a plan's folder.
pub const DAYS_FILE: &str = "days.csv";

/// A day was stopped before all installations had ended; the next call goes on with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped(pub Date);

impl Execution {
    /// Carries out the day at which the execution stands, to its end. `config` is that day's: what is asked for the time gets this
    /// day, and `now` is a moment of it.
    ///
    /// # Errors
    /// The world failed, or the plan may not go on: the next call goes on where this one ended.
    pub fn carry_out<O: Outside>(
        &mut self,
        config: &Config,
        now: Timestamp,
        outside: &mut O,
    ) -> Result<Result<DayReport, Stopped>, O::Fault> {
        self.look_again()?;
        self.take_in(config)?;
        if self.state.stage == Stage::Fresh {
            self.ask_smsos(outside)?;
            self.take_up_events()?;
            self.reach(Stage::Answered)?;
        }
        if self.state.stage == Stage::Answered {
            self.announce(config)?;
        }
        if self.state.stage == Stage::Announced {
            self.begin_steps(outside)?;
            self.reach(Stage::Begun)?;
        }
        if !self.migrate_due(config, now, outside)? {
            return Ok(Err(Stopped(self.state.day)));
        }
        self.take_up_events()?;
        // What came of the day may have it announce more.
        self.announce(config)?;
        Ok(Ok(self.end_day()?))
    }

    pub(super) fn reach(&mut self, stage: Stage) -> Result<(), crate::ServiceFault> {
        self.keep(Changes::default(), State { stage, ..self.state.clone() })
    }

    fn end_day(&mut self) -> Result<DayReport, crate::ServiceFault> {
        let next = self.state.day.tomorrow().unwrap_or(Date::MAX);
        self.end_day_before(State::at(next, self.state.events_bytes))
    }

    /// Ends the day at hand, in one with the state in which it goes on.
    pub(super) fn end_day_before(&mut self, next: State) -> Result<DayReport, crate::ServiceFault> {
        let report = DayReport { generation: self.generation(), ..self.state.report.clone() };
        let mut changes = Changes::default();
        changes.end_day(&report)?;
        self.due = self.due.split_off(&next.day);
        self.keep(changes, next)?;
        self.write_days()?;
        Ok(report)
    }

    /// The reports of all days as a table, in the plan's folder.
    fn write_days(&self) -> Result<(), crate::ServiceFault> {
        let path = self.setup.plan.join(DAYS_FILE);
        Ok(files::write(&path, table(&self.days()?).as_bytes(), files::Access::Everybody)?)
    }
}
