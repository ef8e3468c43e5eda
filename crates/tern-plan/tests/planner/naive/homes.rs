//! What is on an installation's devices.

use tern_plan::estate::{Combination, ModelIx};

use super::numbers::plus;
use super::{Home, Naive};

impl Naive<'_> {
    /// Which of hub, ESME and GSME a device is.
    pub(super) fn slot(&self, at: usize, device: usize) -> Option<usize> {
        let id = self.estate.devices()[device].id;
        let of = self.homes[at].of;
        if self.estate.devices_of(of)[0].id == id {
            return Some(0);
        }
        self.estate.meters_of(of).iter().position(|m| self.estate.devices()[m.device.at()].id == id).map(|n| n + 1)
    }

    pub(super) fn device_of(&self, at: usize, slot: usize) -> String {
        let of = self.homes[at].of;
        match slot {
            0 => self.estate.devices_of(of)[0].id.to_string(),
            _ => self.estate.devices()[self.estate.meters_of(of)[slot - 1].device.at()].id.to_string(),
        }
    }

    pub(super) fn firmware(&self, model: ModelIx) -> String {
        self.estate.catalogue().model_text(model).firmware
    }

    pub(super) fn firmware_recorded(&mut self, at: usize, device: usize, model: ModelIx) {
        let Some(slot) = self.slot(at, device) else { return };
        self.set_model(at, slot, model);
        let line = format!("{} recorded with {}", self.device_of(at, slot), self.firmware(model));
        let under_way = self.homes[at].toward.filter(|_| self.homes[at].preparing && !self.homes[at].hops.is_empty());
        let Some(entry) = under_way else {
            self.say(at, line);
            return;
        };
        // The rest of the way to the same entry. Another hop than the one under way waits until it is decided on.
        let hops = self.hops_to(at, entry, true).unwrap_or_default();
        self.note_way(at, entry, hops.clone());
        self.say(at, line);
        let due = plus(self.today, i64::from(self.assumptions.days_per_hop));
        let home = &mut self.homes[at];
        let goes_on = hops.first() == home.hops.first();
        home.hop_ends = home.hop_ends.filter(|_| goes_on).map(|_| due);
        home.hop_again = home.hop_again.filter(|_| goes_on);
        home.hops = hops;
        if self.homes[at].hops.is_empty() {
            self.end_firmware(at);
        }
        self.close_preparation(at);
    }

    pub(super) fn set_model(&mut self, at: usize, slot: usize, model: ModelIx) {
        self.homes[at].models[slot] = model;
        self.homes[at].prepared = Some(self.today);
        self.note_eligible(at);
    }

    pub(super) fn note_eligible(&mut self, at: usize) {
        if self.homes[at].first_eligible.is_none() && self.eligible(at) {
            self.homes[at].first_eligible = Some(self.today);
        }
    }

    pub(super) fn models_of(&self, combination: &Combination) -> Vec<ModelIx> {
        let mut models = vec![combination.chf, combination.esme];
        models.extend(combination.gsme);
        models
    }

    /// Entries whose models and provider it has.
    pub(super) fn entries_here(&self, at: usize) -> Vec<usize> {
        let Home { models, provider, .. } = &self.homes[at];
        let gsme = models.get(2).copied();
        let now = Combination { chf: models[0], esme: models[1], gsme, provider: *provider };
        let entries = self.estate.entries().iter().enumerate();
        entries.filter(|(_, entry)| entry.combination == now).map(|(which, _)| which).collect()
    }

    /// MA110, AC5: models and provider are those of an approved entry.
    pub(super) fn eligible(&self, at: usize) -> bool {
        self.entries_here(at).into_iter().any(|entry| self.is_approved(entry))
    }
}
