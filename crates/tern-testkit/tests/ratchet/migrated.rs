//! Defects of keys and devices, which only show when a migration is tried: each installation ends as its defect says.

use std::collections::BTreeMap;

use tern_model::{ChfIdentifier, GasOutcome, GroupId, Outcome, OutcomeKind};
use tern_testkit::{Cut, Lab, LabPlan, Power, Strike, Struck, commission, results};
use tern_world::corpus::{Defect, Planted, PlantedAt, PlantedKind};

use crate::bench::{Bench, codes};
use crate::door::Clauses;
use crate::tally::Part;

/// How often each kind is planted.
const TIMES: usize = 10;

/// The groups before FOC.
const EARLIER: [GroupId; 5] = [GroupId::AA, GroupId::BA, GroupId::CA, GroupId::CB, GroupId::DA];

/// Every defect that ends a migration that was begun, in installations of FOC and in those of the groups before it.
pub fn judged() -> Part {
    let mut part = Part::default();
    of_groups(&mut part, 5, &GroupId::FOC);
    of_groups(&mut part, 9, &EARLIER);
    unanswered(&mut part);
    part
}

fn of_groups(part: &mut Part, seed: u64, groups: &[GroupId]) {
    let kinds: Vec<Defect> = Defect::of_installations()
        .filter(|defect| defect.planted_at() == PlantedAt::Devices || defect.outcome() != OutcomeKind::Refused)
        .filter(|defect| groups.iter().all(|group| defect.codes_in(*group).is_some()))
        .collect();
    let (planted, faults) = (kinds.len() * TIMES, PlantedKind::FAULTS.len() * TIMES);
    let installations = (planted + faults) * 5 / 4;
    // One defect less than asked for would leave a kind one short.
    let defects_permille = (planted * 1000).div_ceil(installations);
    let plan = LabPlan { installations, seed, defects_permille, faults, set_size: installations };
    let lab = Lab::of(plan, &kinds, groups, |_| {});
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    lab.migrate(&mut system, &mut lab.devices()).expect("migrates");
    let planted: BTreeMap<ChfIdentifier, Planted> =
        lab.corpus.planted.iter().map(|planted| (planted.chf, *planted)).collect();
    let results = lab.sets.iter().flat_map(|set| results(&system, set.named().expect("a name")));
    for (chf, outcome) in results {
        let outcome = outcome.expect("an end");
        let planted = planted.get(&chf).copied();
        let kind = planted.map(|planted| planted.kind);
        let ends = kind.map_or(OutcomeKind::Commissioned, PlantedKind::outcome);
        let wanted = match planted {
            Some(Planted { kind: PlantedKind::Defect(defect), group, .. }) => codes(defect, group),
            planted => planted.map(|p| p.code().to_owned()).filter(|code| !code.is_empty()).into_iter().collect(),
        };
        let place = format!("{chf}, {}", kind.map_or("nothing planted", PlantedKind::as_str));
        part.compare(&place, &wanted, &found(&outcome));
        if outcome.kind() != ends {
            part.wrong.push(format!("{place}: ends {}, must end {ends}", outcome.kind()));
        }
    }
}

/// The DSP is never heard when it is asked again.
fn unanswered(part: &mut Part) {
    let bench = Bench::new(6, TIMES.div_ceil(3), &[GroupId::EA]);
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
            part.compare(&format!("recheck-unanswered {chf}"), &codes(Defect::RecheckUnanswered, GroupId::EA), &found);
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
