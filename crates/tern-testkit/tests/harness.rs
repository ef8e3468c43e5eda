//! The harness that every workflow passes: each step fails once, each answer is lost once, the process crashes at every
//! durable write, and no arrow of the transition table stays untaken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use tern_cohorts::cohort;
use tern_flow::{Arrow, Change, Closing, Step, TABLE};
use tern_model::{ChfIdentifier, GroupId, Holder, Outcome, OutcomeKind};
use tern_service::executor::Lanes;
use tern_service::{ServiceFault, System};
use tern_store::StoreFault;
use tern_testkit::{Cut, FaultyLanes, Lab, LabPlan, Power, Strike, Struck};
use tern_world::devices::{LogRecord, Snapshot, read_log};

const ALWAYS: u32 = u32::MAX;

fn plan(installations: usize) -> LabPlan {
    LabPlan { installations, seed: 7, defects_permille: 0, faults: 0, set_size: installations }
}

fn steps() -> &'static [Step] {
    cohort(GroupId::EA).expect("EA is served").steps()
}

fn snapshots(lab: &Lab) -> BTreeMap<ChfIdentifier, Snapshot> {
    lab.world.installations().filter_map(|chf| Some((chf, lab.world.snapshot(chf)?))).collect()
}

/// Takes the first set in and commissions it on lanes that strike as planned.
fn run(lab: &Lab, system: &mut System, struck: Vec<Struck>) -> Result<BTreeSet<Arrow>, ServiceFault> {
    let opened = lab.sets[0].open(&system.shared.trust, lab.now);
    system.take(&lab.sets[0], &opened)?;
    let mut devices = lab.devices();
    let mut wrap = |lanes: &mut dyn Lanes, run: &mut dyn FnMut(&mut dyn Lanes) -> Result<_, ServiceFault>| {
        run(&mut FaultyLanes::new(lanes, struck.clone()))
    };
    Ok(system.commission_wrapped(&mut devices, &mut wrap, &AtomicBool::new(false))?.taken)
}

/// Engine and devices agree: commissioned is wholly the DCC's, everything else wholly as before.
#[track_caller]
fn agree(lab: &Lab, system: &System, before: &BTreeMap<ChfIdentifier, Snapshot>, told: &str) -> Vec<Outcome> {
    let set = lab.sets[0].named().expect("a named set");
    let results = system.results(set).expect("results");
    assert_eq!(results.len(), before.len(), "{told}: an installation is lost");
    let inventory = system.dsp.facts();
    let dcc = system.s1sp.signer().certificate().id();
    let mut outcomes = Vec::new();
    for (chf, after) in snapshots(lab) {
        let outcome = results[&chf].clone().unwrap_or_else(|| panic!("{told}: {chf} is still open"));
        let before = &before[&chf];
        match &outcome {
            Outcome::Commissioned { .. } => {
                assert_eq!((&after.chf_certificate, &after.esme_certificate), (dcc, dcc), "{told}");
                assert_ne!(after.association_keys, before.association_keys, "{told}");
                assert_ne!(after.master_key, before.master_key, "{told}");
                assert_ne!(after.apn, before.apn, "{told}");
                assert!(inventory.inventory(chf.into()).is_some(), "{told}: {chf} is not in the inventory");
            }
            Outcome::RolledBack { .. } | Outcome::Refused { .. } => {
                assert_eq!(&after, before, "{told}: devices are not as they were");
                assert!(inventory.inventory(chf.into()).is_none(), "{told}: {chf} stayed in the inventory");
            }
            Outcome::Stuck { .. } | Outcome::Closed { .. } => {}
        }
        outcomes.push(outcome);
    }
    no_effect_twice(lab, told);
    outcomes
}

/// By the devices' own log: no effect key was applied twice.
#[track_caller]
fn no_effect_twice(lab: &Lab, told: &str) {
    let mut seen = BTreeSet::new();
    for record in read_log(&lab.world.dir().join(tern_world::devices::LOG_FILE)).expect("the effect log") {
        if let LogRecord::Effect(effect) = record {
            assert!(seen.insert(effect.key.clone()), "{told}: {} happened twice", effect.key);
        }
    }
}

fn kinds(outcomes: &[Outcome]) -> BTreeSet<OutcomeKind> {
    outcomes.iter().map(Outcome::kind).collect()
}

/// Each order of each step, struck as told, once and for good.
fn strikes() -> Vec<(String, Vec<Struck>)> {
    let mut all = Vec::new();
    let struck = |key: &str, strike, times| Struck { key: key.to_owned(), strike, times };
    for strike in [Strike::Fail, Strike::LoseAnswer] {
        for times in [1, ALWAYS] {
            all.push((format!("recheck {strike:?} {times}"), vec![struck("recheck/do", strike, times.min(5))]));
            for step in steps() {
                let key = format!("/{}/do", step.row);
                all.push((format!("{key} {strike:?} {times}"), vec![struck(&key, strike, times)]));
            }
        }
    }
    all
}

#[test]
fn with_one_step_failing_or_one_answer_lost_every_installation_is_commissioned_or_wholly_back() {
    let mut lab = Lab::new(plan(4), |_| {});
    let mut rolled_back = 0;
    for (told, struck) in strikes() {
        lab.reset();
        let before = snapshots(&lab);
        let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
        run(&lab, &mut system, struck).expect(&told);
        let outcomes = agree(&lab, &system, &before, &told);
        assert!(!kinds(&outcomes).contains(&OutcomeKind::Stuck), "{told}: {outcomes:?}");
        rolled_back += usize::from(kinds(&outcomes).contains(&OutcomeKind::RolledBack));
    }
    assert!(rolled_back > steps().len() / 2, "faults did not bite: {rolled_back}");
}

/// A failure at the last step, so that everything is undone, and a second fault on the way back.
fn way_back(key: &str, strike: Strike, times: u32) -> Vec<Struck> {
    let last = steps().last().map_or("", |s| s.row);
    let fail = Struck { key: format!("/{last}/do"), strike: Strike::Fail, times: ALWAYS };
    vec![fail, Struck { key: key.to_owned(), strike, times }]
}

#[test]
fn a_fault_on_the_way_back_is_overcome_or_ends_stuck_and_visible_with_a_way_out() {
    let mut lab = Lab::new(plan(3), |_| {});
    let mut stuck = 0;
    for step in steps().iter().filter(|s| s.change == Change::Alters) {
        for word in ["undo", "probe"] {
            for (strike, times) in
                [(Strike::Fail, 1), (Strike::LoseAnswer, 1), (Strike::Fail, ALWAYS), (Strike::LoseAnswer, ALWAYS)]
            {
                let key = format!("/{}/{word}", step.row);
                let told = format!("{key} {strike:?} {times}");
                lab.reset();
                let before = snapshots(&lab);
                let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
                run(&lab, &mut system, way_back(&key, strike, times)).expect(&told);
                let outcomes = agree(&lab, &system, &before, &told);
                if kinds(&outcomes).contains(&OutcomeKind::Stuck) {
                    stuck += 1;
                    resolve_all(&lab, &mut system, &before, &told);
                } else {
                    assert_eq!(kinds(&outcomes), BTreeSet::from([OutcomeKind::RolledBack]), "{told}");
                }
            }
        }
    }
    assert!(stuck > 0, "no fault on the way back ever ended stuck");
}

/// With the fault gone, `tern resolve` brings every stuck installation wholly back.
#[track_caller]
fn resolve_all(lab: &Lab, system: &mut System, before: &BTreeMap<ChfIdentifier, Snapshot>, told: &str) {
    let keys: Vec<_> = system.records("").expect("records").into_iter().map(|(key, _)| key).collect();
    for key in keys {
        match system.resolve(&key, None, &mut lab.devices()) {
            Ok(outcome) => assert_eq!(outcome.kind(), OutcomeKind::RolledBack, "{told}: {key} after resolve"),
            Err(ServiceFault::NotStuck(_)) => {}
            Err(fault) => panic!("{told}: {fault}"),
        }
    }
    let outcomes = agree(lab, system, before, told);
    assert_eq!(kinds(&outcomes), BTreeSet::from([OutcomeKind::RolledBack]), "{told}: after resolve");
}

#[test]
fn a_crash_before_or_after_any_durable_write_loses_nothing_and_repeats_nothing() {
    let mut lab = Lab::new(plan(2), |_| {});
    for struck in [Vec::new(), way_back("/none", Strike::Fail, 0)] {
        lab.reset();
        let counting = Power::new(Cut::Never);
        run(&lab, &mut lab.open(&counting).expect("opens"), struck.clone()).expect("runs");
        let writes = counting.writes();
        assert!(writes > 30, "only {writes} durable writes");
        for cut in Cut::all(writes) {
            let told = format!("{cut:?} of {writes}");
            lab.reset();
            let before = snapshots(&lab);
            let power = Power::new(cut);
            let crashed = lab.open(&power).and_then(|mut system| run(&lab, &mut system, struck.clone()));
            assert!(
                matches!(crashed, Err(ServiceFault::Store(StoreFault::Crashed { .. }) | ServiceFault::Dco(_))),
                "{told}: {crashed:?}"
            );
            let mut system = lab.open(&Power::new(Cut::Never)).expect("opens again");
            run(&lab, &mut system, struck.clone()).expect(&told);
            let outcomes = agree(&lab, &system, &before, &told);
            let expect = if struck.is_empty() { OutcomeKind::Commissioned } else { OutcomeKind::RolledBack };
            assert_eq!(kinds(&outcomes), BTreeSet::from([expect]), "{told}");
        }
    }
}

#[test]
fn every_arrow_of_the_transition_table_is_taken_by_real_flows() {
    let mut lab = Lab::new(plan(3), |_| {});
    let mut taken = BTreeSet::new();
    let mut plans: Vec<Vec<Struck>> = strikes().into_iter().map(|(_, struck)| struck).collect();
    for step in steps().iter().filter(|s| s.change == Change::Alters) {
        for word in ["undo", "probe"] {
            for (strike, times) in
                [(Strike::Fail, 1), (Strike::LoseAnswer, 1), (Strike::Fail, ALWAYS), (Strike::LoseAnswer, ALWAYS)]
            {
                plans.push(way_back(&format!("/{}/{word}", step.row), strike, times));
                // The forward answer is lost too, so that the probe's fault meets the way forward.
                let lost = Struck { key: format!("/{}/do", step.row), strike: Strike::LoseAnswer, times: 1 };
                let fault = Struck { key: format!("/{}/{word}", step.row), strike, times };
                plans.push(vec![lost, fault]);
                let failed = Struck { key: format!("/{}/do", step.row), strike: Strike::Fail, times: ALWAYS };
                plans.push(vec![failed, Struck { key: format!("/{}/{word}", step.row), strike, times }]);
            }
        }
    }
    for struck in plans {
        lab.reset();
        let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
        taken.extend(run(&lab, &mut system, struck).expect("runs"));
        close_one_and_retry_the_rest(&lab, &mut system, &mut taken);
    }
    taken.extend(arrows_after_crashes(&mut lab));
    let untaken: Vec<_> = TABLE.iter().filter(|a| !taken.contains(a)).collect();
    assert!(untaken.is_empty(), "never taken by a real flow: {untaken:#?}");
    assert!(taken.iter().all(|a| TABLE.contains(a)));
}

fn close_one_and_retry_the_rest(lab: &Lab, system: &mut System, taken: &mut BTreeSet<Arrow>) {
    let keys: Vec<_> = system.records("").expect("records").into_iter().map(|(key, _)| key).collect();
    let closing = Closing { held_by: Holder::Smso, evidence: "site visit 12".to_owned() };
    for (at, key) in keys.iter().enumerate() {
        let closing = (at == 0).then(|| closing.clone());
        match system.resolve(key, closing, &mut lab.devices()) {
            Ok(_) | Err(ServiceFault::NotStuck(_)) => {}
            Err(fault) => panic!("{fault}"),
        }
    }
    for (_, record) in system.records("").expect("records") {
        taken.extend(system.story(record.plan.chf).expect("a story").iter().map(|(_, line)| line.arrow));
    }
}

/// The arrows that only a crash takes: `Resume` in every state that waits for an answer.
fn arrows_after_crashes(lab: &mut Lab) -> BTreeSet<Arrow> {
    let mut taken = BTreeSet::new();
    let alters = steps().iter().filter(|s| s.change == Change::Alters);
    let lost = alters.map(|s| Struck { key: format!("/{}/do", s.row), strike: Strike::LoseAnswer, times: 1 }).collect();
    for struck in [Vec::new(), way_back("/none", Strike::Fail, 0), lost] {
        lab.reset();
        let counting = Power::new(Cut::Never);
        run(lab, &mut lab.open(&counting).expect("opens"), struck.clone()).expect("runs");
        for cut in Cut::all(counting.writes()) {
            lab.reset();
            drop(lab.open(&Power::new(cut)).and_then(|mut system| run(lab, &mut system, struck.clone())));
            let mut system = lab.open(&Power::new(Cut::Never)).expect("opens again");
            taken.extend(run(lab, &mut system, struck.clone()).expect("runs on"));
        }
    }
    taken
}
