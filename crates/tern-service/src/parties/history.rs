//! What each party remembers of earlier sets, read from its own store: for its own judgement, and for `tern check`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, ChfIdentifier, Digest, SetId};
use tern_rules::{InstallationHistory, SeenSet, SetHistory};
use tern_store::{Expect, Put, Record, StoreView};
use tern_wire::migration::CommonInstallation;

use super::earlier::SetRecordV1;
use super::{inbox, of_set};
use crate::executor::{InstallationRecord, KIND as MIGRATION};
use crate::fault::ServiceFault;

/// Kind of [`SetRecord`].
pub(crate) const SET: &str = "set";
/// Version of [`SetRecord`]; version 1 held what now stands in records of their own.
const SET_VERSION: u16 = 2;
/// Kind of the clauses for which the party refused an installation of a set, see [`super::of_set`].
pub(crate) const REFUSED: &str = "refused";
/// Kind of installations that wait for the Commissioning Party's word, see [`super::of_set`].
pub(super) const VIABLE: &str = "viable";
/// Kind of the note which set used an SMSO export's blob of an installation.
pub(super) const EXPORT: &str = "export";

/// What a party remembers of a set that it judged; of its installations it keeps records of their own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SetRecord {
    pub(crate) common: Digest,
    /// None at the DCO, which never gets the Group File.
    pub(crate) group: Option<Digest>,
    pub(crate) encrypted: Digest,
    pub(crate) judged: Timestamp,
    /// Different installations that it holds.
    pub(crate) installations: usize,
    /// How many of them the party refused: when it judged the set, or as the S1SP when they were instructed. Each has a record of the
    /// kind [`REFUSED`].
    pub(crate) refused: usize,
    /// The certificate under which the Common File came: nothing of the set goes on where it may not be used any more.
    pub(crate) sender: Option<CertificateId>,
    /// The party's own Viability Report: the Commissioning Party's instruction must stand on the S1SP's.
    pub(crate) report: Option<Digest>,
    /// How many may go on by that instruction; none until it has come, and none with other parties than the S1SP.
    pub(crate) instructed: Option<usize>,
    /// How many of them have been instructed so far, while that goes on.
    #[serde(default)]
    pub(crate) instructing: usize,
}

impl SetRecord {
    /// The change that stores it. It comes last of all that is written of a set.
    pub(crate) fn put(&self, set: SetId, expect: Expect) -> Result<Put, ServiceFault> {
        let body = serde_json::to_vec(self).map_err(ServiceFault::body)?;
        Ok(Put { kind: SET, key: set.to_string(), expect, version: SET_VERSION, body })
    }
}

/// What the party remembers of a set, and the record's generation.
pub(crate) fn set_record(store: &dyn StoreView, set: SetId) -> Result<Option<(SetRecord, u64)>, ServiceFault> {
    let Some(record) = store.get(SET, &set.to_string())? else { return Ok(None) };
    Ok(Some((read(&record)?, record.generation)))
}

fn read(record: &Record) -> Result<SetRecord, ServiceFault> {
    match record.version {
        1 => Ok(SetRecordV1::read(record)?.into()),
        SET_VERSION => serde_json::from_slice(&record.body).map_err(ServiceFault::body),
        other => Err(ServiceFault::Body(format!("set record of version {other}"))),
    }
}

/// The clauses by which the party refused an installation of a set; none where it did not.
pub(crate) fn refused(store: &dyn StoreView, set: SetId, chf: ChfIdentifier) -> Result<Vec<String>, ServiceFault> {
    Ok(of_set::get(store, REFUSED, set, chf)?.unwrap_or_default())
}

/// When the party judged a set.
pub(crate) fn judged(store: &dyn StoreView, set: SetId) -> Result<Option<Timestamp>, ServiceFault> {
    Ok(set_record(store, set)?.map(|(r, _)| r.judged))
}

/// Every set that the party judged: when, and how many installations it holds.
pub(crate) fn sets(store: &dyn StoreView) -> Result<Vec<(SetId, Timestamp, usize)>, ServiceFault> {
    let mut sets = Vec::new();
    for (key, record) in all_sets(store)? {
        let SetRecord { judged, installations, .. } = read(&record)?;
        sets.extend(key.parse().ok().map(|set: SetId| (set, judged, installations)));
    }
    Ok(sets)
}

/// The records of every set that the party judged, by name.
pub(super) fn all_sets(store: &dyn StoreView) -> Result<Vec<(String, Record)>, ServiceFault> {
    let mut sets: Vec<(String, Record)> = Vec::new();
    loop {
        let page = store.scan(SET, sets.last().map(|(key, _)| key.as_str()), SETS_PAGE)?;
        let full = page.len() == SETS_PAGE;
        sets.extend(page);
        if !full {
            return Ok(sets);
        }
    }
}

/// Set records read at once.
const SETS_PAGE: usize = 1_000;

/// Whether a party judged a set to its end: before, nothing that it keeps of the set counts. A store that cannot be read says
/// so where it is listed.
pub(crate) fn has_judged(store: &dyn StoreView, set: SetId) -> bool {
    !matches!(store.get(SET, &set.to_string()), Ok(None))
}

/// A set, other than `set`, under which an installation is being migrated.
pub(super) fn migrating(store: &dyn StoreView, chf: ChfIdentifier, set: SetId) -> Result<Option<SetId>, ServiceFault> {
    let records = inbox::all::<InstallationRecord>(store, MIGRATION, &format!("{chf}/"))?;
    Ok(records.into_iter().find(|(_, r)| r.plan.set != set && !is_settled(r)).map(|(_, r)| r.plan.set))
}

/// A party's view of a set's counter.
///
/// # Errors
/// The store cannot be read.
pub fn of_counter(store: &dyn StoreView, set: SetId) -> Result<SetHistory, ServiceFault> {
    let seen = set_record(store, set)?;
    Ok(SetHistory {
        highest: inbox::highest(store, set.requesting_party, set.group)?,
        seen: seen.map(|(r, _)| SeenSet { common: r.common, group: r.group, encrypted: r.encrypted }),
    })
}

/// The S1SP's view of installations: under which other sets they are being migrated, and of which exports they came before.
///
/// # Errors
/// The store cannot be read.
pub fn of_s1sp(
    store: &dyn StoreView,
    set: SetId,
    installations: &[CommonInstallation],
) -> Result<InstallationHistory, ServiceFault> {
    let mut history = of_dco(store, set, installations)?;
    for chf in installations.iter().map(|i| i.chf_identifier) {
        if let Some(other) = migrating(store, chf, set)? {
            history.being_migrated.insert(chf, other);
        }
    }
    Ok(history)
}

/// The DCO's view of installations: of which exports they came before.
///
/// # Errors
/// The store cannot be read.
pub fn of_dco(
    store: &dyn StoreView,
    set: SetId,
    installations: &[CommonInstallation],
) -> Result<InstallationHistory, ServiceFault> {
    let mut history = InstallationHistory::default();
    for chf in installations.iter().map(|i| i.chf_identifier) {
        let prefix = format!("{chf}/");
        for (key, used) in inbox::all::<SetId>(store, EXPORT, &prefix)? {
            // What a set noted whose own record never came does not count, nor what it noted of an installation that it refused.
            let judged = || store.get(SET, &used.to_string());
            let refused = || store.get(REFUSED, &of_set::key(used, chf));
            if used != set && judged()?.is_some() && refused()?.is_none() {
                history.exports_used.insert((chf, key[prefix.len()..].to_owned()), used);
            }
        }
    }
    Ok(history)
}

/// Whether an earlier migration of an installation no longer holds it. One that a person closed as held by the DCC still does.
fn is_settled(record: &InstallationRecord) -> bool {
    use tern_flow::State::{Closed, Commissioned, Refused, RolledBack};
    matches!(record.migration.state, Commissioned | Refused | RolledBack | Closed { held_by: tern_model::Holder::Smso })
}
