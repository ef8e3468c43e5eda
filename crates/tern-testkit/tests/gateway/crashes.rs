//! Power that goes off before or after every durable write of the service while a request is on its way: it is answered once all the
//! same, and its devices did once what was asked.

use std::io;
use std::ops::RangeInclusive;
use std::time::Instant;

use jiff::SignedDuration;
use tern_model::{DeviceId, GroupId};
use tern_service::clock::Clock;
use tern_testkit::served::post;
use tern_testkit::{Cut, HandClock, Home, Letterbox, Power, Served, ServedPlan, UserClient};
use tern_world::devices::LogRecord;

use crate::absent::replies_waiting;
use crate::bench::{Bench, COUNTER, PATIENCE, bench};
use crate::wishes::wishes;

/// What is asked while the power goes off, and how often its effect stands in the device's own log.
struct Scene {
    srv: &'static str,
    /// The operation in the log, and how often it may stand there; none of a read.
    operation: Option<(&'static str, RangeInclusive<usize>)>,
    /// Whether it is for a later moment.
    held: bool,
}

/// One request from signing to reply, over as many starts as it takes.
struct Course<'b> {
    bench: &'b Bench,
    user: UserClient,
    letterbox: Letterbox,
    text: String,
    device: DeviceId,
    clock: std::sync::Arc<HandClock>,
    held: bool,
}

/// How often an operation of a device stands in its own log.
pub fn effects(bench: &Bench, device: DeviceId, operation: &str) -> usize {
    let log =
        tern_world::devices::read_log(&bench.lab.world.dir().join(tern_world::devices::LOG_FILE)).expect("the log");
    let of = |record: &LogRecord| matches!(record, LogRecord::Effect(e) if e.device.is_none_or(|d| d == device) && e.row == operation);
    log.iter().filter(|record| of(record)).count()
}

impl Course<'_> {
    fn plan(&self, power: &Power) -> ServedPlan {
        self.bench.plan().on(power).reached_at(&self.user.name, self.letterbox.address)
    }

    /// Sends it, if somebody is there; the code where it was acknowledged.
    fn sends(&self, at: std::net::SocketAddr) -> io::Result<String> {
        let mut user = self.user.clone();
        user.at = at;
        let said = post(&mut user.connect()?, "serviceS", self.text.as_bytes())?;
        if said.status != 200 {
            return Err(io::Error::other(said.body));
        }
        Ok(user.believes(&said.body, self.clock.now()).expect("a response").header().code.to_string())
    }

    /// Runs on a power until the reply is there and nothing else waits, or the power is off; gives what the User took.
    fn runs(&self, power: &Power, mut taken: Vec<String>) -> Vec<String> {
        let Ok(service) = Served::start(&self.bench.lab, self.plan(power)) else { return taken };
        if let Ok(code) = self.sends(service.gateway) {
            assert_eq!(code, "I99");
            if self.held {
                self.clock.step(SignedDuration::from_mins(61));
            }
            let since = Instant::now();
            while !service.has_ended() && (taken.is_empty() || replies_waiting(self.bench) > 0) {
                taken.extend(self.letterbox.taken());
                assert!(since.elapsed() < PATIENCE, "no reply: {:?}", service.said());
                std::thread::yield_now();
            }
        }
        // It may go off while the service ends, too.
        let _ = service.stop();
        taken.extend(self.letterbox.taken());
        taken
    }
}

/// The request once, with the power going off at a place; gives the durable writes.
fn through(scene: &Scene, cut: Cut) -> u64 {
    let bench = bench();
    let home: &Home = bench.home(GroupId::CA);
    let wish = wishes(home).into_iter().find(|wish| wish.srv == scene.srv).expect("a wish");
    let device = wish.device(home).expect("a device");
    let asker = wish.asker(home).to_owned();
    let letterbox = bench.letterbox(&asker);
    let user = UserClient::new(&bench.lab.dir().join("pki"), &asker, letterbox.address, bench.clock.clone());
    let mut unsigned = wish.unsigned(&user, home, COUNTER);
    if scene.held {
        let name =
            unsigned.split("<Body><").nth(1).and_then(|rest| rest.split(['/', '>']).next()).expect("a body").to_owned();
        let later = "<ExecutionDateTime>2021-03-02T10:00:00.00Z</ExecutionDateTime>";
        unsigned = match unsigned.contains(&format!("<{name}/>")) {
            true => unsigned.replace(&format!("<{name}/>"), &format!("<{name}>{later}</{name}>")),
            false => unsigned.replace(&format!("<{name}>"), &format!("<{name}>{later}")),
        };
    }
    let text = tern_wire::dsig::sign(&unsigned, &user.signer).expect("signed");
    let before = scene.operation.as_ref().map_or(0, |(operation, _)| effects(&bench, device, operation));
    let clock = bench.clock.clone();
    let course = Course { bench: &bench, user, letterbox, text, device, clock, held: scene.held };
    let power = Power::new(cut);
    let mut taken = course.runs(&power, Vec::new());
    assert!(power.is_off() || cut == Cut::Never || !taken.is_empty(), "{cut:?}");
    // The next start goes on; whoever was not acknowledged sends the same bytes again.
    if power.is_off() {
        taken = course.runs(&Power::new(Cut::Never), taken);
    }
    let first = taken.first().unwrap_or_else(|| panic!("{} {cut:?}: no reply", scene.srv));
    assert!(taken.iter().all(|reply| reply == first), "{} {cut:?}: two replies", scene.srv);
    let reply = course.user.believes(first, course.clock.now()).expect("a reply");
    assert_eq!(reply.header().code.as_str(), "I0", "{} {cut:?}", scene.srv);
    assert!(
        !first.contains("S1SPAlert") && !first.contains("MessageSuccess=\"false\""),
        "{} {cut:?}: {first}",
        scene.srv
    );
    if let Some((operation, times)) = &scene.operation {
        let did = effects(course.bench, course.device, operation) - before;
        assert!(times.contains(&did), "{} {cut:?}: {operation} stands in the log {did} times", scene.srv);
    }
    power.writes()
}

fn at_every_write(scene: &Scene) {
    let writes = through(scene, Cut::Never);
    assert!(writes >= 6, "{writes}");
    for cut in Cut::all(writes) {
        through(scene, cut);
    }
    println!("{}: {writes} durable writes, the power off before and after each", scene.srv);
}

#[test]
fn a_read_is_answered_once_wherever_the_power_goes_off() {
    at_every_write(&Scene { srv: "4.1.1", operation: None, held: false });
}

#[test]
fn a_top_up_is_credited_once_wherever_the_power_goes_off() {
    at_every_write(&Scene { srv: "2.2", operation: Some(("top-up", 1..=1)), held: false });
}

#[test]
fn a_supply_is_disabled_and_told_once_wherever_the_power_goes_off() {
    at_every_write(&Scene { srv: "7.2", operation: Some(("set-supply", 1..=1)), held: false });
}

#[test]
fn a_read_that_is_held_is_answered_once_wherever_the_power_goes_off() {
    at_every_write(&Scene { srv: "4.1.1", operation: None, held: true });
}

/// A mode cannot be read back: its two instructions, which say what is to be, may be heard once more.
#[test]
fn a_change_that_is_held_is_made_and_told_once_wherever_the_power_goes_off() {
    at_every_write(&Scene { srv: "1.6", operation: Some(("set-prepayment", 2..=4)), held: true });
}
