//! The hops that lead to an entry's firmware (PL7).

use tern_plan::estate::{HardwareIx, ModelIx, What};

use super::{Hops, Naive};

impl Naive<'_> {
    /// Entries with the same hardware.
    fn entries_alike(&self, at: usize) -> Vec<usize> {
        let home = &self.homes[at];
        let hardware = |models: &[ModelIx]| -> Vec<HardwareIx> {
            models.iter().map(|model| self.estate.catalogue().hardware_of(*model)).collect()
        };
        let entries = self.estate.entries().iter().enumerate();
        let same = entries.filter(|(_, entry)| {
            entry.combination.provider == home.provider
                && hardware(&self.models_of(&entry.combination)) == hardware(&home.models)
        });
        same.map(|(which, _)| which).collect()
    }

    /// All hops of the Installing Supplier, then those that manufacturers gave, in the order in which they are known.
    pub(super) fn next_hops(&self, at: usize, from: ModelIx) -> Vec<ModelIx> {
        let home = &self.homes[at];
        let own = self.estate.hops().iter().filter(|hop| hop.from == from && hop.installing_supplier == home.installer);
        let mut next: Vec<ModelIx> = own.map(|hop| hop.to).collect();
        for which in &self.common {
            match self.events[*which].what {
                What::Path { from: begins, to } if begins == from => next.push(to),
                _ => {}
            }
        }
        next
    }

    pub(super) fn operable(&self, at: usize, model: ModelIx) -> bool {
        let home = &self.homes[at];
        self.common.iter().any(|which| {
            self.events[*which].what
                == What::OperabilityConfirmed { supplier: home.installer, smso: home.smso, version: model }
        })
    }

    pub(super) fn search(
        &self,
        at: usize,
        from: ModelIx,
        to: ModelIx,
        length: usize,
        any: bool,
    ) -> Option<Vec<ModelIx>> {
        if length == 0 {
            return (from == to).then(Vec::new);
        }
        for next in self.next_hops(at, from) {
            if next != to && !any && !self.operable(at, next) {
                continue;
            }
            if let Some(rest) = self.search(at, next, to, length - 1, any) {
                let mut hops = vec![next];
                hops.extend(rest);
                return Some(hops);
            }
        }
        None
    }

    /// The fewest hops for each device to what an entry has; `any` lets unconfirmed versions lie between (PL7).
    pub(super) fn hops_to(&self, at: usize, entry: usize, any: bool) -> Option<Hops> {
        let target = self.models_of(&self.estate.entries()[entry].combination);
        let mut hops = Vec::new();
        for (slot, to) in target.into_iter().enumerate() {
            let from = self.homes[at].models[slot];
            let path = (0..=4).find_map(|length| self.search(at, from, to, length, any))?;
            hops.extend(path.into_iter().map(|model| (slot, model)));
        }
        Some(hops)
    }

    /// The way with the fewest hops to one of these entries, of equal ones to that whose name comes first.
    fn best(&self, at: usize, entries: &[usize]) -> Option<(usize, Hops)> {
        let name = |which: usize| self.estate.catalogue().text(self.estate.entries()[which].name).to_owned();
        let mut ways: Vec<(usize, String, usize, Hops)> = Vec::new();
        for which in entries {
            if let Some(hops) = self.hops_to(at, *which, false) {
                ways.push((hops.len(), name(*which), *which, hops));
            }
        }
        ways.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        ways.into_iter().next().map(|(_, _, which, hops)| (which, hops))
    }

    /// The way to take, or what is waited for where there is none (PL6 to PL8).
    pub(super) fn way(&self, at: usize) -> Result<(usize, Hops), &'static str> {
        let alike = self.entries_alike(at);
        let mut open: Vec<usize> = alike.iter().copied().filter(|entry| self.is_approved(*entry)).collect();
        let permitted: Vec<usize> = alike.into_iter().filter(|entry| self.is_permitted(*entry)).collect();
        if let Some(way) = self.best(at, &open) {
            return Ok(way);
        }
        let here = self.entries_here(at);
        if here.iter().any(|entry| self.is_waited_for(*entry)) {
            return Err("approval");
        }
        if let Some(way) = self.best(at, &permitted) {
            return Ok(way);
        }
        open.extend(permitted);
        let stranded = here.iter().any(|entry| self.is_refused(*entry));
        match (open.is_empty(), stranded) {
            (true, false) => Err("entry"),
            (true, true) => Err("stranded entry"),
            _ if open.iter().any(|entry| self.hops_to(at, *entry, true).is_some()) => Err("operability"),
            (false, false) => Err("path"),
            (false, true) => Err("stranded path"),
        }
    }
}
