//! The fault script by operations: what is not reached, what fails, what is done and never answered.

use tern_dlms::Data;
use tern_dlms::apdu::Apdu;
use tern_dlms::client::{ClientError, Refusal};
use tern_model::DeviceId;
use tern_world::devices::{FaultKind, LogRecord, Times, read_log};
use tern_world::dlms::server;

use super::support::*;

const HUB: (tern_model::ChfIdentifier, u16, DeviceId) = (DUAL, server::CHF, DeviceId(DUAL.0));

fn set_apn(apn: &str) -> Apdu {
    set_of((45, APN, 2), Data::octets(apn.as_bytes()))
}

fn ask(world: &Served<'_>, apdu: Apdu) -> String {
    let signing = world.request(&parties().smso, HUB, apdu);
    word(&world.signed(DUAL, server::CHF, &signing))
}

#[test]
fn without_wan_a_connection_ends_before_anything() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        world.world.arm(fault(DUAL, FaultKind::NoWan, "", Times::Count(2)));
        for _ in 0..2 {
            assert!(matches!(world.public(DUAL, server::CHF), Err(ClientError::Unknown(_))));
        }
        assert!(world.public(DUAL, server::CHF).is_ok(), "twice is over");
        world.world.arm(fault(DUAL, FaultKind::NoWan, "set-apn", Times::Count(1)));
        let signing = world.request(&parties().smso, HUB, set_apn("x"));
        let mut hub = world.public(DUAL, server::CHF).expect("opens");
        assert!(hub.relay(&tern_dlms::Codec::to_bytes(&signing)).is_err());
        assert_eq!(world.world.snapshot(DUAL).expect("is there").apn, "smso.apn");
    });
}

#[test]
fn a_failure_does_nothing_and_a_lost_answer_is_obeyed() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        world.world.arm(fault(DUAL, FaultKind::Fail, "set-apn", Times::Count(1)));
        assert_eq!(ask(world, set_apn("one")), "temporary-failure");
        assert_eq!(world.world.snapshot(DUAL).expect("is there").apn, "smso.apn");
        assert_eq!(ask(world, set_apn("one")), "success");
        world.world.arm(fault(DUAL, FaultKind::LostAnswer, "set-apn", Times::Count(1)));
        let signing = world.request(&parties().smso, HUB, set_apn("two"));
        let mut hub = world.public(DUAL, server::CHF).expect("opens");
        assert!(hub.relay(&tern_dlms::Codec::to_bytes(&signing)).is_err());
        assert_eq!(world.world.snapshot(DUAL).expect("is there").apn, "two");
        world.world.arm(fault(DUAL, FaultKind::LostAnswer, "read-esme", Times::Count(1)));
        let mut meter = world.management(SINGLE, &smso_keys()).expect("the neighbour");
        assert!(meter.get(attribute((1, DEVICE_ID, 2))).is_ok());
    });
    let records = read_log(&dir.path().join(tern_world::devices::LOG_FILE)).expect("a log");
    assert_eq!(records.iter().filter(|record| matches!(record, LogRecord::Fault(_))).count(), 2);
}

#[test]
fn an_operation_may_be_struck_from_its_second_time_on_and_on_one_device_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        world.world.arm(fault(DUAL, FaultKind::Fail, "set-apn@2", Times::Always));
        world.world.arm(fault(DUAL, FaultKind::Fail, "import-certificate/esme", Times::Always));
        assert_eq!(ask(world, set_apn("one")), "success");
        assert_eq!(ask(world, set_apn("two")), "temporary-failure");
        let import = |signer: &tern_wire::smki::Signer| Data::octets(signer.certificate().der());
        assert_eq!(ask(world, action_of((64, SECURITY, 6), import(&parties().smso))), "success", "the hub's");
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        let put = meter.action(method((64, SECURITY, 6)), Some(import(&parties().s1sp)));
        not_done(put, tern_dlms::apdu::ActionResult::TemporaryFailure);
    });
}

#[test]
fn an_association_may_fail_and_so_may_its_refusal() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        world.world.arm(fault(DUAL, FaultKind::Fail, "associate", Times::Count(1)));
        assert!(world.management(DUAL, &smso_keys()).is_err());
        assert!(world.management(DUAL, &smso_keys()).is_ok());
        let refused = world.management(DUAL, &new_keys());
        assert!(matches!(refused, Err(ClientError::Refused(Refusal::Association { .. }))), "{refused:?}");
        world.world.arm(fault(DUAL, FaultKind::Fail, "refuse-association", Times::Count(1)));
        assert!(matches!(world.management(DUAL, &new_keys()), Err(ClientError::Unknown(_))));
    });
}

#[test]
fn a_failing_gas_han_hides_the_gas_meter_alone_and_a_lying_hub_its_name() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        world.world.arm(fault(DUAL, FaultKind::GasHanError, "", Times::Always));
        world.world.arm(fault(DUAL, FaultKind::InventoryRefusal, "", Times::Always));
        let gas = world.public(DUAL, server::GSME);
        assert!(matches!(gas, Err(ClientError::Refused(Refusal::Exception(_)))), "{gas:?}");
        assert!(world.public(DUAL, server::PPMID).is_ok());
        let told = world.read(DUAL, server::CHF, (1, DEVICE_ID, 2));
        assert_ne!(told, Data::octets(DUAL.0.0.to_be_bytes()));
        assert_eq!(world.read(DUAL, server::CHF, (45, APN, 2)), Data::octets(*b"smso.apn"));
    });
}
