//! The steps of 4.26 (PL6 to PL8).

use tern_model::MeterState;
use tern_plan::assumptions::AfterChange;
use tern_plan::estate::What;

use super::numbers::{covered_from, is_foc, plus};
use super::{Hops, Naive};

impl Naive<'_> {
    pub(super) fn go_on(&mut self, at: usize) -> Option<String> {
        self.see_whether_authorised(at);
        let from = covered_from(self.homes[at].group, self.foc_text);
        if self.today < from {
            return Some(format!("group from {from}"));
        }
        if let Some(until) = self.homes[at].not_planned_before
            && self.today < until
        {
            return Some(format!("change on {until}"));
        }
        if self.is_active(at) {
            let had_plan = self.homes[at].may_migrate.is_some() || self.homes[at].may_prepare.is_some();
            self.give_up(at);
            if had_plan {
                self.say(at, "turned active".to_owned());
            }
            if self.homes[at].authorised.is_none()
                && let Some(last) = self.all_authorise(at)
            {
                (self.homes[at].authorised, self.homes[at].authorised_to) = (Some(self.today), Some(last));
                self.say(at, "authorised".to_owned());
            }
            let reason = self.prepare(at, true);
            return if self.homes[at].authorised.is_none() { Some("authorisation".to_owned()) } else { reason };
        }
        let decided = self.homes[at].own.iter().rev().find_map(|which| match self.events[*which].what {
            What::SupplierChangeDecision { after, .. } => Some(after),
            _ => None,
        });
        let after = decided.unwrap_or(self.assumptions.after_change_of_supplier);
        if after == AfterChange::Wait && self.homes[at].authorised.is_none() {
            let all = (0..self.meters(at)).flat_map(|meter| self.changes(at, meter));
            if let Some(last) = all.map(|(_, _, effective)| effective).filter(|on| *on > self.today).max() {
                self.give_up(at);
                return Some(format!("change on {last}"));
            }
        }
        let reason = self.prepare(at, false);
        self.notify_of_migration(at);
        self.notify_new_suppliers(at);
        reason
    }

    /// Notices lapse; what has begun goes on.
    pub(super) fn give_up(&mut self, at: usize) {
        let home = &mut self.homes[at];
        if home.may_prepare.take().is_some() {
            home.toward = None;
        }
        home.may_migrate = None;
    }

    pub(super) fn to_configure(&self, at: usize) -> bool {
        is_foc(self.homes[at].group) && !self.homes[at].configured
    }

    pub(super) fn prepare(&mut self, at: usize, active: bool) -> Option<String> {
        if self.homes[at].preparing {
            return self.is_held_up(at).then(|| "decision".to_owned());
        }
        if self.homes[at].toward.is_some_and(|entry| self.is_refused(entry)) {
            // The notice was for an entry that will not be approved (PL8).
            (self.homes[at].may_prepare, self.homes[at].toward) = (None, None);
            self.say(at, "withdrawn".to_owned());
        }
        if let Some(from) = self.homes[at].may_prepare {
            return if self.today >= from { self.begin_if_possible(at) } else { None };
        }
        let eligible = self.eligible(at);
        if eligible && !self.to_configure(at) {
            return None;
        }
        if active {
            if !eligible {
                return Some("entry".to_owned());
            }
            if self.homes[at].authorised.is_some() {
                self.begin(at, Vec::new(), None);
            }
            return None;
        }
        let way = if eligible { None } else { Some(self.way(at)) };
        if let Some(Err(reason)) = way {
            return Some(reason.to_owned());
        }
        if let Some(Ok((entry, hops))) = &way {
            self.note_way(at, *entry, hops.clone());
        }
        let from = self.notify(at, "4.29");
        self.homes[at].may_prepare = Some(from);
        self.homes[at].toward = way.and_then(Result::ok).map(|(entry, _)| entry);
        if from <= self.today { self.begin_if_possible(at) } else { None }
    }

    pub(super) fn begin_if_possible(&mut self, at: usize) -> Option<String> {
        if self.eligible(at) {
            if self.to_configure(at) {
                self.begin(at, Vec::new(), None);
            } else {
                (self.homes[at].may_prepare, self.homes[at].toward) = (None, None);
            }
            return None;
        }
        match self.way(at) {
            Ok((entry, hops)) => {
                self.begin(at, hops, Some(entry));
                None
            }
            Err(reason) => {
                let held = self.homes[at].toward.is_some_and(|entry| self.is_held(entry));
                Some(if held { "decision" } else { reason }.to_owned())
            }
        }
    }

    fn begin(&mut self, at: usize, hops: Hops, toward: Option<usize>) {
        let home = &mut self.homes[at];
        (home.may_prepare, home.preparing, home.toward, home.hops) = (None, true, toward, hops);
        if let Some(entry) = toward {
            let why = self.why_permitted(entry).expect("a way leads where it may");
            self.begin_hop(at, why);
        }
        if toward.is_none_or(|entry| self.is_approved(entry)) {
            self.begin_configuration(at);
        }
        self.go_on_with_steps(at);
    }

    fn begin_hop(&mut self, at: usize, why: &str) {
        let hops = self.homes[at].hops.clone();
        let ((slot, model), entry) = (hops[0], self.homes[at].toward.expect("a way"));
        self.note_way(at, entry, hops);
        self.homes[at].hop_ends = Some(plus(self.today, i64::from(self.assumptions.days_per_hop)));
        let entry = self.estate.catalogue().text(self.estate.entries()[entry].name);
        let line = format!("{} upgraded to {} for {entry}, {why}", self.device_of(at, slot), self.firmware(model));
        self.say(at, line);
    }

    fn begin_configuration(&mut self, at: usize) {
        if self.to_configure(at) && self.homes[at].configuration_ends.is_none() {
            self.homes[at].configuration_ends = Some(plus(self.today, i64::from(self.assumptions.configuration_days)));
            self.say(at, "configuration begun".to_owned());
        }
    }

    /// Hops are left, and none is under way.
    fn is_held_up(&self, at: usize) -> bool {
        let home = &self.homes[at];
        home.preparing && !home.hops.is_empty() && home.hop_ends.is_none() && home.hop_again.is_none()
    }

    pub(super) fn is_active(&self, at: usize) -> bool {
        self.services(at).0.contains(&MeterState::Active)
    }

    /// What is under way goes on as far as it does today.
    pub(super) fn go_on_with_steps(&mut self, at: usize) {
        self.homes[at].hop_again.take_if(|from| *from <= self.today);
        if self.is_held_up(at) {
            self.decide(at);
        }
        while self.homes[at].hop_ends.is_some_and(|ends| ends <= self.today) {
            let (slot, model) = self.homes[at].hops.remove(0);
            self.homes[at].hop_ends = None;
            self.set_model(at, slot, model);
            let line = format!("{} done with {}", self.device_of(at, slot), self.firmware(model));
            self.say(at, line);
            if !self.homes[at].hops.is_empty() {
                self.decide(at);
            }
        }
        let hops_left = self.homes[at].preparing && !self.homes[at].hops.is_empty();
        let on_list = self.homes[at].toward.is_some_and(|entry| self.is_approved(entry));
        if hops_left && on_list && !self.is_active(at) {
            self.begin_configuration(at);
        }
        if self.homes[at].configuration_ends.is_some_and(|ends| ends <= self.today) {
            let home = &mut self.homes[at];
            (home.configured, home.prepared, home.configuration_ends) = (true, Some(self.today), None);
            self.say(at, "configuration done".to_owned());
        }
        self.close_preparation(at);
    }

    /// Between two hops: what is done next (PL8).
    fn decide(&mut self, at: usize) {
        let entry = self.homes[at].toward.expect("a hop leads somewhere");
        if self.is_active(at) {
            self.say(at, "stands".to_owned());
            self.end_firmware(at);
        } else if let Some(why) = self.why_permitted(entry) {
            self.begin_hop(at, why);
        } else if self.eligible(at) {
            self.end_firmware(at);
        } else if self.is_refused(entry) {
            self.begin_hop(at, "completing");
        }
    }

    /// No further hop is made on this way.
    pub(super) fn end_firmware(&mut self, at: usize) {
        let home = &mut self.homes[at];
        (home.hop_ends, home.hop_again, home.toward) = (None, None, None);
        home.hops.clear();
    }

    pub(super) fn close_preparation(&mut self, at: usize) {
        let home = &mut self.homes[at];
        if home.preparing && home.hops.is_empty() && home.configuration_ends.is_none() {
            (home.preparing, home.toward) = (false, None);
        }
    }
}
