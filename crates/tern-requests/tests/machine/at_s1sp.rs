//! The S1SP's machine.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tern_requests::machine::probe::Found;
use tern_requests::machine::s1sp::{Attempts, Effect, Event, Outcome, Plan, RequestAtS1sp, State, TABLE};
use tern_requests::stages::dco::DcoSaid;

use crate::refusal;

const READ: Plan = Plan { protected: 0, changes: false, instructions: 1 };
const TOP_UP: Plan = Plan { protected: 0, changes: true, instructions: 1 };
const CRITICAL: Plan = Plan { protected: 2, changes: true, instructions: 2 };
/// What was obeyed is read back.
const READ_BACK: Plan = Plan { protected: 1, changes: true, instructions: 2 };

fn events() -> Vec<Event> {
    vec![
        Event::Planned(READ),
        Event::Planned(TOP_UP),
        Event::Planned(CRITICAL),
        Event::Planned(Plan { instructions: 2, ..TOP_UP }),
        Event::Planned(READ_BACK),
        Event::Refused(refusal()),
        Event::Protected,
        Event::DcoSaid(DcoSaid::Nothing),
        Event::DcoSaid(DcoSaid::No("another supply state".to_owned())),
        Event::Obeyed,
        Event::DeviceRefused("object-unavailable".to_owned()),
        Event::Unreachable("no WAN".to_owned()),
        Event::Lost,
        Event::Probed(Found::Applied),
        Event::Probed(Found::NotApplied),
        Event::Delivered,
        Event::Resumed,
    ]
}

fn on(request: &mut RequestAtS1sp, event: Event) -> Option<Vec<Effect>> {
    let taken = request.on(event, Attempts::default())?;
    assert!(TABLE.contains(&taken.arrow), "{:?}", taken.arrow);
    let kept = serde_json::to_string(request).expect("JSON");
    assert_eq!(&serde_json::from_str::<RequestAtS1sp>(&kept).expect("itself"), request);
    Some(taken.effects)
}

#[test]
fn every_arrow_is_taken() {
    let mut taken = BTreeSet::new();
    let mut seen = vec![RequestAtS1sp::default()];
    let mut at = 0;
    while let Some(request) = seen.get(at).cloned() {
        at += 1;
        for event in events() {
            let mut next = request.clone();
            let Some(step) = next.on(event, Attempts::default()) else { continue };
            taken.insert(step.arrow);
            // A crash may come any number of times; counting them further shows nothing new.
            if !seen.contains(&next) && next.protections < 6 && next.askings < 6 && next.probes < 6 {
                seen.push(next);
            }
        }
    }
    assert_eq!(taken, TABLE.iter().copied().collect::<BTreeSet<_>>());
}

proptest! {
    #![proptest_config(crate::seeded())]

    #[test]
    fn a_device_is_asked_only_as_it_may_be(steps in prop::collection::vec(0..17_usize, 1..80)) {
        let mut request = RequestAtS1sp::default();
        let (mut protected, mut uncertain, mut told, mut crashes) = (false, false, 0, 0);
        for event in steps {
            let event = events().swap_remove(event);
            let before = request.clone();
            let Some(effects) = on(&mut request, event.clone()) else {
                prop_assert_eq!(&before, &request);
                continue;
            };
            crashes += u8::from(event == Event::Resumed);
            let plan = request.plan.unwrap_or(READ);
            match &event {
                Event::Protected => protected = true,
                Event::Lost | Event::Resumed if before.state == State::Asking && plan.alters(before.at) => uncertain = true,
                Event::Probed(_) => (uncertain, protected) = (false, protected && !plan.is_protected(before.at)),
                Event::Obeyed => protected = false,
                _ => {}
            }
            for effect in effects {
                match effect {
                    Effect::Ask { .. } => {
                        prop_assert!(!plan.is_protected(request.at) || protected, "asked without the DCO");
                        prop_assert!(!uncertain, "asked again before it was probed");
                    }
                    Effect::Tell(_) if event != Event::Resumed => told += 1,
                    Effect::Tell(_) | Effect::Judge | Effect::Protect { .. } | Effect::Probe { .. } => {}
                }
            }
        }
        prop_assert!(told <= 1, "told once");
        prop_assert_eq!(request.outcome.is_some(), told == 1);
        prop_assert!(request.askings <= Attempts::default().askings + crashes, "as often as allowed, and after each crash");
    }

    #[test]
    fn silence_ends_in_an_alert(plan in 0..4_usize, steps in prop::collection::vec(0..17_usize, 0..20)) {
        let mut request = RequestAtS1sp::default();
        let _ = on(&mut request, Event::Planned([READ, TOP_UP, CRITICAL, READ_BACK][plan]));
        for event in steps {
            let _ = on(&mut request, events().swap_remove(event));
        }
        let silent = [Event::Protected, Event::DcoSaid(DcoSaid::Nothing), Event::Lost, Event::Delivered];
        for event in std::iter::repeat_n(silent, 20).flatten() {
            let _ = on(&mut request, event);
        }
        prop_assert_eq!(request.state, State::Told);
    }
}

#[test]
fn a_critical_request_of_two_instructions_is_protected_twice() {
    let mut request = RequestAtS1sp::default();
    assert_eq!(on(&mut request, Event::Planned(CRITICAL)), Some(vec![Effect::Protect { at: 0 }]));
    assert_eq!(on(&mut request, Event::Protected), Some(vec![Effect::Ask { at: 0 }]));
    assert_eq!(on(&mut request, Event::Lost), Some(vec![Effect::Probe { at: 0 }]));
    assert_eq!(on(&mut request, Event::Probed(Found::NotApplied)), Some(vec![Effect::Protect { at: 0 }]));
    assert_eq!(on(&mut request, Event::Protected), Some(vec![Effect::Ask { at: 0 }]));
    assert_eq!(on(&mut request, Event::Obeyed), Some(vec![Effect::Protect { at: 1 }]));
    assert_eq!(on(&mut request, Event::Protected), Some(vec![Effect::Ask { at: 1 }]));
    assert_eq!(on(&mut request, Event::Obeyed), Some(vec![Effect::Tell(Outcome::Done)]));
    assert_eq!(
        on(&mut request, Event::Resumed),
        Some(vec![Effect::Tell(Outcome::Done)]),
        "a crash before it was handed over"
    );
    assert_eq!(on(&mut request, Event::Delivered), Some(Vec::new()));
    assert_eq!(on(&mut request, Event::Obeyed), None, "the device answers twice");
}

#[test]
fn what_the_dco_refuses_never_reaches_the_device() {
    let mut request = RequestAtS1sp::default();
    let _ = on(&mut request, Event::Planned(CRITICAL));
    let effects = on(&mut request, Event::DcoSaid(DcoSaid::KeysMissing("no package".to_owned()))).expect("taken");
    assert!(matches!(effects.as_slice(), [Effect::Tell(Outcome::Alert(r))] if r.reason.key() == "keys-missing"));
}
