//! 11.1: who gets the image, and who is left out with which reason.

use tern_model::{Behaviour, DeviceId, DeviceKind, InventoryStatus, UserRole};
use tern_requests::Reason;
use tern_requests::families::distribution::{LeftOut, Listed, sort};
use tern_requests::stages::access_control::TargetDevice;
use tern_wire::duis::Draft;

fn device(number: u8) -> DeviceId {
    format!("00-DB-12-34-56-78-90-{number:02X}").parse().expect("a Device ID")
}

fn held(kind: DeviceKind, registered: &[UserRole]) -> TargetDevice {
    TargetDevice {
        kind,
        status: Some(InventoryStatus::Commissioned),
        behaviours: Vec::new(),
        registered: registered.to_vec(),
    }
}

fn listed(number: u8, known: Option<TargetDevice>) -> Listed {
    Listed { device: device(number), known, is_busy: false }
}

/// A hub, which the Electricity Supplier alone updates.
fn hub(registered: &[UserRole]) -> TargetDevice {
    TargetDevice { behaviours: vec![Behaviour::ElectricitySupplierAlone], ..held(DeviceKind::Chf, registered) }
}

#[test]
fn each_device_goes_into_the_list_that_says_why() {
    let is = [UserRole::Is];
    let esme = |change: fn(&mut TargetDevice)| {
        let mut known = held(DeviceKind::Esme, &[UserRole::Is]);
        change(&mut known);
        Some(known)
    };
    let list = [
        listed(1, esme(|_| {})),
        listed(2, Some(hub(&is))),
        listed(3, Some(hub(&[UserRole::Gs]))),
        listed(4, None),
        listed(5, esme(|known| known.status = Some(InventoryStatus::Suspended))),
        listed(6, Some(held(DeviceKind::Gpf, &is))),
        listed(7, esme(|known| known.behaviours = vec![Behaviour::Unsupported])),
        listed(8, esme(|known| known.registered = vec![UserRole::Ed])),
        Listed { is_busy: true, ..listed(9, esme(|_| {})) },
        listed(10, Some(held(DeviceKind::Gsme, &[UserRole::Gs]))),
        listed(11, esme(|_| {})),
        listed(12, esme(|known| known.behaviours = vec![Behaviour::NotProcessed])),
    ];
    let sorted = sort(&list, |entry| entry.device != device(11)).expect("some are left");
    assert_eq!(sorted.to, [1, 2, 10, 12].map(device), "what the S1SP does not process the DSP sends on (RQ6)");
    use LeftOut::{Busy, Invalid, NotApplicable, NotCommissioned};
    let left = [(3, Invalid), (4, Invalid), (5, NotCommissioned), (6, NotApplicable), (7, NotApplicable), (8, Invalid)];
    let left: Vec<_> =
        left.into_iter().chain([(9, Busy), (11, NotApplicable)]).map(|(n, why)| (device(n), why)).collect();
    assert_eq!(sorted.left_out, left);
    let ids = |numbers: &[u8]| numbers.iter().map(|n| device(*n).to_string()).collect::<Vec<_>>().join(",");
    let warning = Draft::new("DSPUpdateFirmwareWarning")
        .with(Draft::leaf("InvalidDeviceIDList", ids(&[3, 4, 8])))
        .with(Draft::leaf("NotCommissionedDeviceIDList", ids(&[5])))
        .with(Draft::leaf("NotApplicableFirmwareDeviceIDList", ids(&[6, 7, 11])))
        .with(Draft::leaf("OtherRequestInProgressList", ids(&[9])));
    assert!(sorted.warning() == Some(warning), "{:?}", sorted.warning());
}

#[test]
fn where_nobody_is_left_the_request_is_refused_and_where_all_are_there_is_no_warning() {
    let gas = [listed(1, Some(hub(&[UserRole::Gs])))];
    assert_eq!(sort(&gas, |_| true).expect_err("refused").reason, Reason::NoDeviceLeft);
    let electricity = [listed(1, Some(hub(&[UserRole::Is, UserRole::Gs])))];
    assert_eq!(sort(&electricity, |_| true).expect("it goes").warning(), None);
}
