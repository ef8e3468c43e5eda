//! GSMEs, and GPFs in their place: every answer is signed by the hub where the hub has a certificate.

use jiff::ToSpan;
use tern_cohorts::Addressee;
use tern_requests::task::{
    ClockStatus, ImportRegisters, Millipence, PaymentMode, Price, SupplyCommand, SupplyState, Utrn,
};
use tern_requests::{Task, TaskAnswer};
use tern_world::devices;

use super::bench::{lab, of_each_cohort, shared};
use super::electricity::{prices, tariff, whole_half_hours};

const GSME: Addressee = Addressee::Gsme;

#[test]
fn volume_and_profile_are_what_the_meter_measured_and_the_gpf_says_the_same() {
    let lab = shared();
    for bench in of_each_cohort(&lab) {
        let gas = bench.now().gas;
        let (litres, _) = gas.imported(bench.clock());
        for who in [GSME, bench.gpf()] {
            let read = bench.perform(&Task::ReadImportRegisters, who).expect("reads");
            assert_eq!(read, TaskAnswer::Registers(ImportRegisters::Gas { litres }));
            // Three answers, each signed.
            let to = bench.clock();
            let from = to - (130 * 24).hours();
            let read = bench.perform(&Task::ReadImportProfile { from, to }, who).expect("reads");
            let TaskAnswer::Profile { entries, gas: true } = read else { panic!("{read:?}") };
            assert_eq!(entries.len(), whole_half_hours(&gas, from, to));
            assert!(entries.windows(2).all(|pair| pair[1].start.as_second() - pair[0].start.as_second() == 1800));
            for entry in &entries {
                let slot = devices::slot_of(entry.start.as_second());
                assert_eq!(entry.used, gas.loads.imported(slot + 1) - gas.loads.imported(slot), "{}", entry.start);
            }
        }
    }
}

#[test]
fn credit_is_the_gas_meters_own() {
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        let task = Task::TopUp { utrn: Utrn::made(700, 1).expect("pence") };
        assert_eq!(bench.perform(&task, GSME), Ok(TaskAnswer::Done));
        assert_eq!(bench.perform(&task, GSME), Ok(TaskAnswer::AlreadyUsed));
        let (gas, electricity) = (bench.now().gas.account, bench.now().electricity.meter.account);
        assert_eq!((gas.balance, electricity.balance), (700_000, 0));
        bench.obeyed(&Task::SetPaymentMode { mode: PaymentMode::Credit }, GSME);
        for who in [GSME, bench.gpf()] {
            let balance = TaskAnswer::Balance { balance: Millipence(700_000), mode: PaymentMode::Credit };
            assert_eq!(bench.perform(&Task::ReadBalance, who), Ok(balance));
            let read = bench.perform(&Task::ReadPrepayValues, who).expect("reads");
            let TaskAnswer::PrepayValues(values) = read else { panic!("{read:?}") };
            assert_eq!(values.payment_debt, Millipence(gas.debts[0]));
        }
    }
}

#[test]
fn a_tariff_is_the_gas_meters_own() {
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        bench.obeyed(&Task::SetTariff { tariff: tariff() }, GSME);
        bench.obeyed(&Task::SetPrice { prices: prices(&[70]) }, GSME);
        let now = bench.now();
        assert_eq!(now.gas.account.prices.rates, [devices::Amount { amount: 70, scale: -3 }]);
        assert!(now.gas.calendar.since.is_some() && now.electricity.meter.calendar.since.is_none());
        assert_ne!(now.electricity.meter.account.prices, now.gas.account.prices);
        let same = Price { amount: 7, scale: -2 };
        assert!(same.is_worth(prices(&[70]).rates[0]));
    }
}

#[test]
fn a_valve_closes_and_is_armed_and_never_opens_from_afar() {
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        for (command, state) in
            [(SupplyCommand::Disable, SupplyState::Disabled), (SupplyCommand::Arm, SupplyState::Armed)]
        {
            bench.obeyed(&Task::Supply { command }, GSME);
            let told = bench.perform(&Task::ReadSupply, GSME).expect("reads");
            let TaskAnswer::Supply { state: found, battery_days: Some(days) } = told else { panic!("{told:?}") };
            assert_eq!(found, state);
            assert!((1_000..6_000).contains(&days), "{days}");
        }
        assert_eq!(bench.now().electricity.meter.supply, devices::SupplyState::Enabled);
    }
}

#[test]
fn its_clock_is_set_and_its_firmware_told() {
    let lab = lab();
    lab.world.clock().advance(300 * 86_400);
    for bench in of_each_cohort(&lab) {
        let now = bench.clock();
        let told = bench.obeyed(&Task::SetClock { now, tolerance_seconds: 5 }, GSME);
        let TaskAnswer::Clock { reads, status: ClockStatus::Reliable } = told else { panic!("{told:?}") };
        assert!((reads.as_second() - now.as_second()).abs() <= 2, "{reads} at {now}");
        let model = bench.before.gsme.as_ref().expect("a gas meter").model.clone();
        assert_eq!(bench.perform(&Task::ReadFirmware, GSME), Ok(TaskAnswer::Firmware { model }));
    }
}
