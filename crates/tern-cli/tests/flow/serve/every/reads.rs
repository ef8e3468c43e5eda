//! Reads: what a User is told is what the device holds.

use jiff::{Timestamp, ToSpan};
use tern_model::DeviceKind::{self, Chf, Esme, Gpf, Gsme, Ppmid};
use tern_wire::duis::Draft;
use tern_world::devices::{self, slot_of};

use super::bodies;
use super::site::Site;
use crate::support::NOW;

fn cubic_metres(litres: u64) -> String {
    format!("{}.{:03}", litres / 1000, litres % 1000)
}

/// 4.1.1, 4.3, 4.8.1, 4.18, 7.4, 11.2.
pub fn all(site: &Site<'_>) {
    registers(site);
    for kind in [Esme, Gsme] {
        profile(site, kind);
        supply(site, kind);
    }
    for kind in [Esme, Gsme, Gpf] {
        account(site, kind);
    }
    for kind in [Esme, Gsme, Gpf, Chf, Ppmid] {
        firmware(site, kind);
    }
}

fn registers(site: &Site<'_>) {
    let now: Timestamp = NOW.parse().expect("a moment");
    let body = || Draft::new("ReadInstantaneousImportRegisters");
    let (wh, _) = site.meter(Esme).imported(now);
    let read = site.asks("4.1.1", Esme, body());
    assert_eq!(read.says("Electricity/ActiveImportRegister/Value"), wh.to_string());
    let by_operator = site.told_to(&site.electricity.1, ("4.1.1", Esme), body());
    assert_eq!(by_operator.says("Electricity/ActiveImportRegister/Value"), wh.to_string());
    let (litres, _) = site.meter(Gsme).imported(now);
    for kind in [Gsme, Gpf] {
        let read = site.asks("4.1.1", kind, body());
        assert_eq!(read.says("Gas/ConsumptionRegister/Value"), cubic_metres(litres), "{kind}");
    }
}

/// Half-hours are told by their start.
fn profile(site: &Site<'_>, kind: DeviceKind) {
    let to: Timestamp = "2021-03-01T00:00:00Z".parse().expect("a moment");
    let from = to - 48.hours();
    let loads = site.meter(kind).loads;
    let read = site.asks("4.8.1", kind, bodies::profile(from, to));
    let entries: Vec<_> = read.data().all("LogEntry").collect();
    assert_eq!(entries.len(), 96, "{kind}");
    for (at, entry) in entries.iter().enumerate() {
        let start = from + (30 * i64::try_from(at).expect("a number")).minutes();
        let slot = slot_of(start.as_second());
        let used = loads.imported(slot + 1) - loads.imported(slot);
        let (path, value) = match kind {
            Esme => ("Electricity/PrimaryValue", used.to_string()),
            _ => ("Gas/PrimaryValue", cubic_metres(used)),
        };
        assert_eq!(entry.child("Timestamp").and_then(|stamp| stamp.timestamp()), Some(start));
        assert_eq!(entry.text_at(path), Some(value.as_str()), "{kind} {start}");
    }
}

fn account(site: &Site<'_>, kind: DeviceKind) {
    let account = site.meter(kind).account;
    let read = site.asks("4.3", kind, Draft::new("ReadInstantaneousPrepayValues"));
    let debts =
        ["PaymentDebtRegister", "TimeDebtRegister1", "TimeDebtRegister2"].map(|name| read.says(name).to_owned());
    assert_eq!(debts, account.debts.map(|debt| debt.to_string()), "{kind}");
    assert_eq!(read.says("MeterBalance"), account.balance.to_string());
    balance(site, kind, account.balance);
}

/// 4.18.
pub fn balance(site: &Site<'_>, kind: DeviceKind, is: i64) {
    let read = site.asks("4.18", kind, Draft::new("ReadMeterBalance"));
    let path = if kind == Esme { "MeterBalance" } else { "Gas/MeterBalancePrepaymentMode" };
    assert_eq!(read.says(path), is.to_string(), "{kind}");
}

/// 7.4.
pub fn supply(site: &Site<'_>, kind: DeviceKind) {
    let read = site.asks("7.4", kind, Draft::new("ReadSupplyStatus"));
    let state = match site.meter(kind).supply {
        devices::SupplyState::Enabled => "Enabled",
        devices::SupplyState::Disabled => "Disabled",
        devices::SupplyState::Armed => "Armed",
    };
    assert_eq!(read.says("SupplyState"), state, "{kind}");
}

/// 11.2; a GPF runs what its hub runs.
fn firmware(site: &Site<'_>, kind: DeviceKind) {
    let read = site.asks("11.2", kind, Draft::new("ReadFirmwareVersion"));
    let of = site.device(if kind == Gpf { Chf } else { kind });
    let model = site.now().model_of(of, NOW.parse().expect("a moment")).expect("a device");
    assert_eq!(read.says("FirmwareVersion"), model.firmware, "{kind}");
}
