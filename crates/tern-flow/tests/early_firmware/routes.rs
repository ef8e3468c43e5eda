//! Routes: hops, the versions between them, and whom they touch (4.33, 4.26).

use tern_flow::early_firmware::{Consent, Hop, MeterIs, Route, RouteFault};
use tern_model::MeterState::{Active, Dormant};
use tern_model::{DeviceKind, MeterState};

fn hop(device: DeviceKind, from: &'static str, to: &'static str) -> Hop<&'static str> {
    Hop { device, from, to }
}

fn route() -> Route<&'static str> {
    let hops = vec![
        hop(DeviceKind::Chf, "1", "2"),
        hop(DeviceKind::Esme, "1", "2"),
        hop(DeviceKind::Gsme, "7", "8"),
        hop(DeviceKind::Esme, "2", "3"),
    ];
    Route::new(hops).expect("a route")
}

#[test]
fn hops_follow_one_another() {
    assert_eq!(Route::<u8>::new(Vec::new()), Err(RouteFault::Empty));
    let gap = vec![hop(DeviceKind::Esme, "1", "2"), hop(DeviceKind::Gsme, "1", "2"), hop(DeviceKind::Esme, "3", "4")];
    assert_eq!(Route::new(gap), Err(RouteFault::Gap(2)));
    assert_eq!(RouteFault::Gap(2).to_string(), "hop 3 does not begin where the Device's hop before it ended");
    let many = |count: u32| (0..count).map(|at| Hop { device: DeviceKind::Esme, from: at, to: at + 1 }).collect();
    assert_eq!(Route::new(many(65_536)), Err(RouteFault::TooLong));
    assert_eq!(route().len(), 4);
}

#[test]
fn interim_versions_are_those_that_no_device_keeps() {
    assert_eq!(route().interim().collect::<Vec<_>>(), [(DeviceKind::Esme, &"2")]);
    let versions = |made| {
        [DeviceKind::Chf, DeviceKind::Esme, DeviceKind::Gsme].map(|d| *route().version_after(made, d).expect("one"))
    };
    assert_eq!(versions(0), ["1", "1", "7"]);
    assert_eq!(versions(2), ["2", "2", "7"]);
    assert_eq!(versions(4), ["2", "3", "8"]);
    assert_eq!(route().version_after(4, DeviceKind::Ppmid), None);
}

#[track_caller]
fn check(esme: MeterState, gsme: MeterState, covered: [bool; 5]) {
    let meters = [MeterIs { meter: DeviceKind::Esme, state: esme }, MeterIs { meter: DeviceKind::Gsme, state: gsme }];
    let found = [0, 1, 2, 3, 4].map(|made| route().consent(made, &meters) == Consent::Covers);
    assert_eq!(found, covered, "ESME {esme:?}, GSME {gsme:?}");
}

#[test]
fn the_consent_reaches_to_dormant_meters_and_the_devices_with_them() {
    check(Dormant, Dormant, [true; 5]);
    check(Active, Active, [false; 5]);
    check(Dormant, Active, [false, false, false, true, true]);
    check(Active, Dormant, [false, false, false, false, true]);
}
