//! How migrations stand, read beside running parties: sets, outcomes, stories, and what is stuck.
//!
//! This is the operator's view, not a party's: it opens every store for reading and writes to none.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tern_flow::State;
use tern_model::{ChfIdentifier, Outcome, Role, SetId};
use tern_store::{SqliteView, StoreView};

use crate::check::view;
use crate::config::Config;
use crate::executor::{InstallationRecord, JournalLine, KIND as MIGRATION};
use crate::fault::ServiceFault;
use crate::parties::{history, inbox};

/// The stores of the parties that judge, for reading.
pub struct Overview {
    dsp: Option<SqliteView>,
    s1sp: Option<SqliteView>,
    dco: Option<SqliteView>,
}

/// How one set stands.
#[derive(Debug, Clone)]
pub struct SetStanding {
    /// The set.
    pub set: SetId,
    /// When it was taken in.
    pub taken: Timestamp,
    /// How many installations it holds.
    pub installations: usize,
    /// How each ended, as far as it is known; none while it is open.
    pub results: BTreeMap<ChfIdentifier, Option<Outcome>>,
}

impl Overview {
    /// Opens what stores there are.
    ///
    /// # Errors
    /// A store is there and cannot be read.
    pub fn open(config: &Config) -> Result<Overview, ServiceFault> {
        let roles = &config.roles;
        Ok(Overview {
            dsp: view(config, Role::Dsp, &roles.dsp)?,
            s1sp: view(config, Role::S1sp, &roles.s1sp)?,
            dco: view(config, Role::Dco, &roles.dco)?,
        })
    }

    /// Every set that was taken in, in the order of sender, group and counter.
    ///
    /// # Errors
    /// A store cannot be read.
    pub fn sets(&self) -> Result<Vec<SetStanding>, ServiceFault> {
        let Some(dsp) = &self.dsp else { return Ok(Vec::new()) };
        let mut sets = Vec::new();
        for (set, taken, installations) in history::sets(dsp)? {
            let others = [self.s1sp.as_ref(), self.dco.as_ref()].into_iter().flatten();
            let judges: Vec<&dyn StoreView> =
                std::iter::once(dsp).chain(others).map(|view| view as &dyn StoreView).collect();
            let s1sp = self.s1sp.as_ref().map(|view| view as &dyn StoreView);
            sets.push(SetStanding { set, taken, installations, results: results(&judges, s1sp, set)? });
        }
        sets.sort_by_key(|s| s.set);
        Ok(sets)
    }

    /// Every migration of an installation, in the order of its sets; of all installations where none is named.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn records(&self, chf: Option<ChfIdentifier>) -> Result<Vec<(String, InstallationRecord)>, ServiceFault> {
        let prefix = chf.map(|c| format!("{c}/")).unwrap_or_default();
        self.s1sp.as_ref().map_or_else(|| Ok(Vec::new()), |store| records(store, &prefix))
    }

    /// Installations that wait for a person.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn stuck(&self) -> Result<Vec<(String, InstallationRecord)>, ServiceFault> {
        let mut records = self.records(None)?;
        records.retain(|(_, r)| r.migration.state == State::Stuck);
        Ok(records)
    }

    /// An installation's story, line by line.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn story(&self, chf: ChfIdentifier) -> Result<Vec<(Timestamp, JournalLine)>, ServiceFault> {
        self.s1sp.as_ref().map_or_else(|| Ok(Vec::new()), |store| story(store, chf))
    }
}

/// How every installation of a set ended, from what each judge refused and what the S1SP ran; none while it is open.
pub(crate) fn results(
    judges: &[&dyn StoreView],
    s1sp: Option<&dyn StoreView>,
    set: SetId,
) -> Result<BTreeMap<ChfIdentifier, Option<Outcome>>, ServiceFault> {
    let mut results = BTreeMap::new();
    for judge in judges {
        for (chf, mut clauses) in history::refusals(*judge, set)? {
            if let Some(Some(Outcome::Refused { clauses: known })) = results.get_mut(&chf) {
                // That the DSP said Invalid is no reason of its own.
                clauses.retain(|c| !known.contains(c) && c != "P-validated");
                known.append(&mut clauses);
            } else {
                results.insert(chf, Some(Outcome::Refused { clauses }));
            }
        }
    }
    if let Some(store) = s1sp {
        for key in history::instructed(store, set)? {
            if let Some(stored) = store.get(MIGRATION, &key)? {
                let record = InstallationRecord::read(&stored)?;
                results.insert(record.plan.chf, record.migration.outcome());
            }
        }
    }
    Ok(results)
}

/// Migrations whose key begins so.
pub(crate) fn records(store: &dyn StoreView, prefix: &str) -> Result<Vec<(String, InstallationRecord)>, ServiceFault> {
    inbox::all(store, MIGRATION, prefix)
}

/// An installation's journal.
pub(crate) fn story(store: &dyn StoreView, chf: ChfIdentifier) -> Result<Vec<(Timestamp, JournalLine)>, ServiceFault> {
    let lines = store.journal(&chf.to_string())?;
    lines.iter().map(|(_, entry)| Ok((entry.at, JournalLine::read(entry)?))).collect()
}
