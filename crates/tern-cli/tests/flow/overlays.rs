//! Everything under an overlay: judged by its days and numbers, and named by all that was made under it.

use tern_model::Digest;
use tern_wire::schema::SimpleValue;

use crate::support::{Place, TODAY, healthy};

/// A window of 30 days, and a shorter rollback window.
const WIDE: &str = r#"name = "wide window"
[texts."5.10.10"."TMAD FOC text"]
days = 30
[limits]
rollback_days = 10
"#;

/// A change of the first electricity meter's supplier, so many days after today.
fn change_of_supplier(place: &Place, day: &str) {
    let text = place.read("facts/registration.csv");
    let row = text.lines().find(|line| line.contains(",electricity,")).expect("a row").to_owned();
    let mut fields: Vec<&str> = row.split(',').collect();
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    let at = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    let other = "90-B3-D5-1F-30-99-00-01";
    fields[at("supplier_id")] = other;
    fields[at("effective_from")] = day;
    place.write("facts/registration.csv", format!("{}\n{}\n", text.trim_end(), fields.join(",")));
}

#[test]
fn what_an_overlay_changes_decides_and_everything_made_under_it_names_it() {
    let place = Place::new(healthy(3));
    place.write("wide.toml", WIDE);
    change_of_supplier(&place, "2021-03-20");
    let under = ["--overlay", "wide.toml"];
    let with = |words: &[&str]| place.run(&[words, &under[..]].concat());

    place.run(&["check", "sets"]).clean();
    let checked = with(&["check", "sets"]).finds().out;
    assert!(checked.starts_with("  under overlay wide window (SHA-256 "), "{checked}");
    let flat = checked.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("5.10.10") && flat.contains("within 30 days [overlay wide window"), "{checked}");
    let checked = with(&["check", "sets", "--json"]).json();
    let digest = checked["overlay"]["digest"].as_str().expect("a digest").to_owned();
    assert_eq!((checked["overlay"]["name"].as_str(), digest.len()), (Some("wide window"), 64));
    let finding = &checked["sets"][0]["roles"][0]["verdicts"][0];
    assert!(finding["message"].as_str().is_some_and(|text| text.contains(&digest)), "{finding}");

    let told = with(&["migrate", "sets", "--json"]).json();
    assert_eq!(told["overlay"]["digest"], digest);
    let set = place.list("sets").into_iter().find(|name| name.starts_with("EA_")).expect("a set");
    let validation = place.read(&place.file(&format!("sets/{set}"), "MCVF_"));
    let in_base64 = digest.parse::<Digest>().expect("a digest");
    let named = format!("<Overlay><Name>wide window</Name><SHA256>{}</SHA256></Overlay>", in_base64.lexical());
    assert!(validation.contains(&named), "the Common Validation File names it, whatever is said of installations");
    assert_eq!(validation.matches(&digest).count(), 1, "its one finding names it too");
    let audited = place.run(&["audit", "--lines", "--json"]).clean().out;
    assert!(
        audited.contains(&format!("3 installations, 1 refused [overlay wide window (SHA-256 {digest})]")),
        "{audited}"
    );

    with(&["report"]).clean();
    for name in place.list("reports") {
        let text = place.read(&format!("reports/{name}"));
        let empty = text.lines().count() == 1 && text.trim_end().ends_with(",overlay");
        assert!(text.contains(&digest) || empty, "{name}: {text}");
    }
    let config = with(&["show-config"]).clean().out;
    assert!(config.starts_with("# under overlay") && config.contains("rollback_days = 10  # default: 14"), "{config}");
    let duties = with(&["duties", "--json"]).json();
    assert_eq!(duties["overlay"]["digest"], digest);
}

#[test]
fn tern_toml_may_name_an_overlay_and_the_command_line_another() {
    let place = Place::new(healthy(1));
    place.write("wide.toml", WIDE);
    place.write("none.toml", "name = \"nothing\"\n");
    change_of_supplier(&place, "2021-03-20");
    place.configure("[rules]\noverlay = \"wide.toml\"\n");
    assert!(place.run(&["check", "sets"]).finds().out.contains("overlay wide window"));
    let other = place.run(&["check", "sets", "--overlay", "none.toml"]).clean().out;
    assert!(other.contains("under overlay nothing") && !other.contains("wide"), "{other}");
    let told = place.run(&["rules", "--diff"]).clean().out;
    assert!(told.contains("limits.rollback_days") && told.contains("14") && told.contains("10"), "{told}");
    let told = place.run(&["explain", "5.10.10"]).clean().out;
    assert!(told.contains("Overlaid: days 30, 2 without the overlay."), "{told}");
    place.run(&["migrate", "sets", "--roles", "--overlay", "none.toml"]).fails("overlay of their own", "tern role");
}

#[test]
fn a_bad_overlay_stops_everything_and_says_what_is_wrong_where() {
    let place = Place::new(healthy(1));
    place.write("bad.toml", "name = \"bad\"\n[limits]\nundo = 3\n[documents]\n\"TMAD AL 5.0\" = 2021-01-01\n");
    for words in [&["check", "sets"][..], &["migrate", "sets"], &["rules"]] {
        let ran = place.run(&[words, &["--overlay", "bad.toml"]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
        for part in [
            "bad.toml: line 3, limits.undo: cannot be changed by an overlay; did you mean undos?",
            "bad.toml: line 5, documents.\"TMAD AL 5.0\": ",
            "keep the versions of a document in their order",
        ] {
            let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains(part), "{part} in {}", ran.err);
        }
    }
    assert!(!place.path("stores").exists(), "nothing was done");
    place.run(&["check", "sets", "--overlay", "absent.toml"]).fails("absent.toml", "");
}

#[test]
fn a_day_chooses_the_books_of_a_migration_too() {
    let place = Place::new(healthy(2));
    let told = place.run(&["migrate", "sets", "--as-of", "2020-11-28", "--json"]).finds().json();
    let refused = told["sets"][0]["refused"].as_array().expect("findings");
    assert!(refused.iter().any(|finding| finding["clause"] == "P-group"), "{told}");
    let told = place.run(&["migrate", "sets", "--dry-run", "--as-of", "2020-11-28", "--json"]).finds().json();
    assert_eq!(told["sets"][0]["refused"].as_array().map(Vec::len), Some(refused.len()), "{told}");
    place.run(&["migrate", "sets", "--as-of", TODAY]).clean();
}
