//! The machine against every arrow of its table, and against a world that does what it likes.

use std::collections::BTreeSet;

use tern_model::{GasOutcome, Grade, Holder};

use super::*;
use crate::step::{Altered, Change, Keeper, Lane};
use crate::table::TABLE;

const fn step(row: &'static str, change: Change, wanted: Wanted, on_failure: OnFailure) -> Step {
    Step { row, code: "X", lane: Lane::Device, change, wanted, on_failure, grade: Grade::Project, text: "" }
}

const ALTERS: Change = Change::Alters(Altered { keeper: Keeper::Hub, thing: "switch" });

const STEPS: &[Step] = &[
    step("A0", Change::Reads, Wanted::Always, OnFailure::RollBack),
    step("A1", ALTERS, Wanted::Always, OnFailure::RollBack),
    step("A2", Change::Reads, Wanted::Always, OnFailure::RollBack),
    step("G1", Change::Reads, Wanted::WithGas, OnFailure::LeaveGas { code: "GT01" }),
    step("G2", ALTERS, Wanted::WithGas, OnFailure::RollBack),
    step("A3", ALTERS, Wanted::Always, OnFailure::RollBack),
];

fn failure(code: &str, again: bool) -> Event {
    Event::Failed(Failure { row: "r".into(), code: code.into(), reason: "because".into(), again })
}

/// Feeds events in turn, and gives the transitions' arrows.
#[track_caller]
fn check(has_gas: bool, events: Vec<Event>, end: State) -> Migration {
    let mut m = Migration::new(has_gas);
    for event in events {
        let told = format!("{:?} on {event:?}", m.state);
        let taken = m.on(event, STEPS, &Limits::default()).expect(&told);
        assert!(TABLE.contains(&taken.arrow), "{:?} is not in the table", taken.arrow);
    }
    assert_eq!(m.state, end);
    m
}

#[test]
fn every_step_done_is_commissioned() {
    let done = |n| std::iter::once(Event::Start).chain(std::iter::repeat_n(Event::Done, n)).collect();
    assert_eq!(check(true, done(7), State::Commissioned).gas, GasOutcome::Migrated);
    assert_eq!(check(false, done(5), State::Commissioned).gas, GasOutcome::None);
}

#[test]
fn a_gas_han_error_leaves_the_gas_side_behind_and_goes_on() {
    let events =
        vec![Event::Start, Event::Done, Event::Done, Event::Done, Event::Done, failure("GT01", false), Event::Done];
    let m = check(true, events, State::Commissioned);
    assert_eq!(m.outcome(), Some(Outcome::Commissioned { gas: GasOutcome::LeftBehind }));
}

#[test]
fn a_failed_step_is_undone_in_reverse() {
    use Probe::Applied;
    let events = vec![
        Event::Start,
        Event::Done,
        Event::Done,
        Event::Done,
        Event::Done,
        Event::Done,
        Event::Done,
        failure("B6", false),
        Event::Probed(Applied),
        Event::Done,
        Event::Probed(Applied),
        Event::Done,
    ];
    let m = check(true, events, State::RolledBack);
    assert_eq!(m.outcome(), Some(Outcome::RolledBack { code: "B6".into() }));
}

#[test]
fn an_undo_that_keeps_failing_leaves_the_rest_to_go_on_and_ends_stuck() {
    use Probe::Applied;
    let events = vec![
        Event::Start,
        Event::Done,
        Event::Done,
        Event::Done,
        Event::Done,
        Event::Done,
        Event::Done,
        failure("B6", false),
        Event::Probed(Applied),
        failure("15.10.3", false),
        Event::Probed(Applied),
        Event::Done,
    ];
    let mut m = check(true, events, State::Stuck);
    assert_eq!(m.not_undone, vec![4]);
    let again = m.on(Event::Retry, STEPS, &Limits::default()).expect("retry");
    assert_eq!(again.effect, Some(Effect { kind: EffectKind::Probe, at: 4 }));
    let closing = Closing { held_by: Holder::Smso, evidence: "site visit".into() };
    assert!(m.on(Event::Close(closing), STEPS, &Limits::default()).is_none(), "closing waits for the question");
}

#[test]
fn after_a_crash_the_window_is_judged_again_unless_something_was_altered() {
    use Probe::{Applied, NotApplied};
    let to = |events: Vec<Event>| [vec![Event::Start, Event::Done], events].concat();
    check(true, to(vec![Event::Resume]), State::Rechecking);
    check(true, to(vec![Event::Done, Event::Resume, Event::Probed(NotApplied)]), State::Rechecking);
    check(true, to(vec![Event::Done, Event::Resume, Event::Resume, Event::Probed(NotApplied)]), State::Rechecking);
    check(true, to(vec![Event::Done, Event::Resume, Event::Probed(Applied)]), State::Doing { at: 2 });
    check(true, to(vec![Event::Done, Event::Done, Event::Resume]), State::Doing { at: 2 });
    let refused = to(vec![Event::Done, Event::Resume, Event::Probed(NotApplied), failure("5.10.10", false)]);
    let m = check(true, refused, State::Refused);
    assert_eq!(m.outcome(), Some(Outcome::Refused { clauses: vec!["5.10.10".into()] }));
    // Judged anew, it goes on as before, and a lost answer alone does not have it judged a third time.
    let events = vec![Event::Resume, Event::Done, Event::Done, Event::Lost, Event::Probed(NotApplied)];
    check(true, to(events), State::Doing { at: 1 });
}

#[test]
fn an_event_out_of_place_changes_nothing() {
    let mut m = Migration::new(true);
    let before = m.clone();
    assert!(m.on(Event::Done, STEPS, &Limits::default()).is_none());
    assert_eq!(m, before);
}

/// A small world with three altering steps, in which each answer may be lost, refused or late by a seeded choice.
struct Chance(u64);

impl Chance {
    fn next(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn event(&mut self, effect: Effect, applied: &mut BTreeSet<usize>) -> Event {
        let lost = self.next(5) == 0;
        let fails = self.next(5) == 0;
        let event = match effect.kind {
            EffectKind::Probe if fails => failure("P", true),
            EffectKind::Probe if applied.contains(&effect.at) => Event::Probed(Probe::Applied),
            EffectKind::Probe => Event::Probed(Probe::NotApplied),
            _ if fails => failure(if self.next(2) == 0 { "GT01" } else { "X" }, self.next(2) == 0),
            EffectKind::Do => {
                applied.insert(effect.at);
                Event::Done
            }
            EffectKind::Undo => {
                applied.remove(&effect.at);
                Event::Done
            }
            EffectKind::Recheck => Event::Done,
        };
        match (lost, self.next(7)) {
            (true, 0) => Event::Resume,
            (true, _) => Event::Lost,
            _ => event,
        }
    }
}

#[test]
fn whatever_the_world_does_the_machine_and_the_world_agree_at_the_end_and_every_arrow_is_taken() {
    let mut taken = BTreeSet::new();
    for seed in 0..40_000u64 {
        let (mut chance, mut world, mut m) = (Chance(seed), BTreeSet::new(), Migration::new(seed % 3 != 0));
        let mut event = Event::Start;
        for turn in 0.. {
            assert!(turn < 500, "seed {seed} never comes to rest");
            let told = format!("seed {seed}: {:?} does not know {event:?}", m.state);
            let transition = m.on(event, STEPS, &Limits::default()).expect(&told);
            taken.insert(transition.arrow);
            event = match transition.effect {
                Some(effect) => chance.event(effect, &mut world),
                None if m.state != State::Stuck => break,
                None if chance.next(3) > 0 => Event::Retry,
                None => Event::Close(Closing { held_by: Holder::Smso, evidence: "seen".into() }),
            };
        }
        world.retain(|&at| STEPS[at].change.alters());
        match m.state {
            State::Commissioned => {
                let expect: BTreeSet<_> = if m.gas == GasOutcome::Migrated { [1, 4, 5].into() } else { [1, 5].into() };
                assert_eq!(world, expect, "seed {seed}");
            }
            State::RolledBack | State::Refused => assert!(world.is_empty(), "seed {seed}: {world:?} left behind"),
            State::Closed { .. } => {}
            other => panic!("seed {seed} ends in {other:?}"),
        }
    }
    let table: BTreeSet<_> = TABLE.iter().copied().collect();
    assert_eq!(table.len(), TABLE.len(), "an arrow stands twice");
    let untaken: Vec<_> = table.difference(&taken).collect();
    let unlisted: Vec<_> = taken.difference(&table).collect();
    assert!(untaken.is_empty(), "never taken: {untaken:#?}");
    assert!(unlisted.is_empty(), "not in the table: {unlisted:#?}");
}
