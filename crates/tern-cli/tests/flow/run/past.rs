//! Events of days that were carried out already: none ends an execution, and whoever writes one down is told what to write.

use super::incoming::all_of;
use super::{healthy, run};
use crate::support::Place;

const UNTIL: [&str; 4] = ["run", "estate", "--until", "2020-12-31"];
const MAKE: [&str; 3] = ["plan", "make", "estate"];

/// A hub of the estate, by its row.
fn hub(place: &Place, row: usize) -> String {
    let installations = place.read("estate/installations.csv");
    installations.lines().nth(row).and_then(|row| row.split(',').next()).expect("a hub").to_owned()
}

fn failed(on: &str, chf: &str) -> String {
    format!("{on},attempt-failed,{chf},,,,,,,,,,checked by hand,\n")
}

fn generation(place: &Place) -> u64 {
    place.run(&["run", "estate", "--status", "--json"]).clean().json()["generation"].as_u64().expect("a number")
}

#[test]
fn a_row_of_a_past_day_is_refused_before_it_makes_a_generation_and_goes_on_once_it_is_corrected() {
    let place = healthy(6);
    run(&place, "2020-12-05");
    let (kept, chf, before) = (place.read("estate/events.csv"), hub(&place, 1), generation(&place));
    let row = kept.lines().count() + 1;
    place.write("estate/events.csv", format!("{kept}{}", failed("2020-12-01", &chf)));
    let what = format!("events.csv row {row} is of 2020-12-01, a day that was carried out before the row came");
    place.run(&MAKE).fails(&what, "write 2020-12-06 in its first column");
    // Deleted, it is as though it had never been there; corrected, it is an event as any other.
    place.write("estate/events.csv", &kept);
    run(&place, "2020-12-06");
    assert_eq!(generation(&place), before);
    place.write("estate/events.csv", format!("{kept}{}", failed("2020-12-07", &chf)));
    place.run(&MAKE).clean();
    run(&place, "2020-12-07");
    assert_eq!(generation(&place), before + 1);
    assert!(place.run(&["plan", "show", &chf]).out.contains("2020-12-07  attempt 1 was without success"), "{chf}");
}

#[test]
fn rows_that_no_day_was_carried_out_by_may_be_corrected_when_a_generation_has_them_and_others_may_not() {
    let place = healthy(6);
    run(&place, "2020-12-05");
    let (kept, chf, other) = (place.read("estate/events.csv"), hub(&place, 1), hub(&place, 2));
    let shown = |chf: &str| place.run(&["plan", "show", chf, "--json"]).clean().json()["story"].clone();
    let (of_chf, of_other) = (shown(&chf), shown(&other));
    place.write("estate/events.csv", format!("{kept}{}", failed("2020-12-06", &chf)));
    place.run(&MAKE).clean();
    assert_ne!(shown(&chf), of_chf);
    // The wrong hub: corrected, the generation that knew of it counts no longer.
    place.write("estate/events.csv", format!("{kept}{}", failed("2020-12-06", &other)));
    place.run(&UNTIL).fails("was made from other events than there are", "tern plan make");
    place.run(&MAKE).clean();
    assert_eq!(shown(&chf), of_chf);
    assert_ne!(shown(&other), of_other);
    // Or taken out again.
    place.write("estate/events.csv", &kept);
    place.run(&MAKE).clean();
    assert_eq!((shown(&chf), shown(&other)), (of_chf, of_other));
    place.run(&MAKE).fails("knows every event already", "add rows");
    run(&place, "2020-12-06");
    // What days were carried out by stays as it was.
    let altered = kept.replacen("epcl-approved", "epcl-paused", 1);
    assert_ne!(altered, kept);
    place.write("estate/events.csv", altered);
    place.run(&UNTIL).fails("was made from other events than there are", "says which rows to put back");
    place.run(&MAKE).fails("rows of events.csv were altered", "put them back as they were");
    place.write("estate/events.csv", &kept);
    run(&place, "2020-12-07");
}

/// While an execution waits for tomorrow, a row of today is refused, and one of tomorrow makes a generation.
pub(super) fn is_learnt_tomorrow(place: &Place) {
    let today = tern_model::london_day(jiff::Timestamp::now());
    let (tomorrow, today) = (today.tomorrow().expect("a day").to_string(), today.to_string());
    let (kept, chf) = (place.read("estate/events.csv"), hub(place, 1));
    place.write("estate/events.csv", format!("{kept}{}", failed(&today, &chf)));
    place.run(&MAKE).fails("a day that was carried out before the row came", &format!("write {tomorrow}"));
    place.write("estate/events.csv", format!("{kept}{}", failed(&tomorrow, &chf)));
    place.run(&MAKE).clean();
}

#[test]
fn a_file_that_comes_on_a_day_that_was_carried_out_is_known_on_the_next_one() {
    let place = healthy(6);
    run(&place, "2020-12-04");
    let meter = all_of(&place, "active").remove(0);
    let file = format!("MA_smso_{}_20201204_180000.csv", meter.supplier);
    let rows = format!("reference,chf_identifier,from,until\n7,{},2020-12-04,2021-02-28\n", meter.chf);
    place.write(&file, rows);
    // The virtual clock shows the day that was carried out last; the estate of another plan is not concerned.
    let take = ["estate", "take", &file, "--into", "estate"];
    let taken = place.run(&[&take[..], &["--json"]].concat()).clean().json();
    assert_eq!((taken["came"].as_str(), taken["on"].as_str()), (Some("2020-12-04"), Some("2020-12-05")), "{taken}");
    assert!(place.read("estate/events.csv").contains(&format!("2020-12-05,authorised,{}", meter.chf)));
    place.run(&MAKE).clean();
    run(&place, "2020-12-05");
    let other = healthy(6);
    other.write(&file, place.read(&file));
    let plan = place.path("plan").display().to_string();
    other.write("estate/installations.csv", other.read("estate/installations.csv").replace("2018-", "2017-"));
    let taken = other.run(&[&take[..], &["--in", &plan, "--on", "2020-12-04", "--json"]].concat()).clean().json();
    assert_eq!((&taken["came"], taken["on"].as_str()), (&serde_json::Value::Null, Some("2020-12-04")), "{taken}");
}
