//! What a change of the rules would do (PL9): one estate and one list of events, planned under two rulebooks, beside each other.
//!
//! Every figure is told with what was counted and among how many. What the sources expect stands beside it and is never
//! mixed with it: no figure here comes from a source.

mod change;
mod dormancy;
mod entries;
mod population;
mod sensitivity;
mod spread;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::working_day;

use crate::engine::Input;
use crate::estate::InstallationIx;
use crate::plan::{Dormancy, End, NoticeOf, Plan, Step, What};

pub use change::Change;
pub use entries::EntryGain;
pub use population::Population;
pub use sensitivity::{Expected, Figure, Needed, Sensitivity, Source, Verdict};
pub use spread::{Range, Spread};

/// A figure under the one rulebook and under the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sides<T> {
    /// Under the rulebook that is compared with: the baseline.
    pub before: T,
    /// Under the other one.
    pub after: T,
}

impl<T> Sides<T> {
    /// The same of both.
    pub fn map<U>(self, of: impl Fn(T) -> U) -> Sides<U> {
        Sides { before: of(self.before), after: of(self.after) }
    }
}

impl Sides<u64> {
    /// Counts on each side whatever is so there.
    fn tally<T>(&mut self, of: &Sides<T>, is_so: impl Fn(&T) -> bool) {
        self.before += u64::from(is_so(&of.before));
        self.after += u64::from(is_so(&of.after));
    }
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Share {
    /// The numerator.
    pub count: u64,
    /// The denominator.
    pub of: u64,
}

impl Share {
    fn add(&mut self, counts: bool) {
        self.count += u64::from(counts);
        self.of += 1;
    }

    /// In hundredths; none of nothing.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a percentage is read with a digit or two")]
    pub fn percent(self) -> Option<f64> {
        (self.of > 0).then(|| 100.0 * self.count as f64 / self.of as f64)
    }
}

/// Working Days by which an installation has to be sooner to count as such (S002 items 4 and 5).
pub const SOONER_BY: i64 = 7;

/// Two plans beside each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Installations of the estate.
    pub installations: u64,
    /// What estate and events describe.
    pub population: Population,
    /// Those that are migrated in the period.
    pub migrated: Sides<u64>,
    /// Of those that both plans migrate: migrated at least [`SOONER_BY`] Working Days sooner.
    pub sooner: Share,
    /// Of those that both plans migrate: migrated later, by any Working Day.
    pub later: Share,
    /// Left the process on their day, because a change of supplier was too close, at least once.
    pub reprocessed: Sides<u64>,
    /// Of those that come to their day under the baseline: reprocessed there and not under the other.
    pub spared: Share,
    /// Of all installations: notified as Recently Dormant ones.
    pub recently_dormant: Sides<Share>,
    /// Began upgrades for more than one entry.
    pub upgraded_twice: Sides<u64>,
    /// Matched an entry with upgraded firmware on the very day of its approval.
    pub ready_on_approval: Sides<u64>,
    /// Changes of supplier in the period, among all meters.
    pub changes: Share,
    /// Days of the period.
    pub days: u64,
    /// Entries that came to be tested in the period.
    pub entries: Vec<EntryGain>,
    /// From the day on which an installation could first be planned, or last became dormant, to its migration.
    pub days_to_migration: Sides<Spread>,
}

/// What one installation comes to in one plan.
#[derive(Debug, Clone, Copy, Default)]
struct Course {
    migrated: Option<Date>,
    came_to_its_day: bool,
    left: bool,
    recent: bool,
    upgraded_twice: bool,
}

impl Course {
    fn of(story: &[Step]) -> Course {
        let mut course = Course::default();
        let mut entry = None;
        for step in story {
            match step.what {
                What::Migration(_) => course.came_to_its_day = true,
                What::Left { .. } => (course.came_to_its_day, course.left) = (true, true),
                What::Notice { of: NoticeOf::Migration, dormancy: Dormancy::Recent, .. } => course.recent = true,
                What::HopBegun { entry: to, .. } => {
                    course.upgraded_twice |= entry.is_some_and(|before| before != to);
                    entry = Some(to);
                }
                _ => {}
            }
        }
        if let End::Migrated(day) = crate::plan::end_of(story) {
            course.migrated = Some(day);
        }
        course
    }
}

impl Comparison {
    /// Compares two plans that were made from the same estate, events, assumptions and period. `input` is that of either.
    #[must_use]
    pub fn of(input: &Input<'_>, before: &Plan, after: &Plan) -> Comparison {
        let all: Vec<InstallationIx> = (0..input.estate.installations().len()).map(InstallationIx::of).collect();
        Comparison::among(&all, input, before, after)
    }

    /// The same of some installations, where the plans are of them alone.
    fn among(installations: &[InstallationIx], input: &Input<'_>, before: &Plan, after: &Plan) -> Comparison {
        let since = dormancy::since(input);
        let mut told = Comparison::empty(input);
        for installation in installations.iter().copied() {
            let since = &since[installation.at()];
            let courses =
                Sides { before: Course::of(before.story(installation)), after: Course::of(after.story(installation)) };
            told.count(&courses);
            told.spread(&courses, since);
        }
        told.ready_on_approval = Sides {
            before: entries::ready_on_approval(input, before),
            after: entries::ready_on_approval(input, after),
        };
        told.entries = entries::gains(input, before, after);
        told
    }

    fn empty(input: &Input<'_>) -> Comparison {
        let period = input.period;
        let days = (period.last - period.first).get_days();
        let within = |on: Date| (period.first..=period.last).contains(&on);
        let is_change = |event: &&crate::estate::Event| matches!(event.what, crate::estate::What::ChangeOfSupplier { effective, .. } if within(effective));
        Comparison {
            installations: 0,
            population: Population::of(input),
            migrated: Sides::default(),
            sooner: Share::default(),
            later: Share::default(),
            reprocessed: Sides::default(),
            spared: Share::default(),
            recently_dormant: Sides::default(),
            upgraded_twice: Sides::default(),
            ready_on_approval: Sides::default(),
            changes: Share {
                count: input.events.iter().filter(is_change).count() as u64,
                of: input.estate.meters().len() as u64,
            },
            days: u64::try_from(days).unwrap_or(0) + 1,
            entries: Vec::new(),
            days_to_migration: Sides::default(),
        }
    }

    fn count(&mut self, courses: &Sides<Course>) {
        let Sides { before, after } = courses;
        self.installations += 1;
        self.migrated.tally(courses, |course| course.migrated.is_some());
        self.reprocessed.tally(courses, |course| course.left);
        self.upgraded_twice.tally(courses, |course| course.upgraded_twice);
        self.recently_dormant.before.add(before.recent);
        self.recently_dormant.after.add(after.recent);
        if before.came_to_its_day {
            self.spared.add(before.left && !after.left);
        }
        if let (Some(then), Some(now)) = (before.migrated, after.migrated) {
            let gained = gained(then, now);
            self.sooner.add(gained >= SOONER_BY);
            self.later.add(gained < 0);
        }
    }

    fn spread(&mut self, courses: &Sides<Course>, since: &dormancy::Since) {
        let first = courses.before.migrated.into_iter().chain(courses.after.migrated).min();
        let Some(from) = first.map(|first| since.before(first)) else { return };
        let sides = [
            (&mut self.days_to_migration.before, courses.before.migrated),
            (&mut self.days_to_migration.after, courses.after.migrated),
        ];
        for (spread, migrated) in sides {
            if let Some(day) = migrated {
                spread.add((day - from).get_days());
            }
        }
    }
}

/// Working Days by which `now` is sooner than `then`; below zero where it is later.
fn gained(then: Date, now: Date) -> i64 {
    // Both days were planned by the same table, so that it reaches to both.
    let between = |from, until| working_day::between(from, until).map_or(0, i64::from);
    if now <= then { between(now, then) } else { -between(then, now) }
}
