//! Documents changed before they were signed, by somebody who has a key: Tern and Python's `xmlschema` with the published XSDs say the
//! same of each; what is valid goes through the product and is processed; the rest gets a finding of the right stage.

mod making;
mod product;
mod python;

#[path = "../../../../tern-wire/tests/schema/differential/breaking.rs"]
mod breaking;
#[path = "../../../../tern-wire/tests/support/dice.rs"]
mod dice;
#[path = "../../../../tern-wire/tests/schema/differential/generate.rs"]
mod generate;
#[path = "../../../../tern-wire/tests/schema/differential/targets.rs"]
#[expect(dead_code, reason = "the rest of it serves the tests of the decoder alone")]
mod targets;
#[path = "../../../../tern-wire/tests/schema/differential/tree.rs"]
mod tree;

use std::collections::BTreeMap;

use tern_model::Place;
use tern_wire::migration::{
    CommissioningFile, DecryptedInstallingSupplierPin, DecryptedMasterKey, DecryptedS1spDpGroupInformation,
    DecryptedS1spGroupInformation, FileKind, FirmwareInstruction, InstallingSupplierPin, MigrationCommonFile,
    MigrationCommonValidationFile, MigrationGroupEncryptedFile, MigrationGroupFile, SmsoExport, SmsoPlaintextExport,
    ViabilityReport,
};
use tern_wire::schema::{Message, Quoting, read};
use tern_wire::xml::{self, Limits, Texts};
use tern_wire::{FaultKind, WireFault};

use crate::run::{PEAK_MAX_MIB, Run, peak_mib};
use making::{Document, Originals};
use product::Product;
use python::{Judge, Verdict};

/// How many documents the tests judge; a soak judges as many in each round.
const DOCUMENTS: u64 = 4_000;

/// What Tern's decoder says of a document.
enum Own {
    /// It is no XML that a parser may see.
    Form(WireFault),
    /// It is not what the schema describes.
    Schema(Vec<WireFault>),
    /// Well-formed and valid.
    Valid,
}

/// What the decoder says of a text as XML has it.
fn own(root: &str, text: &str) -> Own {
    own_by(root, (text, &Limits::DEFAULT))
}

/// The same as the product's doors read it: texts with keys stand as they are.
fn own_at_the_door(root: &str, text: &str) -> Own {
    const WITH_KEYS: [&str; 4] = [
        "SMSOPlaintextExport",
        "DecryptedS1SPGroupInformation",
        "DecryptedS1SPDPGroupInformation",
        "DecryptedMasterKey",
    ];
    let texts = if WITH_KEYS.contains(&root) { Texts::Verbatim } else { Limits::DEFAULT.texts };
    own_by(root, (text, &Limits { texts, ..Limits::DEFAULT }))
}

fn own_by(root: &str, text: (&str, &Limits)) -> Own {
    fn decode<T: Message>((text, limits): (&str, &Limits)) -> Own {
        let guarded = match xml::guard("T.xml", text.as_bytes(), limits) {
            Ok(guarded) => guarded,
            Err(fault) => return Own::Form(fault),
        };
        let tree = match xml::parse("T.xml", &guarded) {
            Ok(tree) => tree,
            Err(fault) => return Own::Form(fault),
        };
        read::<T>("T.xml", &tree, Quoting::Shown).map_or_else(Own::Schema, |_| Own::Valid)
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
        other => panic!("{other} is no message"),
    }
}

/// What is refused whatever a parser thinks of it, because its canonical form or its meaning is open to dispute.
fn on_principle(fault: &WireFault) -> bool {
    const FORMS: [&str; 6] = [
        "a comment",
        "a processing instruction",
        "a document type declaration",
        "a markup declaration",
        "the file is not plain UTF-8",
        "the XML declaration is another",
    ];
    fault.kind == FaultKind::Limits || FORMS.iter().any(|form| fault.message.starts_with(form))
}

/// White space to Python's `str.strip` and `str.split`, which xmlschema uses, and characters to XML (1.0, 2.3): Tern is right.
/// `spaces_of_other_scripts_are_characters` in tern-wire's tests writes the case down.
fn other_spaces(text: &str) -> bool {
    text.chars().any(|c| c.is_whitespace() && !c.is_ascii())
}

/// The last character that a name may hold by XML 1.0's fourth edition (appendix B: Hangul).
const LAST_OF_FOURTH: char = '\u{D7A3}';

/// The document with an `x` for each character that stands in a name by XML 1.0's fifth edition alone, which is ours; none where no
/// name holds one. expat, which reads for xmlschema, keeps to the fourth and calls such a document unreadable.
/// `a_name_by_the_fifth_edition_is_no_name_of_the_schema` in tern-wire's tests writes the case down.
fn spelled_for_fourth(text: &str) -> Option<String> {
    let tree = xml::parse("T.xml", text).ok()?;
    let elements = || tree.descendants().filter(roxmltree::Node::is_element);
    let attributes = elements().flat_map(|node| node.attributes().map(|attribute| attribute.name()));
    let prefixes = elements().flat_map(|node| node.namespaces().filter_map(|namespace| namespace.name()));
    let mut names = elements().map(|node| node.tag_name().name()).chain(attributes).chain(prefixes);
    let is_later = |c: char| c > LAST_OF_FOURTH;
    names.any(|name| name.contains(is_later)).then(|| text.replace(is_later, "x"))
}

/// What the documents came to.
#[derive(Debug, Default)]
struct Tally {
    /// By what Tern says: form, schema, valid.
    stages: BTreeMap<&'static str, usize>,
    /// What both judges were asked about, and gave the same answer.
    agreed: usize,
    /// What xmlschema reads and Tern refuses to, on principle.
    on_principle: usize,
    /// What turns on white space of other scripts.
    other_spaces: usize,
    /// What Tern refuses by the schema, and xmlschema gives up on: `a_year_beyond_all` in tern-wire's tests writes the case down.
    overflows: usize,
    /// What both refuse, xmlschema because a name is none by the edition of XML that its parser keeps to.
    editions: usize,
}

fn agree(own: &Own, verdict: Verdict) -> bool {
    let same = match own {
        Own::Form(_) => Verdict::Unreadable,
        Own::Schema(_) => Verdict::Invalid,
        Own::Valid => Verdict::Valid,
    };
    verdict == same
}

/// Whether nothing but the edition of XML's names is between the two: they agree on the same document in other names.
fn agree_for_fourth(document: &Document, judge: &mut Judge) -> bool {
    spelled_for_fourth(&document.text).is_some_and(|text| {
        judge.ask(std::iter::once(text.as_str()));
        judge.answer().into_iter().all(|verdict| agree(&own(document.root, &text), verdict))
    })
}

/// Holds the two judges against each other; what they disagree on, in words.
fn compare(document: &Document, own: &Own, verdict: Verdict, judge: &mut Judge, tally: &mut Tally) -> Option<String> {
    let stage = match own {
        Own::Form(_) => "form",
        Own::Schema(_) => "schema",
        Own::Valid => "valid",
    };
    *tally.stages.entry(stage).or_default() += 1;
    let agree = match own {
        Own::Form(fault) if on_principle(fault) => {
            tally.on_principle += usize::from(verdict != Verdict::Unreadable);
            return None;
        }
        Own::Schema(_) if verdict == Verdict::Overflow => {
            tally.overflows += 1;
            return None;
        }
        Own::Schema(_) if verdict == Verdict::Unreadable && agree_for_fourth(document, judge) => {
            tally.editions += 1;
            return None;
        }
        own => agree(own, verdict),
    };
    if !agree && other_spaces(&document.text) {
        tally.other_spaces += 1;
        return None;
    }
    tally.agreed += usize::from(agree);
    let words = match own {
        Own::Form(fault) => fault.to_string(),
        Own::Schema(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        Own::Valid => "valid".to_owned(),
    };
    let Document { root, how, text, .. } = document;
    (!agree).then(|| format!("{root}, {how}: xmlschema: {verdict:?}; here: {words}\n{text}"))
}

/// A finding about bytes that a person can use.
#[track_caller]
fn whole(document: &Document, faults: &[WireFault], kind: FaultKind) {
    assert!(!faults.is_empty(), "{}: refused in silence", document.how);
    for fault in faults {
        assert_eq!(fault.kind, kind, "{}: {fault:?}", document.how);
        assert_ne!(fault.place, Place::document(""), "{}: {fault:?}", document.how);
        let words = [&fault.message, &fault.found, &fault.expected, &fault.suggestion];
        assert!(words.iter().all(|w| !w.trim().is_empty() && w.len() < 500), "{fault:?}");
    }
}

#[test]
fn documents() {
    let Some(mut judge) = Judge::start("documents") else { return };
    let (originals, bench) = Originals::collect();
    let mut product = Product::new(bench, &originals.signed);
    let mut run = Run::new("documents", DOCUMENTS);
    let mut tally = Tally::default();
    loop {
        let round: Vec<(u64, Document)> = std::iter::from_fn(|| {
            let mut dice = run.next()?;
            Some((run.number(), product.signed(originals.document(&mut dice))))
        })
        .take(DOCUMENTS as usize)
        .collect();
        if round.is_empty() {
            break;
        }
        judge.ask(round.iter().map(|(_, document)| document.text.as_str()));
        // While Python reads them, the product does.
        let mut said = Vec::new();
        for (number, document) in &round {
            run.at(*number);
            said.push(product.offer(*number, document));
        }
        let verdicts = judge.answer();
        assert_eq!(verdicts.len(), round.len());
        let differences: Vec<String> = round
            .iter()
            .zip(said.iter().zip(verdicts))
            .filter_map(|((number, document), (own, verdict))| {
                Some(format!("execution {number}: {}", compare(document, own, verdict, &mut judge, &mut tally)?))
            })
            .collect();
        assert!(differences.is_empty(), "{} differences, the first: {}", differences.len(), differences[0]);
    }
    run.told(&format!("{tally:?}; {}", product.told()));
    product.end();
    assert!(peak_mib() < PEAK_MAX_MIB, "{} MiB", peak_mib());
    if run.is_of_tests() {
        let of = |stage| tally.stages.get(stage).copied().unwrap_or_default();
        assert!(of("valid") > 800 && of("schema") > 1_200 && of("form") > 100, "{tally:?}");
    }
}

/// A name that is one by XML's fifth edition alone: two refusals for two reasons are no difference. An acceptance would be one.
#[test]
fn a_name_of_the_fifth_edition_is_a_known_case_where_both_refuse() {
    let Some(mut judge) = Judge::start("a_name_of_the_fifth_edition_is_a_known_case_where_both_refuse") else { return };
    let (originals, _) = Originals::collect();
    let common = originals.signed.iter().find(|file| file.kind == FileKind::MigrationCommonFile).expect("one of each");
    let mut told = |tag: &str| {
        let document = Document {
            root: "MigrationCommonFile",
            destination: making::Destination::File(common.kind),
            how: tag.to_owned(),
            text: common.text.replacen("<GPF>", tag, 1),
            is_signed: true,
        };
        judge.ask(std::iter::once(document.text.as_str()));
        let (verdict, mut tally) = (judge.answer()[0], Tally::default());
        let said = compare(&document, &own(document.root, &document.text), verdict, &mut judge, &mut tally);
        (verdict, said.is_some(), tally.editions)
    };
    assert_eq!(told("<GPF xmln\u{feff}s=\"\">"), (Verdict::Unreadable, false, 1));
    assert_eq!(told("<GPF xmlns=\"\">"), (Verdict::Invalid, false, 0));
    assert_eq!(told("<GPF xmlns:\u{feff}=\"urn:x\">"), (Verdict::Unreadable, true, 0));
}
