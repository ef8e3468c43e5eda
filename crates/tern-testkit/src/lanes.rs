//! Faults on the executor's lanes: one order fails, or its answer is lost after the effect, by plan.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use tern_cohorts::device::DeviceError;
use tern_cohorts::{Answer, Order as What};
use tern_service::executor::{Executor, Lanes, Order, Returned, Running};
use tern_service::lanes::Devices;
use tern_service::{ServiceFault, System};
use tern_wire::role_link::LinkRefusal;

/// What strikes an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strike {
    /// It fails, and had no effect; the device says that it may be tried again.
    Fail,
    /// It is carried out, and its answer is lost.
    LoseAnswer,
    /// It is lost on its way: never carried out, and never answered.
    LoseOrder,
}

/// Which orders are struck: those whose effect key ends so (`B6.2/do`), and how often each.
#[derive(Debug, Clone)]
pub struct Struck {
    /// End of the effect key.
    pub key: String,
    /// How.
    pub strike: Strike,
    /// How many such orders of an installation pass before.
    pub skip: u32,
    /// How many are struck then.
    pub times: u32,
}

impl Struck {
    /// Every order whose effect key ends so is struck so many times, from the first on.
    #[must_use]
    pub fn new(key: &str, strike: Strike, times: u32) -> Struck {
        Struck { key: key.to_owned(), strike, skip: 0, times }
    }
}

/// Hands `run` an executor whose lanes strike as planned.
///
/// # Errors
/// As [`System::with_executor`].
pub fn with_struck(
    system: &mut System,
    devices: &mut dyn Devices,
    struck: &[Struck],
    run: &mut dyn FnMut(&mut Executor<'_>) -> Result<Running, ServiceFault>,
) -> Result<Running, ServiceFault> {
    let mut wrap = |lanes: &mut dyn Lanes, run: &mut dyn FnMut(&mut dyn Lanes) -> Result<Running, ServiceFault>| {
        run(&mut FaultyLanes::new(lanes, struck.to_vec()))
    };
    system.with_executor(devices, Some(&mut wrap), run)
}

/// Commissions whatever is open, on lanes that strike as planned.
///
/// # Errors
/// As [`System::commission`].
pub fn commission(system: &mut System, devices: &mut dyn Devices, struck: &[Struck]) -> Result<Running, ServiceFault> {
    with_struck(system, devices, struck, &mut |executor| executor.run(None, &AtomicBool::new(false), &mut |_| {}))
}

/// Lanes on which orders are struck.
pub struct FaultyLanes<'a> {
    lanes: &'a mut dyn Lanes,
    plan: Vec<Struck>,
    seen: BTreeMap<(usize, String), u32>,
    lost: Vec<u64>,
    /// What is known without asking anybody.
    failed: Vec<Returned>,
}

impl<'a> FaultyLanes<'a> {
    /// Lanes over others, with a plan.
    pub fn new(lanes: &'a mut dyn Lanes, plan: Vec<Struck>) -> FaultyLanes<'a> {
        FaultyLanes { lanes, plan, seen: BTreeMap::new(), lost: Vec::new(), failed: Vec::new() }
    }

    fn strikes(&mut self, key: &str) -> Option<Strike> {
        for (at, entry) in self.plan.iter().enumerate() {
            if key.ends_with(&entry.key) {
                let seen = self.seen.entry((at, key.to_owned())).or_default();
                *seen += 1;
                if *seen > entry.skip && *seen - entry.skip <= entry.times {
                    return Some(entry.strike);
                }
            }
        }
        None
    }
}

impl Lanes for FaultyLanes<'_> {
    fn submit(&mut self, orders: Vec<Order>) -> Result<(), ServiceFault> {
        let mut on = Vec::new();
        for order in orders {
            match self.strikes(&order.key) {
                Some(Strike::Fail) => {
                    self.failed.push(Returned { ticket: order.ticket, answer: Some(failure(&order.what)) });
                }
                Some(Strike::LoseAnswer) => {
                    self.lost.push(order.ticket);
                    on.push(order);
                }
                Some(Strike::LoseOrder) => self.failed.push(Returned { ticket: order.ticket, answer: None }),
                None => on.push(order),
            }
        }
        self.lanes.submit(on)
    }

    fn collect(&mut self) -> Result<Vec<Returned>, ServiceFault> {
        let mut returned = std::mem::take(&mut self.failed);
        returned.extend(self.lanes.collect()?);
        for r in &mut returned {
            if let Some(at) = self.lost.iter().position(|t| *t == r.ticket) {
                self.lost.swap_remove(at);
                r.answer = None;
            }
        }
        Ok(returned)
    }
}

fn failure(what: &What) -> Answer {
    let refusal = || LinkRefusal { code: "TEST".to_owned(), reason: "struck by the test".to_owned() };
    match what {
        What::Device(_) => Answer::Device(Err(DeviceError::Failed { reason: "struck by the test".to_owned() })),
        What::Dco(_) => Answer::Dco(Err(refusal())),
        What::Dsp(_) => Answer::Dsp(Err(refusal())),
    }
}
