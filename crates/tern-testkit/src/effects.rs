//! What the devices' own log says of effects: the evidence that nothing happened twice.

use std::collections::BTreeMap;
use std::path::Path;

use tern_model::DeviceId;
use tern_world::devices::{Change, LogRecord, read_log};

/// Checks that no effect was applied twice: that nothing was put once more to what the effect before it had put it to.
///
/// # Panics
/// One was, or the log cannot be read.
#[track_caller]
pub fn no_effect_twice(log: &Path, told: &str) {
    let mut last = BTreeMap::new();
    for record in read_log(log).expect("the effect log") {
        let LogRecord::Effect(effect) = record else { continue };
        let Some((what, device, to)) = put(&effect.change) else { continue };
        let before = last.insert((effect.chf, what, device), to.clone());
        assert_ne!(before, Some(to), "{told}: {what} of {} happened twice", effect.chf);
    }
}

/// What an effect put, of which device where there are several, and to what.
fn put(change: &Change) -> Option<(&'static str, Option<DeviceId>, String)> {
    Some(match change {
        Change::Apn { to, .. } => ("the APN", None, to.clone()),
        Change::Certificate { device, to, .. } => ("a certificate", Some(*device), to.to_string()),
        // A hub may have had the very list that 15.11 wants: then putting it, and putting it back, are alike.
        Change::Whitelist { from, to } if from != to => ("the whitelist", None, format!("{to:?}")),
        Change::AssociationKeys { to, .. } => ("the association's keys", None, to.to_string()),
        Change::MasterKey { to, .. } => ("the master key", None, to.to_string()),
        Change::Pin { to, .. } | Change::PinRestored { to, .. } => ("the gas meter's PIN", None, to.to_string()),
        _ => return None,
    })
}
