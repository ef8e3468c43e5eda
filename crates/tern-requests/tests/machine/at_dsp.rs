//! The DSP's machine.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::prelude::*;
use tern_requests::machine::dsp::{Effect, Event, Reply, RequestAtDsp, State, TABLE, Waits};
use tern_requests::stages::Limits;
use tern_requests::stages::hold::Timing;

use crate::{moment, refusal};

/// The moment at which everything begins; events come some hours after it.
const BEGINNING: &str = "2021-03-02T10:00:00Z";

fn due() -> jiff::Timestamp {
    moment("2021-03-02T12:00:00Z")
}

fn events() -> Vec<Event> {
    vec![
        Event::Accepted(Timing::Now),
        Event::Accepted(Timing::Later(due())),
        Event::Accepted(Timing::Cancel),
        Event::Refused(refusal()),
        Event::Answered,
        Event::Woke,
        Event::TakenBack,
        Event::Handed,
        Event::FromS1sp,
        Event::Delivered,
        Event::Expired,
        Event::SentAgain,
        Event::Resumed,
    ]
}

fn on(request: &mut RequestAtDsp, event: Event, hours: i64) -> Option<Vec<Effect>> {
    let now = moment(BEGINNING) + SignedDuration::from_hours(hours);
    let taken = request.on(event, now, &Limits::default(), Waits::default())?;
    assert!(TABLE.contains(&taken.arrow), "{:?}", taken.arrow);
    let kept = serde_json::to_string(request).expect("JSON");
    assert_eq!(&serde_json::from_str::<RequestAtDsp>(&kept).expect("itself"), request);
    Some(taken.effects)
}

#[test]
fn every_arrow_is_taken() {
    let mut taken = BTreeSet::new();
    let mut seen: Vec<RequestAtDsp> = vec![RequestAtDsp::default()];
    let mut at = 0;
    while let Some(request) = seen.get(at).cloned() {
        at += 1;
        for event in events() {
            for hours in [0, 3, 9, 40] {
                let mut next = request.clone();
                let now = moment(BEGINNING) + SignedDuration::from_hours(hours);
                let Some(step) = next.on(event.clone(), now, &Limits::default(), Waits::default()) else { continue };
                taken.insert(step.arrow);
                if !seen.contains(&next) {
                    seen.push(next);
                }
            }
        }
    }
    assert_eq!(taken, TABLE.iter().copied().collect::<BTreeSet<_>>());
}

proptest! {
    #![proptest_config(crate::seeded())]

    #[test]
    fn nothing_is_said_or_sent_twice(steps in prop::collection::vec((0..13_usize, 0..40_i64), 1..60)) {
        let mut request = RequestAtDsp::default();
        let (mut said, mut replies, mut sends, mut resumes) = (0, Vec::new(), 0, 0);
        for (event, hours) in steps {
            let event = events().swap_remove(event);
            let before = request.clone();
            let resumed = event == Event::Resumed;
            let was_at_rest = request.state.is_at_rest();
            let Some(effects) = on(&mut request, event, hours) else {
                prop_assert_eq!(&before, &request, "an event that is not known changes nothing");
                continue;
            };
            resumes += usize::from(resumed);
            for effect in effects {
                prop_assert!(!was_at_rest || effect == Effect::Reply(Reply::FromS1sp), "{:?} at rest", effect);
                match effect {
                    Effect::Acknowledge | Effect::Refuse(_) | Effect::Answer => said += 1,
                    Effect::Reply(reply) => replies.push(reply),
                    Effect::Send => sends += 1,
                    Effect::WakeAt(_) | Effect::Judge | Effect::TakeBack => {}
                }
            }
        }
        prop_assert!(said <= 1, "one word on its own connection");
        prop_assert!(sends <= 1 + resumes, "sent again after a crash alone, and then under the same key");
        let from_s1sp = replies.iter().filter(|reply| **reply == Reply::FromS1sp).count();
        prop_assert!(from_s1sp <= 1 && replies.len() - from_s1sp <= 1, "{:?}", replies);
        prop_assert_eq!(usize::from(request.replies), replies.len());
    }

    #[test]
    fn whatever_has_happened_ends_when_everybody_answers(steps in prop::collection::vec((0..13_usize, 0..40_i64), 0..20)) {
        let mut request = RequestAtDsp::default();
        for (event, hours) in steps {
            let _ = on(&mut request, events().swap_remove(event), hours);
        }
        let fair = [Event::Woke, Event::Accepted(Timing::Now), Event::Handed, Event::FromS1sp, Event::Delivered, Event::Delivered];
        for event in fair {
            let _ = on(&mut request, event, 1_000);
        }
        prop_assert!(request.state.is_at_rest(), "{:?}", request);
    }
}

#[test]
fn a_held_request_is_judged_again_when_it_is_due_whatever_the_clock_did() {
    let mut request = RequestAtDsp::default();
    let accepted = on(&mut request, Event::Accepted(Timing::Later(due())), 0).expect("taken");
    assert_eq!(accepted, [Effect::Acknowledge, Effect::WakeAt(due())]);
    assert_eq!(on(&mut request, Event::Resumed, 1), Some(vec![Effect::WakeAt(due())]));
    assert_eq!(on(&mut request, Event::Woke, 1), Some(vec![Effect::WakeAt(due())]), "woken too early");
    assert_eq!(on(&mut request, Event::Woke, 2), Some(vec![Effect::Judge]));
    assert_eq!(on(&mut request, Event::Resumed, 2), Some(vec![Effect::Judge]), "a crash while it was judged");
    assert_eq!(on(&mut request, Event::Refused(refusal()), 2), Some(vec![Effect::Reply(Reply::Refused(refusal()))]));
    assert_eq!(on(&mut request, Event::Delivered, 3), Some(Vec::new()));
    assert_eq!(request.state, State::Replied);
}

#[test]
fn one_that_was_due_too_long_ago_is_not_sent() {
    let mut request = RequestAtDsp::default();
    let _ = on(&mut request, Event::Accepted(Timing::Later(due())), 0);
    assert_eq!(on(&mut request, Event::Woke, 30), Some(vec![Effect::Judge]));
    let effects = on(&mut request, Event::Accepted(Timing::Now), 30).expect("taken");
    assert!(
        matches!(effects.as_slice(), [Effect::Reply(Reply::Refused(refusal))] if refusal.reason.key() == "held-too-long")
    );
}

#[test]
fn an_answer_that_comes_late_is_passed_on_once() {
    let mut request = RequestAtDsp::default();
    let _ = on(&mut request, Event::Accepted(Timing::Now), 0);
    let _ = on(&mut request, Event::Handed, 0);
    let effects = on(&mut request, Event::Woke, 4).expect("taken");
    assert!(
        matches!(effects.as_slice(), [Effect::Reply(Reply::Refused(refusal))] if refusal.reason.key() == "no-response")
    );
    let _ = on(&mut request, Event::Delivered, 4);
    assert_eq!(on(&mut request, Event::FromS1sp, 5), Some(vec![Effect::Reply(Reply::FromS1sp)]));
    assert_eq!(on(&mut request, Event::FromS1sp, 5), None, "the device answers twice");
    let _ = on(&mut request, Event::Delivered, 5);
    assert_eq!((request.state, request.replies), (State::Replied, 2));
}
