//! The steps of 4.26: from notice through hops and configuration to an installation that matches an approved entry, or one
//! that is planned.

use jiff::civil::Date;

use super::calendar::later;
use super::epcl::{Slot, WayIx};
use super::state::{Consent, Hop, Preparation};
use super::{At, Planner};
use crate::estate::{DeviceIx, Estate, InstallationIx, ModelIx};
use crate::plan::{Awaited, HopWhy, NoticeOf, What};

impl Slot {
    /// The device that an installation has there.
    pub(super) fn device(self, estate: &Estate, installation: InstallationIx) -> Option<DeviceIx> {
        let meter = |at: usize| estate.meters_of(installation).get(at).map(|meter| meter.device);
        match self {
            Slot::Chf => Some(estate.hub_of(installation)),
            Slot::Esme => meter(0),
            Slot::Gsme => meter(1),
        }
    }
}

impl Planner<'_> {
    /// Whether the SMSO is still to configure hub and SIM (15.2).
    pub(super) fn is_to_be_configured(&self, at: At) -> bool {
        self.today.configures(self.group(at)) && !self.states[at].configured
    }

    /// Goes on with the preparation of an installation as far as it may today; what it awaits, if it cannot.
    pub(super) fn prepare(&mut self, at: At) -> Option<Awaited> {
        let eligible = self.epcl.approves(&self.states[at].combination);
        let configure = self.is_to_be_configured(at);
        let active = self.states[at].is_active();
        match self.states[at].preparation {
            Preparation::None if eligible && !configure => None,
            Preparation::None if active && !eligible => Some(Awaited::Entry),
            Preparation::None if active => {
                if matches!(self.states[at].consent, Consent::Authorised { .. }) {
                    self.begin(at, None);
                }
                None
            }
            Preparation::None => self.notify_preparation(at, eligible),
            Preparation::Notified { .. } if self.was_not_approved(at) => {
                (self.states[at].preparation, self.states[at].way) = (Preparation::None, None);
                self.tell(at, What::Withdrawn);
                self.prepare(at)
            }
            Preparation::Notified { from } if self.day() >= from => self.begin_notified(at, eligible),
            Preparation::Begun { hop: Hop::HeldUp, .. } => Some(Awaited::Decision),
            Preparation::Notified { .. } | Preparation::Begun { .. } => None,
        }
    }

    /// Whether the entry of its way was not approved.
    fn was_not_approved(&self, at: At) -> bool {
        self.states[at].way.is_some_and(|way| self.epcl.entries.is_not_approved(self.epcl.way(way).entry))
    }

    fn notify_preparation(&mut self, at: At, eligible: bool) -> Option<Awaited> {
        let way = match self.way_where_needed(at, eligible) {
            Ok(way) => way,
            Err(awaited) => return Some(awaited),
        };
        let dormancy = self.dormancy(at);
        let Some(from) = self.notify(at, NoticeOf::Preparation, dormancy) else { return Some(Awaited::WorkingDays) };
        self.states[at].preparation = Preparation::Notified { from };
        self.states[at].way = way;
        if from <= self.day() { self.begin_notified(at, eligible) } else { None }
    }

    fn begin_notified(&mut self, at: At, eligible: bool) -> Option<Awaited> {
        if eligible && !self.is_to_be_configured(at) {
            self.states[at].preparation = Preparation::None;
            self.states[at].way = None;
            return None;
        }
        match self.way_where_needed(at, eligible) {
            Ok(way) => {
                self.begin(at, way);
                None
            }
            Err(awaited) => {
                let before = self.states[at].way.map(|way| self.epcl.way(way).entry);
                let held = before.is_some_and(|entry| self.epcl.entries.is_held(entry));
                Some(if held { Awaited::Decision } else { awaited })
            }
        }
    }

    fn way_where_needed(&mut self, at: At, eligible: bool) -> Result<Option<WayIx>, Awaited> {
        if eligible {
            return Ok(None);
        }
        let alike = self.alike(at);
        self.epcl.way_of(alike).map(Some)
    }

    /// Begins the steps; towards an entry that is planned, firmware alone (4.26).
    fn begin(&mut self, at: At, way: Option<WayIx>) {
        (self.states[at].way, self.states[at].hops_done) = (way, 0);
        let hop = self.next_hop(at);
        let configuration = self.configuration_from_today(at);
        self.set_hop(at, hop, configuration);
        self.advance_preparation(at);
    }

    /// Begins the configuration, where it is to be configured and its way, if it takes one, leads to an approved entry.
    fn configuration_from_today(&mut self, at: At) -> Option<Date> {
        let approved = |way| self.epcl.entries.is_approved(self.epcl.way(way).entry);
        if !self.is_to_be_configured(at) || !self.states[at].way.is_none_or(approved) {
            return None;
        }
        self.tell(at, What::ConfigurationBegun);
        Some(later(self.day(), self.input.assumptions.configuration_days))
    }

    /// Takes as complete what was to be complete by today, and begins what may begin then.
    pub(super) fn advance_preparation(&mut self, at: At) {
        let day = self.day();
        if let Preparation::Begun { hop, configuration } = self.states[at].preparation
            && (hop == Hop::HeldUp || matches!(hop, Hop::Again(from) if from <= day))
        {
            let hop = self.next_hop(at);
            self.set_hop(at, hop, configuration);
        }
        while let Preparation::Begun { hop: Hop::UnderWay(due), configuration } = self.states[at].preparation
            && due <= day
        {
            let Some((slot, model)) = self.hop_ahead(at) else { break };
            self.has_now(at, slot, model);
            self.tell_device(at, slot, |device| What::HopDone { device, to: model });
            self.states[at].hops_done += 1;
            let hop = self.next_hop(at);
            self.set_hop(at, hop, configuration);
        }
        if let Preparation::Begun { hop, configuration: None } = self.states[at].preparation
            && hop != Hop::Ended
            && !self.states[at].is_active()
        {
            let configuration = self.configuration_from_today(at);
            self.states[at].preparation = Preparation::Begun { hop, configuration };
        }
        if let Preparation::Begun { hop, configuration: Some(due) } = self.states[at].preparation
            && due <= day
        {
            let state = &mut self.states[at];
            (state.configured, state.prepared) = (true, Some(day));
            state.preparation = Preparation::Begun { hop, configuration: None };
            self.tell(at, What::ConfigurationDone);
        }
        self.end_preparation(at);
    }

    /// What becomes of an upgrade whose next hop is to begin (PL8): an Active Meter ends it where it is; an entry that is
    /// approved, or that 4.26 reaches, lets it go on; one that was not approved has it completed; any other holds it up.
    fn next_hop(&mut self, at: At) -> Hop {
        let (Some(way), Some((slot, to))) = (self.states[at].way, self.hop_ahead(at)) else { return Hop::Ended };
        if self.states[at].is_active() {
            self.tell(at, What::Stands);
            return Hop::Ended;
        }
        let entry = self.epcl.way(way).entry;
        let eligible = self.epcl.approves(&self.states[at].combination);
        match self.epcl.entries.why(entry) {
            Some(HopWhy::Completing) | None if eligible => Hop::Ended,
            None => Hop::HeldUp,
            Some(why) => {
                self.tell_device(at, slot, |device| What::HopBegun { device, to, entry, why });
                Hop::UnderWay(later(self.day(), self.input.assumptions.days_per_hop))
            }
        }
    }

    /// A hop under way has come to nothing, and begins again on a day.
    pub(super) fn put_hop_off(&mut self, at: At, until: Date) {
        if let Preparation::Begun { hop: Hop::UnderWay(_) | Hop::Again(_), configuration } = self.states[at].preparation
        {
            self.set_hop(at, Hop::Again(until), configuration);
        }
    }

    /// Notes how far the hops are; a way that has ended is none.
    pub(super) fn set_hop(&mut self, at: At, hop: Hop, configuration: Option<Date>) {
        let state = &mut self.states[at];
        state.preparation = Preparation::Begun { hop, configuration };
        if hop == Hop::Ended {
            state.way = None;
        }
    }

    /// Ends a preparation of which nothing is under way any more.
    pub(super) fn end_preparation(&mut self, at: At) {
        let state = &mut self.states[at];
        if state.preparation == (Preparation::Begun { hop: Hop::Ended, configuration: None }) {
            state.preparation = Preparation::None;
        }
    }

    /// A device has another firmware from today on.
    pub(super) fn has_now(&mut self, at: At, slot: Slot, model: ModelIx) {
        let day = self.day();
        let state = &mut self.states[at];
        state.combination = slot.with(state.combination, model);
        state.prepared = Some(day);
        self.note_eligible(at);
    }

    /// The next hop of its way, or the one that is under way.
    pub(super) fn hop_ahead(&self, at: At) -> Option<(Slot, ModelIx)> {
        let state = &self.states[at];
        self.epcl.way(state.way?).hops.get(usize::from(state.hops_done)).copied()
    }

    fn tell_device(&mut self, at: At, slot: Slot, what: impl FnOnce(DeviceIx) -> What) {
        if let Some(device) = slot.device(self.input.estate, self.installations[at]) {
            self.tell(at, what(device));
        }
    }
}
