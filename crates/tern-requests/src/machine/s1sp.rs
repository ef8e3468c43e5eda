//! A request at the S1SP: judged, protected by the DCO where it is critical, asked of the device, probed where an answer was lost, and
//! told to the DSP with the S1SP's signature.

use serde::{Deserialize, Serialize};

use super::probe::Found;
use super::{Arrow, Transition};
use crate::refusal::Refusal;
use crate::stages::dco::DcoSaid;
use crate::stages::equivalent_steps::Failed;

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Taken in; its own checks come next.
    Received,
    /// The DCO is asked to protect an instruction.
    Protecting,
    /// The device is asked.
    Asking,
    /// The device's answer was lost: what happened is being asked.
    Probing,
    /// Answer or alert is on its way to the DSP.
    Telling,
    /// End: the DSP has it.
    Told,
}

/// An event without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The S1SP's checks passed, and this is to be done.
    Planned,
    /// A check refused, or the body asks for what cannot be.
    Refused,
    /// The DCO protected the instruction.
    Protected,
    /// The DCO did not.
    DcoSaid,
    /// The device obeyed the instruction.
    Obeyed,
    /// The device refused it.
    DeviceRefused,
    /// The device was not reached: nothing was asked of it.
    Unreachable,
    /// No answer came: it may or may not have happened.
    Lost,
    /// A probe found something.
    Probed,
    /// The DSP has what was told.
    Delivered,
    /// The S1SP came back after a crash.
    Resumed,
}

/// What is to be done for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Whether the DCO must protect every instruction.
    pub critical: bool,
    /// Whether it changes anything: a lost answer is probed then.
    pub changes: bool,
    /// How many instructions it takes, one after the other; at least one.
    pub instructions: u8,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// See [`EventKind::Planned`].
    Planned(Plan),
    /// See [`EventKind::Refused`].
    Refused(Refusal),
    /// See [`EventKind::Protected`].
    Protected,
    /// See [`EventKind::DcoSaid`].
    DcoSaid(DcoSaid),
    /// See [`EventKind::Obeyed`].
    Obeyed,
    /// See [`EventKind::DeviceRefused`].
    DeviceRefused,
    /// See [`EventKind::Unreachable`].
    Unreachable(String),
    /// See [`EventKind::Lost`].
    Lost,
    /// See [`EventKind::Probed`].
    Probed(Found),
    /// See [`EventKind::Delivered`].
    Delivered,
    /// See [`EventKind::Resumed`].
    Resumed,
}

/// What the S1SP is to do next: journalled before it is tried. `at` is the instruction, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Check the request, and plan.
    Judge,
    /// Have the DCO protect an instruction.
    Protect {
        /// Which.
        at: u8,
    },
    /// Ask it of the device.
    Ask {
        /// Which.
        at: u8,
    },
    /// Find out whether it has happened, as [`super::probe`] says; where nothing tells, [`Found::NotApplied`] is the answer.
    Probe {
        /// Which.
        at: u8,
    },
    /// Sign the outcome and hand it to the DSP.
    Tell(Outcome),
}

/// How it ended at the S1SP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A SMETS1 Response: the device obeyed.
    Done,
    /// A SMETS1 Response: the device refused.
    NotDone,
    /// An S1SP Alert.
    Alert(Refusal),
}

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
        arrow(S::Received, E::Resumed, S::Received),
        arrow(S::Protecting, E::Protected, S::Asking),
        arrow(S::Protecting, E::DcoSaid, S::Telling),
        // Silence is asked again.
        arrow(S::Protecting, E::DcoSaid, S::Protecting),
        arrow(S::Protecting, E::Resumed, S::Protecting),
        arrow(S::Asking, E::Obeyed, S::Telling),
        arrow(S::Asking, E::Obeyed, S::Asking),
        arrow(S::Asking, E::Obeyed, S::Protecting),
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
    /// Askings of the DCO for this instruction that it has not answered.
    pub protections: u8,
    /// Askings of the device for this instruction so far.
    pub askings: u8,
    /// Probes of this instruction so far.
    pub probes: u8,
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
                Some(self.begin(0))
            }
            (State::Received, Event::Refused(refusal)) => Some(self.tell(Outcome::Alert(refusal))),
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
            Event::DcoSaid(DcoSaid::Nothing) if self.protections < attempts.askings => self.protect(),
            Event::DcoSaid(said) => self.tell(Outcome::Alert(said.into())),
            Event::Resumed => self.protect(),
            _ => return None,
        })
    }

    fn asking(&mut self, event: Event, attempts: Attempts) -> Option<Effect> {
        let plan = self.plan?;
        Some(match event {
            Event::Obeyed => self.done(plan),
            Event::DeviceRefused => self.tell(Outcome::NotDone),
            Event::Unreachable(_) if self.askings < attempts.askings => self.ask(),
            Event::Lost if !plan.changes && self.askings < attempts.askings => self.ask(),
            Event::Unreachable(words) => self.fail(Failed::Unreachable(words)),
            Event::Lost | Event::Resumed if plan.changes => self.probe(),
            Event::Lost => self.fail(Failed::Silent),
            Event::Resumed => self.ask(),
            _ => return None,
        })
    }

    fn probing(&mut self, event: Event, attempts: Attempts) -> Option<Effect> {
        let plan = self.plan?;
        Some(match event {
            Event::Probed(Found::Applied) => self.done(plan),
            // What was protected may have been used up: the DCO protects it anew.
            Event::Probed(Found::NotApplied) if self.askings < attempts.askings && plan.critical => self.protect(),
            Event::Probed(Found::NotApplied) if self.askings < attempts.askings => self.ask(),
            Event::Unreachable(_) | Event::Lost if self.probes < attempts.probes => self.probe(),
            Event::Resumed => self.probe(),
            Event::Probed(Found::NotApplied) | Event::Unreachable(_) | Event::Lost => self.fail(Failed::Silent),
            _ => return None,
        })
    }

    fn done(&mut self, plan: Plan) -> Effect {
        if self.at + 1 < plan.instructions { self.begin(self.at + 1) } else { self.tell(Outcome::Done) }
    }

    fn begin(&mut self, at: u8) -> Effect {
        (self.at, self.protections, self.askings, self.probes) = (at, 0, 0, 0);
        if self.plan.is_some_and(|plan| plan.critical) { self.protect() } else { self.ask() }
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

impl Event {
    /// The event without its particulars.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Event::Planned(_) => EventKind::Planned,
            Event::Refused(_) => EventKind::Refused,
            Event::Protected => EventKind::Protected,
            Event::DcoSaid(_) => EventKind::DcoSaid,
            Event::Obeyed => EventKind::Obeyed,
            Event::DeviceRefused => EventKind::DeviceRefused,
            Event::Unreachable(_) => EventKind::Unreachable,
            Event::Lost => EventKind::Lost,
            Event::Probed(_) => EventKind::Probed,
            Event::Delivered => EventKind::Delivered,
            Event::Resumed => EventKind::Resumed,
        }
    }
}
