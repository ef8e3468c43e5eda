//! The ESME as a meter: clock, registers, load profile, tariff, supply, payment, power cuts.

use jiff::Timestamp;
use tern_dlms::apdu::{ActionResult, DataAccessResult};
use tern_dlms::cosem::{clock, register};
use tern_dlms::{CaptureObject, CosemDateTime, Data, Selection};
use tern_world::devices::{FaultKind, Times};
use tern_world::dlms::server;

use super::support::*;

fn number(data: Result<Data, tern_dlms::client::ClientError>) -> i128 {
    data.expect("reads").as_whole_number().expect("a number")
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn date_time(text: &str) -> Data {
    Data::date_time(&CosemDateTime::from_timestamp(moment(text)))
}

fn reads_clock(world: &Served<'_>) -> Timestamp {
    world.read(DUAL, server::ESME, (8, CLOCK, 2)).as_date_time().expect("a time").timestamp().expect("a moment")
}

#[test]
fn rates_make_up_the_total_and_all_rise_with_time() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        let mut read = || [IMPORT, RATE_ONE, RATE_TWO].map(|name| number(meter.get(attribute((3, name, 2)))));
        let before = read();
        assert!(before[1] > 0 && before[2] > 0);
        assert_eq!(before[0], before[1] + before[2]);
        world.world.clock().advance(86_400);
        let after = read();
        assert_eq!(after[0], after[1] + after[2]);
        assert!((0..3).all(|at| after[at] > before[at]), "{before:?} {after:?}");
        let unit = meter.get(attribute((3, IMPORT, register::SCALER_UNIT))).expect("a unit");
        assert_eq!(unit, Data::Structure(vec![Data::Integer(0), Data::Enum(30)]), "watt-hours");
    });
}

#[test]
fn a_load_profile_is_read_by_range_by_entries_and_in_blocks() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        let buffer = attribute((7, PROFILE, 2));
        let restricting = CaptureObject::new(clock::CLASS, CLOCK, 2);
        let range = |from: &str, to: &str, columns| {
            let (from, to) = (date_time(from), date_time(to));
            Selection::Range { restricting, from, to, columns }
        };
        let rows = |data: Data| data.as_array().expect("rows").to_vec();
        let day =
            rows(meter.get_with(buffer, &range("2026-02-01T00:00:00Z", "2026-02-01T23:59:59Z", vec![])).expect("rows"));
        assert_eq!(day.len(), 48);
        let values: Vec<i128> = day
            .iter()
            .map(|row| row.as_structure::<2>().expect("two columns")[1].as_whole_number().expect("a number"))
            .collect();
        assert!(values.is_sorted(), "{values:?}");
        assert_eq!(day[0].as_structure::<2>().expect("columns")[0], date_time("2026-02-01T00:00:00Z"));
        let energy = vec![CaptureObject::new(register::CLASS, IMPORT, 2)];
        let one =
            rows(meter.get_with(buffer, &range("2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z", energy)).expect("rows"));
        assert_eq!(one, [Data::Structure(vec![Data::DoubleLongUnsigned(u32::try_from(values[0]).expect("fits"))])]);
        let entries = Selection::Entry { from_entry: 1, to_entry: 10, from_column: 1, to_column: 0 };
        assert_eq!(rows(meter.get_with(buffer, &entries).expect("rows")).len(), 10);
        let kept = number(meter.get(attribute((7, PROFILE, 7))));
        assert_eq!(rows(meter.get(buffer).expect("all of it")).len() as i128, kept);
        assert!(kept > 18_000, "thirteen months: {kept}");
        let elsewhere = CaptureObject::new(register::CLASS, IMPORT, 2);
        let odd = Selection::Range { restricting: elsewhere, from: Data::Null, to: Data::Null, columns: vec![] };
        refused(meter.get_with(buffer, &odd), DataAccessResult::TypeUnmatched);
    });
}

#[test]
fn a_clock_drifts_and_is_set_on_the_critical_association() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let ahead = |world: &Served<'_>| reads_clock(world).as_second() - world.world.clock().now().as_second();
        let off = ahead(world);
        assert!(off.abs() <= 25, "{off}");
        world.world.clock().advance(200 * 86_400);
        assert_ne!(ahead(world), off, "200 days on it is elsewhere");
        let right = CosemDateTime::from_timestamp(world.world.clock().now());
        let mut critical = world.critical(DUAL, &smso_master());
        critical.set(attribute((8, CLOCK, 2)), Data::date_time(&right)).expect("sets");
        assert!(ahead(world).abs() <= 1);
        critical.action(method((8, CLOCK, clock::SHIFT_TIME)), Some(Data::Long(60))).expect("shifts");
        assert!((59..=61).contains(&ahead(world)));
        not_done(
            critical.action(method((8, CLOCK, clock::SHIFT_TIME)), Some(Data::Long(901))),
            ActionResult::TypeUnmatched,
        );
    });
    again(dir.path(), |world| {
        world.world.clock().advance(200 * 86_400);
        let ahead = reads_clock(world).as_second() - world.world.clock().now().as_second();
        assert!((59..=61).contains(&ahead), "{ahead}");
    });
}

#[test]
fn a_new_tariff_counts_from_its_activation() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let mut critical = world.critical(DUAL, &smso_master());
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        let mut second_rate = || number(meter.get(attribute((3, RATE_TWO, 2))));
        let script = Data::octets([0, 0, 10, 0, 100, 255]);
        let action = Data::Structure(vec![Data::octets([0, 0, 0, 0]), script, Data::LongUnsigned(1)]);
        let day = Data::Structure(vec![Data::Unsigned(1), Data::Array(vec![action])]);
        refused(
            critical.set(attribute((20, CALENDAR, 9)), Data::Array(vec![Data::Null])),
            DataAccessResult::TypeUnmatched,
        );
        critical.set(attribute((20, CALENDAR, 6)), Data::octets(*b"FLAT")).expect("names it");
        critical.set(attribute((20, CALENDAR, 9)), Data::Array(vec![day.clone()])).expect("one rate all day");
        let before = second_rate();
        world.world.clock().advance(86_400);
        assert!(second_rate() > before, "not in force yet");
        critical.action(method((20, CALENDAR, 1)), Some(Data::Integer(0))).expect("activates");
        let at_activation = second_rate();
        world.world.clock().advance(86_400);
        assert_eq!(second_rate(), at_activation, "nothing counts in the second rate any more");
        assert_eq!(meter.get(attribute((20, CALENDAR, 2))).expect("reads"), Data::octets(*b"FLAT"));
        assert_eq!(meter.get(attribute((20, CALENDAR, 5))).expect("reads"), Data::Array(vec![day]));
    });
}

#[test]
fn in_prepayment_mode_the_balance_falls() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        let mut critical = world.critical(DUAL, &smso_master());
        critical.set(attribute((1, BALANCE, 2)), Data::Long64(500_000)).expect("adjusts");
        world.world.clock().advance(86_400);
        assert_eq!(number(meter.get(attribute((1, BALANCE, 2)))), 500_000, "in Credit Mode it stays");
        refused(meter.set(attribute((1, PAYMENT_MODE, 2)), Data::Enum(1)), DataAccessResult::ReadWriteDenied);
        critical.set(attribute((1, PAYMENT_MODE, 2)), Data::Enum(1)).expect("switches");
        world.world.clock().advance(86_400);
        let left = number(meter.get(attribute((1, BALANCE, 2))));
        assert!((0..500_000).contains(&left), "{left}");
        refused(critical.set(attribute((1, PAYMENT_MODE, 2)), Data::Enum(2)), DataAccessResult::TypeUnmatched);
    });
    again(dir.path(), |world| {
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        assert_eq!(meter.get(attribute((1, PAYMENT_MODE, 2))).expect("reads"), Data::Enum(1));
    });
}

#[test]
fn while_the_supply_has_failed_nobody_answers_and_the_profile_has_a_gap() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        world.world.clock().advance(14 * 60 + 50);
        world.world.arm(fault(DUAL, FaultKind::PowerCut, "read-esme", Times::Count(1)));
        assert!(world.public(DUAL, server::ESME).expect("opens").get(attribute((1, DEVICE_ID, 2))).is_err());
        assert!(world.public(DUAL, server::CHF).is_err(), "the hub is dark too");
        assert!(world.public(SINGLE, server::ESME).is_ok(), "the neighbour is not");
        world.world.clock().advance(61);
        let mut meter = world.management(DUAL, &smso_keys()).expect("is back");
        assert_eq!(
            meter.get(attribute((1, tern_dlms::LogicalName::new(0, 0, 96, 7, 0, 255), 2))).expect("reads"),
            Data::LongUnsigned(1)
        );
        let restricting = CaptureObject::new(clock::CLASS, CLOCK, 2);
        let (from, to) = (date_time("2026-03-02T10:00:00Z"), date_time("2026-03-02T10:30:00Z"));
        let range = Selection::Range { restricting, from, to, columns: vec![] };
        let rows = meter.get_with(attribute((7, PROFILE, 2)), &range).expect("rows");
        assert_eq!(rows.as_array().expect("rows").len(), 1, "10:30 fell into it");
    });
}
