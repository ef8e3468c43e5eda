//! Planning again after an event touches what the event touches, and gives nobody else another day.

use jiff::ToSpan;
use tern_plan::engine::{Input, Parent, Touched};
use tern_plan::estate::What as Happened;
use tern_plan::plan::{End, Line, Period, Plan, Step, What};

use super::world::{PERIOD, World, stills, world};
use super::{input, input_with, plan};

const WORLDS: u64 = 80;
const IN_ONE: u64 = 40;

/// The world as it is known on the day of one of its events within the period, without that event, and the event's place.
/// `counts` says which events it is one of.
fn without_one(world: &World, seed: u64, counts: impl Fn(&Happened) -> bool) -> Option<(World, usize)> {
    let one = |at: &usize| world.events[*at].on >= PERIOD.first && counts(&world.events[*at].what);
    let within: Vec<usize> = (0..world.events.len()).filter(one).collect();
    let which = *within.get((seed * 7_919) as usize % within.len().max(1))?;
    let known_by_then = world.events.iter().filter(|event| event.on <= world.events[which].on);
    let mut events: Vec<_> = known_by_then.copied().collect();
    events.retain(|event| *event != world.events[which]);
    Some((World { estate: world.estate.clone(), events, assumptions: world.assumptions.clone() }, which))
}

/// A parent plan, and the plan after one more event.
fn after_one(world: &World, seed: u64) -> (World, Plan, Plan, Vec<usize>) {
    after(world, without_one(world, seed, |_| true).expect("an event"))
}

fn after(world: &World, (mut before, which): (World, usize)) -> (World, Plan, Plan, Vec<usize>) {
    let parent = plan(&before);
    let event = world.events[which];
    before.events.push(event);
    let touched = input(&before, |input| input.touched_by(&[event]));
    let replan = input(&before, |input| input.replan(Parent::of(&parent, &touched), &touched));
    let touched = touched.installations.iter().map(|installation| installation.at()).collect();
    let after = parent.clone().after(replan);
    (before, parent, after, touched)
}

#[test]
fn nobody_else_has_another_story_and_what_was_done_stays_done() {
    let mut changed = 0;
    for seed in 0..WORLDS {
        let (world, parent, after, touched) = after_one(&world(seed, IN_ONE), seed);
        let known = world.events.last().expect("an event").on;
        for (installation, story) in after.stories() {
            let before = parent.story(installation);
            if !touched.contains(&installation.at()) {
                assert_eq!(story, before, "seed {seed}");
                continue;
            }
            let until = |steps: &[tern_plan::plan::Step]| -> Vec<_> {
                steps.iter().filter(|step| step.day < known).copied().collect()
            };
            assert_eq!(until(story), until(before), "seed {seed}");
            changed += u32::from(story != before);
        }
        let a_day = |day| {
            let steps = after.stories().flat_map(|(_, story)| story);
            steps.filter(|step| step.day == day && matches!(step.what, What::Migration(_))).count()
        };
        let days: std::collections::BTreeSet<_> =
            after.stories().flat_map(|(_, story)| story.iter().map(|step| step.day)).collect();
        for day in days {
            assert!(a_day(day) <= world.assumptions.capacity_a_day as usize, "seed {seed}, {day}");
        }
    }
    assert!(changed > 15, "{changed} stories changed");
}

#[test]
fn after_days_on_which_nothing_was_done_the_past_stays_and_nobody_who_had_nothing_then_has_another_day() {
    let (mut later, mut kept) = (0, 0);
    for seed in 0..WORLDS {
        let (world, still) = (world(seed, IN_ONE), stills(seed)[1]);
        let parent = plan(&world);
        let estate = &world.estate;
        let kept_back = |story: &[Step]| story.iter().any(|step| still.keeps_back(&Line::of(step, estate)));
        let stories = parent.stories().filter(|(_, story)| kept_back(story));
        let installations = stories.map(|(installation, _)| installation).collect();
        let touched = Touched { installations, from: Some(still.migrations_from) };
        let replan = input_with(&world, &[still], |input| input.replan(Parent::of(&parent, &touched), &touched));
        let after = parent.clone().after(replan);
        for (installation, story) in after.stories() {
            let before = parent.story(installation);
            if !touched.installations.contains(&installation) {
                assert_eq!(story, before, "seed {seed}");
                kept += 1;
                continue;
            }
            let done = |steps: &[Step]| -> Vec<Step> {
                let stays = |step: &&Step| step.day < still.from && !still.keeps_back(&Line::of(step, estate));
                steps.iter().filter(stays).copied().collect()
            };
            assert_eq!(done(story), done(before), "seed {seed}, {still:?}");
            // What is learnt on such a day stands there; nothing that the DCC does.
            let does = |step: &&Step| {
                let what = &step.what;
                matches!(
                    what,
                    What::Notice { .. } | What::HopBegun { .. } | What::ConfigurationBegun | What::Migration(_)
                )
            };
            assert!(!story.iter().filter(does).any(|step| still.keeps_back(&Line::of(step, estate))), "seed {seed}");
            later += u32::from(parent.end(installation) != after.end(installation));
        }
        for (day, taken) in after.taken() {
            assert!(taken.values().sum::<u32>() <= world.assumptions.capacity_a_day, "seed {seed}, {day}");
        }
    }
    assert!(later > 20 && kept > 1_000, "{later} {kept}");
}

#[test]
fn where_capacity_is_no_matter_it_is_as_if_all_had_been_planned_again() {
    for seed in 0..WORLDS {
        let mut world = world(seed, IN_ONE);
        (world.assumptions.capacity_a_day, world.assumptions.reserve_a_day) = (10_000, 0);
        let (world, _, after, _) = after_one(&world, seed);
        let whole = plan(&world);
        for (installation, story) in after.stories() {
            assert_eq!(story, whole.story(installation), "seed {seed}");
        }
    }
}

#[test]
fn a_plan_with_more_days_goes_on_where_the_one_before_ended() {
    let mut migrated = 0;
    for seed in 0..WORLDS {
        let world = world(seed, IN_ONE);
        let cut = Period { last: PERIOD.first.saturating_add((60 + (seed % 90).cast_signed()).days()), ..PERIOD };
        let parent = input(&world, |input| Input { period: cut, ..*input }.plan(|_| {}));
        let later: Vec<_> = world.events.iter().filter(|event| event.on > cut.last).copied().collect();
        let mut touched = input(&world, |input| input.touched_by(&later));
        let open = parent.stories().filter(|(of, _)| !matches!(parent.end(*of), End::Migrated(_)));
        touched.installations.extend(open.map(|(of, _)| of));
        touched.installations.sort_unstable();
        touched.installations.dedup();
        touched.from = cut.last.tomorrow().ok();
        let after = input(&world, |input| parent.clone().after(input.replan(Parent::of(&parent, &touched), &touched)));
        let whole = plan(&world);
        for (installation, story) in after.stories() {
            let first: Vec<Step> = story.iter().filter(|step| step.day <= cut.last).copied().collect();
            assert_eq!(first, parent.story(installation), "seed {seed}, until {}", cut.last);
            let end = after.end(installation);
            migrated += u32::from(matches!(end, End::Migrated(_)) && end != parent.end(installation));
            assert_eq!(story, whole.story(installation), "seed {seed}, until {}", cut.last);
        }
        assert_eq!(after.taken(), whole.taken(), "seed {seed}");
    }
    assert!(migrated > 100, "{migrated}");
}

#[test]
fn a_demand_is_planned_for_all_whose_share_it_is() {
    let mut changed = 0;
    for seed in 0..4 * WORLDS {
        let mut world = world(seed, IN_ONE);
        (world.assumptions.capacity_a_day, world.assumptions.reserve_a_day) = (10_000, 0);
        let Some(without) = without_one(&world, seed, |what| matches!(what, Happened::Demand { .. })) else { continue };
        let (world, parent, after, _) = after(&world, without);
        let whole = plan(&world);
        for (installation, story) in after.stories() {
            let chf = world.estate.installation(installation).chf;
            assert_eq!(story, whole.story(installation), "seed {seed}, CHF {chf}");
            changed += u32::from(story != parent.story(installation));
        }
    }
    assert!(changed > 20, "{changed} stories changed");
}
