//! Changes: what a User asks for is what the device holds afterwards, once.

use jiff::Timestamp;
use tern_model::DeviceKind::{self, Chf, Esme, Gsme, Ppmid};
use tern_model::GroupId;
use tern_requests::task::Utrn;
use tern_wire::duis::Draft;
use tern_world::devices::{Account, Amount, SupplyState};

use super::bodies;
use super::reads;
use super::site::Site;
use crate::support::NOW;

fn account(site: &Site<'_>, kind: DeviceKind) -> Account {
    site.meter(kind).account
}

/// 2.2: the credit of the User's UTRN, under one that the DCC makes.
pub fn top_ups(site: &Site<'_>) {
    for kind in [Esme, Gsme] {
        let users = Utrn::made(1_550, 9).expect("a UTRN");
        site.asks("2.2", kind, bodies::top_up(users.as_str()));
        assert_eq!((account(site, kind).balance, account(site, kind).used.len()), (1_550_000, 1), "{kind}");
        assert_eq!(site.effects("top-up", site.device(kind)).len(), 1, "{kind}");
        reads::balance(site, kind, 1_550_000);
        let digit = if users.as_str().ends_with('0') { "1" } else { "0" };
        let unsound = format!("{}{digit}", &users.as_str()[..19]);
        let (_, words) = site.told("2.2", kind, bodies::top_up(&unsound)).alert();
        assert!(words.contains("check digit"), "{words}");
        assert_eq!(account(site, kind).balance, 1_550_000, "{kind}");
    }
}

/// 1.6.
pub fn payment_modes(site: &Site<'_>) {
    for (kind, threshold) in [(Esme, -5_i32), (Gsme, -7)] {
        site.asks("1.6", kind, bodies::prepayment(threshold));
        let there = account(site, kind);
        assert!(there.prepayment && there.terms.suspend_debt_disabled && !there.terms.suspend_debt_emergency);
        assert_eq!(there.terms.disablement_threshold, i64::from(threshold), "{kind}");
        site.asks("1.6", kind, bodies::credit());
        assert!(!account(site, kind).prepayment, "{kind}");
    }
}

/// 1.1.1 and 1.2.1, and RQ8: where the cohort says so, two prices close the auxiliary load switch, and two rates of one price do not.
pub fn tariffs(site: &Site<'_>) {
    let rates = |kind| -> Vec<(i64, i8)> {
        account(site, kind).prices.rates.iter().map(|Amount { amount, scale }| (*amount, *scale)).collect()
    };
    let closed = || site.now().electricity.auxiliary_closed;
    site.asks("1.2.1", Esme, bodies::electricity_price(&[250]));
    assert_eq!(rates(Esme), [(250, -3)]);
    site.asks("1.2.1", Esme, bodies::electricity_price(&[200, 200]));
    assert_eq!((rates(Esme), closed()), (vec![(200, -3), (200, -3)], false), "{}", site.group);
    let is_ioc = site.group == GroupId::CA;
    site.asks("1.1.1", Esme, bodies::electricity_tariff(&[300, 90]));
    assert_eq!((rates(Esme), closed()), (vec![(300, -3), (90, -3)], is_ioc), "{}", site.group);
    let there = site.meter(Esme);
    assert_eq!(there.account.prices.standing_charge, Amount { amount: 31, scale: -2 });
    let second = there.calendar.second_rate.expect("a calendar");
    assert_eq!((0..48).filter(|slot| second[*slot]).collect::<Vec<_>>(), (2..12).collect::<Vec<_>>());
    assert_eq!(site.effects("activate-calendar", site.device(Esme)).len(), 1);

    site.asks("1.1.1", Gsme, bodies::gas_tariff(4_100));
    assert_eq!(rates(Gsme), [(4_100, -5)]);
    assert!(site.meter(Gsme).calendar.since.is_some());
    site.asks("1.2.1", Gsme, bodies::gas_price(&[3_900]));
    assert_eq!((rates(Gsme), rates(Esme)), (vec![(3_900, -5)], vec![(300, -3), (90, -3)]));
}

/// RQ8 before the November 2020 release: at IOC two rates of one price close the auxiliary load switch.
pub fn tariff_before_the_release(site: &Site<'_>) {
    assert!(!site.now().electricity.auxiliary_closed);
    site.asks("1.2.1", Esme, bodies::electricity_price(&[250]));
    assert!(!site.now().electricity.auxiliary_closed, "one rate");
    site.asks("1.2.1", Esme, bodies::electricity_price(&[200, 200]));
    assert!(site.now().electricity.auxiliary_closed, "two rates of one price");
    assert_eq!(site.effects("set-auxiliary", site.device(Esme)).len(), 1);
}

/// 7.1, 7.2, 7.3, each told by 7.4.
pub fn supplies(site: &Site<'_>) {
    use SupplyState::{Armed, Disabled, Enabled};
    let steps = [
        (Esme, "7.2", "DisableSupply", Disabled),
        (Esme, "7.3", "ArmSupply", Armed),
        (Esme, "7.1", "EnableSupply", Enabled),
        (Gsme, "7.2", "DisableSupply", Disabled),
        (Gsme, "7.3", "ArmSupply", Armed),
    ];
    for (kind, srv, body, state) in steps {
        site.asks(srv, kind, Draft::new(body));
        assert_eq!(site.meter(kind).supply, state, "{srv} {kind}");
        reads::supply(site, kind);
    }
    assert_eq!(site.effects("set-supply", site.device(Esme)).len(), 3);
    assert_eq!(site.effects("set-supply", site.device(Gsme)).len(), 2);
    // No valve opens from afar.
    let refused = site.refused(site.supplier(Gsme), ("7.1", Gsme), Draft::new("EnableSupply"));
    assert_eq!(refused, "E4", "no role of gas may ask it");
}

/// 6.11 and 8.1.1.
pub fn clocks(site: &Site<'_>) {
    let now: Timestamp = NOW.parse().expect("a moment");
    for kind in [Esme, Gsme] {
        for (srv, name) in [("6.11", "SynchroniseClock"), ("8.1.1", "CommissionDeviceSynchroniseClock")] {
            let before = site.meter(kind).clock;
            let told = site.asks(srv, kind, bodies::clock(name, now, 3_600));
            let status = match kind {
                Esme => told.says("Electricity/ElecClockTimeStatus/TimeStatus"),
                _ => told.says("Gas/GasClockTimeStatus/ASN1Status"),
            };
            assert_eq!(status, "reliable", "{srv} {kind}");
            let there = site.meter(kind).clock;
            assert!(there.set_at > before.set_at && there.offset_seconds.abs() <= 2, "{srv} {kind}: {there:?}");
        }
        // Too far from the DCC's own time.
        let another = "2021-01-01T00:00:00Z".parse().expect("a moment");
        let far = site.told("6.11", kind, bodies::clock("SynchroniseClock", another, 10));
        assert!(!far.is_success(), "{kind}");
        assert_eq!(site.effects("set-clock", site.device(kind)).len(), 2, "{kind}");
    }
}

/// 8.7.1 and 8.7.2.
pub fn joins(site: &Site<'_>) {
    let [esme, gsme, ppmid] = [Esme, Gsme, Ppmid].map(|kind| site.device(kind));
    let before = site.now().joined;
    site.asks("8.7.1", Esme, bodies::join("JoinServiceCritical", ppmid));
    site.asks("8.7.1", Gsme, bodies::join("JoinServiceCritical", esme));
    site.asks("8.7.2", Gsme, bodies::join("JoinServiceNonCritical", ppmid));
    site.asks("8.7.2", Ppmid, bodies::join("JoinServiceNonCritical", gsme));
    let now = site.now().joined;
    assert_eq!(now[before.len()..], [(esme, ppmid), (gsme, esme), (gsme, ppmid), (ppmid, gsme)], "{}", site.group);
}

/// 11.3: the image that was sent before, where it is the one that is named (RQ6). A site of before the system change lacks the keys of its
/// PPMIDs (RQ7).
pub fn activations(site: &Site<'_>, digest: impl Fn(DeviceKind) -> String) {
    for kind in [Esme, Gsme, Chf] {
        let other = site.told("11.3", kind, bodies::activate(&"AB".repeat(32)));
        assert!(!other.is_success(), "{kind}: another image");
        assert_ne!(runs(site, kind), super::VERSION, "{kind}");
        activates(site, kind, &digest(kind));
    }
    let (code, words) = site.told("11.3", Ppmid, bodies::activate(&digest(Ppmid))).alert();
    if site.group == GroupId::EA {
        assert!(words.contains("does not process 11.3"), "{words}");
    } else {
        assert!(code == "P-keys-missing" && words.contains("key package"), "{code}: {words}");
    }
    assert_ne!(runs(site, Ppmid), super::VERSION);
    if site.gas.0 != site.electricity.0 {
        for kind in [Chf, Ppmid] {
            let refused = site.refused(&site.gas.0, ("11.3", kind), bodies::activate(&"AB".repeat(32)));
            assert!(refused.starts_with('E'), "a Gas Supplier's: {refused}");
        }
    }
}

fn runs(site: &Site<'_>, kind: DeviceKind) -> String {
    site.now().model_of(site.device(kind), Timestamp::MAX).expect("a device").firmware
}

/// 11.3 of the image that was sent before.
pub fn activates(site: &Site<'_>, kind: DeviceKind, digest: &str) {
    let told = site.asks("11.3", kind, bodies::activate(digest));
    assert_eq!(told.says("ActivateImageResponseCode/ASN1Status"), "success");
    assert_eq!(runs(site, kind), super::VERSION, "{kind}");
    assert_eq!(site.effects("image-activate", site.device(kind)).len(), 1, "{kind}");
}

/// 12.2, 8.4 and 8.2: a PPMID before it is there; and at last the hub out of service, which is asked nothing then.
pub fn inventory(site: &Site<'_>, at: usize) {
    let (user, group) = (site.supplier(Esme), site.group);
    let dcc = |srv, body| site.estate.asks_the_dcc(user, (srv, group), body);
    let ppmid = format!("00-DB-12-53-80-00-77-{at:02}");
    assert_eq!(dcc("12.2", bodies::notified(&ppmid)).code(), "I99");
    let told = || {
        let read = dcc("8.2", bodies::inventory("DeviceID", &ppmid));
        let status = read.body().text_at("DSPInventory/Device/DeviceStatus").map(str::to_owned);
        status.unwrap_or_else(|| read.code())
    };
    assert_eq!(told(), "Pending");
    let set = Draft::leaf("UpdateDeviceStatusExceptCH", "InstalledNotCommissioned");
    assert_eq!(dcc("8.4", bodies::update(&ppmid, set)).code(), "I99");
    assert_eq!(told(), "InstalledNotCommissioned");
    assert_eq!(dcc("8.4", bodies::update(&ppmid, Draft::new("DeleteDevice"))).code(), "I99");
    assert_eq!(told(), "E080201");

    let hub = dcc("8.2", bodies::inventory("DeviceID", site.chf));
    let devices: Vec<_> = hub.body().child("DSPInventory").expect("an inventory").all("Device").collect();
    assert!(
        devices.iter().all(|device| device.text_at("CSPRegion") == Some("SMETS1") && device.child("S1SP").is_some())
    );
    let withdrawn = Draft::leaf("UpdateDeviceStatusCH", "Withdrawn");
    assert_eq!(dcc("8.4", bodies::update(site.chf, withdrawn)).code(), "I99");
    let refused = site.refused(user, ("11.2", Chf), Draft::new("ReadFirmwareVersion"));
    assert_eq!(refused, "E5");
}
