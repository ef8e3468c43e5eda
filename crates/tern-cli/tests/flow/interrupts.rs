//! Ctrl-C: the first ends cleanly and the same command goes on; the second ends at once.

use tern_world::devices::World;

use crate::settled::{no_effect_twice, planted_is_found, settled};
use crate::support::{DeafDevices, Place, eventually, healthy};

#[test]
fn an_interrupt_finishes_what_is_in_flight_and_the_same_command_goes_on() {
    for signal in ["INT", "TERM"] {
        let place = Place::everything();
        let mut run = place.start(&["migrate", "sets", "--json"]);
        place.wait_for_log(5, &mut run);
        run.signal(signal);
        let ran = run.ended();
        assert_eq!((ran.code, ran.err.as_str()), (Some(130), ""), "{signal}: {ran:?}");
        let told = ran.json();
        assert_eq!(told["interrupted"], true);
        let (begun, left) = (told["sets"].as_array().expect("sets"), told["not_begun"].as_array().expect("sets"));
        assert!(begun.len() < 6 && begun.len() + left.len() == 6, "{signal} came in mid-migration: {told}");
        assert!(left.iter().all(|set| set["set"].is_string()), "{told}");
        let open: u64 = begun.iter().filter_map(|set| set["open"].as_u64()).sum();
        let counted = told["outcomes"].as_array().expect("outcomes").iter().find(|row| row["outcome"].is_null());
        assert_eq!(open, counted.map_or(0, |row| row["installations"].as_u64().expect("a number")), "{told}");
        assert!(!World::is_held(&place.path("world")), "its world ended with it");
        no_effect_twice(&place);
        place.migrate();
        planted_is_found(&place, &settled(&place));
    }
}

#[test]
fn an_interrupted_run_says_that_the_same_command_goes_on() {
    let place = Place::everything();
    let mut run = place.start(&["migrate", "sets"]);
    place.wait_for_log(1, &mut run);
    run.signal("INT");
    let ran = run.ended();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(ran.out.contains("interrupted; the same command goes on where this one stopped"), "{ran:?}");
    let marked = |mark: &str| ran.out.lines().filter(|line| line.trim_start().starts_with(mark)).collect::<Vec<_>>();
    assert!(marked("✓").iter().all(|line| !line.contains("open")), "{ran:?}");
    assert!(marked("…").iter().all(|line| line.ends_with("of them open")), "{ran:?}");
    assert!(!marked("·").is_empty() && marked("·").iter().all(|line| line.ends_with("not begun")), "{ran:?}");
    assert_eq!(marked("✓").len() + marked("…").len() + marked("·").len(), 6, "{ran:?}");
}

#[test]
fn a_second_interrupt_ends_at_once_and_loses_nothing() {
    let place = Place::new(healthy(4));
    let deaf = DeafDevices::listen();
    place.configure(&deaf.configuration());
    let mut run = place.start(&["migrate", "sets", "--json"]);
    let line = deaf.called(&mut run);
    // What is in flight would be waited for an hour: the first alone does not end it.
    eventually("a second interrupt ends it", || {
        run.signal("INT");
        run.has_ended()
    });
    let ran = run.ended();
    assert_eq!((ran.code, ran.out.as_str()), (Some(130), ""), "the first prints how far it came, the second nothing");
    drop(line);
    place.configure("");
    assert_eq!(place.migrate().code, Some(0));
    settled(&place);
}
