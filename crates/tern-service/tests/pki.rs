//! The key infrastructure on disk, as its operator and the roles meet it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use tern_model::{CertificateId, PartyId, Role};
use tern_service::pki::{self, IssueOptions, PkiError, Status};
use tern_wire::smki::{CertificateProblem, Usage};

const NOW: &str = "2026-03-02T12:00:00Z";
const LATER: &str = "2026-03-03T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A new key infrastructure; the folder goes with the guard.
fn made() -> (tempfile::TempDir, PathBuf) {
    let guard = tempfile::tempdir().unwrap();
    let dir = guard.path().join("deep/pki");
    pki::init(&dir, None, at(NOW)).unwrap();
    (guard, dir)
}

/// Every file and folder below, with its permission bits.
fn walk(dir: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        found.push((path.clone(), std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777));
        if path.is_dir() {
            found.extend(walk(&path));
        }
    }
    found.sort();
    found
}

fn status(dir: &Path, name: &str, moment: &str) -> Vec<(&'static str, Status)> {
    let entries = pki::show(dir, at(moment)).unwrap();
    entries.into_iter().filter(|e| e.name == name).map(|e| (e.usage, e.status)).collect()
}

#[test]
fn every_role_and_a_dozen_suppliers_and_network_operators_have_certificates_in_force() {
    let (_guard, dir) = made();
    let entries = pki::show(&dir, at(NOW)).unwrap();
    assert!(entries.iter().all(|e| e.status == Status::InForce && e.issuer == "CN=Tern Issuing CA,OU=07"));
    let count = |role| entries.iter().filter(|e| e.role == role).count();
    assert_eq!((count(Role::Supplier), count(Role::NetworkOperator)), (3 * 7, 2 * 5));
    assert_eq!((count(Role::S1sp), count(Role::Dco), count(Role::Smso)), (3, 3, 1));
    for role in [Role::Dsp, Role::RequestingParty, Role::CommissioningParty] {
        assert_eq!(count(role), 2, "{role}");
    }
    assert_eq!(entries.iter().map(|e| &e.serial).collect::<HashSet<_>>().len(), 44);
    assert_eq!(entries.iter().map(|e| e.party).collect::<HashSet<_>>().len(), 18);
    let dsp = entries.iter().find(|e| e.role == Role::Dsp).unwrap();
    assert_eq!(dsp.party.to_string(), "90-B3-D5-1F-30-04-00-01");
    assert_eq!(dsp.not_before, at("2026-03-02T00:00:00Z"));
    assert_eq!(dsp.not_after, at("2036-03-02T00:00:00Z"));
}

#[test]
fn every_party_signs_and_s1sp_and_dco_decrypt_with_keys_of_their_own() {
    let (_guard, dir) = made();
    let trust = pki::load_trust(&dir).unwrap();
    for entry in pki::show(&dir, at(NOW)).unwrap().iter().filter(|e| e.usage == "signing") {
        let signer = pki::load_signer(&dir, &entry.name).unwrap();
        let certificate = trust.check(signer.certificate().id(), at(NOW), Usage::Sign).unwrap();
        assert!(certificate.public_key().verify(b"message", &signer.sign(b"message").unwrap()));
    }
    for (name, role) in [("s1sp", Role::S1sp), ("dco", Role::Dco)] {
        let decrypter = pki::load_decrypter(&dir, name).unwrap();
        let [certificate] = &trust.usable(role, None, Usage::Encrypt, at(NOW))[..] else { panic!("one is usable") };
        assert_eq!(certificate.id(), decrypter.certificate().id());
        let sealed = certificate.public_key().encrypt_oaep_sha1(&[9; 32]).unwrap();
        assert_eq!(decrypter.decrypt_oaep_sha1(&sealed).unwrap().expose(), [9; 32]);
    }
    assert!(matches!(pki::load_decrypter(&dir, "dsp"), Err(PkiError::Missing { .. })));
    assert!(matches!(pki::load_signer(&dir, "nobody"), Err(PkiError::Missing { .. })));
    assert!(matches!(pki::load_signer(&dir, "../parties/dsp"), Err(PkiError::Name { .. })));
}

#[test]
fn private_parts_are_for_their_owner_alone_and_nothing_unfinished_is_left() {
    let (_guard, dir) = made();
    let all = walk(&dir);
    assert!(all.iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "key")).count() >= 22);
    for (path, mode) in &all {
        let private = !path.starts_with(dir.join("trust"));
        assert!(!private || mode & 0o077 == 0, "{} has {mode:o}", path.display());
        assert!(!path.file_name().unwrap().to_string_lossy().starts_with('.'), "{} is left", path.display());
    }
    assert!(
        all.iter().all(|(path, _)| !path.starts_with(dir.join("trust")) || path.extension().is_none_or(|e| e != "key"))
    );
    assert_eq!(std::fs::read_dir(dir.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_key_that_others_can_read_is_not_loaded() {
    let (_guard, dir) = made();
    for (file, load) in [
        ("parties/dco/signing.key", (|dir| pki::load_signer(dir, "dco").err()) as fn(&Path) -> Option<PkiError>),
        ("parties/dco/encryption.key", |dir| pki::load_decrypter(dir, "dco").err()),
        ("issuing-ca/issuing-ca.key", |dir| pki::load_issuer(dir).err()),
    ] {
        assert!(load(&dir).is_none());
        for mode in [0o640, 0o604, 0o620] {
            std::fs::set_permissions(dir.join(file), std::fs::Permissions::from_mode(mode)).unwrap();
            let problem = load(&dir).unwrap();
            assert!(matches!(&problem, PkiError::Exposed { mode: found, .. } if *found == mode), "{problem}");
            assert!(problem.suggestion().contains("chmod 600"), "{}", problem.suggestion());
        }
    }
}

#[test]
fn a_key_of_another_party_and_a_damaged_one_are_told() {
    let (_guard, dir) = made();
    let key = |name: &str| dir.join("parties").join(name).join("signing.key");
    std::fs::copy(key("smso"), key("dsp")).unwrap();
    assert!(matches!(pki::load_signer(&dir, "dsp"), Err(PkiError::Key { .. })));
    std::fs::write(key("dco"), "no key").unwrap();
    let problem = pki::load_signer(&dir, "dco").unwrap_err();
    assert!(matches!(problem, PkiError::Key { .. }) && !problem.to_string().contains("no key"), "{problem}");
    std::fs::write(
        dir.join("trust/certificates/dsp.pem"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    assert!(matches!(pki::load_trust(&dir), Err(PkiError::Certificate { .. })));
}

#[test]
fn an_existing_infrastructure_is_never_overwritten() {
    let (guard, dir) = made();
    let before: Vec<_> = walk(&dir)
        .into_iter()
        .filter(|(path, _)| path.is_file())
        .map(|(p, _)| std::fs::read(p))
        .map(Result::unwrap)
        .collect();
    assert!(matches!(pki::init(&dir, None, at(NOW)), Err(PkiError::Exists { .. })));
    let after: Vec<_> = walk(&dir)
        .into_iter()
        .filter(|(path, _)| path.is_file())
        .map(|(p, _)| std::fs::read(p))
        .map(Result::unwrap)
        .collect();
    assert_eq!(before, after);
    let file = guard.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    assert!(matches!(pki::init(&file, None, at(NOW)), Err(PkiError::Exists { .. })));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    let empty = guard.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    pki::init(&empty, None, at(NOW)).unwrap();
}

#[test]
fn a_day_back_dates_everything_for_a_virtual_clock() {
    let guard = tempfile::tempdir().unwrap();
    let dir = guard.path().join("pki");
    pki::init(&dir, Some("2020-06-01".parse().unwrap()), at(NOW)).unwrap();
    let all = |moment| {
        let entries = pki::show(&dir, at(moment)).unwrap();
        let first = entries[0].status;
        assert!(entries.iter().all(|e| e.status == first));
        first
    };
    assert_eq!(all("2020-05-31T23:59:59Z"), Status::NotYetValid);
    assert_eq!(all("2020-06-01T00:00:00Z"), Status::InForce);
    assert_eq!(all(NOW), Status::InForce);
    assert_eq!(all("2030-06-01T00:00:01Z"), Status::Expired);
    let early = pki::init(&guard.path().join("early"), Some("1931-01-01".parse().unwrap()), at(NOW));
    assert!(matches!(early, Err(PkiError::Issue(_))), "{early:?}");
    assert_eq!(std::fs::read_dir(guard.path()).unwrap().count(), 1, "nothing half made is left");
}

#[test]
fn a_revoked_party_is_refused_until_it_is_issued_anew() {
    let (_guard, dir) = made();
    let former = pki::load_signer(&dir, "dco").unwrap().certificate().id().clone();
    let revoked = pki::revoke(&dir, "dco", at(NOW)).unwrap();
    assert_eq!(revoked.len(), 3);
    assert!(revoked.contains(&former));
    assert_eq!(
        status(&dir, "dco", NOW),
        [("tls", Status::Revoked), ("signing", Status::Revoked), ("encryption", Status::Revoked)]
    );
    assert_eq!(status(&dir, "dsp", NOW), [("tls", Status::InForce), ("signing", Status::InForce)]);
    assert!(matches!(pki::revoke(&dir, "dco", at(NOW)), Err(PkiError::AlreadyRevoked { .. })));
    assert_eq!(status(&dir, "dco", NOW)[0].1, Status::Revoked);

    let issued = pki::issue(&dir, Role::Dco, "dco", IssueOptions::default(), at(LATER)).unwrap();
    assert_eq!(issued.len(), 3);
    let signer = pki::load_signer(&dir, "dco").unwrap();
    assert!(issued.contains(signer.certificate().id()));
    assert_eq!(signer.certificate().party().to_string(), "90-B3-D5-1F-30-81-00-01");
    let trust = pki::load_trust(&dir).unwrap();
    assert!(trust.check(signer.certificate().id(), at(LATER), Usage::Sign).is_ok());
    let problem = trust.check(&former, at(LATER), Usage::Sign).unwrap_err();
    assert!(matches!(problem, CertificateProblem::Revoked { .. }), "{problem}");
    let again = pki::issue(&dir, Role::Dco, "dco", IssueOptions::default(), at(LATER));
    assert!(matches!(again, Err(PkiError::AlreadyIssued { .. })));
}

#[test]
fn one_certificate_is_revoked_by_its_serial_number() {
    let (_guard, dir) = made();
    let encryption = pki::load_decrypter(&dir, "s1sp").unwrap().certificate().serial().to_string();
    pki::revoke(&dir, &encryption, at(NOW)).unwrap();
    assert_eq!(
        status(&dir, "s1sp", NOW),
        [("tls", Status::InForce), ("signing", Status::InForce), ("encryption", Status::Revoked)]
    );
    let before = pki::load_signer(&dir, "s1sp").unwrap().certificate().id().clone();
    let issued = pki::issue(&dir, Role::S1sp, "s1sp", IssueOptions::default(), at(LATER)).unwrap();
    assert_eq!(issued, [pki::load_decrypter(&dir, "s1sp").unwrap().certificate().id().clone()]);
    assert_eq!(pki::load_signer(&dir, "s1sp").unwrap().certificate().id(), &before);
    for unknown in ["12345", "nobody", ""] {
        assert!(matches!(pki::revoke(&dir, unknown, at(NOW)), Err(PkiError::Unknown { .. })));
    }
}

#[test]
fn a_revocation_survives_the_next_one() {
    let (_guard, dir) = made();
    pki::revoke(&dir, "supplier-a", at(NOW)).unwrap();
    pki::revoke(&dir, "supplier-b", at(LATER)).unwrap();
    for name in ["supplier-a", "supplier-b"] {
        let revoked = ["tls", "signing", "encryption"].map(|usage| (usage, Status::Revoked));
        assert_eq!(status(&dir, name, LATER), revoked);
    }
    std::fs::write(dir.join("issuing-ca/revocations.toml"), "nonsense").unwrap();
    assert!(matches!(pki::revoke(&dir, "supplier-c", at(LATER)), Err(PkiError::Record { .. })));
}

#[test]
fn a_new_party_gets_the_next_eui_or_the_one_that_it_asks_for() {
    let (_guard, dir) = made();
    let issue = |role, name: &str, party: Option<PartyId>| {
        pki::issue(&dir, role, name, IssueOptions { party, not_before: None }, at(NOW))
    };
    let id = |ids: Vec<CertificateId>| {
        let (serial, issuer) = ids[0].parts();
        pki::load_trust(&dir).unwrap().find(issuer, serial).unwrap().party().to_string()
    };
    assert_eq!(id(issue(Role::Supplier, "supplier-new", None).unwrap()), "90-B3-D5-1F-30-02-00-08");
    let own: PartyId = "90-B3-D5-1F-30-0A-00-01".parse().unwrap();
    assert_eq!(id(issue(Role::RequestingParty, "rp-2", Some(own)).unwrap()), own.to_string());
    assert!(pki::load_signer(&dir, "rp-2").is_ok());
    assert!(matches!(issue(Role::Supplier, "thief", Some(own)), Err(PkiError::Taken { .. })));
    assert!(matches!(issue(Role::Dsp, "supplier-a", None), Err(PkiError::Taken { .. })));
    assert!(matches!(issue(Role::Supplier, "supplier-a", Some(own)), Err(PkiError::Taken { .. })));
    assert!(matches!(issue(Role::IssuingAuthority, "ca", None), Err(PkiError::Role { .. })));
    for name in ["", "Dsp", "a/b", "..", "-a", "123", &"a".repeat(41)] {
        let refused = issue(Role::Supplier, name, None).unwrap_err();
        assert!(matches!(refused, PkiError::Name { .. }) && !refused.suggestion().is_empty());
    }
}

#[test]
fn an_expired_party_is_issued_anew() {
    let (_guard, dir) = made();
    let then = "2037-01-01T00:00:00Z";
    assert_eq!(status(&dir, "smso", then), [("signing", Status::Expired)]);
    pki::issue(&dir, Role::Smso, "smso", IssueOptions::default(), at(then)).unwrap();
    assert_eq!(status(&dir, "smso", then), [("signing", Status::InForce), ("signing", Status::Expired)]);
}

#[test]
fn a_party_whose_folder_was_never_finished_is_issued_anew() {
    let (_guard, dir) = made();
    std::fs::remove_dir_all(dir.join("parties/smso")).unwrap();
    pki::issue(&dir, Role::Smso, "smso", IssueOptions::default(), at(NOW)).unwrap();
    let signer = pki::load_signer(&dir, "smso").unwrap();
    assert_eq!(signer.certificate().party().to_string(), "90-B3-D5-1F-30-82-00-01");
    assert!(pki::load_trust(&dir).unwrap().check(signer.certificate().id(), at(NOW), Usage::Sign).is_ok());
}

#[test]
fn changes_at_the_same_time_do_not_lose_each_other() {
    let (_guard, dir) = made();
    std::thread::scope(|scope| {
        for name in ["supplier-a", "supplier-b", "supplier-c", "supplier-d"] {
            let dir = &dir;
            scope.spawn(move || pki::revoke(dir, name, at(NOW)).unwrap());
        }
    });
    let revoked = pki::show(&dir, at(NOW)).unwrap().into_iter().filter(|e| e.status == Status::Revoked).count();
    assert_eq!(revoked, 3 * 4, "each signs, is encrypted to, and has a certificate for TLS");
}

#[test]
fn a_certificate_for_tls_signs_no_document_and_none_that_signs_is_for_tls() {
    let (_guard, dir) = made();
    let trust = pki::load_trust(&dir).unwrap();
    for name in ["dsp", "s1sp", "dco", "commissioning-party", "requesting-party", "supplier-a", "network-operator-a"] {
        let tls = pki::load_tls(&dir, name).unwrap().certificate;
        let signing = pki::load_signer(&dir, name).unwrap().certificate().clone();
        assert_eq!((tls.party(), tls.role()), (signing.party(), signing.role()));
        assert!(trust.check(tls.id(), at(NOW), Usage::Tls).is_ok());
        for (id, usage) in [(tls.id(), Usage::Sign), (tls.id(), Usage::Encrypt), (signing.id(), Usage::Tls)] {
            let problem = trust.check(id, at(NOW), usage).unwrap_err();
            assert!(matches!(problem, CertificateProblem::WrongUsage { .. }), "{problem}");
        }
    }
    assert!(matches!(pki::load_tls(&dir, "smso"), Err(PkiError::Missing { .. })));
    // A key infrastructure of an earlier version gets them as anything that is lacking.
    std::fs::remove_file(dir.join("parties/dsp/tls.pem")).unwrap();
    let issued = pki::issue(&dir, Role::Dsp, "dsp", IssueOptions::default(), at(LATER)).unwrap();
    assert_eq!(issued, [pki::load_tls(&dir, "dsp").unwrap().certificate.id().clone()]);
}

#[test]
fn openssl_verifies_what_lies_on_disk() {
    if !tern_outside::has("openssl_verifies_what_lies_on_disk", "openssl") {
        return;
    }
    let (_guard, dir) = made();
    pki::revoke(&dir, "supplier-a", at(NOW)).unwrap();
    let lists = ["root", "issuing-ca"].map(|n| std::fs::read(dir.join(format!("trust/crl/{n}.pem"))).unwrap()).concat();
    std::fs::write(dir.join("lists.pem"), lists).unwrap();
    let moment = at(LATER).as_second();
    let signing = |name: &str| format!("parties/{name}/signing.pem");
    for (path, expect) in [
        (signing("s1sp"), true),
        (signing("supplier-b"), true),
        (signing("supplier-a"), false),
        ("-purpose sslserver -verify_hostname dco parties/dco/tls.pem".to_owned(), true),
        ("-purpose sslclient parties/requesting-party/tls.pem".to_owned(), true),
        ("-purpose smimesign parties/dco/tls.pem".to_owned(), false),
    ] {
        let how = "verify -x509_strict -crl_check_all -CAfile trust/root.pem -untrusted trust/issuing-ca.pem";
        let command = format!("{how} -CRLfile lists.pem -attime {moment} {path}");
        let out = Command::new("openssl").args(command.split(' ')).current_dir(&dir).output().unwrap();
        assert_eq!(out.status.success(), expect, "{path}: {}", String::from_utf8_lossy(&out.stderr));
    }
}
