//! What is judged by the facts of a run of installations alone is judged as by all facts together.

use std::fmt::Write as _;

use tern_model::Role;
use tern_model::facts::Facts;
use tern_rules::{InstallationHistory, SetHistory, SetJudgement};
use tern_service::facts::{FactsIndex, subjects_of};
use tern_service::judging::{Bench, Client, JudgedPart, Known, Then};
use tern_service::{ServiceFault, pki, rule_settings};
use tern_testkit::{FileSet, Lab, LabPlan};
use tern_wire::facts_csv;
use tern_wire::migration::CommonInstallation;

/// Where facts come from.
enum Source {
    Whole(Facts),
    Sliced(FactsIndex),
}

/// Judges with facts of one source, and writes every verdict down.
struct Judged<'a> {
    source: &'a Source,
    text: String,
}

impl Client for Judged<'_> {
    fn begin(&mut self, set: &SetJudgement) -> Result<Then, ServiceFault> {
        for judged in &set.set {
            let _ = writeln!(self.text, "set {} {:?}", judged.rule.clause, judged.verdict);
        }
        Ok(Then::Go)
    }

    fn know(&mut self, installations: &[CommonInstallation]) -> Result<Known, ServiceFault> {
        let facts = match self.source {
            Source::Whole(facts) => facts.clone(),
            Source::Sliced(index) => index.slice(installations.iter().flat_map(subjects_of))?,
        };
        Ok(Known { facts, history: InstallationHistory::default() })
    }

    fn take(&mut self, part: JudgedPart) -> Result<(), ServiceFault> {
        for installation in part.installations {
            for judged in &installation.judged {
                let _ = writeln!(self.text, "{} {} {:?}", installation.chf, judged.rule.clause, judged.verdict);
            }
        }
        Ok(())
    }
}

/// Every verdict on a set, judged so many installations at a time.
fn verdicts(lab: &Lab, set: &FileSet, source: &Source, at_once: usize) -> String {
    let trust = pki::load_trust(&lab.dir().join("pki")).expect("trust");
    let settings = rule_settings(&lab.config());
    let (day, book) = (tern_model::london_day(lab.now), tern_rules::Rulebook::published());
    let bench = Bench { trust: &trust, settings: &settings, at: lab.now, day, books: book.on(day), at_once };
    let mut judged = Judged { source, text: String::new() };
    let opened = set.open(&trust, lab.now);
    bench.judge(Role::Dsp, &opened, &SetHistory::default(), None, &mut judged).expect("judged");
    judged.text
}

#[test]
fn slices_are_judged_as_the_whole() {
    let plan = |seed| LabPlan { installations: 40, seed, defects_permille: 600, faults: 0, set_size: 40 };
    for seed in [3, 4] {
        let lab = Lab::new(plan(seed), |_| {});
        let mut whole = Facts::default();
        for file in facts_csv::FILES {
            let bytes = std::fs::read(lab.dir().join("facts").join(file.name)).expect("a fact file");
            assert_eq!(facts_csv::read(file.name, &bytes, &mut whole), []);
        }
        let (whole, sliced) = (Source::Whole(whole), Source::Sliced(lab.facts()));
        for set in &lab.sets {
            let expected = verdicts(&lab, set, &whole, 1_000);
            let findings = expected.matches("Finding(").count();
            assert!(findings >= 10, "seed {seed}: {findings} findings of all {} planted", lab.corpus.planted.len());
            for at_once in [1, 7, 1_000] {
                assert_eq!(verdicts(&lab, set, &sliced, at_once), expected, "seed {seed}, {at_once} at a time");
            }
            // A fact that is missing shows: the test can fail.
            let Source::Whole(all) = &whole else { continue };
            let (mut fewer, epcl) = (Facts::default(), all.epcl().to_vec());
            epcl.into_iter().for_each(|entry| fewer.add_epcl(entry));
            assert_ne!(verdicts(&lab, set, &Source::Whole(fewer), 1_000), expected);
        }
    }
}
