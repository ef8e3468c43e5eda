//! The ways to the EPCL on the day that is planned: which upgrade paths are known, and which of them an installation's firmware
//! takes to an approved entry, or to a planned one that 4.26 reaches (PL6, PL7, PL10).
//!
//! Ways are computed once for all installations that are alike, and again when something about entries, paths or
//! confirmations becomes known. This module must never know an installation's meters or suppliers.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::civil::Date;

use super::entries::Entries;
use crate::estate::{Catalogue, Combination, EntryIx, EntryStep, Estate, HardwareIx, ModelIx, NameIx, SupplierIx};
use crate::plan::Awaited;

/// A device whose firmware an entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Slot {
    /// The hub.
    Chf,
    /// The electricity meter.
    Esme,
    /// The gas meter.
    Gsme,
}

impl Slot {
    /// Every one, in the order in which they are upgraded.
    pub(crate) const ALL: [Slot; 3] = [Slot::Chf, Slot::Esme, Slot::Gsme];

    /// The model that a combination has there.
    pub(crate) fn of(self, combination: &Combination) -> Option<ModelIx> {
        match self {
            Slot::Chf => Some(combination.chf),
            Slot::Esme => Some(combination.esme),
            Slot::Gsme => combination.gsme,
        }
    }

    /// The combination with another model there.
    pub(crate) fn with(self, combination: Combination, model: ModelIx) -> Combination {
        match self {
            Slot::Chf => Combination { chf: model, ..combination },
            Slot::Esme => Combination { esme: model, ..combination },
            Slot::Gsme => Combination { gsme: Some(model), ..combination },
        }
    }
}

/// A combination without its firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Hardware {
    chf: HardwareIx,
    esme: HardwareIx,
    gsme: Option<HardwareIx>,
    provider: NameIx,
}

impl Hardware {
    pub(crate) fn of(catalogue: &Catalogue, combination: &Combination) -> Hardware {
        Hardware {
            chf: catalogue.hardware_of(combination.chf),
            esme: catalogue.hardware_of(combination.esme),
            gsme: combination.gsme.map(|gsme| catalogue.hardware_of(gsme)),
            provider: combination.provider,
        }
    }

    /// Whether one of its devices is of that hardware.
    pub(crate) fn has(&self, hardware: HardwareIx) -> bool {
        self.chf == hardware || self.esme == hardware || self.gsme == Some(hardware)
    }
}

/// The way to an entry: hop by hop, one device after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    /// Where it leads.
    pub(crate) entry: EntryIx,
    /// What is put on which device, in order.
    pub(crate) hops: Vec<(Slot, ModelIx)>,
}

/// A number of a [`Way`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WayIx(u32);

/// Installations that are alike in everything on which their ways depend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Alike {
    /// The firmware that they have.
    pub(crate) combination: Combination,
    /// Who gives their upgrade paths.
    pub(crate) installing_supplier: SupplierIx,
    /// On whose SMSO every version between must be operable.
    pub(crate) smso: NameIx,
}

/// Entries, paths and confirmations as they are known.
#[derive(Debug)]
pub(crate) struct Epcl<'e> {
    estate: &'e Estate,
    /// Where each entry stands.
    pub(super) entries: Entries<'e>,
    of_combination: HashMap<Combination, Vec<EntryIx>>,
    of_hardware: HashMap<Hardware, Vec<EntryIx>>,
    hops: HashMap<(ModelIx, SupplierIx), Vec<ModelIx>>,
    manufacturers: HashMap<ModelIx, Vec<ModelIx>>,
    operable: HashSet<(SupplierIx, NameIx, ModelIx)>,
    known: HashMap<Alike, Result<WayIx, Awaited>>,
    ways: Vec<Way>,
}

impl<'e> Epcl<'e> {
    /// No path or confirmation is known yet but the estate's own.
    pub(crate) fn new(estate: &'e Estate, entries: Entries<'e>) -> Epcl<'e> {
        let mut epcl = Epcl {
            estate,
            entries,
            of_combination: HashMap::new(),
            of_hardware: HashMap::new(),
            hops: HashMap::new(),
            manufacturers: HashMap::new(),
            operable: HashSet::new(),
            known: HashMap::new(),
            ways: Vec::new(),
        };
        for (at, entry) in estate.entries().iter().enumerate() {
            let hardware = Hardware::of(estate.catalogue(), &entry.combination);
            epcl.of_combination.entry(entry.combination).or_default().push(EntryIx::of(at));
            epcl.of_hardware.entry(hardware).or_default().push(EntryIx::of(at));
        }
        for hop in estate.hops() {
            epcl.hops.entry((hop.from, hop.installing_supplier)).or_default().push(hop.to);
        }
        epcl
    }

    /// Takes what happened to an entry; the hardware of the entries of which something is otherwise now.
    pub(crate) fn entry(&mut self, entry: EntryIx, step: EntryStep, day: Date) -> HashSet<Hardware> {
        let changed = self.entries.on(entry, step, day);
        self.hardware_of(&changed)
    }

    /// A day begins; the hardware of the entries of which something is otherwise now.
    pub(crate) fn turn(&mut self, day: Date) -> HashSet<Hardware> {
        let changed = self.entries.turn(day);
        self.hardware_of(&changed)
    }

    /// Another first day of the wording that reaches to planned entries.
    pub(crate) fn reach(&mut self, planned_since: Option<Date>, day: Date) -> HashSet<Hardware> {
        let changed = self.entries.reach(planned_since, day);
        self.hardware_of(&changed)
    }

    fn hardware_of(&mut self, changed: &[EntryIx]) -> HashSet<Hardware> {
        if !changed.is_empty() {
            self.known.clear();
        }
        let combinations = changed.iter().filter_map(|entry| self.estate.entries().get(entry.at()));
        combinations.map(|entry| Hardware::of(self.estate.catalogue(), &entry.combination)).collect()
    }

    /// Takes a manufacturer's path.
    pub(crate) fn path(&mut self, from: ModelIx, to: ModelIx) {
        self.known.clear();
        self.manufacturers.entry(from).or_default().push(to);
    }

    /// Takes a confirmation of 4.33.
    pub(crate) fn operable(&mut self, supplier: SupplierIx, smso: NameIx, version: ModelIx) {
        self.known.clear();
        self.operable.insert((supplier, smso, version));
    }

    /// Whether an approved entry has the combination (MA110).
    pub(crate) fn approves(&self, combination: &Combination) -> bool {
        self.has(combination, |entry| self.entries.is_approved(entry))
    }

    /// Whether an approved entry has such hardware, with whatever firmware.
    pub(crate) fn approves_some(&self, hardware: Hardware) -> bool {
        self.of_hardware.get(&hardware).is_some_and(|all| all.iter().any(|entry| self.entries.is_approved(*entry)))
    }

    /// Whether one of the entries with a combination is so.
    fn has(&self, combination: &Combination, so: impl Fn(EntryIx) -> bool) -> bool {
        self.of_combination.get(combination).is_some_and(|entries| entries.iter().any(|entry| so(*entry)))
    }

    /// A way.
    pub(crate) fn way(&self, way: WayIx) -> &Way {
        &self.ways[way.0 as usize]
    }

    /// The way to an approved entry with the fewest hops, or where there is none to a planned one that 4.26 reaches; of equal
    /// ones to the entry whose short name comes first. An installation that has the firmware of an entry to be decided waits.
    pub(crate) fn way_of(&mut self, alike: Alike) -> Result<WayIx, Awaited> {
        if let Some(known) = self.known.get(&alike) {
            return *known;
        }
        let found = self.seek(alike).map(|way| self.keep(way));
        self.known.insert(alike, found);
        found
    }

    /// What is left of the way to an entry from where the devices stand now.
    pub(crate) fn rest(&mut self, alike: Alike, entry: EntryIx) -> Option<WayIx> {
        let hops = self.hops_to(alike, entry, Interim::Any)?;
        Some(self.keep(Way { entry, hops }))
    }

    fn keep(&mut self, way: Way) -> WayIx {
        self.ways.push(way);
        WayIx(u32::try_from(self.ways.len() - 1).unwrap_or(u32::MAX))
    }

    fn seek(&self, alike: Alike) -> Result<Way, Awaited> {
        let hardware = Hardware::of(self.estate.catalogue(), &alike.combination);
        let entries = self.of_hardware.get(&hardware).map_or(&[][..], |entries| entries);
        let those = |so: &dyn Fn(EntryIx) -> bool| -> Vec<EntryIx> {
            entries.iter().copied().filter(|entry| so(*entry)).collect()
        };
        let approved = those(&|entry| self.entries.is_approved(entry));
        if let Some(way) = self.best(alike, &approved) {
            return Ok(way);
        }
        if self.has(&alike.combination, |entry| self.entries.is_to_be_decided(entry)) {
            return Err(Awaited::Approval);
        }
        let permitted = those(&|entry| self.entries.is_permitted(entry));
        if let Some(way) = self.best(alike, &permitted) {
            return Ok(way);
        }
        let reached = |entry: &EntryIx| self.hops_to(alike, *entry, Interim::Any).is_some();
        let none = approved.is_empty() && permitted.is_empty();
        Err(match self.has(&alike.combination, |entry| self.entries.is_not_approved(entry)) {
            _ if approved.iter().chain(&permitted).any(reached) => Awaited::Operability,
            true if none => Awaited::StrandedEntry,
            true => Awaited::StrandedPath,
            false if none => Awaited::Entry,
            false => Awaited::Path,
        })
    }

    /// The best way to one of some entries over versions that are confirmed.
    fn best(&self, alike: Alike, entries: &[EntryIx]) -> Option<Way> {
        let way = |entry| Some(Way { entry, hops: self.hops_to(alike, entry, Interim::Operable)? });
        let name = |entry: EntryIx| self.estate.catalogue().text(self.estate.entries()[entry.at()].name);
        entries.iter().filter_map(|entry| way(*entry)).min_by_key(|way| (way.hops.len(), name(way.entry)))
    }

    fn hops_to(&self, alike: Alike, entry: EntryIx, interim: Interim) -> Option<Vec<(Slot, ModelIx)>> {
        let target = &self.estate.entries().get(entry.at())?.combination;
        let mut hops = Vec::new();
        for slot in Slot::ALL {
            let (from, to) = match (slot.of(&alike.combination), slot.of(target)) {
                (None, None) => continue,
                (from, to) => (from?, to?),
            };
            hops.extend(self.path_of(from, to, alike, interim)?.into_iter().map(|model| (slot, model)));
        }
        Some(hops)
    }

    /// The fewest hops from one version to another; of equal ones those that the estate names first.
    fn path_of(&self, from: ModelIx, to: ModelIx, alike: Alike, interim: Interim) -> Option<Vec<ModelIx>> {
        let may = |version: ModelIx| {
            interim == Interim::Any
                || version == to
                || self.operable.contains(&(alike.installing_supplier, alike.smso, version))
        };
        let (mut before, mut seen) = (HashMap::new(), HashSet::from([from]));
        let mut open = VecDeque::from([from]);
        while let Some(version) = open.pop_front() {
            if version == to {
                let mut hops: Vec<ModelIx> =
                    std::iter::successors(Some(to), |version| before.get(version).copied()).collect();
                hops.pop();
                hops.reverse();
                return Some(hops);
            }
            for next in self.hops_from(version, alike.installing_supplier).filter(|next| may(*next)) {
                if seen.insert(next) {
                    before.insert(next, version);
                    open.push_back(next);
                }
            }
        }
        None
    }

    fn hops_from(&self, version: ModelIx, supplier: SupplierIx) -> impl Iterator<Item = ModelIx> {
        let own = self.hops.get(&(version, supplier)).into_iter().flatten();
        own.chain(self.manufacturers.get(&version).into_iter().flatten()).copied()
    }
}

/// Which versions may lie between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interim {
    /// Those alone that are confirmed as operable on the SMSO (4.33).
    Operable,
    /// Any.
    Any,
}
