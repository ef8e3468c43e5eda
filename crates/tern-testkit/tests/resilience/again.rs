//! What an installation that comes again in a new set must not bring again: numbers under keys that were used before. And
//! what one device says in the clear must never hold up any other.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use tern_cohorts::device::{Row, Whose};
use tern_dlms::apdu::{Apdu, GetResponse};
use tern_dlms::{Codec, Data};
use tern_model::{Outcome, OutcomeKind};
use tern_service::ServiceFault;
use tern_service::executor::Returned;
use tern_service::lanes::{Connect, DeviceOrder, Devices};
use tern_testkit::{DirectDevices, Lab, Meddle, meddling};

use crate::support::{lab, later_sets, named, open, record, run, take, way_back};

/// Devices that note the counters that are given away under the SMSO's keys, and the transactions.
struct Deaf<'a> {
    devices: DirectDevices,
    given: &'a mut HashSet<u32>,
    signed: &'a mut HashSet<u64>,
}

impl Devices for Deaf<'_> {
    fn call(&mut self, orders: Vec<DeviceOrder>) -> Result<(), ServiceFault> {
        for order in &orders {
            for number in order.access.transactions.clone() {
                assert!(self.signed.insert(number), "transaction {number} twice, now for {}", order.key);
            }
            if let Row::Associate { whose: Whose::Smso } | Row::ReadEsme { whose: Whose::Smso } = order.row {
                for number in order.access.invocations.clone() {
                    assert!(self.given.insert(number), "{number} twice, now for {}", order.key);
                }
            }
        }
        self.devices.call(orders)
    }

    fn collect(&mut self, wait: bool) -> Result<Vec<Returned>, ServiceFault> {
        self.devices.collect(wait)
    }
}

/// Such devices, behind somebody who says that their meters never heard anything.
fn deaf<'a>(lab: &Lab, given: &'a mut HashSet<u32>, signed: &'a mut HashSet<u64>) -> Deaf<'a> {
    Deaf { signed, devices: lab.devices_over(meddling(lab.connect(), saying(0, 0))), given }
}

#[test]
fn a_new_set_uses_no_number_of_an_earlier_one_although_the_meter_says_that_it_heard_none() {
    let lab = lab(1);
    let (mut given, mut signed) = (HashSet::new(), HashSet::new());
    let mut system = open(&lab);
    take(&mut system, &lab.sets[0]);
    run(&mut system, &mut deaf(&lab, &mut given, &mut signed), &way_back()).expect("runs");
    let before = (given.len(), signed.len());
    let later = later_sets(&lab, "LATER");
    take(&mut system, &later[0]);
    run(&mut system, &mut deaf(&lab, &mut given, &mut signed), &way_back()).expect("runs");
    assert!(before.0 > 0 && given.len() > before.0, "{before:?}, then {}", given.len());
    assert!(before.1 > 0 && signed.len() > before.1, "{before:?}, then {}", signed.len());
}

#[test]
fn a_meter_that_says_that_its_counters_are_used_up_holds_up_nobody_else() {
    let lab = lab(2);
    let mut system = open(&lab);
    lab.sets.iter().for_each(|set| take(&mut system, set));
    let liar = lab.world.installations().next().expect("two");
    let (honest, lying) = (lab.connect(), meddling(lab.connect(), saying(u32::MAX, 0)));
    let connect: Connect = Arc::new(move |chf| if chf == liar { lying(chf) } else { honest(chf) });
    run(&mut system, &mut lab.devices_over(connect), &[]).expect("runs");
    let mut kinds = BTreeSet::new();
    for set in &lab.sets {
        for (chf, outcome) in tern_testkit::results(&system, named(set)) {
            let kind = outcome.expect("ended").kind();
            assert_eq!(kind == OutcomeKind::RolledBack, chf == liar, "{chf}: {kind}");
            kinds.insert(kind);
        }
    }
    assert_eq!(kinds, BTreeSet::from([OutcomeKind::Commissioned, OutcomeKind::RolledBack]));
}

#[test]
fn whoever_says_that_a_hubs_transactions_are_used_up_does_not_use_them_up() {
    let lab = lab(1);
    let mut system = open(&lab);
    take(&mut system, &lab.sets[0]);
    let connect = meddling(lab.connect(), saying(0, u64::MAX));
    run(&mut system, &mut lab.devices_over(connect), &[]).expect("runs");
    let chf = lab.world.installations().next().expect("one");
    let set = named(&lab.sets[0]);
    assert_eq!(tern_testkit::results(&system, set)[&chf].as_ref().map(Outcome::kind), Some(OutcomeKind::RolledBack));

    let later = later_sets(&lab, "LATER");
    take(&mut system, &later[0]);
    let connect = meddling(lab.connect(), saying(0, 1 << 40));
    run(&mut system, &mut lab.devices_over(connect), &[]).expect("runs");
    let record = record(&system, chf, named(&later[0]));
    assert_eq!(record.migration.outcome().map(|outcome| outcome.kind()), Some(OutcomeKind::Commissioned));
    assert!(record.transactions < 1000, "{}", record.transactions);
}

/// Somebody on the line: every invocation counter that is told in the clear is this one, and so is every transaction.
fn saying(counter: u32, transaction: u64) -> Meddle {
    Arc::new(move |_, asked, device| {
        let mut answer = device(asked)?;
        if let Ok(Apdu::GetResponse(GetResponse::Normal { invoke, result: Ok(data) })) = Apdu::decode(&answer.apdu) {
            let told = match data {
                Data::DoubleLongUnsigned(_) => Data::DoubleLongUnsigned(counter),
                Data::Long64Unsigned(_) => Data::Long64Unsigned(transaction),
                data => data,
            };
            answer.apdu = Apdu::GetResponse(GetResponse::Normal { invoke, result: Ok(told) }).to_bytes();
        }
        Some(answer)
    })
}
