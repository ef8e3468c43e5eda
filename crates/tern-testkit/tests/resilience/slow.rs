//! Devices that are slow on purpose, over real sockets: none holds a line for longer than its row may take, and what goes
//! wrong within a line is never left without an answer.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tern_cohorts::device::{DeviceError, Reply, Row};
use tern_cohorts::{Answer, Keys, Transport};
use tern_dlms::Codec;
use tern_dlms::apdu::{Apdu, DataBlockG, GetRequest, GetResponse};
use tern_dlms::wrapper::{Frame, read_frame, write_frame};
use tern_model::GroupId;
use tern_service::executor::Access;
use tern_service::lanes::{Connect, DeviceLines, DeviceOrder, Devices, LineLimits, Listens, Wan, carry_out, over_tcp};
use tern_testkit::{Lab, own_associations};
use tern_world::devices::Installation;

use crate::support::lab;

/// What no row of these tests may take, however loaded the machine is: without limits they take hours.
const BEARABLE: Duration = Duration::from_secs(60);
const GENEROUS: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(150);

/// A read of what an installation says in clear.
fn order(lab: &Lab, at: usize) -> DeviceOrder {
    let Installation { hub, esme, .. } = &lab.corpus.devices[at];
    let keys = Keys { smso: esme.association.clone(), s1sp: esme.association.clone() };
    DeviceOrder {
        ticket: at as u64,
        key: String::new(),
        group: GroupId::EA,
        chf: hub.chf,
        esme: esme.device,
        access: Access {
            gsme: None,
            associations: own_associations(GroupId::EA),
            keys,
            invocations: 1..64,
            transactions: 1..3,
            hub_key: None,
        },
        row: Row::ReadCounters,
    }
}

/// The way to hubs that all are this one.
fn to(lab: &Lab, hub: impl Fn(TcpStream) + Send + 'static, limits: LineLimits) -> Connect {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(hub));
    let book = lab.dir().join("slow.csv");
    let rows = lab.corpus.devices.iter().map(|one| format!("{},127.0.0.1\n", one.hub.chf));
    std::fs::write(&book, format!("chf_identifier,address\n{}", rows.collect::<String>())).expect("an address book");
    over_tcp(Wan::read(&book, port).expect("the address book"), limits)
}

/// Promises the longest frame there is, and sends a byte of it now and then.
fn dripping(mut line: TcpStream) {
    line.set_read_timeout(Some(SHORT / 10)).expect("a time limit");
    let promised = [0, 1, 0, 1, 0, 16, 0xFF, 0xFF];
    for byte in promised.into_iter().chain(std::iter::repeat(0)) {
        // Nobody says anything meanwhile: the time limit is the pace.
        let _ = line.read(&mut [0; 1024]);
        if line.write_all(&[byte]).is_err() {
            return;
        }
    }
}

/// Opens the association as the hub itself would, and answers every question at once with a block that is not the last.
fn endless(mut line: TcpStream, mut hub: Box<dyn Transport>, blocks: &AtomicU32) {
    while let Ok(Some(Frame { source, destination, apdu })) = read_frame(&mut line, 65_535) {
        let answer = match Apdu::decode(&apdu) {
            Ok(Apdu::GetRequest(asked)) => {
                let (GetRequest::Normal { invoke, .. } | GetRequest::Next { invoke, .. }) = asked else { return };
                let number = 1 + if let GetRequest::Next { block_number, .. } = asked { block_number } else { 0 };
                blocks.store(number, Ordering::Release);
                GetResponse::WithDataBlock { invoke, block: DataBlockG { last: false, number, result: Ok(vec![0]) } }
                    .to_bytes()
            }
            _ => {
                write_frame(&mut hub, &Frame { source, destination, apdu }).expect("a hub in memory");
                read_frame(&mut hub, 65_535).expect("a hub in memory").expect("its answer").apdu
            }
        };
        if write_frame(&mut line, &Frame { source: destination, destination: source, apdu: answer }).is_err() {
            return;
        }
    }
}

#[test]
fn a_hub_that_sends_a_byte_now_and_then_is_given_up_when_the_time_of_one_answer_is_over() {
    let lab = lab(1);
    let connect = to(&lab, dripping, LineLimits { exchange: SHORT, row: GENEROUS });
    let since = Instant::now();
    let answer = carry_out(&order(&lab, 0), &connect, &lab.identity()).answer;
    assert!(matches!(answer, Some(Answer::Device(Err(DeviceError::NoWan)))), "{answer:?}");
    assert!(since.elapsed() >= SHORT && since.elapsed() < BEARABLE, "{:?}", since.elapsed());
}

#[test]
fn a_hub_that_answers_at_once_and_without_end_is_given_up_when_the_time_of_the_row_is_over() {
    let lab = lab(1);
    let blocks = Arc::new(AtomicU32::new(0));
    let (connect_hub, chf, counted) = (lab.connect(), lab.corpus.devices[0].hub.chf, blocks.clone());
    let hub = move |line: TcpStream| endless(line, connect_hub(chf).expect("the hub"), &counted);
    let connect = to(&lab, hub, LineLimits { exchange: GENEROUS, row: SHORT });
    let since = Instant::now();
    let answer = carry_out(&order(&lab, 0), &connect, &lab.identity()).answer;
    assert!(answer.is_none(), "{answer:?}");
    assert!(blocks.load(Ordering::Acquire) > 2, "it never answered in blocks");
    assert!(since.elapsed() >= SHORT && since.elapsed() < BEARABLE, "{:?}", since.elapsed());
}

#[test]
fn one_line_gets_to_the_next_installation_after_a_slow_hub_and_after_a_bug() {
    let lab = lab(3);
    let slow = to(&lab, dripping, LineLimits { exchange: SHORT, row: SHORT });
    let [dripping, buggy, _] = [0, 1, 2].map(|at| lab.corpus.devices[at].hub.chf);
    let honest = lab.connect();
    let connect: Connect = Arc::new(move |chf| match chf {
        chf if chf == dripping => slow(chf),
        chf if chf == buggy => panic!("a bug, made on purpose"),
        chf => honest(chf),
    });
    let listens: Listens = Arc::new(|| true);
    let mut lines = DeviceLines::new(1, &connect, &lab.identity(), &listens).expect("a line");
    lines.call((0..3).map(|at| order(&lab, at)).collect()).expect("asks");
    let mut answers = Vec::new();
    while answers.len() < 3 {
        answers.extend(lines.collect(true).expect("hears"));
    }
    answers.sort_by_key(|one| one.ticket);
    let told: Vec<_> = answers.into_iter().map(|one| one.answer).collect();
    let [Some(Answer::Device(Err(DeviceError::NoWan))), None, Some(Answer::Device(Ok(Reply::Counters(_))))] = &told[..]
    else {
        panic!("{told:?}");
    };
}
