//! OpenSSL's command line as a judge that we did not write.

use std::path::Path;
use std::process::Command;

use tern_model::{Eui64, Role};
use tern_wire::smki::Usage;
use tern_wire::smki::issuing::revocation_list_pem;

use crate::support::{NOW, PARTY, Pki, at};

/// Runs `openssl` and gives whether it succeeded and all that it said.
fn openssl(dir: &Path, arguments: &str) -> (bool, String) {
    let out = Command::new("openssl").args(arguments.split(' ')).current_dir(dir).output().unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Writes what OpenSSL is to read.
fn write(dir: &Path, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(dir.join(name), content).unwrap();
}

#[test]
fn openssl_reads_an_organisation_certificate_as_smki_shapes_it() {
    if !tern_outside::has("openssl_reads_an_organisation_certificate_as_smki_shapes_it", "openssl") {
        return;
    }
    let (pki, dir) = (Pki::new(), tempfile::tempdir().unwrap());
    let issued = pki.organisation(Role::S1sp, Usage::Sign, 0x5A);
    write(dir.path(), "party.pem", issued.certificate.to_pem());
    let (ok, text) = openssl(dir.path(), "x509 -in party.pem -noout -text -nameopt RFC2253");
    assert!(ok, "{text}");
    for expect in [
        "Issuer: CN=T1,OU=07",
        "CN=Party\\, the first,OU=80",
        "NIST CURVE: P-256",
        "Digital Signature",
        "CA:FALSE",
        "5a:5a:5a:5a:5a:5a:5a:5a:5a:5a:5a:5a:5a:5a:5a:5a",
        "Version: 3 (0x2)",
        "ecdsa-with-SHA256",
    ] {
        assert!(text.contains(expect), "{expect} is not in\n{text}");
    }
    assert_eq!(text.matches("critical").count(), 2, "{text}");
    let (ok, structure) = openssl(dir.path(), "asn1parse -in party.pem");
    assert!(ok && structure.contains("x500UniqueIdentifier") && structure.contains("BIT STRING"), "{structure}");
    let (_, subject) = openssl(dir.path(), "x509 -in party.pem -noout -subject -nameopt RFC2253,dump_all,dump_der");
    let expect = format!("#030900{:016X}", PARTY.0.0);
    assert!(subject.contains(&expect), "{expect} is not in {subject}");
}

#[test]
fn openssl_agrees_on_paths_and_revocation() {
    if !tern_outside::has("openssl_agrees_on_paths_and_revocation", "openssl") {
        return;
    }
    let (pki, dir) = (Pki::new(), tempfile::tempdir().unwrap());
    let dir = dir.path();
    let good = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let revoked = pki.organisation(Role::Dco, Usage::Encrypt, 4).certificate;
    let device = pki.device(Eui64(0x00DB_1234_5678_90A2).0, 5).certificate;
    let stranger = Pki::new().organisation(Role::Dsp, Usage::Sign, 6).certificate;
    write(dir, "root.pem", pki.root.certificate().to_pem());
    write(dir, "issuing.pem", pki.issuing.certificate().to_pem());
    let lists = [Pki::list(&pki.root, 1, &[]), Pki::list(&pki.issuing, 2, &[revoked.serial()])];
    write(dir, "lists.pem", lists.map(|list| revocation_list_pem(&list)).concat());
    write(dir, "good.pem", good.to_pem());
    write(dir, "revoked.pem", revoked.to_pem());
    write(dir, "device.pem", device.to_pem());
    write(dir, "stranger.pem", stranger.to_pem());
    let now = at(NOW).as_second();
    let verify = |file: &str, moment: i64| {
        let how = "-x509_strict -crl_check -crl_check_all -CAfile root.pem -untrusted issuing.pem -CRLfile lists.pem";
        openssl(dir, &format!("verify {how} -attime {moment} {file}"))
    };
    let expect = |file: &str, moment: i64, expected: &str| {
        let (ok, said) = verify(file, moment);
        assert_eq!(ok, expected == "OK", "{said}");
        assert!(said.contains(expected), "{expected} is not in {said}");
    };
    expect("good.pem", now, "OK");
    expect("device.pem", now, "OK");
    expect("revoked.pem", now, "certificate revoked");
    expect("stranger.pem", now, "unable to get local issuer certificate");
    expect("good.pem", at("2032-01-01T00:00:00Z").as_second(), "certificate has expired");
}

#[test]
fn openssl_reads_keys_and_uses_them() {
    if !tern_outside::has("openssl_reads_keys_and_uses_them", "openssl") {
        return;
    }
    let (pki, dir) = (Pki::new(), tempfile::tempdir().unwrap());
    let dir = dir.path();
    for (usage, name) in [(Usage::Sign, "sign"), (Usage::Encrypt, "encrypt")] {
        let issued = pki.organisation(Role::S1sp, usage, 3);
        write(dir, &format!("{name}.pem"), issued.certificate.to_pem());
        write(dir, &format!("{name}.key"), issued.key_pem.expose());
        let (ok, said) = openssl(dir, &format!("pkey -in {name}.key -check -noout"));
        assert!(ok, "{said}");
        let (ok, public) = openssl(dir, &format!("pkey -in {name}.key -pubout"));
        assert!(ok, "{public}");
        let (_, certified) = openssl(dir, &format!("x509 -in {name}.pem -noout -pubkey"));
        assert_eq!(public, certified);
    }
    let certificate = tern_wire::smki::Certificate::from_pem(&std::fs::read(dir.join("encrypt.pem")).unwrap()).unwrap();
    write(dir, "content-key.bin", certificate.public_key().encrypt_oaep_sha1(b"a content key").unwrap());
    let decrypt = "pkeyutl -decrypt -inkey encrypt.key -pkeyopt rsa_padding_mode:oaep -in content-key.bin";
    assert_eq!(openssl(dir, decrypt), (true, "a content key".to_owned()));
}
