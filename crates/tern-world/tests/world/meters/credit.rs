//! What meters do with money, supply and tariffs: prices, UTRNs, debt registers, an auxiliary load, a valve.

use tern_dlms::Data;
use tern_dlms::apdu::{ActionResult, Apdu, DataAccessResult, GetRequest, GetResponse, InvokeIdAndPriority};
use tern_model::DeviceId;
use tern_world::devices::{LOG_FILE, LogRecord, SupplyState, read_installations, read_log};
use tern_world::dlms::server;

use super::support::*;

/// Twenty pounds; the last digit is Luhn's.
const UTRN: &[u8] = b"00200000000000000071";

fn number(data: Data) -> i128 {
    data.as_whole_number().expect("a number")
}

fn price(amount: i64, scale: i8) -> Data {
    Data::Structure(vec![Data::Long64(amount), Data::Integer(scale)])
}

fn prices(rates: Vec<Data>) -> Data {
    Data::Structure(vec![Data::Enum(0), price(25, -2), Data::Array(rates)])
}

fn gsme(world: &Served<'_>) -> DeviceId {
    let installation = read_installations(world.world.dir()).expect("reads").remove(0);
    assert_eq!(installation.hub.chf, DUAL);
    installation.gsme.expect("a gas meter").device
}

/// What the gas meter, or the GPF, answers to the S1SP.
fn asked(world: &Served<'_>, server: u16, device: DeviceId, apdu: Apdu) -> Apdu {
    // The hub counts for all that is behind it.
    let last = world.read(DUAL, server::CHF, (1, COUNTER_TRANSACTIONS, 2)).as_whole_number().expect("a number");
    let signing = sign(&parties().s1sp, device, u64::try_from(last).expect("a transaction") + 1, &apdu);
    world.signed(DUAL, server, &signing)
}

fn read(world: &Served<'_>, server: u16, device: DeviceId, wanted: (u16, tern_dlms::LogicalName, i8)) -> Data {
    let get = GetRequest::Normal { invoke: InvokeIdAndPriority::new(1), attribute: attribute(wanted).into() };
    match asked(world, server, device, Apdu::GetRequest(get)) {
        Apdu::GetResponse(GetResponse::Normal { result: Ok(data), .. }) => data,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_utrn_is_taken_once_and_over_a_restart_too() {
    let dir = tempfile::tempdir().expect("a folder");
    let utrn = attribute((1, TOP_UP, 2));
    served(dir.path(), |world| {
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        refused(meter.set(utrn, Data::octets(&UTRN[..19])), DataAccessResult::TypeUnmatched);
        let mut odd = UTRN.to_vec();
        odd[10] ^= 1;
        refused(meter.set(utrn, Data::octets(odd)), DataAccessResult::OtherReason);
        refused(meter.set(utrn, Data::octets([b'0'; 20])), DataAccessResult::OtherReason);
        refused(meter.get(utrn), DataAccessResult::ReadWriteDenied);
        meter.set(utrn, Data::octets(UTRN)).expect("tops up");
        assert_eq!(number(meter.get(attribute((1, BALANCE, 2))).expect("reads")), 2_000_000);
        refused(meter.set(utrn, Data::octets(UTRN)), DataAccessResult::ObjectUnavailable);
        assert_eq!(number(meter.get(attribute((1, BALANCE, 2))).expect("reads")), 2_000_000);
    });
    again(dir.path(), |world| {
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        refused(meter.set(utrn, Data::octets(UTRN)), DataAccessResult::ObjectUnavailable);
        let device = gsme(world);
        let top_up = || set_of((1, TOP_UP, 2), Data::octets(UTRN));
        assert_eq!(word(&asked(world, server::GSME, device, top_up())), "success", "another meter's account");
        assert_eq!(word(&asked(world, server::GSME, device, top_up())), "object-unavailable");
    });
    let records = read_log(&dir.path().join(LOG_FILE)).expect("a log");
    let tops = records.iter().filter(|record| matches!(record, LogRecord::Effect(effect) if effect.row == "top-up"));
    assert_eq!(tops.count(), 2, "one for each meter");
    let text = std::fs::read_to_string(dir.path().join(LOG_FILE)).expect("reads");
    assert!(!text.contains(std::str::from_utf8(UTRN).expect("digits")), "no UTRN stands in the log");
}

#[test]
fn prices_are_the_dcos_alone_and_the_balance_follows_them() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        let mut critical = world.critical(DUAL, &smso_master());
        let wanted = attribute((1, PRICES, 2));
        refused(meter.set(wanted, prices(vec![price(1, 0)])), DataAccessResult::ReadWriteDenied);
        refused(critical.set(wanted, prices(vec![price(1, 0); 3])), DataAccessResult::OtherReason);
        refused(critical.set(wanted, prices(Vec::new())), DataAccessResult::OtherReason);
        refused(critical.set(wanted, Data::Null), DataAccessResult::TypeUnmatched);
        critical.set(attribute((1, PAYMENT_MODE, 2)), Data::Enum(1)).expect("Prepayment Mode");
        world.world.clock().advance(86_400);
        let spent = |meter: &mut Meter| number(meter.get(attribute((1, BALANCE, 2))).expect("reads"));
        let a_day = spent(&mut meter);
        assert!(a_day < 0, "{a_day}");
        critical.set(wanted, prices(vec![price(0, 0)])).expect("for nothing");
        world.world.clock().advance(86_400);
        assert_eq!(spent(&mut meter), a_day, "what was used before is paid as before, what comes costs nothing");
        assert_eq!(meter.get(wanted).expect("reads"), prices(vec![price(0, 0)]));
        let values = meter.get(attribute((1, PREPAY_VALUES, 2))).expect("reads");
        let [balance, emergency, .., low] = values.as_structure::<7>().expect("seven values");
        assert_eq!((number(balance.clone()), low), (a_day, &Data::Boolean(true)));
        assert_eq!(number(emergency.clone()), (500_000 + a_day).max(0));
    });
}

#[test]
fn prices_that_wait_come_into_force_with_their_calendar() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        let mut critical = world.critical(DUAL, &smso_master());
        let mut now = || meter.get(attribute((1, PRICES, 2))).expect("reads");
        let before = now();
        let two = prices(vec![price(30, -2), price(9, -2)]);
        critical.set(attribute((1, PASSIVE_PRICES, 2)), two.clone()).expect("takes them");
        assert_eq!(now(), before);
        critical.action(method((20, CALENDAR, 1)), Some(Data::Integer(0))).expect("activates");
        assert_eq!(now(), two);
    });
}

#[test]
fn a_supply_is_off_ready_or_on_and_a_valve_never_opens_from_afar() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let mut critical = world.critical(DUAL, &smso_master());
        let mut state = |number, parameter| {
            critical.action(method((70, SUPPLY, number)), Some(Data::Integer(parameter))).expect("switches");
            critical.get(attribute((70, SUPPLY, 3))).expect("reads")
        };
        assert_eq!(state(1, 0), Data::Enum(0), "off");
        assert_eq!(state(2, 1), Data::Enum(2), "ready for reconnection");
        assert_eq!(state(2, 0), Data::Enum(1), "on");
        not_done(critical.action(method((70, SUPPLY, 2)), Some(Data::Integer(2))), ActionResult::TypeUnmatched);
        critical.action(method((70, AUXILIARY, 2)), Some(Data::Integer(0))).expect("closes");
        assert_eq!(critical.get(attribute((70, AUXILIARY, 2))).expect("reads"), Data::Boolean(true));
        let device = gsme(world);
        let valve = |number, parameter| {
            let action = action_of((70, SUPPLY, number), Data::Integer(parameter));
            word(&asked(world, server::GSME, device, action))
        };
        assert_eq!(valve(1, 0), "success");
        assert_eq!(valve(2, 0), "other-reason", "nobody is there to light the pilot");
        assert_eq!(valve(2, 1), "success");
    });
    let installation = read_installations(dir.path()).expect("reads").remove(0);
    assert_eq!(installation.electricity.meter.supply, SupplyState::Enabled);
    assert_eq!(installation.gas.supply, SupplyState::Armed);
    assert!(installation.electricity.auxiliary_closed);
}

#[test]
fn a_gpf_tells_what_its_gas_meter_does_and_obeys_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let (meter, proxy) = (gsme(world), read_installations(dir.path()).expect("reads")[0].hub.gpf);
        let volume = (3, VOLUME, 2);
        let told = read(world, server::GSME, meter, volume);
        assert!(number(told.clone()) > 0);
        assert_eq!(read(world, server::GPF, proxy, volume), told);
        let unit = Data::Structure(vec![Data::Integer(-3), Data::Enum(13)]);
        assert_eq!(read(world, server::GSME, meter, (3, VOLUME, 3)), unit, "thousandths of a cubic metre");
        let mode = set_of((1, PAYMENT_MODE, 2), Data::Enum(1));
        assert_eq!(word(&asked(world, server::GPF, proxy, mode.clone())), "read-write-denied");
        assert_eq!(word(&asked(world, server::GSME, meter, mode)), "success");
        assert_eq!(read(world, server::GPF, proxy, (1, PAYMENT_MODE, 2)), Data::Enum(1));
        assert_eq!(
            world.management(DUAL, &smso_keys()).expect("opens").get(attribute((1, PAYMENT_MODE, 2))).expect("reads"),
            Data::Enum(0),
            "electricity is paid for apart"
        );
    });
}

#[test]
fn who_is_joined_is_trusted_from_then_on() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let other = Data::octets(ppmid(DUAL).0.0.to_be_bytes());
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        refused(meter.set(attribute((1, JOIN, 2)), other.clone()), DataAccessResult::ReadWriteDenied);
        world.critical(DUAL, &smso_master()).set(attribute((1, JOIN, 2)), other.clone()).expect("joins");
        assert_eq!(meter.get(attribute((1, JOINED, 2))).expect("reads"), Data::Array(vec![other.clone()]));
        let joins = set_of((1, JOIN, 2), Data::octets(gsme(world).0.0.to_be_bytes()));
        assert_eq!(word(&asked(world, server::PPMID, ppmid(DUAL), joins)), "success");
    });
}
