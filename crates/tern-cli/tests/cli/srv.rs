//! `tern srv`

use tern_requests::registry::Handling;

use crate::support::Tern;

#[test]
fn the_list_is_narrowed_by_what_is_asked() {
    let tern = Tern::new();
    let count = |options: &[&str]| {
        let words: Vec<&str> = ["srv", "--json"].iter().chain(options).copied().collect();
        tern.run(&words).clean().json()["srvs"].as_array().expect("a list").len()
    };
    assert_eq!(count(&[]), 129);
    assert_eq!(count(&["--critical"]), 37);
    let processed = tern_requests::ALL.iter().filter(|srv| srv.handling == Handling::Processed);
    assert_eq!(count(&["--processed"]), processed.count());
    assert_eq!(count(&["--processed"]) + count(&["--refused"]), 129);
    assert_eq!(count(&["--future-dated"]), 57);
    assert_eq!(count(&["--role", "gt"]), 21);
    assert_eq!(count(&["--target", "DCC"]), 16);
    assert_eq!(count(&["6.2.", "--role", "GS", "--target", "gsme"]), 6);
    let text = tern.run(&["srv", "--processed", "--critical"]).clean().out;
    assert!(text.contains("11.3  ") && !text.contains("11.2  "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
}

#[test]
fn one_variant_tells_who_may_send_it_to_what_and_what_cohorts_do_otherwise() {
    let tern = Tern::new();
    let text = tern.run(&["srv", "11.3"]).clean().out;
    for said in [
        "Activate Firmware",
        "processed",
        "Import Supplier (IS)",
        "serviceS",
        "CHF",
        "hub-firmware",
        "ppmid-firmware-foc",
    ] {
        assert!(text.contains(said), "{said} in\n{text}");
    }
    let told = tern.run(&["srv", "11.2", "--as-of", "2020-11-01", "--json"]).clean().json();
    let rows = told["dmves"].as_array().expect("rows");
    let ioc = rows.iter().find(|row| row["key"] == "ppmid-read-firmware-ioc").expect("the row of IOC's PPMIDs");
    assert_eq!(ioc["variations"][0]["behaviour"], "alert-instead-of-response");
}

#[test]
fn the_stages_tell_each_reason_with_its_code() {
    let tern = Tern::new();
    let text = tern.run(&["srv", "--stages"]).clean().out;
    let (receipt, respond) = (text.find("receipt").expect("the first"), text.find("respond").expect("the last"));
    assert!(
        receipt < respond && text.contains("E13 ") && text.contains("E1000*") && text.contains("off: no thresholds"),
        "{text}"
    );
    let told = tern.run(&["srv", "--stages", "--json"]).clean().json();
    assert_eq!(told["stages"].as_array().map(Vec::len), Some(11));
    assert_eq!(told["stages"][1]["reasons"][0]["key"], "unknown-user");
}

#[test]
fn the_guidance_list_tells_what_happens_from_which_day_on() {
    let tern = Tern::new();
    let text = tern.run(&["srv", "--guidance"]).clean().out;
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {text}"));
    assert!(at("from migration on") < at("from 2020-10-29 (assumed") && at("2020-10-29") < at("from 2020-11-30"));
    assert!(text.contains("closes the auxiliary load switch only where the prices differ"), "{text}");
    let told = |day: &str| tern.run(&["srv", "--guidance", "--as-of", day, "--json"]).clean().json();
    let switch = |day: &str| {
        let told = told(day);
        let entries = told["guidance"].as_array().expect("a list").clone();
        let entry = entries.into_iter().find(|entry| entry["key"] == "two-rates-auxiliary-switch");
        entry.expect("RQ8")["behaviour"].as_str().expect("a word").to_owned()
    };
    assert_eq!(switch("2020-11-20"), "switch-closes-at-two-rates");
    assert_eq!(switch("2021-03-02"), "switch-closes-at-two-prices");
}

#[test]
fn what_is_not_there_is_guessed() {
    let tern = Tern::new();
    tern.run(&["srv", "4.1.9"]).fails("\"4.1.9\"", "did you mean");
}
