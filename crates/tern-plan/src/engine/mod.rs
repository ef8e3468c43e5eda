//! The planner: what is done with each installation of an estate on which day, from its events, the rulebook and what is
//! assumed (section PL).
//!
//! It goes from day to day and touches on each only the installations that something happens to: an event, a deadline, a
//! place among those that migrate. It must never look at an event before the day on which it is known, nor hold a number of its
//! own: wordings and [`Assumptions`] do.

mod apply;
mod attempt;
mod books;
mod calendar;
mod designated;
mod entries;
mod epcl;
mod exclude;
mod near;
mod prepare;
mod queue;
mod replan;
mod settle;
mod state;
mod still;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use tern_rules::Rulebook;
use tern_rules::documents::TMAD_EARLY_FIRMWARE;

use crate::assumptions::Assumptions;
use crate::estate::{Estate, Event, InstallationIx, SupplierIx};
use crate::plan::{Log, Period, Plan, Step, Still, Taken, What};
use books::Today;
use calendar::{Calendar, days};
use entries::Entries;
use epcl::{Epcl, Hardware};
use near::AT_ONCE;
use queue::{Queue, Wanted};
use state::{Glance, State};

pub use designated::Contradicted;
pub use replan::{Parent, Replan, Touched};

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// What is to be migrated.
    pub estate: &'a Estate,
    /// What happened and happens, in the order of the days on which it is known.
    pub events: &'a [Event],
    /// The rules.
    pub rulebook: &'a Rulebook,
    /// What is assumed where no source says it.
    pub assumptions: &'a Assumptions,
    /// The days to plan.
    pub period: Period,
    /// Days of them on which nobody carried the plan out.
    pub still: &'a [Still],
}

impl Input<'_> {
    /// Makes the plan. `on_day` hears of each day before it is planned.
    #[must_use]
    pub fn plan(&self, on_day: impl FnMut(Date)) -> Plan {
        self.plan_some((0..self.estate.installations().len()).map(InstallationIx::of).collect(), on_day)
    }

    /// Plans these installations alone, in the order of the estate, as though there were no others. Everybody else has an
    /// empty story.
    #[must_use]
    pub fn plan_some(&self, installations: Vec<InstallationIx>, mut on_day: impl FnMut(Date)) -> Plan {
        let mut planner = Planner::new(*self, installations);
        let capacity = self.places_to_plan();
        planner.run(|planner, day| {
            on_day(day);
            planner.allot(capacity);
        });
        let Planner { installations, log, taken, .. } = planner;
        let stories = log.into_stories(self.estate.installations().len(), |at| installations[at as At].at());
        Plan { period: self.period, assumptions: self.assumptions.clone(), stories, taken }
    }
}

impl Input<'_> {
    /// Places of a day that a plan gives away: the rest is for those who are planned again.
    fn places_to_plan(&self) -> u32 {
        self.assumptions.capacity_a_day.saturating_sub(self.assumptions.reserve_a_day)
    }
}

/// The planner at work, on one day after the other.
struct Planner<'a> {
    input: Input<'a>,
    calendar: Calendar,
    epcl: Epcl<'a>,
    /// The installations that are planned, in order; the lists below have one place for each.
    installations: Vec<InstallationIx>,
    states: Vec<State>,
    /// What is asked of many at once, as it was when each was last looked at: three bytes each, where a state is several cache lines.
    glances: Vec<Glance>,
    log: Log,
    by_hardware: HashMap<Hardware, Vec<u32>>,
    /// Whom to look at on which day.
    due: BTreeMap<Date, Vec<u32>>,
    /// Whom to look at today.
    touched: Vec<u32>,
    queue: Queue,
    taken: Taken,
    /// Places that suppliers want, of those that say so.
    wanted: HashMap<SupplierIx, Wanted>,
    /// The rules, with what was designated up to today.
    rulebook: Rulebook,
    today: Today,
}

/// The place of an installation in a planner's lists.
type At = usize;

impl<'a> Planner<'a> {
    fn new(input: Input<'a>, installations: Vec<InstallationIx>) -> Planner<'a> {
        let estate = input.estate;
        let state = |ix: &InstallationIx| State::new(estate.combination(*ix), estate.meters_of(*ix));
        let states: Vec<State> = installations.iter().map(state).collect();
        let mut by_hardware: HashMap<Hardware, Vec<u32>> = HashMap::new();
        for (at, state) in states.iter().enumerate() {
            let hardware = Hardware::of(estate.catalogue(), &state.combination);
            by_hardware.entry(hardware).or_default().push(short(at));
        }
        let planned_since = input.rulebook.in_force_from(&TMAD_EARLY_FIRMWARE);
        let entries = Entries::new(estate, planned_since, input.assumptions.approval_within_days);
        Planner {
            input,
            calendar: Calendar::new(begin(&input), input.period, input.assumptions.migration_days),
            epcl: Epcl::new(estate, entries),
            log: Log::default(),
            glances: vec![Glance::default(); installations.len()],
            installations,
            states,
            by_hardware,
            due: BTreeMap::new(),
            touched: Vec::new(),
            queue: Queue::default(),
            taken: Taken::new(),
            wanted: HashMap::new(),
            rulebook: input.rulebook.clone(),
            today: Today::of(input.rulebook, begin(&input)),
        }
    }

    /// Goes through the days; `migrate` gives the places of each migration day away.
    fn run(&mut self, mut migrate: impl FnMut(&mut Self, Date)) {
        let Period { first, last } = self.input.period;
        let mut events = self.input.events;
        for day in days(begin(&self.input), last) {
            self.today.go_to(&self.rulebook, day);
            self.turn_entries();
            let (known, later) = events.split_at(events.partition_point(|event| event.on <= day));
            known.chunks(AT_ONCE).for_each(|some| self.take(some));
            events = later;
            if day < first {
                continue;
            }
            if self.stands_still(day) {
                continue;
            }
            self.look(day);
            if self.migrates_on(day) {
                migrate(self, day);
            }
        }
    }

    /// Takes some events: those of installations that are planned here, and those that are about none.
    fn take(&mut self, some: &[Event]) {
        let about = |event: &Event| event.installation(self.input.estate);
        let concerns: Vec<(&Event, Option<At>)> = some
            .iter()
            .filter_map(|event| match about(event) {
                None => Some((event, None)),
                Some(installation) => self.at(installation).map(|at| (event, Some(at))),
            })
            .collect();
        let near: Vec<u32> = concerns.iter().filter_map(|(_, at)| at.map(short)).collect();
        self.fetch(&near);
        concerns.into_iter().for_each(|(event, _)| self.apply(event));
    }

    /// Looks at every installation that something happened to, or whose day it is; on the first day at all.
    fn look(&mut self, day: Date) {
        let mut touched = std::mem::take(&mut self.touched);
        if day == self.input.period.first {
            touched = (0..self.states.len()).map(short).collect();
        } else {
            touched.extend(self.due.remove(&day).unwrap_or_default());
            touched.sort_unstable();
            touched.dedup();
        }
        for some in touched.chunks(AT_ONCE) {
            self.fetch(some);
            for at in some {
                self.settle(*at as At);
            }
        }
        touched.clear();
        self.touched = touched;
    }

    fn day(&self) -> Date {
        self.today.day
    }

    /// Where an installation stands in the lists; none where it is not planned here.
    fn at(&self, installation: InstallationIx) -> Option<At> {
        // Where everybody is planned, an installation's place is its number.
        let at = installation.at();
        let whole = self.installations.get(at) == Some(&installation);
        if whole { Some(at) } else { self.installations.binary_search(&installation).ok() }
    }

    /// Has installations looked at today. Before the plan begins nobody is: on its first day everybody will be.
    fn touch(&mut self, all: impl IntoIterator<Item = u32>) {
        if self.day() >= self.input.period.first {
            self.touched.extend(all);
        }
    }

    /// Adds to an installation's story; what happened before the plan begins is not told. What it awaits is told again behind
    /// a line after which nobody would think that it still does.
    fn tell(&mut self, at: At, what: What) {
        let day = self.day();
        if day >= self.input.period.first {
            self.log.push(short(at), Step { day, what });
            if what.ends_waits() {
                self.states[at].awaited = None;
            }
        }
    }
}

/// The first day of which anything is to be known.
fn begin(input: &Input<'_>) -> Date {
    let first = input.period.first;
    input.events.first().map_or(first, |event| event.on.min(first))
}

/// An installation's place in four bytes: an estate has no more.
fn short(at: At) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
