//! What is known of the EPCL's entries on the day that is planned, and whether 4.26 reaches to them (PL6, PL8).
//!
//! How an entry moves is `tern_flow::early_firmware`'s; this module drives one machine an entry by the estate's events and by
//! the days on which something turns without one. It must never know an installation.

use std::collections::BTreeSet;

use jiff::civil::Date;
use tern_flow::early_firmware::{self as machine, Asked, EntryEvent, EntryState, Ground, Permit, Work};

use super::calendar::later;
use crate::estate::{EntryIx, EntryStep, Estate};
use crate::plan::HopWhy;

/// Every entry, as it is known.
#[derive(Debug)]
pub(crate) struct Entries<'e> {
    estate: &'e Estate,
    known: Vec<Known>,
    /// The first day of the wording that reaches to planned entries.
    planned_since: Option<Date>,
    /// Days after its confirmation within which an entry is foreseen to be approved.
    approval_within_days: u16,
    /// Days on which something may turn without an event.
    turns: BTreeSet<Date>,
}

/// What is known of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    entry: machine::Entry,
    permit: Option<Permit>,
    /// When criterion (a) or (b) was first met.
    confirmed: Option<Date>,
    /// Whether it was confirmed or approved at some time.
    reached: bool,
}

impl<'e> Entries<'e> {
    /// Nothing is known but that they are planned.
    pub(crate) fn new(estate: &'e Estate, planned_since: Option<Date>, approval_within_days: u16) -> Entries<'e> {
        let planned = |entry: &crate::estate::Entry| Known {
            entry: machine::Entry::planned(entry.route, entry.comprises),
            permit: None,
            confirmed: None,
            reached: false,
        };
        let known = estate.entries().iter().map(planned).collect();
        Entries { estate, known, planned_since, approval_within_days, turns: planned_since.into_iter().collect() }
    }

    /// Takes what happened to an entry; the entries of which something is otherwise now.
    pub(crate) fn on(&mut self, entry: EntryIx, step: EntryStep, day: Date) -> Vec<EntryIx> {
        let before = self.known.clone();
        let event = EntryEvent::from(step);
        let Some(known) = self.known.get_mut(entry.at()) else { return Vec::new() };
        if known.entry.on(event, day).is_none() {
            return Vec::new();
        }
        let confirmed = matches!(event, EntryEvent::TagConfirmed | EntryEvent::ReportPublished);
        known.reached |= confirmed || event == EntryEvent::Approved;
        if confirmed && known.confirmed.is_none() {
            known.confirmed = Some(day);
            self.turns.insert(later(day, self.approval_within_days));
        }
        self.judge(day);
        self.changed(&before)
    }

    /// A day begins: those are paused that were to be approved by now, and the wording of the day counts. The entries of which
    /// something is otherwise now.
    pub(crate) fn turn(&mut self, day: Date) -> Vec<EntryIx> {
        if !self.turns.contains(&day) {
            return Vec::new();
        }
        let before = self.known.clone();
        for known in &mut self.known {
            if known.confirmed.is_some_and(|on| later(on, self.approval_within_days) == day) {
                // One that is decided is not overdue, and the machine says so.
                let _ = known.entry.on(EntryEvent::Overdue, day);
            }
        }
        self.judge(day);
        self.changed(&before)
    }

    /// Notes another first day of the wording that reaches to planned entries. The entries of which something is otherwise now.
    pub(crate) fn reach(&mut self, planned_since: Option<Date>, day: Date) -> Vec<EntryIx> {
        if self.planned_since == planned_since {
            return Vec::new();
        }
        self.planned_since = planned_since;
        self.turns.extend(planned_since);
        let before = self.known.clone();
        self.judge(day);
        self.changed(&before)
    }

    /// Asks of each entry what 4.26 says of it: an equivalent one depends on the entry that it names.
    fn judge(&mut self, day: Date) {
        for at in 0..self.known.len() {
            let tested = self.estate.entries()[at].equivalent_to.map(|of| self.known[of.at()].entry);
            let asked =
                Asked { work: Work::Firmware, on: day, planned_since: self.planned_since, tested: tested.as_ref() };
            self.known[at].permit = Some(self.known[at].entry.permit(&asked));
        }
    }

    fn changed(&self, before: &[Known]) -> Vec<EntryIx> {
        let pairs = before.iter().zip(&self.known).enumerate();
        pairs.filter(|(_, (before, now))| before != now).map(|(at, _)| EntryIx::of(at)).collect()
    }

    fn state(&self, entry: EntryIx) -> Option<EntryState> {
        self.known.get(entry.at()).map(|known| known.entry.state())
    }

    /// Whether it is on the EPCL.
    pub(crate) fn is_approved(&self, entry: EntryIx) -> bool {
        self.state(entry) == Some(EntryState::Approved)
    }

    /// Whether it is decided that it does not come.
    pub(crate) fn is_not_approved(&self, entry: EntryIx) -> bool {
        self.state(entry) == Some(EntryState::NotApproved)
    }

    /// Whether nothing may begin before a decision.
    pub(crate) fn is_held(&self, entry: EntryIx) -> bool {
        matches!(self.state(entry), Some(EntryState::Paused | EntryState::Disputed))
    }

    /// Whether firmware may be upgraded to it although it is planned.
    pub(crate) fn is_permitted(&self, entry: EntryIx) -> bool {
        !self.is_approved(entry) && matches!(self.permit(entry), Some(Permit::Yes { .. }))
    }

    /// Whether an installation that has its firmware waits for its approval.
    pub(crate) fn is_to_be_decided(&self, entry: EntryIx) -> bool {
        let reached = self.known.get(entry.at()).is_some_and(|known| known.reached);
        reached && !self.is_approved(entry) && !self.is_not_approved(entry)
    }

    /// Why a hop towards it may begin; none where it may not.
    pub(crate) fn why(&self, entry: EntryIx) -> Option<HopWhy> {
        if self.is_approved(entry) {
            return Some(HopWhy::Approved);
        }
        if self.is_not_approved(entry) {
            return Some(HopWhy::Completing);
        }
        match self.permit(entry)? {
            Permit::Yes { ground: Ground::Approved, .. } => Some(HopWhy::Approved),
            Permit::Yes { ground: Ground::TagConfirmed, .. } => Some(HopWhy::TagConfirmed),
            Permit::Yes { ground: Ground::ReportPublished, .. } => Some(HopWhy::ReportPublished),
            Permit::Yes { ground: Ground::Equivalent, .. } => Some(HopWhy::Equivalent),
            Permit::No(_) => None,
        }
    }

    fn permit(&self, entry: EntryIx) -> Option<Permit> {
        self.known.get(entry.at())?.permit
    }
}
