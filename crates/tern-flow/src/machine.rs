//! One installation's migration as a pure machine: the transitions of [`crate::TABLE`] with their particulars.
//!
//! It must never reach a device, a store or a clock, and never guess: what may or may not have happened is probed.

use serde::{Deserialize, Serialize};
use tern_model::{GasOutcome, Holder, Outcome};

use crate::step::{OnFailure, Step, Wanted};
use crate::table::{Arrow, EventKind, StateKind};

/// How often a thing is tried before the machine takes the other way (configuration, P).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Attempts at a step; reasonable steps towards commissioning.
    pub attempts: u32,
    /// Attempts at one question.
    pub probes: u32,
    /// Attempts at one undo; the reasonable steps of 15.10.3 and 15.10.4.
    pub undos: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { attempts: 3, probes: 3, undos: 3 }
    }
}

/// Where a migration stands; journalled with every transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// See [`StateKind::Ready`].
    Ready,
    /// See [`StateKind::Rechecking`].
    Rechecking,
    /// See [`StateKind::Doing`].
    Doing {
        /// Index of the step.
        at: usize,
    },
    /// See [`StateKind::Probing`].
    Probing {
        /// Index of the step.
        at: usize,
    },
    /// See [`StateKind::Undoing`].
    Undoing {
        /// Index of the step.
        at: usize,
    },
    /// See [`StateKind::ProbingUndo`].
    ProbingUndo {
        /// Index of the step.
        at: usize,
    },
    /// See [`StateKind::Commissioned`].
    Commissioned,
    /// See [`StateKind::Refused`].
    Refused,
    /// See [`StateKind::RolledBack`].
    RolledBack,
    /// See [`StateKind::Stuck`].
    Stuck,
    /// See [`StateKind::Closed`].
    Closed {
        /// Who holds the installation, as the closing person found.
        held_by: Holder,
    },
}

impl State {
    /// The state without its particulars.
    #[must_use]
    pub fn kind(self) -> StateKind {
        match self {
            State::Ready => StateKind::Ready,
            State::Rechecking => StateKind::Rechecking,
            State::Doing { .. } => StateKind::Doing,
            State::Probing { .. } => StateKind::Probing,
            State::Undoing { .. } => StateKind::Undoing,
            State::ProbingUndo { .. } => StateKind::ProbingUndo,
            State::Commissioned => StateKind::Commissioned,
            State::Refused => StateKind::Refused,
            State::RolledBack => StateKind::RolledBack,
            State::Stuck => StateKind::Stuck,
            State::Closed { .. } => StateKind::Closed,
        }
    }

    /// Whether nothing more happens without a person.
    #[must_use]
    pub fn is_at_rest(self) -> bool {
        matches!(self, State::Commissioned | State::Refused | State::RolledBack | State::Stuck | State::Closed { .. })
    }
}

/// Why something did not go as asked; known not to have happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The row at which it failed.
    pub row: String,
    /// The code under which it is reported; clauses, where the DSP's second judgement refused.
    pub code: String,
    /// In words.
    pub reason: String,
    /// Whether trying again may help.
    pub again: bool,
}

/// What a probe found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// The effect is in place.
    Applied,
    /// It is not.
    NotApplied,
}

/// A person's word on a stuck installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Who holds it.
    pub held_by: Holder,
    /// What supports that.
    pub evidence: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// See [`EventKind::Start`].
    Start,
    /// See [`EventKind::Done`].
    Done,
    /// See [`EventKind::Failed`].
    Failed(Failure),
    /// See [`EventKind::Lost`].
    Lost,
    /// See [`EventKind::Applied`] and [`EventKind::NotApplied`].
    Probed(Probe),
    /// See [`EventKind::Resume`].
    Resume,
    /// See [`EventKind::Retry`].
    Retry,
    /// See [`EventKind::Close`].
    Close(Closing),
}

impl Event {
    /// The event without its particulars.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Event::Start => EventKind::Start,
            Event::Done => EventKind::Done,
            Event::Failed(_) => EventKind::Failed,
            Event::Lost => EventKind::Lost,
            Event::Probed(Probe::Applied) => EventKind::Applied,
            Event::Probed(Probe::NotApplied) => EventKind::NotApplied,
            Event::Resume => EventKind::Resume,
            Event::Retry => EventKind::Retry,
            Event::Close(_) => EventKind::Close,
        }
    }
}

/// What an effect asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectKind {
    /// Judge the supplier-change window again.
    Recheck,
    /// Carry the step out.
    Do,
    /// Take it back.
    Undo,
    /// Find out whether it is in place.
    Probe,
}

/// What the executor is to do next: journalled before it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// What is asked for.
    pub kind: EffectKind,
    /// Index of the step; 0 for [`EffectKind::Recheck`].
    pub at: usize,
}

/// One transition that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Which arrow of the table.
    pub arrow: Arrow,
    /// What to do next; nothing where the machine is at rest.
    pub effect: Option<Effect>,
}

/// An installation's migration under one file set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migration {
    /// Where it stands.
    pub state: State,
    /// The gas side.
    pub gas: GasOutcome,
    /// Taken up again after a crash while nothing was known to be altered: the second judgement is old by now.
    #[serde(default)]
    pub recheck_is_old: bool,
    /// Attempts at what the state names.
    pub attempts: u32,
    /// Questions asked in this state.
    pub probes: u32,
    /// Altering steps that are, or may be, in place; in the order done.
    pub in_place: Vec<usize>,
    /// Steps whose undo was given up, so that the rest could go on.
    pub not_undone: Vec<usize>,
    /// Why it turned back.
    pub failure: Option<Failure>,
    /// The last thing that went wrong on the way back.
    pub undo_failure: Option<Failure>,
    /// The word of the person who closed it.
    pub closing: Option<Closing>,
}

impl Migration {
    /// A migration that both parties consented to.
    #[must_use]
    pub fn new(has_gas: bool) -> Migration {
        Migration {
            state: State::Ready,
            gas: if has_gas { GasOutcome::Migrated } else { GasOutcome::None },
            recheck_is_old: false,
            attempts: 0,
            probes: 0,
            in_place: Vec::new(),
            not_undone: Vec::new(),
            failure: None,
            undo_failure: None,
            closing: None,
        }
    }

    /// How it ended, where it has.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let code = |f: &Option<Failure>| f.as_ref().map_or_else(String::new, |f| f.code.clone());
        match self.state {
            State::Commissioned => Some(Outcome::Commissioned { gas: self.gas }),
            State::Refused => {
                Some(Outcome::Refused { clauses: code(&self.failure).split(' ').map(str::to_owned).collect() })
            }
            State::RolledBack => Some(Outcome::RolledBack { code: code(&self.failure) }),
            State::Stuck => Some(Outcome::Stuck { code: code(&self.undo_failure) }),
            State::Closed { held_by } => Some(Outcome::Closed { held_by }),
            _ => None,
        }
    }

    /// Takes an event in.
    ///
    /// `None` where the state does not know the event: nothing changes, and the caller has a bug or a late answer.
    #[must_use]
    pub fn on(&mut self, event: Event, steps: &[Step], limits: &Limits) -> Option<Transition> {
        let (from, on) = (self.state.kind(), event.kind());
        let effect = match (self.state, event) {
            (State::Ready, Event::Start) => self.recheck(),
            (State::Rechecking, event) => self.rechecking(event, steps, limits)?,
            (State::Doing { at }, event) => self.doing(at, event, steps, limits)?,
            (State::Probing { at }, event) => self.probing(at, event, steps, limits)?,
            (State::ProbingUndo { at }, event) => self.probing_undo(at, event, steps, limits)?,
            (State::Undoing { at }, event) => self.undoing(at, event, limits)?,
            (State::Stuck, Event::Retry) => self.retry(),
            (State::Stuck, Event::Close(closing)) => self.close(closing),
            _ => return None,
        };
        Some(Transition { arrow: Arrow { from, on, to: self.state.kind() }, effect })
    }

    fn rechecking(&mut self, event: Event, steps: &[Step], limits: &Limits) -> Option<Option<Effect>> {
        Some(match event {
            Event::Done => self.go_on_from(0, steps),
            Event::Failed(failure) => {
                self.failure = Some(failure);
                self.rest(State::Refused)
            }
            Event::Lost if self.attempts >= limits.attempts => {
                self.failure = Some(Failure {
                    row: "recheck".to_owned(),
                    code: "P-recheck".to_owned(),
                    reason: "the DSP did not say whether the supplier-change window still holds".to_owned(),
                    again: true,
                });
                self.rest(State::Refused)
            }
            Event::Lost | Event::Resume => self.recheck(),
            _ => return None,
        })
    }

    fn doing(&mut self, at: usize, event: Event, steps: &[Step], limits: &Limits) -> Option<Option<Effect>> {
        let step = steps.get(at)?;
        let alters = step.change.alters();
        Some(match event {
            Event::Done => self.done(at, steps),
            Event::Failed(failure) => match step.on_failure {
                OnFailure::LeaveGas { code } if failure.code == code => {
                    self.gas = GasOutcome::LeftBehind;
                    self.go_on_from(at + 1, steps)
                }
                _ if failure.again && self.attempts < limits.attempts => self.attempt(at),
                _ => self.turn_back(failure),
            },
            Event::Lost if alters => self.ask(at),
            Event::Lost if self.attempts < limits.attempts => self.attempt(at),
            Event::Lost => self.turn_back(no_answer(step)),
            Event::Resume if alters => self.ask_again_after_a_crash(at),
            Event::Resume if self.in_place.is_empty() => self.recheck_anew(),
            Event::Resume => self.attempt(at),
            _ => return None,
        })
    }

    fn probing(&mut self, at: usize, event: Event, steps: &[Step], limits: &Limits) -> Option<Option<Effect>> {
        let step = steps.get(at)?;
        Some(match event {
            Event::Probed(Probe::Applied) => self.done(at, steps),
            Event::Probed(Probe::NotApplied) if self.recheck_is_old => self.recheck_anew(),
            Event::Probed(Probe::NotApplied) if self.attempts < limits.attempts => self.attempt(at),
            Event::Probed(Probe::NotApplied) => self.turn_back(no_answer(step)),
            Event::Failed(_) | Event::Lost if self.probes < limits.probes => self.ask(at),
            Event::Resume => self.ask_again_after_a_crash(at),
            Event::Failed(_) | Event::Lost => {
                // It may be in place: the way back begins with the same question.
                self.in_place.push(at);
                self.turn_back(no_answer(step))
            }
            _ => return None,
        })
    }

    fn probing_undo(&mut self, at: usize, event: Event, steps: &[Step], limits: &Limits) -> Option<Option<Effect>> {
        let step = steps.get(at)?;
        Some(match event {
            Event::Probed(Probe::Applied) if self.attempts < limits.undos => self.undo(at),
            Event::Probed(Probe::Applied) => self.give_up_undo(at, no_answer(step)),
            Event::Probed(Probe::NotApplied) => self.undone(at),
            Event::Failed(_) | Event::Lost if self.probes < limits.probes => self.ask_back(at),
            Event::Resume => self.ask_back(at),
            Event::Failed(failure) => self.give_up_undo(at, failure),
            Event::Lost => self.give_up_undo(at, no_answer(step)),
            _ => return None,
        })
    }

    fn undoing(&mut self, at: usize, event: Event, limits: &Limits) -> Option<Option<Effect>> {
        Some(match event {
            Event::Done => self.undone(at),
            Event::Failed(failure) if failure.again && self.attempts < limits.undos => {
                self.undo_failure = Some(failure);
                self.undo(at)
            }
            Event::Failed(failure) => self.give_up_undo(at, failure),
            Event::Lost | Event::Resume => self.ask_back(at),
            _ => return None,
        })
    }

    /// Nothing is altered, and time was lost: the second judgement comes just before the first device effect.
    fn recheck_anew(&mut self) -> Option<Effect> {
        self.attempts = 0;
        self.recheck()
    }

    fn recheck(&mut self) -> Option<Effect> {
        self.state = State::Rechecking;
        self.recheck_is_old = false;
        self.attempts += 1;
        Some(Effect { kind: EffectKind::Recheck, at: 0 })
    }

    /// The step is done: on to the next that is wanted.
    fn done(&mut self, at: usize, steps: &[Step]) -> Option<Effect> {
        if steps[at].change.alters() {
            self.in_place.push(at);
            self.recheck_is_old = false;
        }
        self.go_on_from(at + 1, steps)
    }

    fn go_on_from(&mut self, first: usize, steps: &[Step]) -> Option<Effect> {
        let gas_goes = self.gas == GasOutcome::Migrated;
        let wanted = |s: &Step| s.wanted == Wanted::Always || gas_goes;
        self.attempts = 0;
        match (first..steps.len()).find(|&at| wanted(&steps[at])) {
            Some(at) => self.attempt(at),
            None => self.rest(State::Commissioned),
        }
    }

    fn attempt(&mut self, at: usize) -> Option<Effect> {
        self.state = State::Doing { at };
        self.attempts += 1;
        self.probes = 0;
        Some(Effect { kind: EffectKind::Do, at })
    }

    fn ask_again_after_a_crash(&mut self, at: usize) -> Option<Effect> {
        self.recheck_is_old = self.in_place.is_empty();
        self.ask(at)
    }

    fn ask(&mut self, at: usize) -> Option<Effect> {
        self.state = State::Probing { at };
        self.probes += 1;
        Some(Effect { kind: EffectKind::Probe, at })
    }

    fn turn_back(&mut self, failure: Failure) -> Option<Effect> {
        self.failure = Some(failure);
        self.back()
    }

    /// The next step that may be in place, from the last one on; the end where there is none.
    fn back(&mut self) -> Option<Effect> {
        self.attempts = 0;
        self.probes = 0;
        match self.in_place.last() {
            Some(&at) => self.ask_back(at),
            None if self.not_undone.is_empty() => self.rest(State::RolledBack),
            None => self.rest(State::Stuck),
        }
    }

    fn ask_back(&mut self, at: usize) -> Option<Effect> {
        self.state = State::ProbingUndo { at };
        self.probes += 1;
        Some(Effect { kind: EffectKind::Probe, at })
    }

    fn undo(&mut self, at: usize) -> Option<Effect> {
        self.state = State::Undoing { at };
        self.attempts += 1;
        self.probes = 0;
        Some(Effect { kind: EffectKind::Undo, at })
    }

    fn undone(&mut self, at: usize) -> Option<Effect> {
        self.in_place.retain(|&s| s != at);
        self.back()
    }

    /// The undo keeps failing: the rest goes on, and the end is `stuck` (FI8, CO4).
    fn give_up_undo(&mut self, at: usize, failure: Failure) -> Option<Effect> {
        self.undo_failure = Some(failure);
        self.in_place.retain(|&s| s != at);
        self.not_undone.push(at);
        self.back()
    }

    fn retry(&mut self) -> Option<Effect> {
        self.in_place = std::mem::take(&mut self.not_undone);
        self.in_place.sort_unstable();
        self.back()
    }

    fn close(&mut self, closing: Closing) -> Option<Effect> {
        let held_by = closing.held_by;
        self.closing = Some(closing);
        self.rest(State::Closed { held_by })
    }

    fn rest(&mut self, state: State) -> Option<Effect> {
        self.state = state;
        self.attempts = 0;
        self.probes = 0;
        None
    }
}

fn no_answer(step: &Step) -> Failure {
    Failure {
        row: step.row.to_owned(),
        code: step.code.to_owned(),
        reason: "no answer came, and what happened could not be found out".to_owned(),
        again: true,
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
