//! Answers that come late, and answers that are none to what was asked.

use std::collections::{BTreeMap, VecDeque};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tern_cohorts::{Answer as Heard, cohort};
use tern_flow::{Change, Lane};
use tern_model::{ChfIdentifier, DeviceModel, GroupId, OutcomeKind};
use tern_service::ServiceFault;
use tern_service::executor::Returned;
use tern_service::lanes::{DeviceLine, Devices};
use tern_testkit::{DirectDevices, Lab, Strike, Struck};
use tern_wire::device_frame::{read_frame, write_frame};
use tern_wire::device_link::{Answer, Call, DeviceError, EsmeStatus, HubStatus, Reply};
use tern_world::devices::World;

use crate::support::{ALWAYS, check, held, lab, named, open, run, take, way_back};

/// How long the executor waits for an answer: much longer than devices in the same process take.
const PATIENCE: Duration = Duration::from_millis(150);

/// What the line does with a call; first, so many of the answers that were held back go out, the oldest first.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Carried out and answered.
    Answer(usize),
    /// Carried out; its answer is held back.
    Hold(usize),
    /// Never carried out, never answered.
    Lose(usize),
    /// Never carried out, and answered so.
    Refuse,
}

/// What is done with the n-th call whose key ends so; every other is answered.
type Plan = &'static [(&'static str, u32, Act)];

/// Devices that are slow by plan. Counts the answers that went out late.
fn slow(stream: TcpStream, world: &World, plan: Plan) -> usize {
    stream.set_nodelay(true).expect("a line");
    let mut reader = stream.try_clone().expect("a line");
    let (mut writer, mut frame) = (stream, Vec::new());
    let (mut waiting, mut late) = (VecDeque::new(), 0);
    let mut seen = BTreeMap::<String, u32>::new();
    while read_frame(&mut reader, &mut frame).unwrap_or(false) {
        let call: Call = serde_json::from_slice(&frame).expect("a call");
        let nth = seen.entry(call.key.clone()).or_default();
        *nth += 1;
        let planned = plan.iter().find(|(key, n, _)| call.key.ends_with(key) && (*n == *nth || *n == ALWAYS));
        let act = planned.map_or(Act::Answer(0), |(_, _, act)| *act);
        if let Act::Answer(out) | Act::Hold(out) | Act::Lose(out) = act {
            waiting.drain(..out).for_each(|answer| write(&mut writer, &answer));
            late += out;
        }
        match act {
            Act::Answer(_) => write(&mut writer, &world.call(&call).expect("an answer")),
            Act::Hold(_) => waiting.push_back(world.call(&call).expect("an answer")),
            Act::Lose(_) => {}
            Act::Refuse => {
                let result = Err(DeviceError::Failed { reason: "by plan".to_owned() });
                write(&mut writer, &Answer { id: call.id, result });
            }
        }
    }
    late
}

fn write(writer: &mut TcpStream, answer: &Answer) {
    let body = serde_json::to_vec(answer).expect("a body");
    // The executor may be done and gone.
    drop(write_frame(writer, &body));
}

fn line(lab: &Lab, plan: Plan) -> (DeviceLine, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("listens");
    let address = listener.local_addr().expect("an address");
    let world: Arc<World> = lab.world.clone();
    let served = std::thread::spawn(move || slow(listener.accept().expect("a line").0, &world, plan));
    (DeviceLine::connect(address, PATIENCE).expect("connects"), served)
}

const B6_7_FAILS: (&str, u32, Act) = ("/B6.7/do", ALWAYS, Act::Refuse);

/// By what comes late.
const LATE: &[(&str, Plan)] = &[
    ("a row's answer comes with its probe's", &[("/W2/do", 1, Act::Hold(0)), ("/W2/probe", 1, Act::Answer(1))]),
    (
        "a probe's answer comes in place of the next one's, and nothing had happened",
        &[("/W2/do", 1, Act::Lose(0)), ("/W2/probe", 1, Act::Hold(0)), ("/W2/probe", 2, Act::Hold(1))],
    ),
    (
        "a row's answer comes in place of a later row's, which was lost on its way",
        &[("/B6.2/do", 1, Act::Hold(0)), ("/B6.4/do", 1, Act::Lose(1))],
    ),
    (
        "an undo's answer comes with that to the question whether anything is left",
        &[B6_7_FAILS, ("/W2/undo", 1, Act::Hold(0)), ("/W2/probe", 2, Act::Answer(1))],
    ),
    (
        "the answer to a question on the way back comes in place of an undo's, which was lost on its way",
        &[B6_7_FAILS, ("/B6.5/probe", 1, Act::Hold(0)), ("/B6.5/undo", 1, Act::Lose(1))],
    ),
    (
        "an undo's answer comes in place of an earlier row's, which was lost on its way",
        &[B6_7_FAILS, ("/B6.5/undo", 1, Act::Hold(0)), ("/W2/undo", 1, Act::Lose(1))],
    ),
];

#[test]
fn a_late_answer_is_for_nobody_and_engine_and_devices_agree() {
    let mut lab = lab(1);
    for (told, plan) in LATE {
        lab.reset();
        let before = held(&lab);
        let mut system = open(&lab);
        take(&mut system, &lab.sets[0]);
        let (mut devices, served) = line(&lab, plan);
        run(&mut system, &mut devices, &[]).expect(told);
        drop(devices);
        assert!(served.join().expect("served") > 0, "{told}: nothing came late");
        check(&lab, &mut system, named(&lab.sets[0]), &before, told);
    }
}

/// Devices that are honest but for one kind of call, to which they give an answer that is none.
struct Misfits<'a> {
    devices: DirectDevices,
    /// End of the calls' keys.
    key: &'a str,
    answer: &'a Reply,
    given: Vec<Returned>,
    count: usize,
}

impl Devices for Misfits<'_> {
    /// What is asked is done all the same: the answer alone is wrong.
    fn call(&mut self, calls: Vec<Call>) -> Result<(), ServiceFault> {
        for call in calls {
            let (ticket, wrong) = (call.id, call.key.ends_with(self.key));
            self.devices.call(vec![call])?;
            for honest in self.devices.collect(false)? {
                let misfit = || Some(Heard::Device(Ok(self.answer.clone())));
                let answer = if wrong { misfit() } else { honest.answer };
                self.given.push(Returned { ticket, answer });
            }
            self.count += usize::from(wrong);
        }
        Ok(())
    }

    fn collect(&mut self, _wait: bool) -> Result<Vec<Returned>, ServiceFault> {
        Ok(std::mem::take(&mut self.given))
    }
}

/// Answers that are none to any question about this row.
fn misfits(lab: &Lab, chf: ChfIdentifier, row: &str) -> Vec<Reply> {
    let snapshot = lab.world.snapshot(chf).expect("its devices");
    let model = DeviceModel { manufacturer: "M".to_owned(), model: "M".to_owned(), firmware: "1".to_owned() };
    let hub = HubStatus {
        device: chf.into(),
        model: model.clone(),
        apn: snapshot.apn,
        whitelist: Vec::new(),
        certificate: snapshot.chf_certificate,
    };
    let esme = EsmeStatus { device: chf.into(), model, certificate: snapshot.esme_certificate };
    let status = if ["W2", "15.11", "B6.5"].contains(&row) { Reply::Esme(esme) } else { Reply::Hub(hub) };
    vec![Reply::Done, Reply::MasterKeyProof { proof: [0; 32] }, status]
}

/// Rows that alter a device.
fn rows() -> impl Iterator<Item = &'static str> {
    let steps = cohort(GroupId::EA).expect("EA is served").steps();
    steps.iter().filter(|s| s.change == Change::Alters && s.lane == Lane::Device).map(|s| s.row)
}

#[test]
fn a_device_that_answers_a_question_with_what_is_no_answer_ends_back_or_stuck_and_a_person_gets_it_back() {
    let mut lab = lab(1);
    let mut stuck = 0;
    for row in rows() {
        let order = format!("/{row}/do");
        for struck in [way_back(), vec![Struck::new(&order, Strike::LoseOrder, ALWAYS)]] {
            stuck += misfitting(&mut lab, row, "probe", &struck, &[OutcomeKind::RolledBack, OutcomeKind::Stuck]);
        }
    }
    assert!(stuck > 0, "no misfit ever ended stuck");
}

#[test]
fn a_device_that_obeys_with_what_is_no_answer_is_asked_what_happened() {
    let mut lab = lab(1);
    for row in rows() {
        misfitting(&mut lab, row, "do", &[], &[OutcomeKind::RolledBack, OutcomeKind::Commissioned]);
    }
}

/// Runs with every misfit at one kind of call, checks the end, and gives how often that was stuck.
fn misfitting(lab: &mut Lab, row: &str, word: &str, struck: &[Struck], may_end: &[OutcomeKind]) -> usize {
    let chf = lab.world.installations().next().expect("one");
    let mut stuck = 0;
    for answer in misfits(lab, chf, row) {
        let told = format!("{row}/{word} {answer:?} {struck:?}");
        lab.reset();
        let before = held(lab);
        let mut system = open(lab);
        take(&mut system, &lab.sets[0]);
        let key = format!("/{row}/{word}");
        let mut devices = Misfits { devices: lab.devices(), key: &key, answer: &answer, given: Vec::new(), count: 0 };
        run(&mut system, &mut devices, struck).expect(&told);
        assert!(devices.count > 0, "{told}: never asked");
        let kinds = check(lab, &mut system, named(&lab.sets[0]), &before, &told);
        assert!(kinds.iter().all(|k| may_end.contains(k)), "{told}: {kinds:?}");
        stuck += usize::from(kinds.contains(&OutcomeKind::Stuck));
    }
    stuck
}
