//! Notices that cannot be delivered while a plan is carried out.

use std::collections::BTreeMap;
use std::net::TcpListener;

use super::{LAST, healthy, run};
use crate::support::Place;

/// A supplier of the estate gets its notices by mail, and nobody listens there.
fn unreachable(place: &Place) -> String {
    let meters = place.read("estate/meters.csv");
    let supplier = meters.lines().find(|row| row.contains(",dormant,")).and_then(|row| row.split(',').nth(2));
    let supplier = supplier.expect("a supplier of Dormant Meters").to_owned();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|bound| bound.local_addr()).expect("a port").port();
    let mail = format!(
        "\n[notices.mail]\nserver = \"127.0.0.1:{port}\"\nsecurity = \"plain\"\nsender = \"migration@dcc.example\"\n\
         patience_ms = 2000\n\n[[notices.suppliers]]\nsupplier = \"{supplier}\"\nmail = [\"nobody@a.example\"]\n"
    );
    place.write("tern.toml", place.read("tern.toml") + &mail);
    supplier
}

#[test]
fn a_notice_is_tried_once_a_day_and_no_time_on_record_goes_back() {
    let place = healthy(12);
    unreachable(&place);
    run(&place, "2020-12-05");
    run(&place, "2020-12-10");
    place.run(&["plan", "sent", "--until", "2020-12-10", "--out", "sent"]);
    let attempts = place.read("sent/attempts.csv");
    let mut by_file: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for row in attempts.lines().filter(|row| row.contains("mail to nobody@a.example")) {
        let cells: Vec<&str> = row.split(',').collect();
        by_file.entry(cells[0]).or_default().push((cells[7], cells[8]));
    }
    assert!(!by_file.is_empty(), "{attempts}");
    for (file, times) in by_file {
        let mut days: Vec<&str> = times.iter().map(|(began, _)| &began[..10]).collect();
        let all = days.len();
        days.dedup();
        assert_eq!((days.len(), days[0], days[all - 1]), (11, "2020-11-30", "2020-12-10"), "{file}: {times:?}");
        let flat: Vec<jiff::Timestamp> =
            times.iter().flat_map(|(began, ended)| [began, ended]).map(|at| at.parse().expect("a moment")).collect();
        assert!(flat.is_sorted(), "{file}: {times:?}");
    }
}

#[test]
fn a_notice_that_is_not_delivered_stops_nothing_and_the_summary_of_a_report_says_it() {
    let place = healthy(12);
    let supplier = unreachable(&place);
    run(&place, LAST);
    let reported = place.run(&["report", "--plan", "plan", "--estate", "estate", "--out", "reports"]).clean();
    let compliance = place.read("reports/notice-compliance.csv");
    let header: Vec<&str> = compliance.lines().next().expect("a header").split(',').collect();
    let sum = |column: &str| -> u64 {
        let at = header.iter().position(|name| *name == column).unwrap_or_else(|| panic!("no {column}: {header:?}"));
        let cells = compliance.lines().skip(1).filter_map(|row| row.split(',').nth(at));
        cells.map(|cell| cell.parse::<u64>().expect("a number")).sum()
    };
    let (all, in_time, not_delivered) = (sum("planned"), sum("in_time"), sum("not_delivered"));
    assert!(not_delivered > 0 && in_time + not_delivered == all, "{compliance}");
    let words = format!("{all} notices: {in_time} in time, 0 late, {not_delivered} not delivered, 0 not sent");
    let told = reported.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&format!("as given until 2020-12-31, {words}")), "{words} in {told}");
    // PL3: it is recorded, and nobody waits for it.
    let notices = place.read("facts/notices.csv");
    let undelivered = notices.lines().find(|row| row.contains(&supplier) && row.ends_with(",undelivered"));
    let chf = undelivered.and_then(|row| row.split(',').next()).unwrap_or_else(|| panic!("{notices}"));
    assert!(place.run(&["status", "--chf", chf, "--json"]).out.contains("\"commissioned\""), "{chf}");
}
