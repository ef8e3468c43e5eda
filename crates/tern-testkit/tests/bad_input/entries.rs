//! What must hold when installations of a set are refused and the others go on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use tern_model::{ChfIdentifier, Outcome, Role, SetId};
use tern_service::System;
use tern_service::parties::{Party, SetTaken};
use tern_store::Body;
use tern_testkit::FileSet;
use tern_wire::migration::{FileKind, FileName, FindingEntry, Validity, ViabilityReport, open};
use tern_wire::xml::Limits;
use tern_world::devices::Snapshot;

use crate::bench::{Bench, Change, Stores, whole};

/// A set of which some installations must be refused.
pub struct EntryCase {
    pub name: &'static str,
    pub change: Change,
    /// Every finding: who says it, of which entry, by which clause, at which place in the entry. What S1SP and DCO say of
    /// an installation that the DSP refused is left out.
    pub expect: &'static [(&'static str, usize, &'static str, &'static str)],
    /// What the first of them says.
    pub says: &'static str,
}

/// Checks a table of cases, each on stores and devices of its own.
#[track_caller]
pub fn check_entries(bench: &mut Bench, cases: &[EntryCase]) {
    let mut wrong = Vec::new();
    for case in cases {
        bench.lab.reset();
        let mut system = bench.open();
        let set = bench.changed(case.change);
        let told = refused_entries(bench, &mut system, case.name, &set);
        let places: Vec<_> = told.iter().map(|t| (t.by, t.entry, t.clause.as_str(), t.place.as_str())).collect();
        let first = told.first().map(|t| t.words.clone()).unwrap_or_default();
        if places != case.expect || !first.contains(case.says) {
            wrong.push(format!("{}: {places:?}\n    {first}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A finding on an installation.
#[derive(Debug)]
pub struct Told {
    pub by: &'static str,
    pub entry: usize,
    pub clause: String,
    /// The path, from the file's root.
    pub place: String,
    pub words: String,
}

/// Takes a set in and commissions what may be: refused installations leave nothing behind, in stores and on devices, and
/// all others are commissioned. Gives what was said.
#[track_caller]
pub fn refused_entries(bench: &Bench, system: &mut System, name: &str, set: &FileSet) -> Vec<Told> {
    let Processed { told, commissioned, back } = processed(bench, system, name, set);
    assert_eq!(back, 0, "{name}: wholly back, and {commissioned} commissioned");
    told
}

/// What became of a set that was taken in.
pub struct Processed {
    pub told: Vec<Told>,
    /// Installations that were commissioned.
    pub commissioned: usize,
    /// Installations in whose plaintexts something is wrong that only a device can tell: wholly back.
    pub back: usize,
}

/// As [`refused_entries`]; an installation that nobody refused may also have come wholly back.
#[track_caller]
pub fn processed(bench: &Bench, system: &mut System, name: &str, set: &FileSet) -> Processed {
    let (devices, stores) = (bench.devices(), Stores::of(&bench.lab));
    let checked = bench.checked(set, Role::Dsp);
    let taken = tern_testkit::take(system, set).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    let SetTaken::Accepted { set: id, .. } = taken else { panic!("{name}: not taken in: {taken:?}") };
    let mut told = Vec::new();
    for judged in &checked.installations {
        for finding in judged.findings() {
            whole(name, &finding);
            told.extend(told_of("DSP", judged.entry, &FindingEntry::from(&finding)));
        }
    }
    let by_dsp: BTreeSet<usize> = told.iter().map(|t| t.entry).collect();
    told.extend(reported(bench, system, id).into_iter().filter(|t| !by_dsp.contains(&t.entry)));
    commission(bench, system);
    let after = After { name, devices: bench.devices(), stores: Stores::of(&bench.lab) };
    let results = tern_testkit::results(system, id);
    let (mut commissioned, mut back) = (0, 0);
    for judged in &checked.installations {
        let by: BTreeSet<_> = told.iter().filter(|t| t.entry == judged.entry).map(|t| t.by).collect();
        let outcome = results.get(&judged.chf).cloned().flatten().expect("an outcome");
        if by.is_empty() {
            let changed = after.devices.get(&judged.chf) != devices.get(&judged.chf);
            let (is_new, is_back) =
                (matches!(outcome, Outcome::Commissioned { .. }), matches!(outcome, Outcome::RolledBack { .. }));
            assert!((is_new && changed) || (is_back && !changed), "{name}: {} {outcome:?}", judged.chf);
            (commissioned, back) = (commissioned + usize::from(is_new), back + usize::from(is_back));
        } else {
            assert!(matches!(outcome, Outcome::Refused { .. }), "{name}: {} {outcome:?}", judged.chf);
            after.untouched(judged.chf, &by, &devices, &stores);
        }
    }
    Processed { told, commissioned, back }
}

/// How everything stands after a set.
struct After<'a> {
    name: &'a str,
    devices: BTreeMap<ChfIdentifier, Snapshot>,
    stores: Stores,
}

impl After<'_> {
    /// A refused installation left nothing but the clauses that refused it: not on its devices, not in its story. Who found it
    /// in order for its own part keeps what it needs later: the DSP what is judged again, the others a note of the export and,
    /// the DCO, a sealed package that is never ordered, with the devices that the Common File names.
    #[track_caller]
    fn untouched(
        &self,
        chf: ChfIdentifier,
        by: &BTreeSet<&str>,
        devices: &BTreeMap<ChfIdentifier, Snapshot>,
        stores: &Stores,
    ) {
        let name = self.name;
        assert_eq!(self.devices.get(&chf), devices.get(&chf), "{name}: {chf} is refused and its devices were changed");
        for (table, rows) in &self.stores.state {
            let known = stores.state.get(table).map(Vec::as_slice).unwrap_or_default();
            let own_part = !by.contains("DSP")
                && ((table == "s1sp.sqlite/record" && !by.contains("S1SP"))
                    || (table == "dco.sqlite/record" && !by.contains("DCO")));
            let part = |row: &str| ["export | ", "package | ", "site | "].iter().any(|kind| row.starts_with(kind));
            let watched = |row: &str| row.starts_with("watched | ") && !by.contains("DSP");
            let allowed = |row: &str| row.starts_with("refused | ") || watched(row) || (own_part && part(row));
            let of_it = |row: &&String| names(table, row, chf) && !known.contains(row) && !allowed(row);
            let left: Vec<_> = rows.iter().filter(of_it).collect();
            assert!(left.is_empty(), "{name}: {chf} is refused and left {left:?} in {table}");
        }
    }
}

/// What the S1SP and the DCO report of a set's installations to the Commissioning Party.
pub fn reported(bench: &Bench, system: &mut System, set: SetId) -> Vec<Told> {
    let mut told = Vec::new();
    for (by, role, kind) in
        [("S1SP", Role::S1sp, FileKind::S1spViabilityReport), ("DCO", Role::Dco, FileKind::DcoViabilityReport)]
    {
        let report = report(bench, system, role, &FileName::OfSet(kind, set).to_string());
        for (at, entry) in report.iter().enumerate() {
            told.extend(entry.iter().filter_map(|finding| told_of(by, at, finding)));
        }
    }
    told
}

pub fn commission(bench: &Bench, system: &mut System) {
    let ran = system.commission(None, &mut bench.lab.devices(), &AtomicBool::new(false), &mut |_| {});
    ran.expect("commissions");
}

/// Whether a row is one installation's own: a record with it in the key (`kind | key | …`), or a line of its story
/// (`number | subject | …`).
fn names(table: &str, row: &str, chf: ChfIdentifier) -> bool {
    let own = table.ends_with("/record") || table.ends_with("/journal");
    own && row.split(" | ").nth(1).is_some_and(|key| key.contains(&chf.to_string()))
}

/// A finding, which must be whole; none where a record is missing, which is no finding about the file.
fn told_of(by: &'static str, entry: usize, finding: &FindingEntry) -> Option<Told> {
    let place = finding.place.as_str();
    let (message, found) = (finding.message.as_str(), finding.found.as_str());
    let (expected, suggestion) = (finding.expected.as_str(), finding.suggestion.as_str());
    if message.starts_with("FACTS MISSING: ") {
        return None;
    }
    assert!(place.contains(", line ") || place.ends_with(".xml"), "{finding:?}: no place");
    assert!([message, found, expected, suggestion].iter().all(|text| !text.trim().is_empty()), "{finding:?}: half");
    Some(Told {
        by,
        entry,
        clause: finding.clause.as_str().to_owned(),
        place: place.split(", line ").next().unwrap_or_default().to_owned(),
        words: format!("{message} | {found} | {expected}"),
    })
}

/// The findings of each entry in a viability report, as the Commissioning Party got it.
fn report(bench: &Bench, system: &mut System, from: Role, name: &str) -> Vec<Vec<FindingEntry>> {
    let entry = system.commissioning.store().received(from.as_str(), name).expect("reads").expect("a report");
    let bytes = match entry.body {
        Body::Bytes(bytes) => bytes,
        Body::File { digest, .. } => {
            std::fs::read(system.commissioning.store().file(digest).expect("kept")).expect("readable")
        }
    };
    let report = open::<ViabilityReport>(name, &bytes, &system.shared.trust, bench.lab.now, &Limits::default());
    let report = report.unwrap_or_else(|faults| panic!("{faults:?}"));
    let entries = &report.value().installations;
    for entry in entries {
        assert_eq!(entry.outcome == Validity::Valid, entry.findings.is_empty(), "{entry:?}");
    }
    entries.iter().map(|entry| entry.findings.clone()).collect()
}
