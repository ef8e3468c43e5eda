//! Notices (PL1 to PL3, PL11).

use jiff::civil::Date;
use tern_plan::estate::SupplierIx;

use super::Naive;
use super::numbers::{notice_days, working_days_after};

impl Naive<'_> {
    /// PL1: every Responsible Supplier is notified.
    pub(super) fn notify(&mut self, at: usize, clause: &'static str) -> Date {
        let recent = self.recently_dormant(at) && self.today >= self.foc_text;
        let days = notice_days(clause, recent);
        let earliest = working_days_after(self.today, days);
        let mut last = None;
        for meter in 0..self.meters(at) {
            let supplier = self.supplier(at, meter, self.today);
            if last != Some(supplier) {
                let to = self.party(supplier);
                self.say(at, format!("notice {clause} to {to}, {days} days, earliest {earliest}"));
            }
            last = Some(supplier);
        }
        // Whoever is the supplier today has the notice; whoever is to be one is told next.
        let all = (0..self.meters(at)).flat_map(|meter| self.changes(at, meter));
        let known = all.filter(|(_, _, effective)| *effective <= self.today).map(|(which, _, _)| which).collect();
        self.homes[at].told = known;
        if clause == "4.30" {
            self.homes[at].recent = recent;
        }
        earliest
    }

    pub(super) fn notify_of_migration(&mut self, at: usize) {
        let home = &self.homes[at];
        let leads = home.toward.is_some_and(|entry| self.is_approved(entry));
        if home.may_migrate.is_some() || home.authorised.is_some() || !(leads || self.eligible(at)) {
            return;
        }
        let earliest = self.notify(at, "4.30");
        let until = working_days_after(self.today, self.assumptions.certificates_within_working_days);
        self.homes[at].may_migrate = Some(earliest);
        self.homes[at].asked_until = Some(until);
        self.say(at, format!("certificates asked until {until}"));
    }

    /// PL3: of the steps of which notice was given and that are still to begin, each by its own clause (PL1).
    pub(super) fn notify_new_suppliers(&mut self, at: usize) {
        let mut clauses = Vec::new();
        clauses.extend(self.homes[at].may_prepare.map(|_| "4.29"));
        clauses.extend(self.homes[at].may_migrate.map(|_| "4.30"));
        if clauses.is_empty() {
            return;
        }
        let mut all: Vec<(usize, usize, SupplierIx, Date)> = Vec::new();
        for meter in 0..self.meters(at) {
            let of_meter = self.changes(at, meter).into_iter();
            all.extend(of_meter.map(|(which, supplier, effective)| (which, meter, supplier, effective)));
        }
        all.sort_by_key(|(which, ..)| *which);
        for (which, meter, supplier, effective) in all {
            if self.homes[at].told.contains(&which) {
                continue;
            }
            self.homes[at].told.push(which);
            let point = self.estate.meters_of(self.homes[at].of)[meter].point;
            let to = self.party(supplier);
            for clause in &clauses {
                self.say(at, format!("notice to new {to} of {point} on {effective} by {clause}"));
            }
            let until = working_days_after(self.today, self.assumptions.certificates_within_working_days);
            if self.homes[at].may_migrate.is_some() && self.homes[at].asked_until.is_none_or(|asked| asked < until) {
                self.homes[at].asked_until = Some(until);
                self.say(at, format!("certificates asked until {until}"));
            }
        }
    }
}
