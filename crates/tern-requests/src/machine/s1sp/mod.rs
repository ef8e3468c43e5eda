//! A request at the S1SP: judged, protected by the DCO where it is critical, asked of the device, probed where an answer was lost, and
//! told to the DSP with the S1SP's signature.

mod terms;

use serde::{Deserialize, Serialize};

use super::probe::Found;
use super::{Arrow, Transition};
use crate::stages::dco::DcoSaid;
use crate::stages::equivalent_steps::Failed;

pub use terms::{Effect, Event, EventKind, Outcome, Plan, State};

/// How often a thing is tried (configuration, P).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// Askings of the device, and of the DCO.
    pub askings: u8,
    /// Probes.
    pub probes: u8,
}

impl Default for Attempts {
    fn default() -> Self {
        Attempts { askings: 3, probes: 3 }
    }
}

const fn arrow(from: State, on: EventKind, to: State) -> Arrow<State, EventKind> {
    Arrow { from, on, to }
}

/// Every permitted transition.
pub const TABLE: &[Arrow<State, EventKind>] = {
    use {EventKind as E, State as S};
    &[
        arrow(S::Received, E::Planned, S::Protecting),
        arrow(S::Received, E::Planned, S::Asking),
        arrow(S::Received, E::Refused, S::Telling),
        arrow(S::Received, E::DeviceRefused, S::Telling),
        arrow(S::Received, E::Resumed, S::Received),
        arrow(S::Protecting, E::Protected, S::Asking),
        arrow(S::Protecting, E::DcoSaid, S::Telling),
        // Silence is asked again.
        arrow(S::Protecting, E::DcoSaid, S::Protecting),
        // What the DCO protects counts on from what the device says: that is asked first.
        arrow(S::Protecting, E::Unreachable, S::Protecting),
        arrow(S::Protecting, E::Unreachable, S::Telling),
        arrow(S::Protecting, E::DeviceRefused, S::Telling),
        // The DCO has read the device's answer to this very instruction before.
        arrow(S::Protecting, E::Obeyed, S::Telling),
        arrow(S::Protecting, E::Obeyed, S::Protecting),
        arrow(S::Protecting, E::Obeyed, S::Asking),
        // What it was judged by holds no more when it is taken up again.
        arrow(S::Protecting, E::Refused, S::Telling),
        arrow(S::Asking, E::Refused, S::Telling),
        arrow(S::Probing, E::Refused, S::Telling),
        arrow(S::Protecting, E::Resumed, S::Protecting),
        arrow(S::Asking, E::Obeyed, S::Telling),
        arrow(S::Asking, E::Obeyed, S::Asking),
        arrow(S::Asking, E::Obeyed, S::Protecting),
        arrow(S::Asking, E::DeviceRefused, S::Asking),
        arrow(S::Asking, E::DeviceRefused, S::Telling),
        arrow(S::Asking, E::Unreachable, S::Asking),
        arrow(S::Asking, E::Unreachable, S::Telling),
        arrow(S::Asking, E::Lost, S::Probing),
        arrow(S::Asking, E::Lost, S::Asking),
        arrow(S::Asking, E::Lost, S::Telling),
        arrow(S::Asking, E::Resumed, S::Probing),
        arrow(S::Asking, E::Resumed, S::Asking),
        // A lost answer is probed, never guessed.
        arrow(S::Probing, E::Probed, S::Telling),
        arrow(S::Probing, E::Probed, S::Asking),
        arrow(S::Probing, E::Probed, S::Protecting),
        arrow(S::Probing, E::Unreachable, S::Probing),
        arrow(S::Probing, E::Unreachable, S::Telling),
        arrow(S::Probing, E::Lost, S::Probing),
        arrow(S::Probing, E::Lost, S::Telling),
        arrow(S::Probing, E::Resumed, S::Probing),
        arrow(S::Telling, E::Delivered, S::Told),
        arrow(S::Telling, E::Resumed, S::Telling),
    ]
};

/// A request at the S1SP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestAtS1sp {
    /// Where it stands.
    pub state: State,
    /// What is to be done, once that is known.
    pub plan: Option<Plan>,
    /// The instruction that the state is about.
    pub at: u8,
    /// Askings of the DCO for this instruction that came to nothing.
    pub protections: u8,
    /// Askings of the device for this instruction so far.
    pub askings: u8,
    /// Probes of this instruction so far.
    pub probes: u8,
    /// Whether this instruction may have happened, though no answer came.
    pub uncertain: bool,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
}

impl Default for RequestAtS1sp {
    fn default() -> Self {
        RequestAtS1sp {
            state: State::Received,
            plan: None,
            at: 0,
            protections: 0,
            askings: 0,
            probes: 0,
            uncertain: false,
            outcome: None,
        }
    }
}

type Taken = Transition<State, EventKind, Effect>;

impl RequestAtS1sp {
    /// Takes an event in.
    ///
    /// `None` where the state does not know the event: nothing changes, and it is a repeat, a late word or a mistake of the caller.
    #[must_use]
    pub fn on(&mut self, event: Event, attempts: Attempts) -> Option<Taken> {
        let (from, on) = (self.state, event.kind());
        let effect = match (self.state, event) {
            (State::Received, Event::Planned(plan)) => {
                self.plan = Some(plan);
                Some(self.begin(plan, 0))
            }
            (State::Received, Event::Refused(refusal)) => Some(self.tell(Outcome::Alert(refusal))),
            (State::Received, Event::DeviceRefused(_)) => Some(self.tell(Outcome::NotDone)),
            (State::Received, Event::Resumed) => Some(Effect::Judge),
            (State::Protecting, event) => Some(self.protecting(event, attempts)?),
            (State::Asking, event) => Some(self.asking(event, attempts)?),
            (State::Probing, event) => Some(self.probing(event, attempts)?),
            (State::Telling, Event::Resumed) => self.outcome.clone().map(Effect::Tell),
            (State::Telling, Event::Delivered) => {
                self.state = State::Told;
                None
            }
            _ => return None,
        };
        Some(Transition { arrow: Arrow { from, on, to: self.state }, effects: effect.into_iter().collect() })
    }

    fn protecting(&mut self, event: Event, attempts: Attempts) -> Option<Effect> {
        Some(match event {
            Event::Protected => {
                self.protections = 0;
                self.ask()
            }
            Event::DcoSaid(DcoSaid::Nothing) | Event::Unreachable(_) if self.protections < attempts.askings => {
                self.protect()
            }
            Event::DcoSaid(said) => self.tell(Outcome::Alert(said.into())),
            Event::Unreachable(words) => self.fail(Failed::Unreachable(words)),
            Event::DeviceRefused(_) if self.uncertain => self.fail(Failed::Silent),
            Event::DeviceRefused(_) => self.tell(Outcome::NotDone),
            Event::Refused(refusal) => self.tell(Outcome::Alert(refusal)),
            Event::Obeyed => self.done(self.plan?),
            Event::Resumed => self.protect(),
            _ => return None,
        })
    }

    fn asking(&mut self, event: Event, attempts: Attempts) -> Option<Effect> {
        let plan = self.plan?;
        let alters = plan.alters(self.at);
        self.uncertain |= alters && matches!(event, Event::Lost | Event::Resumed);
        Some(match event {
            Event::Obeyed => self.done(plan),
            // What a device says no to now tells nothing of an earlier time, whose answer was lost.
            Event::DeviceRefused(_) if self.uncertain && self.askings < attempts.askings => self.ask(),
            Event::DeviceRefused(_) if self.uncertain => self.fail(Failed::Silent),
            Event::DeviceRefused(_) => self.tell(Outcome::NotDone),
            Event::Refused(refusal) => self.tell(Outcome::Alert(refusal)),
            Event::Unreachable(_) if self.askings < attempts.askings => self.ask(),
            Event::Lost if !alters && self.askings < attempts.askings => self.ask(),
            Event::Unreachable(words) => self.fail(Failed::Unreachable(words)),
            Event::Lost | Event::Resumed if alters => self.probe(),
            Event::Lost => self.fail(Failed::Silent),
            Event::Resumed => self.ask(),
            _ => return None,
        })
    }

    fn probing(&mut self, event: Event, attempts: Attempts) -> Option<Effect> {
        let plan = self.plan?;
        Some(match event {
            Event::Probed(Found::Applied) => self.done(plan),
            Event::Refused(refusal) => self.tell(Outcome::Alert(refusal)),
            // What was protected may have been used up: the DCO protects it anew.
            Event::Probed(Found::NotApplied) if self.askings < attempts.askings => self.attempt(plan),
            Event::Unreachable(_) | Event::Lost if self.probes < attempts.probes => self.probe(),
            Event::Resumed => self.probe(),
            Event::Probed(Found::NotApplied) | Event::Unreachable(_) | Event::Lost => self.fail(Failed::Silent),
            _ => return None,
        })
    }

    fn done(&mut self, plan: Plan) -> Effect {
        if self.at + 1 < plan.instructions { self.begin(plan, self.at + 1) } else { self.tell(Outcome::Done) }
    }

    fn begin(&mut self, plan: Plan, at: u8) -> Effect {
        (self.at, self.protections, self.askings, self.probes, self.uncertain) = (at, 0, 0, 0, false);
        self.attempt(plan)
    }

    fn attempt(&mut self, plan: Plan) -> Effect {
        if plan.is_protected(self.at) { self.protect() } else { self.ask() }
    }

    fn protect(&mut self) -> Effect {
        self.state = State::Protecting;
        self.protections = self.protections.saturating_add(1);
        Effect::Protect { at: self.at }
    }

    fn ask(&mut self) -> Effect {
        self.state = State::Asking;
        self.probes = 0;
        self.askings = self.askings.saturating_add(1);
        Effect::Ask { at: self.at }
    }

    fn probe(&mut self) -> Effect {
        self.state = State::Probing;
        self.probes = self.probes.saturating_add(1);
        Effect::Probe { at: self.at }
    }

    fn fail(&mut self, failed: Failed) -> Effect {
        self.tell(Outcome::Alert(failed.into()))
    }

    fn tell(&mut self, outcome: Outcome) -> Effect {
        self.state = State::Telling;
        self.outcome = Some(outcome.clone());
        Effect::Tell(outcome)
    }
}
