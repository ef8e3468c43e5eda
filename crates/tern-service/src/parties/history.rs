//! What each party remembers of earlier sets, read from its own store: for its own judgement, and for `tern check`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, Digest, SetId};
use tern_rules::{SeenSet, SetHistory};
use tern_store::StoreView;

use super::inbox;
use crate::executor::{InstallationRecord, KIND as MIGRATION, key_of};
use crate::fault::ServiceFault;
use crate::set_files::OpenedSet;

/// Kind of [`SetRecord`].
pub(super) const SET: &str = "set";
/// Kind of installations that wait for the Commissioning Party's word.
pub(super) const VIABLE: &str = "viable";
/// Kind of the note which set used an SMSO export's blob of an installation.
pub(super) const EXPORT: &str = "export";

/// What a party remembers of a set that it judged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SetRecord {
    pub(super) common: Digest,
    /// None at the DCO, which never gets the Group File.
    pub(super) group: Option<Digest>,
    pub(super) encrypted: Digest,
    pub(super) judged: Timestamp,
    pub(super) installations: usize,
    /// Installations that the party refused, with the clauses.
    pub(super) invalid: BTreeMap<ChfIdentifier, Vec<String>>,
    /// The S1SP's report, on which the Commissioning Party's instruction must stand.
    pub(super) report: Option<Digest>,
    /// Installations that may go on by that instruction; none until it has come, and none with other parties than the S1SP.
    pub(super) instructed: Option<Vec<ChfIdentifier>>,
}

/// What the party remembers of a set.
pub(super) fn set_record(store: &dyn StoreView, set: SetId) -> Result<Option<(SetRecord, u64)>, ServiceFault> {
    inbox::get(store, SET, &set.to_string())
}

/// Installations of a set that the party refused, with their clauses.
pub(crate) fn refusals(
    store: &dyn StoreView,
    set: SetId,
) -> Result<BTreeMap<ChfIdentifier, Vec<String>>, ServiceFault> {
    Ok(set_record(store, set)?.map(|(r, _)| r.invalid).unwrap_or_default())
}

/// The clauses by which the party refused an installation of a set; none where it did not.
pub(crate) fn refused(store: &dyn StoreView, set: SetId, chf: ChfIdentifier) -> Result<Vec<String>, ServiceFault> {
    Ok(refusals(store, set)?.remove(&chf).unwrap_or_default())
}

/// When the party judged a set.
pub(crate) fn judged(store: &dyn StoreView, set: SetId) -> Result<Option<Timestamp>, ServiceFault> {
    Ok(set_record(store, set)?.map(|(r, _)| r.judged))
}

/// Every set that the party judged: when, and how many installations it holds.
pub(crate) fn sets(store: &dyn StoreView) -> Result<Vec<(SetId, Timestamp, usize)>, ServiceFault> {
    let all = inbox::all::<SetRecord>(store, SET, "")?;
    Ok(all.into_iter().filter_map(|(key, r)| Some((key.parse().ok()?, r.judged, r.installations))).collect())
}

/// Keys of the migrations that a set brought to the S1SP.
pub(crate) fn instructed(store: &dyn StoreView, set: SetId) -> Result<Vec<String>, ServiceFault> {
    let chfs = set_record(store, set)?.and_then(|(r, _)| r.instructed).unwrap_or_default();
    Ok(chfs.into_iter().map(|chf| key_of(chf, set)).collect())
}

/// A set, other than `set`, under which an installation is being migrated.
pub(super) fn migrating(store: &dyn StoreView, chf: ChfIdentifier, set: SetId) -> Result<Option<SetId>, ServiceFault> {
    let records = inbox::all::<InstallationRecord>(store, MIGRATION, &format!("{chf}/"))?;
    Ok(records.into_iter().find(|(_, r)| r.plan.set != set && !is_settled(r)).map(|(_, r)| r.plan.set))
}

/// The DSP's view of a set's counter.
///
/// # Errors
/// The store cannot be read.
pub fn of_dsp(store: &dyn StoreView, set: SetId) -> Result<SetHistory, ServiceFault> {
    let seen = set_record(store, set)?;
    Ok(SetHistory {
        highest: inbox::highest(store, set.requesting_party, set.group)?,
        seen: seen.map(|(r, _)| SeenSet { common: r.common, group: r.group, encrypted: r.encrypted }),
        ..SetHistory::default()
    })
}

/// The S1SP's view of a set's counter, of the installations in it, and of the exports used.
///
/// # Errors
/// The store cannot be read.
pub fn of_s1sp(store: &dyn StoreView, set: SetId, opened: &OpenedSet) -> Result<SetHistory, ServiceFault> {
    let mut history = of_dco(store, set, opened)?;
    for chf in installations(opened) {
        if let Some(other) = migrating(store, chf, set)? {
            history.being_migrated.insert(chf, other);
        }
    }
    Ok(history)
}

/// The DCO's view of a set's counter, and of the exports used.
///
/// # Errors
/// The store cannot be read.
pub fn of_dco(store: &dyn StoreView, set: SetId, opened: &OpenedSet) -> Result<SetHistory, ServiceFault> {
    let mut history = of_dsp(store, set)?;
    for chf in installations(opened) {
        let prefix = format!("{chf}/");
        for (key, used) in inbox::all::<SetId>(store, EXPORT, &prefix)? {
            if used != set {
                history.exports_used.insert((chf, key[prefix.len()..].to_owned()), used);
            }
        }
    }
    Ok(history)
}

fn installations(opened: &OpenedSet) -> impl Iterator<Item = ChfIdentifier> {
    opened.installations().iter().map(|e| e.chf_identifier)
}

/// Whether an earlier migration of an installation no longer holds it. One that a person closed as held by the DCC still does.
fn is_settled(record: &InstallationRecord) -> bool {
    use tern_flow::State::{Closed, Commissioned, Refused, RolledBack};
    matches!(record.migration.state, Commissioned | Refused | RolledBack | Closed { held_by: tern_model::Holder::Smso })
}
