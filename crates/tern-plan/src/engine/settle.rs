//! What is to be done with one installation today: consent, preparation, notices, and what it waits for.
//!
//! Looking at an installation twice a day does nothing the second time.

use jiff::civil::Date;

use super::calendar::later;
use super::state::{Change, Consent, Course, Glance, Hop, Preparation};
use super::{At, Planner, short};
use crate::assumptions::AfterChange;
use crate::estate::SupplierIx;
use crate::plan::{Awaited, Dormancy, NoticeOf, What};

impl Planner<'_> {
    /// Does what is to be done with an installation today, and notes when to look again.
    pub(super) fn settle(&mut self, at: At) {
        self.take_changes(at);
        self.tell_earlier_exclusions(at);
        if self.states[at].course == Course::Open {
            self.advance_preparation(at);
            let awaited = self.go_on(at);
            self.tell_awaited(at, awaited);
        }
        self.glances[at] = Glance::of(&self.states[at]);
        self.line_up(at);
        self.wake(at);
    }

    /// Suppliers as they are after every change that has taken effect.
    fn take_changes(&mut self, at: At) {
        let day = self.day();
        for meter in 0..self.states[at].meters().len() {
            if let Some(supplier) = self.supplier_on(at, meter, day) {
                self.states[at].meters[meter].supplier = supplier;
            }
        }
    }

    /// Who a known change has made the supplier of a meter on a day; none where no change has.
    pub(super) fn supplier_on(&self, at: At, meter: usize, day: Date) -> Option<SupplierIx> {
        let of_meter = |change: &&super::state::Change| usize::from(change.meter) == meter && change.effective <= day;
        self.states[at].changes().iter().filter(of_meter).max_by_key(|c| c.effective).map(|change| change.supplier)
    }

    fn go_on(&mut self, at: At) -> Option<Awaited> {
        let (day, group) = (self.day(), self.group(at));
        self.end_authorisation(at);
        if !self.today.covers(group) {
            return Some(Awaited::Group(self.today.covers_from(group)));
        }
        if let Some(until) = self.states[at].blocked_until.filter(|until| *until > day) {
            return Some(Awaited::Change(until));
        }
        if self.states[at].is_active() {
            self.lapse(at);
            if !self.is_authorised(at) {
                self.prepare(at);
                return Some(Awaited::Authorisation);
            }
            return self.prepare(at);
        }
        if let Some(effective) = self.waits_for_change(at) {
            return Some(Awaited::Change(effective));
        }
        let awaited = self.prepare(at);
        let missing = self.notify_migration(at);
        self.notify_new(at);
        awaited.or(missing)
    }

    /// A notified installation that has an Active Meter again is no longer reached by deemed consent; what has begun goes on.
    fn lapse(&mut self, at: At) {
        let state = &mut self.states[at];
        let noticed = matches!(state.consent, Consent::Notice { .. });
        let notified = matches!(state.preparation, Preparation::Notified { .. });
        if noticed {
            state.consent = Consent::None;
        }
        if notified {
            (state.preparation, state.way) = (Preparation::None, None);
        }
        if noticed || notified {
            self.tell(at, What::TurnedActive);
        }
    }

    fn is_authorised(&mut self, at: At) -> bool {
        let day = self.day();
        if matches!(self.states[at].consent, Consent::Authorised { .. }) {
            return true;
        }
        let until = self.states[at].authorised_on(day);
        if until.is_some() {
            self.states[at].consent = Consent::Authorised { since: day };
            self.states[at].say().authorised_until = until;
            self.tell(at, What::Authorised);
        }
        until.is_some()
    }

    /// After the last day of an authorisation it counts no longer: unless others reach further, the installation has none.
    fn end_authorisation(&mut self, at: At) {
        let day = self.day();
        let Some(last) = self.states[at].authorised_until().filter(|last| *last < day) else { return };
        let until = self.states[at].authorised_on(day);
        self.states[at].say().authorised_until = until;
        if until.is_none() {
            self.states[at].consent = Consent::None;
            self.tell(at, What::AuthorisationEnded(last));
        }
    }

    /// Where plans do not survive a change of supplier: notices lapse, and nothing is done until it has taken effect.
    fn waits_for_change(&mut self, at: At) -> Option<Date> {
        let authorised = matches!(self.states[at].consent, Consent::Authorised { .. });
        let decided = self.states[at].after_change.unwrap_or(self.input.assumptions.after_change_of_supplier);
        if decided == AfterChange::GoOn || authorised {
            return None;
        }
        let day = self.day();
        let pending = self.states[at].changes().iter().map(|change| change.effective).filter(|from| *from > day);
        let last = pending.max()?;
        let state = &mut self.states[at];
        state.consent = Consent::None;
        if matches!(state.preparation, Preparation::Notified { .. }) {
            (state.preparation, state.way) = (Preparation::None, None);
        }
        Some(last)
    }

    /// Gives the notice of 4.30, where nothing that it needs is missing (PL2).
    fn notify_migration(&mut self, at: At) -> Option<Awaited> {
        let state = &self.states[at];
        let on_the_way = state.way.is_some_and(|way| self.epcl.entries.is_approved(self.epcl.way(way).entry));
        if state.consent != Consent::None || !(on_the_way || self.epcl.approves(&state.combination)) {
            return None;
        }
        let dormancy = self.dormancy(at);
        let Some(earliest) = self.notify(at, NoticeOf::Migration, dormancy) else {
            return Some(Awaited::WorkingDays);
        };
        let until = self.answers_until();
        let state = &mut self.states[at];
        (state.consent, state.dormancy) = (Consent::Notice { earliest }, dormancy);
        state.certificates_until = Some(until);
        self.tell(at, What::CertificatesAsked(until));
        None
    }

    /// Notifies every Responsible Supplier today; the earliest day for the steps, where the table of Working Days reaches it.
    pub(super) fn notify(&mut self, at: At, of: NoticeOf, dormancy: Dormancy) -> Option<Date> {
        let day = self.day();
        let working_days = self.today.notice(of, dormancy, self.group(at));
        let earliest = self.calendar.working_days_after(day, working_days)?;
        let mut suppliers: Vec<SupplierIx> = self.states[at].meters().iter().map(|meter| meter.supplier).collect();
        suppliers.dedup();
        for to in suppliers {
            self.tell(at, What::Notice { of, to, working_days, dormancy, earliest });
        }
        if let Some(said) = &mut self.states[at].said {
            said.changes.iter_mut().for_each(|change| change.told = change.effective <= day);
        }
        Some(earliest)
    }

    /// Whoever gains a meter is notified before steps that go on as planned (PL3).
    fn notify_new(&mut self, at: At) {
        let state = &self.states[at];
        let noticed = matches!(state.consent, Consent::Notice { .. });
        let notified = matches!(state.preparation, Preparation::Notified { .. });
        if !noticed && !notified {
            return;
        }
        let untold = state.changes().iter().enumerate().filter(|(_, change)| !change.told);
        let untold: Vec<_> = untold.map(|(which, change)| (which, *change)).collect();
        for (which, change) in untold {
            self.states[at].say().changes[which].told = true;
            let meter = self.meter_ix(at, usize::from(change.meter));
            for (_, of) in
                [(notified, NoticeOf::Preparation), (noticed, NoticeOf::Migration)].into_iter().filter(|(is, _)| *is)
            {
                let Change { supplier: to, effective, .. } = change;
                self.tell(at, What::NoticeToNew { of: Some(of), meter, to, effective });
            }
            let until = self.answers_until();
            if noticed && self.states[at].certificates_until.is_none_or(|before| before < until) {
                self.states[at].certificates_until = Some(until);
                self.tell(at, What::CertificatesAsked(until));
            }
        }
    }

    /// The day until which certificates that are asked for today are waited for.
    fn answers_until(&self) -> Date {
        let within = self.input.assumptions.certificates_within_working_days;
        self.calendar.working_days_after(self.day(), within).unwrap_or_else(|| later(self.day(), within))
    }

    /// Whether it is a Recently Dormant SMETS1 Installation today (AC4).
    pub(super) fn dormancy(&self, at: At) -> Dormancy {
        let state = &self.states[at];
        let recent = || {
            let (since, eligible) = (state.dormant_since?, state.eligible_since?);
            let after = since > eligible && since > self.today.recent_from?;
            Some(!state.has_left && after && self.epcl.approves(&state.combination))
        };
        if recent().unwrap_or_default() { Dormancy::Recent } else { Dormancy::Standard }
    }

    fn tell_awaited(&mut self, at: At, awaited: Option<Awaited>) {
        if self.states[at].awaited != awaited {
            if let Some(awaited) = awaited {
                self.tell(at, What::Awaits(awaited));
            }
            self.states[at].awaited = awaited;
        }
    }

    /// Notes the next day on which something of its own is due.
    fn wake(&mut self, at: At) {
        let (day, state) = (self.day(), &self.states[at]);
        let mut next: Option<Date> = None;
        let mut consider = |on: Option<Date>| {
            next = next.into_iter().chain(on.filter(|on| *on > day)).min();
        };
        if state.course == Course::Open {
            consider(match state.consent {
                Consent::None => None,
                Consent::Notice { earliest } => Some(earliest),
                Consent::Authorised { since } => Some(later(since, 1)),
            });
            let (hop, configuration) = match state.preparation {
                Preparation::None => (None, None),
                Preparation::Notified { from } => (Some(from), None),
                Preparation::Begun { hop: Hop::UnderWay(due) | Hop::Again(due), configuration } => {
                    (Some(due), configuration)
                }
                Preparation::Begun { hop: Hop::Ended | Hop::HeldUp, configuration } => (None, configuration),
            };
            let covered = self.today.covers_from(self.group(at));
            let prepared = state.prepared.map(|on| later(on, 1));
            let due = [hop, configuration, covered, prepared, state.blocked_until, state.not_before];
            due.into_iter().for_each(&mut consider);
        }
        if let Some(said) = &state.said {
            said.changes.iter().for_each(|change| consider(Some(change.effective)));
            said.authorised.iter().for_each(|one| consider(Some(one.from)));
            consider(state.authorised_until().map(|last| later(last, 1)));
        }
        let next = next.filter(|on| *on <= self.input.period.last);
        if let Some(on) = next.filter(|_| next != self.states[at].wake) {
            self.due.entry(on).or_default().push(short(at));
        }
        self.states[at].wake = next;
    }
}
