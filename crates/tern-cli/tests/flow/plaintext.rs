//! Keys in the clear (11.1): for EB and EC they go from the SMSO to the Requesting Party in a file of its own, and nowhere else; for EA
//! they go nowhere.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::Place;

/// Every key that the SMSO has, in lower case.
fn keys(place: &Place) -> Vec<String> {
    fn gather(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::String(text) if text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
                into.push(text.to_lowercase());
            }
            Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
            Value::Object(fields) => fields.values().for_each(|field| gather(field, into)),
            _ => {}
        }
    }
    let mut keys = Vec::new();
    gather(&serde_json::from_str(&place.read("smso/smso/keys.json")).expect("JSON"), &mut keys);
    assert!(keys.len() >= 8, "{} keys", keys.len());
    keys
}

/// Every file below a folder, but for what is below these.
fn files(dir: &Path, without: &[PathBuf], into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("lists") {
        let path = entry.expect("an entry").path();
        if without.contains(&path) {
            continue;
        }
        if path.is_dir() { files(&path, without, into) } else { into.push(path) }
    }
}

fn holds(bytes: &[u8], key: &str) -> bool {
    let raw: Vec<u8> = (0..16).map(|i| u8::from_str_radix(&key[2 * i..2 * i + 2], 16).expect("hex")).collect();
    let find = |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).any(|window| window == needle);
    find(&bytes.to_ascii_lowercase(), key.as_bytes()) || find(bytes, &raw)
}

#[test]
fn plaintext_of_eb_and_ec_is_encrypted_by_the_requesting_party_and_shows_nowhere() {
    let place = Place::with_keys();
    let corpus = ["corpus", "-n", "4", "--seed", "7", "--defects", "0", "--group", "EB,EC"];
    let mut told = vec![place.run(&corpus).clean().out];
    let mut run = |args: &[&str]| told.push(place.run(args).clean().out);
    run(&["smso", "export", "--plaintext", "--reference", "P", "--out", "plain"]);
    run(&["build", "plain", "--day", crate::support::TODAY]);
    run(&["check", "sets"]);
    run(&["check", "sets", "--json"]);
    run(&["migrate", "sets", "--json"]);
    run(&["audit", "--json"]);
    assert_eq!(place.list("sets"), ["EB_1", "EC_1"]);
    let result = place.run(&["migrate", "sets", "--json"]).clean().json();
    assert_eq!(result["outcomes"][0]["outcome"], "commissioned", "{result}");
    assert_eq!(result["outcomes"][0]["installations"], 4, "{result}");

    let keys = keys(&place);
    let exports = place.list("plain");
    assert!(exports.len() == 2 && exports.iter().all(|name| name.starts_with("SMSOPLAINTEXT_")), "{exports:?}");
    let plain: Vec<u8> = exports.iter().flat_map(|name| place.read(&format!("plain/{name}")).into_bytes()).collect();
    assert!(keys.iter().all(|key| holds(&plain, key)), "the search finds what is there");
    for name in exports {
        let mode = std::fs::metadata(place.path(&format!("plain/{name}"))).expect("the file").permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{name}");
    }
    let mut all = Vec::new();
    files(&place.path(""), &[place.path("smso"), place.path("world"), place.path("plain")], &mut all);
    assert!(all.len() > 20, "only {} files", all.len());
    for key in &keys {
        assert!(told.iter().all(|out| !holds(out.as_bytes(), key)), "a key was printed");
        for file in &all {
            assert!(!holds(&std::fs::read(file).expect("reads"), key), "a key stands in {}", file.display());
        }
    }
}

#[test]
fn plaintext_of_ea_is_refused_by_clause_11_1_and_one_that_others_can_read_is_not_opened() {
    let place = Place::with_keys();
    place.run(&["corpus", "-n", "3", "--seed", "7", "--defects", "0", "--group", "EA,EB"]).clean();
    place.run(&["smso", "export", "--plaintext"]).fails("11.1", "leave --plaintext out");
    place.run(&["smso", "export", "--plaintext", "--group", "EA"]).fails("installations of EA", "EB, EC");
    assert!(!place.path("exports").exists());
    place.run(&["smso", "export", "--plaintext", "--group", "EB"]).clean();
    let export = place.file("exports", "SMSOPLAINTEXT_");
    std::fs::set_permissions(place.path(&export), std::fs::Permissions::from_mode(0o644)).expect("a wider mode");
    place.run(&["build"]).fails("others than its owner can read it (mode 0644)", "chmod 600");
    assert!(!place.path("sets").exists());
}
