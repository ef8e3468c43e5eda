//! `tern estate`: one is made, checked, spoiled and checked again.

use crate::support::Tern;

#[test]
fn an_estate_is_made_checked_and_not_written_over() {
    let tern = Tern::new();
    let made = tern.run(&["estate", "make", "estate", "-n", "300", "--seed", "4", "--dormant", "50"]).clean().out;
    assert!(made.contains("made 300 installations in estate") && made.contains("changes_a_year"), "{made}");
    let checked = tern.run(&["estate", "check", "estate", "--json"]).clean().json();
    assert_eq!((&checked["installations"], &checked["findings_in_all"]), (&300.into(), &0.into()));
    let states = checked["groups"].as_object().expect("groups").values();
    let dormant: u64 = states.map(|states| states["dormant"].as_u64().expect("a number")).sum();
    assert!((110..190).contains(&dormant), "{dormant}");
    let later = tern.run(&["estate", "make", "later", "-n", "40", "--described", "2099-01-01"]).clean().out;
    assert!(later.contains("next: `tern estate check later --as-of 2099-01-01`"), "{later}");
    tern.run(&["estate", "check", "later", "--as-of", "2099-01-01"]).clean();
    tern.run(&["estate", "make", "estate"]).fails("holds an estate already", "name another folder");
    tern.run(&["estate", "make", "other", "--dormant", "101"]).usage("101");
    tern.run(&["estate", "check", "nowhere"]).fails("installations.csv", "six files");
}

#[test]
fn a_file_gives_parameters_and_an_option_goes_before_it() {
    let tern = Tern::new();
    tern.write("population.toml", "installations = 40\ndormant = 70\n[entries]\nrefused = 30\n");
    let made =
        tern.run(&["estate", "make", "of-a-file", "--population", "population.toml", "--dormant", "60"]).clean().out;
    for line in ["installations            40", "dormant                  60 %", "entries.refused          30 %"] {
        assert!(made.contains(line), "{line} in {made}");
    }
    tern.write("population.toml", "refused = 30\n");
    let wrong = ["estate", "make", "another", "--population", "population.toml"];
    tern.run(&wrong).fails("unknown field `refused`", "under [entries]");
    tern.write("population.toml", "gas = 130\n");
    tern.run(&wrong).fails("`gas` is 130 of a hundred", "prints each by the name");
    assert!(!tern.path("another").exists());
}

#[test]
fn a_file_with_another_header_makes_no_estate_and_every_verb_says_which() {
    let tern = Tern::new();
    tern.run(&["estate", "make", "estate", "-n", "20"]).clean();
    tern.write("estate/entries.csv", "entry,chf\n");
    let ran = tern.run(&["estate", "check", "estate"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("entries.csv row 1") && ran.out.contains("0 installations"), "{}", ran.out);
    for verb in [&["plan", "make", "estate"][..], &["what-if", "estate", "--without", "early-firmware"]] {
        tern.run(verb).fails("estate makes no estate: entries.csv row 1: there is no such column", "the columns are");
    }
}

#[test]
fn what_is_wrong_with_an_estate_is_told_by_row_and_its_installations_are_set_aside() {
    let tern = Tern::new();
    tern.run(&["estate", "make", "estate", "-n", "200", "--wrong", "2"]).clean();
    let ran = tern.run(&["estate", "check", "estate", "--most", "3"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told = ran.out;
    for said in
        ["meters.csv row 2, mpxn: ", "16 installations set aside", "in-two-installations 2", "--most tells more"]
    {
        assert!(told.contains(said), "{said} in\n{told}");
    }
    let whole = tern.run(&["estate", "check", "estate", "--json"]).json();
    assert_eq!((&whole["installations"], &whole["set_aside"]), (&184.into(), &16.into()));

    let devices = tern.path("estate/devices.csv");
    let text = std::fs::read_to_string(&devices).expect("is there");
    std::fs::write(&devices, text.replacen("device_kind", "kind", 1)).expect("writes");
    let told = tern.run(&["estate", "check", "estate"]).out;
    assert!(told.contains("devices.csv row 1, device_kind: the column is missing"), "{told}");
    assert!(told.contains("  0 installations can be planned for"), "{told}");
}

#[test]
fn a_bad_row_is_told_once_and_what_follows_from_it_is_counted() {
    let tern = Tern::new();
    tern.run(&["estate", "make", "estate", "-n", "200", "--seed", "3"]).clean();
    let file = tern.path("estate/installations.csv");
    let good = std::fs::read_to_string(&file).expect("is there");
    let row = good.lines().nth(1).expect("a row");
    let hub = row.split(',').next().expect("a hub").to_owned();
    let no_day = format!("{}2019-02-31", &row[..row.len() - 10]);
    std::fs::write(&file, good.replacen(row, &no_day, 1)).expect("writes");
    let ran = tern.run(&["estate", "check", "estate", "--json"]);
    let told = ran.json();
    assert_eq!((ran.code, &told["findings_in_all"], &told["set_aside"]), (Some(1), &1.into(), &1.into()), "{told}");
    assert_eq!((&told["findings"][0]["row"], &told["findings"][0]["set_aside"]), (&2.into(), &hub.as_str().into()));
    assert!(told["rows_not_used"]["devices.csv"].as_u64().is_some_and(|rows| rows >= 2), "{told}");
    let text = tern.run(&["estate", "check", "estate"]).out;
    let aside = format!("CHF {hub} is set aside until then");
    for said in [aside.as_str(), "not used because of what is told above", "rows of meters.csv"] {
        assert!(text.replace("\n    ", " ").contains(said), "{said} in\n{text}");
    }
    let made = tern.run(&["plan", "make", "estate", "--from", "2020-11-30", "--until", "2021-03-01", "--json"]).json();
    assert_eq!(made["findings"], told["findings"]);
    tern.run(&["plan", "show", &hub]).fails("is not in the plan", "tern estate check");

    let quoted = good.replacen(row, &row.replacen(',', ",\"", 1), 1);
    std::fs::write(&file, quoted).expect("writes");
    let ran = tern.run(&["estate", "check", "estate"]);
    assert!(ran.out.contains("installations.csv row 2, group_id: a quote opens in this cell"), "{}", ran.out);
    assert!(ran.out.contains("findings by kind: bad-row 1\n"), "{}", ran.out);
}

#[test]
fn rows_that_are_added_below_two_years_of_events_are_no_fault() {
    let tern = Tern::new();
    tern.run(&["estate", "make", "estate", "-n", "100", "--seed", "5"]).clean();
    let make = ["plan", "make", "estate", "--from", "2020-11-30", "--until", "2021-03-01"];
    tern.run(&make).clean();
    let events = tern.path("estate/events.csv");
    let text = std::fs::read_to_string(&events).expect("is there");
    let hubs = std::fs::read_to_string(tern.path("estate/installations.csv")).expect("is there");
    let hub = hubs.lines().nth(1).and_then(|row| row.split(',').next()).expect("a hub");
    let added = format!("2020-12-01,attempt-failed,{hub},,,,,,,,,,no WAN,\n");
    std::fs::write(&events, text.clone() + &added).expect("writes");
    let told = tern.run(&["estate", "check", "estate", "--json"]).clean().json();
    let row = text.lines().count() + 1;
    assert_eq!((&told["findings_in_all"], &told["notes"][0]["row"]), (&0.into(), &row.into()), "{told}");
    assert!(tern.run(&["estate", "check", "estate"]).clean().out.contains("each counts from its own day"));
    assert!(tern.run(&make).clean().out.contains("generation 2"));
}

#[test]
fn a_service_that_has_not_begun_is_told_and_nothing_is_planned_for_its_installation() {
    let tern = Tern::new();
    tern.run(&["estate", "make", "estate", "-n", "60", "--seed", "2"]).clean();
    let file = tern.path("estate/meters.csv");
    let text = std::fs::read_to_string(&file).expect("is there");
    let row = text.lines().nth(1).expect("a row").to_owned();
    let cells: Vec<&str> = row.split(',').collect();
    let (since, hub) = (cells[4], cells[0].replace("-01", "-00"));
    let altered = |day: &str| std::fs::write(&file, text.replacen(&row, &row.replace(since, day), 1)).expect("writes");
    altered("2035-05-05");
    let told = tern.run(&["estate", "check", "estate"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.out.contains("meters.csv row 2, since: 2035-05-05 is after 20"), "{}", told.out);
    tern.run(&["estate", "check", "estate", "--as-of", "2035-05-05"]).clean();
    // Of a plan its first day counts, whatever day it is.
    altered("2020-12-01");
    tern.run(&["estate", "check", "estate"]).clean();
    let made = tern.run(&["plan", "make", "estate", "--from", "2020-11-30", "--until", "2021-03-01", "--json"]);
    let json = made.json();
    assert_eq!((made.code, &json["findings"][0]["kind"], &json["planned"]), (Some(1), &"not-yet".into(), &59.into()));
    tern.run(&["plan", "show", &hub]).fails("is not in the plan", "set aside");
    tern.run(&["plan", "report", "estate"]).clean();
}
