//! A plan of an estate that was carried out, in part, under another plan.

use super::{FIRST, healthy, run, total};

#[test]
fn a_plan_that_does_again_what_was_done_under_another_is_refused_before_anything_is_done() {
    let place = healthy(12);
    let told = run(&place, "2020-12-10");
    assert!(total(&told, "migrated") > 0, "{told}");
    // Made from the day after: it knows of nothing that was done, and has everybody notified and migrated.
    let make = ["plan", "make", "estate", "--out", "plan2", "--from", "2020-12-11", "--until", "2021-02-26"];
    place.run(&make).clean();
    let (notices, events) = (place.read("facts/notices.csv"), place.read("estate/events.csv"));
    let sets = place.run(&["status", "--json"]).clean().out;
    let again = ["run", "estate", "--in", "plan2", "--until", "2021-02-26"];
    place.run(&again).fails("in the Smart Metering Inventory", "tern plan make ESTATE --until DATE");
    place.run(&again).fails("notifies again of what facts/notices.csv has", "under which that was done");
    assert_eq!((place.read("facts/notices.csv"), place.read("estate/events.csv")), (notices, events));
    assert_eq!(place.run(&["status", "--json"]).clean().out, sets);
    assert!(!place.path("plan2/days.csv").exists() && !place.path("plan2/notices.db").exists());
    // What was announced counts though nobody is migrated yet.
    let announced = healthy(6);
    run(&announced, FIRST);
    announced.run(&make).clean();
    announced.run(&again).fails("notifies again of what facts/notices.csv has", "under which that was done");
    // The first one goes on, and so does a second one of which nothing was done.
    run(&place, "2020-12-31");
    let other = healthy(6);
    other.run(&["plan", "make", "estate", "--out", "plan2", "--from", "2020-12-01", "--until", "2021-02-26"]).clean();
    let ran = other.run(&["run", "estate", "--in", "plan2", "--until", "2020-12-05", "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
}
