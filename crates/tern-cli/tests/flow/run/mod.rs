//! `tern run`: plans on corpora that are to be planned, carried out under a virtual clock; killed, with faults, and outdated.

mod another;
mod incoming;
mod missed;
mod past;
mod undelivered;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value;
use tern_world::devices::LogRecord;

use crate::support::{Place, look_again};

/// The day on which the FOC text binds, and on which the estate is described.
const FIRST: &str = "2020-11-30";
/// Everybody of such an estate has had their day by then.
const LAST: &str = "2020-12-31";

/// A corpus that is to be planned, its plan, and a virtual clock that begins on its first day.
fn planned(installations: usize, more: &[&str]) -> Place {
    let place = described(installations, more);
    place.run(&["plan", "make", "estate", "--from", FIRST, "--until", "2021-01-31"]);
    place
}

/// The same, before it is planned.
fn described(installations: usize, more: &[&str]) -> Place {
    let place = Place::with_keys();
    place.write(
        "tern.toml",
        "[clock]\nstart = \"2020-11-30T08:00:00Z\"\nsteps = \"clock\"\n\n[pki]\ndir = \"pki\"\n\n[facts]\ndir = \"facts\"\n\n\
         [world]\ndir = \"world\"\n\n[commissioning]\nanswer_timeout_ms = 500\n",
    );
    let n = installations.to_string();
    let corpus = ["corpus", ".", "--to-plan", "--day", FIRST, "-n", &n, "--seed", "7", "--behind", "3"];
    place.run(&[&corpus, more].concat()).clean();
    place
}

fn healthy(installations: usize) -> Place {
    planned(installations, &["--defects", "0"])
}

fn run(place: &Place, until: &str) -> Value {
    let ran = place.run(&["run", "estate", "--until", until, "--json"]);
    assert!(ran.err.is_empty(), "{ran:?}");
    ran.json()
}

fn total(told: &Value, what: &str) -> u64 {
    told["totals"][what].as_u64().unwrap_or_else(|| panic!("no {what} in {told}"))
}

/// Those that wait for an authorisation at the end, as the newest generation says.
fn waiting(place: &Place) -> Vec<String> {
    let rows = place.read("estate/installations.csv");
    let chfs = rows.lines().skip(1).filter_map(|row| row.split(',').next().map(str::to_owned));
    let waits = |chf: &String| {
        let story = place.run(&["plan", "show", chf, "--json"]).clean().json();
        story["end"]["waits"] == "authorisation"
    };
    chfs.filter(waits).collect()
}

/// The one with Active Meters whose supplier changes too soon: it leaves on its day, and has to be authorised anew.
fn leaves(place: &Place) -> String {
    let active: BTreeSet<String> = place
        .read("estate/meters.csv")
        .lines()
        .filter(|row| row.contains(",active,"))
        .filter_map(|row| row.split(',').nth(1).map(str::to_owned))
        .collect();
    let events = place.read("estate/events.csv");
    let changes = events.lines().filter(|row| row.contains("change-of-supplier"));
    let points: Vec<String> = changes
        .filter_map(|row| row.split(',').nth(4).map(str::to_owned))
        .filter(|point| active.contains(point))
        .collect();
    assert_eq!(points.len(), 1, "{events}");
    let meters = place.read("estate/meters.csv");
    let device = meters.lines().find(|row| row.contains(&points[0])).and_then(|row| row.split(',').next());
    let device = device.expect("its meter").to_owned();
    let devices = place.read("estate/devices.csv");
    let row = devices.lines().find(|row| row.starts_with(&device)).expect("its device");
    row.split(',').nth(1).expect("its hub").to_owned()
}

/// Device by device what it runs, as the SMSO's records say.
fn records(place: &Place) -> Value {
    serde_json::from_str(&place.read("smso/smso/installations.json")).expect("records")
}

#[test]
fn everybody_is_notified_prepared_and_migrated_in_time() {
    let place = healthy(24);
    let behind = place.read("estate/devices.csv").lines().filter(|row| row.contains("-p")).count();
    assert!(behind > 8, "{behind}");
    let told = run(&place, LAST);
    assert_eq!((total(&told, "migrated"), total(&told, "waiting")), (23, 1), "{told}");
    assert_eq!(waiting(&place), vec![leaves(&place)]);
    assert_eq!((total(&told, "attempts_failed"), total(&told, "hops_failed")), (0, 0));
    assert_eq!(total(&told, "configured"), 24);
    assert!(total(&told, "hops_made") >= 8, "{told}");
    assert!(!records(&place).to_string().contains("-p"), "every device has the firmware of its entry");
    // No installation was migrated before its notice had run and its configuration was recorded, as the rules judge them.
    let statuses = place.run(&["status", "--json"]).clean().json();
    assert!(statuses.to_string().contains("commissioned"), "{statuses}");
    // Each effect once.
    let mut keys = BTreeSet::new();
    let hops = place.log().into_iter().filter_map(|record| match record {
        LogRecord::Effect(effect) if effect.row == "smso-firmware" => Some(effect.key),
        _ => None,
    });
    let hops: Vec<String> = hops.collect();
    assert!(hops.iter().all(|key| keys.insert(key.clone())), "{hops:?}");
    assert_eq!(hops.len() as u64, total(&told, "hops_made"));
    // Again: nothing is left to do, and where it stands is told.
    let events = place.read("estate/events.csv");
    let again = run(&place, LAST);
    assert_eq!(again["totals"], told["totals"]);
    assert_eq!((again["days"].as_array().map(Vec::len), place.read("estate/events.csv")), (Some(0), events));
    let status = place.run(&["run", "estate", "--status", "--json"]).clean().json();
    assert_eq!(status["stands_at"], "2021-01-01");
}

/// What an execution leaves behind, but for what is random or of the moment in it.
fn evidence(place: &Place) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for file in ["notices.csv", "smso_configuration.csv", "registration.csv", "authorisations.csv"] {
        let file = format!("facts/{file}");
        all.insert(file.clone(), place.read(&file));
    }
    all.insert("estate/events.csv".to_owned(), place.read("estate/events.csv"));
    for supplier in place.list("notices") {
        for notice in place.list(&format!("notices/{supplier}")) {
            let path = format!("notices/{supplier}/{notice}");
            all.insert(path.clone(), place.read(&path));
        }
    }
    all.insert("records".to_owned(), records(place).to_string());
    let status = run(place, LAST);
    all.insert("totals".to_owned(), status["totals"].to_string());
    all
}

/// Kills in all, and of one execution at most.
const KILLS: usize = 16;
const KILLS_A_PLACE: usize = 6;

#[test]
fn killed_again_and_again_it_ends_as_if_it_never_was() {
    let fresh = planned(20, &["--defects", "0", "--faults", "2"]);
    incoming::comes_in(&fresh);
    let calm = fresh.copied();
    let since = Instant::now();
    run(&calm, LAST);
    assert!(calm.read("facts/registration.csv").len() > fresh.read("facts/registration.csv").len());
    assert!(calm.read("facts/authorisations.csv").len() > fresh.read("facts/authorisations.csv").len());
    let whole = since.elapsed();
    let theirs = evidence(&calm);
    let outcomes = |place: &Place| place.run(&["status", "--json"]).json()["outcomes"].to_string();
    let mut kills = 0;
    while kills < KILLS {
        let place = fresh.copied();
        for _ in 0..KILLS_A_PLACE {
            // From the start of a run to its middle; whatever is done stays done, so that later ones hit later days.
            let after = whole.mul_f64((kills * 7 % 18 + 1) as f64 / 36.0);
            if !kill_after(&place, after) {
                break;
            }
            kills += 1;
        }
        run(&place, LAST);
        let ours = evidence(&place);
        for (what, said) in &theirs {
            assert_eq!(Some(said), ours.get(what), "{what}, after {kills} kills");
        }
        assert_eq!(ours.len(), theirs.len());
        assert_eq!(outcomes(&place), outcomes(&calm));
    }
}

/// Whether it was killed before it came to its end.
fn kill_after(place: &Place, time: Duration) -> bool {
    let since = Instant::now();
    let mut run = place.start(&["run", "estate", "--until", LAST]);
    while since.elapsed() < time {
        if run.has_ended() {
            return false;
        }
        look_again();
    }
    run.kill()
}

#[test]
fn an_attempt_counts_where_something_was_tried_and_the_next_one_comes_after_the_pause() {
    let place = healthy(12);
    let behind = place.read("estate/devices.csv");
    let mut behind = behind.lines().filter(|row| row.contains("-p")).filter_map(|row| row.split(',').nth(1));
    let never = behind.next().expect("one is behind").to_owned();
    let late = behind.find(|chf| **chf != never).expect("two are behind").to_owned();
    let unset = waiting_for_none(&place, &[&never, &late]);
    place.write(
        "smso/smso/order_faults.csv",
        format!(
            "chf_identifier,task,fault,times\n{never},firmware,fails,99\n{late},firmware,fails,4\n\
             {unset},configure,fails,4\n"
        ),
    );
    let told = run(&place, "2021-01-31");
    let days = |chf: &str, code: &str| -> Vec<String> {
        let events = place.read("estate/events.csv");
        let failed = format!(",attempt-failed,{chf},,,,,,,,,,{code},");
        events.lines().filter_map(|row| row.strip_suffix(&failed).map(str::to_owned)).collect()
    };
    // Three orders are an attempt; ten Working Days later, three more.
    assert_eq!(days(&never, "4.26"), ["2020-12-24", "2021-01-15"], "{told}");
    let story = place.run(&["plan", "show", &never]).out;
    let begun: Vec<&str> =
        story.lines().filter(|line| line.contains("  upgrade of ")).map(|line| line.trim()[..10].trim()).collect();
    assert_eq!(begun, ["2020-12-21", "2021-01-12", "2021-01-29"], "{story}");
    // What is made in the end, or configured, is migrated after the pause.
    assert_eq!(days(&late, "4.26"), ["2020-12-24"]);
    assert_eq!(days(&unset, "15.2").len(), 1, "{told}");
    for chf in [&late, &unset] {
        assert!(place.run(&["plan", "show", chf]).out.contains("migrated on 2021-01-"), "{chf}");
        assert!(place.run(&["status", "--chf", chf, "--json"]).out.contains("\"commissioned\""), "{chf}");
    }
    assert!(!place.run(&["plan", "show", &never]).out.contains("excluded"), "{told}");
}

/// One with Dormant Meters alone, and none of these.
fn waiting_for_none(place: &Place, others: &[&str]) -> String {
    let dormant = incoming::all_of(place, "dormant").into_iter().map(|meter| meter.chf);
    dormant.into_iter().find(|chf| !others.contains(&chf.as_str())).expect("a dormant one")
}

/// How many hops a story has begun.
fn hops_of(story: &str) -> usize {
    story.matches("upgrade of ").count()
}

#[test]
fn what_the_smso_fails_at_is_tried_again_and_told() {
    let place = healthy(12);
    let hop: Vec<String> = place
        .read("estate/devices.csv")
        .lines()
        .filter(|row| row.contains("-p"))
        .filter_map(|row| row.split(',').nth(1).map(str::to_owned))
        .collect();
    let (fails, lost) = (&hop[0], hop.iter().find(|chf| **chf != hop[0]).expect("two are behind"));
    let others: Vec<String> = place
        .read("estate/installations.csv")
        .lines()
        .skip(1)
        .filter_map(|row| row.split(',').next().map(str::to_owned))
        .filter(|chf| !hop.contains(chf))
        .collect();
    let (late, never) = (&others[0], &others[2]);
    place.write(
        "smso/smso/order_faults.csv",
        format!(
            "chf_identifier,task,fault,times\n{fails},firmware,fails,1\n{lost},firmware,lost-answer,1\n\
             {late},configure,late,1\n{never},configure,fails,9\n"
        ),
    );
    let told = run(&place, "2021-01-31");
    assert_eq!(total(&told, "hops_failed"), 1, "{told}");
    // Their stories tell it: a hop that was not made is none that is complete, and what is only assumed reads so.
    let story = |chf: &str| {
        let shown = place.run(&["plan", "show", chf]).out;
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let of_hop = story(fails);
    assert_eq!(of_hop.matches("stays at firmware").count(), 1, "{of_hop}");
    assert!(of_hop.contains("was not made, and is ordered again (P-hops)"), "{of_hop}");
    assert_eq!(of_hop.matches("the upgrade is recorded as complete").count(), hops_of(&of_hop), "{of_hop}");
    let of_late = story(late);
    assert!(of_late.contains("hub and SIM are taken as configured"), "{of_late}");
    assert_eq!(of_late.matches("hub and SIM are configured").count(), 1, "{of_late}");
    // Whoever is configured late is migrated late, and who never is has attempts without success for that reason alone.
    assert_eq!(total(&told, "migrated"), 10, "{told}");
    assert_eq!(waiting(&place), vec![leaves(&place)]);
    let failed: Vec<(String, String)> = told["days"]
        .as_array()
        .expect("days")
        .iter()
        .flat_map(|day| day["failed"].as_array().expect("failed").clone())
        .map(|one| (one["chf"].as_str().expect("chf").to_owned(), one["code"].as_str().expect("code").to_owned()))
        .collect();
    assert!(failed.iter().all(|(chf, code)| (chf == never || chf == late) && code == "15.2"), "{failed:?}");
    assert!(failed.iter().any(|(chf, _)| chf == never), "{failed:?}");
    let events = place.read("estate/events.csv");
    assert!(events.contains(&format!("attempt-failed,{never}")), "{events}");
}

#[test]
fn an_outdated_plan_is_not_carried_out() {
    let place = healthy(6);
    run(&place, "2020-12-03");
    let mut events = place.read("estate/events.csv");
    let first = place.read("estate/installations.csv");
    let chf = first.lines().nth(1).and_then(|row| row.split(',').next()).expect("a hub").to_owned();
    let kept = events.clone();
    events.push_str(&format!("2020-12-08,attempt-failed,{chf},,,,,,,,,,checked by hand,\n"));
    place.write("estate/events.csv", &events);
    let until = ["run", "estate", "--until", LAST];
    place.run(&until).fails("was made from other events than there are", "tern plan make");
    place.run(&["plan", "make", "estate"]).clean();
    run(&place, "2020-12-05");
    assert!(place.read("estate/events.csv").starts_with(&kept));
}

#[test]
fn under_the_machines_clock_it_does_today_and_waits() {
    let place = Place::empty();
    place.write("tern.toml", "[pki]\ndir = \"pki\"\n\n[facts]\ndir = \"facts\"\n\n[world]\ndir = \"world\"\n");
    place.run(&["pki", "init", "pki", "--not-before", "2020-06-01"]).clean();
    place.run(&["corpus", ".", "--to-plan", "-n", "6", "--defects", "0"]).clean();
    let until = tern_model::london_day(jiff::Timestamp::now()).saturating_add(jiff::Span::new().days(60)).to_string();
    place.run(&["plan", "make", "estate", "--until", &until]).clean();
    let mut run = place.start(&["run", "estate", "--until", &until]);
    let table = place.path("plan/days.csv");
    run.meanwhile("the first day", || table.is_file());
    past::is_learnt_tomorrow(&place);
    // The day is over, and the next one has not come: it waits, and ends where it is asked to.
    run.signal("INT");
    let ran = run.ended();
    assert_eq!((ran.code, ran.err.as_str()), (Some(130), ""), "{ran:?}");
    assert!(ran.out.contains("configurations begun") && ran.out.contains("the same command goes on"), "{ran:?}");
    let days = place.read("plan/days.csv");
    assert_eq!(days.lines().count(), 2, "{days}");
    let status = place.run(&["run", "estate", "--status", "--json"]).clean().json();
    assert_eq!((status["totals"]["days"].as_u64(), status["interrupted"].as_bool()), (Some(1), Some(false)));
}
