//! Which assumption would have to be what for a figure of the sources to hold in this population (PL9): found by planning again.
//!
//! A sample of the installations is planned under both rulebooks, one assumption changed at a time, until the figure is reached
//! or the assumption is as far as it goes. A source's figure is a number to compare with, and never put into a plan.

mod lever;
mod sample;

use serde::Serialize;
use tern_rules::Rulebook;

use super::{Comparison, Sides};
use crate::engine::Input;
use lever::Lever;
use sample::Sample;

/// A figure that a source gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Source {
    /// In words.
    pub figure: &'static str,
    /// The number in it.
    pub value: u32,
    /// What the number counts.
    pub unit: &'static str,
    /// Where it stands.
    pub item: &'static str,
}

/// The figures that sources give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// Migrated at least 7 Working Days sooner.
    Sooner,
    /// Not reprocessed any more.
    Spared,
    /// Weeks gained from test confirmation to first migration.
    Weeks,
}

impl Figure {
    /// Every one.
    pub const ALL: [Figure; 3] = [Figure::Sooner, Figure::Spared, Figure::Weeks];

    /// In a word or two, for a column.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Figure::Sooner => "7 % sooner",
            Figure::Spared => "3 % not reprocessed",
            Figure::Weeks => "4 weeks",
        }
    }

    /// As its source has it.
    #[must_use]
    pub fn source(self) -> Source {
        let (figure, value, unit, item) = match self {
            Figure::Sooner => ("about 7 % of customers at least 7 Working Days sooner", 7, "%", "S002 items 4 and 5"),
            Figure::Spared => ("about 3 % of customers not reprocessed", 3, "%", "S002 items 8 and 9"),
            Figure::Weeks => {
                ("at least 4 weeks sooner from test confirmation to first migration", 4, "weeks", "S003 section 2")
            }
        };
        Source { figure, value, unit, item }
    }

    /// What a comparison has for it, in its unit; none where there was nothing to count.
    #[must_use]
    pub fn of(self, told: &Comparison) -> Option<f64> {
        match self {
            Figure::Sooner => told.sooner.percent(),
            Figure::Spared => told.spared.percent(),
            Figure::Weeks => {
                let gains = told.entries.iter().filter_map(super::EntryGain::days_gained).map(f64::from);
                mean(gains).map(|days| days / 7.0)
            }
        }
    }

    /// Whether a number is the source's: about it, or at least it.
    fn is_met(self, ours: f64) -> bool {
        let value = f64::from(self.source().value);
        match self {
            Figure::Sooner | Figure::Spared => (ours - value).abs() < ABOUT,
            Figure::Weeks => ours >= value,
        }
    }

    /// What it depends on.
    fn levers(self) -> &'static [Lever] {
        match self {
            Figure::Sooner => &[Lever::DormantAYear],
            Figure::Spared => &[Lever::ChangesAYear, Lever::Certificates],
            Figure::Weeks => &[Lever::DaysPerHop, Lever::DaysToApproval],
        }
    }
}

/// How near a number has to be to count as about another one: they read alike without a digit behind the point.
const ABOUT: f64 = 0.5;
/// Halvings of the range in which the number is that was sought.
const HALVINGS: u32 = 6;

/// A figure of a source beside ours, and what assumptions would have to be for it to hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Expected {
    /// Which.
    pub figure: Figure,
    /// The source's figure.
    pub source: Source,
    /// Ours, in its unit; none where there was nothing to count.
    pub ours: Option<f64>,
    /// Installations of the sample.
    pub sample: u64,
    /// The figure of the sample.
    pub sampled: Option<f64>,
    /// The assumptions on which it depends.
    pub needs: Vec<Needed>,
}

/// What one assumption would have to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Needed {
    /// What is assumed, or described by estate and events.
    pub assumption: &'static str,
    /// What it is in the sample.
    pub is: f64,
    /// What it would have to be.
    pub needed: Verdict,
}

/// What an assumption would have to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// What it is: the figure holds.
    Holds,
    /// That.
    WouldHold {
        /// The assumption.
        with: f64,
        /// The figure that the sample has then.
        figure: f64,
    },
    /// From there on the sample's figure is on the other side of the source's, and about it nowhere: the sample is too small.
    Passed {
        /// The assumption.
        at: f64,
        /// The figure that the sample has then.
        figure: f64,
    },
    /// Nothing between what it is and the farthest that was tried.
    NotReached {
        /// The farthest.
        tried: f64,
        /// The figure that the sample has there.
        figure: Option<f64>,
    },
}

/// The search.
#[derive(Debug)]
pub struct Sensitivity<'a> {
    rules: Sides<&'a Rulebook>,
    sample: Sample<'a>,
}

impl<'a> Sensitivity<'a> {
    /// Takes a sample of an estate. `input` is that of either plan.
    #[must_use]
    pub fn of(input: Input<'a>, rules: Sides<&'a Rulebook>) -> Sensitivity<'a> {
        Sensitivity { rules, sample: Sample::of(input) }
    }

    /// What each of the figures depends on. `told` has them for the whole population; `on_plan` hears of every comparison.
    #[must_use]
    pub fn expected(&self, told: &Comparison, figures: &[Figure], mut on_plan: impl FnMut()) -> Vec<Expected> {
        figures.iter().map(|figure| self.one(*figure, figure.of(told), &mut on_plan)).collect()
    }

    fn one(&self, figure: Figure, ours: Option<f64>, on_plan: &mut impl FnMut()) -> Expected {
        let mut at = |change: Option<(Lever, f64)>| {
            on_plan();
            figure.of(&self.sample.compared(self.rules, &self.sample.with(change)))
        };
        let sampled = at(None);
        let mut need = |lever: &Lever| {
            let is = lever.is(&self.sample);
            let needed = match sampled {
                Some(now) if figure.is_met(now) => Verdict::Holds,
                now => {
                    let range = Range { is, most: lever.most(is, &self.sample) };
                    seek(figure, now.unwrap_or(0.0), *lever, range, |value| at(Some((*lever, value))))
                }
            };
            Needed { assumption: lever.words(), is, needed }
        };
        let needs = figure.levers().iter().map(&mut need).collect();
        Expected {
            figure,
            source: figure.source(),
            ours,
            sample: self.sample.installations.len() as u64,
            sampled,
            needs,
        }
    }
}

/// What an assumption is, and the most that is tried.
#[derive(Debug, Clone, Copy)]
struct Range {
    is: f64,
    most: f64,
}

/// Goes away from what an assumption is until the figure is reached, and then halves the way between.
fn seek(source: Figure, now: f64, lever: Lever, range: Range, mut at: impl FnMut(f64) -> Option<f64>) -> Verdict {
    let target = f64::from(source.source().value);
    let more = now < target;
    let reached =
        |figure: Option<f64>| figure.is_some_and(|figure| if more { figure >= target } else { figure <= target });
    let (mut near, mut far) = (range.is, range.is);
    let (mut figure, end) = (None, if more { range.most } else { 0.0 });
    while !reached(figure) {
        near = far;
        far = if more { (far * 2.0).max(lever.least()).min(end) } else { end };
        figure = at(far);
        if far == end && !reached(figure) {
            return Verdict::NotReached { tried: far, figure };
        }
    }
    for _ in 0..HALVINGS {
        let middle = lever.rounded(f64::midpoint(near, far));
        if middle == near || middle == far {
            break;
        }
        let there = at(middle);
        if reached(there) {
            (far, figure) = (middle, there);
        } else {
            near = middle;
        }
    }
    let there = figure.unwrap_or(target);
    if source.is_met(there) {
        Verdict::WouldHold { with: far, figure: there }
    } else {
        Verdict::Passed { at: far, figure: there }
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are few entries")]
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u64);
    values.for_each(|value| (sum, count) = (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

impl Comparison {
    /// Changes of supplier that take effect in a year, for 100 meters.
    #[must_use]
    pub fn changes_a_year(&self) -> Option<f64> {
        self.changes.percent().map(|percent| percent / years(self.days))
    }
}

/// So many days in years.
#[expect(clippy::cast_precision_loss, reason = "a rate is read with a digit or two")]
fn years(days: u64) -> f64 {
    days as f64 / 365.25
}
