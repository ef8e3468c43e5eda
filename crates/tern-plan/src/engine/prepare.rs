//! The steps of 4.26: from notice through hops and configuration to an installation that matches an approved entry.

use super::calendar::later;
use super::epcl::{Slot, WayIx};
use super::state::{Consent, Preparation};
use super::{At, Planner};
use crate::estate::{DeviceIx, Estate, InstallationIx, ModelIx};
use crate::plan::{Awaited, NoticeOf, What};

impl Slot {
    /// The device that an installation has there.
    pub(super) fn device(self, estate: &Estate, installation: InstallationIx) -> Option<DeviceIx> {
        let meter = |at: usize| estate.meters_of(installation).get(at).map(|meter| meter.device);
        match self {
            Slot::Chf => estate.find_device(estate.devices_of(installation).first()?.id),
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
            Preparation::Notified { from } if self.day() >= from => self.begin_notified(at, eligible),
            Preparation::Notified { .. } | Preparation::Begun { .. } => None,
        }
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
        let way = self.way_where_needed(at, eligible);
        self.states[at].way = way.ok().flatten();
        match way {
            Ok(way) => {
                self.begin(at, way);
                None
            }
            Err(awaited) => Some(awaited),
        }
    }

    fn way_where_needed(&mut self, at: At, eligible: bool) -> Result<Option<WayIx>, Awaited> {
        if eligible {
            return Ok(None);
        }
        let alike = self.alike(at);
        self.epcl.way_of(alike).map(Some)
    }

    fn begin(&mut self, at: At, way: Option<WayIx>) {
        let assumptions = self.input.assumptions;
        let hop = way.map(|_| later(self.day(), assumptions.days_per_hop));
        let configuration = self.is_to_be_configured(at).then(|| later(self.day(), assumptions.configuration_days));
        let state = &mut self.states[at];
        (state.way, state.hops_done) = (way, 0);
        state.preparation = Preparation::Begun { hop, configuration };
        if hop.is_some() {
            self.tell_hop(at);
        }
        if configuration.is_some() {
            self.tell(at, What::ConfigurationBegun);
        }
        self.advance_preparation(at);
    }

    /// Takes as complete what was to be complete by today.
    pub(super) fn advance_preparation(&mut self, at: At) {
        let day = self.day();
        while let Preparation::Begun { hop: Some(due), configuration } = self.states[at].preparation
            && due <= day
        {
            let Some((slot, model)) = self.hop_under_way(at) else { break };
            self.has_now(at, slot, model);
            self.tell_device(at, slot, |device| What::HopDone { device, to: model });
            self.states[at].hops_done += 1;
            let next = self.hop_under_way(at).map(|_| later(day, self.input.assumptions.days_per_hop));
            self.states[at].preparation = Preparation::Begun { hop: next, configuration };
            if next.is_some() {
                self.tell_hop(at);
            }
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

    /// Ends a preparation of which nothing is under way any more.
    pub(super) fn end_preparation(&mut self, at: At) {
        let state = &mut self.states[at];
        if state.preparation == (Preparation::Begun { hop: None, configuration: None }) {
            state.preparation = Preparation::None;
            state.way = None;
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

    fn hop_under_way(&self, at: At) -> Option<(Slot, ModelIx)> {
        let state = &self.states[at];
        self.epcl.way(state.way?).hops.get(usize::from(state.hops_done)).copied()
    }

    /// Tells of the hop that begins.
    pub(super) fn tell_hop(&mut self, at: At) {
        let (Some((slot, to)), Some(way)) = (self.hop_under_way(at), self.states[at].way) else { return };
        let entry = self.epcl.way(way).entry;
        self.tell_device(at, slot, |device| What::HopBegun { device, to, entry });
    }

    fn tell_device(&mut self, at: At, slot: Slot, what: impl FnOnce(DeviceIx) -> What) {
        if let Some(device) = slot.device(self.input.estate, self.installations[at]) {
            self.tell(at, what(device));
        }
    }
}
