//! What an installation that comes again in a new set must not bring again: numbers under keys that were used before. And
//! what one device says in the clear must never hold up any other.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Read, Write};
use std::sync::Arc;

use tern_cohorts::Transport;
use tern_cohorts::device::{Row, Whose};
use tern_dlms::Codec;
use tern_dlms::apdu::{Apdu, GetResponse};
use tern_dlms::wrapper::{Frame, HEADER_BYTES};
use tern_model::OutcomeKind;
use tern_service::ServiceFault;
use tern_service::executor::Returned;
use tern_service::lanes::{Connect, DeviceOrder, Devices};
use tern_testkit::{DirectDevices, Lab};

use crate::support::{lab, later_sets, named, open, run, take, way_back};

/// Devices that note the counters that are given away under the SMSO's keys, and hear nothing but what is public.
struct Deaf<'a> {
    devices: DirectDevices,
    given: &'a mut HashSet<u32>,
}

impl Devices for Deaf<'_> {
    fn call(&mut self, orders: Vec<DeviceOrder>) -> Result<(), ServiceFault> {
        for order in &orders {
            if let Row::Associate { whose: Whose::Smso } | Row::ReadEsme { whose: Whose::Smso } = order.row {
                for number in order.access.invocations.clone() {
                    assert!(self.given.insert(number), "{number} twice, now for {}", order.key);
                }
            }
        }
        self.devices.call(orders)
    }

    fn collect(&mut self, wait: bool) -> Result<Vec<Returned>, ServiceFault> {
        self.devices.collect(wait)
    }
}

/// Such devices, behind somebody who says that their meters never heard anything.
fn deaf<'a>(lab: &Lab, given: &'a mut HashSet<u32>) -> Deaf<'a> {
    Deaf { devices: lab.devices_over(saying(0, lab.connect())), given }
}

#[test]
fn a_new_set_uses_no_number_of_an_earlier_one_although_the_meter_says_that_it_heard_none() {
    let lab = lab(1);
    let mut given = HashSet::new();
    let mut system = open(&lab);
    take(&mut system, &lab.sets[0]);
    run(&mut system, &mut deaf(&lab, &mut given), &way_back()).expect("runs");
    let before = given.len();
    let later = later_sets(&lab, "LATER");
    take(&mut system, &later[0]);
    run(&mut system, &mut deaf(&lab, &mut given), &way_back()).expect("runs");
    assert!(before > 0 && given.len() > before, "{before}, then {}", given.len());
}

#[test]
fn a_meter_that_says_that_its_counters_are_used_up_holds_up_nobody_else() {
    let lab = lab(2);
    let mut system = open(&lab);
    lab.sets.iter().for_each(|set| take(&mut system, set));
    let liar = lab.world.installations().next().expect("two");
    let (honest, lying) = (lab.connect(), saying(u32::MAX, lab.connect()));
    let connect: Connect = Arc::new(move |chf| if chf == liar { lying(chf) } else { honest(chf) });
    run(&mut system, &mut lab.devices_over(connect), &[]).expect("runs");
    let mut kinds = BTreeSet::new();
    for set in &lab.sets {
        for (chf, outcome) in tern_testkit::results(&system, named(set)) {
            let kind = outcome.expect("ended").kind();
            assert_eq!(kind == OutcomeKind::RolledBack, chf == liar, "{chf}: {kind}");
            kinds.insert(kind);
        }
    }
    assert_eq!(kinds, BTreeSet::from([OutcomeKind::Commissioned, OutcomeKind::RolledBack]));
}

/// Somebody on the line: every invocation counter that is told in the clear is this one.
fn saying(counter: u32, connect: Connect) -> Connect {
    Arc::new(move |chf| Ok(Box::new(Liar { line: connect(chf)?, counter, answer: Vec::new(), read: 0 })))
}

struct Liar {
    line: Box<dyn Transport>,
    counter: u32,
    answer: Vec<u8>,
    read: usize,
}

impl Liar {
    /// The next frame, with another counter in it where there is one.
    fn next_frame(&mut self) -> io::Result<Vec<u8>> {
        let mut header = [0; HEADER_BYTES];
        if self.line.read(&mut header[..1])? == 0 {
            return Ok(Vec::new());
        }
        self.line.read_exact(&mut header[1..])?;
        let mut bytes = header.to_vec();
        bytes.resize(HEADER_BYTES + usize::from(u16::from_be_bytes([header[6], header[7]])), 0);
        self.line.read_exact(&mut bytes[HEADER_BYTES..])?;
        let (mut frame, _) = Frame::split_first(&bytes, usize::from(u16::MAX)).expect("a frame").expect("whole");
        if let Ok(Apdu::GetResponse(GetResponse::Normal { invoke, result: Ok(data) })) = Apdu::decode(&frame.apdu)
            && data.as_double_long_unsigned().is_ok()
        {
            let result = Ok(tern_dlms::Data::DoubleLongUnsigned(self.counter));
            frame.apdu = Apdu::GetResponse(GetResponse::Normal { invoke, result }).to_bytes();
        }
        let mut told = Vec::new();
        frame.encode(&mut told).expect("fits");
        Ok(told)
    }
}

impl Read for Liar {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read == self.answer.len() {
            (self.answer, self.read) = (self.next_frame()?, 0);
        }
        let bytes = into.len().min(self.answer.len() - self.read);
        into[..bytes].copy_from_slice(&self.answer[self.read..self.read + bytes]);
        self.read += bytes;
        Ok(bytes)
    }
}

impl Write for Liar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.line.flush()
    }
}
