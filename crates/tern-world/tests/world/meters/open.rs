//! What everybody may read, and that nobody may do more without keys.

use tern_dlms::Data;
use tern_dlms::apdu::{ActionResult, DataAccessResult};
use tern_dlms::client::{Association, Client, ClientError, Ports, Refusal};
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::security_setup::CertificateInfo;
use tern_dlms::security::Password;
use tern_world::dlms::{client, server};

use super::support::*;

#[test]
fn each_device_tells_everybody_what_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let devices = [
            (server::ESME, esme(DUAL), "meter"),
            (server::CHF, tern_model::DeviceId(DUAL.0), "hub"),
            (server::GPF, tern_model::DeviceId(tern_model::Eui64(DUAL.0.0 + 0x300)), "hub"),
            (server::GSME, gsme(DUAL), "gas"),
            (server::PPMID, ppmid(DUAL), "display"),
        ];
        for (server, device, model) in devices {
            let id = world.read(DUAL, server, (1, DEVICE_ID, 2));
            assert_eq!(id.as_octets().expect("octets"), device.0.0.to_be_bytes(), "{model}");
            let expected = vec![Data::Utf8String("Maker".to_owned()), Data::Utf8String(model.to_owned())];
            assert_eq!(world.read(DUAL, server, (1, MODEL, 2)), Data::Structure(expected));
            assert_eq!(world.read(DUAL, server, (1, FIRMWARE, 2)), Data::Utf8String("1.0".to_owned()));
        }
        assert_eq!(world.read(DUAL, server::CHF, (45, APN, 2)), Data::octets(*b"smso.apn"));
        let listed = world.read(DUAL, server::CHF, (1, WHITELIST, 2));
        assert_eq!(listed, Data::Array(vec![Data::octets(esme(DUAL).0.0.to_be_bytes())]));
        for server in [server::ESME, server::CHF, server::GSME, server::PPMID] {
            let held =
                Vec::<CertificateInfo>::of_data(&world.read(DUAL, server, (64, SECURITY, 6))).expect("certificates");
            let (serial, issuer) = parties().smso.certificate().id().parts();
            assert_eq!(held.len(), 1);
            assert_eq!(held[0].serial_number, serial.to_be_bytes().to_vec());
            assert_eq!(held[0].issuer, issuer.as_bytes());
        }
    });
}

#[test]
fn a_connection_may_speak_to_several_devices_and_each_address_is_one_installation() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let id = |chf, server| world.read(chf, server, (1, DEVICE_ID, 2));
        assert_ne!(id(DUAL, server::CHF), id(SINGLE, server::CHF));
        let esme = world.public(DUAL, server::ESME).expect("opens");
        let stream = esme.release().expect("ends");
        let ports = Ports { client: client::PUBLIC, server: server::CHF };
        let mut hub = Client::connect(stream, ports, Association::Public).expect("opens");
        assert_eq!(hub.get(attribute((1, DEVICE_ID, 2))).expect("reads"), id(DUAL, server::CHF));
        for (chf, server) in [(SINGLE, server::GSME), (SINGLE, server::PPMID), (DUAL, server::PPMID + 1), (DUAL, 99)] {
            let absent = world.public(chf, server);
            assert!(matches!(absent, Err(ClientError::Refused(Refusal::Exception(_)))), "{server}: {absent:?}");
        }
        drop(hub);
    });
}

#[test]
fn without_keys_nothing_more_is_read_and_nothing_is_changed() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let mut meter = world.public(DUAL, server::ESME).expect("opens");
        refused(meter.get(attribute((3, IMPORT, 2))), DataAccessResult::ObjectUndefined);
        refused(meter.get(attribute((7, PROFILE, 2))), DataAccessResult::ObjectUndefined);
        refused(meter.get(attribute((1, PAYMENT_MODE, 2))), DataAccessResult::ObjectUndefined);
        refused(meter.set(attribute((8, CLOCK, 2)), Data::Null), DataAccessResult::ReadWriteDenied);
        let certificate = Data::octets(parties().s1sp.certificate().der());
        not_done(meter.action(method((64, SECURITY, 6)), Some(certificate)), ActionResult::ReadWriteDenied);
        let mut hub = world.public(DUAL, server::CHF).expect("opens");
        refused(hub.set(attribute((45, APN, 2)), Data::octets(*b"mine")), DataAccessResult::ReadWriteDenied);
        refused(hub.get(attribute((3, APN, 2))), DataAccessResult::ObjectClassInconsistent);
    });
}

#[test]
fn a_model_that_opens_it_has_a_low_level_association_that_reads() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let low = |password: &str| {
            let ports = Ports { client: client::LOW_LEVEL, server: server::ESME };
            let password = Password::new(password.as_bytes().to_vec());
            Client::connect(world.stream(DUAL), ports, Association::LowLevel { password })
        };
        let mut meter = low("low").expect("opens");
        assert!(meter.get(attribute((3, IMPORT, 2))).is_ok());
        refused(meter.get(attribute((70, SUPPLY, 2))), DataAccessResult::ObjectUndefined);
        assert!(matches!(low("wrong"), Err(ClientError::Refused(Refusal::Association { .. }))));
    });
}

#[test]
fn an_association_lists_the_objects_that_it_opens() {
    let dir = tempfile::tempdir().expect("a folder");
    served(dir.path(), |world| {
        let listed = |data: Data| data.as_array().expect("objects").len();
        let public = listed(world.read(DUAL, server::ESME, (15, CURRENT, 2)));
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        let management = listed(meter.get(attribute((15, CURRENT, 2))).expect("objects"));
        assert!(public < management, "{public} {management}");
    });
}
