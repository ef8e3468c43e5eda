//! Days that go by without `tern run`: what was due on them is planned again from the day on which it comes back, and nothing that
//! was done is altered or done again. The clock is a configured one, and is put on by hand.

use std::collections::BTreeSet;

use serde_json::Value;
use tern_world::devices::LogRecord;

use super::{FIRST, LAST, healthy, leaves, records, run, total, waiting};
use crate::support::Place;

/// The plan's last day.
const END: &str = "2021-01-31";

/// It is the morning of a day, whatever was done so far.
fn it_is(place: &Place, day: &str) {
    let config = place.read("tern.toml");
    let rest = config.split_once("\n\n").expect("the clock stands first").1;
    place.write("tern.toml", format!("[clock]\nstart = \"{day}T08:00:00Z\"\nsteps = \"clock-{day}\"\n\n{rest}"));
}

/// The one stretch of days that a run told of as missed.
fn missed(ran: &Value) -> Value {
    let missed = ran["missed"].as_array().expect("missed");
    assert_eq!(missed.len(), 1, "{ran}");
    missed[0].clone()
}

fn generation(place: &Place) -> u64 {
    place.run(&["run", "estate", "--status", "--json"]).clean().json()["generation"].as_u64().expect("a number")
}

fn story(place: &Place, chf: &str, generation: u64) -> Value {
    let plan = format!("plan@{generation}");
    place.run(&["plan", "show", chf, "--in", &plan, "--json"]).clean().json()
}

fn every_hub(place: &Place) -> Vec<String> {
    let rows = place.read("estate/installations.csv");
    rows.lines().skip(1).filter_map(|row| row.split(',').next().map(str::to_owned)).collect()
}

/// Everybody was migrated in the end but for those who left before, without an attempt in vain, and every hop was made once.
fn everybody_has_come(place: &Place, ran: &Value, but: &[String]) {
    let come = (every_hub(place).len() - but.len()) as u64;
    let totals = &ran["totals"];
    assert_eq!((total(ran, "migrated"), total(ran, "attempts_failed")), (come, 0), "{totals}");
    assert_eq!(waiting(place), but);
    assert!(!records(place).to_string().contains("-p"), "every device has the firmware of its entry");
    let mut keys = BTreeSet::new();
    for record in place.log() {
        if let LogRecord::Effect(effect) = record
            && effect.row == "smso-firmware"
        {
            assert!(keys.insert(effect.key.clone()), "{} was made twice", effect.key);
        }
    }
    assert_eq!(keys.len() as u64, total(ran, "hops_made"));
}

#[test]
fn what_was_due_on_missed_days_is_planned_again_and_the_past_stays() {
    let place = healthy(16);
    run(&place, "2020-12-01");
    let before = generation(&place);
    let stories: Vec<(String, Value)> = every_hub(&place)
        .into_iter()
        .map(|chf| {
            let story = story(&place, &chf, before);
            (chf, story)
        })
        .collect();
    // Active Meters were to be migrated on the 2nd.
    it_is(&place, "2020-12-07");
    let ran = run(&place, "2020-12-18");
    let told = missed(&ran);
    assert_eq!((&told["from"], &told["until"]), (&"2020-12-02".into(), &"2020-12-07".into()));
    let due = told["migrations"].as_u64().expect("a count");
    assert!(due > 3 && told["notices"] == 0 && told["hops"] == 0, "{told}");
    assert!(told["later"] == due && told["no_more"] == 0 && told["days_at_most"] == 5, "{told}");
    assert_eq!(total(&ran, "migrated"), due, "{ran}");
    assert!(!place.read("estate/events.csv").contains("attempt-failed"), "nobody is blamed for it");
    let mut moved = 0;
    for (chf, was) in &stories {
        // What a generation said it says for ever, and what was done before stands in the next one as it was.
        assert_eq!(story(&place, chf, before), *was);
        let now = story(&place, chf, generation(&place));
        let done = |story: &Value| {
            let lines = story["story"].as_array().expect("lines").iter();
            lines.filter(|line| line["day"].as_str().expect("a day") < "2020-12-02").cloned().collect::<Vec<_>>()
        };
        assert_eq!(done(&now), done(was), "{chf}");
        moved += u64::from(now.to_string().contains("\"2020-12-07\"") && was.to_string().contains("\"2020-12-02\""));
    }
    assert!(moved >= due, "{moved} of {due}");
    // The firmware of the others was to begin on the 21st.
    it_is(&place, "2020-12-23");
    let told = missed(&run(&place, "2020-12-23"));
    assert!(told["hops"].as_u64() > Some(0) && told["configurations"].as_u64() > Some(0), "{told}");
    let text = place.run(&["run", "estate", "--until", END]).out;
    assert!(text.contains("2020-12-24"), "{text}");
    everybody_has_come(&place, &run(&place, END), &[]);
    // A generation that is made by hand knows of it too.
    let of_21st = |(_, was): &&(String, Value)| was.to_string().contains("\"2020-12-21\"");
    let chf = &stories.iter().find(of_21st).expect("one that begins on the 21st").0;
    let decided = format!("2021-02-01,supplier-change-decision,{chf},,,,,,,,,,go-on,\n");
    let newest = generation(&place) + 1;
    place.write("estate/events.csv", place.read("estate/events.csv") + &decided);
    place.run(&["plan", "make", "estate"]).clean();
    let made = story(&place, chf, newest);
    assert_eq!(made["generation"], newest);
    assert!(made.to_string().contains("\"2020-12-23\"") && !made.to_string().contains("\"2020-12-21\""), "{made}");
}

#[test]
fn notices_that_were_missed_go_out_with_terms_of_their_own_day() {
    let place = healthy(8);
    it_is(&place, "2020-12-03");
    let ran = place.run(&["run", "estate", "--until", "2020-12-03"]);
    let told = ran.out;
    assert!(
        told.contains("Mon 2020-11-30  until Wed 2020-12-02: not carried out")
            && told.contains("plans 8 installations"),
        "{told}"
    );
    assert!(told.contains(" again from 2020-12-03 on"), "{told}");
    // Whoever would have left on the 2nd, for a change of supplier on the 3rd, has no reason to any more.
    everybody_has_come(&place, &run(&place, END), &[]);
    for row in place.read("facts/notices.csv").lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        assert!(cells[3] >= "2020-12-03", "{row}");
        // 15 Working Days behind the 3rd lies the 24th.
        assert!(cells[3] != "2020-12-03" || cells[4] == "2020-12-24", "{row}");
    }
    assert!(place.read("facts/notices.csv").contains(",2020-12-03,2020-12-24,"));
}

#[test]
fn a_day_that_was_begun_is_ended_before_it_goes_on_today() {
    let place = healthy(12);
    run(&place, "2020-12-01");
    let log = place.log().len();
    let mut cut = place.start(&["run", "estate", "--until", LAST]);
    place.wait_for_log(log + 1, &mut cut);
    assert!(cut.kill(), "killed in the midst of its migrations");
    it_is(&place, "2020-12-22");
    let ran = run(&place, END);
    let told = missed(&ran);
    assert_eq!((&told["from"], &told["migrations"]), (&"2020-12-02".into(), &0.into()), "{told}");
    assert!(told["configurations"].as_u64() > Some(0), "{told}");
    everybody_has_come(&place, &ran, &[leaves(&place)]);
    let days: Vec<String> = place.read("plan/days.csv").lines().skip(1).map(|row| row[..10].to_owned()).collect();
    assert_eq!(days[..4], [FIRST, "2020-12-01", "2020-12-02", "2020-12-22"]);
}

#[test]
fn a_plan_whose_days_are_over_is_carried_out_when_it_has_more_days() {
    let place = healthy(12);
    run(&place, "2020-12-10");
    it_is(&place, "2021-02-03");
    place.run(&["run", "estate", "--until", END]).fails("the plan ends on 2021-01-31", "give the plan more days");
    place.run(&["plan", "make", "estate", "--until", "2021-03-31"]);
    let ran = run(&place, "2021-03-31");
    assert!(missed(&ran)["later"].as_u64() > Some(3), "{ran}");
    everybody_has_come(&place, &ran, &[leaves(&place)]);
}
