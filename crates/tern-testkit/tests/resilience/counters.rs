//! Invocation counters and transactions: none is given away twice, whenever the S1SP crashes and comes back.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use tern_cohorts::device::{Row, Whose};
use tern_service::ServiceFault;
use tern_service::executor::Returned;
use tern_service::lanes::{DeviceOrder, Devices};
use tern_testkit::{Cut, Dice, DirectDevices, Lab, Power, Strike, Struck};

use crate::support::{ALWAYS, lab, open, run, take};

/// Crashes, each followed by a restart.
const CYCLES: usize = 1_000;
/// As many at least in a soak.
const SOAK_CYCLES: usize = 10_000;
/// Durable writes between two crashes, at most.
const WRITES_MAX: usize = 6;

/// Devices that note which counters they are asked with.
struct Noting<'a> {
    devices: DirectDevices,
    given: &'a mut HashSet<(Whose, u32)>,
    signed: &'a mut HashSet<u64>,
}

impl Devices for Noting<'_> {
    fn call(&mut self, orders: Vec<DeviceOrder>) -> Result<(), ServiceFault> {
        for order in &orders {
            for number in order.access.transactions.clone() {
                assert!(self.signed.insert(number), "transaction {number} twice, now for {}", order.key);
            }
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
    let (mut given, mut signed, mut crashes) = (HashSet::new(), HashSet::new(), 0);
    loop {
        let power = Power::new(Cut::After(1 + dice.below(WRITES_MAX) as u64));
        let ran = lab.open(&power).and_then(|mut system| {
            run(
                &mut system,
                &mut Noting { devices: lab.devices(), given: &mut given, signed: &mut signed },
                &troubled(),
            )
        });
        match ran {
            Ok(()) => return crashes,
            Err(fault) => assert!(power.is_off(), "{fault}"),
        }
        crashes += 1;
    }
}

/// What `cargo xtask soak` asks for; nothing in `cargo xtask test`.
fn asked(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn no_invocation_counter_twice() {
    let mut lab = lab(1);
    let (started, soaked) = (Instant::now(), asked("TERN_SOAK_SEED"));
    let (wanted, seed) = (if soaked.is_some() { SOAK_CYCLES } else { CYCLES }, soaked.unwrap_or(1));
    let only = asked("TERN_SOAK_ONLY");
    let until = started + Duration::from_secs(60 * asked("TERN_SOAK_MINUTES").unwrap_or(0));
    let (mut crashes, mut lives) = (0, only.unwrap_or(0));
    while crashes < wanted || Instant::now() < until {
        if soaked.is_some() {
            println!("repeat with: cargo xtask soak --seed {seed} --only {lives} no_invocation_counter_twice");
        }
        crashes += life(&mut lab, &mut Dice::new(seed, lives));
        lives += 1;
        if only.is_some() {
            break;
        }
    }
    println!("no_invocation_counter_twice: seed {seed}, {crashes} crashes in {lives} lives");
}
