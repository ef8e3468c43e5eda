//! What P-chf-inventory and P-device-inventory share.

use tern_model::{DeviceId, DeviceKind, Verdict};

use crate::context::{Subject, Told, facts_missing};

/// PASS where the inventory does not hold the device, or holds it by this very set.
pub(crate) fn check(subject: &Subject<'_>, kind: DeviceKind, device: DeviceId, path: &str) -> Verdict {
    if !subject.facts().given("inventory.csv") {
        return facts_missing("the Smart Metering Inventory was not given; add facts/inventory.csv");
    }
    let Some(record) = subject.facts().inventory(device) else { return Verdict::Pass };
    if record.by_set.is_some() && record.by_set == subject.set.set_id() {
        return Verdict::Pass;
    }
    let by = record.by_set.map_or(format!("inventory.csv row {}", record.row.0), |set| format!("by set {set}"));
    subject.finding(Told {
        place: subject.at_common(path),
        message: format!("the Smart Metering Inventory already holds {kind} {device}"),
        found: format!("{} {device} of CHF {}, {}, {by}", record.kind, record.chf, record.status),
        expected: "not in the inventory".to_owned(),
        suggestion: "leave the installation out: it was migrated before, or the Device ID is wrong".to_owned(),
    })
}
