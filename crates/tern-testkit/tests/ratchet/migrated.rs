//! Defects of keys and devices, which only show when a migration is tried: each installation ends as its defect says.

use std::collections::BTreeMap;

use tern_model::{ChfIdentifier, GasOutcome, GroupId, Outcome, OutcomeKind};
use tern_testkit::{Cut, Lab, LabPlan, Power, Strike, Struck, commission, results};
use tern_world::corpus::{Defect, PlantedAt, PlantedKind};

use crate::bench::{Bench, codes};
use crate::door::Clauses;
use crate::tally::Part;

/// How often each kind is planted.
const TIMES: usize = 10;

/// Every defect that ends a migration that was begun.
pub fn judged() -> Part {
    let kinds: Vec<Defect> = Defect::of_installations()
        .filter(|defect| defect.planted_at() == PlantedAt::Devices || defect.outcome() != OutcomeKind::Refused)
        .collect();
    let (planted, faults) = (kinds.len() * TIMES, PlantedKind::FAULTS.len() * TIMES);
    let installations = (planted + faults) * 5 / 4;
    // One defect less than asked for would leave a kind one short.
    let defects_permille = (planted * 1000).div_ceil(installations);
    let plan = LabPlan { installations, seed: 5, defects_permille, faults, set_size: installations };
    let lab = Lab::of(plan, &kinds, &GroupId::FOC, |_| {});
    let mut part = Part::default();
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    lab.migrate(&mut system, &mut lab.devices()).expect("migrates");
    let planted: BTreeMap<ChfIdentifier, PlantedKind> =
        lab.corpus.planted.iter().map(|planted| (planted.chf, planted.kind)).collect();
    let results = lab.sets.iter().flat_map(|set| results(&system, set.named().expect("a name")));
    for (chf, outcome) in results {
        let outcome = outcome.expect("an end");
        let kind = planted.get(&chf).copied();
        let (ends, wanted) = match kind {
            None => (OutcomeKind::Commissioned, Clauses::new()),
            Some(PlantedKind::Defect(defect)) => (defect.outcome(), codes(defect)),
            Some(kind @ PlantedKind::Fault(_)) => (
                kind.outcome(),
                Some(kind.code()).filter(|code| !code.is_empty()).map(str::to_owned).into_iter().collect(),
            ),
        };
        let place = format!("{chf}, {}", kind.map_or("nothing planted", PlantedKind::as_str));
        part.compare(&place, &wanted, &found(&outcome));
        if outcome.kind() != ends {
            part.wrong.push(format!("{place}: ends {}, must end {ends}", outcome.kind()));
        }
    }
    unanswered(&mut part);
    part
}

/// The DSP is never heard when it is asked again.
fn unanswered(part: &mut Part) {
    let bench = Bench::new(6, TIMES.div_ceil(3));
    let mut system = bench.open();
    for set in &bench.lab.sets {
        tern_testkit::take(&mut system, set).expect("takes");
    }
    system.deliver().expect("delivers");
    let unheard = [Struck::new("/recheck/do", Strike::LoseOrder, u32::MAX)];
    commission(&mut system, &mut bench.lab.devices(), &unheard).expect("runs");
    for set in &bench.lab.sets {
        for (chf, outcome) in results(&system, set.named().expect("a name")) {
            let found = outcome.map(|outcome| found(&outcome)).unwrap_or_default();
            part.compare(&format!("recheck-unanswered {chf}"), &codes(Defect::RecheckUnanswered), &found);
        }
    }
}

fn found(outcome: &Outcome) -> Clauses {
    match outcome {
        Outcome::Commissioned { gas: GasOutcome::LeftBehind } => Clauses::from(["GT01".to_owned()]),
        Outcome::Commissioned { .. } | Outcome::Closed { .. } => Clauses::new(),
        Outcome::Refused { clauses } => clauses.iter().cloned().collect(),
        Outcome::RolledBack { code } | Outcome::Stuck { code } => Clauses::from([code.clone()]),
    }
}
