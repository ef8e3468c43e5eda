//! `tern plan`

use tern_model::Mpxn;

use crate::support::Tern;

pub const SUPPLIER_A: &str = "90-B3-D5-1F-30-02-00-01";
pub const SUPPLIER_B: &str = "90-B3-D5-1F-30-02-00-02";

pub fn chf(number: u64) -> String {
    format!("00-DB-12-34-56-78-{number:02X}-00")
}

fn esme(number: u64) -> String {
    format!("00-DB-12-34-56-78-{number:02X}-01")
}

pub fn mpan(number: u64) -> Mpxn {
    Mpxn::mpan_from_body(100_000_000_000 + number)
}

pub const EVENTS: &str = "on,event,chf_identifier,device_id,mpxn,entry,supplier_id,smso,document,manufacturer,model,firmware,\
                      value,effective\n";

/// Three installations of group AA with Dormant Meters: the second has old firmware, the third an Active Meter.
pub fn estate(tern: &Tern) {
    let mut installations =
        "chf_identifier,group_id,smso,communications_provider,installing_supplier_id,installed_on\n".to_owned();
    let mut devices = "device_id,chf_identifier,device_kind,manufacturer,model,firmware\n".to_owned();
    let mut meters = "device_id,mpxn,supplier_id,service,since,payment_mode\n".to_owned();
    for number in 1..=3 {
        let (chf, esme, mpan) = (chf(number), esme(number), mpan(number));
        let firmware = if number == 2 { "1.0" } else { "2.0" };
        let service = if number == 3 { "active" } else { "dormant" };
        installations += &format!("{chf},AA,North,Provider,{SUPPLIER_A},2016-05-02\n");
        devices += &format!("{chf},{chf},CHF,Maker,Hub,1.0\n{esme},{chf},ESME,Maker,Meter,{firmware}\n");
        meters += &format!("{esme},{mpan},{SUPPLIER_A},{service},2018-07-01,credit\n");
    }
    let entries = "entry,chf_manufacturer,chf_model,chf_firmware,esme_manufacturer,esme_model,esme_firmware,\
                   gsme_manufacturer,gsme_model,gsme_firmware,communications_provider,comprises,route,equivalent_to\n\
                   first,Maker,Hub,1.0,Maker,Meter,2.0,,,,Provider,dormant,mt-sit,\n";
    let paths = format!(
        "manufacturer,model,from_firmware,to_firmware,installing_supplier_id\nMaker,Meter,1.0,2.0,{SUPPLIER_A}\n"
    );
    std::fs::create_dir_all(tern.path("estate")).expect("a folder");
    tern.write("estate/installations.csv", &installations);
    tern.write("estate/devices.csv", &devices);
    tern.write("estate/meters.csv", &meters);
    tern.write("estate/entries.csv", entries);
    tern.write("estate/upgrade_paths.csv", &paths);
    tern.write("estate/events.csv", &(EVENTS.to_owned() + &approved()));
}

pub fn approved() -> String {
    "2020-12-01,epcl-approved,,,,first,,,,,,,,\n".to_owned()
}

impl Tern {
    /// Writes the estate's events.
    fn write_events(&self, events: &[String]) -> &Tern {
        self.write("estate/events.csv", EVENTS.to_owned() + &events.concat());
        self
    }
}

pub fn made(tern: &Tern) {
    estate(tern);
    tern.run(&["plan", "make", "estate", "--from", "2021-03-01", "--until", "2021-06-30"]).clean();
}

#[test]
fn an_estate_is_planned_and_each_date_has_its_reason_and_clause() {
    let tern = Tern::new();
    estate(&tern);
    let make = ["plan", "make", "estate", "--from", "2021-03-01", "--until", "2021-06-30"];
    let text = tern.run(&make).clean().out;
    for said in
        ["generation 1: 3 installations planned", "migrated", "capacity_a_day = 3000", "wait for something else"]
    {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    // Fifteen Working Days after Monday 1 March are over on 22 March.
    let text = tern.run(&["plan", "show", &chf(1)]).clean().out;
    for said in [
        "migrated on 2021-03-22",
        "2021-03-01  notice of migration to 90-B3-D5-1F-30-02-00-01, not before 2021-03-22",
        "15 Working Days before the earliest day",
        "(4.30)",
        "Null Certificate ID",
    ] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    let text = tern.run(&["plan", "show", &chf(2)]).clean().out;
    for said in
        ["firmware and configuration steps", "(4.29)", "upgrade of ESME", "to firmware 2.0", "migrated on 2021-03-25"]
    {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    let told = tern.run(&["plan", "show", &chf(3), "--json"]).clean().json();
    assert_eq!(told["story"][0]["clause"], "4.41");
    assert_eq!(told["end"]["waits"], "authorisation");
}

#[test]
fn an_added_event_makes_a_generation_that_plans_those_alone_whom_it_touches() {
    let tern = Tern::new();
    made(&tern);
    let again = ["plan", "make", "estate", "--json"];
    tern.run(&["plan", "make", "estate"]).fails("knows every event already", "events.csv");
    let change = format!("2021-03-10,change-of-supplier,,,{},,{SUPPLIER_B},,,,,,,2021-03-23\n", mpan(1));
    let supplied = format!("2021-03-04,certificates-supplied,{},,,,{SUPPLIER_A},,,,,,,\n", chf(1));
    tern.write("estate/events.csv", &(EVENTS.to_owned() + &approved() + &supplied + &change));
    let told = tern.run(&again).clean().json();
    assert_eq!((told["generation"].as_u64(), told["planned"].as_u64()), (Some(2), Some(1)));
    assert!(told["parent"].as_str().is_some_and(|digest| digest.len() == 64), "{told}");
    let text = tern.run(&["plan", "show", &chf(1)]).clean().out;
    for said in ["it leaves the process", "5.10.10", "planned by generation 2", "becomes Import Supplier of MPAN"] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    let before = tern.run(&["plan", "show", &chf(1), "--in", "plan@1"]).clean().out;
    assert!(before.contains("migrated on 2021-03-22"), "{before}");
    let text = tern.run(&["plan", "diff", "plan@1", "plan@2"]).clean().out;
    for said in
        ["1 installation planned otherwise; 2 alike", "1  migrated later", "migrated on 2021-03-22 → migrated on"]
    {
        assert!(text.contains(said), "{said} in\n{text}");
    }
}

#[test]
fn a_reserve_that_leaves_no_place_is_refused() {
    let tern = Tern::new();
    made(&tern);
    let refused = |text: &str, what: &str, next: &str| {
        tern.write("ours.toml", text);
        tern.run(&["plan", "make", "estate", "--out", "other", "--assumptions", "ours.toml"]).fails(what, next);
        let what_if = ["what-if", "estate", "--without", "recently-dormant", "--assumptions", "ours.toml"];
        tern.run(&what_if).fails(what, next);
    };
    let by_default = "dmin_a_day = 4\ncapacity_a_day = 50\n";
    refused(by_default, "reserve_a_day is 100, as by default, and capacity_a_day 50", "below 50");
    refused(by_default, "ours.toml line 2", "0 keeps no place free");
    refused("reserve_a_day = 15\ncapacity_a_day = 15\n", "would have no place on any day", "reserve_a_day below 15");
    refused("capacity_a_day = 0\n", "capacity_a_day 0", "write reserve_a_day = 0");
    tern.write("ours.toml", "capacity_a_day = 0\nreserve_a_day = 0\n");
    let made = ["plan", "make", "estate", "--out", "none", "--from", "2020-11-30", "--assumptions", "ours.toml"];
    assert!(!tern.run(&made).clean().out.contains("migrated  "), "nobody has a place");
    let told = tern.run(&["explain", "P-capacity"]).clean().out;
    assert!(told.contains("reserve_a_day"), "{told}");
}

#[test]
fn with_more_days_a_plan_goes_on_for_those_who_are_not_migrated() {
    let tern = Tern::new();
    estate(&tern);
    tern.run(&["plan", "make", "estate", "--from", "2021-03-01", "--until", "2021-03-23"]).clean();
    let before = tern.run(&["plan", "show", &chf(2), "--json"]).clean().json();
    assert_eq!(before["end"], "under-way", "{before}");
    let told = tern.run(&["plan", "make", "estate", "--until", "2021-06-30", "--json"]).clean().json();
    assert_eq!((told["generation"].as_u64(), told["planned"].as_u64()), (Some(2), Some(2)), "{told}");
    assert_eq!((&told["period"]["first"], &told["period"]["last"]), (&"2021-03-01".into(), &"2021-06-30".into()));
    let now = tern.run(&["plan", "show", &chf(2), "--json"]).clean().json();
    assert_eq!(now["end"]["migrated"], "2021-03-25", "{now}");
    let (was, is) = (before["story"].as_array().expect("lines"), now["story"].as_array().expect("lines"));
    assert_eq!(is[..was.len()], was[..]);
    // As though it had had all those days from the beginning.
    tern.run(&["plan", "make", "estate", "--from", "2021-03-01", "--until", "2021-06-30", "--out", "whole"]).clean();
    let text = tern.run(&["plan", "diff", "plan", "whole"]).clean().out;
    assert!(text.contains("3 alike"), "{text}");
}

#[test]
fn a_plan_is_never_made_over_another() {
    let tern = Tern::new();
    made(&tern);
    tern.run(&["plan", "make", "estate", "--until", "2021-06-29"]).fails("was made from other days", "");
    tern.run(&["plan", "make", "estate", "--from", "2021-03-02"]).fails("was made from other days", "");
    tern.write("ours.toml", "capacity_a_day = 7\nreserve_a_day = 1\n");
    tern.run(&["plan", "make", "estate", "--assumptions", "ours.toml"]).fails("other assumptions", "");
    tern.write("ours.toml", "capacity = 7\n");
    tern.run(&["plan", "make", "estate", "--assumptions", "ours.toml"]).fails("unknown field", "");
    let other = EVENTS.to_owned() + "2020-12-02,epcl-approved,,,,first,,,,,,,,\n";
    tern.write("estate/events.csv", &other);
    tern.run(&["plan", "make", "estate"]).fails("other earlier events", "");
    tern.run(&["plan", "show", &chf(9)]).fails("is not in the plan", "");
    tern.run(&["plan", "show", &chf(1), "--in", "plan@3"]).fails("no generation 3", "");
    tern.run(&["plan", "show", &chf(1), "--in", "nowhere"]).fails("there is no plan in nowhere", "");
}

#[test]
fn a_plan_is_drawn_as_a_calendar_with_what_its_stories_say_of_each_day() {
    let tern = Tern::new();
    made(&tern);
    let text = tern.run(&["plan", "calendar", "--out", "wall/plan.svg"]).clean().out;
    assert!(text.contains("notices of migration (4.30)") && text.contains("wall/plan.svg"), "{text}");
    let svg = tern.read("wall/plan.svg");
    // What the stories above say: two notices of migration on the first day, and one of firmware.
    for said in [
        ">2021-03-01: 2 notices of migration (4.30)<",
        ">2021-03-01: 1 notice of firmware and configuration (4.29)<",
        ">2021-03-22: 1 migration, of 3,000 that capacity allows<",
        ">2021-03-25: 1 migration, of 3,000 that capacity allows<",
        "2 of 3 installations are migrated, the last one on 2021-03-25.",
    ] {
        assert!(svg.contains(said), "{said} in\n{svg}");
    }
    let told = tern.run(&["plan", "calendar", "plan@1", "--json"]).clean().json();
    assert_eq!((told["installations"].as_u64(), told["days"][0]["what"].as_str()), (Some(3), Some("notices_4_29")));
    assert_eq!(tern.read("planned-calendar.svg"), svg, "the same plan gives the same picture");
    tern.run(&["plan", "calendar", "plan@7"]).fails("no generation 7", "");
}

#[test]
fn an_excluded_installation_is_put_aside_with_its_evidence_and_planned_anew_afterwards() {
    let tern = Tern::new();
    estate(&tern);
    let (first, second) = (chf(1), chf(2));
    let events = format!(
        "2021-02-01,excluded,{second},,,,,,SMSO's letter,,,,no-wan-before-migration,\n\
         2021-03-10,excluded,{first},,,,,,SMSO's letter,,,,missing-master-keys,\n\
         2021-04-12,exclusion-ended,{first},,,,,,,,,,missing-master-keys,\n"
    );
    tern.write("estate/events.csv", EVENTS.to_owned() + &approved() + &events);
    tern.run(&["plan", "make", "estate", "--from", "2021-03-01", "--until", "2021-06-30"]).clean();
    let text = tern.run(&["plan", "show", &first]).clean().out;
    // Fifteen Working Days after Monday 12 April are over on 4 May: the first Monday of May is a bank holiday.
    for said in [
        "migrated on 2021-05-04",
        "2021-03-10  excluded",
        "its master keys are not to be had: events.csv row 4 (P-excluded)",
        "2021-04-12  no longer excluded as missing-master-keys",
        "2021-04-12  it is planned anew",
        "2021-04-12  notice of migration",
    ] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    let text = tern.run(&["plan", "show", &second]).clean().out;
    for said in ["excluded on 2021-03-01", "no WAN before migration: events.csv row 3"] {
        assert!(text.contains(said), "what happened before the plan is told on its first day: {said} in\n{text}");
    }
    tern.run(&["explain", "P-excluded"]).clean();
}

#[test]
fn a_designation_moves_the_rules_from_the_day_on_which_it_is_known_and_one_that_contradicts_is_told() {
    let tern = Tern::new();
    estate(&tern);
    // FOC installations: group EA instead of AA.
    let foc = tern.read("estate/installations.csv").replace(",AA,", ",EA,");
    tern.write("estate/installations.csv", foc);
    let designated = |on: &str, name: &str, from: &str| format!("{on},document-designated,,,,,,,{name},,,,,{from}\n");
    let make = ["plan", "make", "estate", "--from", "2020-11-30", "--until", "2021-06-30"];
    tern.write_events(&[approved(), designated("2020-12-07", "TMAD FOC text", "2021-01-11")]).run(&make).clean();
    let text = tern.run(&["plan", "show", &chf(1)]).clean().out;
    for said in [
        "2020-12-07  nothing can be done yet",
        "NOT YET IN FORCE: the TMAD binds its group from 2021-01-11",
        // The notice that went out before stays.
        "2021-01-11  the SMSO configures hub and SIM",
        "migrated on 2021-01-14",
    ] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    // What is designated on the day that was assumed moves nobody; what a source says otherwise is told.
    let added = [
        approved(),
        designated("2020-12-07", "TMAD FOC text", "2021-01-11"),
        designated("2020-12-08", "TMAD AL 8.0", "2020-10-29"),
        designated("2020-12-09", "TMAD AL 7.0", "2020-12-24"),
    ];
    let made = tern.write_events(&added).run(&["plan", "make", "estate", "--json"]);
    assert_eq!(made.code, Some(1), "{made:?}");
    let told = made.json();
    assert_eq!(told["planned"], 0, "{told}");
    let finding = &told["findings"][0];
    assert_eq!((&finding["file"], &finding["row"]), (&"events.csv".into(), &5.into()));
    assert!(finding.to_string().contains("a source has TMAD AL 7.0 in force since 2020-09-18"), "{finding}");
    tern.write_events(&[approved(), designated("2020-12-07", "TMAD V99", "2021-01-11")]);
    let told = tern.run(&["estate", "check", "estate", "--json"]);
    assert!(told.out.contains("`TMAD V99` is no version of the register"), "{told:?}");
}
