//! What the SMSOs are told to begin on a day, and what they say of what they were told before.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::ChfIdentifier;
use tern_plan::plan::{Line, What};

use super::kept::{CONFIGURATION, Changes, OPEN};
use super::{Execution, Outside, SmsoAnswer, SmsoOrder, SmsoTask, events};
use crate::fault::ServiceFault;

/// How often a configuration is tried (P).
const CONFIGURATION_ATTEMPTS: u32 = 3;

/// How the configuration of an installation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Configuration {
    /// How often it was ordered.
    ordered: u32,
    /// Since when it is done, and was tried with success.
    pub(super) done: Option<Date>,
}

impl Configuration {
    fn is_under_way(self) -> bool {
        self.done.is_none() && self.ordered <= CONFIGURATION_ATTEMPTS
    }

    fn order(self, chf: ChfIdentifier, smso: String) -> SmsoOrder {
        let key = format!("{chf}/configuration/{}", self.ordered);
        SmsoOrder { key, smso, chf, task: SmsoTask::Configure }
    }

    fn changes(self, chf: ChfIdentifier) -> Result<Changes, ServiceFault> {
        let mut changes = Changes::default();
        changes.put(CONFIGURATION, chf.to_string(), &self)?;
        changes.mark(OPEN, format!("{chf}/configuration"), self.is_under_way())?;
        Ok(changes)
    }
}

impl Execution {
    pub(super) fn configuration_of(&self, chf: ChfIdentifier) -> Result<Option<Configuration>, ServiceFault> {
        self.kept.get(CONFIGURATION, &chf.to_string())
    }

    /// Has the SMSOs begin what stories have begin today.
    pub(super) fn begin_steps<O: Outside>(&mut self, outside: &mut O) -> Result<(), O::Fault> {
        for (chf, lines) in self.lines_of(self.state.day)? {
            self.begin_hop(chf, &lines, outside)?;
            self.begin_configuration(chf, &lines, outside)?;
        }
        Ok(())
    }

    fn begin_configuration<O: Outside>(
        &mut self,
        chf: ChfIdentifier,
        lines: &[Line],
        outside: &mut O,
    ) -> Result<(), O::Fault> {
        let day = self.state.day;
        if !lines.iter().any(|line| line.day == day && line.what == What::ConfigurationBegun) {
            return Ok(());
        }
        let configuration = match self.configuration_of(chf)? {
            Some(known) => known,
            None => {
                let first = Configuration { ordered: 1, done: None };
                let mut state = self.state.clone();
                state.report.configurations_begun += 1;
                self.keep(first.changes(chf)?, state)?;
                first
            }
        };
        if configuration.is_under_way() {
            outside.order(&configuration.order(chf, self.smso_of(chf)?), day)?;
        }
        Ok(())
    }

    /// Asks what became of everything that an SMSO was told and has not answered for good.
    pub(super) fn ask_smsos<O: Outside>(&mut self, outside: &mut O) -> Result<(), O::Fault> {
        let open: Vec<(String, ())> = self.kept.all(OPEN)?;
        for (key, ()) in open {
            let (chf, what) = key.split_once('/').unwrap_or((&key, ""));
            let chf: ChfIdentifier = chf.parse().map_err(|_| ServiceFault::body(format!("{key} is no open order")))?;
            if what == "firmware" {
                self.ask_hop(chf, outside)?;
            } else {
                self.ask_configuration(chf, outside)?;
            }
        }
        for (chf, lines) in self.lines_of(self.state.day)? {
            self.correct_hops(chf, &lines, outside)?;
        }
        Ok(())
    }

    fn ask_configuration<O: Outside>(&mut self, chf: ChfIdentifier, outside: &mut O) -> Result<(), O::Fault> {
        let Some(mut configuration) = self.configuration_of(chf)? else { return Ok(()) };
        let (day, smso) = (self.state.day, self.smso_of(chf)?);
        let order = configuration.order(chf, smso.clone());
        let mut state = self.state.clone();
        match outside.ask(&smso, &order.key, day)? {
            SmsoAnswer::UnderWay | SmsoAnswer::Lost => return Ok(()),
            SmsoAnswer::Unknown => return outside.order(&order, day).map(drop),
            SmsoAnswer::Done => {
                configuration.done = Some(day);
                state.report.configured += 1;
                state.say(chf, &events::configured(day, chf));
            }
            SmsoAnswer::Failed(_) => {
                configuration.ordered += 1;
                state.report.configurations_failed += 1;
            }
        }
        self.keep(configuration.changes(chf)?, state)?;
        if configuration.is_under_way() {
            outside.order(&configuration.order(chf, smso), day)?;
        }
        Ok(())
    }
}
