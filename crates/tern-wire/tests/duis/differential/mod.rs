//! Tern and Python's `xmlschema` with the published schemas say the same of every document.
//!
//! Documents of every body, answer, alert and Rsp are made from our notation and a seed; in each but the first few one thing is broken.
//! The published schemas of 5.0 and 5.4 stand in `../shared/reference/duis` where there is one, that of 5.1 in the DCC's npm package.

mod breaking;
mod document;
mod generate;
mod known;
use tern_outside::duis::Schemas;
use tern_wire::dsig;
use tern_wire::duis::{Root, SchemaVersion};

use crate::dice::Dice;
use crate::support::{KEYS, received};
use document::Elem;
use generate::{Fill, Generator, Target, targets};

const SEED: u64 = 20_260_302;

/// The bodies that Tern carries out: in every version each place of them stands in a document, and each facet and occurrence of each place
/// is broken; so are those of their Rsps in 5.1. Of the others as many as `SAMPLE`; with TERN_DUIS_ALL set, every one of every body in
/// every version, which takes several minutes.
const PROCESSED: [&str; 27] = [
    "ReadInventory",
    "UpdateInventory",
    "DevicePrenotification",
    "ReadInstantaneousImportRegisters",
    "ReadInstantaneousPrepayValues",
    "ReadActiveImportProfileData",
    "ReadMeterBalance",
    "UpdateImportTariffPrimaryElement",
    "UpdatePricePrimaryElement",
    "UpdatePaymentMode",
    "TopUpDevice",
    "EnableSupply",
    "DisableSupply",
    "ArmSupply",
    "ReadSupplyStatus",
    "SynchroniseClock",
    "UpdateSecurityCredentialsCoS",
    "UpdateSecurityCredentialsKRP",
    "CommissionDeviceSynchroniseClock",
    "JoinServiceCritical",
    "JoinServiceNonCritical",
    "UpdateFirmware",
    "ReadFirmwareVersion",
    "ActivateFirmware",
    "S1SPAlert",
    "DSPInventory",
    "S1SPAlertDSP",
];
const SAMPLE: usize = 4;

/// A document, and what was broken in it; nothing in a valid one.
struct Case {
    text: String,
    broken: Option<String>,
}

fn document(target: &Target, fill: Fill, version: SchemaVersion, dice: &mut Dice, signature: &str) -> Elem {
    Generator { target, fill, dice, signature }.document(version)
}

fn cases(version: SchemaVersion, seed: u64) -> Vec<Case> {
    let mut dice = Dice::new(seed);
    let signed = dsig::sign("<a/>", &KEYS.s1sp.signer()).unwrap();
    let signature = signed.strip_prefix("<a>").and_then(|rest| rest.strip_suffix("</a>")).unwrap();
    let (mut cases, mut seen) = (Vec::new(), std::collections::HashSet::new());
    for target in targets(version) {
        let is_processed = PROCESSED.contains(&target.name().trim_end_matches("Rsp"));
        let is_body = is_processed && target.root == Root::Request;
        let is_whole = is_body || is_processed && version == SchemaVersion::V5_1 || every_one();
        let fills = [Fill::Full, Fill::Chance].into_iter();
        let made = fills.map(|fill| document(&target, fill, version, &mut dice, signature));
        let mut documents: Vec<Elem> = made.collect();
        if is_whole {
            let make = || document(&target, Fill::Full, version, &mut dice, signature);
            cover(&target, version, &mut documents, make);
        }
        let mut breaks = Vec::new();
        for (at, document) in documents.iter().enumerate() {
            cases.push(Case { text: document.render(), broken: None });
            let of_this = breaking::all(document, &mut dice)
                .into_iter()
                .filter(|one| !is_whole || seen.insert(if is_body { one.key.clone() } else { one.short_key() }));
            breaks.extend(of_this.map(|one| (at, one)));
        }
        let most = if is_whole { usize::MAX } else { SAMPLE };
        while breaks.len() > most {
            breaks.swap_remove(dice.upto(breaks.len() - 1));
        }
        let broken = |(at, one): &(usize, breaking::Break)| Case {
            text: one.apply(&documents[*at]).render(),
            broken: Some(one.key.clone()),
        };
        cases.extend(breaks.iter().map(broken));
    }
    cases
}

fn every_one() -> bool {
    std::env::var_os("TERN_DUIS_ALL").is_some()
}

/// Makes documents until each place of the target stands in one.
fn cover(target: &Target, version: SchemaVersion, documents: &mut Vec<Elem>, mut make: impl FnMut() -> Elem) {
    let mut missing = generate::places(target, version);
    for found in documents.iter().map(Elem::places) {
        missing.retain(|place| !found.contains(place));
    }
    for _ in 0..200 {
        if missing.is_empty() {
            return;
        }
        let document = make();
        let found = document.places();
        if missing.iter().any(|place| found.contains(place)) {
            missing.retain(|place| !found.contains(place));
            documents.push(document);
        }
    }
    panic!("{version} {}: in no document: {missing:?}", target.name());
}

fn tern(text: &str, version: SchemaVersion) -> Result<(), Vec<String>> {
    let received = received(text.as_bytes()).map_err(|fault| vec![format!("{fault:?}")])?;
    let incoming = received.parse().map_err(|fault| vec![format!("{fault:?}")])?;
    let told = |faults: Vec<tern_wire::WireFault>| {
        faults.iter().map(|f| format!("{f}; found {}; expected {}", f.found, f.expected)).collect()
    };
    incoming.judge(version).map(drop).map_err(told)
}

fn agree(test: &str, version: SchemaVersion) {
    let Some(schemas) = Schemas::of(&[version.as_str()], test) else { return };
    let cases = cases(version, SEED);
    let theirs = schemas.judged(version.as_str(), cases.iter().map(|case| case.text.as_str()));
    assert_eq!(theirs.len(), cases.len());
    let (mut differences, mut disputed, mut valid) = (Vec::new(), Vec::new(), 0);
    for (case, theirs) in cases.iter().zip(&theirs) {
        let ours = tern(&case.text, version);
        assert!(case.broken.is_some() || ours.is_ok(), "{ours:?}\n{}", case.text);
        valid += usize::from(ours.is_ok());
        if ours.is_ok() == theirs.is_none() {
            continue;
        }
        if case.broken.as_deref().is_some_and(known::is_known) {
            disputed.push((&case.text, ours.is_ok()));
        } else {
            differences.push(format!("{:?}\n  there {theirs:?}\n  here {ours:?}", case.broken));
        }
    }
    let (all, count) = (cases.len(), differences.len());
    println!("{version}: {all} documents, {valid} valid, {count} differences, {} known ones", disputed.len());
    let shown = differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{count} differences in {all}, seed {SEED}:\n{shown}");
    assert!(all > 1_000 && valid > 500, "{all} documents, {valid} valid");
    let schema = schemas.file(version.as_str()).unwrap();
    known::libxml2_sides_with_tern(test, schema, &disputed);
}

#[test]
fn tern_and_xmlschema_agree_on_5_0() {
    agree("tern_and_xmlschema_agree_on_5_0", SchemaVersion::V5_0);
}

#[test]
fn tern_and_xmlschema_agree_on_5_1() {
    agree("tern_and_xmlschema_agree_on_5_1", SchemaVersion::V5_1);
}

#[test]
fn tern_and_xmlschema_agree_on_5_4() {
    agree("tern_and_xmlschema_agree_on_5_4", SchemaVersion::V5_4);
}

#[test]
fn every_version_has_129_bodies() {
    for version in SchemaVersion::ALL {
        let targets = targets(version);
        let bodies = targets.iter().filter(|target| target.path.len() == 2 && target.root.name() == "Request").count();
        // And SignedPreCommand, which is no service.
        assert_eq!(bodies, 130, "{version}");
    }
}
