//! `tern plan report`, held against what `tern plan show` tells of each installation, counted here by plain loops over words and
//! over the estate's own rows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::plan::{EVENTS, chf, estate, mpan};
use crate::support::Tern;

const LAST: &str = "2021-09-30";

/// A table's rows, by column.
fn rows(tern: &Tern, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(tern.path(name)).expect("a table");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> u64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

fn sum(rows: &[BTreeMap<String, String>], column: &str) -> u64 {
    rows.iter().map(|row| number(row, column)).sum()
}

/// Everything of an invented estate of so many installations, and a plan of it.
fn planned(tern: &Tern, installations: &str) {
    tern.run(&["estate", "make", "estate", "-n", installations, "--seed", "11"]).clean();
    // Of the first dozen each attempt fails; the files are told to have a wrong row, so that one is set aside.
    let estate = rows(tern, "estate/installations.csv");
    let mut events = tern.read("estate/events.csv");
    for (attempt, day) in ["2021-06-01", "2021-06-02", "2021-06-03", "2021-06-04", "2021-06-07"].into_iter().enumerate()
    {
        for of in estate.iter().take(12) {
            let chf = &of["chf_identifier"];
            events += &format!("{day},attempt-failed,{chf},,,,,,,,,,\"no WAN, attempt {}\",\n", attempt + 1);
        }
    }
    // Of the next ones, the keys of one are missing, another one's too for a while, and a gas meter has a HAN error.
    let meters: BTreeSet<String> = rows(tern, "estate/devices.csv")
        .into_iter()
        .filter(|d| d["device_kind"] == "GSME")
        .map(|d| d["chf_identifier"].clone())
        .collect();
    let mut others = estate.iter().skip(12).map(|of| &of["chf_identifier"]);
    let (keys, back) = (others.next().expect("one"), others.next().expect("one"));
    let gas = others.find(|chf| meters.contains(*chf)).expect("a gas meter");
    for (chf, category) in [(keys, "missing-master-keys"), (back, "missing-master-keys"), (gas, "gas-han-error")] {
        events += &format!("2021-03-01,excluded,{chf},,,,,,SMSO's letter,,,,{category},\n");
    }
    events += &format!("2021-03-10,exclusion-ended,{back},,,,,,,,,,missing-master-keys,\n");
    tern.write("estate/events.csv", events);
    let spoiled = tern.read("estate/meters.csv").replacen(",dormant,", ",asleep,", 1);
    tern.write("estate/meters.csv", spoiled);
    let made = tern.run(&["plan", "make", "estate", "--from", "2020-11-30", "--until", LAST, "--json"]);
    assert_eq!(made.code, Some(1), "the wrong rows are told: {made:?}");
}

/// The stories of all installations that are planned for.
fn stories(tern: &Tern) -> BTreeMap<String, Value> {
    let chfs = rows(tern, "estate/installations.csv").into_iter().map(|row| row["chf_identifier"].clone());
    let story = |chf: String| {
        let shown = tern.run(&["plan", "show", &chf, "--json"]);
        (shown.code == Some(0)).then(|| (chf, shown.json()))
    };
    chfs.filter_map(story).collect()
}

fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().expect("a text")
}

/// The column of `planned-by-day.csv` that a line of a story counts in.
fn column(what: &str) -> Option<&'static str> {
    let begins = [
        ("notice of firmware and configuration steps to ", "notices_4_29"),
        ("notice of migration to ", "notices_4_30"),
        ("notice to ", "notices_to_new_suppliers"),
        ("upgrade of ", "hops_begun"),
        ("the SMSO configures hub and SIM", "configurations_begun"),
        ("migration", "migrations"),
        ("it leaves the process", "left"),
        ("excluded", "excluded"),
    ];
    begins.into_iter().find(|(begin, _)| what.starts_with(begin)).map(|(_, column)| column)
}

#[test]
fn the_days_of_a_plan_are_what_its_stories_say() {
    let tern = Tern::new();
    planned(&tern, "150");
    tern.run(&["plan", "report", "estate"]).clean();
    let mut counted: BTreeMap<(String, &str), u64> = BTreeMap::new();
    for story in stories(&tern).values() {
        for line in story["story"].as_array().expect("lines") {
            if let Some(column) = column(text(line, "what")) {
                *counted.entry((text(line, "day").to_owned(), column)).or_default() += 1;
            }
        }
        if let Some(day) = story["end"]["migrated"].as_str() {
            *counted.entry((day.to_owned(), "migrated_in_the_end")).or_default() += 1;
        }
    }
    let mut told: BTreeMap<(String, &str), u64> = BTreeMap::new();
    for row in rows(&tern, "reports/planned-by-day.csv") {
        for column in ["notices_4_29", "notices_4_30", "notices_to_new_suppliers", "hops_begun", "configurations_begun"]
        {
            told.insert((row["day"].clone(), column), number(&row, column));
        }
        for column in ["migrations", "left", "excluded", "migrated_in_the_end"] {
            told.insert((row["day"].clone(), column), number(&row, column));
        }
    }
    told.retain(|_, count| *count > 0);
    assert_eq!(told, counted);
    let all = |wanted| counted.iter().filter(|((_, column), _)| *column == wanted).map(|(_, count)| count).sum::<u64>();
    assert!(all("migrations") > all("migrated_in_the_end"), "some attempts have no success");
    let columns: BTreeSet<_> = counted.keys().map(|(_, column)| *column).collect();
    assert!(columns.len() >= 8 && columns.contains("excluded"), "the estate has of everything: {columns:?}");
}

#[test]
fn groups_suppliers_and_weeks_add_up_to_what_stories_and_rows_say() {
    let tern = Tern::new();
    planned(&tern, "150");
    let told = tern.run(&["plan", "report", "estate", "--json"]).clean().json();
    let (stories, known) = (stories(&tern), rows(&tern, "estate/installations.csv"));
    assert!(stories.len() < known.len(), "one is set aside");
    let set_aside = (known.len() - stories.len()) as u64;
    assert_eq!((told["known"].as_u64(), told["set_aside"].as_u64()), (Some(known.len() as u64), Some(set_aside)));
    let group_of: BTreeMap<&str, &str> =
        known.iter().map(|row| (row["chf_identifier"].as_str(), row["group_id"].as_str())).collect();
    let (mut groups, mut shares) = (BTreeMap::<(&str, &str), u64>::new(), BTreeMap::<&str, u64>::new());
    for (chf, story) in &stories {
        let end = story["end"].as_object().and_then(|end| end.keys().next()).map(String::as_str);
        let end = end.or(story["end"].as_str()).expect("an end");
        *groups.entry((group_of[chf.as_str()], end)).or_default() += 1;
        let lines = story["story"].as_array().expect("lines");
        // The last migration counts: where an attempt failed, the one before it came to nothing.
        let share = lines.iter().rev().find_map(|line| text(line, "reason").strip_prefix("a place in the share of "));
        if end == "migrated" {
            *shares.entry(share.expect("a share")).or_default() += 1;
        }
    }
    let by_group = rows(&tern, "reports/planned-by-group.csv");
    for row in by_group.iter().filter(|row| !row["group"].is_empty()) {
        let count = |end: &str| groups.get(&(row["group"].as_str(), end)).copied().unwrap_or_default();
        assert_eq!(number(row, "planned"), count("migrated"), "{row:?}");
        assert_eq!(number(row, "wait_for_something_else"), count("waits"), "{row:?}");
        assert_eq!(number(row, "excluded"), count("excluded"), "{row:?}");
        assert_eq!(number(row, "under_way"), count("under-way"), "{row:?}");
    }
    assert_eq!((sum(&by_group, "known"), sum(&by_group, "set_aside")), (known.len() as u64, set_aside));
    let by_supplier = rows(&tern, "reports/planned-by-supplier.csv");
    assert_eq!(sum(&by_supplier, "installations"), stories.len() as u64);
    // Whose an installation is on its day the planner says in another way: by the share from which it has its place.
    for row in &by_supplier {
        let share = shares.get(row["supplier_id"].as_str()).copied().unwrap_or_default();
        assert_eq!(number(row, "planned"), share, "{row:?}");
    }
    let weeks = rows(&tern, "reports/planned-by-week.csv");
    assert_eq!(sum(&weeks, "planned"), sum(&by_group, "planned"));
    assert_eq!(
        sum(&rows(&tern, "reports/planned-waiting.csv"), "installations"),
        sum(&by_group, "wait_for_something_else")
    );
}

/// What the estate's rows and events say of a metering point on a day: supplier and service.
fn on_day(meter: &BTreeMap<String, String>, events: &[BTreeMap<String, String>], day: &str) -> (String, String) {
    let (mut supplier, mut service) = (meter["supplier_id"].clone(), meter["service"].clone());
    let mut since = String::new();
    for event in events.iter().filter(|event| event["on"].as_str() <= day) {
        match event["event"].as_str() {
            "change-of-supplier"
                if event["mpxn"] == meter["mpxn"]
                    && event["effective"].as_str() <= day
                    && event["effective"] >= since =>
            {
                since.clone_from(&event["effective"]);
                supplier.clone_from(&event["supplier_id"]);
            }
            "meter-active" if event["device_id"] == meter["device_id"] => service = "active".to_owned(),
            "meter-dormant" if event["device_id"] == meter["device_id"] => service = "dormant".to_owned(),
            _ => {}
        }
    }
    (supplier, service)
}

#[test]
fn dormant_meters_are_counted_each_once_with_their_supplier_of_the_day() {
    let tern = Tern::new();
    planned(&tern, "150");
    let told = tern.run(&["plan", "report", "estate", "--json"]).clean().json();
    assert_eq!(told["ambition"], "2020-12-31");
    let mut events = rows(&tern, "estate/events.csv");
    events.sort_by(|one, other| one["on"].cmp(&other["on"]));
    let installation_of: BTreeMap<String, String> = rows(&tern, "estate/devices.csv")
        .into_iter()
        .map(|row| (row["device_id"].clone(), row["chf_identifier"].clone()))
        .collect();
    let stories = stories(&tern);
    let mut counted: BTreeMap<(String, &str), u64> = BTreeMap::new();
    for meter in rows(&tern, "estate/meters.csv") {
        let Some(story) = stories.get(&installation_of[&meter["device_id"]]) else { continue };
        let migrated = story["end"]["migrated"].as_str();
        let (supplier, service) = on_day(&meter, &events, migrated.unwrap_or(LAST));
        let gas = story["story"]
            .as_array()
            .expect("lines")
            .iter()
            .any(|line| text(line, "what").starts_with("the gas meter stays"));
        let gas = gas && meter["mpxn"].len() < 13;
        let column = match migrated {
            _ if gas => "excluded",
            Some(day) if day <= "2020-12-31" => "planned_in_time",
            Some(_) => "planned_later",
            None if story["end"]["excluded"].is_string() => "excluded",
            None => "not_planned",
        };
        if service == "dormant" {
            *counted.entry((supplier, column)).or_default() += 1;
        }
    }
    let mut told = BTreeMap::new();
    for row in rows(&tern, "reports/planned-dormant-meters.csv") {
        let columns = ["planned_in_time", "planned_later", "not_planned", "excluded"];
        assert_eq!(columns.iter().map(|column| number(&row, column)).sum::<u64>(), number(&row, "dormant_meters"));
        assert!(!row.contains_key("enrolled"), "without the roles' stores nobody knows");
        told.extend(columns.map(|column| ((row["supplier_id"].clone(), column), number(&row, column))));
    }
    told.retain(|_, count| *count > 0);
    assert_eq!(told, counted);
}

#[test]
fn exclusions_have_the_rows_that_support_them_and_notices_the_days_between() {
    let tern = Tern::new();
    planned(&tern, "60");
    tern.run(&["plan", "report", "estate", "--out", "report"]).clean();
    let exclusions = rows(&tern, "report/planned-exclusions.csv");
    assert!(exclusions.len() >= 10, "{exclusions:?}");
    let events = rows(&tern, "estate/events.csv");
    let (recorded, counted): (Vec<_>, Vec<_>) =
        exclusions.iter().partition(|row| row["category"] != "attempts-exhausted");
    let recorded: Vec<_> = recorded.iter().map(|row| (row["category"].as_str(), row["evidence"].as_str())).collect();
    let row = events.len() - 2;
    let [first, third] = [row, row + 2].map(|row| format!("events.csv row {row}, 2021-03-01: SMSO's letter"));
    assert_eq!(recorded, [("missing-master-keys", first.as_str()), ("gas-han-error", third.as_str())]);
    for row in counted {
        assert_eq!(row["since"], "2021-06-07");
        let named: Vec<usize> = row["evidence"]
            .split("events.csv row ")
            .skip(1)
            .map(|told| told.split(',').next().and_then(|row| row.parse().ok()).expect("a row"))
            .collect();
        assert_eq!(named.len(), 5, "{row:?}");
        for at in named {
            // The header is row 1.
            let event = &events[at - 2];
            let of = (event["event"].as_str(), event["chf_identifier"].as_str());
            assert_eq!(of, ("attempt-failed", row["chf_identifier"].as_str()), "row {at}");
        }
    }
    let notices = rows(&tern, "report/planned-notices.csv");
    assert!(!notices.is_empty());
    for row in &notices {
        let parts = ["in_time", "too_late", "without_steps", "facts_missing"].map(|column| number(row, column));
        assert_eq!(parts.iter().sum::<u64>(), number(row, "notices"), "{row:?}");
        assert_eq!(parts[1], 0, "the plan has no notice too late: {row:?}");
        if parts[0] > 0 && !row["working_days_wanted"].is_empty() {
            assert!(number(row, "fewest_working_days") >= number(row, "working_days_wanted"), "{row:?}");
        }
    }
}

#[test]
fn events_that_came_later_are_none_of_the_plans_and_another_estate_is_refused() {
    let tern = Tern::new();
    estate(&tern);
    tern.run(&["plan", "make", "estate", "--from", "2021-03-01", "--until", "2021-06-30"]).clean();
    tern.run(&["plan", "report", "estate"]).clean();
    let before = tern.read("reports/planned-by-supplier.csv");
    let approved = crate::plan::approved();
    let change = format!("2021-03-10,change-of-supplier,,,{},,{},,,,,,,2021-03-11\n", mpan(1), crate::plan::SUPPLIER_B);
    tern.write("estate/events.csv", EVENTS.to_owned() + &approved + &change);
    tern.run(&["plan", "report", "estate", "--json"]).clean();
    assert_eq!(tern.read("reports/planned-by-supplier.csv"), before);
    tern.run(&["plan", "make", "estate"]).clean();
    tern.run(&["plan", "report", "estate"]).clean();
    assert!(tern.read("reports/planned-by-supplier.csv").contains(crate::plan::SUPPLIER_B));
    tern.write("estate/events.csv", EVENTS);
    tern.run(&["plan", "report", "estate"]).fails("made from other events", "");
    let other = tern.read("estate/installations.csv").replace(&chf(2), "00-DB-12-34-56-78-77-00");
    tern.write("estate/installations.csv", other);
    tern.run(&["plan", "report", "estate"]).fails("made from another estate", "");
}
