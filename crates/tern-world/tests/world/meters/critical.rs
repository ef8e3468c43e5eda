//! The critical association: what answers there alone, to whom, and never twice.

use tern_dlms::apdu::{ActionResult, Apdu, DataAccessResult, GetRequest, InvokeIdAndPriority};
use tern_dlms::client::ClientError;
use tern_dlms::security::{Ciphering, Form, Key, Protection, wrap_key};
use tern_dlms::{Codec, Data, SystemTitle};
use tern_model::Secret;
use tern_world::dlms::{critical_keys, server};

use super::support::*;

fn transfer_master(world: &Served<'_>, from: &Secret<16>, to: &Secret<16>) {
    let wrapped = wrap_key(&Key::new(*from.expose()), &Key::new(*to.expose())).expect("wraps");
    let keys = Data::Array(vec![Data::Structure(vec![Data::Enum(3), Data::octets(wrapped)])]);
    world.critical(DUAL, from).action(method((64, SECURITY, 2)), Some(keys)).expect("replaces");
}

#[test]
fn what_is_critical_answers_on_the_critical_association_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let off = (method((70, SUPPLY, 1)), Some(Data::Integer(0)));
        let mut management = world.management(DUAL, &smso_keys()).expect("opens");
        not_done(management.action(off.0, off.1.clone()), ActionResult::ReadWriteDenied);
        not_done(management.action(method((20, CALENDAR, 1)), None), ActionResult::ReadWriteDenied);
        not_done(management.action(method((18, IMAGE, 4)), None), ActionResult::ReadWriteDenied);
        refused(management.set(attribute((8, CLOCK, 2)), Data::Null), DataAccessResult::ReadWriteDenied);
        refused(management.set(attribute((20, CALENDAR, 6)), Data::octets(*b"x")), DataAccessResult::ReadWriteDenied);
        assert_eq!(management.get(attribute((70, SUPPLY, 2))).expect("reads"), Data::Boolean(true));
        let mut critical = world.critical(DUAL, &smso_master());
        assert_eq!(
            critical.get(attribute((1, DEVICE_ID, 2))).expect("reads").as_octets().expect("octets"),
            esme(DUAL).0.0.to_be_bytes()
        );
        critical.action(off.0, off.1).expect("disconnects");
        assert_eq!(critical.get(attribute((70, SUPPLY, 2))).expect("reads"), Data::Boolean(false));
        refused(critical.get(attribute((3, IMPORT, 2))), DataAccessResult::ObjectUndefined);
    });
}

#[test]
fn critical_keys_follow_the_master_key_there_and_back() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let dco = Secret::new([21; 16]);
        let answers = |master: &Secret<16>| world.critical(DUAL, master).get(attribute((1, DEVICE_ID, 2))).is_ok();
        assert!(answers(&smso_master()) && !answers(&dco));
        transfer_master(world, &smso_master(), &dco);
        assert!(answers(&dco) && !answers(&smso_master()), "the SMSO's critical keys are gone");
        transfer_master(world, &dco, &smso_master());
        assert!(answers(&smso_master()) && !answers(&dco), "a rollback brings them back");
    });
}

#[test]
fn a_critical_request_is_never_heard_twice_and_never_under_other_keys() {
    let dir = tempfile::tempdir().expect("a folder");
    let request =
        GetRequest::Normal { invoke: InvokeIdAndPriority::new(1), attribute: attribute((1, DEVICE_ID, 2)).into() };
    let peer = SystemTitle(esme(DUAL).0.0.to_be_bytes());
    let sealed = |counter| {
        let ciphering = Ciphering { keys: critical_keys(&smso_master(), esme(DUAL)), own: DCO, peer };
        let plain = request.to_bytes();
        ciphering.seal(Form::General, Protection::AuthenticatedEncrypted, counter, &plain).expect("seals")
    };
    let is_protected = |answer: &[u8]| matches!(Apdu::decode(answer), Ok(Apdu::GeneralGloCiphering(_)));
    let relay = |world: &Served<'_>, apdu: &[u8]| world.critical(DUAL, &smso_master()).relay(apdu).expect("an answer");
    served(dir.path(), |world| {
        let (first, second) = (sealed(5), sealed(6));
        assert!(is_protected(&relay(world, &second)));
        assert!(!is_protected(&relay(world, &second)), "the same again");
        assert!(!is_protected(&relay(world, &first)), "an earlier one");
        let mut altered = sealed(7);
        let last = altered.len() - 1;
        altered[last] ^= 1;
        assert!(!is_protected(&relay(world, &altered)), "one bit of its tag");
        assert!(!is_protected(&relay(world, &request.to_bytes())), "in the clear");
        assert!(is_protected(&relay(world, &sealed(7))), "an altered one used nothing up");
    });
    again(dir.path(), |world| {
        assert!(!is_protected(&relay(world, &sealed(7))), "after a restart");
        assert!(is_protected(&relay(world, &sealed(8))));
        assert_eq!(world.read(DUAL, server::ESME, (1, COUNTER_CRITICAL, 2)), Data::DoubleLongUnsigned(8));
    });
}

#[test]
fn an_aarq_opens_no_critical_association() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        use tern_dlms::client::{Association, Client, Ports};
        let ports = Ports { client: tern_world::dlms::client::CRITICAL, server: server::ESME };
        let public = Client::connect(world.stream(DUAL), ports, Association::Public);
        assert!(matches!(public, Err(ClientError::Refused(_))), "{public:?}");
    });
}
