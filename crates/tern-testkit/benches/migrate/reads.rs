//! Authenticated and encrypted reads through the adapter, both ends on this machine, and the share of them that is
//! cryptography: every tag and every cipher of a read, done alone.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tern_cohorts::Answer;
use tern_cohorts::device::{Reply, Row, Whose};
use tern_dlms::SystemTitle;
use tern_dlms::security::{Ciphering, Form, Key, Keys, Protection};
use tern_service::executor::Access;
use tern_service::lanes::{DeviceLines, DeviceOrder, Devices, Listens, Wan, over_tcp};
use tern_testkit::{Cut, Lab, Power, own_associations};
use tern_world::devices::WAN_FILE;

use crate::figure;
use crate::limits::processor_time;
use crate::run::{LIMITS, Run};
use crate::simulator::Simulator;

/// How long reads are counted.
const MEASURE: Duration = Duration::from_secs(4);
/// Reads in flight.
const AT_ONCE: usize = 64;
/// Attributes of one read: Device ID, model, firmware, certificates.
const ATTRIBUTES: f64 = 4.0;
/// APDUs of one read that are protected on one side and opened on the other: initiate both ways, the answer to the challenge
/// both ways, each attribute both ways, release both ways; and two GMACs that each side makes once.
const PROTECTED: f64 = 2.0 + 2.0 + 2.0 * ATTRIBUTES + 2.0 + 2.0;
/// A typical APDU of them, in bytes.
const APDU_BYTES: usize = 48;
const FLOOR_A_SECOND: &str = "1000";

/// Measures and prints.
pub fn measure(lab: &Lab, dir: &Path) {
    let run = Run::new(lab, dir);
    let simulator = Simulator::start(&dir.join("world"));
    let wan = Wan::read(&dir.join("world").join(WAN_FILE), simulator.address.port()).expect("the address book");
    let listens: Listens = Arc::new(|| true);
    let mut lines = DeviceLines::new(AT_ONCE, &over_tcp(wan, LIMITS), &lab.identity(), &listens).expect("lines");
    let mut orders = orders(lab, &run).into_iter().cycle().enumerate();
    let device_processor = || processor_time(&simulator.id().to_string());
    let (engine, devices, since) = (processor_time("self"), device_processor(), Instant::now());
    let (mut asked, mut answered) = (0, 0u64);
    while since.elapsed() < MEASURE || asked > 0 {
        if since.elapsed() < MEASURE {
            let more: Vec<_> = orders.by_ref().take(AT_ONCE - asked).map(numbered).collect();
            asked += more.len();
            lines.call(more).expect("asks");
        }
        for returned in lines.collect(true).expect("hears") {
            assert!(matches!(returned.answer, Some(Answer::Device(Ok(Reply::Esme(_))))), "{:?}", returned.answer);
            asked -= 1;
            answered += 1;
        }
    }
    let took = since.elapsed().as_secs_f64();
    let processor = (processor_time("self") - engine + device_processor() - devices).as_secs_f64();
    let reads = answered as f64;
    figure(
        "devices: authenticated reads of an ESME, each an association of its own",
        reads / took,
        "/s",
        FLOOR_A_SECOND,
    );
    figure("devices: attributes read in them", ATTRIBUTES * reads / took, "/s", "");
    figure("devices: processor of a read, both ends", 1e6 * processor / reads, "us", "");
    let share = 100.0 * PROTECTED * protect_and_open().as_secs_f64() / (processor / reads);
    figure("devices: share of it that is cryptography", share, "%", "");
}

/// A read of each installation's ESME by the keys of its file set.
fn orders(lab: &Lab, run: &Run<'_>) -> Vec<DeviceOrder> {
    let mut system = run.open_quietly(&Power::new(Cut::Never));
    for set in &lab.sets {
        tern_testkit::take(&mut system, set).expect("is taken in");
    }
    let records: Vec<_> = system.records().map(|record| record.expect("a record")).collect();
    let order = |record: tern_service::executor::InstallationRecord| DeviceOrder {
        ticket: 0,
        key: String::new(),
        group: record.plan.set.group,
        chf: record.plan.chf,
        esme: record.plan.esme.device,
        access: Access {
            gsme: None,
            associations: own_associations(record.plan.set.group),
            keys: record.keys.open(&run.seal(), &record.plan).expect("opens"),
            invocations: 0..0,
            transactions: 0..0,
            hub_key: None,
        },
        row: Row::ReadEsme { whose: Whose::Smso },
    };
    records.into_iter().map(order).collect()
}

/// Every order has counters of its own.
fn numbered((at, order): (usize, DeviceOrder)) -> DeviceOrder {
    let first = 1_000_000 + 32 * u32::try_from(at).expect("few");
    let access = Access { invocations: first..first + 32, ..order.access };
    DeviceOrder { ticket: at as u64, access, ..order }
}

/// Protecting an APDU and opening it at the other end.
fn protect_and_open() -> Duration {
    let keys = Keys { encryption: Key::new([1; 16]), authentication: Key::new([2; 16]) };
    let (one, other) = (SystemTitle([1; 8]), SystemTitle([2; 8]));
    let (ours, theirs) =
        (Ciphering { keys: keys.clone(), own: one, peer: other }, Ciphering { keys, own: other, peer: one });
    let mut apdu = vec![0xC0, 1, 0xC1];
    apdu.resize(APDU_BYTES, 0);
    let (since, mut times) = (Instant::now(), 0u32);
    while since.elapsed() < Duration::from_millis(300) {
        let sealed = ours.seal(Form::Global, Protection::AuthenticatedEncrypted, times, &apdu).expect("seals");
        black_box(theirs.open(&sealed).expect("opens"));
        times += 1;
    }
    since.elapsed() / times
}
