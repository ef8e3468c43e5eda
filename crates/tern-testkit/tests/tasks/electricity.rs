//! ESMEs.

use jiff::{Timestamp, ToSpan};
use tern_cohorts::{Addressee, FirmwareStage};
use tern_dlms::Data;
use tern_model::{Behaviour, DeviceModel, GroupId};
use tern_requests::task::{
    CalendarDate, ClockStatus, Currency, DayProfile, ImportRegisters, Millipence, PaymentMode, Price, Prices, Season,
    SpecialDay, SupplyCommand, SupplyState, Switch, Tariff, Utrn, WeekProfile,
};
use tern_requests::{Task, TaskAnswer};
use tern_service::firmware::Image;
use tern_world::devices::{self, SLOT_SECONDS, build_image, slot_of};

use super::bench::{Bench, lab, of_each_cohort, shared};

const ESME: Addressee = Addressee::Esme;

pub fn prices(rates: &[i64]) -> Prices {
    let rate = |amount: &i64| Price { amount: *amount, scale: -3 };
    let standing_charge = Price { amount: 31, scale: -2 };
    Prices { currency: Currency::Gbp, standing_charge, rates: rates.iter().map(rate).collect() }
}

/// From one to six at night the second rate, else the first.
pub fn tariff() -> Tariff {
    let at = |hour: u16, rate| Switch { minute: hour * 60, rate };
    Tariff {
        days: vec![DayProfile { name: 1, schedule: vec![at(0, 1), at(1, 2), at(6, 1)] }],
        weeks: vec![WeekProfile { name: 1, days: [1; 7] }],
        seasons: vec![Season { name: "ALL".to_owned(), start: CalendarDate::default(), week: 1 }],
        special_days: vec![SpecialDay {
            date: CalendarDate { year: Some(2021), month: Some(12), day: Some(25), weekday: None },
            day: 1,
        }],
        thresholds: vec![vec![1_000, 2_000]; 8],
        prices: prices(&[300, 90]),
    }
}

#[test]
fn registers_and_profile_are_what_the_meter_measured() {
    let lab = shared();
    for bench in of_each_cohort(&lab) {
        let meter = bench.now().electricity.meter;
        let (whole, second) = meter.imported(bench.clock());
        let read = bench.perform(&Task::ReadImportRegisters, ESME).expect("reads");
        let rates_wh = vec![whole - second, second];
        assert_eq!(read, TaskAnswer::Registers(ImportRegisters::Electricity { active_wh: whole, rates_wh }));
        // A year and a day, which come in blocks.
        let to = bench.clock();
        let from = to - (366 * 24).hours();
        let read = bench.perform(&Task::ReadImportProfile { from, to }, ESME).expect("reads");
        let TaskAnswer::Profile { entries, gas: false } = read else { panic!("{read:?}") };
        assert_eq!(entries.len(), whole_half_hours(&meter, from, to));
        for entry in &entries {
            assert!(from <= entry.start && entry.start < to);
            let slot = slot_of(entry.start.as_second());
            assert_eq!(slot * SLOT_SECONDS, entry.start.as_second(), "begins a half-hour");
            assert_eq!(entry.used, meter.loads.imported(slot + 1) - meter.loads.imported(slot), "{}", entry.start);
        }
        let none = Task::ReadImportProfile { from: to, to: from };
        assert_eq!(bench.perform(&none, ESME), Ok(TaskAnswer::Profile { entries: Vec::new(), gas: false }));
    }
}

/// How many half-hours that begin in a period are whole by the meter's own clock.
pub fn whole_half_hours(meter: &devices::Meter, from: Timestamp, to: Timestamp) -> usize {
    let begun = slot_of(meter.clock.reads(to).as_second());
    let first = slot_of(from.as_second() + SLOT_SECONDS - 1);
    let until = begun.min(slot_of(to.as_second() + SLOT_SECONDS - 1));
    usize::try_from(until - first).expect("a period")
}

#[test]
fn a_utrn_adds_its_credit_once() {
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        let utrn = Utrn::made(1_550, 9).expect("pence");
        let task = Task::TopUp { utrn: utrn.clone() };
        assert_eq!(bench.perform(&task, ESME), Ok(TaskAnswer::Done));
        assert_eq!(bench.perform(&task, ESME), Ok(TaskAnswer::AlreadyUsed));
        assert_eq!(bench.now().electricity.meter.account.balance, 1_550_000);
        assert_eq!(bench.logged("top-up"), 1);
        let balance = bench.perform(&Task::ReadBalance, ESME).expect("reads");
        assert_eq!(balance, TaskAnswer::Balance { balance: utrn.credit(), mode: PaymentMode::Credit });
        let odd: Utrn = "12345678901234567890".parse().expect("digits");
        assert!(!odd.is_sound() && bench.perform(&Task::TopUp { utrn: odd }, ESME).is_err());
        let read = bench.perform(&Task::ReadPrepayValues, ESME).expect("reads");
        let TaskAnswer::PrepayValues(values) = read else { panic!("{read:?}") };
        let account = bench.now().electricity.meter.account;
        assert_eq!((values.balance, values.emergency_credit), (utrn.credit(), Millipence(500_000)));
        let debts = [values.payment_debt, values.time_debts[0], values.time_debts[1]];
        assert_eq!(debts.map(|debt| debt.0), account.debts);
        assert!(!values.low_credit);
    }
}

#[test]
fn mode_prices_and_tariff_are_in_force_once_the_dco_protected_them() {
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        let mode = PaymentMode::Prepayment {
            suspend_debt_disabled: true,
            suspend_debt_emergency: false,
            disablement_threshold: Millipence(-5),
        };
        assert_eq!(bench.obeyed(&Task::SetPaymentMode { mode }, ESME), TaskAnswer::Done);
        let account = bench.now().electricity.meter.account;
        assert!(account.prepayment && account.terms.suspend_debt_disabled && !account.terms.suspend_debt_emergency);
        assert_eq!(account.terms.disablement_threshold, -5);
        bench.obeyed(&Task::SetPrice { prices: prices(&[250]) }, ESME);
        assert_eq!(kept(&bench).prices.rates, [devices::Amount { amount: 250, scale: -3 }]);
        let tariff = tariff();
        bench.obeyed(&Task::SetTariff { tariff: tariff.clone() }, ESME);
        let meter = bench.now().electricity.meter;
        let amount = |amount| devices::Amount { amount, scale: -3 };
        assert_eq!(meter.account.prices.rates, [amount(300), amount(90)]);
        assert_eq!(meter.account.prices.standing_charge, devices::Amount { amount: 31, scale: -2 });
        let second = meter.calendar.second_rate.expect("a calendar");
        assert_eq!((0..48).filter(|slot| second[*slot]).collect::<Vec<_>>(), (2..12).collect::<Vec<_>>());
        let special = Data::decode_of(meter.calendar.special_days.as_deref());
        let day =
            Data::Structure(vec![Data::LongUnsigned(1), Data::octets([0x07, 0xE5, 12, 25, 0xFF]), Data::Unsigned(1)]);
        assert_eq!(special, Data::Array(vec![day]));
        bench.obeyed(&Task::SetPaymentMode { mode: PaymentMode::Credit }, ESME);
        assert!(!kept(&bench).prepayment);
        assert_eq!(bench.logged("activate-calendar"), 1);
        assert_eq!(bench.logged("set-auxiliary"), 0, "nothing of it was asked");
    }
}

fn kept(bench: &Bench<'_>) -> devices::Account {
    bench.now().electricity.meter.account
}

/// Decodes what a meter keeps encoded.
trait Kept {
    fn decode_of(bytes: Option<&[u8]>) -> Data;
}

impl Kept for Data {
    fn decode_of(bytes: Option<&[u8]>) -> Data {
        tern_dlms::Codec::decode(bytes.expect("is kept")).expect("a value")
    }
}

#[test]
fn the_dmves_alone_says_when_a_tariff_closes_the_auxiliary_load_switch() {
    use Behaviour::{SwitchClosesAtTwoPrices as AtTwoPrices, SwitchClosesAtTwoRates as AtTwoRates};
    let lab = lab();
    let benches = of_each_cohort(&lab);
    let bench = benches.iter().find(|bench| bench.group == GroupId::CA).expect("IOC");
    let same = Task::SetPrice { prices: prices(&[200, 200]) };
    let two = Task::SetPrice { prices: prices(&[200, 90]) };
    let one = Task::SetPrice { prices: prices(&[200]) };
    let of = |task: &Task, behaviours: &[Behaviour]| bench.instructions(task, ESME, behaviours).len();
    assert_eq!([&one, &same, &two].map(|task| of(task, &[])), [1, 1, 1]);
    assert_eq!([&one, &same, &two].map(|task| of(task, &[AtTwoRates])), [1, 2, 2]);
    assert_eq!([&one, &same, &two].map(|task| of(task, &[AtTwoPrices])), [1, 1, 2]);
    let gas = bench.instructions(&two, Addressee::Gsme, &[AtTwoRates]).len();
    assert_eq!(gas, 1, "a gas meter has no such switch");
    for instruction in bench.instructions(&same, ESME, &[AtTwoRates]) {
        bench.asked(&instruction, ESME).expect("is obeyed");
    }
    assert!(bench.now().electricity.auxiliary_closed);
}

#[test]
fn supply_is_off_armed_and_on() {
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        let state = |command| {
            bench.obeyed(&Task::Supply { command }, ESME);
            let told = bench.perform(&Task::ReadSupply, ESME).expect("reads");
            let TaskAnswer::Supply { state, battery_days: None } = told else { panic!("{told:?}") };
            (state, bench.now().electricity.meter.supply)
        };
        assert_eq!(state(SupplyCommand::Disable), (SupplyState::Disabled, devices::SupplyState::Disabled));
        assert_eq!(state(SupplyCommand::Arm), (SupplyState::Armed, devices::SupplyState::Armed));
        assert_eq!(state(SupplyCommand::Enable), (SupplyState::Enabled, devices::SupplyState::Enabled));
        assert_eq!(bench.logged("set-supply"), 3);
    }
}

#[test]
fn a_clock_is_set_to_the_s1sps_time() {
    let lab = lab();
    lab.world.clock().advance(300 * 86_400);
    for bench in of_each_cohort(&lab) {
        let now = bench.clock();
        assert_ne!(bench.now().electricity.meter.clock.reads(now).as_second(), now.as_second(), "it ran away");
        let told = bench.obeyed(&Task::SetClock { now: now - 50.seconds(), tolerance_seconds: 60 }, ESME);
        let TaskAnswer::Clock { reads, status: ClockStatus::Reliable } = told else { panic!("{told:?}") };
        assert!((reads.as_second() - now.as_second()).abs() <= 2, "{reads} at {now}");
        let meter = bench.now().electricity.meter;
        assert!((meter.clock.reads(now).as_second() - now.as_second()).abs() <= 2);
    }
}

#[test]
fn an_image_is_used_where_its_digest_is_the_one_that_is_named() {
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        let model = bench.before.esme.model.clone();
        let newer = DeviceModel { firmware: "99.0".to_owned(), ..model.clone() };
        let image = Image::of(build_image(&newer, &[3; 1_000])).expect("an image");
        let mut firmware = tern_cohorts::Firmware {
            identifier: b"99.0",
            image: &build_image(&newer, &[3; 1_000]),
            size: image.size(),
            digest: image.digest(),
            begun: false,
        };
        let to = tern_cohorts::Recipient::Esme(tern_cohorts::device::Whose::S1sp);
        let sent = bench.with_site(|site| bench.cohort().send_firmware(&mut firmware, to, site, &mut |_| {}));
        assert_eq!(sent.expect("is sent"), FirmwareStage::Verified);
        let mut other = image.digest();
        other.0[0] ^= 1;
        let another = &bench.instructions(&Task::ActivateFirmware { digest: other }, ESME, &[])[0];
        assert_eq!(bench.asked(another, ESME), Err("other-reason".to_owned()));
        bench.obeyed(&Task::ActivateFirmware { digest: image.digest() }, ESME);
        lab.world.clock().advance(60);
        assert_eq!(bench.perform(&Task::ReadFirmware, ESME), Ok(TaskAnswer::Firmware { model: newer }));
        assert_eq!(bench.logged("image-activate"), 1);
    }
}

#[test]
fn whom_it_joined_it_trusts() {
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        let other = bench.before.ppmids[0].device;
        bench.obeyed(&Task::JoinCritical { other }, ESME);
        assert_eq!(bench.now().joined, [(bench.before.esme.device, other)]);
    }
}
