//! What suppliers owe after commissioning, for meters that were commissioned by the real binary.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tern_model::Role;
use tern_store::{SqliteView, StoreView};

use crate::support::{Place, TODAY, healthy};

/// A migrated world of three installations with both meters each, and its electricity meters: Device ID and MPxN.
fn migrated() -> (Place, Vec<(String, String)>) {
    let place = Place::new(healthy(3));
    place.migrate();
    place.write("events.csv", format!("{HEADER}\n"));
    let all = duties(&place, &["--events", "facts/meter_events.csv"]);
    assert!(all["meters"].as_u64() >= Some(3), "{all}");
    let registration = place.read("facts/registration.csv");
    let mut mpans: Vec<_> = registration.lines().filter(|l| l.contains(",electricity,")).collect();
    mpans.dedup_by_key(|line| line.split(',').next());
    let of = |line: &&str| {
        let mpxn = line.split(',').next().expect("an MPxN").to_owned();
        let one = place.run(&["duties", "--meter", &mpxn, "--json"]).json();
        (one["duties"][0]["device_id"].as_str().expect("a Device ID").to_owned(), mpxn)
    };
    let meters = mpans.iter().map(of).collect();
    (place, meters)
}

const HEADER: &str = "meter,day,event,payment_mode,result,takes_effect,new_supplier_id,reference";

fn duties(place: &Place, more: &[&str]) -> Value {
    place.run(&[["duties", "--json"].as_slice(), more].concat()).json()
}

/// Standing, meter, last day, of every line.
fn lines(duties: &Value) -> Vec<(String, String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or("-").to_owned();
    let line = |d: &Value| (text(&d["standing"]), text(&d["device_id"]), text(&d["by"]));
    duties["duties"].as_array().expect("duties").iter().map(line).collect()
}

#[test]
fn duties_come_and_go_with_the_events_and_what_is_broken_is_kept_once() {
    let (place, meters) = migrated();
    let [(first, first_point), (second, _), (third, _)] = meters.as_slice() else { panic!("{meters:?}") };
    let events = [
        format!("{first},2021-01-10,payment-mode,prepayment,,,,"),
        format!("{second},2021-01-10,payment-mode,prepayment,,,,"),
        format!("{second},2021-03-04,top-up,,success,,,T1"),
        format!("{third},2021-03-01,supplier-change-planned,,,2021-03-09,,"),
        // By the metering point, and before the row that it stands below.
        format!("{first_point},2021-03-01,supplier-change-planned,,,2021-03-12,,"),
        "00-00-00-00-00-00-00-01,2021-03-01,payment-mode,credit,,,,".to_owned(),
    ];
    place.write("events.csv", format!("{HEADER}\n{}\n", events.join("\n")));
    place.configure("[facts]\nevents = \"events.csv\"\n[duties]\nreminder_days = [10, 3]\n");
    let line = |standing: &str, meter: &String, by: &str| (standing.to_owned(), meter.clone(), by.to_owned());
    let today = duties(&place, &[]);
    let expected =
        [line("unknown", third, "2021-03-09"), line("owed", first, "2021-03-11"), line("verify-key", second, "-")];
    assert_eq!(lines(&today), expected, "{today}");
    let owed = &today["duties"][1];
    assert_eq!(owed["reminders"], serde_json::json!(["2021-03-02", "2021-03-09"]));
    assert_eq!(owed["reminder_today"], true);
    let registration = place.read("facts/registration.csv");
    let supplier = owed["responsible_supplier"].as_str().expect("a supplier");
    assert!(registration.contains(&format!("{first_point},electricity,{supplier}")), "{supplier}");
    assert!(
        today["warnings"][0].as_str().is_some_and(|w| w.ends_with("1 event of meters that were not commissioned here"))
    );
    // The Top Up of the 4th verified the second's key; on the 12th the first's supplier has changed in Prepayment Mode.
    let later = duties(&place, &["--as-of", "2021-03-12"]);
    assert_eq!(lines(&later), [line("broken", first, "2021-03-12"), line("unknown", third, "2021-03-09")], "{later}");
    let credited = format!("{HEADER}\n{}\n{first},2021-03-11,payment-mode,credit,,,,\n", events.join("\n"));
    place.write("credited.csv", credited);
    let kept = duties(&place, &["--as-of", "2021-03-12", "--events", "credited.csv"]);
    assert_eq!(lines(&kept), [line("unknown", third, "2021-03-09")], "{kept}");
    // Eleven days on, by the clock itself.
    let moved = place.read("tern.toml").replace(TODAY, "2021-03-13");
    place.write("tern.toml", moved);
    assert_eq!(duties(&place, &["--record"])["recorded"], 1);
    assert_eq!(duties(&place, &["--record"])["recorded"], 0);
    let dsp = SqliteView::open_read_only(&place.path("stores/dsp.sqlite"), Role::Dsp).expect("the DSP's store");
    let audit = dsp.audit(0, 1_000).expect("its audit");
    let kept: Vec<_> = audit.iter().filter(|row| row.entry.action == "duty broken").collect();
    assert_eq!((kept.len(), kept[0].entry.subject.as_str()), (1, first.as_str()));
    let told =
        format!("4.49: owed since 2021-03-02, not in Credit Mode on 2021-03-12; Responsible Supplier {supplier}");
    assert_eq!(kept[0].entry.evidence, told);
}

#[test]
fn one_meter_is_told_with_every_condition() {
    let (place, meters) = migrated();
    let (device, point) = &meters[0];
    place.write("events.csv", format!("{HEADER}\n{device},2021-01-10,payment-mode,prepayment,,,,\n"));
    let told = place.run(&["duties", "--events", "events.csv", "--meter", point]).clean().out;
    for letter in ["(a)", "(b)", "(c)", "(d)", "(e)", "(f)", "(g)"] {
        assert!(told.contains(letter), "{letter} in {told}");
    }
    assert!(
        told.contains("(c) in Prepayment Mode when Migrated: yes; Prepayment Mode since 2021-01-10 (row 2)"),
        "{told}"
    );
    assert!(told.contains("(g) a change of supplier is pending: no"), "{told}");
    assert!(place.run(&["explain", "4.49"]).clean().out.contains("Credit Mode"));
    place.run(&["duties", "--meter", "12"]).fails("no meter 12 was commissioned here", "Device ID or its MPxN");
}

#[test]
fn an_events_file_that_cannot_be_used_is_told() {
    let place = Place::with_keys();
    std::fs::create_dir(place.path("facts")).expect("a folder");
    place.configure("");
    place.run(&["duties"]).fails("cannot read the events of meters", "check that the file exists");
    place.write("events.csv", "meter;day\n");
    place.run(&["duties", "--events", "events.csv"]).fails("the column is missing", "meter-events.md");
    place.write("events.csv", format!("{HEADER}\n1,2021-01-10,payment-mode,,,,,\n"));
    let told = place.run(&["duties", "--events", "events.csv"]).clean().out;
    assert!(
        told.contains("meter_events.csv row 2, payment_mode: the cell is empty; a payment-mode needs it"),
        "{told}"
    );
    assert!(told.contains("nothing is owed on 2021-03-02 of 0 meters"), "{told}");
}

/// What the corpus's events say of each meter, by the words of its rows alone.
fn planted(place: &Place) -> BTreeMap<String, BTreeSet<String>> {
    let point_of = |duty: &Value| (duty["mpxn"].to_string(), duty["device_id"].to_string());
    // Whoever is in Prepayment Mode is listed for its key where for nothing else, which tells its names.
    let all = duties(place, &["--as-of", "2021-02-27", "--events", "prepayment.csv"]);
    assert_eq!(all["duties"], Value::Array(Vec::new()), "nothing was commissioned then");
    let listed = duties(place, &["--events", "prepayment.csv"]);
    let device_of: BTreeMap<_, _> = listed["duties"].as_array().expect("duties").iter().map(point_of).collect();
    let mut stories: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in place.read("facts/meter_events.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let quoted = format!("\"{}\"", cells[0]);
        let device = device_of.get(&quoted).unwrap_or(&quoted).trim_matches('"').to_owned();
        stories.entry(device).or_default().insert(format!("{} {}{}", cells[2], cells[3], cells[4]));
    }
    stories.retain(|_, story| story.contains("payment-mode prepayment"));
    stories
}

#[test]
fn what_a_corpus_has_happen_to_meters_is_what_is_found() {
    let place = Place::new(healthy(150));
    place.migrate();
    let events = place.read("facts/meter_events.csv");
    let prepayment = events.lines().filter(|line| line.starts_with("meter,") || line.contains(",prepayment,"));
    place.write("prepayment.csv", prepayment.collect::<Vec<_>>().join("\n"));
    let stories = planted(&place);
    assert!(stories.len() >= 8, "{stories:#?}");
    let found = |day: &str, standing: &str| -> BTreeSet<String> {
        let lines = lines(&duties(&place, &["--as-of", day]));
        lines.into_iter().filter(|line| line.0 == standing).map(|line| line.1).collect()
    };
    let expected = |of: &dyn Fn(&BTreeSet<String>) -> bool| -> BTreeSet<String> {
        stories.iter().filter(|(_, story)| of(story)).map(|(device, _)| device.clone()).collect()
    };
    let is_planned = |s: &BTreeSet<String>| s.contains("supplier-change-planned ");
    assert_eq!(found(TODAY, "owed"), expected(&is_planned));
    // The plan is for the 14th: by then some are in Credit Mode, and some plans are withdrawn.
    let broken = |s: &BTreeSet<String>| {
        is_planned(s) && !s.contains("payment-mode credit") && !s.contains("supplier-change-withdrawn ")
    };
    assert_eq!(found("2021-03-14", "broken"), expected(&broken));
    assert_eq!(found("2021-03-14", "unknown"), BTreeSet::new());
    let unverified = |s: &BTreeSet<String>| !s.contains("payment-mode credit") && !s.contains("top-up success");
    let listed: BTreeSet<String> = &found("2021-03-14", "broken") | &found("2021-03-14", "verify-key");
    assert_eq!(listed, expected(&unverified));
}
