//! The sender's folder is the sender's: what it does to it while a set is taken in changes nothing for good.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tern_model::Outcome;
use tern_service::System;
use tern_testkit::{Cut, Lab, Power, RawFile, results, take};

use super::altered::Striking;
use super::{at_once, lab, open};

/// Every installation ends commissioned.
fn commissions(lab: &Lab, system: &mut System) {
    system.commission(None, &mut lab.devices(), &AtomicBool::new(false), &mut |_| {}).expect("commissions");
    let ends = results(system, lab.sets[0].named().expect("a name"));
    assert_eq!(ends.len(), 3);
    assert!(ends.values().all(|end| matches!(end, Some(Outcome::Commissioned { .. }))), "{ends:?}");
}

#[test]
fn a_folder_that_changes_at_any_moment_of_an_intake_holds_no_set_up_for_good() {
    let mut lab = lab(3, 0);
    for strikes_at in 0.. {
        lab.reset();
        let laid = lab.sets[0].lay();
        let clock = Arc::new(Striking::new(lab.now, strikes_at, laid.folder.dir.clone()));
        let mut system = lab.open_with(at_once(&lab, 2), clock.clone(), &Power::new(Cut::Never)).expect("opens");
        system.take(&laid.folder).unwrap_or_else(|fault| panic!("at moment {strikes_at}: {fault}"));
        if !clock.struck() {
            assert!(strikes_at > 10, "only {strikes_at} moments");
            return;
        }
        take(&mut system, &lab.sets[0]).unwrap_or_else(|fault| panic!("again, at moment {strikes_at}: {fault}"));
        commissions(&lab, &mut system);
    }
}

#[test]
fn a_copy_of_the_common_file_under_the_name_of_a_report_is_no_second_common_file() {
    let lab = lab(3, 0);
    let mut system = open(&lab, 250, &Power::new(Cut::Never)).expect("opens");
    let mut set = lab.sets[0].clone();
    let common = set.files.iter().find(|file| file.name.starts_with("MCF")).expect("there");
    let copy = RawFile { name: common.name.replacen("MCF", "S1SPVR", 1), bytes: common.bytes.clone() };
    set.files.insert(0, copy);
    take(&mut system, &set).expect("takes");
    commissions(&lab, &mut system);
}
