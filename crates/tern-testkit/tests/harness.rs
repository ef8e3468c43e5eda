//! The harness that every workflow passes: each step fails once, each answer is lost once, the process crashes at every
//! durable write, and no arrow of the transition table stays untaken.

use std::collections::{BTreeMap, BTreeSet};

use tern_cohorts::cohort;
use tern_flow::{Arrow, Closing, State, Step, TABLE};
use tern_model::{ChfIdentifier, GasOutcome, GroupId, Holder, Outcome, OutcomeKind};
use tern_service::executor::Running;
use tern_service::pins::PinFile;
use tern_service::{ServiceFault, System};
use tern_testkit::{Cut, Lab, LabPlan, Power, Strike, Struck, commission, results, with_struck};
use tern_world::corpus::Defect;
use tern_world::devices::Snapshot;

const ALWAYS: u32 = u32::MAX;

fn plan(installations: usize) -> LabPlan {
    LabPlan { installations, seed: 7, defects_permille: 0, faults: 0, set_size: installations }
}

fn steps(group: GroupId) -> &'static [Step] {
    cohort(group).steps()
}

fn snapshots(lab: &Lab) -> BTreeMap<ChfIdentifier, Snapshot> {
    lab.world.installations().filter_map(|chf| Some((chf, lab.world.snapshot(chf)?))).collect()
}

/// Takes the first set in and commissions it on lanes that strike as planned.
fn run(lab: &Lab, system: &mut System, struck: Vec<Struck>) -> Result<BTreeSet<Arrow>, ServiceFault> {
    tern_testkit::take(system, &lab.sets[0])?;
    Ok(commission(system, &mut lab.devices(), &struck)?.taken)
}

/// Engine and devices agree: commissioned is wholly the DCC's, everything else wholly as before.
#[track_caller]
fn agree(lab: &Lab, system: &System, before: &BTreeMap<ChfIdentifier, Snapshot>, told: &str) -> Vec<Outcome> {
    let set = lab.sets[0].named().expect("a named set");
    let results = results(system, set);
    assert_eq!(results.len(), before.len(), "{told}: an installation is lost");
    let listed = |chf: ChfIdentifier| system.dsp.inventory(chf.into()).expect("the inventory").is_some();
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
                let gas = outcome == Outcome::Commissioned { gas: GasOutcome::Migrated };
                assert_eq!(after.gsme_pin != before.gsme_pin, gas && before.gsme_pin.is_some(), "{told}: the PIN");
                assert_eq!(pins(system, chf), usize::from(after.gsme_pin != before.gsme_pin), "{told}: PIN files");
                assert!(listed(chf), "{told}: {chf} is not in the inventory");
            }
            Outcome::RolledBack { .. } | Outcome::Refused { .. } => {
                assert_eq!(&after, before, "{told}: devices are not as they were");
                assert_eq!(pins(system, chf), 0, "{told}: a PIN file of {chf}");
                assert!(!listed(chf), "{told}: {chf} stayed in the inventory");
            }
            Outcome::Stuck { .. } | Outcome::Closed { .. } => {}
        }
        outcomes.push(outcome);
    }
    tern_testkit::no_effect_twice(&lab.world.dir().join(tern_world::devices::LOG_FILE), told);
    outcomes
}

/// How many PIN files of an installation wait for an Installing Supplier.
fn pins(system: &System, chf: ChfIdentifier) -> usize {
    let end = format!("_{chf}.xml");
    let mut count = 0;
    let each = |file: PinFile| -> Result<(), ServiceFault> {
        count += usize::from(file.name.ends_with(&end));
        Ok(())
    };
    system.pin_files(each).expect("reads");
    count
}

fn kinds(outcomes: &[Outcome]) -> BTreeSet<OutcomeKind> {
    outcomes.iter().map(Outcome::kind).collect()
}

const STRIKES: [Strike; 3] = [Strike::Fail, Strike::LoseAnswer, Strike::LoseOrder];

/// The orders of these rows, struck in every way, once and for good.
fn strikes<'a>(rows: impl Iterator<Item = &'a str>) -> Vec<(String, Vec<Struck>)> {
    let mut all = Vec::new();
    for row in std::iter::once("recheck").chain(rows) {
        for strike in STRIKES {
            for times in [1, ALWAYS] {
                let key = format!("/{row}/do");
                all.push((format!("{key} {strike:?} {times}"), vec![Struck::new(&key, strike, times)]));
            }
        }
    }
    all
}

#[test]
fn with_one_step_failing_or_one_answer_lost_every_installation_is_commissioned_or_wholly_back() {
    let all = strikes(steps(GroupId::EA).iter().map(|s| s.row));
    check_strikes(GroupId::EA, Lab::new(plan(4), |_| {}), all);
}

/// Every other group: those of FOC by its own steps, AA, BA and CA as IOC, CB as MOC (MDS), DA as MOC (Secure).
const OTHERS: [GroupId; 7] =
    [GroupId::AA, GroupId::BA, GroupId::CA, GroupId::CB, GroupId::DA, GroupId::EB, GroupId::EC];

/// A group of each cohort but FOC, for each table that it has: CA's gas meters take a revised PIN (3.25).
const COHORTS: [GroupId; 4] = [GroupId::AA, GroupId::CA, GroupId::CB, GroupId::DA];

fn lab_of(group: GroupId) -> Lab {
    let lab = Lab::of(plan(2), &Defect::USUAL, &[group], |_| {});
    assert!(lab.sets.iter().all(|set| set.named().is_some_and(|set| set.group == group)), "{group}");
    lab
}

#[test]
fn every_other_group_is_commissioned_or_wholly_back_as_ea_is() {
    for group in OTHERS {
        let mut all = strikes(steps(group).iter().map(|s| s.row));
        all.retain(|(_, struck)| struck.iter().all(|s| s.strike != Strike::LoseOrder));
        check_strikes(group, lab_of(group), all);
    }
}

#[test]
fn in_every_cohort_a_fault_on_the_way_back_is_overcome_or_ends_stuck_with_a_way_out() {
    for group in COHORTS {
        let mut faults = faults_on_the_way_back(altering(group));
        faults.retain(|fault| fault.strike != Strike::LoseOrder);
        check_way_back(group, lab_of(group), faults);
    }
}

#[test]
fn in_every_cohort_a_crash_loses_nothing_and_repeats_nothing() {
    for group in COHORTS {
        // Only CA's have something that leaves with an outcome.
        let forward = (group == GroupId::CA).then(Vec::new);
        let strikes: Vec<_> = forward.into_iter().chain([way_back(group, None)]).collect();
        check_crashes(&mut lab_of(group), &strikes);
    }
}

/// Runs the set once for each plan of strikes: nothing ends stuck, and enough is rolled back to know that faults bite.
#[track_caller]
fn check_strikes(group: GroupId, mut lab: Lab, strikes: Vec<(String, Vec<Struck>)>) {
    let mut rolled_back = 0;
    for (told, struck) in strikes {
        let told = format!("{group} {told}");
        lab.reset();
        let before = snapshots(&lab);
        let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
        run(&lab, &mut system, struck).expect(&told);
        let outcomes = agree(&lab, &system, &before, &told);
        assert!(!kinds(&outcomes).contains(&OutcomeKind::Stuck), "{told}: {outcomes:?}");
        rolled_back += usize::from(kinds(&outcomes).contains(&OutcomeKind::RolledBack));
    }
    assert!(rolled_back > steps(group).len() / 2, "{group}: faults did not bite: {rolled_back}");
}

/// A failure at the last step, so that everything is undone, and a second fault on the way back.
fn way_back(group: GroupId, fault: Option<Struck>) -> Vec<Struck> {
    let last = steps(group).last().map_or("", |s| s.row);
    std::iter::once(Struck::new(&format!("/{last}/do"), Strike::Fail, ALWAYS)).chain(fault).collect()
}

/// Faults on the way back of these rows: at the undo, and at the question before it.
fn faults_on_the_way_back<'a>(rows: impl Iterator<Item = &'a str>) -> Vec<Struck> {
    let mut all = Vec::new();
    for row in rows {
        for word in ["undo", "probe"] {
            for strike in STRIKES {
                for times in [1, ALWAYS] {
                    all.push(Struck::new(&format!("/{row}/{word}"), strike, times));
                }
            }
        }
    }
    all
}

fn altering(group: GroupId) -> impl Iterator<Item = &'static str> {
    steps(group).iter().filter(|s| s.change.alters()).map(|s| s.row)
}

#[test]
fn a_fault_on_the_way_back_is_overcome_or_ends_stuck_and_visible_with_a_way_out() {
    check_way_back(GroupId::EA, Lab::new(plan(3), |_| {}), faults_on_the_way_back(altering(GroupId::EA)));
}

#[track_caller]
fn check_way_back(group: GroupId, mut lab: Lab, faults: Vec<Struck>) {
    let mut stuck = 0;
    for fault in faults {
        let told = format!("{group} {fault:?}");
        lab.reset();
        let before = snapshots(&lab);
        let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
        run(&lab, &mut system, way_back(group, Some(fault))).expect(&told);
        let outcomes = agree(&lab, &system, &before, &told);
        if kinds(&outcomes).contains(&OutcomeKind::Stuck) {
            stuck += 1;
            resolve_all(&lab, &mut system, &before, &told);
        } else {
            assert_eq!(kinds(&outcomes), BTreeSet::from([OutcomeKind::RolledBack]), "{told}");
        }
    }
    assert!(stuck > 0, "{group}: no fault on the way back ever ended stuck");
}

/// With the fault gone, `tern resolve` brings every stuck installation wholly back.
#[track_caller]
fn resolve_all(lab: &Lab, system: &mut System, before: &BTreeMap<ChfIdentifier, Snapshot>, told: &str) {
    for key in stuck(system) {
        let outcome = system.resolve(&key, None, &mut lab.devices()).expect(told);
        assert_eq!(outcome.kind(), OutcomeKind::RolledBack, "{told}: {key} after resolve");
    }
    let outcomes = agree(lab, system, before, told);
    assert_eq!(kinds(&outcomes), BTreeSet::from([OutcomeKind::RolledBack]), "{told}: after resolve");
}

fn stuck(system: &System) -> Vec<String> {
    let records = system.records().map(|r| r.expect("a record"));
    records.filter(|r| r.migration.state == State::Stuck).map(|r| r.key()).collect()
}

#[test]
fn a_crash_before_or_after_any_durable_write_loses_nothing_and_repeats_nothing() {
    check_crashes(&mut Lab::new(plan(2), |_| {}), &[Vec::new(), way_back(GroupId::EA, None)]);
}

#[track_caller]
fn check_crashes(lab: &mut Lab, strikes: &[Vec<Struck>]) {
    for struck in strikes {
        for cut in Cut::all(durable_writes(lab, struck)) {
            let told = format!("{cut:?}");
            lab.reset();
            let before = snapshots(lab);
            let power = Power::new(cut);
            let crashed = lab.open(&power).and_then(|mut system| run(lab, &mut system, struck.clone()));
            assert!(crashed.is_err() && power.is_off(), "{told}: {crashed:?}");
            let mut system = lab.open(&Power::new(Cut::Never)).expect("opens again");
            run(lab, &mut system, struck.clone()).expect(&told);
            let outcomes = agree(lab, &system, &before, &told);
            let expect = if struck.is_empty() { OutcomeKind::Commissioned } else { OutcomeKind::RolledBack };
            assert_eq!(kinds(&outcomes), BTreeSet::from([expect]), "{told}");
        }
    }
}

/// How many durable writes a run makes.
fn durable_writes(lab: &mut Lab, struck: &[Struck]) -> u64 {
    lab.reset();
    let power = Power::new(Cut::Never);
    run(lab, &mut lab.open(&power).expect("opens"), struck.to_vec()).expect("runs");
    assert!(power.writes() > 30, "only {} durable writes", power.writes());
    power.writes()
}

/// A read before anything is altered and one after; the first row that alters, one in the middle, and the last: every arrow
/// is theirs.
const ROWS: [&str; 5] = ["W1", "B2.1", "W2", "B6.2", "B6.8"];

#[test]
fn every_arrow_of_the_transition_table_is_taken_by_real_flows() {
    let mut lab = Lab::new(plan(2), |_| {});
    let mut taken = arrows_after_crashes(&mut lab);
    let mut plans: Vec<_> = strikes(ROWS.into_iter()).into_iter().map(|(_, struck)| struck).collect();
    for fault in faults_on_the_way_back(ROWS[2..].iter().copied()) {
        plans.push(way_back(GroupId::EA, Some(fault.clone())));
        // The same question on the way forward: the answer to the row itself was lost before.
        let row = fault.key.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
        plans.push(vec![Struck::new(&format!("/{row}/do"), Strike::LoseOrder, ALWAYS), fault]);
    }
    for struck in plans.into_iter().chain([undone_unheard()]) {
        lab.reset();
        let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
        taken.extend(run(&lab, &mut system, struck.clone()).expect("runs"));
        retry_with_the_fault_and_close(&lab, &mut system, struck);
        for record in system.records().map(|r| r.expect("a record")) {
            taken.extend(system.story(record.plan.chf).expect("a story").iter().map(|(_, line)| line.arrow));
        }
    }
    let untaken: Vec<_> = TABLE.iter().filter(|a| !taken.contains(a)).collect();
    assert!(untaken.is_empty(), "never taken by a real flow: {untaken:#?}");
    assert!(taken.iter().all(|a| TABLE.contains(a)));
}

/// The last undo happens and is never heard of, and an earlier one keeps failing: a retry finds nothing left of the one.
fn undone_unheard() -> Vec<Struck> {
    let mut struck = way_back(GroupId::EA, Some(Struck::new("/B6.4/undo", Strike::Fail, ALWAYS)));
    struck.push(Struck::new("/W2/undo", Strike::LoseAnswer, ALWAYS));
    struck.push(Struck { skip: 1, ..Struck::new("/W2/probe", Strike::LoseAnswer, 3) });
    struck
}

/// A person's two ways with what is stuck: tried again while the fault lasts, then closed.
fn retry_with_the_fault_and_close(lab: &Lab, system: &mut System, struck: Vec<Struck>) {
    let lasting: Vec<_> = struck.into_iter().filter(|s| s.times == ALWAYS).collect();
    for key in stuck(system) {
        let retried = with_struck(system, &mut lab.devices(), &lasting, &mut |executor| {
            executor.resolve(&key, None)?;
            Ok(Running::default())
        });
        retried.expect("tried again");
    }
    for key in stuck(system) {
        let closing = Closing { held_by: Holder::Smso, evidence: "site visit 12".to_owned() };
        system.resolve(&key, Some(closing), &mut lab.devices()).expect("closed");
    }
}

/// The arrows that only a crash takes: `Resume` in every state that waits for an answer.
fn arrows_after_crashes(lab: &mut Lab) -> BTreeSet<Arrow> {
    let mut taken = BTreeSet::new();
    let lost = altering(GroupId::EA).map(|row| Struck::new(&format!("/{row}/do"), Strike::LoseAnswer, 1)).collect();
    for struck in [way_back(GroupId::EA, None), lost] {
        for cut in Cut::all(durable_writes(lab, &struck)).filter(|c| matches!(c, Cut::After(_))) {
            lab.reset();
            drop(lab.open(&Power::new(cut)).and_then(|mut system| run(lab, &mut system, struck.clone())));
            let mut system = lab.open(&Power::new(Cut::Never)).expect("opens again");
            taken.extend(run(lab, &mut system, struck.clone()).expect("runs on"));
        }
    }
    taken
}
