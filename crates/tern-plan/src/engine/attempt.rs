//! What happens on an installation's day: it leaves, because a change of supplier is too close (PL4), or it is migrated; and
//! what follows an attempt without success (PL14).

use jiff::civil::Date;
use tern_model::Fuel;

use super::calendar::later;
use super::state::{Change, Consent, Course};
use super::{At, Planner, short};
use crate::estate::{MeterIx, NameIx, SupplierIx};
use crate::plan::{Awaited, Excluded, What};

/// What an attempt has as its reason that came to nothing with a hop.
const FIRMWARE: &str = "4.26";

impl Planner<'_> {
    /// Migrates an installation today, unless it has to leave: then its place is given to no other today (P).
    pub(super) fn attempt(&mut self, at: At, supplier: SupplierIx) {
        if let Some(change) = self.too_close(at) {
            self.leave(at, change);
            return;
        }
        *self.taken.entry(self.day()).or_default().entry(supplier).or_default() += 1;
        self.tell(at, What::Migration(supplier));
        for meter in 0..self.states[at].meters().len() {
            if !self.stays(at, meter) && self.is_null(at, meter) {
                let meter = self.meter_ix(at, meter);
                self.tell(at, What::NullCertificate(meter));
            }
        }
        self.states[at].course = Course::Migrated;
    }

    /// An attempt is recorded as without success.
    pub(super) fn attempt_failed(&mut self, at: At, why: Option<NameIx>) {
        let assumptions = self.input.assumptions;
        let again = self.calendar.working_days_after(self.day(), assumptions.retry_after_working_days);
        let state = &mut self.states[at];
        if state.course == Course::Excluded {
            return;
        }
        state.attempts = state.attempts.saturating_add(1);
        state.course = Course::Open;
        state.not_before = Some(again.unwrap_or(Date::MAX));
        let attempts = state.attempts;
        self.tell(at, What::AttemptFailed { attempts, why });
        if why.is_some_and(|why| self.input.estate.catalogue().text(why) == FIRMWARE) {
            self.put_hop_off(at, again.unwrap_or(Date::MAX));
        }
        if attempts >= assumptions.attempts {
            self.exclude(at, Excluded::Attempts(attempts));
        }
    }

    fn leave(&mut self, at: At, change: Change) {
        let meter = self.meter_ix(at, usize::from(change.meter));
        self.tell(at, What::Left { meter, to: change.supplier, effective: change.effective });
        let state = &mut self.states[at];
        state.has_left = true;
        state.consent = Consent::None;
        state.blocked_until = Some(change.effective);
        state.awaited = Some(Awaited::Change(change.effective));
        state.say().authorised.clear();
        // Where the change takes effect today, it is planned anew today, behind all whose day it is.
        let next = change.effective.max(later(self.day(), 1));
        self.due.entry(next).or_default().push(short(at));
    }

    /// The first change of supplier within the days of 5.10.10 and 5.10.15, today included, of a meter that goes with its
    /// supplier's certificate.
    fn too_close(&self, at: At) -> Option<Change> {
        let changes = self.states[at].changes();
        if changes.is_empty() {
            return None;
        }
        let meters = 0..self.states[at].meters().len();
        let goes = |meter: &usize| !self.stays(at, *meter) && !self.is_null(at, *meter);
        meters.filter(goes).find_map(|meter| self.change_of(at, meter))
    }

    fn change_of(&self, at: At, meter: usize) -> Option<Change> {
        let day = self.day();
        let fuel = if meter == 0 { Fuel::Electricity } else { Fuel::Gas };
        let last = later(day, self.today.window(fuel, self.group(at)));
        let initial = self.input.estate.meters_of(self.installation(at))[meter].supplier;
        let mut before = self.supplier_on(at, meter, later_by(day, -1)).unwrap_or(initial);
        let of_meter =
            |change: &&Change| usize::from(change.meter) == meter && (day..=last).contains(&change.effective);
        let mut within: Vec<Change> = self.states[at].changes().iter().filter(of_meter).copied().collect();
        within.sort_by_key(|change| change.effective);
        within.into_iter().find(|change| std::mem::replace(&mut before, change.supplier) != change.supplier)
    }

    /// Whether a meter goes with the Null Certificate ID: its supplier was asked for certificates and gave none in time (PL11).
    fn is_null(&self, at: At, meter: usize) -> bool {
        let state = &self.states[at];
        matches!(state.consent, Consent::Notice { .. }) && !state.has_certificates(state.meters()[meter].supplier)
    }

    /// The estate's index of one of an installation's meters.
    pub(super) fn meter_ix(&self, at: At, meter: usize) -> MeterIx {
        self.input.estate.meter_at(self.installation(at), meter)
    }
}

fn later_by(day: Date, days: i32) -> Date {
    day.saturating_add(jiff::Span::new().days(days))
}
