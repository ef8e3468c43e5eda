//! What no device is asked, and what a device without a gas meter, or beyond reach, is told of.

use jiff::ToSpan;
use tern_cohorts::device::DeviceError;
use tern_cohorts::{Addressee, Conditions, NotInstructed};
use tern_requests::task::SupplyCommand;
use tern_requests::{Task, TaskAnswer};
use tern_world::devices::{Fault, FaultKind, FaultRow, Times};

use super::bench::{lab, of_each_cohort, shared};
use super::electricity::{prices, tariff};

#[test]
fn what_is_not_for_a_device_has_no_instructions() {
    let lab = shared();
    for bench in of_each_cohort(&lab) {
        let conditions = Conditions { at: bench.clock(), behaviours: &[] };
        let why = |task: &Task, who| bench.cohort().instructions(task, who, &conditions).expect_err("is not for it");
        let enable = Task::Supply { command: SupplyCommand::Enable };
        assert_eq!(why(&enable, Addressee::Gsme), NotInstructed::NotOfSuch(Addressee::Gsme));
        assert_eq!(why(&enable, Addressee::Hub), NotInstructed::NotOfSuch(Addressee::Hub));
        assert_eq!(why(&Task::ReadBalance, Addressee::Esme), NotInstructed::NotOfSuch(Addressee::Esme));
        let three = Task::SetPrice { prices: prices(&[1, 2, 3]) };
        assert_eq!(why(&three, Addressee::Esme).to_string(), "the meter cannot keep it: 3 rates; the meter has 2");
        let mut odd = tariff();
        odd.weeks[0].days[2] = 9;
        let odd = why(&Task::SetTariff { tariff: odd }, Addressee::Esme);
        assert_eq!(odd, NotInstructed::Unkept("day 9 is named, and is not there".to_owned()));
        let late = Task::SetClock { now: bench.clock() - 61.seconds(), tolerance_seconds: 60 };
        assert_eq!(why(&late, Addressee::Esme), NotInstructed::OutOfTolerance);
        let early = Task::SetClock { now: bench.clock() + 70.seconds(), tolerance_seconds: 60 };
        assert_eq!(why(&early, Addressee::Gsme), NotInstructed::OutOfTolerance);
    }
}

#[test]
fn what_a_device_does_not_do_is_never_asked_of_it() {
    let lab = shared();
    for bench in of_each_cohort(&lab) {
        let refused = |task: &Task, who| matches!(bench.perform(task, who), Err(DeviceError::Failed { .. }));
        assert!(refused(&Task::ReadImportRegisters, Addressee::Hub));
        assert!(refused(&Task::ReadSupply, bench.gpf()));
        assert!(refused(&Task::ReadBalance, bench.ppmid()));
        assert_eq!(bench.without_gas().perform(&Task::ReadBalance, Addressee::Gsme), Err(DeviceError::NoSuchDevice));
        // An ESME's critical instruction is none that the S1SP may ask for.
        let off = &bench.instructions(&Task::Supply { command: SupplyCommand::Disable }, Addressee::Esme, &[])[0];
        let asked = bench.with_site(|site| bench.cohort().instruct(off, Addressee::Esme, site)).expect("an answer");
        assert!(matches!(asked, Err(DeviceError::Failed { .. })), "{asked:?}");
    }
}

#[test]
fn whom_the_hub_does_not_reach_is_told_and_the_gpf_still_answers() {
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        let chf = bench.before.hub.chf;
        let row = FaultRow::new("*");
        assert!(lab.world.arm(Fault { chf, kind: FaultKind::GasHanError, row, times: Times::Count(1) }));
        assert_eq!(bench.perform(&Task::ReadBalance, Addressee::Gsme), Err(DeviceError::GasHan));
        assert!(matches!(bench.perform(&Task::ReadBalance, bench.gpf()), Ok(TaskAnswer::Balance { .. })));
    }
}

#[test]
fn after_a_lost_answer_the_devices_own_log_has_it_once() {
    use tern_requests::task::Utrn;
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        let chf = bench.before.hub.chf;
        for who in [Addressee::Esme, Addressee::Gsme] {
            let row = FaultRow::new("top-up");
            assert!(lab.world.arm(Fault { chf, kind: FaultKind::LostAnswer, row, times: Times::Count(1) }));
            let task = Task::TopUp { utrn: Utrn::made(100, 3).expect("pence") };
            let lost = bench.with_site(|site| bench.cohort().perform(&task, who, site));
            assert_eq!(lost, None, "nobody heard of it");
            assert_eq!(bench.perform(&task, who), Ok(TaskAnswer::AlreadyUsed), "it was done");
            lab.world.disarm();
        }
        assert_eq!(bench.logged("top-up"), 2, "once by each meter");
    }
}
