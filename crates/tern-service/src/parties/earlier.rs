//! Stores that an earlier version of this program wrote: what it kept in one record of a set becomes records of their own.
//!
//! A party's store is brought up to date when it is opened: first what is kept under other keys now, in pages, then set by set,
//! each in one transaction with its record, which comes last; what is up to date is left alone. This module must never judge anew.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use tern_model::{ChfIdentifier, Digest, SetId};
use tern_store::{Batch, Expect, Record, Remove, Store, StoreView};

use super::history::{self, REFUSED, SetRecord, VIABLE};
use super::{inbox, inventory, of_set};
use crate::executor::{InstallationRecord, KIND as MIGRATION, key_of, standing};
use crate::fault::ServiceFault;

/// What version 1 kept of a set.
#[derive(Debug, Deserialize)]
pub(super) struct SetRecordV1 {
    common: Digest,
    group: Option<Digest>,
    encrypted: Digest,
    judged: Timestamp,
    installations: usize,
    invalid: BTreeMap<ChfIdentifier, Vec<String>>,
    report: Option<Digest>,
    instructed: Option<Vec<ChfIdentifier>>,
}

impl SetRecordV1 {
    pub(super) fn read(record: &Record) -> Result<SetRecordV1, ServiceFault> {
        serde_json::from_slice(&record.body).map_err(ServiceFault::body)
    }
}

impl From<SetRecordV1> for SetRecord {
    fn from(v1: SetRecordV1) -> SetRecord {
        SetRecord {
            common: v1.common,
            group: v1.group,
            encrypted: v1.encrypted,
            judged: v1.judged,
            installations: v1.installations,
            refused: v1.invalid.len(),
            sender: None,
            report: v1.report,
            instructed: v1.instructed.map(|chfs| chfs.len()),
            instructing: 0,
        }
    }
}

/// Whether a party's store holds what an earlier version wrote.
pub(crate) fn is_behind(store: &dyn StoreView) -> Result<bool, ServiceFault> {
    Ok(history::all_sets(store)?.iter().any(|(_, record)| record.version == 1))
}

/// Brings the store of DSP, S1SP or DCO up to date; the Commissioning Party's never changed.
pub(crate) fn bring_up_to_date(store: &mut dyn Store) -> Result<(), ServiceFault> {
    if is_behind(store)? {
        devices_by_hub(store)?;
        viable_by_set(store)?;
    }
    for (key, record) in history::all_sets(store)? {
        if record.version == 1 {
            let set = key.parse().map_err(|_| ServiceFault::Body(format!("set record {key}")))?;
            let batch = split(store, set, &record)?;
            store.commit(&batch)?;
        }
    }
    Ok(())
}

/// The DSP's devices, written anew so that they are found by their hubs too.
fn devices_by_hub(store: &mut dyn Store) -> Result<(), ServiceFault> {
    let mut after = None;
    loop {
        let page = inventory::page(store, after.as_deref())?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(last.clone());
        let mut batch = Batch::default();
        for (_, entry) in &page {
            batch.puts.extend(entry.puts()?);
        }
        store.commit(&batch)?;
    }
}

/// The S1SP's installations that wait for the Commissioning Party's word, moved to where a set's are found together.
fn viable_by_set(store: &mut dyn Store) -> Result<(), ServiceFault> {
    /// Records read at once.
    const PAGE: usize = 500;
    let mut after = None;
    loop {
        let page = store.scan(VIABLE, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(last.clone());
        let mut batch = Batch::default();
        for (key, record) in page {
            let viable: InstallationRecord = inbox::decoded(VIABLE, &record)?;
            let (set, chf) = (viable.plan.set, viable.plan.chf);
            if key == key_of(chf, set) {
                batch.removes.push(Remove { kind: VIABLE, key, generation: None });
                batch.puts.push(of_set::put(VIABLE, set, chf, &viable)?);
            }
        }
        store.commit(&batch)?;
    }
}

/// One set's record, and the records of its own for each installation that it spoke of.
fn split(store: &dyn Store, set: SetId, record: &Record) -> Result<Batch, ServiceFault> {
    let v1 = SetRecordV1::read(record)?;
    let mut batch = Batch::default();
    for (chf, clauses) in &v1.invalid {
        batch.puts.push(of_set::put(REFUSED, set, *chf, clauses)?);
    }
    for chf in v1.instructed.iter().flatten() {
        if let Some(stored) = store.get(MIGRATION, &key_of(*chf, set))? {
            batch.puts.extend(standing::noted(&InstallationRecord::read(&stored)?)?);
        }
    }
    batch.puts.push(SetRecord::from(v1).put(set, Expect::Generation(record.generation))?);
    Ok(batch)
}
