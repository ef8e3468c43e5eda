//! An estate whose events are read again is the one that a new reading gives, whatever was written since.

use std::fs;

use tern_service::plans::{EstateFolder, load};

use crate::town::Town;

fn same(again: &EstateFolder, town: &Town) {
    let anew = load(&town.path("estate")).expect("an estate");
    assert_eq!(again.events, anew.events);
    assert_eq!(
        (again.digest, again.events_bytes, again.events_digest),
        (anew.digest, anew.events_bytes, anew.events_digest)
    );
    assert_eq!(again.findings, anew.findings);
    assert_eq!(again.estate.installations(), anew.estate.installations());
}

#[test]
fn an_estate_that_is_read_again_is_as_it_would_be_read_anew() {
    let town = Town::new();
    let (dir, chf) = (town.path("estate"), town.unlucky());
    let read = |file: &str| fs::read_to_string(dir.join(file)).expect("read");
    let mut folder = load(&dir).expect("an estate");
    let first = folder.events.len();
    // New names, a row that stands too low, one that says nothing, and one about nobody.
    let rows = format!(
        "2020-12-05,firmware-done,,{chf},,,,,,,,never-heard-of,,\n2020-12-04,attempt-failed,{chf},,,,,,,,,,new words,\n\
         2020-12-05,attempt-failed,,,,,,,,,,,,\n2020-12-05,attempt-failed,00-00-00-00-00-00-00-01,,,,,,,,,,,\n"
    );
    fs::write(dir.join("events.csv"), read("events.csv") + &rows).expect("written");
    folder.read_again(&dir).expect("read again");
    assert_eq!((folder.events.len(), folder.findings.count()), (first + 2, 2), "{:?}", folder.findings.list());
    assert_eq!(folder.findings.notes().len(), 2, "firmware that nothing names, and a row that stands low");
    same(&folder, &town);
    folder.read_again(&dir).expect("read again");
    same(&folder, &town);
    // Another file was written: all of it is read.
    let without: String = read("installations.csv").lines().take(5).map(|row| format!("{row}\n")).collect();
    let before = folder.digest;
    fs::write(dir.join("installations.csv"), without).expect("written");
    folder.read_again(&dir).expect("read again");
    assert_ne!(folder.digest, before);
    same(&folder, &town);
    fs::write(dir.join("events.csv"), "no,header\n").expect("written");
    let refused = folder.read_again(&dir).expect_err("no events");
    assert!(refused.to_string().contains("makes no estate: events.csv"), "{refused}");
}
