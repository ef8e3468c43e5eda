//! Days that went by without anybody carrying the plan out. Nothing is done late and called in time: what was due on them is planned
//! again from today on, in the plan's next generation, and everything that was done stays as it was.
//!
//! A day that was begun is ended first: orders whose notice has run are given, and sets that were handed in are migrated to their
//! end. Notices and migrations of it that were not begun are not made up for under its date.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_plan::plan::{End, Line, Still, What};

use super::kept::{Changes, MIGRATION, Stage, State};
use super::migration::Migration;
use super::{Execution, Outside, Stopped};
use crate::config::Config;
use crate::fault::ServiceFault;
use crate::plans::PlanView;

/// What became of what was due on days that were missed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// The first day that was missed, or not ended.
    pub from: Date,
    /// The day on which it goes on.
    pub until: Date,
    /// The generation that plans it again; none where nothing was due.
    pub generation: Option<u32>,
    /// Installations that are planned again.
    pub planned_again: usize,
    /// Installations of which a notice was due.
    pub notices: usize,
    /// Hops that were due to begin.
    pub hops: usize,
    /// Configurations that were due to begin.
    pub configurations: usize,
    /// Migrations that were due.
    pub migrations: usize,
    /// Installations of those planned again that are migrated on a later day.
    pub later: usize,
    /// By so many days at most.
    pub days_at_most: i32,
    /// Installations of those planned again that were to be migrated, and are not before the plan ends.
    pub no_more: usize,
}

impl Execution {
    /// Goes on today, `today` being after the day at which the execution stands: ends what was begun, and has the plan's next
    /// generation plan again what was due since. `config` and `now` are today's.
    ///
    /// # Errors
    /// The world failed, or the plan may not go on; its days are over: the next call goes on where this one ended.
    pub fn go_on_today<O: Outside>(
        &mut self,
        (config, now): (&Config, Timestamp),
        today: Date,
        outside: &mut O,
    ) -> Result<Result<Missed, Stopped>, O::Fault> {
        self.look_again()?;
        if today > self.last() {
            return Err(over(self.state.day, self.last(), today).into());
        }
        let first = self.state.day;
        let begun = self.state.stage >= Stage::Announced;
        if self.state.stage == Stage::Announced {
            self.begin_steps(outside)?;
            self.reach(Stage::Begun)?;
        }
        let has_sets = self.kept.get::<Migration>(MIGRATION, &first.to_string())?.is_some_and(|one| one.has_sets());
        if begun && has_sets {
            if !self.migrate_due(config, now, outside)? {
                return Ok(Err(Stopped(first)));
            }
            self.take_up_events()?;
        }
        let from = if begun { first.tomorrow().unwrap_or(Date::MAX) } else { first };
        let still = Still { from, migrations_from: if has_sets { from } else { first }, until: today };
        let before = self.view.generation().number;
        let still = self.keeps_back(still)?.then_some(still);
        let next = State { still, ..State::at(today, self.state.events_bytes) };
        if begun {
            self.end_day_before(next)?;
        } else {
            self.keep(Changes::default(), next)?;
        }
        self.stand_still()?;
        Ok(Ok(self.missed((first, today), still, before)?))
    }

    /// Makes the generation that knows of the days that were missed, where it is not made.
    pub(super) fn stand_still(&mut self) -> Result<(), ServiceFault> {
        let Some(still) = self.state.still else { return Ok(()) };
        if !self.view.generation().made.still.contains(&still) {
            self.next_generation()?;
        }
        self.keep(Changes::default(), State { still: None, ..self.state.clone() })?;
        self.read_stories()
    }

    /// Whether the plan has something for days on which nothing was done.
    fn keeps_back(&self, still: Still) -> Result<bool, ServiceFault> {
        let mut stories = self.view.stories();
        while let Some(story) = stories.next_story()? {
            if story.lines.iter().any(|line| still.keeps_back(line)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the newest generation makes of what the one before it had for days that were missed.
    fn missed(&self, (from, until): (Date, Date), still: Option<Still>, before: u32) -> Result<Missed, ServiceFault> {
        let mut missed = Missed { from, until, ..Missed::default() };
        let (Some(still), Some(parent)) = (still, PlanView::open(&self.setup.plan, Some(before))?) else {
            return Ok(missed);
        };
        missed.generation = Some(self.generation());
        let mut stories = parent.stories();
        while let Some(story) = stories.next_story()? {
            if story.lines.iter().any(|line| still.keeps_back(line)) {
                let now = self.view.story(story.chf)?.map_or_else(Vec::new, |now| now.lines);
                missed.count(still, &story.lines, &now);
            }
        }
        Ok(missed)
    }
}

impl Missed {
    fn count(&mut self, still: Still, before: &[Line], now: &[Line]) {
        self.planned_again += 1;
        let due = |is: fn(&Line) -> bool| before.iter().filter(|line| still.keeps_back(line) && is(line)).count();
        let notices = due(|line| matches!(line.what, What::Notice { .. } | What::NoticeToNew { .. }));
        self.notices += usize::from(notices > 0);
        self.hops += due(|line| matches!(line.what, What::HopBegun { .. }));
        self.configurations += due(|line| line.what == What::ConfigurationBegun);
        self.migrations += due(|line| matches!(line.what, What::Migration(_)));
        match (Line::end(before), Line::end(now)) {
            (End::Migrated(before), End::Migrated(now)) if now > before => {
                self.later += 1;
                self.days_at_most = self.days_at_most.max((now - before).get_days());
            }
            (End::Migrated(_), End::Migrated(_)) => {}
            (End::Migrated(_), _) => self.no_more += 1,
            _ => {}
        }
    }
}

fn over(day: Date, last: Date, today: Date) -> ServiceFault {
    ServiceFault::Refused {
        what: format!("the execution stands at {day}, the plan ends on {last}, and today is {today}"),
        suggestion: "give the plan more days: `tern plan make ESTATE --until DATE`".to_owned(),
    }
}
