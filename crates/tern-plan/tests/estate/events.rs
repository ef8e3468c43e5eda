//! Events find what they speak of, or are told and not applied.

use jiff::civil::date;
use tern_model::MeterState;
use tern_model::estate::{EventKind, EventRecord};
use tern_model::facts::ExclusionCategory;
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

#[test]
fn the_last_day_of_an_authorisation_is_a_day_and_not_over_before_the_first() {
    let (mut estate, _) = rows(1).estate();
    let mut placed = |effective, value: Option<&str>| {
        let (chf, supplier, value) = (Some(chf(0)), Some(supplier(1)), value.map(ToOwned::to_owned));
        let record = event(date(2020, 3, 2), EventKind::Authorised);
        estate.place(&EventRecord { chf, supplier, value, effective, ..record }).map(|event| match event.what {
            What::Authorised { from, until, .. } => (from, until),
            other => panic!("{other:?}"),
        })
    };
    let (known, later) = (date(2020, 3, 2), date(2020, 3, 9));
    assert_eq!(placed(None, None).expect("is placed"), (known, None));
    assert_eq!(placed(Some(later), Some("2020-03-09")).expect("is placed"), (later, Some(later)));
    for (effective, value, said) in [
        (Some(later), "2020-03-08", "2020-03-08 is before 2020-03-09"),
        (Some(date(2020, 2, 1)), "2020-03-01", "2020-03-01 is before 2020-03-02"),
        (None, "a while", "`a while` is no day"),
        (None, "20200309", "`20200309` is no day"),
    ] {
        let refused = placed(effective, Some(value)).expect_err("is refused");
        assert_eq!(refused.kind, FindingKind::BadRow);
        assert!(refused.fault.to_string().contains(said), "{said} in {}", refused.fault);
    }
}

#[test]
fn an_exclusion_has_a_category_with_what_it_needs() {
    let mut rows = rows(2);
    rows.meters.retain(|meter| meter.device != device(1, 2));
    rows.devices.retain(|of| of.device != device(1, 2));
    let (mut estate, _) = rows.estate();
    let mut placed = |number, value: &str, supplier| {
        let (chf, document) = (Some(chf(number)), Some("a report".to_owned()));
        let value = Some(value.to_owned());
        estate.place(&EventRecord { chf, value, document, supplier, ..event(date(2020, 3, 2), EventKind::Excluded) })
    };
    for category in ExclusionCategory::ALL {
        let terminated = category == ExclusionCategory::SupplierTerminated;
        let is_placed = placed(0, category.as_str(), terminated.then(|| supplier(1))).expect("is placed");
        assert!(matches!(is_placed.what, What::Excluded { category: of, .. } if of == category));
        let other = placed(0, category.as_str(), (!terminated).then(|| supplier(1))).expect_err("is refused");
        assert!(other.fault.to_string().contains("supplier_id"), "{:?}", other.fault);
    }
    let refused = placed(0, "mislaid", None).expect_err("is refused").fault.to_string();
    assert!(
        refused.contains("`mislaid` is no excluded category") && refused.contains("no-wan-at-migration"),
        "{refused}"
    );
    let refused = placed(1, "gas-han-error", None).expect_err("is refused").fault.to_string();
    assert!(refused.contains("has no gas meter"), "{refused}");
}

#[test]
fn exclusions_that_cannot_be_are_told_and_not_applied() {
    let (mut estate, mut findings) = rows(1).estate();
    let hub = chf(0);
    let gas = device(0, 2);
    let csv = format!(
        "on,event,chf_identifier,device_id,mpxn,entry,supplier_id,smso,document,manufacturer,model,firmware,value,effective\n\
         2020-03-02,exclusion-ended,{hub},,,,,,,,,,missing-master-keys,\n\
         2020-03-02,exclusion-ended,{hub},,,,,,,,,,attempts-exhausted,\n\
         2020-03-03,excluded,{hub},,,,,,letter,,,,missing-master-keys,\n\
         2020-03-04,excluded,{hub},,,,,,another,,,,missing-master-keys,\n\
         2020-03-05,meter-active,,{gas},,,,,,,,,,\n\
         2020-03-06,excluded,{hub},,,,{},,statement,,,,supplier-terminated,\n\
         2020-03-07,meter-dormant,,{gas},,,,,,,,,,\n\
         2020-03-08,excluded,{hub},,,,{},,statement,,,,supplier-terminated,\n",
        supplier(1),
        supplier(1)
    );
    let (events, _) = estate.read_events(csv.as_bytes(), &mut findings).expect("is read");
    assert_eq!(events.iter().map(|event| event.row).collect::<Vec<_>>(), [3, 4, 6, 8, 9]);
    let told: Vec<String> = findings.list().iter().map(|finding| finding.fault.to_string()).collect();
    let said =
        ["no earlier event excludes it as missing-master-keys", "missing-master-keys already", "an Active Meter"];
    assert_eq!(told.len(), said.len(), "{told:#?}");
    for (told, said) in told.iter().zip(said) {
        assert!(told.contains(said), "{said} in {told}");
    }
}
