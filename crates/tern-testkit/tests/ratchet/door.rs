//! The product's door as these tests use it: what a role says of a set, by clause.

use std::collections::{BTreeMap, BTreeSet};

use tern_model::{ChfIdentifier, Finding, Role};
use tern_service::System;
use tern_service::check::Checker;
use tern_service::parties::Party;
use tern_store::Body;
use tern_testkit::{FileSet, RawFile, validated};
use tern_wire::Verified;
use tern_wire::migration::{
    FileKind, FileName, FindingEntry, MigrationCommonValidationFile, SignedFile, ViabilityReport, open,
};
use tern_wire::xml::Limits;

/// Clauses. A rule that lacked a fact stands there too, under words that no catalogue holds.
pub type Clauses = BTreeSet<String>;

/// What one role says of a set.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Said {
    /// Why it refuses the whole set.
    pub set: Clauses,
    /// Why it refuses installations, by the entry's place from 0.
    pub entries: BTreeMap<usize, (ChfIdentifier, Clauses)>,
}

/// What each role says of a set that is only looked at.
pub fn check<const N: usize>(checker: &Checker, set: &FileSet, roles: [Role; N]) -> [Said; N] {
    let laid = set.lay();
    let opened = checker.open(&laid.folder).expect("readable files");
    roles.map(|role| {
        let checked = tern_testkit::check(checker, &opened, role).expect("checks");
        let mut said = Said { set: clauses(&checked.verdicts.refusals()), entries: BTreeMap::new() };
        for judged in &checked.installations {
            let found = clauses(&judged.findings());
            if !found.is_empty() {
                said.entries.insert(judged.entry, (judged.chf, found));
            }
        }
        said
    })
}

/// DSP, S1SP and DCO take a set in; what each says of its entries, in the signed file that it hands on.
pub fn take_by_all(system: &mut System, set: &FileSet) -> [Vec<(ChfIdentifier, Clauses)>; 3] {
    let validation = validated(system, set);
    let id = set.named().expect("a name");
    let by_dsp = open_here::<MigrationCommonValidationFile>(system, &validation);
    let entries = &by_dsp.value().installations;
    let dsp = entries.iter().map(|entry| (entry.chf_identifier, clauses_of(&entry.findings))).collect();
    let mut report = |role: Role, kind| {
        let name = FileName::OfSet(kind, id).to_string();
        let received = system.commissioning.store().received(role.as_str(), &name).expect("reads").expect("a report");
        let bytes = match received.body {
            Body::Bytes(bytes) => bytes,
            Body::File { digest, .. } => {
                std::fs::read(system.commissioning.store().file(digest).expect("kept")).expect("readable")
            }
        };
        let report = open_here::<ViabilityReport>(system, &RawFile { name, bytes });
        report.value().installations.iter().map(|entry| (entry.chf_identifier, clauses_of(&entry.findings))).collect()
    };
    [dsp, report(Role::S1sp, FileKind::S1spViabilityReport), report(Role::Dco, FileKind::DcoViabilityReport)]
}

fn open_here<T: SignedFile>(system: &System, file: &RawFile) -> Verified<T> {
    let (trust, now) = (&system.shared.trust, system.shared.clock.now());
    open::<T>(&file.name, &file.bytes, trust, now, &Limits::default()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn clauses(findings: &[Finding]) -> Clauses {
    findings.iter().map(|finding| told(&finding.clause, &finding.message)).collect()
}

fn clauses_of(findings: &[FindingEntry]) -> Clauses {
    findings.iter().map(|finding| told(finding.clause.as_str(), finding.message.as_str())).collect()
}

fn told(clause: &str, message: &str) -> String {
    let missing = message.strip_prefix("FACTS MISSING: ");
    missing.map_or_else(|| clause.to_owned(), |what| format!("{clause} lacks a fact: {what}"))
}
