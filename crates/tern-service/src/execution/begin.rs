//! What the SMSOs are told to begin on a day, and what they say of what they were told before.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::ChfIdentifier;
use tern_plan::plan::{Line, What};

use super::kept::{CONFIGURATION, Changes, OPEN, State, Turn};
use super::{Execution, Outside, SmsoAnswer, SmsoOrder, SmsoTask, events};
use crate::fault::ServiceFault;

/// How often a configuration is ordered, and again after each attempt that had no success without it (P).
const CONFIGURATION_ATTEMPTS: u32 = 3;

/// How the configuration of an installation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Configuration {
    /// How often it was ordered.
    ordered: u32,
    /// How many attempts had no success because it was not done, and nothing was ordered any more.
    #[serde(default)]
    missed: u32,
    /// Since when it is done, and was tried with success.
    pub(super) done: Option<Date>,
}

impl Configuration {
    fn is_under_way(self) -> bool {
        self.done.is_none() && self.ordered <= CONFIGURATION_ATTEMPTS * (1 + self.missed)
    }

    /// An attempt had no success without it: the SMSO is to try it again.
    pub(super) fn missed(mut self, chf: ChfIdentifier, changes: &mut Changes) -> Result<(), ServiceFault> {
        if self.done.is_none() && !self.is_under_way() {
            self.missed += 1;
            self.change(chf, changes)?;
        }
        Ok(())
    }

    fn order(self, chf: ChfIdentifier, smso: String) -> SmsoOrder {
        let key = format!("{chf}/configuration/{}", self.ordered);
        SmsoOrder { key, smso, chf, task: SmsoTask::Configure }
    }

    fn change(self, chf: ChfIdentifier, changes: &mut Changes) -> Result<(), ServiceFault> {
        changes.put(CONFIGURATION, chf.to_string(), &self)?;
        changes.mark(OPEN, format!("{chf}/configuration"), self.is_under_way())
    }
}

impl Execution {
    pub(super) fn configuration_of(&self, chf: ChfIdentifier) -> Result<Option<Configuration>, ServiceFault> {
        self.kept.get(CONFIGURATION, &chf.to_string())
    }

    /// Nothing decided yet.
    pub(super) fn turn(&self) -> Turn {
        Turn { changes: Changes::default(), state: self.state.clone(), orders: Vec::new() }
    }

    /// Makes what was decided durable, and gives the orders. Whatever is answered now, what became of them is asked tomorrow.
    fn end_turn<O: Outside>(&mut self, turn: Turn, outside: &mut O) -> Result<(), O::Fault> {
        self.keep(turn.changes, turn.state)?;
        turn.orders.iter().try_for_each(|order| outside.order(order, self.state.day).map(drop))
    }

    /// Makes changes durable with a state, and goes on from that; nothing where nothing changes.
    pub(super) fn keep(&mut self, changes: Changes, state: State) -> Result<(), ServiceFault> {
        if changes.is_empty() && state == self.state {
            return Ok(());
        }
        self.kept.commit(changes, &state)?;
        self.state = state;
        Ok(())
    }

    /// Has the SMSOs begin what stories have begin today.
    pub(super) fn begin_steps<O: Outside>(&mut self, outside: &mut O) -> Result<(), O::Fault> {
        let mut turn = self.turn();
        for (chf, lines) in self.lines_of(self.state.day)? {
            self.begin_hop(chf, &lines, &mut turn)?;
            self.begin_configuration(chf, &lines, &mut turn)?;
        }
        self.end_turn(turn, outside)
    }

    fn begin_configuration(&self, chf: ChfIdentifier, lines: &[Line], turn: &mut Turn) -> Result<(), ServiceFault> {
        let day = self.state.day;
        if !lines.iter().any(|line| line.day == day && line.what == What::ConfigurationBegun) {
            return Ok(());
        }
        let configuration = match self.configuration_of(chf)? {
            Some(known) => known,
            None => {
                let first = Configuration { ordered: 1, missed: 0, done: None };
                turn.state.report.configurations_begun += 1;
                first.change(chf, &mut turn.changes)?;
                first
            }
        };
        if configuration.is_under_way() {
            turn.orders.push(configuration.order(chf, self.smso_of(chf)?));
        }
        Ok(())
    }

    /// Asks what became of everything that an SMSO was told and has not answered for good, and says where the plan takes for done
    /// what is not.
    pub(super) fn ask_smsos<O: Outside>(&mut self, outside: &mut O) -> Result<(), O::Fault> {
        let open: Vec<(String, ())> = self.kept.all(OPEN)?;
        let mut turn = self.turn();
        for (key, ()) in open {
            let (chf, what) = key.split_once('/').unwrap_or((&key, ""));
            let chf: ChfIdentifier = chf.parse().map_err(|_| ServiceFault::body(format!("{key} is no open order")))?;
            if what == "firmware" {
                self.ask_hop(chf, outside, &mut turn)?;
            } else {
                self.ask_configuration(chf, outside, &mut turn)?;
            }
        }
        self.end_turn(turn, outside)?;
        let mut turn = self.turn();
        for (chf, lines) in self.lines_of(self.state.day)? {
            self.correct_hops(chf, &lines, outside, &mut turn)?;
        }
        self.end_turn(turn, outside)
    }

    fn ask_configuration<O: Outside>(
        &self,
        chf: ChfIdentifier,
        outside: &mut O,
        turn: &mut Turn,
    ) -> Result<(), O::Fault> {
        let Some(mut configuration) = self.configuration_of(chf)? else { return Ok(()) };
        let (day, smso) = (self.state.day, self.smso_of(chf)?);
        let order = configuration.order(chf, smso.clone());
        match outside.ask(&smso, &order.key, day)? {
            SmsoAnswer::UnderWay | SmsoAnswer::Lost => return Ok(()),
            SmsoAnswer::Unknown => {
                turn.orders.push(order);
                return Ok(());
            }
            SmsoAnswer::Done => {
                configuration.done = Some(day);
                turn.state.report.configured += 1;
                turn.state.say(chf, &events::configured(day, chf));
            }
            SmsoAnswer::Failed(_) => {
                configuration.ordered += 1;
                turn.state.report.configurations_failed += 1;
            }
        }
        configuration.change(chf, &mut turn.changes)?;
        if configuration.is_under_way() {
            turn.orders.push(configuration.order(chf, smso));
        }
        Ok(())
    }
}
