//! `tern what-if`

use crate::plan::{EVENTS, SUPPLIER_A, SUPPLIER_B, approved, chf, estate, mpan};
use crate::support::Tern;

const DAYS: [&str; 4] = ["--from", "2021-03-01", "--until", "2021-06-30"];

/// The estate of the tests of plans. Of its first installation the supplier changes four days after its day, 22 March, and it
/// gave its certificates in time.
fn with_a_change(tern: &Tern) {
    estate(tern);
    let supplied = format!("2021-03-01,certificates-supplied,{},,,,{SUPPLIER_A},,,,,,,\n", chf(1));
    let change = format!("2021-03-10,change-of-supplier,,,{},,{SUPPLIER_B},,,,,,,2021-03-26\n", mpan(1));
    tern.write("estate/events.csv", &(EVENTS.to_owned() + &approved() + &supplied + &change));
}

#[test]
fn a_change_is_told_with_what_was_counted_and_what_the_sources_expect() {
    let tern = Tern::new();
    with_a_change(&tern);
    let asks = |more: &[&str]| tern.run(&[&["what-if", "estate"], more, &DAYS].concat());
    let text = asks(&["--without", "recently-dormant"]).clean().out;
    for said in [
        "baseline: the published rules without recently-dormant",
        "3 installations, 2021-03-01 to 2021-06-30",
        "50.0 %    1 of 2 that both plans migrate",
        "50.0 %    1 of 2 that come to their day in the baseline",
        "S002 items 4 and 5: about 7 % of customers",
        "33.3 % Active, 0.0 % Mixed and 66.7 % Dormant",
        "capacity_a_day = 3000",
        "what would have to be, by planning 3 installations again:",
        "7 % sooner",
        "what-if.csv, sensitivity.csv, what-if.svg written to",
    ] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    let table = std::fs::read_to_string(tern.path("what-if/what-if.csv")).expect("the table");
    assert!(table.contains("reprocessed,1,0,,,of 3,"), "{table}");
    assert!(table.contains("not reprocessed any more,,50.000,1,2,that come to their day in the baseline"), "{table}");
    let picture = std::fs::read_to_string(tern.path("what-if/what-if.svg")).expect("the picture");
    assert!(picture.contains("14 to 27 days, compared"), "{picture}");
    let told = asks(&["--without", "recently-dormant", "--json"]).clean().json();
    assert_eq!((told["spared"]["count"].as_u64(), told["spared"]["of"].as_u64()), (Some(1), Some(2)));
    assert_eq!(told["reprocessed"]["before"].as_u64(), Some(1));
}

#[test]
fn overlays_are_compared_too() {
    let tern = Tern::new();
    with_a_change(&tern);
    let asks = |more: &[&str]| tern.run(&[&["what-if", "estate"], more, &DAYS].concat());
    asks(&[]).fails("both rulebooks are the published one", "--without recently-dormant");
    tern.write("five.toml", "name = \"five days\"\n[texts.\"5.10.10\".\"TMAD FOC text\"]\ndays = 5\n");
    let told = asks(&["--overlay", "five.toml", "--json"]).clean().json();
    assert_eq!(told["rules"]["before"], "the published rules");
    assert!(told["rules"]["after"].as_str().is_some_and(|name| name.starts_with("overlay five days")), "{told}");
    assert_eq!((told["reprocessed"]["before"].as_u64(), told["reprocessed"]["after"].as_u64()), (Some(0), Some(1)));
    let told = asks(&["--before", "five.toml", "--json"]).clean().json();
    assert_eq!((told["reprocessed"]["before"].as_u64(), told["reprocessed"]["after"].as_u64()), (Some(1), Some(0)));
    tern.run(&["what-if", "estate", "--before", "five.toml", "--from", "2021-03-02", "--until", "2021-03-01"])
        .fails("2021-03-01 comes before 2021-03-02", "");
}
