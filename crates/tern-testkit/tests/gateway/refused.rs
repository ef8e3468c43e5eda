//! What the DCC itself refuses to answer: each reason that only the inventory's keeper can find, at the running gateway, beside a request
//! that differs in that alone and is answered.

use tern_model::{DeviceId, Eui64, GroupId};
use tern_requests::{Codes, Reason};
use tern_service::clock::Clock;
use tern_testkit::Home;
use tern_wire::duis::Draft;

use crate::at_the_gateway::AT_THE_GATEWAY;
use crate::bench::{COUNTER, bench, served};

const NOBODY: DeviceId = DeviceId(Eui64(0x00DB_1253_8000_7777));
const NEW: DeviceId = DeviceId(Eui64(0x00DB_1253_8000_7701));

fn read(key: &'static str, value: impl ToString) -> (&'static str, Draft) {
    ("8.2", Draft::new("ReadInventory").with(Draft::leaf(key, value.to_string())))
}

fn update(device: DeviceId, what: Draft) -> (&'static str, Draft) {
    ("8.4", Draft::new("UpdateInventory").with(Draft::leaf("DeviceID", device)).with(what))
}

fn notify(device: DeviceId, kind: &str, gpf: Option<DeviceId>) -> (&'static str, Draft) {
    let body = Draft::new("DevicePrenotification")
        .with(Draft::leaf("DeviceID", device))
        .with(Draft::leaf("DeviceManufacturer", "ACME"))
        .with(Draft::leaf("DeviceModel", "P1"))
        .with(Draft::leaf("DeviceType", kind))
        .with_some(gpf.map(|gpf| Draft::leaf("AssociatedGPFDeviceID", gpf)));
    ("12.2", body)
}

fn firmware(image: &str, device: DeviceId) -> (&'static str, Draft) {
    let body = Draft::new("UpdateFirmware")
        .with(Draft::leaf("FirmwareImage", image))
        .with(Draft::leaf("FirmwareVersion", "9.0"))
        .with(Draft::leaf("DeviceIDList", device));
    ("11.1", body)
}

/// A request that is refused for a reason, and what differs in that alone.
fn cases(reason: Reason, home: &Home) -> [(&'static str, Draft); 2] {
    let pending = || Draft::leaf("UpdateDeviceStatusExceptCH", "Pending");
    let installed = || Draft::leaf("UpdateDeviceStatusExceptCH", "InstalledNotCommissioned");
    let point = || Draft::new("UpdateMPxN").with(Draft::leaf("ImportMPxN", home.mpan.as_str()));
    match reason {
        Reason::NothingFound => [read("DeviceID", NOBODY), read("DeviceID", home.esme)],
        Reason::KeyNotKept => [read("UPRN", 100_000), read("MPxN", home.mpan.as_str())],
        Reason::UpdateUnknownDevice => [update(NOBODY, installed()), update(NEW, installed())],
        Reason::UpdateStatus => [update(home.esme, pending()), update(NEW, pending())],
        Reason::UpdateKind => {
            let out = || Draft::leaf("UpdateDeviceStatusCH", "Withdrawn");
            [update(home.esme, out()), update(home.chf.into(), out())]
        }
        Reason::UpdateCommissioned => {
            let delete = || Draft::new("DeleteDevice");
            [update(home.esme, delete()), update(NEW, delete())]
        }
        Reason::UpdatePoint => [update(home.ppmid.expect("a PPMID"), point()), update(home.esme, point())],
        Reason::SameDeviceIds => [notify(NOBODY, "CHF", Some(NOBODY)), notify(NOBODY, "CHF", Some(with(NOBODY, 1)))],
        Reason::AlreadyNotified => [notify(home.esme, "ESME", None), notify(with(NOBODY, 2), "ESME", None)],
        Reason::KindNotServed => [notify(with(NOBODY, 3), "HCALCS", None), notify(with(NOBODY, 3), "PPMID", None)],
        Reason::NoDeviceLeft => [firmware("AAAA", with(NOBODY, 9)), firmware("AAAA", home.esme)],
        Reason::ImageUnfit => [firmware("", home.esme), firmware("AAAA", home.ppmid.expect("a PPMID"))],
        other => panic!("{other:?} is found before"),
    }
}

fn with(device: DeviceId, number: u64) -> DeviceId {
    DeviceId(Eui64(device.0.0 + number))
}

#[test]
fn every_reason_of_the_inventorys_is_told_by_its_own_code_and_what_differs_in_that_alone_is_answered() {
    let bench = bench();
    let home = bench.home(GroupId::CA);
    let service = served(&bench, bench.plan());
    let user = service.user(&home.supplier);
    let mut counter = COUNTER;
    let mut asks = |(srv, body): (&str, Draft)| {
        counter += 1;
        let request = user.request_to_dcc(counter, srv, body);
        user.asks("serviceD", &request, bench.clock.now()).header().code.to_string()
    };
    assert_eq!(asks(notify(NEW, "PPMID", None)), "I99");
    let codes = Codes::default();
    for reason in AT_THE_GATEWAY {
        let [refused, answered] = cases(reason, home);
        assert_eq!(asks(refused), codes.code(reason), "{reason:?}");
        let code = asks(answered);
        assert!(["I0", "I99"].contains(&code.as_str()), "{reason:?}: {code} where nothing is wrong");
    }
    // What is another supplier's is not changed, nor does a meter get a metering point that is another's.
    let others = bench.homes.iter().find(|other| other.supplier != home.supplier).expect("another's home");
    let out = Draft::leaf("UpdateDeviceStatusCH", "Withdrawn");
    assert_eq!(asks(update(others.chf.into(), out)), "E4");
    let moved = Draft::new("UpdateMPxN").with(Draft::leaf("ImportMPxN", others.mpan.as_str()));
    assert_eq!(asks(update(home.esme, moved)), codes.code(Reason::UpdatePoint));
    service.stop().expect("a clean end");
}
