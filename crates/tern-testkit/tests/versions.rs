//! A new version of a document in the midst of migrations (AC6): what was done stays as it is, and a step not yet taken follows
//! the version in force on its day.

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use tern_model::facts::{Registration, SourceRow};
use tern_model::{Digest, Fuel, GroupId, OutcomeKind};
use tern_rules::{Overlay, Rulebook};
use tern_service::clock::VirtualClock;
use tern_service::parties::SetTaken;
use tern_service::results::reasons;
use tern_testkit::{Cut, Lab, LabPlan, Power, commission, results, take};
use tern_world::corpus::Defect;

/// Three installations of a group that was covered long before. The supplier of the first one's ESME changes within seven days
/// of the day of the set, and not within two; that of the second within seven days of the next day alone.
///
/// The sets are built in the version of the Migration Schema that is in force until the FOC text comes on `foc`.
fn lab(foc: Date) -> Lab {
    let plan = LabPlan { installations: 3, seed: 11, defects_permille: 0, faults: 0, set_size: 3 };
    let overlay = Overlay::read(&overlay(foc), Digest([7; 32])).expect("an overlay");
    Lab::under(&Rulebook::under(overlay), plan, (&Defect::USUAL, &[GroupId::CA]), |corpus| {
        let rows = &mut corpus.facts.registration;
        let mut points: Vec<Registration> = rows.iter().filter(|r| r.fuel == Fuel::Electricity).cloned().collect();
        points.dedup_by(|a, b| a.mpxn == b.mpxn);
        assert_eq!(points.len(), 3, "one for each installation");
        let other = points[0].network_operator;
        for (point, effective_from) in points.into_iter().zip([date(2021, 3, 6), date(2021, 3, 10)]) {
            rows.push(Registration { row: SourceRow(0), supplier: other, effective_from, ..point });
        }
    })
}

/// The FOC text, and the schema that comes with it, on another day.
fn overlay(foc: Date) -> String {
    format!(
        "name = \"FOC text on {foc}\"\n[documents]\n\"TMAD FOC text\" = {foc}\n\"SMETS1 Migration Schema v1.2\" = {foc}\n"
    )
}

/// How each installation ended of a set that was judged on 2 March and commissioned on 3 March, where the FOC text, with its
/// shorter window, comes on `foc`; in the order of the records, and whether the set's judgement is what it was.
fn ends(lab: &Lab, foc: Date) -> Vec<(OutcomeKind, Vec<String>)> {
    let file = lab.dir().join("overlay.toml");
    std::fs::write(&file, overlay(foc)).expect("writes");
    let open = |at| {
        let config = lab.config().under(&file).expect("an overlay");
        let clock = std::sync::Arc::new(VirtualClock::starting_at(at));
        lab.open_with(config, clock, &Power::new(Cut::Never)).expect("opens")
    };
    let mut system = open(lab.now);
    let taken = take(&mut system, &lab.sets[0]).expect("is taken in");
    let SetTaken::Accepted { validation, .. } = taken else { panic!("{taken:?}") };
    let judged = std::fs::read(&validation.path).expect("its Common Validation File");
    drop(system);
    let mut system = open(lab.now + SignedDuration::from_hours(24));
    commission(&mut system, &mut lab.devices(), &[]).expect("runs");
    let known = take(&mut system, &lab.sets[0]).expect("is known");
    let SetTaken::Known { set, validation } = known else { panic!("{known:?}") };
    assert_eq!(std::fs::read(&validation.path).expect("reads"), judged, "a result under an earlier version stays");
    let results = results(&system, set);
    let point = |chf| lab.corpus.smsos[0].1.installations.iter().position(|record| record.chf_identifier == chf);
    let mut ends: Vec<_> = results
        .into_iter()
        .map(|(chf, outcome)| {
            let outcome = outcome.expect("ended");
            (point(chf), (outcome.kind(), reasons(&outcome)))
        })
        .collect();
    ends.sort_by_key(|(at, _)| *at);
    ends.into_iter().map(|(_, end)| end).collect()
}

#[test]
fn a_result_stays_and_a_step_not_yet_taken_follows_the_version_of_its_day() {
    use OutcomeKind::{Commissioned, Refused};
    let refused = (Refused, vec!["5.10.10".to_owned()]);
    // The new text comes between the judgement and the first step: the window of two days lets the second one go on, and the
    // first one, which it would let go on too, stays refused.
    let foc = date(2021, 3, 3);
    assert_eq!(ends(&lab(foc), foc), [refused.clone(), (Commissioned, vec![]), (Commissioned, vec![])]);
}

#[test]
fn without_a_new_version_the_same_steps_follow_the_old_one() {
    use OutcomeKind::{Commissioned, Refused};
    let refused = (Refused, vec!["5.10.10".to_owned()]);
    let foc = date(2021, 3, 20);
    assert_eq!(ends(&lab(foc), foc), [refused.clone(), refused, (Commissioned, vec![])]);
}
