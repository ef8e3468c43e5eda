//! `tern pin` (3.25): on the day of the text and on the day before it, as operator and as Installing Supplier.

use crate::support::{NOW, Place};

/// Installations of CA that were migrated at a moment.
fn migrated(at: &str) -> Place {
    let place = Place::with_keys();
    place.write("tern.toml", place.read("tern.toml").replace(NOW, at));
    let order = ["corpus", "-n", "4", "--seed", "7", "--defects", "0", "--faults", "0", "--group", "CA"];
    place.run(&order).clean();
    place.build("FIRST", 4);
    place.migrate().clean();
    place
}

#[test]
fn an_installing_supplier_opens_its_files_and_no_other() {
    let place = migrated("2020-10-29T09:00:00Z");
    let exported = place.run(&["pin", "export", "--out", "pins", "--json"]).clean().json();
    let files = exported["files"].as_array().expect("files");
    assert!(!files.is_empty() && files.len() < 4, "{exported}");
    let again = place.run(&["pin", "export", "--out", "pins", "--json"]).clean().json();
    assert!(again["files"].as_array().expect("files").iter().all(|one| one["written"] == false), "{again}");
    let mut opened = 0;
    for one in files {
        let (supplier, name) = (one["installing_supplier"].as_str().unwrap(), one["file"].as_str().unwrap());
        let file = format!("pins/{supplier}/{name}");
        for party in ["a", "b", "c", "d", "e", "f", "g"].map(|letter| format!("supplier-{letter}")) {
            let told = place.run(&["pin", "open", &file, "--as", &party, "--json"]);
            if told.code == Some(0) {
                opened += 1;
                let told = told.json();
                assert!(told.get("pin").is_none() && told["check_value"].as_str().unwrap().len() == 64, "{told}");
                let with_pin = place.run(&["pin", "open", &file, "--as", &party, "--show", "--json"]).clean().json();
                let pin = with_pin["pin"].as_str().expect("the PIN");
                assert!(pin.len() == 8 && pin.bytes().all(|digit| digit.is_ascii_digit()));
                assert!(!place.run(&["pin", "open", &file, "--as", &party]).clean().out.contains(pin));
            } else {
                assert!(told.code == Some(2) && told.err.contains("encrypted to another supplier"), "{told:?}");
            }
        }
        let text = place.read(&file);
        place.write("altered.xml", text.replacen("CA</GroupID>", "AA</GroupID>", 1));
        let told = place.run(&["pin", "open", "altered.xml", "--as", "supplier-a"]);
        assert!(told.code == Some(2) && told.err.contains("cannot be believed"), "{told:?}");
    }
    assert_eq!(opened, files.len());
}

#[test]
fn before_the_day_of_the_text_no_pin_is_revised() {
    let place = migrated("2020-10-28T09:00:00Z");
    let exported = place.run(&["pin", "export", "--json"]).clean().json();
    assert_eq!(exported["files"].as_array().map(Vec::len), Some(0), "{exported}");
    assert!(place.run(&["pin", "export"]).clean().out.contains("no gas meter with a revised PIN"));
    assert!(!place.list("world").is_empty());
    let log = serde_json::to_string(&place.log()).expect("JSON");
    assert!(!log.contains("\"pin\"") && log.contains("\"apn\""), "{log}");
}
