//! Events find what they speak of, or are told and not applied.

use jiff::civil::date;
use tern_model::MeterState;
use tern_model::estate::{EventKind, EventRecord};
use tern_plan::estate::{FindingKind, What};

use crate::support::{chf, device, event, point, rows, supplier};

#[test]
fn an_event_finds_its_meter_by_device_and_by_metering_point() {
    let (mut estate, _) = rows(2).estate();
    let on = date(2020, 3, 2);
    let dormant = EventRecord { device: Some(device(1, 2)), ..event(on, EventKind::MeterDormant) };
    let placed = estate.place(&dormant).expect("is placed");
    let gas = estate.find_point(&point(1, true)).expect("is there");
    assert_eq!(placed.what, What::Service { meter: gas, service: MeterState::Dormant });
    let change = EventRecord {
        mpxn: Some(point(1, true)),
        supplier: Some(supplier(77)),
        effective: Some(date(2020, 3, 20)),
        ..event(on, EventKind::ChangeOfSupplier)
    };
    let What::ChangeOfSupplier { meter, supplier: to, .. } = estate.place(&change).expect("is placed").what else {
        panic!("another event");
    };
    assert_eq!((meter, estate.catalogue().supplier_id(to)), (gas, supplier(77)));
}

#[test]
fn an_event_about_nothing_or_before_the_installation_is_not_applied() {
    let (mut estate, _) = rows(1).estate();
    let mut refused = |record: EventRecord| estate.place(&record).expect_err("is refused").kind;
    let on = date(2020, 3, 2);
    let configured = |number| EventRecord { chf: Some(chf(number)), ..event(on, EventKind::SmsoConfigured) };
    assert_eq!(refused(configured(5)), FindingKind::Unknown);
    let early = EventRecord { on: date(2016, 5, 1), ..configured(0) };
    assert_eq!(refused(early), FindingKind::BeforeInstallation);
    let entry = EventRecord { entry: Some("none".into()), ..event(on, EventKind::TagConfirmed) };
    assert_eq!(refused(entry), FindingKind::Unknown);
    assert_eq!(refused(event(on, EventKind::MeterActive)), FindingKind::BadRow);
    let hub = EventRecord { device: Some(device(0, 0)), ..event(on, EventKind::MeterActive) };
    assert_eq!(refused(hub), FindingKind::Unknown);
}
