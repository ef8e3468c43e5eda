//! Tern's decoder and Python's `xmlschema` with the published XSDs say the same of every document.
//!
//! Documents are made from the descriptions and a seed. Half of them are valid, to the limits of each facet and occurrence; in
//! each of the others exactly one thing is broken, and over all of them every facet, every occurrence and every attribute of
//! every described type is broken at least once: [`targets::all`] lists them from the description itself.

mod breaking;
#[path = "../../support/dice.rs"]
mod dice;
mod generate;
mod known;
mod targets;
mod tree;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;

use roxmltree::Document;
use tern_outside::{has, python_with};
use tern_wire::WireFault;
use tern_wire::migration::{
    CommissioningFile, DecryptedInstallingSupplierPin, DecryptedMasterKey, DecryptedS1spDpGroupInformation,
    DecryptedS1spGroupInformation, FirmwareInstruction, InstallingSupplierPin, MESSAGES, MigrationCommonFile,
    MigrationCommonValidationFile, MigrationGroupEncryptedFile, MigrationGroupFile, SmsoExport, SmsoPlaintextExport,
    ViabilityReport,
};
use tern_wire::schema::publish::{xsd, xsd_file_name};
use tern_wire::schema::{Message, Namespace, Quoting, read};

use crate::support::published;
use dice::Dice;
use targets::{ENTRIES_MAX, Target};

const SEED: u64 = 20_210_302;

/// A document and what is known of it.
struct Case {
    root: &'static str,
    text: String,
    /// What was broken in it; nothing in a valid one.
    broken: Option<Target>,
}

impl Case {
    /// What a reader of a failed test needs.
    fn difference(&self, verdict: bool, own: &Result<(), Vec<WireFault>>) -> String {
        let words: Vec<String> = own.as_ref().err().into_iter().flatten().map(ToString::to_string).collect();
        format!("valid there: {verdict}; {} with {:?}; here: {words:?}", self.root, self.broken)
    }
}

/// Decodes as Tern does.
fn tern(root: &str, text: &str) -> Result<(), Vec<WireFault>> {
    fn decode<T: Message>(text: &str) -> Result<(), Vec<WireFault>> {
        let document = Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        read::<T>("case.xml", &document, Quoting::Shown).map(drop)
    }
    match root {
        "MigrationCommonFile" => decode::<MigrationCommonFile>(text),
        "MigrationGroupFile" => decode::<MigrationGroupFile>(text),
        "MigrationGroupEncryptedFile" => decode::<MigrationGroupEncryptedFile>(text),
        "MigrationCommonValidationFile" => decode::<MigrationCommonValidationFile>(text),
        "SMSOExport" => decode::<SmsoExport>(text),
        "SMSOPlaintextExport" => decode::<SmsoPlaintextExport>(text),
        "ViabilityReport" => decode::<ViabilityReport>(text),
        "CommissioningFile" => decode::<CommissioningFile>(text),
        "DecryptedS1SPGroupInformation" => decode::<DecryptedS1spGroupInformation>(text),
        "DecryptedS1SPDPGroupInformation" => decode::<DecryptedS1spDpGroupInformation>(text),
        "DecryptedMasterKey" => decode::<DecryptedMasterKey>(text),
        "FirmwareInstruction" => decode::<FirmwareInstruction>(text),
        "InstallingSupplierPIN" => decode::<InstallingSupplierPin>(text),
        "DecryptedInstallingSupplierPIN" => decode::<DecryptedInstallingSupplierPin>(text),
        _ => panic!("{root} is a message and not in this test"),
    }
}

/// Made once: one of them is large.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| cases(SEED, targets::all()));

/// One case per target, and as many valid ones.
fn cases(seed: u64, targets: Vec<Target>) -> Vec<Case> {
    let mut dice = Dice::new(seed);
    let mut cases: Vec<Case> = targets.into_iter().map(|target| broken(target, &mut dice)).collect();
    let valid = cases.len().max(500 - cases.len().min(500));
    for number in 0..valid {
        let message = &MESSAGES[number % MESSAGES.len()];
        let tree = generate::message(message, &mut dice);
        cases.push(Case { root: message.root, text: tree.render(&mut dice), broken: None });
    }
    cases
}

fn broken(target: Target, dice: &mut Dice) -> Case {
    for _ in 0..200 {
        let message = target.message();
        let mut tree = generate::message(message, dice);
        if breaking::apply(&target, &mut tree, dice) {
            return Case { root: message.root, text: tree.render(dice), broken: Some(target) };
        }
    }
    panic!("{target:?} was not broken in 200 documents; seed {SEED}");
}

/// What Python says of each document, in order.
fn judged_by_python(python: &std::path::Path, namespace: Namespace, texts: &[String]) -> Vec<bool> {
    const SCRIPT: &str = "import json, sys, xmlschema\n\
        schema = xmlschema.XMLSchema(sys.argv[1])\n\
        documents = json.load(open(sys.argv[2], encoding='utf-8'))\n\
        print(json.dumps([schema.is_valid(d) for d in documents]))\n";
    let root = published(&format!("differential-{namespace:?}"));
    let documents = root.join("documents.json");
    std::fs::write(&documents, serde_json::to_vec(texts).unwrap()).unwrap();
    let schema = root.join("schemas").join(xsd_file_name(namespace));
    let output = Command::new(python).args(["-c", SCRIPT]).arg(schema).arg(documents).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn tern_and_xmlschema_agree_on_every_document() {
    let Some(python) = python_with("xmlschema", "tern_and_xmlschema_agree_on_every_document") else { return };
    let texts: Vec<String> = CASES.iter().map(|case| case.text.clone()).collect();
    let verdicts = judged_by_python(&python, Namespace::Migration, &texts);
    let mut valid: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut differences = Vec::new();
    for (case, verdict) in CASES.iter().zip(&verdicts) {
        let own = tern(case.root, &case.text);
        if own.is_ok() != *verdict {
            differences.push(case.difference(*verdict, &own));
        }
        let count = valid.entry(case.root).or_default();
        count.0 += usize::from(*verdict);
        count.1 += 1;
    }
    assert!(differences.is_empty(), "{} differences, seed {SEED}:\n{}", differences.len(), differences.join("\n"));
    let (good, all) = valid.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(all >= 500, "{all} documents");
    assert!((40..=60).contains(&(good * 100 / all)), "{good} of {all} are valid");
    assert_eq!(valid.len(), MESSAGES.len(), "{valid:?}");
    assert!(valid.values().all(|(good, all)| *good > 10 && all - good > 10), "{valid:?}");
}

/// The same documents under the namespace before v1.2: what v1.2 brought is refused by both.
#[test]
fn tern_and_xmlschema_agree_under_the_version_before() {
    const TEST: &str = "tern_and_xmlschema_agree_under_the_version_before";
    let Some(python) = python_with("xmlschema", TEST) else { return };
    // One of them is large, and says nothing of versions.
    let cases: Vec<&Case> = CASES.iter().filter(|case| case.text.len() < 1_000_000).collect();
    let earlier = |case: &&Case| case.text.replace(Namespace::Migration.uri(), Namespace::Earlier.uri());
    let texts: Vec<String> = cases.iter().map(earlier).collect();
    let verdicts = judged_by_python(&python, Namespace::Earlier, &texts);
    let (mut differences, mut good, mut only_newer) = (Vec::new(), 0, 0);
    for ((case, text), verdict) in cases.iter().zip(&texts).zip(&verdicts) {
        let own = tern(case.root, text);
        if own.is_ok() != *verdict {
            differences.push(case.difference(*verdict, &own));
        }
        good += usize::from(*verdict);
        only_newer += usize::from(!verdict && case.broken.is_none());
    }
    assert!(differences.is_empty(), "{} differences, seed {SEED}:\n{}", differences.len(), differences.join("\n"));
    assert!(good > 100 && only_newer > 20, "{good} are valid under both, {only_newer} under v1.2 alone");
}

#[test]
fn what_was_broken_is_what_tern_complains_of() {
    for case in CASES.iter() {
        let own = tern(case.root, &case.text);
        let Some(target) = &case.broken else {
            assert_eq!(own, Ok(()), "{}", case.text);
            continue;
        };
        let faults = own.expect_err(&format!("{target:?}: {}", case.text));
        assert!(faults.iter().all(|fault| target.explains(fault)), "{target:?}: {faults:?}\n{}", case.text);
    }
}

/// A document that breaks the bound of 100,000 entries is only made where entries are small. Everywhere else the same
/// constant stands in the schema, and the same lines of the decoder compare it.
#[test]
fn every_root_has_the_same_bound_on_its_entries() {
    let text = xsd(Namespace::Migration);
    let bounded = text.matches(&format!("maxOccurs=\"{ENTRIES_MAX}\"")).count();
    let roots: Vec<_> =
        MESSAGES.iter().filter(|m| m.content.fields.iter().any(|f| f.occurs.max == ENTRIES_MAX)).collect();
    assert_eq!((bounded, roots.len()), (8, 8));
    assert!(roots.iter().all(|message| !message.files.is_empty()));
}

#[test]
fn the_same_seed_gives_the_same_documents() {
    let few = || targets::all().into_iter().step_by(10).collect::<Vec<_>>();
    let texts = |seed| cases(seed, few()).into_iter().map(|case| case.text).collect::<Vec<_>>();
    assert_eq!(texts(SEED), texts(SEED));
    assert_ne!(texts(SEED), texts(SEED + 1));
}

/// A second judge, of another family of validators.
#[test]
fn tern_and_xmllint_agree_on_every_document() {
    const TEST: &str = "tern_and_xmllint_agree_on_every_document";
    if !has(TEST, "xmllint") {
        return;
    }
    let root = published("differential-xmllint");
    // libxml2 takes minutes to count to 100,000.
    let cases: Vec<&Case> = CASES.iter().filter(|case| case.text.len() < 1_000_000).collect();
    let names: Vec<String> = (0..cases.len()).map(|number| format!("{number:04}.xml")).collect();
    for (case, name) in cases.iter().zip(&names) {
        std::fs::write(root.join(name), &case.text).unwrap();
    }
    let schema = root.join("schemas").join(xsd_file_name(Namespace::Migration));
    let output =
        Command::new("xmllint").args(["--noout", "--schema"]).arg(schema).args(&names).current_dir(&root).output();
    let said = String::from_utf8_lossy(&output.unwrap().stderr).into_owned();
    let mut differences = Vec::new();
    for (case, name) in cases.iter().zip(&names) {
        let validates = said.lines().any(|line| line == format!("{name} validates"));
        let fails = said.lines().any(|line| line == format!("{name} fails to validate"));
        assert!(validates != fails, "{name}: xmllint says nothing of it");
        let own = tern(case.root, &case.text);
        if own.is_ok() != validates {
            differences.push(format!("{name}: {}", case.difference(validates, &own)));
        }
    }
    assert!(differences.is_empty(), "{} differences, seed {SEED}:\n{}", differences.len(), differences.join("\n"));
}
