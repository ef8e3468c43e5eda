//! Rows that contradict one another: found, and the installations that they speak of are set aside whole.

use jiff::civil::date;
use tern_model::facts::SourceRow;
use tern_model::{DeviceKind, MeterState};
use tern_plan::estate::AsOf;
use tern_plan::estate::FindingKind::{
    BeforeInstallation, Contradiction, InTwoInstallations, Incomplete, Repeated, TwoMetersAtOnePoint, Unknown,
};

use crate::support::{chf, device, point, rows};

#[test]
fn an_estate_in_order_has_no_finding_and_every_part_is_found() {
    let (estate, findings) = rows(3).estate();
    assert_eq!((findings.count(), estate.installations().len()), (0, 3));
    let second = estate.find_installation(chf(1)).expect("is there");
    let kinds: Vec<DeviceKind> = estate.devices_of(second).iter().map(|device| device.kind).collect();
    assert_eq!(kinds, [DeviceKind::Chf, DeviceKind::Esme, DeviceKind::Gsme]);
    assert_eq!(
        estate.meters_of(second).iter().map(|m| m.point.to_string()).collect::<Vec<_>>().join(" "),
        format!("{} {}", point(1, false), point(1, true))
    );
    let gas = estate.find_point(&point(1, true)).expect("is there");
    assert_eq!(estate.meter_of(estate.find_device(device(1, 2)).expect("is there")), Some(gas));
    assert_eq!(estate.meters()[gas.at()].installation, second);
    let combination = estate.combination(second);
    assert_eq!(estate.catalogue().model_text(combination.esme).model, "ESME");
    assert_eq!(estate.catalogue().text(combination.provider), "Provider A");
}

#[test]
fn a_meter_in_two_installations_sets_both_aside() {
    let mut rows = rows(4);
    let mut again = rows.devices[1].clone();
    (again.row, again.chf) = (SourceRow(99), chf(2));
    rows.devices.push(again);
    rows.check(&[InTwoInstallations], &[0, 2]);
}

#[test]
fn two_meters_at_one_metering_point_set_both_installations_aside() {
    let mut rows = rows(3);
    rows.meters[4].mpxn = rows.meters[0].mpxn.clone();
    rows.check(&[TwoMetersAtOnePoint], &[0, 2]);
}

#[test]
fn a_repeated_row_is_told_and_harmless_and_a_contradiction_is_not() {
    let mut rows = rows(2);
    let mut again = (rows.installations[0].clone(), rows.devices[1].clone(), rows.meters[0].clone());
    (again.0.row, again.1.row, again.2.row) = (SourceRow(50), SourceRow(51), SourceRow(52));
    rows.installations.push(again.0);
    rows.devices.push(again.1);
    rows.meters.push(again.2);
    rows.check(&[Repeated, Repeated, Repeated], &[]);
    rows.meters[4].service = MeterState::Active;
    rows.check(&[Repeated, Repeated, Contradiction], &[0]);
    rows.devices[6].model.firmware = "2.0".into();
    rows.installations[2].smso = "South".into();
    rows.check(&[Contradiction, Contradiction, Contradiction], &[0]);
}

#[test]
fn a_service_that_began_before_the_installation_is_found() {
    let mut rows = rows(2);
    rows.meters[3].since = date(2016, 5, 1);
    rows.check(&[BeforeInstallation], &[1]);
}

#[test]
fn a_meter_measures_the_fuel_of_its_device() {
    let mut rows = rows(3);
    // The GSME of the first installation has an MPAN, the ESME of the second an MPRN.
    rows.meters[1].mpxn = point(7, false);
    rows.meters[2].mpxn = point(8, true);
    rows.check(&[Contradiction, Contradiction], &[0, 1]);
    let (_, findings) = rows.estate();
    let told = findings.list()[0].fault.to_string();
    assert!(told.contains("meters.csv row 3, mpxn") && told.contains("is an MPAN, and row 4"), "{told}");
}

#[test]
fn a_service_that_has_not_begun_is_found_where_the_day_is_known() {
    let mut rows = rows(2);
    rows.meters[3].since = date(2035, 5, 5);
    rows.check(&[], &[]);
    let as_of = |as_of| {
        let (estate, findings) = rows.estate_as_of(Some(as_of));
        (estate.set_aside().to_vec(), findings.list().iter().map(|of| of.fault.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(as_of(AsOf::FirstDay(date(2035, 5, 5))), (vec![], vec![]));
    let (aside, told) = as_of(AsOf::FirstDay(date(2035, 5, 4)));
    assert_eq!(aside, [chf(1)]);
    let said = "meters.csv row 5, since: 2035-05-05 is after 2035-05-04, the first day to plan; correct it";
    assert!(told.len() == 1 && told[0].starts_with(said), "{told:?}");
    assert!(as_of(AsOf::Today(date(2026, 1, 1))).1[0].contains("2026-01-01, today; write the day"));
}

#[test]
fn rows_about_nothing_are_found_and_change_nothing() {
    let mut rows = rows(2);
    let mut device = rows.devices[1].clone();
    (device.device, device.chf) = (crate::support::device(7, 1), chf(7));
    rows.devices.push(device);
    let mut meter = rows.meters[0].clone();
    (meter.device, meter.mpxn) = (crate::support::device(8, 1), point(8, false));
    rows.meters.push(meter);
    rows.check(&[Unknown, Unknown], &[]);
}

#[test]
fn an_installation_that_lacks_a_part_is_set_aside() {
    let mut without_esme = rows(2);
    without_esme.devices.remove(1);
    without_esme.check(&[Unknown, Incomplete], &[0]);
    let mut without_meter = rows(2);
    without_meter.meters.remove(3);
    without_meter.check(&[Incomplete], &[1]);
    let mut without_hub = rows(2);
    without_hub.devices.remove(3);
    without_hub.check(&[Incomplete], &[1]);
    let mut two_hubs = rows(2);
    two_hubs.devices[2].kind = DeviceKind::Chf;
    two_hubs.check(&[Contradiction], &[0]);
}
