//! `tern corpus`, `tern smso export`, `tern build`: from nothing to signed file sets.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Tern, mode};

#[test]
fn a_corpus_is_everybodys_records_and_what_was_planted() {
    let tern = Tern::with_pki();
    let order = ["-n", "40", "--seed", "3", "--defects", "20", "--faults", "4", "--day", "2031-03-04"];
    let corpus = |dir: &str| {
        let args: Vec<&str> = ["corpus", dir, "--json"].into_iter().chain(order).collect();
        tern.run(&args).clean().json()
    };
    let made = corpus("one");
    assert_eq!((&made["installations"], &made["day"]), (&Value::from(40), &Value::from("2031-03-04")));
    let planted: u64 =
        made["planted"].as_array().expect("a list").iter().filter_map(|kind| kind["installations"].as_u64()).sum();
    assert_eq!(planted, 12);
    assert_eq!(tern.read("one/planted.csv").lines().count(), 1 + 12);
    // Ten fact files, and the events of meters.
    assert_eq!(tern.list("one/facts").len(), 11);
    for secret in ["one/smso/smso/keys.json", "one/world/installations.json"] {
        assert_eq!(mode(&tern.path(secret)), 0o600, "{secret}");
    }
    corpus("two");
    for same in ["planted.csv", "facts/registration.csv", "facts/meter_events.csv", "smso/smso/keys.json"] {
        assert_eq!(tern.read(&format!("one/{same}")), tern.read(&format!("two/{same}")), "{same}");
    }
    let text = tern.run(&["corpus", "three", "-n", "40"]).clean().out;
    assert!(text.starts_with("made 40 installations in three, from seed 1,"), "{text}");
}

#[test]
fn a_corpus_holds_the_kinds_of_defect_that_were_asked_for() {
    let tern = Tern::with_pki();
    let listed = tern.run(&["corpus", "--list-defects", "--json"]).clean().json();
    let listed = listed["defects"].as_array().expect("a list");
    let of_corpus = listed.iter().filter(|kind| kind["in_a_corpus"] == true).count();
    assert!(listed.len() > of_corpus && of_corpus > 20, "{} of {}", of_corpus, listed.len());
    assert!(listed.iter().any(|kind| kind["kind"] == "excluded" && kind["codes"][0] == "P-excluded"), "{listed:?}");
    let text = tern.run(&["corpus", "--list-defects"]).clean().out;
    assert!(text.contains("excluded") && text.contains("--kinds takes the"), "{text}");
    let made = tern.run(&["corpus", "-n", "9", "--defects", "50", "--kinds", "excluded,not-of-sim", "--json"]);
    let made = made.clean().json();
    let kinds: Vec<_> = made["planted"].as_array().expect("a list").iter().map(|kind| kind["kind"].as_str()).collect();
    assert_eq!(kinds, [Some("excluded"), Some("not-of-sim")]);
    let all = |groups: &str| {
        let dir = groups.replace(',', "-");
        let words = ["corpus", &dir, "-n", "60", "--defects", "100", "--kinds", "all", "--group", groups, "--json"];
        let made = tern.run(&words).clean().json();
        let planted = made["planted"].as_array().expect("a list").iter();
        planted.filter_map(|one| one["kind"].as_str()).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(all("EA,CA"), of_corpus);
    let of_one = [all("EA"), all("CA")];
    assert!(
        of_one.iter().all(|count| (15..of_corpus).contains(count)),
        "what a group cannot have is left out: {of_one:?}"
    );
    tern.run(&["corpus", "x", "--kinds", "not-the-xml"]).usage("a corpus has none");
    tern.run(&["corpus", "x", "--kinds", "anything"]).usage("--list-defects");
}

#[test]
fn a_corpus_is_never_written_over_and_impossible_ones_are_refused() {
    let tern = Tern::with_pki();
    tern.run(&["corpus", "-n", "3"]).clean();
    tern.run(&["corpus", "-n", "3"]).fails("holds a corpus already", "another folder");
    tern.run(&["corpus", "x", "-n", "3", "--faults", "9"]).fails("9 faults", "fewer");
    tern.run(&["corpus", "x", "-n", "3", "--defects", "101"]).usage("per cent");
    tern.run(&["corpus", "x", "-n", "many"]).usage("1 or more");
    tern.run(&["corpus", "x", "--day", "2021-02-30"]).usage("YYYY-MM-DD");
    tern.run(&["corpus", "x", "--pki", "nowhere"]).fails("nowhere", "tern pki init DIR");
    assert!(!tern.path("x").exists());
}

#[test]
fn an_export_holds_no_key_in_the_clear_and_is_never_written_over() {
    let tern = Tern::with_pki();
    tern.run(&["corpus", "-n", "5", "--defects", "0"]).clean();
    let export = ["smso", "export", "--reference", "WEEK-9", "--size", "2", "--json"];
    let exported = tern.run(&export).clean().json();
    let counts: Vec<_> = exported["files"].as_array().expect("files").iter().map(|f| &f["installations"]).collect();
    assert_eq!(counts, [2, 2, 1]);
    let names = tern.list("exports");
    assert_eq!(names[0], "SMSOEXPORT_90-B3-D5-1F-30-82-00-01_EA_WEEK-9-1.xml");
    let exports: String = names.iter().map(|name| tern.read(&format!("exports/{name}")).to_lowercase()).collect();
    let keys: Value = serde_json::from_str(&tern.read("smso/smso/keys.json")).expect("JSON");
    let mut seen = 0;
    for_each_key(&keys, &mut |key| {
        seen += 1;
        assert!(!exports.contains(&key.to_lowercase()), "a key in the clear");
    });
    assert!(seen >= 5 * 4, "{seen} keys looked for");
    tern.run(&export).usage("is there already");
    tern.run(&["smso", "export", "--reference", "WEEK-9"]).fails("is there already", "--reference");
    assert_eq!(tern.list("exports"), names);
}

fn for_each_key(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) if text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) => see(text),
        Value::Array(items) => items.iter().for_each(|item| for_each_key(item, see)),
        Value::Object(fields) => fields.values().for_each(|field| for_each_key(field, see)),
        _ => {}
    }
}

#[test]
fn an_export_needs_records_keys_and_recipients() {
    let tern = Tern::with_pki();
    tern.run(&["smso", "export"]).fails("smso/smso is no folder", "tern corpus");
    tern.run(&["corpus", "-n", "2"]).clean();
    tern.run(&["smso", "export", "--reference", "a b"]).fails("letters, digits and hyphens", "records");
    tern.run(&["smso", "export", "--group", "ZZ"]).usage("EA");
    tern.run(&["smso", "export", "--group", "EB"]).fails("no installation of group EB", "hold 2 installations of EA");
    tern.run(&["smso", "export", "--size", "0"]).usage("--size");
    tern.run(&["smso", "export", "smso/smso", "--as", "nobody"]).fails("nobody", "tern pki");
    tern.run(&["pki", "revoke", "dco"]).clean();
    tern.run(&["smso", "export"]).fails("dco has no encryption certificate in force", "tern pki issue dco dco");
    tern.write("smso/smso/keys.json", "[");
    tern.run(&["pki", "issue", "dco", "dco"]).clean();
    tern.run(&["smso", "export"]).fails("where: smso/smso/keys.json, line 2", "restore");
    assert!(!tern.path("exports").exists());
}

#[test]
fn sets_are_built_with_rising_counters_and_none_is_written_over() {
    let tern = Tern::with_export("5");
    let built = tern.run(&["build", "--size", "3", "--json"]).clean().json();
    let sets: Vec<_> = built["sets"].as_array().expect("sets").iter().map(|s| (&s["folder"], &s["counter"])).collect();
    assert_eq!(sets, [(&"sets/EA_1".into(), &1.into()), (&"sets/EA_2".into(), &2.into())]);
    let names = ["MCF", "MGEF", "MGF"].map(|kind| format!("{kind}_90-B3-D5-1F-30-83-00-01_EA_1.xml"));
    assert_eq!(tern.list("sets/EA_1"), names);
    let first = tern.read(&format!("sets/EA_1/{}", names[0]));
    let text = tern.run(&["build", "exports"]).clean().out;
    assert!(text.starts_with("built 1 set with 5 installations\n") && text.contains("sets/EA_3"), "{text}");
    assert!(text.contains("`tern migrate sets` migrates all"), "{text}");
    tern.run(&["build", "--counter", "1"]).fails("sets/EA_1 is there already", "--counter");
    tern.run(&["build", "--counter", "40"]).clean();
    assert_eq!(tern.list("sets"), ["EA_1", "EA_2", "EA_3", "EA_40"]);
    assert_eq!(tern.read(&format!("sets/EA_1/{}", names[0])), first);
}

#[test]
fn what_the_requesting_party_notices_is_told_and_stops_nothing() {
    let tern = Tern::with_export("4");
    let ran = tern.run(&["build", "--day", "2001-01-01"]).clean();
    assert!(ran.out.contains("! CHF ") && ran.out.contains("no registration"), "{}", ran.out);
    let registration = format!("{}not,a,row\n", tern.read("facts/registration.csv"));
    tern.write("facts/registration.csv", registration);
    let built = tern.run(&["build", "--json"]).clean().json();
    let faults = built["fact_faults"].as_array().expect("a list");
    assert!(faults.len() == 1 && faults[0].as_str().is_some_and(|f| f.contains("registration.csv")), "{built}");
    assert!(tern.run(&["build"]).clean().out.contains("! fact record not used: registration.csv"));
}

#[test]
fn an_export_that_cannot_be_believed_is_a_finding() {
    let tern = Tern::with_export("2");
    let path = format!("exports/{}", tern.list("exports")[0]);
    let good = tern.read(&path);
    let digit = good.find("<IMSI>").expect("an IMSI") + "<IMSI>".len();
    let other = if good.as_bytes()[digit] == b'1' { "2" } else { "1" };
    let altered = format!("{}{other}{}", &good[..digit], &good[digit + 1..]);
    let unsigned = format!("{}</SMSOExport>", &good[..good.find("<ds:Signature").expect("a signature")]);
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(good.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, &[u8], &str); 6] = [
        ("altered", altered.as_bytes(), "P-signature-value"),
        ("unsigned", unsigned.as_bytes(), "P-signature-profile"),
        ("cut", &good.as_bytes()[..good.len() / 2], "P-xml-form"),
        ("empty", b"", "P-xml-form"),
        ("no XML", b"\x7fELF", "P-xml-form"),
        ("UTF-16", &utf16, "P-xml-form"),
    ];
    for (case, bytes, clause) in cases {
        tern.write(&path, bytes);
        let ran = tern.run(&["build", "--json"]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{case}: {ran:?}");
        let finding = &ran.json()["findings"][0];
        assert_eq!(finding["clause"], clause, "{case}: {finding}");
        for part in ["message", "expected", "suggestion"] {
            assert!(finding[part].as_str().is_some_and(|words| !words.is_empty()), "{case} {part}: {finding}");
        }
        let text = tern.run(&["build"]);
        assert_eq!(text.code, Some(1), "{case}");
        assert!(text.out.contains(clause) && text.out.contains("nothing was built: 1 finding"), "{case}: {}", text.out);
    }
    tern.write(&path, &good);
    tern.run(&["pki", "revoke", "smso"]).clean();
    assert_eq!(tern.run(&["build", "--json"]).json()["findings"][0]["clause"], "P-certificate");
    assert!(!tern.path("sets").exists());
}

#[test]
fn a_build_needs_exports_facts_and_a_key() {
    let tern = Tern::with_export("2");
    tern.run(&["build", "nowhere"]).fails("where: nowhere", "exists");
    tern.run(&["build", "facts"]).fails("no export in facts", "tern smso export");
    tern.run(&["build", "--facts", "nowhere"]).fails("where: nowhere", "exists");
    tern.run(&["build", "--as", "nobody"]).fails("nobody", "tern pki");
    tern.run(&["build", "--counter", "0"]).usage("--counter");
    tern.run(&["build", "--without-certificate", "invent"]).usage("leave-out");
    assert!(!tern.path("sets").exists());
}

#[test]
fn nobody_exports_or_builds_under_a_revoked_certificate() {
    let tern = Tern::with_export("2");
    tern.run(&["pki", "revoke", "requesting-party"]).clean();
    tern.run(&["build"])
        .fails("requesting-party cannot sign: certificate", "tern pki issue requesting-party requesting-party");
    assert!(!tern.path("sets").exists() && !tern.path("requesting-party-counters.json").exists());
    tern.run(&["pki", "issue", "requesting-party", "requesting-party"]).clean();
    tern.run(&["build"]).clean();
    tern.run(&["pki", "revoke", "smso"]).clean();
    let again = ["smso", "export", "--out", "exports-2"];
    tern.run(&again).fails("smso cannot sign: certificate", "tern pki issue smso smso");
    assert!(!tern.path("exports-2").exists());
    tern.run(&["pki", "issue", "smso", "smso"]).clean();
    tern.run(&again).clean();
}

#[test]
fn chosen_installations_are_exported_alone_and_replace_their_older_export() {
    let tern = Tern::with_export("5");
    let records: Value = serde_json::from_str(&tern.read("smso/smso/installations.json")).expect("JSON");
    let chf = |at: usize| records[at]["chf_identifier"].as_str().expect("a CHF").to_owned();
    let (one, other) = (chf(3), chf(1));
    let unknown = ["smso", "export", "--chf", &one, "--chf", "00-00-00-00-00-00-00-01", "--out", "exports-2"];
    tern.run(&unknown).fails("no record of CHF 00-00-00-00-00-00-00-01", "smso/smso");
    assert!(!tern.path("exports-2").exists());
    tern.run(&["smso", "export", "--chf", "hub"]).usage("--chf");
    let export = ["smso", "export", "--chf", &one, "--chf", &other, "--reference", "SECOND", "--out", "exports-2"];
    tern.run(&export).clean();
    let file = tern.read(&format!("exports-2/{}", tern.list("exports-2")[0]));
    let entry = |chf: &str| format!("<CHFIdentifier>{chf}</CHFIdentifier>");
    assert_eq!(file.matches("<Installation>").count(), 2);
    assert!(file.contains(&entry(&one)) && file.contains(&entry(&other)));
    let built = tern.run(&["build", "exports", "exports-2", "--json"]).clean().json();
    assert_eq!(built["sets"][0]["installations"], 5, "none twice");
    let remark = &built["remarks"][0];
    assert_eq!(remark["chf"], Value::Null);
    assert_eq!(
        remark["text"],
        "2 installations of export FIRST-1 are put forward from the newer export SECOND-1 alone"
    );
    let text = tern.run(&["build", "exports", "exports-2"]).clean().out;
    assert!(text.contains("! 2 installations of export FIRST-1"), "{text}");
    assert_eq!(tern.run(&["build", "exports-2", "--json"]).clean().json()["sets"][0]["installations"], 2);
}

#[test]
fn remarks_of_a_build_are_told_or_kept_in_a_file_that_is_named() {
    let tern = Tern::with_export("30");
    tern.run(&["pki", "revoke", "supplier-a"]).clean();
    tern.run(&["pki", "revoke", "supplier-b"]).clean();
    let text = tern.run(&["build"]).clean().out;
    let number = |line: &str| {
        line.trim().strip_prefix("and ")?.strip_suffix(" more: build-remarks-EA_1.txt has all")?.parse().ok()
    };
    let more: usize = text.lines().find_map(number).unwrap_or_else(|| panic!("{text}"));
    let shown = text.lines().filter(|line| line.starts_with("  ! ")).count();
    let kept = tern.read("build-remarks-EA_1.txt");
    assert_eq!(kept.lines().count(), shown + more, "{kept}");
    assert!(kept.lines().all(|line| line.starts_with("CHF ")), "{kept}");
    let told = tern.run(&["build", "--json"]).clean().json();
    assert_eq!(told["remarks"].as_array().map(Vec::len), Some(shown + more));
    assert_eq!(told["remarks_file"], "build-remarks-EA_2.txt");
    tern.run(&["pki", "issue", "supplier", "supplier-a"]).clean();
    tern.run(&["pki", "issue", "supplier", "supplier-b"]).clean();
    let told = tern.run(&["build", "--json"]).clean().json();
    assert!(told["remarks"].as_array().is_some_and(|few| few.len() < 6) && told["remarks_file"].is_null(), "{told}");
}

#[test]
fn counters_are_the_partys_wherever_its_sets_go() {
    let tern = Tern::with_export("1");
    let counter = |args: &[&str]| {
        let args: Vec<&str> = ["build", "--json"].iter().chain(args).copied().collect();
        tern.run(&args).clean().json()["sets"][0]["counter"].as_u64().expect("a counter")
    };
    assert_eq!((counter(&[]), counter(&[]), counter(&["--out", "elsewhere"])), (1, 2, 1), "without a tern.toml");
    let configuration = tern.run(&["show-config"]).clean().out;
    tern.write("tern.toml", configuration);
    assert_eq!((counter(&["--out", "elsewhere"]), counter(&[])), (3, 4));
    assert_eq!((counter(&["--counter", "1", "--out", "third"]), counter(&["--out", "third"])), (1, 5));
    assert!(tern.path("requesting-party-counters.json").exists());
    assert!(!tern.path("third/requesting-party-counters.json").exists());
}
