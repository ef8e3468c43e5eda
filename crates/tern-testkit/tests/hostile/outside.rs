//! xmlsec1 on mutants: whatever Tern believes it verifies, and whatever Tern refuses for digest or signature it refuses.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use tern_outside::{has, run};
use tern_wire::FaultKind;
use tern_wire::migration::FileKind;

use crate::door::offer_whole;
use crate::fixtures::{FIXTURES, STARTING};
use crate::mutate::mutated;
use tern_testkit::Dice;

/// How many mutants of each fate are shown to it.
const OF_EACH: usize = 60;

#[test]
fn xmlsec1_agrees_on_mutants_about_what_is_signed() {
    if !has("xmlsec1_agrees_on_mutants_about_what_is_signed", "xmlsec1") {
        return;
    }
    let file = FIXTURES.of(FileKind::MigrationCommonFile);
    let certificate = FIXTURES.pki().join("parties").join(file.kind.sender().as_str()).join("signing.pem");
    let dir = tempfile::tempdir().expect("a folder");
    let verifies = |bytes: &[u8]| {
        std::fs::write(dir.path().join("mutant.xml"), bytes).expect("written");
        let arguments = ["--verify", "--pubkey-cert-pem"].map(OsStr::new);
        let arguments = [&arguments[..], &[certificate.as_os_str(), OsStr::new("mutant.xml")]].concat();
        let _alone = STARTING.lock();
        run(dir.path(), "xmlsec1", &arguments).0
    };
    assert!(verifies(file.text.as_bytes()), "xmlsec1 verifies the original");
    // By Tern's verdict: how many xmlsec1 was shown, and how many of them it verified.
    let mut shown: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut execution = 0;
    while ["believed", "P-signature-value"].iter().any(|fate| shown.get(fate).is_none_or(|[n, _]| *n < OF_EACH)) {
        let bytes = mutated(&mut Dice::new(20_210_302, execution), file.text.as_bytes());
        execution += 1;
        let said = offer_whole(file.kind, &file.name, &bytes);
        let fate = said.as_ref().map_or_else(|faults| faults[0].kind.rule(), |_| "believed");
        let [count, verified] = shown.entry(fate).or_default();
        if bytes == file.text.as_bytes() || *count >= OF_EACH {
            continue;
        }
        let verifies = verifies(&bytes);
        let expected = match said.as_ref().map_err(|faults| faults[0].kind) {
            Ok(_) => Some(true),
            Err(FaultKind::SignatureValue) => Some(false),
            // Forms that Tern refuses on principle may be good XML Signature.
            Err(_) => None,
        };
        assert!(
            expected.is_none_or(|e| e == verifies),
            "{fate}, and xmlsec1: {verifies}: {}",
            String::from_utf8_lossy(&bytes)
        );
        (*count, *verified) = (*count + 1, *verified + usize::from(verifies));
    }
    println!("mutants shown to xmlsec1, and verified by it, by Tern's verdict: {shown:?}");
}
