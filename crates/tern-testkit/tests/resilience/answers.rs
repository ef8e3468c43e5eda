//! Answers that are none to what was asked, and conversations that break off in the middle.

use tern_cohorts::device::{Counters, HubStatus, MeterStatus, Reply};
use tern_cohorts::{Answer as Heard, cohort};
use tern_flow::Lane;
use tern_model::{ChfIdentifier, DeviceModel, GroupId, OutcomeKind};
use tern_service::ServiceFault;
use tern_service::executor::Returned;
use tern_service::lanes::{DeviceOrder, Devices};
use tern_testkit::{DirectDevices, Lab, Strike, Struck};

use crate::support::{ALWAYS, check, held, lab, named, open, run, take, way_back};

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
    fn call(&mut self, orders: Vec<DeviceOrder>) -> Result<(), ServiceFault> {
        for order in orders {
            let (ticket, wrong) = (order.ticket, order.key.ends_with(self.key));
            self.devices.call(vec![order])?;
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
    let esme = MeterStatus { device: chf.into(), model, certificate: snapshot.esme_certificate };
    let status = if ["W2", "15.11", "B6.5"].contains(&row) { Reply::Esme(esme) } else { Reply::Hub(hub) };
    vec![Reply::Done, Reply::Critical { apdu: vec![0xDB] }, Reply::Counters(Counters::default()), status]
}

/// Rows that alter a device.
fn rows() -> impl Iterator<Item = &'static str> {
    let steps = cohort(GroupId::EA).steps();
    steps.iter().filter(|s| s.change.alters() && s.lane == Lane::Device).map(|s| s.row)
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
