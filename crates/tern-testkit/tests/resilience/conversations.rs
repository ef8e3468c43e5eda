//! Conversations with devices that break off at a random byte, forwards and on the way back: afterwards every device is
//! reachable by exactly one side, and none that answers again stays stuck.

use std::collections::BTreeMap;

use tern_cohorts::device::{DeviceError, Reply, Row, Whose};
use tern_cohorts::{Answer, Keys};
use tern_model::{ChfIdentifier, OutcomeKind};
use tern_service::executor::{Access, InstallationRecord, Numbers};
use tern_service::lanes::{DeviceOrder, carry_out};
use tern_testkit::{Breaks, Dice, Lab, LabPlan, Struck, own_associations};

use crate::support::{check, held, named, open, run, take, way_back};

/// Installations of a laboratory; each is broken at a byte of its own.
const INSTALLATIONS: usize = 100;
/// So often each is broken going forwards, and so often on a way that comes back.
const ROUNDS: [u64; 2] = [7, 3];

#[test]
fn a_thousand_conversations_broken_at_a_random_byte_leave_each_device_with_exactly_one_side() {
    let plan =
        LabPlan { installations: INSTALLATIONS, seed: 7, defects_permille: 0, faults: 0, set_size: INSTALLATIONS };
    let mut lab = Lab::new(plan, |_| {});
    let mut ends = BTreeMap::new();
    for (struck, rounds) in [Vec::new(), way_back()].into_iter().zip(ROUNDS) {
        let lengths = lengths(&mut lab, &struck);
        for round in 0..rounds {
            for kind in broken(&mut lab, &struck, round, &lengths) {
                *ends.entry(kind).or_insert(0) += 1;
            }
        }
    }
    println!("{} conversations broken off: {ends:?}", INSTALLATIONS as u64 * ROUNDS.iter().sum::<u64>());
    assert!(!ends.contains_key(&OutcomeKind::Stuck), "{ends:?}");
}

/// How many bytes each installation's conversations have when none breaks off.
fn lengths(lab: &mut Lab, struck: &[Struck]) -> BTreeMap<ChfIdentifier, u64> {
    lab.reset();
    let breaks = Breaks::default();
    let mut system = open(lab);
    take(&mut system, &lab.sets[0]);
    run(&mut system, &mut lab.devices_over(breaks.on(lab.connect())), struck).expect("runs");
    lab.world.installations().map(|chf| (chf, breaks.passed(chf))).collect()
}

/// One run in which each installation's conversation breaks off once; how they ended.
fn broken(lab: &mut Lab, struck: &[Struck], round: u64, lengths: &BTreeMap<ChfIdentifier, u64>) -> Vec<OutcomeKind> {
    lab.reset();
    let before = held(lab);
    let breaks = Breaks::default();
    for (chf, length) in lengths {
        breaks.at(*chf, Dice::new(round, chf.0.0).number() % length);
    }
    let mut system = open(lab);
    take(&mut system, &lab.sets[0]);
    run(&mut system, &mut lab.devices_over(breaks.on(lab.connect())), struck).expect("runs");
    // An installation that went another way after an earlier lost answer may be through before its byte comes.
    assert!(breaks.unbroken() < INSTALLATIONS / 10, "{} were never broken off", breaks.unbroken());
    let told = format!("round {round} of {struck:?}");
    let ends = tern_testkit::results(&system, named(&lab.sets[0]));
    check(lab, &mut system, named(&lab.sets[0]), &before, &told);
    for record in system.records().map(|record| record.expect("a record")).collect::<Vec<_>>() {
        let chf = record.plan.chf;
        let open = |whose| opens(lab, &record, whose);
        assert_ne!(open(Whose::Smso), open(Whose::S1sp), "{told}: {chf} is not with exactly one side");
    }
    ends.into_values().map(|end| end.expect("ended").kind()).collect()
}

/// Whether the ESME opens its management association to these keys.
fn opens(lab: &Lab, record: &InstallationRecord, whose: Whose) -> bool {
    let mut record = record.clone();
    let keys: Keys = record.keys.open(&lab.s1sp_seal(), &record.plan).expect("opens");
    let Numbers { invocations, transactions } = record.reserve().expect("numbers");
    let gsme = record.plan.gsme.as_ref().map(|gsme| gsme.expected.device);
    let order = DeviceOrder {
        ticket: 0,
        key: String::new(),
        group: record.plan.set.group,
        chf: record.plan.chf,
        esme: record.plan.esme.device,
        access: Access {
            gsme,
            associations: own_associations(record.plan.set.group),
            keys,
            invocations,
            transactions,
            hub_key: record.plan.hub_key,
        },
        row: Row::Associate { whose },
    };
    match carry_out(&order, &lab.connect(), &lab.identity()).answer {
        Some(Answer::Device(Ok(Reply::Done))) => true,
        Some(Answer::Device(Err(DeviceError::KeyRejected))) => false,
        other => panic!("{other:?}"),
    }
}
