//! `tern report` beside what `tern status` says: the same sums, the same files each time, and stores left as they are.

use std::collections::BTreeMap;

use crate::support::{Place, TODAY};

/// A table's rows, by column. Fields of these tables hold no comma.
fn rows(place: &Place, name: &str) -> Vec<BTreeMap<String, String>> {
    let text = place.read(&format!("reports/{name}.csv"));
    let mut lines = text.split_terminator("\r\n").map(|line| line.split(',').map(str::to_owned));
    let header: Vec<String> = lines.next().expect("a header").collect();
    lines.map(|fields| header.iter().cloned().zip(fields).collect()).collect()
}

fn sum(rows: &[BTreeMap<String, String>], column: &str) -> u64 {
    rows.iter().map(|r| r[column].parse::<u64>().expect("a number")).sum()
}

#[test]
fn reports_say_what_status_says_and_say_it_again() {
    let place = Place::everything();
    place.migrate();
    let audit = place.run(&["audit", "--json"]).clean().out;
    let status = place.run(&["status", "--json"]).clean().json();
    let told = place.run(&["report", "--json"]).clean().json();
    let files: BTreeMap<_, _> =
        place.list("reports").into_iter().map(|name| (name.clone(), place.read(&format!("reports/{name}")))).collect();
    assert_eq!(told["files"].as_array().map(Vec::len), Some(files.len()), "{told}");

    let of = |end: &str| -> u64 {
        let sets = status["sets"].as_array().expect("sets");
        sets.iter().map(|s| s[end].as_u64().expect("a number")).sum()
    };
    let days = rows(&place, "outcomes-by-day");
    assert_eq!(days.len(), 1, "{days:?}");
    assert_eq!(days[0]["period"], TODAY);
    let smsos = rows(&place, "outcomes-by-smso");
    for end in ["commissioned", "refused", "rolled_back", "stuck", "closed", "open"] {
        assert_eq!((sum(&days, end), sum(&smsos, end)), (of(end), of(end)), "{end}");
    }
    assert_eq!(sum(&days, "known_so_far"), of("installations"));

    let refusals: u64 =
        rows(&place, "findings-by-clause").iter().map(|r| r["installations"].parse::<u64>().unwrap()).sum();
    assert!(refusals >= of("refused") && of("refused") > 0);
    let suppliers = rows(&place, "outcomes-by-supplier");
    assert!(suppliers.iter().all(|s| s["supplier"].starts_with("supplier-")), "named by certificates: {suppliers:?}");
    assert_eq!(sum(&suppliers, "electricity_meters"), of("installations"));

    place.run(&["report"]).clean();
    for (name, text) in &files {
        assert_eq!(&place.read(&format!("reports/{name}")), text, "{name}");
    }
    assert_eq!(place.run(&["audit", "--json"]).clean().out, audit, "the stores are as they were");
}

#[test]
fn reports_of_a_period_know_nothing_of_later_days() {
    let place = Place::everything();
    place.migrate();
    place.run(&["report", "--to", "2021-03-01"]).clean();
    assert!(rows(&place, "outcomes-by-day").is_empty());
    assert!(place.read("reports/outcomes-by-day.svg").contains("There is nothing to show."));
    place
        .run(&["report", "--from", "2021-03-03", "--to", "2021-03-01"])
        .fails("2021-03-01 comes before 2021-03-03", "--from");
}

#[test]
fn before_anything_was_migrated_there_is_an_empty_report() {
    let place = Place::everything();
    let told = place.run(&["report", "--out", "elsewhere", "--json"]).clean().json();
    assert_eq!(place.list("elsewhere").len(), told["files"].as_array().map_or(0, Vec::len));
}
