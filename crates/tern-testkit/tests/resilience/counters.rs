//! Invocation counters: none is given away twice under the same keys, whenever the S1SP crashes and comes back.

use std::collections::HashSet;

use tern_cohorts::device::{Row, Whose};
use tern_service::ServiceFault;
use tern_service::executor::Returned;
use tern_service::lanes::{DeviceOrder, Devices};
use tern_testkit::{Cut, Dice, DirectDevices, Lab, Power, Strike, Struck};

use crate::support::{ALWAYS, lab, open, run, take};

/// Crashes, each followed by a restart.
const CYCLES: usize = 1_000;
/// Durable writes between two crashes, at most.
const WRITES_MAX: usize = 6;

/// Devices that note which counters they are asked with.
struct Noting<'a> {
    devices: DirectDevices,
    given: &'a mut HashSet<(Whose, u32)>,
}

impl Devices for Noting<'_> {
    fn call(&mut self, orders: Vec<DeviceOrder>) -> Result<(), ServiceFault> {
        for order in &orders {
            if let Row::Associate { whose }
            | Row::ReadEsme { whose }
            | Row::TransferKeys { whose, .. }
            | Row::SetCertificate { whose, .. } = order.row
            {
                for number in order.access.invocations.clone() {
                    assert!(self.given.insert((whose, number)), "{whose:?} {number} twice, now for {}", order.key);
                }
            }
        }
        self.devices.call(orders)
    }

    fn collect(&mut self, wait: bool) -> Result<Vec<Returned>, ServiceFault> {
        self.devices.collect(wait)
    }
}

/// Every row loses its answer once and is refused on the way back, so that lives are long.
fn troubled() -> Vec<Struck> {
    let mut struck = vec![Struck::new("/do", Strike::LoseAnswer, 1), Struck::new("/B6.8/do", Strike::Fail, ALWAYS)];
    struck.push(Struck::new("/undo", Strike::Fail, 1));
    struck
}

/// One life of an installation, from its set to its end, crashed again and again; how many crashes it had.
fn life(lab: &mut Lab, dice: &mut Dice) -> usize {
    lab.reset();
    take(&mut open(lab), &lab.sets[0]);
    let (mut given, mut crashes) = (HashSet::new(), 0);
    loop {
        let power = Power::new(Cut::After(1 + dice.below(WRITES_MAX) as u64));
        let ran = lab.open(&power).and_then(|mut system| {
            run(&mut system, &mut Noting { devices: lab.devices(), given: &mut given }, &troubled())
        });
        match ran {
            Ok(()) => return crashes,
            Err(fault) => assert!(power.is_off(), "{fault}"),
        }
        crashes += 1;
    }
}

#[test]
fn no_invocation_counter_is_given_away_twice_in_a_thousand_crashes() {
    let mut lab = lab(1);
    let (mut crashes, mut lives) = (0, 0);
    while crashes < CYCLES {
        crashes += life(&mut lab, &mut Dice::new(1, lives));
        lives += 1;
    }
    println!("{crashes} crashes in {lives} lives");
}
