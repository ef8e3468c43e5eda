//! `tern pki`

use std::os::unix::fs::PermissionsExt;

use crate::support::{Tern, mode, walk};

#[test]
fn init_makes_keys_that_only_their_owner_reads_and_never_twice() {
    let tern = Tern::new();
    let made = tern.run(&["pki", "init", "pki", "--json"]).clean().json();
    assert_eq!(made["parties"].as_array().map(Vec::len), Some(18));
    let files = walk(&tern.path("pki"));
    let keys: Vec<_> = files.iter().filter(|file| file.extension().is_some_and(|e| e == "key")).collect();
    assert_eq!(
        keys.len(),
        2 + 18 + 2 + 7 + 17,
        "root, issuing authority, each party's, to encrypt to two and the suppliers, for TLS all but the SMSO's"
    );
    for key in keys {
        assert_eq!(mode(key), 0o600, "{}", key.display());
        assert_eq!(mode(key.parent().expect("a folder")), 0o700, "{}", key.display());
    }
    let before: Vec<_> = files.iter().map(|file| std::fs::read(file).expect("read")).collect();
    tern.run(&["pki", "init", "pki"]).fails("pki is there already", "never overwritten");
    let after: Vec<_> = walk(&tern.path("pki")).iter().map(|file| std::fs::read(file).expect("read")).collect();
    assert_eq!(before, after);
}

#[test]
fn init_refuses_a_day_that_is_none_and_a_place_that_it_cannot_have() {
    let tern = Tern::new();
    tern.run(&["pki", "init", "pki", "--not-before", "tomorrow"]).usage("YYYY-MM-DD");
    tern.run(&["pki", "init"]).usage("<DIR>");
    tern.write("file", "");
    tern.run(&["pki", "init", "file"]).fails("file is there already", "folder");
    assert_eq!(tern.list("."), ["file"]);
}

#[test]
fn show_tells_what_is_in_force() {
    let tern = Tern::with_pki();
    let shown = tern.run(&["pki", "show", "--json"]).clean().json();
    let certificates = shown["certificates"].as_array().expect("a list");
    assert_eq!(certificates.len(), 44);
    assert!(certificates.iter().all(|c| c["status"] == "in-force" && c["issuer"] == "CN=Tern Issuing CA,OU=07"));
    assert!(tern.run(&["pki", "show"]).clean().out.contains("44 certificates, 44 in force"));
    let dco = tern.run(&["pki", "show", "dco"]).clean().out;
    assert!(dco.contains("encryption") && dco.contains("3 certificates"), "{dco}");
    tern.run(&["pki", "show", "nobody"]).fails("\"nobody\"", "lists all");
    tern.run(&["pki", "show", "--pki", "elsewhere"]).fails("elsewhere", "tern pki init DIR");
}

#[test]
fn issue_and_revoke_replace_a_partys_keys() {
    let tern = Tern::with_pki();
    let issued = tern.run(&["pki", "issue", "smso", "smso-b", "--json"]).clean().json();
    assert_eq!(issued["certificates"].as_array().map(Vec::len), Some(1));
    assert_eq!(mode(&tern.path("pki/parties/smso-b/signing.key")), 0o600);
    tern.run(&["pki", "issue", "smso", "smso-b"]).fails("smso-b", "tern pki revoke smso-b");
    tern.run(&["pki", "issue", "dco", "smso-b"]).fails("belongs to", "another name");
    tern.run(&["pki", "issue", "supplier", "Not A Name"]).fails("Not A Name", "lower-case");
    tern.run(&["pki", "issue", "supplier", "x", "--party", "90-B3-D5-1F-30-04-00-01"]).fails("belongs to", "EUI-64");
    tern.run(&["pki", "issue", "gardener", "x"]).usage("requesting-party");
    tern.run(&["pki", "issue", "issuing-authority", "x"]).fails("issuing-authority", "supplier");

    let serial = issued["certificates"][0]["serial"].as_str().expect("a serial number");
    let revoked = tern.run(&["pki", "revoke", serial, "--json"]).clean().json();
    assert_eq!(revoked["revoked"][0]["serial"], serial);
    tern.run(&["pki", "revoke", "smso-b"]).fails("revoked already", "tern pki issue");
    tern.run(&["pki", "revoke", "nobody"]).fails("nobody", "tern pki show");
    let again = tern.run(&["pki", "issue", "smso", "smso-b"]).clean().out;
    assert!(again.starts_with("issued to smso-b (smso)\n  serial number "), "{again}");
    let shown = tern.run(&["pki", "show", "smso-b", "--json"]).clean().json();
    let states: Vec<_> = shown["certificates"].as_array().expect("a list").iter().map(|c| &c["status"]).collect();
    assert!(states.len() == 2 && states.iter().any(|s| *s == "revoked") && states.iter().any(|s| *s == "in-force"));
}

#[test]
fn validity_begins_on_the_day_that_was_asked_for_and_is_judged_at_the_configured_clock() {
    let tern = Tern::new();
    tern.run(&["pki", "init", "pki", "--not-before", "2020-06-01"]).clean();
    let status = |start: &str| {
        tern.write("tern.toml", format!("[clock]\nstart = \"{start}\"\n"));
        let shown = tern.run(&["pki", "show", "dsp", "--json"]).clean().json();
        assert_eq!(shown["certificates"][0]["not_before"], "2020-06-01T00:00:00Z");
        shown["certificates"][0]["status"].as_str().expect("a status").to_owned()
    };
    assert_eq!(status("2020-05-31T23:00:00Z"), "not-yet-valid");
    assert_eq!(status("2020-06-01T00:00:00Z"), "in-force");
    assert_eq!(status("2030-06-02T00:00:00Z"), "expired");
}

#[test]
fn a_key_that_others_can_read_is_not_used() {
    let tern = Tern::with_pki();
    tern.run(&["corpus", "-n", "2"]).clean();
    let key = tern.path("pki/parties/smso/signing.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("chmod");
    tern.run(&["smso", "export"]).fails("can be read by others", "chmod 600");
    assert!(!tern.path("exports").exists());
}
