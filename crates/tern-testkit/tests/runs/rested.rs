//! What the DSP keeps of an installation to judge it by once more: there as long as the installation may go on under its set,
//! gone once it rests, whoever refused it and wherever a crash falls.

use tern_model::{GroupId, OutcomeKind, SetId};
use tern_service::System;
use tern_service::parties::Party;
use tern_testkit::{Cut, Lab, LabPlan, Power, Strike, Struck, commission, results, take};
use tern_world::corpus::Defect;

/// One installation that DSP, S1SP and DCO each refuse, one that turns back, and two without a defect.
fn mixed() -> Lab {
    let kinds =
        [Defect::ChangeOfImportSupplier, Defect::ImsiMalformed, Defect::MasterKeyMisplaced, Defect::WrongKeyBit];
    let plan = LabPlan { installations: 6, seed: 29, defects_permille: 660, faults: 0, set_size: 6 };
    Lab::of(plan, &kinds, &[GroupId::EA], |_| {})
}

fn named(lab: &Lab) -> SetId {
    lab.sets[0].named().expect("a name")
}

/// How many installations the DSP watches, and of how many it has not heard that they rest.
fn kept(system: &mut System) -> (u64, u64) {
    let count = |store: &mut dyn tern_store::Store, kind| store.count(kind).expect("a count");
    (count(system.dsp.store(), "watched"), count(system.s1sp.store(), "untold"))
}

#[test]
fn what_is_watched_goes_with_the_installation_and_stays_with_one_that_is_stuck() {
    let lab = mixed();
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    take(&mut system, &lab.sets[0]).expect("takes");
    // Of those that S1SP or DCO refused the DSP has not heard, nor of the one that itself refused.
    assert_eq!(kept(&mut system), (5, 3));
    let way_back = ["/B6.8/do", "/W2/undo"].map(|key| Struck::new(key, Strike::Fail, u32::MAX));
    commission(&mut system, &mut lab.devices(), &way_back).expect("runs");
    let ends = results(&system, named(&lab));
    let of = |kind| ends.values().flatten().filter(|end| end.kind() == kind).count();
    assert_eq!((of(OutcomeKind::Refused), of(OutcomeKind::Stuck)), (3, 3), "{ends:?}");
    assert_eq!(kept(&mut system), (3, 0));
    let stuck: Vec<_> = system.records().map(|one| one.expect("a record").key()).collect();
    for key in stuck {
        system.resolve(&key, None, &mut lab.devices()).expect("resolved");
    }
    assert_eq!(kept(&mut system), (0, 0));
}

#[test]
fn a_crash_at_any_durable_write_takes_nothing_too_early_and_leaves_nothing_for_good() {
    let mut lab = mixed();
    let migrate = |lab: &Lab, system: &mut System| {
        take(system, &lab.sets[0])?;
        commission(system, &mut lab.devices(), &[]).map(drop)
    };
    let power = Power::new(Cut::Never);
    let mut system = lab.open(&power).expect("opens");
    migrate(&lab, &mut system).expect("migrates");
    assert_eq!(kept(&mut system), (0, 0));
    drop(system);
    let (mut watched_at_rest, mut untold) = (0, 0);
    for write in 1..=power.writes() {
        lab.reset();
        let power = Power::new(Cut::After(write));
        lab.open(&power).and_then(|mut system| migrate(&lab, &mut system)).expect_err("a crash");
        let mut system = lab.open(&Power::new(Cut::Never)).expect("opens again");
        if system.dsp.store().count("set") == Ok(1) {
            for (chf, end) in results(&system, named(&lab)) {
                let watched = system.dsp.store().get("watched", &format!("{}/{chf}", named(&lab))).expect("reads");
                match end.map(|end| end.kind()) {
                    None | Some(OutcomeKind::Stuck) => {
                        assert!(watched.is_some(), "{chf} may go on and is not watched, after write {write}");
                    }
                    Some(_) => watched_at_rest += usize::from(watched.is_some()),
                }
            }
            untold += kept(&mut system).1;
        }
        migrate(&lab, &mut system).unwrap_or_else(|fault| panic!("after write {write}: {fault}"));
        assert_eq!(kept(&mut system), (0, 0), "after write {write}");
    }
    assert!(watched_at_rest > 0 && untold > 0, "no crash fell between rest and its being told");
}
