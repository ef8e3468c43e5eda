//! `tern estate take` and `tern plan places`

use crate::plan::{SUPPLIER_A, SUPPLIER_B, chf, estate, made};
use crate::support::Tern;

fn name(kind: &str, supplier: &str, time: &str) -> String {
    format!("{kind}_north_{supplier}_20210301_{time}.csv")
}

fn authorisation(rows: &[&str]) -> String {
    ["reference,chf_identifier,from,until"].iter().chain(rows).map(|row| format!("{row}\n")).collect()
}

#[test]
fn an_authorisation_is_taken_once_and_the_next_generation_plans_by_it() {
    let tern = Tern::new();
    made(&tern);
    assert!(tern.run(&["plan", "show", &chf(3)]).clean().out.contains("waits for authorisation"));
    let before = tern.read("estate/events.csv");
    let file = name("MA", SUPPLIER_A, "120000");
    tern.write(&file, authorisation(&[&format!("ref,{},2021-03-10,2021-06-30", chf(3))]));
    let take = ["estate", "take", &file, "--into", "estate", "--on", "2021-03-02"];
    let text = tern.run(&take).clean().out;
    assert!(text.contains("1 event known on 2021-03-02") && text.contains("taken"), "{text}");
    let after = tern.read("estate/events.csv");
    let row = format!("2021-03-02,authorised,{},,,,{SUPPLIER_A},,,,,,2021-06-30,2021-03-10\n", chf(3));
    assert_eq!(after, before + &row);
    assert_eq!(tern.list("estate/taken"), [".lock", file.as_str()]);
    let text = tern.run(&take).clean().out;
    assert!(text.contains("was taken before") && tern.read("estate/events.csv") == after, "{text}");
    tern.run(&["estate", "check", "estate"]).clean();
    tern.run(&["plan", "make", "estate"]).clean();
    let text = tern.run(&["plan", "show", &chf(3)]).clean().out;
    assert!(text.contains("migrated on 2021-03-11"), "{text}");
    let json = tern.run(&[&take[..], &["--json"]].concat()).clean().json();
    assert_eq!((&json["files"][0]["became"], &json["files"][0]["supplier"]), (&"known".into(), &SUPPLIER_A.into()));
    tern.write(&file, authorisation(&[]));
    let refused = tern.run(&take);
    assert!(refused.code == Some(1) && refused.out.contains("with other bytes"), "{refused:?}");
}

#[test]
fn after_its_last_day_an_authorisation_counts_no_longer() {
    let tern = Tern::new();
    made(&tern);
    let file = name("MA", SUPPLIER_A, "120000");
    tern.write(&file, authorisation(&[&format!("ref,{},2021-03-10,2021-03-10", chf(3))]));
    tern.run(&["estate", "take", &file, "--into", "estate", "--on", "2021-03-02"]).clean();
    tern.run(&["plan", "make", "estate"]).clean();
    let told = tern.run(&["plan", "show", &chf(3), "--json"]).clean().json();
    let lines: Vec<_> = told["story"].as_array().expect("lines").iter().skip(1).collect();
    let said = |at: usize, field: &str| lines[at][field].as_str().expect("a text").to_owned();
    assert_eq!((said(0, "day"), said(0, "what")), ("2021-03-10".into(), "its migration is authorised".into()));
    assert_eq!((said(1, "day"), said(1, "clause")), ("2021-03-11".into(), "4.41".into()));
    assert_eq!(said(1, "what"), "it is authorised no longer");
    assert!(said(1, "reason").starts_with("2021-03-10 was the last day"), "{}", said(1, "reason"));
    assert_eq!((lines.len(), told["end"]["waits"].as_str()), (3, Some("authorisation")));
}

#[test]
fn what_is_wrong_with_rows_is_told_by_row_field_reason_and_suggestion_and_the_others_are_taken() {
    let tern = Tern::new();
    estate(&tern);
    let file = name("MA", SUPPLIER_A, "120000");
    let hub = |number| chf(number);
    tern.write(
        &file,
        authorisation(&[
            &format!("good,{},2021-03-01,2021-06-30", hub(3)),
            "bad,not a hub,2021-03-01,2021-06-30",
            "unknown,00-DB-00-00-00-00-00-01,2021-03-01,2021-06-30",
            &format!("over,{},2021-01-01,2021-02-28", hub(1)),
        ]),
    );
    let other = name("SC", SUPPLIER_B, "120000");
    tern.write(&other, format!("chf_identifier\n{}\n", hub(1)));
    let elsewhere = name("SC", SUPPLIER_A, "120000").replace("north", "south");
    tern.write(&elsewhere, format!("chf_identifier\n{}\n", hub(1)));
    let headless = name("SC", SUPPLIER_A, "130000");
    tern.write(&headless, format!("{}\n", hub(1)));
    let strange = "notes.csv";
    tern.write(strange, "");
    let files = [file.as_str(), &other, &elsewhere, &headless, strange];
    let run = [&["estate", "take"], &files[..], &["--into", "estate", "--on", "2021-03-02", "--json"]].concat();
    let ran = tern.run(&run);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told = ran.json();
    let findings = |at: usize| {
        let all = told["files"][at]["findings"].as_array().expect("findings").clone();
        let of = |one: &serde_json::Value| {
            (one["row"].as_u64().expect("a row"), one["field"].as_str().expect("a field").to_owned())
        };
        all.iter().map(of).collect::<Vec<_>>()
    };
    for no_day in [
        name("SC", SUPPLIER_A, "120000").replace("20210301", "20211301"),
        format!("DR_ABC123_{SUPPLIER_A}_north_20211301.csv"),
    ] {
        tern.write(&no_day, "");
        let refused = tern.run(&["estate", "take", &no_day, "--into", "estate"]);
        assert!(
            refused.code == Some(1) && refused.out.contains("expected a date in its name, YYYYMMDD"),
            "{refused:?}"
        );
    }
    let hub_of = |row| (row, "chf_identifier".to_owned());
    assert_eq!(findings(0), [hub_of(3), hub_of(4), (5, "until".to_owned())]);
    assert_eq!((findings(1), findings(2)), (vec![hub_of(2)], vec![hub_of(2)]));
    assert!(told.to_string().contains("Responsible Supplier of no meter of the installation"), "{told}");
    assert!(told.to_string().contains("the installation is North's"), "{told}");
    let became: Vec<_> = told["files"].as_array().expect("files").iter().map(|one| one["became"].clone()).collect();
    assert_eq!(became, ["taken", "taken", "taken", "refused", "refused"]);
    assert_eq!(tern.read("estate/events.csv").matches(",authorised,").count(), 1);
    assert!(!tern.read("estate/events.csv").contains("certificates-supplied"));
}

#[test]
fn certificates_that_are_supplied_keep_a_meter_from_the_null_certificate() {
    let tern = Tern::new();
    made(&tern);
    assert!(tern.run(&["plan", "show", &chf(1)]).clean().out.contains("Null Certificate"));
    let file = name("SC", SUPPLIER_A, "120000");
    tern.write(&file, format!("chf_identifier\n{}\n", chf(1)));
    tern.run(&["estate", "take", &file, "--into", "estate", "--on", "2021-03-02"]).clean();
    tern.run(&["plan", "make", "estate"]).clean();
    let text = tern.run(&["plan", "show", &chf(1)]).clean().out;
    assert!(text.contains("migrated on 2021-03-22") && !text.contains("goes with the Null Certificate"), "{text}");
}

#[test]
fn demand_bounds_a_suppliers_places_and_is_answered_from_the_plan() {
    let tern = Tern::new();
    made(&tern);
    assert!(tern.run(&["plan", "show", &chf(1)]).clean().out.contains("migrated on 2021-03-22"));
    let file = format!("DR_AAA001_{SUPPLIER_A}_North_20210301.csv");
    tern.write(&file, "from,places_a_day\n2021-04-12,5\n2021-03-05,0\n");
    tern.run(&["plan", "places", "estate"]).fails("no demand file was taken", "tern estate take");
    tern.run(&["estate", "take", &file, "--into", "estate", "--on", "2021-03-02"]).clean();
    let events = tern.read("estate/events.csv");
    assert!(events.contains(&format!("2021-03-02,demand,,,,,{SUPPLIER_A},,,,,,0,2021-03-05\n")), "{events}");
    assert!(events.contains(&format!("2021-03-02,demand,,,,,{SUPPLIER_A},,,,,,5,2021-04-12\n")), "{events}");
    tern.run(&["plan", "make", "estate"]).clean();
    assert!(tern.run(&["plan", "show", &chf(1)]).clean().out.contains("migrated on 2021-04-12"));
    let text = tern.run(&["plan", "places", "estate", "--from", "2021-03-02"]).clean().out;
    assert!(text.contains("1 answer from 2021-03-02 on"), "{text}");
    let answer = tern.read(&format!("places/DC-AAA001_{SUPPLIER_A}_North_20210302.csv"));
    assert_eq!(answer, "day,places_a_day\n2021-04-12,2\n");
    // What it wants of another SMSO counts beside that.
    let other = format!("DR_AAA002_{SUPPLIER_A}_South_20210302.csv");
    tern.write(&other, "from,places_a_day\n2021-03-22,1\n");
    tern.run(&["estate", "take", &other, "--into", "estate", "--on", "2021-03-03"]).clean();
    let events = tern.read("estate/events.csv");
    assert!(events.ends_with(&format!(
        "2021-03-03,demand,,,,,{SUPPLIER_A},,,,,,1,2021-03-22\n2021-03-03,demand,,,,,{SUPPLIER_A},,,,,,6,2021-04-12\n"
    )));
}

#[test]
fn what_an_interrupted_run_had_begun_is_brought_to_its_end_or_taken_back() {
    let tern = Tern::new();
    estate(&tern);
    let file = name("SC", SUPPLIER_A, "120000");
    tern.write(&file, format!("chf_identifier\n{}\n", chf(1)));
    let before = tern.read("estate/events.csv");
    tern.run(&["estate", "take", &file, "--into", "estate", "--on", "2021-03-02"]).clean();
    let after = tern.read("estate/events.csv");
    // As a run leaves it that ended behind the note: the events' draft is whole, and nothing is in its place.
    let digest = |text: &str| {
        let out = std::process::Command::new("sha256sum").arg(tern.path(text)).output().expect("coreutils");
        String::from_utf8_lossy(&out.stdout)[..64].to_owned()
    };
    tern.write("after", &after);
    tern.write("before", &before);
    let digests = (digest("before"), digest("after"));
    let note = |after: &str| {
        format!(
            "{{\"before\":{{\"bytes\":{},\"digest\":\"{}\"}},\"after\":{{\"bytes\":{},\"digest\":\"{after}\"}},\"files\":[\"{file}\"]}}",
            before.len(),
            digests.0,
            tern.read("after").len(),
        )
    };
    let interrupted = || {
        std::fs::rename(tern.path(&format!("estate/taken/{file}")), tern.path(&format!("estate/taken/.draft-{file}")))
            .expect("moved");
        tern.write("estate/events.csv", &before);
        tern.write("estate/.events.csv.new", &after);
    };
    interrupted();
    tern.write("estate/taken/.note.json", note(&digests.1));
    let take = ["estate", "take", &file, "--into", "estate", "--on", "2021-03-02"];
    assert!(tern.run(&take).clean().out.contains("was taken before"));
    assert_eq!(tern.read("estate/events.csv"), after);
    // Before the note nothing has happened.
    interrupted();
    assert!(tern.run(&take).clean().out.contains("1 event known"));
    assert_eq!(tern.read("estate/events.csv"), after);
    assert_eq!(tern.list("estate/taken"), [".lock", file.as_str()]);
    // Events that somebody else has changed meanwhile are not overwritten.
    interrupted();
    tern.write("estate/taken/.note.json", note(&digests.1));
    let changed = before + &format!("2021-03-01,smso-configured,{},,,,,,,,,,,\n", chf(2));
    tern.write("estate/events.csv", &changed);
    assert!(tern.run(&take).clean().out.contains("1 event known"));
    assert!(tern.read("estate/events.csv").starts_with(&changed));
}
