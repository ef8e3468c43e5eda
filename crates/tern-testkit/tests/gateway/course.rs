//! A request's course over time: held, taken back, without an answer, answered late, and a device's answer that was lost.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use tern_cohorts::Transport;
use tern_model::GroupId;
use tern_service::clock::Clock;
use tern_service::lanes::Connect;
use tern_testkit::{Cut, Power};
use tern_wire::duis::Draft;

use crate::bench::{COUNTER, bench, read_registers, reply, served};
use crate::crashes::effects;

/// Longer than anything takes that is not to come.
const QUIET: Duration = Duration::from_millis(1_500);
/// Held requests of the same kind are taken back by this moment.
const NEVER: &str = "3000-12-31T00:00:00Z";

fn at(body: Draft, due: &str) -> Draft {
    body.with(Draft::leaf("ExecutionDateTime", due))
}

#[test]
fn what_is_held_of_a_service_and_device_is_taken_back_and_nothing_else() {
    let bench = bench();
    let home = bench.home(GroupId::CA);
    let letterbox = bench.letterbox(&home.supplier);
    let plan = bench.plan().reached_at(&home.supplier, letterbox.address);
    let service = served(&bench, plan);
    let user = service.user(&home.supplier);
    let due = |hours| format!("{:.3}", bench.clock.now() + SignedDuration::from_hours(hours));
    let code = |counter: u64, device, srv: &str, body| {
        let request = user.request_to(device, COUNTER + counter, srv, body);
        user.asks("serviceS", &request, bench.clock.now()).header().code.to_string()
    };
    // Two of one service for one meter, one of another service, and one for the gas meter.
    assert_eq!(code(0, home.esme, "4.1.1", at(read_registers(), &due(1))), "I99");
    assert_eq!(code(1, home.esme, "4.1.1", at(read_registers(), &due(2))), "I99");
    assert_eq!(code(2, home.esme, "7.4", Draft::new("ReadSupplyStatus")), "I99");
    assert_eq!(counter(&reply(&user, &letterbox, &bench)), 2);
    assert_eq!(code(3, home.chf.into(), "11.2", Draft::new("ReadFirmwareVersion")), "I99");
    assert_eq!(counter(&reply(&user, &letterbox, &bench)), 3);

    assert_eq!(code(4, home.esme, "4.1.1", at(read_registers(), NEVER)), "I99");
    let taken_back = reply(&user, &letterbox, &bench);
    assert_eq!((counter(&taken_back), taken_back.header().code.as_str()), (4, "I0"));
    assert!(taken_back.nested().is_none(), "no device had to do with it");
    assert_eq!(code(5, home.esme, "4.1.1", at(read_registers(), &due(1))), "I99", "after that it is held again");
    bench.clock.step(SignedDuration::from_hours(3));
    assert_eq!(counter(&reply(&user, &letterbox, &bench)), 5);
    assert_eq!(letterbox.next_within(QUIET), None, "what was taken back is not carried out");
    service.stop().expect("a clean end");
}

fn counter(reply: &tern_wire::duis::Response) -> u64 {
    reply.header().response_id.expect("a ResponseID").request().counter - COUNTER
}

#[test]
fn a_user_is_told_that_no_response_came_and_gets_the_late_answer_once() {
    let bench = bench();
    let home = bench.home(GroupId::CB);
    let letterbox = bench.letterbox(&home.supplier);
    let mut plan = bench.plan().reached_at(&home.supplier, letterbox.address);
    let (connect, is_open) = (plan.connect.clone(), Arc::new(AtomicBool::new(false)));
    plan.connect = gated(connect, is_open.clone());
    let service = served(&bench, plan);
    let user = service.user(&home.supplier);
    let request = user.request_to(home.esme, COUNTER, "4.1.1", read_registers());
    assert_eq!(user.asks("serviceS", &request, bench.clock.now()).header().code.as_str(), "I99");
    assert_eq!(letterbox.next_within(QUIET), None);
    bench.clock.step(SignedDuration::from_hours(4));
    let told = reply(&user, &letterbox, &bench);
    assert!(told.nested().is_none() && told.header().code.is_refusal(), "{:?}", told.header());
    is_open.store(true, Ordering::Release);
    let late = reply(&user, &letterbox, &bench);
    assert_eq!((late.header().code.as_str(), late.nested().is_some()), ("I0", true));
    assert_eq!(letterbox.next_within(QUIET), None);
    service.stop().expect("a clean end");
}

#[test]
fn a_dco_that_does_not_answer_is_told_as_no_response_and_holds_up_nothing_else() {
    let bench = bench();
    let home = bench.home(GroupId::CA);
    let letterbox = bench.letterbox(&home.supplier);
    let mut plan = bench.plan().reached_at(&home.supplier, letterbox.address);
    let dco = Power::new(Cut::Never);
    plan.dco_power = Some(dco.clone());
    let service = served(&bench, plan);
    let user = service.user(&home.supplier);
    let asks = |counter: u64, srv, body| {
        let request = user.request_to(home.esme, COUNTER + counter, srv, body);
        assert_eq!(user.asks("serviceS", &request, bench.clock.now()).header().code.as_str(), "I99");
    };
    dco.takes_writes(false);
    asks(0, "7.2", Draft::new("DisableSupply"));
    // What needs no DCO is done meanwhile, at the very meter.
    asks(1, "4.1.1", read_registers());
    let read = reply(&user, &letterbox, &bench);
    assert_eq!((counter(&read), read.header().code.as_str()), (1, "I0"));
    assert_eq!(letterbox.next_within(QUIET), None);
    bench.clock.step(SignedDuration::from_hours(4));
    let told = reply(&user, &letterbox, &bench);
    assert_eq!((counter(&told), told.nested().is_none(), told.header().code.as_str()), (0, true, "E21"));
    assert!(service.said().iter().any(|words| words.contains("waits")), "the operator knows why: {:?}", service.said());
    assert_eq!(effects(&bench, home.esme, "set-supply"), 0);
    dco.takes_writes(true);
    let late = reply(&user, &letterbox, &bench);
    assert_eq!((counter(&late), late.nested().is_some(), late.header().code.as_str()), (0, true, "I0"));
    assert_eq!(effects(&bench, home.esme, "set-supply"), 1);
    assert_eq!(letterbox.next_within(QUIET), None);
    service.stop().expect("a clean end");
}

/// A way to devices that answers nobody before it is open.
fn gated(connect: Connect, is_open: Arc<AtomicBool>) -> Connect {
    Arc::new(move |chf| {
        while !is_open.load(Ordering::Acquire) {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        connect(chf)
    })
}

#[test]
fn a_change_whose_answer_is_lost_at_any_place_is_made_once_and_told_as_made() {
    for lost in 0..6 {
        let bench = bench();
        let home = bench.home(GroupId::DA);
        let letterbox = bench.letterbox(&home.supplier);
        let mut plan = bench.plan().reached_at(&home.supplier, letterbox.address);
        plan.connect = losing(plan.connect.clone(), lost);
        let service = served(&bench, plan);
        let user = service.user(&home.supplier);
        let off = user.request_to(home.esme, COUNTER, "7.2", Draft::new("DisableSupply"));
        assert_eq!(user.asks("serviceS", &off, bench.clock.now()).header().code.as_str(), "I99");
        let told = reply(&user, &letterbox, &bench);
        let text = told.root().source();
        assert!(text.contains("<ra:DisableSupplyRsp MessageSuccess=\"true\""), "lost at {lost}: {text}");
        let status = user.request_to(home.esme, COUNTER + 1, "7.4", Draft::new("ReadSupplyStatus"));
        assert_eq!(user.asks("serviceS", &status, bench.clock.now()).header().code.as_str(), "I99");
        assert!(reply(&user, &letterbox, &bench).root().source().contains("isabled"), "lost at {lost}");
        assert_eq!(letterbox.next_within(Duration::from_millis(200)), None, "told once");
        service.stop().expect("a clean end");
    }
}

/// A way to devices that loses one answer, the `lost`-th from the beginning, after the device gave it.
fn losing(connect: Connect, lost: usize) -> Connect {
    let read = Arc::new(AtomicUsize::new(0));
    Arc::new(move |chf| {
        let line = connect(chf)?;
        Ok(Box::new(Losing { line, read: read.clone(), lost }) as Box<dyn Transport>)
    })
}

struct Losing {
    line: Box<dyn Transport>,
    read: Arc<AtomicUsize>,
    lost: usize,
}

impl Read for Losing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.line.read(into)?;
        if self.read.fetch_add(1, Ordering::AcqRel) == self.lost {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(read)
    }
}

impl Write for Losing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.line.flush()
    }
}
