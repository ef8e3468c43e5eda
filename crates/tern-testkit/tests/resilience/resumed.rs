//! What changed between a crash or a stop and what follows it: certificates, configuration, other sets.

use std::collections::BTreeSet;

use tern_model::{OutcomeKind, Role};
use tern_service::parties::Party;
use tern_testkit::{Cut, Lab, Power, Strike, Struck, results};

use crate::support::{
    ALWAYS, check, crashed, held, issue, lab, later_sets, migrate, named, open, record, revoke, run, take, way_back,
};

#[test]
fn a_new_certificate_and_another_apn_between_crash_and_resume_confuse_nobody() {
    // What was touched under the former certificate is taken back; what was not comes under the new one.
    let forwards = BTreeSet::from([OutcomeKind::Commissioned, OutcomeKind::RolledBack]);
    for (struck, ends) in [(Vec::new(), forwards), (way_back(), BTreeSet::from([OutcomeKind::RolledBack]))] {
        let (mut lab, mut ended) = (lab(1), BTreeSet::new());
        for write in 1..durable_writes(&lab, &struck) {
            let told = format!("after write {write}");
            lab.reset();
            let before = held(&lab);
            crashed(&lab, write, &struck);
            revoke(&lab, "s1sp");
            issue(&lab, Role::S1sp, "s1sp");
            let mut system = open(&lab);
            system.config.commissioning.dcc_apn = "dcc.another".to_owned();
            run(&mut system, &mut lab.devices(), &struck).expect(&told);
            ended.extend(check(&lab, &mut system, named(&lab.sets[0]), &before, &told));
        }
        assert_eq!(ended, ends, "{struck:?}");
    }
}

/// How many durable writes a commissioning makes.
fn durable_writes(lab: &Lab, struck: &[Struck]) -> u64 {
    take(&mut open(lab), &lab.sets[0]);
    let power = Power::new(Cut::Never);
    run(&mut lab.open(&power).expect("opens"), &mut lab.devices(), struck).expect("runs");
    assert!(power.writes() > 20, "only {} durable writes", power.writes());
    power.writes()
}

#[test]
fn what_was_in_flight_comes_first_although_another_set_is_named() {
    let lab = lab(2);
    let before = held(&lab);
    crashed(&lab, 12, &[]);
    let mut system = open(&lab);
    migrate(&lab, &mut system, &lab.sets[1..]).expect("the second set");
    for set in &lab.sets {
        let kinds = check(&lab, &mut system, named(set), &before, &set.dir.display().to_string());
        assert_eq!(kinds, BTreeSet::from([OutcomeKind::Commissioned]));
    }
    let updated = |set| {
        let chf = *results(&system, set).keys().next().expect("one");
        record(&system, chf, set).updated
    };
    assert!(updated(named(&lab.sets[0])) <= updated(named(&lab.sets[1])), "the first set came behind the second");
}

/// The DCO's key packages, as they are stored.
fn packages(system: &mut tern_service::System) -> Vec<(String, Vec<u8>)> {
    let found = system.dco.store().scan("package", None, 9).expect("the packages");
    found.into_iter().map(|(key, record)| (key, record.body)).collect()
}

#[test]
fn the_key_package_of_a_stuck_installation_outlives_a_later_set_that_names_the_same_meter() {
    let lab = lab(1);
    let before = held(&lab);
    let mut system = open(&lab);
    take(&mut system, &lab.sets[0]);
    let mut struck = way_back();
    struck.push(Struck::new("/B6.4/undo", Strike::Fail, ALWAYS));
    run(&mut system, &mut lab.devices(), &struck).expect("runs");
    let kept = packages(&mut system);
    assert_eq!(kept.len(), 1);

    let later = later_sets(&lab, "LATER");
    take(&mut system, &later[0]);
    let refused = results(&system, named(&later[0])).into_values().flatten().map(|o| o.kind());
    assert_eq!(refused.collect::<Vec<_>>(), [OutcomeKind::Refused]);
    let now = packages(&mut system);
    assert!(now.contains(&kept[0]), "the DCO no longer holds the package of the stuck installation");

    let kinds = check(&lab, &mut system, named(&lab.sets[0]), &before, "with the fault gone");
    assert_eq!(kinds, BTreeSet::from([OutcomeKind::Stuck]));
}
