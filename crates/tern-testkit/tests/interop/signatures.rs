//! Every kind of signed file that Tern writes: xmlsec1 and signxml verify it and refuse it altered, the XSDs fit it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use tern_outside::{has, python_with, run};
use tern_wire::migration::FileKind;

use crate::files::{Files, OF_1_2};
use crate::{EARLIER, FILES, runs};

#[test]
fn the_run_wrote_one_file_of_every_kind_and_findings_and_consent_in_them() {
    let kinds = |files: &Files| files.signed.iter().map(|f| f.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&FILES), FileKind::ALL, "a kind of file is not judged by the tools");
    let of_both = FileKind::ALL.into_iter().filter(|kind| !OF_1_2.contains(kind));
    assert_eq!(kinds(&EARLIER), of_both.collect::<Vec<_>>(), "a kind of file is not judged by the tools");
    assert!(EARLIER.signed.iter().all(|file| file.text.contains("\"urn:tern:smets1-migration:before-1.2\"")));
    assert!(FILES.signed.iter().all(|file| file.text.contains("\"urn:tern:smets1-migration:1.2\"")));
    for file in runs().into_iter().flat_map(|(files, _)| &files.signed) {
        let kind = file.kind;
        assert!(file.name.starts_with(&format!("{}_", kind.prefix())), "{}", file.name);
        assert_ne!(file.text, file.altered);
        assert_eq!(file.text.len(), file.altered.len());
        let judged =
            [FileKind::MigrationCommonValidationFile, FileKind::S1spViabilityReport, FileKind::DcoViabilityReport];
        assert_eq!(judged.contains(&kind), file.text.contains("<Finding>"), "{}", file.name);
    }
}

/// The two ways of xmlsec1 for a signer: by its one certificate, and by path from the root.
fn ways(signer: &str) -> [Vec<OsString>; 2] {
    let own = FILES.pki(&format!("parties/{signer}/signing.pem"));
    let own = own.as_os_str();
    let list = |arguments: &[&OsStr]| arguments.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>();
    let word = OsStr::new;
    [
        list(&[word("--verify"), word("--pubkey-cert-pem"), own]),
        list(&[
            word("--verify"),
            word("--trusted-pem"),
            FILES.pki("trust/root.pem").as_os_str(),
            word("--untrusted-pem"),
            FILES.pki("trust/issuing-ca.pem").as_os_str(),
            word("--untrusted-pem"),
            own,
            word("--verification-time"),
            word("2021-03-02 09:00:00"),
        ]),
    ]
}

#[test]
fn xmlsec1_verifies_every_kind_of_file_and_refuses_it_altered() {
    if !has("xmlsec1_verifies_every_kind_of_file_and_refuses_it_altered", "xmlsec1") {
        return;
    }
    for (files, file) in runs().into_iter().flat_map(|(files, _)| files.signed.iter().map(move |file| (files, file))) {
        for way in ways(file.signer()) {
            let verify = |name: &str| {
                let arguments: Vec<&OsStr> = way.iter().map(OsString::as_os_str).chain([OsStr::new(name)]).collect();
                run(files.dir(), "xmlsec1", &arguments)
            };
            let (ok, said) = verify(&file.name);
            assert!(ok && said.contains("OK"), "{} by {way:?}: {said}", file.name);
            let (ok, said) = verify(&format!("altered-{}", file.name));
            assert!(!ok && said.contains("FAIL"), "{} altered, by {way:?}: {said}", file.name);
        }
    }
}

#[test]
fn xmlsec1_refuses_a_file_under_another_partys_certificate() {
    if !has("xmlsec1_refuses_a_file_under_another_partys_certificate", "xmlsec1") {
        return;
    }
    let file = FILES.of(FileKind::MigrationCommonFile);
    for way in ways(FileKind::SmsoExport.sender().as_str()) {
        let arguments: Vec<&OsStr> = way.iter().map(OsString::as_os_str).chain([OsStr::new(&file.name)]).collect();
        let (ok, said) = run(FILES.dir(), "xmlsec1", &arguments);
        assert!(!ok, "{way:?}: {said}");
    }
}

/// Pairs of file and certificate as arguments; one line for each file.
const SIGNXML: &str = "
import sys
from signxml import XMLVerifier, SignatureConfiguration, SignatureMethod, DigestAlgorithm
config = SignatureConfiguration(require_x509=True, location='./', expect_references=1,
    signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}), digest_algorithms=frozenset({DigestAlgorithm.SHA256}))
for name, certificate in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        XMLVerifier().verify(open(name, 'rb').read(), x509_cert=open(certificate).read(), expect_config=config)
        print('VERIFIED', name)
    except Exception as error:
        print('REFUSED', name, type(error).__name__)
";

#[test]
fn signxml_verifies_every_kind_of_file_and_refuses_it_altered() {
    let Some(python) = python_with("signxml", "signxml_verifies_every_kind_of_file_and_refuses_it_altered") else {
        return;
    };
    for (files, _) in runs() {
        by_signxml(files, &python);
    }
}

#[track_caller]
fn by_signxml(files: &Files, python: &Path) {
    let mut arguments: Vec<OsString> = vec!["-c".into(), SIGNXML.into()];
    let mut expected = Vec::new();
    for file in &files.signed {
        let certificate = files.pki(&format!("parties/{}/signing.pem", file.signer()));
        let altered = format!("altered-{}", file.name);
        expected.push(format!("VERIFIED {}", file.name));
        expected.push(format!("REFUSED {altered} InvalidDigest"));
        for name in [&file.name, &altered] {
            arguments.extend([name.into(), certificate.clone().into_os_string()]);
        }
    }
    let arguments: Vec<&OsStr> = arguments.iter().map(OsString::as_os_str).collect();
    let (ok, said) = run(files.dir(), python, &arguments);
    assert!(ok, "{said}");
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

/// The schema and files as arguments; one line for each file.
const XMLSCHEMA: &str = "
import sys, xmlschema
schema = xmlschema.XMLSchema(sys.argv[1])
for name in sys.argv[2:]:
    error = next(schema.iter_errors(name), None)
    print('VALID' if error is None else 'INVALID', name, '' if error is None else error.reason)
";

#[test]
fn every_kind_of_file_is_valid_by_the_published_schemas() {
    let Some(python) = python_with("xmlschema", "every_kind_of_file_is_valid_by_the_published_schemas") else {
        return;
    };
    for (files, schema) in runs() {
        by_schema(files, schema, &python);
    }
}

#[track_caller]
fn by_schema(files: &Files, schema: &str, python: &Path) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas").join(schema);
    let mut arguments: Vec<OsString> = vec!["-c".into(), XMLSCHEMA.into(), schema.into_os_string()];
    for file in &files.signed {
        // What the schema has no element for must not pass, or its word would be worth nothing.
        let broken = format!("broken-{}", file.name);
        let text = file.text.replacen("<ds:Signature", "<Unknown/><ds:Signature", 1);
        std::fs::write(files.dir().join(&broken), text).expect("written");
        arguments.extend([OsString::from(&file.name), broken.into()]);
    }
    let arguments: Vec<&OsStr> = arguments.iter().map(OsString::as_os_str).collect();
    let (ok, said) = run(files.dir(), python, &arguments);
    assert!(ok, "{said}");
    let mut lines = said.lines();
    for file in &files.signed {
        let line = lines.next().unwrap_or_default();
        assert!(line.starts_with(&format!("VALID {}", file.name)), "{line}");
        let line = lines.next().unwrap_or_default();
        assert!(line.starts_with(&format!("INVALID broken-{}", file.name)), "{line}");
    }
}
