//! What a batch of orders reads and changes: packages as the orders before left them, and what must be durable at the end.
//!
//! An order that the world fails leaves nothing behind: [`Desk::begin`] and [`Desk::forget`] hold each order apart.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tern_model::{DeviceId, SetId};
use tern_store::{AuditEntry, Batch, Expect, Store, for_each_under};
use tern_wire::role_link::DcoOrder;

use crate::fault::DcoFault;
use crate::package::{KIND, Package, Replacing, key};

/// A package on its way through a batch.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) package: Package,
    pub(super) expect: Expect,
    pub(super) changed: bool,
}

/// See the module.
pub(super) struct Desk<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) batch: Batch,
    pub(super) now: Timestamp,
    open: BTreeMap<String, Open>,
    /// What the order in hand found open, of what it touched; and how long the batch was.
    before: BTreeMap<String, Option<Open>>,
    lengths: (usize, usize, usize),
}

/// What the DCO knows of a device from its packages under other sets: the device counts once, whatever the set, and the
/// SMSO's master key may come again with the same critical keys.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    /// The highest invocation counter that was used.
    pub(super) used: u32,
    /// The highest that was heard.
    pub(super) heard: u32,
    /// The latest replacement of its master key.
    pub(super) replacing: Option<Replacing>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(store: &'a dyn Store, now: Timestamp) -> Desk<'a> {
        let (open, before) = (BTreeMap::new(), BTreeMap::new());
        Desk { store, batch: Batch::default(), now, open, before, lengths: (0, 0, 0) }
    }

    /// The next order is taken in hand.
    pub(super) fn begin(&mut self) {
        self.before.clear();
        self.lengths = (self.batch.puts.len(), self.batch.removes.len(), self.batch.audit.len());
    }

    /// All that the order in hand did.
    pub(super) fn forget(&mut self) {
        for (key, before) in std::mem::take(&mut self.before) {
            match before {
                Some(open) => self.open.insert(key, open),
                None => self.open.remove(&key),
            };
        }
        self.batch.puts.truncate(self.lengths.0);
        self.batch.removes.truncate(self.lengths.1);
        self.batch.audit.truncate(self.lengths.2);
    }

    /// The package of a device under a set, where there is one.
    pub(super) fn package(&mut self, device: DeviceId, set: SetId) -> Result<Option<&mut Open>, DcoFault> {
        let key = key(device, set);
        if !self.before.contains_key(&key) {
            self.before.insert(key.clone(), self.open.get(&key).cloned());
        }
        if !self.open.contains_key(&key) {
            let Some(record) = self.store.get(KIND, &key)? else { return Ok(None) };
            let package = Package::read(&record)?;
            let expect = Expect::Generation(record.generation);
            self.open.insert(key.clone(), Open { package, expect, changed: false });
        }
        Ok(self.open.get_mut(&key))
    }

    /// The package that an order is about, which is there.
    pub(super) fn held(&mut self, order: &DcoOrder) -> Result<&mut Open, DcoFault> {
        self.package(order.device, order.set)?.ok_or(DcoFault::Crypto("look-up"))
    }

    /// Puts in a package that is not there yet, as [`Desk::package`] found.
    pub(super) fn insert(&mut self, package: Package) {
        let key = key(package.device, package.set);
        self.open.insert(key, Open { package, expect: Expect::Absent, changed: true });
    }

    /// What is known of an order's device under other sets than the order's.
    pub(super) fn elsewhere(&self, order: &DcoOrder) -> Result<Elsewhere, DcoFault> {
        let mut found = Elsewhere::default();
        for_each_under(self.store, KIND, &format!("{}/", order.device), |record| {
            let stored = Package::read(record)?;
            if stored.set == order.set {
                return Ok::<_, DcoFault>(());
            }
            let package = self.open.get(&key(stored.device, stored.set)).map_or(&stored, |open| &open.package);
            let (used, heard) = package.highest_counters();
            found.used = found.used.max(used);
            found.heard = found.heard.max(heard);
            found.replacing = found.replacing.max(package.replacing);
            Ok(())
        })?;
        Ok(found)
    }

    pub(super) fn note(&mut self, order: &DcoOrder, action: &str) {
        self.note_of(order.device, order.set, action);
    }

    pub(super) fn note_of(&mut self, device: DeviceId, set: SetId, action: &str) {
        self.audit(action, device.to_string(), set.to_string());
    }

    /// Notes something of no device.
    pub(super) fn note_upkeep(&mut self, action: &str, evidence: &str) {
        self.audit(action, "upkeep".to_owned(), evidence.to_owned());
    }

    fn audit(&mut self, action: &str, subject: String, evidence: String) {
        let (at, actor) = (self.now, "DCO".to_owned());
        self.batch.audit.push(AuditEntry { at, actor, action: action.to_owned(), subject, evidence });
    }

    /// What must be durable.
    pub(super) fn close(self) -> Result<Batch, DcoFault> {
        let mut batch = self.batch;
        for open in self.open.values().filter(|open| open.changed) {
            batch.puts.push(open.package.put(open.expect)?);
        }
        Ok(batch)
    }
}
