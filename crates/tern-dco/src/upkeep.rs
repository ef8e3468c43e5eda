//! Upkeep of all key packages, a page at a time, each page one durable transaction: wrapping them anew under the current
//! key-encryption key, and adding the PPMIDs' keys of sites that were migrated before the Uplift 1.2 system change (RQ7).
//!
//! What is done already is passed over, so that whatever was interrupted is simply begun again. A record that cannot be used is
//! passed over too and told by its name: it never keeps others from their upkeep.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, SetId};
use tern_store::{AuditEntry, Batch, Expect, Store, StoreView};
use tern_wire::role_link::MasterKeyOf;

use crate::custody::{Custody, KekId};
use crate::fault::DcoFault;
use crate::package::{KIND, KeyVersion, Package, PackageState};
use crate::site::Site;
use crate::wipe::wipe_stack;

/// What was done with a page of packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// How many packages it had.
    pub packages: usize,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
    /// What came of it.
    pub told: T,
    /// Packages that cannot be used, each with the reason.
    pub unusable: Vec<String>,
}

/// A site that the DCC operates, as far as its PPMIDs' keys go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteKeys {
    /// The set that it was migrated by.
    pub set: SetId,
    /// The installation.
    pub chf: ChfIdentifier,
    /// Where it stands.
    pub standing: Standing,
}

/// Whether a site's key packages are complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Every PPMID has its keys, or there is none.
    Complete,
    /// These PPMIDs have no keys.
    Missing(Vec<DeviceId>),
    /// A release before this one judged its set and did not write its devices down.
    Unknown,
}

/// What was added to a page of sites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Added {
    /// Sites that were upgraded, with the PPMIDs that got keys.
    pub sites: Vec<(ChfIdentifier, Vec<DeviceId>)>,
    /// Sites that were complete already.
    pub complete: usize,
    /// Sites of which nobody knows the devices.
    pub unknown: Vec<(SetId, ChfIdentifier)>,
}

/// How many keys are wrapped under which KEK, of one page.
///
/// # Errors
/// The store cannot be read.
pub fn keys_by_kek(
    store: &dyn StoreView,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<BTreeMap<KekId, usize>>, DcoFault> {
    let mut counts = BTreeMap::new();
    page(store, after, limit, |package, _| {
        package.versions().iter().filter_map(KeyVersion::kek).for_each(|kek| *counts.entry(kek).or_default() += 1);
        Ok(())
    })
    .map(|page| page.with(counts))
}

/// How the sites of one page stand that the DCC operates.
///
/// # Errors
/// The store cannot be read.
pub fn sites(store: &dyn StoreView, after: Option<&str>, limit: usize) -> Result<Page<Vec<SiteKeys>>, DcoFault> {
    let mut found = Vec::new();
    page(store, after, limit, |package, _| {
        if package.kind == DeviceKind::Esme && package.in_force() == MasterKeyOf::Dco {
            let standing = standing(store, &package)?;
            found.push(SiteKeys { set: package.set, chf: package.chf, standing });
        }
        Ok(())
    })
    .map(|page| page.with(found))
}

/// Wraps the keys of one page anew that are not under the custody's current KEK; says how many packages it was.
///
/// # Errors
/// Store or custody fail: nothing of the page was changed.
pub fn rewrap(
    store: &mut dyn Store,
    custody: &dyn Custody,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<usize>, DcoFault> {
    let mut batch = Batch::default();
    let page = page(&*store, after, limit, |mut package, generation| {
        if package.rewrap(custody)? {
            batch.puts.push(package.put(Expect::Generation(generation))?);
        }
        Ok(())
    });
    wipe_stack();
    let page = page?;
    store.commit(&batch)?;
    Ok(page.with(batch.puts.len()))
}

/// Adds the keys of PPMIDs to the sites of one page that lack them.
///
/// # Errors
/// Store or custody fail: nothing of the page was changed.
pub fn backfill(
    store: &mut dyn Store,
    custody: &dyn Custody,
    (after, limit): (Option<&str>, usize),
    now: Timestamp,
) -> Result<Page<Added>, DcoFault> {
    let sites = sites(&*store, after, limit)?;
    let added = add_keys(&sites.told, custody, now);
    wipe_stack();
    let (added, batch) = added?;
    store.commit(&batch)?;
    Ok(Page { packages: sites.packages, next: sites.next, told: added, unusable: sites.unusable })
}

/// What is to be added to sites, and what must be durable for it.
fn add_keys(sites: &[SiteKeys], custody: &dyn Custody, now: Timestamp) -> Result<(Added, Batch), DcoFault> {
    let (mut added, mut batch) = (Added::default(), Batch::default());
    for site in sites {
        match &site.standing {
            Standing::Complete => added.complete += 1,
            Standing::Unknown => added.unknown.push((site.set, site.chf)),
            Standing::Missing(ppmids) => {
                for ppmid in ppmids {
                    let device = (*ppmid, DeviceKind::Ppmid);
                    let package = Package::of_join(site.set, site.chf, device, PackageState::Active, custody)?;
                    batch.puts.push(package.put(Expect::Absent)?);
                    batch.audit.push(AuditEntry {
                        at: now,
                        actor: "DCO".to_owned(),
                        action: "key package made by the back-fill".to_owned(),
                        subject: ppmid.to_string(),
                        evidence: site.set.to_string(),
                    });
                }
                added.sites.push((site.chf, ppmids.clone()));
            }
        }
    }
    Ok((added, batch))
}

fn standing(store: &dyn StoreView, esme: &Package) -> Result<Standing, DcoFault> {
    let Some(site) = Site::find(store, esme.set, esme.chf)? else { return Ok(Standing::Unknown) };
    let mut missing = Vec::new();
    for ppmid in site.of_kind(DeviceKind::Ppmid) {
        if site.package(store, ppmid)?.is_none() {
            missing.push(ppmid);
        }
    }
    Ok(if missing.is_empty() { Standing::Complete } else { Standing::Missing(missing) })
}

impl<T> Page<T> {
    fn with<U>(self, told: U) -> Page<U> {
        Page { packages: self.packages, next: self.next, told, unusable: self.unusable }
    }
}

/// Goes through a page of packages, each with its generation.
fn page(
    store: &dyn StoreView,
    after: Option<&str>,
    limit: usize,
    mut each: impl FnMut(Package, u64) -> Result<(), DcoFault>,
) -> Result<Page<()>, DcoFault> {
    let records = store.scan(KIND, after, limit)?;
    let mut unusable = Vec::new();
    for (key, record) in &records {
        match Package::read(record).and_then(|package| each(package, record.generation)) {
            Err(fault) if fault.is_of_one_record() => unusable.push(format!("{key}: {fault}")),
            other => other?,
        }
    }
    let next = if records.len() < limit { None } else { records.last().map(|(key, _)| key.clone()) };
    Ok(Page { packages: records.len(), next, told: (), unusable })
}
