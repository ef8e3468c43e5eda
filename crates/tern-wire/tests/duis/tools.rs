//! xmlsec1 and Python's signxml verify every signature of our messages, nested ones too.
use tern_outside::{has, python_with, run};

use crate::support::{KEYS, acknowledgement, dcc_alert, request, s1sp_alert, smets1_response, smets1_signed_response};

const SIGNXML: &str = "
import sys
from signxml import XMLVerifier, SignatureConfiguration, SignatureMethod, DigestAlgorithm
config = SignatureConfiguration(require_x509=True, location='./', expect_references=1,
    signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}), digest_algorithms=frozenset({DigestAlgorithm.SHA256}))
for file, party in zip(sys.argv[1::2], sys.argv[2::2]):
    XMLVerifier().verify(open(file, 'rb').read(), x509_cert=open(party).read(), expect_config=config)
    print('VERIFIED', file)
";

/// Each message beside the one whose certificate verifies it: whole documents, whose own signature is the root's last child.
fn messages() -> Vec<(&'static str, String, &'static str)> {
    let (inner, alert) = (smets1_signed_response(), s1sp_alert());
    let (response, dcc_alert) = (smets1_response(&inner), dcc_alert(&alert));
    // What is cut out as raw bytes is a document of its own.
    let cut = |text: &str, name: &str| {
        let (start, end) = (text.find(&format!("<sr:{name} ")).unwrap(), format!("</sr:{name}>"));
        text[start..text.rfind(&end).unwrap() + end.len()].to_owned()
    };
    let cut_response = cut(&response, "SMETS1SignedResponse");
    let cut_alert = cut(&dcc_alert, "S1SPAlert");
    vec![
        ("request.xml", request(), "user.pem"),
        ("countersigned.xml", crate::countersigned::by(&KEYS.dsp, &request()), "dsp.pem"),
        ("acknowledgement.xml", acknowledgement(), "dsp.pem"),
        ("signed-response.xml", inner, "s1sp.pem"),
        ("alert.xml", alert, "s1sp.pem"),
        ("response.xml", response, "dsp.pem"),
        ("dcc-alert.xml", dcc_alert, "dsp.pem"),
        ("cut-response.xml", cut_response, "s1sp.pem"),
        ("cut-alert.xml", cut_alert, "s1sp.pem"),
    ]
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| std::fs::write(dir.path().join(name), content).unwrap();
    write("root.pem", &KEYS.root_pem);
    write("authority.pem", &KEYS.authority_pem);
    for (name, party) in [("user.pem", &KEYS.user), ("dsp.pem", &KEYS.dsp), ("s1sp.pem", &KEYS.s1sp)] {
        write(name, &party.certificate.to_pem());
    }
    dir
}

#[test]
fn xmlsec1_verifies_every_signature_and_refuses_each_altered() {
    if !has("xmlsec1_verifies_every_signature_and_refuses_each_altered", "xmlsec1") {
        return;
    }
    let dir = folder();
    for (name, text, party) in messages() {
        let path = ["--trusted-pem", "root.pem", "--untrusted-pem", "authority.pem", "--untrusted-pem", party];
        let outer = ["--node-xpath", "/*/*[local-name()=\"Signature\"]"];
        let verify = [&["--verify"], &path[..], &outer, &["--verification-time", "2026-03-02 12:00:00", name]].concat();
        std::fs::write(dir.path().join(name), &text).unwrap();
        let (ok, said) = run(dir.path(), "xmlsec1", &verify);
        assert!(ok && said.contains("OK"), "{name}: {said}\n{text}");
        let altered = text.replacen("2026", "2027", 1).replacen(":1772452800000", ":1772452800001", 1);
        assert_ne!(altered, text, "{name}");
        std::fs::write(dir.path().join(name), &altered).unwrap();
        let (ok, said) = run(dir.path(), "xmlsec1", &verify);
        assert!(!ok, "{name}: {said}");
    }
}

#[test]
fn signxml_verifies_every_signature() {
    let Some(python) = python_with("signxml", "signxml_verifies_every_signature") else { return };
    let dir = folder();
    let mut arguments = vec!["-c", SIGNXML];
    let messages = messages();
    for (name, text, party) in &messages {
        std::fs::write(dir.path().join(name), text).unwrap();
        arguments.extend([*name, *party]);
    }
    let (ok, said) = run(dir.path(), &python, &arguments);
    assert!(ok && said.matches("VERIFIED").count() == messages.len(), "{said}");
}
