//! Ten thousand installations of every group from one seed, with every defect of records and keys: DSP, S1SP and DCO take
//! all of them in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use tern_model::{ChfIdentifier, GroupId, OutcomeKind};
use tern_testkit::{Cut, Lab, LabPlan, Power};
use tern_world::corpus::{Corpus, Defect, Planted, PlantedAt, PlantedKind};

use crate::bench::codes;
use crate::door::{Clauses, take_by_all};
use crate::tally::Part;

/// The corpus. Its seed and its size belong to `expected.csv`.
const PLAN: LabPlan = LabPlan { installations: 10_000, seed: 1, defects_permille: 120, faults: 0, set_size: 500 };

/// Invents the corpus, and has it judged.
pub fn judged() -> Part {
    let began = Instant::now();
    let kinds: Vec<Defect> =
        Defect::of_installations().filter(|defect| defect.planted_at() == PlantedAt::Records).collect();
    let lab = Lab::of(PLAN, &kinds, &GroupId::ALL, |corpus| are_spread(corpus, &kinds));
    let made = began.elapsed();
    let found = found_by_all(&lab);
    let planted: BTreeMap<ChfIdentifier, Clauses> =
        lab.corpus.planted.iter().map(|planted| (planted.chf, wanted(planted))).collect();
    let (mut part, none) = (Part::default(), Clauses::new());
    for chf in lab.corpus.devices.iter().map(|devices| devices.hub.chf) {
        let (planted, found) = (planted.get(&chf).unwrap_or(&none), found.get(&chf).unwrap_or(&none));
        part.compare(&format!("seed {}, CHF {chf}", PLAN.seed), planted, found);
    }
    let LabPlan { seed, installations, .. } = PLAN;
    let judged = began.elapsed() - made;
    println!("ratchet: seed {seed}: {installations} installations, made in {made:.0?}, judged by all in {judged:.0?}");
    part
}

/// Every kind stands in every group that can have it.
fn are_spread(corpus: &Corpus, kinds: &[Defect]) {
    let spread: BTreeSet<_> = corpus.planted.iter().map(|planted| (planted.kind, planted.group)).collect();
    let all = kinds.iter().flat_map(|kind| GroupId::ALL.map(|group| (*kind, group)));
    for (kind, group) in all.filter(|(kind, group)| kind.codes_in(*group).is_some()) {
        assert!(spread.contains(&(PlantedKind::Defect(kind), group)), "{} stands nowhere in {group}", kind.as_str());
    }
}

/// What must be found of it before anything is tried on devices.
fn wanted(planted: &Planted) -> Clauses {
    match planted.kind {
        PlantedKind::Defect(defect) if defect.outcome() == OutcomeKind::Refused => codes(defect, planted.group),
        _ => Clauses::new(),
    }
}

fn found_by_all(lab: &Lab) -> BTreeMap<ChfIdentifier, Clauses> {
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    let mut found = BTreeMap::<ChfIdentifier, Clauses>::new();
    for set in &lab.sets {
        for (chf, mut clauses) in take_by_all(&mut system, set).into_iter().flatten() {
            // What the DSP found is told by it alone: the others say that the DSP found something.
            if clauses.remove("P-validated") {
                assert!(found.contains_key(&chf), "{chf} is invalid, and the DSP does not say why");
            } else if !clauses.is_empty() {
                found.entry(chf).or_default().append(&mut clauses);
            }
        }
    }
    found
}
