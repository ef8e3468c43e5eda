//! A crash between the chunks of a set: nothing that was written counts, and the next attempt comes to the same end.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use tern_model::{ChfIdentifier, Outcome};
use tern_service::parties::Party;
use tern_service::{ServiceFault, System};
use tern_store::{Batch, Expect, Put};
use tern_testkit::{Cut, Lab, Power, results, take};
use tern_wire::role_link::{DcoOrder, DcoRequest};
use tern_world::devices::Installation;

use super::{lab, open};

/// Chunks of two of the five installations of the set.
const AT_ONCE: usize = 2;

fn migrate(lab: &Lab, system: &mut System) -> Result<(), ServiceFault> {
    take(system, &lab.sets[0])?;
    system.commission(None, &mut lab.devices(), &AtomicBool::new(false), &mut |_| {}).map(drop)
}

/// How the set ended, and what each party keeps of it, by kind.
fn ended(lab: &Lab, system: &mut System) -> (BTreeMap<ChfIdentifier, Option<Outcome>>, Vec<u64>) {
    let ends = results(system, lab.sets[0].named().expect("a name"));
    let mut counts = Vec::new();
    let parties: [&mut dyn Party; 4] = [&mut system.dsp, &mut system.s1sp, &mut system.dco, &mut system.commissioning];
    for party in parties {
        for kind in ["set", "refused", "watched", "viable", "export", "package", "migration", "validation"] {
            counts.push(party.store().count(kind).expect("a count"));
        }
    }
    (ends, counts)
}

#[test]
fn a_crash_at_any_durable_write_of_an_intake_in_chunks_is_made_good() {
    let mut lab = lab(5, 400);
    let power = Power::new(Cut::Never);
    let mut system = open(&lab, AT_ONCE, &power).expect("opens");
    take(&mut system, &lab.sets[0]).expect("takes");
    let writes = power.writes();
    migrate(&lab, &mut system).expect("migrates");
    let expected = ended(&lab, &mut system);
    let refused = expected.0.values().filter(|end| matches!(end, Some(Outcome::Refused { .. }))).count();
    assert!((1..5).contains(&refused), "{refused} of 5 are refused");
    drop(system);
    // Three parties write the set in chunks, and keep some files.
    assert!(writes > 25, "only {writes} durable writes");
    let mut packages_without_consent = 0;
    // Before a write is after the one before it, for all that a store knows.
    for cut in Cut::all(writes).filter(|cut| matches!(cut, Cut::After(_) | Cut::Before(1))) {
        lab.reset();
        let power = Power::new(cut);
        let crashed = open(&lab, AT_ONCE, &power).and_then(|mut system| take(&mut system, &lab.sets[0]));
        assert!(power.is_off() && crashed.is_err(), "{cut:?}: {crashed:?}");
        let mut system = open(&lab, AT_ONCE, &Power::new(Cut::Never)).expect("opens again");
        // What was not finished does not count: no party that has no record of the set has sent or instructed anything.
        if system.s1sp.store().count("set") == Ok(0) {
            assert_eq!(system.s1sp.store().count("migration"), Ok(0), "{cut:?}");
        }
        packages_without_consent += no_package_is_consent(&lab, &mut system);
        migrate(&lab, &mut system).unwrap_or_else(|fault| panic!("{cut:?}: {fault}"));
        assert_eq!(ended(&lab, &mut system), expected, "{cut:?}");
    }
    assert!(packages_without_consent > 0, "no crash fell between the DCO's chunks");
}

/// Where the DCO has not judged the set to its end it obeys no order, whatever packages it holds; how many it holds.
fn no_package_is_consent(lab: &Lab, system: &mut System) -> u64 {
    if system.dco.store().count("set") != Ok(0) {
        return 0;
    }
    let set = lab.sets[0].named().expect("a name");
    let what = DcoRequest::QueryMasterKey;
    let order = |i: &Installation| DcoOrder { set, chf: i.hub.chf, device: i.esme.device, what: what.clone() };
    let orders: Vec<DcoOrder> = lab.corpus.devices.iter().map(order).collect();
    for answer in system.dco.obey(&orders, lab.now).expect("answers") {
        answer.expect_err("the DCO has consented to nothing");
    }
    system.dco.store().count("package").expect("a count")
}

#[test]
fn what_an_unfinished_attempt_left_is_forgotten() {
    let lab = lab(2, 0);
    let mut system = open(&lab, AT_ONCE, &Power::new(Cut::Never)).expect("opens");
    let set = lab.sets[0].named().expect("a name");
    let chf = lab.corpus.devices[0].hub.chf;
    let refused = Put {
        kind: "refused",
        key: format!("{set}/{chf}"),
        expect: Expect::Absent,
        version: 1,
        body: br#"["15.6"]"#.to_vec(),
    };

    system.dsp.store().commit(&Batch { puts: vec![refused], ..Batch::default() }).expect("commits");
    assert!(!results(&system, set).contains_key(&chf), "nobody judged the set to its end");
    migrate(&lab, &mut system).expect("migrates");
    let ends = results(&system, set);
    assert!(matches!(ends[&chf], Some(Outcome::Commissioned { .. })), "{ends:?}");
}
