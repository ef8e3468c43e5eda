//! What an event changes of what is known. Nothing is decided here: whoever it concerns is looked at afterwards.

use jiff::civil::Date;
use tern_model::MeterState;

use super::calendar::later;
use super::epcl::{Alike, Hardware, Slot};
use super::near::AT_ONCE;
use super::state::{Authorisation, Change, Course, Hop, Preparation};
use super::{At, Planner, short};
use crate::estate::{
    self, DeviceIx, EntryIx, EntryStep, Event, HardwareIx, InstallationIx, MeterIx, ModelIx, SupplierIx,
};
use crate::plan::{Excluded, What};

impl Planner<'_> {
    /// Takes an event.
    pub(super) fn apply(&mut self, event: &Event) {
        match event.what {
            estate::What::ChangeOfSupplier { meter, supplier, effective } => {
                self.change(meter, supplier, effective);
            }
            estate::What::Service { meter, service } => self.service(meter, service),
            estate::What::Entry { entry, step, .. } => self.entry(entry, step),
            estate::What::Path { from, to } => {
                self.epcl.path(from, to);
                self.touch_hardware(self.input.estate.catalogue().hardware_of(from));
            }
            estate::What::OperabilityConfirmed { supplier, smso, version } => {
                self.epcl.operable(supplier, smso, version);
                self.touch_hardware(self.input.estate.catalogue().hardware_of(version));
            }
            estate::What::SmsoConfigured { installation } => self.of(installation, Self::configured),
            estate::What::FirmwareDone { device, model } => self.firmware_done(device, model),
            estate::What::Demand { supplier, wanted, from } => {
                let from = from.max(self.day());
                self.wanted.entry(supplier).or_default().say(from, wanted);
            }
            estate::What::CertificatesSupplied { installation, supplier } => {
                let on = self.day();
                self.of(installation, |planner, at| planner.states[at].say().certificates.push((supplier, on)));
            }
            estate::What::Authorised { installation, supplier, from, until } => {
                let (from, until) = (from.max(self.day()), until.unwrap_or(Date::MAX));
                let given = Authorisation { supplier, from, until };
                self.of(installation, |planner, at| planner.states[at].say().authorised.push(given));
            }
            estate::What::SupplierChangeDecision { installation, after } => self.of(installation, |planner, at| {
                planner.states[at].after_change = Some(after);
                planner.tell(at, What::Decided(after));
            }),
            estate::What::AttemptFailed { installation, why } => {
                self.of(installation, |planner, at| planner.attempt_failed(at, why));
            }
            estate::What::Excluded { installation, category, .. } => {
                let why = Excluded::Recorded { category, row: event.row };
                self.of(installation, |planner, at| planner.exclude(at, why));
            }
            estate::What::ExclusionEnded { installation, category } => {
                self.of(installation, |planner, at| planner.end_exclusion(at, category, event.row));
            }
            estate::What::DocumentDesignated { document, effective } => self.designated(document, effective),
            // Moves no day: a Payment Mode binds after migration (4.49).
            estate::What::PaymentMode { .. } => {}
        }
    }

    /// Does something with an installation, where it is planned here, and has it looked at.
    fn of(&mut self, installation: InstallationIx, act: impl FnOnce(&mut Self, At)) {
        if let Some(at) = self.at(installation) {
            act(self, at);
            self.touch([short(at)]);
        }
    }

    fn change(&mut self, meter: MeterIx, supplier: SupplierIx, effective: Date) {
        let Some((installation, meter)) = self.place(meter) else { return };
        let change = Change { meter, told: false, supplier, effective };
        self.of(installation, |planner, at| planner.states[at].say().changes.push(change));
    }

    fn service(&mut self, meter: MeterIx, service: MeterState) {
        let Some((installation, meter)) = self.place(meter) else { return };
        self.of(installation, |planner, at| {
            let day = planner.day();
            let state = &mut planner.states[at];
            let was_active = state.is_active();
            state.meters[usize::from(meter)].service = service;
            state.dormant_since = if state.is_active() { None } else { state.dormant_since.or(Some(day)) };
            if was_active && !state.is_active() && state.course == Course::Open {
                planner.tell(at, What::TurnedDormant);
            }
        });
    }

    /// An installation, and which of its meters this one is.
    fn place(&self, meter: MeterIx) -> Option<(InstallationIx, u8)> {
        let estate = self.input.estate;
        let of = estate.meters().get(meter.at())?;
        let at = estate.meters_of(of.installation).iter().position(|other| other.device == of.device)?;
        Some((of.installation, u8::try_from(at).ok()?))
    }

    fn entry(&mut self, entry: EntryIx, step: EntryStep) {
        let changed = self.epcl.entry(entry, step, self.day());
        changed.into_iter().for_each(|hardware| self.entries_changed(hardware));
    }

    /// What turns today without an event: entries that were to be approved by now, and the wording.
    pub(super) fn turn_entries(&mut self) {
        let changed = self.epcl.turn(self.day());
        changed.into_iter().for_each(|hardware| self.entries_changed(hardware));
    }

    pub(super) fn entries_changed(&mut self, hardware: Hardware) {
        let of_hardware = self.by_hardware.get(&hardware).cloned().unwrap_or_default();
        if self.epcl.approves_some(hardware) {
            let was = |at: &u32| self.glances[*at as At].was_eligible;
            let never: Vec<u32> = of_hardware.iter().copied().filter(|at| !was(at)).collect();
            for some in never.chunks(AT_ONCE) {
                self.fetch(some);
                some.iter().for_each(|at| self.note_eligible(*at as At));
            }
        }
        let glances = &self.glances;
        let open: Vec<u32> = of_hardware.into_iter().filter(|at| glances[*at as At].is_open).collect();
        self.touch(open);
    }

    fn touch_hardware(&mut self, hardware: HardwareIx) {
        if self.day() < self.input.period.first {
            return;
        }
        let has = |(of, _): &(&Hardware, &Vec<u32>)| of.has(hardware);
        // Who comes to take ways only today is looked at anyway.
        let takes = |at: &u32| self.glances[*at as At].takes_ways;
        let all = self.by_hardware.iter().filter(has).flat_map(|(_, all)| all).copied();
        self.touched.extend(all.filter(takes));
    }

    /// Remembers the first day on which it is eligible to be Enrolled (AC4).
    pub(super) fn note_eligible(&mut self, at: At) {
        let state = &self.states[at];
        if state.eligible_since.is_none() && self.epcl.approves(&state.combination) {
            self.states[at].eligible_since = Some(self.day());
            self.glances[at].was_eligible = true;
        }
    }

    fn configured(&mut self, at: At) {
        let day = self.day();
        let state = &mut self.states[at];
        if state.course == Course::Migrated {
            return;
        }
        (state.configured, state.prepared) = (true, Some(day));
        if let Preparation::Begun { configuration, .. } = &mut state.preparation {
            *configuration = None;
        }
        self.tell(at, What::ConfigurationRecorded);
        self.end_preparation(at);
    }

    fn firmware_done(&mut self, device: DeviceIx, model: ModelIx) {
        let estate = self.input.estate;
        let Some(installation) = estate.devices().get(device.at()).map(|device| device.installation) else { return };
        let Some(slot) = Slot::ALL.into_iter().find(|slot| slot.device(estate, installation) == Some(device)) else {
            return;
        };
        self.of(installation, |planner, at| {
            if planner.states[at].course != Course::Migrated {
                planner.has_now(at, slot, model);
                planner.tell(at, What::FirmwareRecorded { device, to: model });
                planner.take_up_way(at);
            }
        });
    }

    /// Goes on with an upgrade from the versions that the devices have now; another hop than the one under way waits until the
    /// installation is looked at.
    fn take_up_way(&mut self, at: At) {
        let Preparation::Begun { hop, configuration } = self.states[at].preparation else { return };
        if hop == Hop::Ended {
            return;
        }
        let Some(way) = self.states[at].way else { return };
        let before = self.hop_ahead(at).filter(|_| hop != Hop::HeldUp);
        let alike = self.alike(at);
        let rest = self.epcl.rest(alike, self.epcl.way(way).entry);
        (self.states[at].way, self.states[at].hops_done) = (rest, 0);
        let hop = match self.hop_ahead(at) {
            None => Hop::Ended,
            ahead if ahead == before && matches!(hop, Hop::Again(_)) => hop,
            ahead if ahead == before => Hop::UnderWay(later(self.day(), self.input.assumptions.days_per_hop)),
            Some(_) => Hop::HeldUp,
        };
        self.set_hop(at, hop, configuration);
    }

    /// What its ways depend on.
    pub(super) fn alike(&self, at: At) -> Alike {
        let of = self.input.estate.installation(self.installations[at]);
        let combination = self.states[at].combination;
        Alike { combination, installing_supplier: of.installing_supplier, smso: of.smso }
    }
}
