//! Small sets, each with one defect of its own in its files, its validation, or what came before it.

use jiff::civil::{Date, date};
use tern_model::{GroupId, Role};
use tern_service::System;
use tern_service::check::Checker;
use tern_testkit::{FileSet, Strike, Struck as Lane, commission, validated};
use tern_world::corpus::{Defect, PlantedAt};
use tern_world::tamper::Struck;

use crate::bench::{Bench, codes};
use crate::door::{Clauses, Said, check};
use crate::tally::Part;

/// How often each kind is planted.
const TIMES: usize = 10;

/// The groups before FOC.
const EARLIER: [GroupId; 5] = [GroupId::AA, GroupId::BA, GroupId::CA, GroupId::CB, GroupId::DA];

/// The day before the first TMAD.
const BEFORE_ALL: Date = date(2019, 7, 27);

/// Every defect of sets: in sets of FOC, and in sets of the groups before it, as many of each.
pub fn judged() -> Part {
    let mut part = Part::default();
    of_groups(&mut part, &Bench::new(3, TIMES, &[GroupId::EA]));
    of_groups(&mut part, &Bench::new(8, TIMES * EARLIER.len(), &EARLIER));
    used_again(&mut part);
    part
}

fn of_groups(part: &mut Part, bench: &Bench) {
    let (mut system, checker) = (bench.open(), bench.checker());
    // Each set comes once as it is: nothing may be found in it.
    let mut validated = Vec::new();
    for set in &bench.lab.sets {
        let good = accepted(&mut system, set);
        let [s1sp, dco] = check(&checker, &good, [Role::S1sp, Role::Dco]);
        part.compare(&format!("{} as it is", set.dir.display()), &Clauses::new(), &all(&[s1sp, dco]));
        validated.push(good);
    }
    let mut counter = 1_000;
    for defect in kinds(PlantedAt::Set) {
        for nth in 0..TIMES {
            // Under a counter of its own: these sets were taken in under theirs.
            counter += 1;
            let fresh = bench.renumbered(bench.set(nth), counter);
            let (set, struck) = bench.tampered(defect, nth, &fresh);
            compare(part, (defect, bench.group(nth)), nth, &struck, &check(&checker, &set, [Role::Dsp]));
        }
    }
    for defect in kinds(PlantedAt::Validation) {
        for (nth, validated) in validated.iter().enumerate() {
            let (set, struck) = bench.tampered(defect, nth, validated);
            compare(part, (defect, bench.group(nth)), nth, &struck, &check(&checker, &set, [Role::S1sp, Role::Dco]));
        }
    }
    for nth in 0..TIMES {
        let (set, struck) = bench.tampered(Defect::CounterReused, nth, bench.set(nth));
        compare(part, (Defect::CounterReused, bench.group(nth)), nth, &struck, &check(&checker, &set, [Role::Dsp]));
    }
    let checker = bench.checker_anew();
    for defect in kinds(PlantedAt::Entry) {
        for nth in 0..TIMES {
            counter += 1;
            let fresh = bench.renumbered(bench.set(nth), counter);
            let (set, struck) = bench.tampered(defect, nth, &fresh);
            compare(part, (defect, bench.group(nth)), nth, &struck, &said_of_entries(&mut system, &checker, &set));
        }
    }
    let early = bench.checker_on(BEFORE_ALL);
    for nth in 0..TIMES {
        let said = check(&early, bench.set(nth), [Role::Dsp]);
        compare(part, (Defect::TooEarly, bench.group(nth)), nth, &Struck::Set, &said);
    }
}

fn kinds(place: PlantedAt) -> impl Iterator<Item = Defect> {
    Defect::ALL.iter().copied().filter(move |defect| defect.planted_at() == place)
}

/// The set with its validation.
fn accepted(system: &mut System, set: &FileSet) -> FileSet {
    let mut set = set.clone();
    set.files.push(validated(system, &set));
    set
}

/// What the DSP says; where it says nothing, what S1SP and DCO say.
fn said_of_entries(system: &mut System, checker: &Checker, set: &FileSet) -> Vec<Said> {
    let dsp = check(checker, set, [Role::Dsp]);
    if dsp[0] != Said::default() {
        return dsp.to_vec();
    }
    let set = accepted(system, set);
    check(checker, &set, [Role::S1sp, Role::Dco]).to_vec()
}

/// Sets that come again: while their installations are being migrated, and after these were rolled back.
fn used_again(part: &mut Part) {
    let bench = Bench::new(4, 4, &[GroupId::EA]);
    let (mut system, checker) = (bench.open(), bench.checker());
    for set in &bench.lab.sets {
        tern_testkit::take(&mut system, set).expect("takes");
    }
    system.deliver().expect("delivers");
    for (counter, nth) in (500..).step_by(2).zip(0..bench.lab.sets.len()) {
        let again = bench.renumbered(bench.set(nth), counter);
        let (set, struck) = bench.tampered(Defect::SentTwice, nth, &again);
        let said = said_of_entries(&mut system, &checker, &set);
        compare(part, (Defect::SentTwice, bench.group(nth)), nth, &struck, &said);
    }
    let fails = [Lane::new("/B6.1/do", Strike::Fail, u32::MAX)];
    commission(&mut system, &mut bench.lab.devices(), &fails).expect("runs");
    for (counter, nth) in (600..).step_by(2).zip(0..bench.lab.sets.len()) {
        let again = bench.renumbered(bench.set(nth), counter);
        let (set, struck) = bench.tampered(Defect::BlobsUsedAgain, nth, &again);
        let said = said_of_entries(&mut system, &checker, &set);
        compare(part, (Defect::BlobsUsedAgain, bench.group(nth)), nth, &struck, &said);
    }
}

/// Holds what was said against what was struck: of a set that is refused its entries do not matter.
fn compare(part: &mut Part, (defect, group): (Defect, GroupId), nth: usize, struck: &Struck, said: &[Said]) {
    let (place, planted) = (format!("{} {nth}", defect.as_str()), codes(defect, group));
    let of_set: Clauses = said.iter().flat_map(|said| said.set.iter().cloned()).collect();
    match struck {
        Struck::Set => part.compare(&place, &planted, &of_set),
        Struck::Entries(entries) => {
            part.compare(&format!("{place}, the set"), &Clauses::new(), &of_set);
            let found = |entry: &usize| -> Clauses {
                said.iter()
                    .filter_map(|said| said.entries.get(entry))
                    .flat_map(|(_, clauses)| clauses.clone())
                    .collect()
            };
            for entry in entries {
                part.compare(&format!("{place}, entry {entry}"), &planted, &found(entry));
            }
            let others = said.iter().flat_map(|said| said.entries.keys()).filter(|entry| !entries.contains(entry));
            for entry in others {
                part.compare(&format!("{place}, entry {entry}, which is as it was"), &Clauses::new(), &found(entry));
            }
        }
    }
}

fn all(said: &[Said]) -> Clauses {
    let of_entries = |said: &Said| said.entries.values().flat_map(|(_, clauses)| clauses.clone()).collect::<Vec<_>>();
    said.iter().flat_map(|said| said.set.iter().cloned().chain(of_entries(said))).collect()
}
