//! Ten thousand installations with every defect of records and keys. A fifth of them are taken in by DSP, S1SP and DCO; what the
//! DSP alone can find is looked for in all.

use std::collections::BTreeMap;
use std::time::Instant;

use tern_model::{ChfIdentifier, OutcomeKind, Role};
use tern_service::check::Checker;
use tern_testkit::{Cut, Lab, LabPlan, Power};
use tern_world::corpus::{Defect, PlantedAt, PlantedKind};

use crate::bench::codes;
use crate::door::{Clauses, check, take_by_all};
use crate::tally::Part;

/// What S1SP or DCO find, and the DSP cannot.
const NOT_BY_DSP: [&str; 4] = ["15.6", "15.7", "15.8", "P-device-certificate"];

/// One corpus.
#[derive(Debug, Clone, Copy)]
pub struct Corpus {
    seed: u64,
    installations: usize,
    defects_permille: usize,
    by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    AllRoles,
    DspAlone,
}

/// Two thousand for every role; twice four thousand for the DSP.
pub const ALL: [Corpus; 3] = [
    Corpus { seed: 1, installations: 2_000, defects_permille: 120, by: By::AllRoles },
    Corpus { seed: 2, installations: 4_000, defects_permille: 60, by: By::DspAlone },
    Corpus { seed: 3, installations: 4_000, defects_permille: 60, by: By::DspAlone },
];

impl Corpus {
    /// Invents the corpus, and has it judged.
    pub fn judged(self) -> Part {
        let began = Instant::now();
        let Corpus { seed, installations, defects_permille, by } = self;
        let kinds: Vec<Defect> =
            Defect::of_installations().filter(|defect| defect.planted_at() == PlantedAt::Records).collect();
        let plan = LabPlan { installations, seed, defects_permille, faults: 0, set_size: 500 };
        let lab = Lab::with_defects(plan, &kinds, |_| {});
        let found = match by {
            By::AllRoles => found_by_all(&lab),
            By::DspAlone => found_by_dsp(&lab),
        };
        let planted: BTreeMap<ChfIdentifier, Clauses> =
            lab.corpus.planted.iter().map(|planted| (planted.chf, self.wanted(planted.kind))).collect();
        let (mut part, none) = (Part::default(), Clauses::new());
        for chf in lab.corpus.devices.iter().map(|devices| devices.hub.chf) {
            let (planted, found) = (planted.get(&chf).unwrap_or(&none), found.get(&chf).unwrap_or(&none));
            part.compare(&format!("seed {seed}, CHF {chf}"), planted, found);
        }
        println!("ratchet: seed {seed}: {installations} installations, {by:?}: {:.0?}", began.elapsed());
        part
    }

    /// What these judges must find of a kind before anything is tried on devices.
    fn wanted(self, kind: PlantedKind) -> Clauses {
        let PlantedKind::Defect(defect) = kind else { return Clauses::new() };
        if defect.outcome() != OutcomeKind::Refused {
            return Clauses::new();
        }
        let mut codes = codes(defect);
        codes.retain(|code| self.by == By::AllRoles || !NOT_BY_DSP.contains(&code.as_str()));
        codes
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

fn found_by_dsp(lab: &Lab) -> BTreeMap<ChfIdentifier, Clauses> {
    let checker = Checker::new(lab.config(), lab.facts(), lab.now, None).expect("a checker");
    let mut found = BTreeMap::new();
    for set in &lab.sets {
        let [said] = check(&checker, set, [Role::Dsp]);
        assert_eq!(said.set, Clauses::new(), "{}", set.dir.display());
        found.extend(said.entries.into_values());
    }
    found
}
