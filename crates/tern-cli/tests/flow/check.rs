//! `tern check`: what each role would say, before and after; and what it says when files are not what they should be.

use serde_json::Value;

use crate::support::{Place, TODAY, healthy};

#[test]
fn a_set_is_judged_after_its_migration_as_before() {
    let place = Place::everything();
    let untouched = place.copied();
    let as_dsp = judged(&place, &["check", "sets"]);
    assert!(as_dsp.iter().all(|(_, roles)| names(roles) == ["dsp"]), "three files are judged as the DSP");
    place.migrate();
    let after = judged(&place, &["check", "sets"]);
    assert!(after.iter().all(|(_, roles)| names(roles) == ["dsp", "s1sp", "dco"]), "{after:?}");
    for ((set, before), (_, after)) in as_dsp.iter().zip(&after) {
        assert_eq!(before[0], after[0], "the DSP of {set}");
    }
    // The S1SP and the DCO of a place where nothing was ever migrated, with the same validation files.
    for folder in place.list("sets").iter().filter(|f| f.starts_with("EA_")).map(|f| format!("sets/{f}")) {
        let file = place.file(&folder, "MCVF_");
        std::fs::copy(place.path(&file), untouched.path(&file)).expect("copied");
    }
    assert_eq!(judged(&untouched, &["check", "sets"]), after, "what the sets themselves brought does not count");
    assert!(!untouched.path("stores").exists(), "a check writes nothing");
}

#[test]
fn the_requesting_party_and_the_dsp_never_decrypt_and_the_others_need_their_keys() {
    let place = Place::new(healthy(2));
    place.migrate();
    for party in ["s1sp", "dco"] {
        place.run(&["check", "sets", "--as", party]).clean();
        std::fs::remove_dir_all(place.path(&format!("pki/parties/{party}"))).expect("removed");
    }
    for party in ["rp", "dsp"] {
        place.run(&["check", "sets", "--as", party]).clean();
    }
    assert_eq!(names(&judged(&place, &["check", "sets"])[0].1), ["dsp"], "as far as keys are there");
    place.run(&["check", "sets", "--as", "s1sp"]).fails("s1sp", "tern pki");
    assert_eq!(place.run(&["check", "sets", "--as", "smso"]).code, Some(2));
}

#[test]
fn that_the_set_would_be_refused_is_told_before_any_of_its_installations() {
    let place = Place::everything();
    let text = place.run(&["check", "sets", "--as", "s1sp"]).finds().out;
    let sets: Vec<&str> = text.split("judged as S1SP").skip(1).collect();
    assert_eq!(sets.len(), 6);
    let of_installations = sets.into_iter().filter(|said| said.contains("\n  CHF ")).map(|said| {
        let (before, _) = said.split_once("\n  CHF ").expect("it is there");
        assert!(before.contains("✗ 15.4"), "{said}");
        assert!(before.contains("the set as a whole would be refused for this; what was found in single"), "{said}");
    });
    assert!(of_installations.count() > 0, "{text}");
}

#[test]
fn a_day_chooses_the_books() {
    let place = Place::new(healthy(2));
    let on = |day: &str| {
        let args = ["check", "sets", "--as", "dsp", "--as-of", day];
        let (text, json) = (place.run(&args), place.run(&[&args[..], &["--json"]].concat()));
        assert_eq!((text.code, text.err.as_str()), (json.code, json.err.as_str()));
        let books = json.json()["sets"][0]["roles"][0]["books"].as_str().expect("books").to_owned();
        assert!(squeezed(&text.out).contains(&squeezed(&books)), "{books}: {}", text.out);
        assert_eq!(json.json()["day"], day);
        (text.code, books)
    };
    let (code, books) = on("2019-07-27");
    assert!(code == Some(1) && books.contains("none was in force on 2019-07-27"), "{code:?} {books}");
    for (day, version) in
        [("2019-07-28", "as first designated"), ("2020-06-01", "as first designated"), ("2020-11-28", "AL 8.0")]
    {
        let (code, books) = on(day);
        assert!(code == Some(1) && books.contains(version), "{day}: {code:?} {books}");
        assert!(books.contains("group EA: NOT YET IN FORCE"), "{day}: {books}");
    }
    let (code, books) = on(TODAY);
    assert!(code == Some(0) && books.contains("FOC text") && !books.contains("NOT YET"), "{code:?} {books}");
    let (_, later) = on("2021-12-01");
    assert!(later.contains("FOC text"), "{later}");
    assert_eq!(place.run(&["check", "sets", "--as-of", "2021-02-30"]).code, Some(2));
}

#[test]
fn findings_are_the_same_in_text_and_json() {
    let place = Place::everything();
    place.migrate();
    let text = squeezed(&place.run(&["check", "sets"]).finds().out);
    let mut seen = 0;
    for (_, roles) in judged(&place, &["check", "sets"]) {
        for verdict in roles.iter().flat_map(|r| r["verdicts"].as_array().expect("verdicts")) {
            // The text counts what the DSP refused and tells it once, with the DSP.
            if verdict["clause"] == "P-validated" {
                assert!(text.contains("refusedbytheDSP"), "{text}");
                continue;
            }
            for field in ["clause", "message", "found", "expected", "suggestion", "missing"] {
                let words = verdict[field].as_str().unwrap_or_default();
                assert!(text.contains(&squeezed(words)), "{field} of {verdict}");
            }
            assert!(
                ["FINDING", "FACTS_MISSING"].contains(&verdict["verdict"].as_str().expect("a verdict")),
                "{verdict}"
            );
            seen += 1;
        }
    }
    assert!(seen >= 8, "only {seen} verdicts");
    for args in [&["check", "sets", "--json"][..], &["check", "sets", "--as-of", "2019-07-01", "--json"]] {
        assert!(!doubled_key(&place.run(args).out), "a key stands twice in one object");
    }
    let missing = place.run(&["check", "sets", "--as-of", "2019-07-01", "--json"]).json();
    let verdicts = missing["sets"][0]["roles"][0]["verdicts"].as_array().expect("verdicts");
    let missing = verdicts.iter().find(|v| v["verdict"] == "FACTS_MISSING").expect("no registration on that day");
    assert!(missing["clause"].is_string() && missing["grade"].is_string(), "{missing}");
}

#[test]
fn what_should_be_a_migration_file_and_is_not_is_a_finding() {
    let place = Place::new(healthy(2));
    for kind in ["MCF_", "MGF_", "MGEF_"] {
        let path = place.file("sets/EA_1", kind);
        let good = place.read(&path);
        let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(good.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let cases: [(&str, &[u8]); 5] = [
            ("empty", b""),
            ("cut", &good.as_bytes()[..good.len() / 2]),
            ("UTF-16", &utf16),
            ("not XML", b"\x7fELF\x02\x01\x01\0\0"),
            ("JSON", b"{\"MigrationHeader\": {}}"),
        ];
        for (case, bytes) in cases {
            place.write(&path, bytes);
            for args in [
                &["check", "sets"][..],
                &["check", "sets", "--as", "rp"],
                &["migrate", "sets"],
                &["migrate", "sets", "--dry-run"],
            ] {
                let ran = place.run(args).finds();
                assert!(
                    ran.out.contains("P-xml-form") && ran.out.contains("next: "),
                    "{kind} {case} {args:?}: {ran:?}"
                );
            }
            let told = place.run(&["check", "sets", "--json"]).finds().json();
            let first = &told["sets"][0]["roles"][0]["verdicts"][0];
            assert_eq!(first["clause"], "P-xml-form", "{kind} {case}: {first}");
        }
        place.write(&path, &good);
    }
    assert!(place.log().is_empty());
    assert_eq!(place.run(&["check", "sets"]).code, Some(0));
    // One whose name does not even say what it should be.
    std::fs::create_dir(place.path("stray")).expect("a folder");
    place.write("stray/letter.xml", "");
    place.run(&["check", "stray"]).finds();
    place.run(&["migrate", "stray"]).finds();
    assert_eq!(place.migrate().code, Some(0));
}

#[test]
fn usage_configuration_and_missing_folders_are_failures() {
    let place = Place::new(healthy(1));
    for verb in ["check", "migrate"] {
        place.run(&[verb, "nowhere"]).fails("nowhere is no folder", "name the folder");
        std::fs::create_dir_all(place.path("empty")).expect("a folder");
        place.run(&[verb, "empty"]).fails("no migration file (*.xml) lies in empty", "`tern build` makes them");
        assert_eq!(place.run(&[verb]).code, Some(2));
        assert_eq!(place.run(&[verb, "sets", "--no-such-flag"]).code, Some(2));
        place.run(&[verb, "sets", "--config", "no.toml"]).fails("no.toml", "exists");
    }
    std::fs::rename(place.path("tern.toml"), place.path("kept")).expect("moved");
    for verb in ["check", "migrate"] {
        place.run(&[verb, "sets"]).fails("no tern.toml in", "--config");
    }
    place.run(&["check", "sets", "--config", "kept"]).clean();
}

/// Each set's folder, and what each role says of it.
fn judged(place: &Place, args: &[&str]) -> Vec<(String, Vec<Value>)> {
    let told = place.run(&[args, &["--json"]].concat()).json();
    let sets = told["sets"].as_array().expect("sets").iter();
    sets.map(|s| (s["dir"].as_str().expect("a folder").to_owned(), s["roles"].as_array().expect("roles").clone()))
        .collect()
}

fn names(roles: &[Value]) -> Vec<&str> {
    roles.iter().map(|r| r["role"].as_str().expect("a role")).collect()
}

/// Without blanks, as lines are broken where they must.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Whether an object in JSON text has two members of one name, which parsers take in silence.
fn doubled_key(json: &str) -> bool {
    struct Strict;
    impl<'de> serde::de::DeserializeSeed<'de> for Strict {
        type Value = bool;
        fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
            from.deserialize_any(self)
        }
    }
    impl<'de> serde::de::Visitor<'de> for Strict {
        type Value = bool;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("JSON")
        }
        fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_str<E>(self, _: &str) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_unit<E>(self) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
            let mut doubled = false;
            while let Some(inner) = items.next_element_seed(Strict)? {
                doubled |= inner;
            }
            Ok(doubled)
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
            let (mut doubled, mut seen) = (false, std::collections::BTreeSet::new());
            while let Some(key) = members.next_key::<String>()? {
                doubled |= !seen.insert(key) | members.next_value_seed(Strict)?;
            }
            Ok(doubled)
        }
    }
    use serde::de::DeserializeSeed;
    Strict.deserialize(&mut serde_json::Deserializer::from_str(json)).expect("JSON")
}
