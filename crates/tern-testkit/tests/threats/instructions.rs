//! Instructions that are altered between S1SP and DCO while installations are commissioned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use tern_cohorts::{Answer, Order as What};
use tern_model::{ChfIdentifier, DeviceId, Eui64, Outcome};
use tern_service::ServiceFault;
use tern_service::executor::{Lanes, Order, Returned, Running};
use tern_testkit::{Cut, Lab, LabPlan, Power, results, take};
use tern_wire::role_link::DcoRequest;

const INSTALLATIONS: usize = 25;

/// Lanes on which one field of each installation's instruction is another one.
struct Altering<'a> {
    lanes: &'a mut dyn Lanes,
    /// End of the effect key.
    key: &'a str,
    alter: &'a dyn Fn(usize, &mut DcoRequest) -> bool,
    /// The place of each installation: which alteration it gets.
    places: &'a BTreeMap<ChfIdentifier, usize>,
    altered: BTreeMap<u64, ChfIdentifier>,
    /// Under which code the DCO refused.
    refused: &'a mut BTreeMap<ChfIdentifier, BTreeSet<String>>,
}

impl Lanes for Altering<'_> {
    fn submit(&mut self, mut orders: Vec<Order>) -> Result<(), ServiceFault> {
        for order in &mut orders {
            if let (What::Dco(request), true) = (&mut order.what, order.key.ends_with(self.key))
                && (self.alter)(self.places[&order.chf], request)
            {
                self.altered.insert(order.ticket, order.chf);
            }
        }
        self.lanes.submit(orders)
    }

    fn collect(&mut self) -> Result<Vec<Returned>, ServiceFault> {
        let returned = self.lanes.collect()?;
        for one in &returned {
            if let Some(chf) = self.altered.remove(&one.ticket) {
                let Some(Answer::Dco(Err(refusal))) = &one.answer else { panic!("{chf}: {:?}", one.answer) };
                self.refused.entry(chf).or_default().insert(refusal.code.clone());
            }
        }
        Ok(returned)
    }
}

/// Flips a bit of an instruction; the installations together reach from its first byte to its last.
fn flip(place: usize, bytes: &mut [u8]) {
    let at = place * (bytes.len() - 1) / (INSTALLATIONS - 1);
    bytes[at] ^= 1 << (place % 8);
}

/// Commissions with these alterations, and checks that each installation is as it was.
#[track_caller]
fn altered(lab: &mut Lab, key: &str, code: &str, alter: &dyn Fn(usize, &mut DcoRequest) -> bool) {
    lab.reset();
    let places: BTreeMap<_, _> = lab.world.installations().zip(0..).collect();
    let before: Vec<_> = places.keys().map(|chf| lab.world.snapshot(*chf)).collect();
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    take(&mut system, &lab.sets[0]).expect("is taken in");
    let mut refused = BTreeMap::new();
    let mut wrap = |lanes: &mut dyn Lanes, run: &mut dyn FnMut(&mut dyn Lanes) -> Result<Running, ServiceFault>| {
        let (altered, refused) = (BTreeMap::new(), &mut refused);
        run(&mut Altering { lanes, key, alter, places: &places, altered, refused })
    };
    let mut run =
        |executor: &mut tern_service::executor::Executor<'_>| executor.run(None, &AtomicBool::new(false), &mut |_| {});
    system.with_executor(&mut lab.devices(), Some(&mut wrap), &mut run).expect("comes to an end");
    for (chf, outcome) in results(&system, lab.sets[0].named().expect("a named set")) {
        assert!(matches!(outcome, Some(Outcome::RolledBack { .. })), "{key}: {chf} {outcome:?}");
        assert_eq!(refused.get(&chf), Some(&BTreeSet::from([code.to_owned()])), "{key}: {chf}");
        assert!(system.dsp.inventory(chf.into()).expect("the inventory").is_none());
    }
    let after: Vec<_> = places.keys().map(|chf| lab.world.snapshot(*chf)).collect();
    assert_eq!(after, before, "{key}");
}

#[test]
fn an_instruction_that_is_altered_before_the_dco_ends_wholly_back() {
    let plan =
        LabPlan { installations: INSTALLATIONS, seed: 9, defects_permille: 0, faults: 0, set_size: INSTALLATIONS };
    let mut lab = Lab::new(plan, |_| {});
    let bytes = |place: usize, request: &mut DcoRequest| match request {
        DcoRequest::MakeCritical { instruction, .. }
        | DcoRequest::FillKeyTransfer { instruction, .. }
        | DcoRequest::FillMasterKeyTransfer { instruction, .. } => {
            flip(place, instruction);
            true
        }
        _ => false,
    };
    for key in ["/B2.3/do", "/B6.1/do", "/B6.4/do", "/B6.8/do"] {
        altered(&mut lab, key, "P-dual-control", &bytes);
    }
    // Opens the supply: class 70, 0.0.96.3.10.255, method 1.
    let supply = |_: usize, request: &mut DcoRequest| match request {
        DcoRequest::MakeCritical { instruction, .. } => {
            *instruction = vec![0xC3, 0x01, 0xC1, 0x00, 0x46, 0x00, 0x00, 0x60, 0x03, 0x0A, 0xFF, 0x01, 0x00];
            true
        }
        _ => false,
    };
    altered(&mut lab, "/B2.3/do", "P-dual-control", &supply);
    let keys = |place: usize, request: &mut DcoRequest| match request {
        DcoRequest::FillKeyTransfer { sealed, .. } => {
            flip(place, sealed);
            true
        }
        _ => false,
    };
    altered(&mut lab, "/B6.1/do", "P-dual-control", &keys);
    let joins = |place: usize, request: &mut DcoRequest| match request {
        DcoRequest::Join { devices } => {
            let at = place % devices.len();
            devices[at].0 = DeviceId(Eui64(devices[at].0.0.0 ^ 1 << (place % 64)));
            true
        }
        _ => false,
    };
    altered(&mut lab, "/B6.8/do", "P-dual-control", &joins);
    let evidence = |place: usize, request: &mut DcoRequest| match request {
        DcoRequest::VerifyCritical { answer: evidence, .. } | DcoRequest::Activate { evidence } => {
            flip(place, evidence);
            true
        }
        _ => false,
    };
    altered(&mut lab, "/B2.4/do", "P-critical-answer", &evidence);
    altered(&mut lab, "/B6.8/do", "P-critical-answer", &evidence);
}
