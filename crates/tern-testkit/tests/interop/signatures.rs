//! Every kind of signed file that Tern writes: xmlsec1 and signxml verify it and refuse it altered, the XSDs fit it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use tern_wire::migration::FileKind;

use crate::FILES;
use crate::tools::{has_xmlsec1, python_with, run};

#[test]
fn the_run_wrote_one_file_of_every_kind_and_findings_and_consent_in_them() {
    let kinds: Vec<_> = FILES.signed.iter().map(|f| f.kind).collect();
    assert_eq!(kinds, FileKind::ALL, "a kind of file is not judged by the tools");
    for kind in FileKind::ALL {
        let file = FILES.of(kind);
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
    if !has_xmlsec1("xmlsec1_verifies_every_kind_of_file_and_refuses_it_altered") {
        return;
    }
    for file in &FILES.signed {
        for way in ways(file.signer()) {
            let verify = |name: &str| {
                let arguments: Vec<&OsStr> = way.iter().map(OsString::as_os_str).chain([OsStr::new(name)]).collect();
                run(FILES.dir(), "xmlsec1", &arguments)
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
    if !has_xmlsec1("xmlsec1_refuses_a_file_under_another_partys_certificate") {
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
    let mut arguments: Vec<OsString> = vec!["-c".into(), SIGNXML.into()];
    let mut expected = Vec::new();
    for file in &FILES.signed {
        let certificate = FILES.pki(&format!("parties/{}/signing.pem", file.signer()));
        let altered = format!("altered-{}", file.name);
        expected.push(format!("VERIFIED {}", file.name));
        expected.push(format!("REFUSED {altered} InvalidDigest"));
        for name in [&file.name, &altered] {
            arguments.extend([name.into(), certificate.clone().into_os_string()]);
        }
    }
    let arguments: Vec<&OsStr> = arguments.iter().map(OsString::as_os_str).collect();
    let (ok, said) = run(FILES.dir(), python, &arguments);
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
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/smets1-migration-1.2.xsd");
    let mut arguments: Vec<OsString> = vec!["-c".into(), XMLSCHEMA.into(), schema.into_os_string()];
    for file in &FILES.signed {
        // What the schema has no element for must not pass, or its word would be worth nothing.
        let broken = format!("broken-{}", file.name);
        let text = file.text.replacen("<ds:Signature", "<Unknown/><ds:Signature", 1);
        std::fs::write(FILES.dir().join(&broken), text).expect("written");
        arguments.extend([OsString::from(&file.name), broken.into()]);
    }
    let arguments: Vec<&OsStr> = arguments.iter().map(OsString::as_os_str).collect();
    let (ok, said) = run(FILES.dir(), python, &arguments);
    assert!(ok, "{said}");
    let mut lines = said.lines();
    for file in &FILES.signed {
        let line = lines.next().unwrap_or_default();
        assert!(line.starts_with(&format!("VALID {}", file.name)), "{line}");
        let line = lines.next().unwrap_or_default();
        assert!(line.starts_with(&format!("INVALID broken-{}", file.name)), "{line}");
    }
}
