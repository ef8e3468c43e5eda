//! The devices of installations that a release before this one admitted: read from the Common Files in the DCO's own inbox,
//! which it verified then.

use std::collections::{BTreeMap, BTreeSet};

use tern_dco::upkeep::{self, Standing};
use tern_model::{Role, SetId};
use tern_store::{Batch, Store};
use tern_wire::migration::{FileKind, FileName, MigrationCommonFile};

use super::PAGE;
use crate::config::Config;
use crate::fault::ServiceFault;
use crate::parties::{inbox, site_of};
use crate::pki;

/// Writes down the devices of every site that is known by its ESME alone; says of which sets it could not, and why.
///
/// # Errors
/// The store fails.
pub(super) fn learn(config: &Config, store: &mut dyn Store) -> Result<BTreeMap<SetId, String>, ServiceFault> {
    let mut why = BTreeMap::new();
    for set in sets_unknown(store)? {
        if let Err(fault) = learn_set(config, store, set) {
            why.insert(set, fault.to_string());
        }
    }
    Ok(why)
}

fn sets_unknown(store: &dyn Store) -> Result<BTreeSet<SetId>, ServiceFault> {
    let (mut sets, mut after) = (BTreeSet::new(), None);
    loop {
        let page = upkeep::sites(store, after.as_deref(), PAGE)?;
        sets.extend(page.told.iter().filter(|site| site.standing == Standing::Unknown).map(|site| site.set));
        let Some(next) = page.next else { return Ok(sets) };
        after = Some(next);
    }
}

fn learn_set(config: &Config, store: &mut dyn Store, set: SetId) -> Result<(), ServiceFault> {
    let name = FileName::OfSet(FileKind::MigrationCommonFile, set).to_string();
    let Some(entry) = store.received(Role::Dsp.as_str(), &name)? else {
        return Err(ServiceFault::Body(format!("{name} is not in the DCO's inbox")));
    };
    let trust = pki::load_trust(&config.path(&config.pki.dir))?;
    let mut runs = Vec::new();
    inbox::each_run::<MigrationCommonFile>(&*store, (&name, &entry.body), (&trust, entry.at), &mut |_, run| {
        let mut batch = Batch::default();
        for common in run {
            batch.puts.push(site_of(set, common).put().map_err(ServiceFault::from)?);
        }
        runs.push(batch);
        Ok(())
    })?;
    // Nothing of a file counts before it was read to its end unaltered.
    runs.iter().try_for_each(|batch| Ok(store.commit(batch)?))
}
