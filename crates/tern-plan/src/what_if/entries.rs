//! What a change does for entries of the EPCL: how long from the confirmation of their tests to the first migration, and how
//! many installations are ready on the day of approval (S003 section 2).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::Sides;
use crate::engine::Input;
use crate::estate::{EntryIx, EntryStep, What as Happened};
use crate::plan::{Plan, What};

/// An entry whose tests were confirmed in the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryGain {
    /// Its short name.
    pub entry: String,
    /// When TAG confirmed its tests, or its DMCT EPCL Report was published.
    pub confirmed: Date,
    /// When it was approved; none where it was not.
    pub approved: Option<Date>,
    /// The first migration of an installation that was upgraded for it.
    pub first_migration: Sides<Option<Date>>,
}

impl EntryGain {
    /// Days by which the first migration came sooner; none where either plan has none.
    #[must_use]
    pub fn days_gained(&self) -> Option<i32> {
        let Sides { before, after } = self.first_migration;
        Some((before? - after?).get_days())
    }

    /// Days from the confirmation to the approval.
    #[must_use]
    pub fn days_to_approval(&self) -> Option<i32> {
        Some((self.approved? - self.confirmed).get_days())
    }
}

/// The first day on which each entry took a step.
fn days_of(input: &Input<'_>, steps: &[EntryStep]) -> BTreeMap<EntryIx, Date> {
    let mut days = BTreeMap::new();
    for event in input.events {
        if let Happened::Entry { entry, step, .. } = event.what
            && steps.contains(&step)
        {
            days.entry(entry).or_insert(event.on);
        }
    }
    days
}

pub(super) fn gains(input: &Input<'_>, before: &Plan, after: &Plan) -> Vec<EntryGain> {
    let confirmed = days_of(input, &[EntryStep::TagConfirmed, EntryStep::DmctReport]);
    let approved = days_of(input, &[EntryStep::Approved]);
    let migrations = Sides { before: first_migrations(before), after: first_migrations(after) };
    let (estate, period) = (input.estate, input.period);
    let within = confirmed.into_iter().filter(|(_, day)| (period.first..=period.last).contains(day));
    let gain = |(entry, confirmed): (EntryIx, Date)| EntryGain {
        entry: estate.catalogue().text(estate.entries()[entry.at()].name).to_owned(),
        confirmed,
        approved: approved.get(&entry).copied(),
        first_migration: Sides {
            before: migrations.before.get(&entry).copied(),
            after: migrations.after.get(&entry).copied(),
        },
    };
    within.map(gain).collect()
}

/// The first migration of an installation that was upgraded for an entry.
fn first_migrations(plan: &Plan) -> BTreeMap<EntryIx, Date> {
    let mut first: BTreeMap<EntryIx, Date> = BTreeMap::new();
    for (_, story) in plan.stories() {
        let mut upgraded = None;
        for step in story {
            match step.what {
                What::HopBegun { entry, .. } => upgraded = Some(entry),
                What::Migration(_) => {
                    if let Some(entry) = upgraded {
                        let day = first.entry(entry).or_insert(step.day);
                        *day = step.day.min(*day);
                    }
                }
                _ => {}
            }
        }
    }
    first
}

/// Installations whose upgrade for an entry was complete when the entry was approved: on that day they could go on.
pub(super) fn ready_on_approval(input: &Input<'_>, plan: &Plan) -> u64 {
    let approved = days_of(input, &[EntryStep::Approved]);
    let ready = |story: &[crate::plan::Step]| {
        let mut under_way = None;
        let mut done = None;
        for step in story {
            match step.what {
                What::HopBegun { entry, .. } => (under_way, done) = (Some(entry), None),
                What::HopDone { .. } | What::FirmwareRecorded { .. } => done = under_way.map(|entry| (entry, step.day)),
                _ => {}
            }
        }
        done.is_some_and(|(entry, day)| approved.get(&entry).is_some_and(|approved| day <= *approved))
    };
    plan.stories().filter(|(_, story)| ready(story)).count() as u64
}
