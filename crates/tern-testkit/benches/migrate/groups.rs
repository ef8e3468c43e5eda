//! Sets of all eight groups beside as many and as large ones of EA alone, in pairs, one straight after the other.

use std::path::Path;

use tern_model::GroupId;
use tern_testkit::{Lab, LabPlan};
use tern_world::corpus::Defect;

use crate::run::{Run, Sample};
use crate::{figure, limits};

/// A hundred of each group, and a set for each.
const PLAN: LabPlan = LabPlan { installations: 800, seed: 2, defects_permille: 0, faults: 0, set_size: 100 };
const PAIRS: usize = 5;

/// Measures and prints.
pub fn measure(folder: &Path) {
    let [alone, mixed] =
        [&[GroupId::EA][..], &GroupId::ALL].map(|groups| Lab::of(PLAN, &Defect::USUAL, groups, |_| {}));
    assert_eq!(alone.sets.len(), mixed.sets.len(), "as many sets");
    println!(
        "{} installations in {} sets, of EA and of all groups; {PAIRS} pairs",
        PLAN.installations,
        mixed.sets.len()
    );
    let pairs: Vec<[Sample; 2]> = (0..PAIRS)
        .map(|number| {
            let run = |lab, of: &str| Run::new(lab, &folder.join(format!("{of}-{number}"))).migrate(0.0);
            let pair = [run(&alone, "alone"), run(&mixed, "mixed")];
            println!("{:>10.0}/s of EA, {:.0}/s of all groups", pair[0].rate(), pair[1].rate());
            pair
        })
        .collect();
    let of = |figure: &dyn Fn(&[Sample; 2]) -> f64| limits::median(pairs.iter().map(figure));
    let ratio = |figure: &dyn Fn(&Sample) -> f64| of(&|[alone, mixed]| figure(mixed) / figure(alone));
    figure("groups: EA alone, installations migrated, durable", of(&|[alone, _]| alone.rate()), "/s", "");
    figure("groups: all eight, installations migrated, durable", of(&|[_, mixed]| mixed.rate()), "/s", "");
    figure("groups: all eight to EA alone, rate", ratio(&Sample::rate), "", "");
    let processor = |s: &Sample| s.a_thousand(s.engine_cpu + s.devices_cpu);
    figure("groups: all eight to EA alone, processor", ratio(&processor), "", "");
    let steps = |s: &Sample| s.steps as f64 / s.installations as f64;
    figure("groups: all eight to EA alone, steps of an installation", ratio(&steps), "", "");
}
