//! What others find of messages that the running gateway emitted: the published schemas by Python's xmlschema, and the signatures,
//! nested ones too, by xmlsec1 and Python's signxml.
use std::path::Path;
use std::process::Command;

use serde_json::json;
use tern_outside::duis::Schemas;
use tern_outside::{has, python_with};
use tern_wire::duis::SchemaVersion;

use crate::support::Place;

/// A message that the gateway emitted.
#[derive(Debug, Clone)]
pub struct Emitted {
    /// What it is, as a file's name.
    pub name: String,
    pub version: SchemaVersion,
    pub text: String,
}

/// A document with a signature of its own, and whose that is.
struct Signed {
    name: String,
    version: SchemaVersion,
    text: String,
    by: &'static str,
}

const SIGNATURES: &str = "
import sys, json
from signxml import XMLVerifier, SignatureConfiguration, SignatureMethod, DigestAlgorithm
config = SignatureConfiguration(require_x509=True, location='./', expect_references=1,
    signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}), digest_algorithms=frozenset({DigestAlgorithm.SHA256}))
found = []
for file, party in json.load(open(sys.argv[1], encoding='utf-8')):
    try:
        XMLVerifier().verify(open(file, 'rb').read(), x509_cert=open(party).read(), expect_config=config)
    except Exception as error:
        found.append(f'{file}: {error!r}')
print(json.dumps(found))
";

/// Every document: each message, and what an S1SP signed inside it, cut out byte for byte.
fn documents(messages: &[Emitted]) -> Vec<Signed> {
    let mut all = Vec::new();
    for Emitted { name, version, text } in messages {
        let of = |name: String, text: &str, by| Signed { name, version: *version, text: text.to_owned(), by };
        all.push(of(name.clone(), text, "dsp"));
        for inner in ["SMETS1SignedResponse", "S1SPAlert"] {
            let end = format!("</sr:{inner}>");
            let Some((from, to)) = text.find(&format!("<sr:{inner} ")).zip(text.rfind(&end)) else { continue };
            all.push(of(format!("{name}-inside"), &text[from..to + end.len()], "s1sp"));
        }
    }
    all
}

/// Nobody finds anything wrong with any of them.
#[track_caller]
pub fn find_nothing_wrong(test: &str, place: &Place, messages: &[Emitted]) {
    let documents = documents(messages);
    assert!(documents.len() > messages.len(), "something an S1SP signed");
    valid_by_their_schemas(test, &documents);
    let dir = tempfile::tempdir().expect("a folder");
    for signed in &documents {
        std::fs::write(dir.path().join(format!("{}.xml", signed.name)), &signed.text).expect("writes");
    }
    for party in ["dsp", "s1sp"] {
        let certificate = place.read(&format!("pki/parties/{party}/signing.pem"));
        std::fs::write(dir.path().join(format!("{party}.pem")), certificate).expect("writes");
    }
    for (name, file) in [("root.pem", "pki/trust/root.pem"), ("authority.pem", "pki/trust/issuing-ca.pem")] {
        std::fs::write(dir.path().join(name), place.read(file)).expect("writes");
    }
    signed_by_signxml(test, dir.path(), &documents);
    signed_by_xmlsec1(test, dir.path(), &documents);
}

fn valid_by_their_schemas(test: &str, documents: &[Signed]) {
    let of = |version| documents.iter().filter(move |document| document.version == version);
    let versions = SchemaVersion::ALL.into_iter().filter(|version| of(*version).next().is_some());
    let versions: Vec<&str> = versions.map(SchemaVersion::as_str).collect();
    let Some(schemas) = Schemas::of(&versions, test) else { return };
    for version in SchemaVersion::ALL.into_iter().filter(|version| schemas.file(version.as_str()).is_some()) {
        let judged = schemas.judged(version.as_str(), of(version).map(|document| document.text.as_str()));
        let wrong =
            of(version).zip(judged).filter_map(|(document, wrong)| Some(format!("{}: {}", document.name, wrong?)));
        let wrong: Vec<String> = wrong.collect();
        assert!(wrong.is_empty(), "{} found:\n{}", wrong.len(), wrong.join("\n"));
    }
}

fn signed_by_signxml(test: &str, dir: &Path, documents: &[Signed]) {
    let Some(python) = python_with("signxml", test) else { return };
    let rows: Vec<_> = documents.iter().map(|d| json!([format!("{}.xml", d.name), format!("{}.pem", d.by)])).collect();
    told_nothing(&python, SIGNATURES, dir, &json!(rows));
}

/// Runs a script on a task, and fails where it tells anything.
fn told_nothing(python: &Path, script: &str, dir: &Path, task: &serde_json::Value) {
    let path = dir.join("task.json");
    std::fs::write(&path, task.to_string()).expect("writes");
    let out = Command::new(python).args(["-c", script]).arg(&path).current_dir(dir).output().expect("runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let found: Vec<String> = serde_json::from_slice(&out.stdout).expect("JSON");
    assert!(found.is_empty(), "{} found:\n{}", found.len(), found.join("\n"));
}

fn signed_by_xmlsec1(test: &str, dir: &Path, documents: &[Signed]) {
    if !has(test, "xmlsec1") {
        return;
    }
    for by in ["dsp", "s1sp"] {
        let files: Vec<_> = documents.iter().filter(|d| d.by == by).map(|d| format!("{}.xml", d.name)).collect();
        let certificate = format!("{by}.pem");
        let path = ["--trusted-pem", "root.pem", "--untrusted-pem", "authority.pem", "--untrusted-pem", &certificate];
        let outer = ["--node-xpath", "/*/*[local-name()=\"Signature\"]", "--verification-time", "2021-03-02 12:00:00"];
        let mut command = Command::new("xmlsec1");
        let out = command.arg("--verify").args(path).args(outer).args(&files).current_dir(dir).output().expect("runs");
        let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
        let good = said.lines().filter(|line| *line == "OK").count();
        assert!(out.status.success() && good == files.len(), "{good} of {}: {said}", files.len());
    }
}
