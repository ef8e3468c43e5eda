//! Meters: whose they are, whether they are Active, and what their suppliers say.

use jiff::civil::{Date, date};
use tern_model::MeterState;
use tern_plan::estate::{SupplierIx, What};

use super::Naive;

impl Naive<'_> {
    /// Changes of supplier of a meter that are known, with their places in the list of events.
    pub(super) fn changes(&self, at: usize, meter: usize) -> Vec<(usize, SupplierIx, Date)> {
        let of = self.homes[at].of;
        let device = self.estate.meters_of(of)[meter].device;
        let mut changes = Vec::new();
        for which in &self.homes[at].own {
            if let What::ChangeOfSupplier { meter, supplier, effective } = self.events[*which].what
                && self.estate.meters()[meter.at()].device == device
            {
                changes.push((*which, supplier, effective));
            }
        }
        changes
    }

    pub(super) fn supplier(&self, at: usize, meter: usize, on: Date) -> SupplierIx {
        let mut best: Option<(Date, SupplierIx)> = None;
        for (_, supplier, effective) in self.changes(at, meter) {
            if effective <= on && best.is_none_or(|(before, _)| before <= effective) {
                best = Some((effective, supplier));
            }
        }
        best.map_or(self.estate.meters_of(self.homes[at].of)[meter].supplier, |(_, supplier)| supplier)
    }

    pub(super) fn meters(&self, at: usize) -> usize {
        self.estate.meters_of(self.homes[at].of).len()
    }

    /// Each meter's service now, and since when all are Dormant.
    pub(super) fn services(&self, at: usize) -> (Vec<MeterState>, Option<Date>) {
        let meters = self.estate.meters_of(self.homes[at].of);
        let mut services: Vec<MeterState> = meters.iter().map(|meter| meter.service).collect();
        let dormant = |services: &[MeterState]| services.iter().all(|service| *service == MeterState::Dormant);
        let mut since = dormant(&services).then(|| meters.iter().map(|meter| meter.since).max().expect("a meter"));
        for event in self.homes[at].own.iter().map(|which| self.events[*which]) {
            if let What::Service { meter, service } = event.what {
                let device = self.estate.meters()[meter.at()].device;
                if let Some(which) = meters.iter().position(|meter| meter.device == device) {
                    services[which] = service;
                    since = if dormant(&services) { since.or(Some(event.on)) } else { None };
                }
            }
        }
        (services, since)
    }

    /// AC4.
    pub(super) fn recently_dormant(&self, at: usize) -> bool {
        let home = &self.homes[at];
        match (self.services(at).1, home.first_eligible) {
            (Some(dormant), Some(eligible)) => {
                self.eligible(at) && dormant > eligible && dormant > self.foc_text && !home.has_left
            }
            _ => false,
        }
    }

    /// PL5: the last day for which all suppliers of Active Meters have authorised it, where it is authorised today.
    pub(super) fn all_authorise(&self, at: usize) -> Option<Date> {
        let services = self.services(at).0;
        let mut all = Vec::new();
        for meter in (0..self.meters(at)).filter(|meter| services[*meter] == MeterState::Active) {
            let wanted = self.supplier(at, meter, self.today);
            let mut last: Option<Date> = None;
            for which in &self.homes[at].own {
                let What::Authorised { supplier, from, until, .. } = self.events[*which].what else { continue };
                let until = until.unwrap_or(date(9999, 12, 31));
                let counts = *which >= self.homes[at].authorisations_from && supplier == wanted;
                if counts && (from..=until).contains(&self.today) && last.is_none_or(|last| last < until) {
                    last = Some(until);
                }
            }
            all.push(last?);
        }
        all.into_iter().min()
    }

    /// PL5: after its last day an authorisation counts no longer.
    pub(super) fn see_whether_authorised(&mut self, at: usize) {
        let Some(last) = self.homes[at].authorised_to.filter(|last| *last < self.today) else { return };
        if self.homes[at].authorised.is_none() {
            return;
        }
        self.homes[at].authorised_to = self.all_authorise(at);
        if self.homes[at].authorised_to.is_none() {
            self.homes[at].authorised = None;
            self.say(at, format!("authorised until {last} alone"));
        }
    }

    pub(super) fn party(&self, supplier: SupplierIx) -> String {
        self.estate.catalogue().supplier_id(supplier).to_string()
    }
}
