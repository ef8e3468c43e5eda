//! The installations whose day it is: exported by their SMSOs, put into sets, signed, and migrated; what came of each, durable.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, Outcome};
use tern_plan::plan::What;
use tern_wire::xml::Limits;

use super::firmware::BEHIND;
use super::kept::{ATTEMPT, Changes, MIGRATION, State};
use super::report::Failed;
use super::{Execution, Outside, SetsEnded, events};
use crate::config::Config;
use crate::fault::ServiceFault;
use crate::pki;
use crate::requesting_party::{self, Counters, ExportFile, NotBuilt, Recipients, Request, Settings};
use crate::set_files::SetFolder;

/// The folder of exports and sets, in the plan's.
const RUNS_DIR: &str = "runs";
/// Installations of a set at most.
const SET_SIZE: usize = 250;
/// Codes of attempts that no set's judgement and no step ended: each has its page in `tern explain`.
const NOT_CONFIGURED: &str = "15.2";
const NOT_EXPORTED: &str = "P-not-exported";
const CLOSED: &str = "P-closed";

/// The migration of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Migration {
    /// How often its sets were begun to be made: each time under names of their own.
    tries: u32,
    /// The folders of the sets, once they are made.
    sets: Option<Vec<PathBuf>>,
}

impl Migration {
    /// Whether its sets are made, and may be in the hands of others.
    pub(super) fn has_sets(&self) -> bool {
        self.sets.is_some()
    }
}

/// How an attempt ended; `None` with success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Attempt {
    code: Option<String>,
}

impl Execution {
    /// Migrates those whose day it is, as far as they are prepared; false where it was stopped before they all ended.
    pub(super) fn migrate_due<O: Outside>(
        &mut self,
        config: &Config,
        now: Timestamp,
        outside: &mut O,
    ) -> Result<bool, O::Fault> {
        let (ready, unready) = self.whose_day_it_is()?;
        if !unready.is_empty() {
            let ended = unready.into_iter().map(|(chf, code)| (chf, Some(code.to_owned()))).collect();
            self.keep_attempts(ended)?;
        }
        if ready.is_empty() {
            return Ok(true);
        }
        self.write_records(config, now)?;
        let sets = self.sets_of_today(config, now, &ready, outside)?;
        let sets: Vec<SetFolder> = find_sets(&sets)?;
        let SetsEnded { ended, refused } = outside.migrate(config, &sets)?;
        let of_set = refused.first().cloned().unwrap_or_else(|| NOT_EXPORTED.to_owned());
        let by_chf: BTreeMap<ChfIdentifier, Option<Outcome>> = ended.into_iter().collect();
        if ready.iter().any(|chf| matches!(by_chf.get(chf), Some(None))) {
            return Ok(false);
        }
        let code = |chf: &ChfIdentifier| match by_chf.get(chf).cloned().flatten() {
            Some(outcome) => code_of(&outcome),
            None => Some(of_set.clone()),
        };
        self.keep_attempts(ready.iter().map(|chf| (*chf, code(chf))).collect())?;
        Ok(true)
    }

    /// Those whose day it is and of which no attempt of today is noted: who is ready, and who is not, with the reason.
    #[expect(clippy::type_complexity, reason = "two lists")]
    fn whose_day_it_is(&self) -> Result<(Vec<ChfIdentifier>, Vec<(ChfIdentifier, &'static str)>), ServiceFault> {
        let (day, mut ready, mut unready) = (self.state.day, Vec::new(), Vec::new());
        for (chf, lines) in self.lines_of(day)? {
            let migrates = lines.iter().any(|line| line.day == day && matches!(line.what, What::Migration(_)));
            if !migrates || self.kept.get::<Attempt>(ATTEMPT, &self.attempt_key(chf))?.is_some() {
                continue;
            }
            let configured = self.configuration_of(chf)?.is_none_or(|configuration| configuration.done.is_some());
            let behind = self.firmware_of(chf)?.is_some_and(|way| way.is_behind());
            match (configured, behind) {
                (false, _) => unready.push((chf, NOT_CONFIGURED)),
                (true, true) => unready.push((chf, BEHIND)),
                (true, false) => ready.push(chf),
            }
        }
        Ok((ready, unready))
    }

    fn attempt_key(&self, chf: ChfIdentifier) -> String {
        format!("{}/{chf}", self.state.day)
    }

    /// Notes how attempts ended, each with the event that follows from it.
    fn keep_attempts(&mut self, ended: Vec<(ChfIdentifier, Option<String>)>) -> Result<(), ServiceFault> {
        let (mut changes, mut state): (Changes, State) = (Changes::default(), self.state.clone());
        for (chf, code) in ended {
            state.report.due += 1;
            changes.put(ATTEMPT, self.attempt_key(chf), &Attempt { code: code.clone() })?;
            match code {
                None => state.report.migrated += 1,
                Some(code) => {
                    if let Some(configuration) = self.configuration_of(chf)?.filter(|_| code == NOT_CONFIGURED) {
                        configuration.missed(chf, &mut changes)?;
                    }
                    state.say(chf, &events::failed(state.day, chf, &code));
                    state.report.failed.push(Failed { chf, code });
                }
            }
        }
        self.keep(changes, state)
    }

    /// The sets of the day: those that are made, or made now.
    fn sets_of_today<O: Outside>(
        &mut self,
        config: &Config,
        now: Timestamp,
        ready: &[ChfIdentifier],
        outside: &mut O,
    ) -> Result<Vec<PathBuf>, O::Fault> {
        let key = self.state.day.to_string();
        let mut migration: Migration = self.kept.get(MIGRATION, &key)?.unwrap_or_default();
        if let Some(sets) = migration.sets {
            return Ok(sets);
        }
        // Whatever an earlier try left behind stays there, and is no set of anybody's.
        migration.tries += 1;
        self.keep_migration(&key, &migration)?;
        let reference = format!("{key}-{}", migration.tries);
        let out = self.setup.plan.join(RUNS_DIR).join(&reference);
        let exports = out.join("exports");
        let mut by_smso: BTreeMap<String, Vec<ChfIdentifier>> = BTreeMap::new();
        for chf in ready {
            by_smso.entry(self.smso_of(*chf)?).or_default().push(*chf);
        }
        let mut files = Vec::new();
        for (smso, chfs) in by_smso {
            files.extend(outside.export(config, &smso, &chfs, (&reference, &exports))?);
        }
        let sets = self.build(config, now, &files, &out)?;
        migration.sets = Some(sets.clone());
        self.keep_migration(&key, &migration)?;
        Ok(sets)
    }

    fn keep_migration(&mut self, key: &str, migration: &Migration) -> Result<(), ServiceFault> {
        let mut changes = Changes::default();
        changes.put(MIGRATION, key.to_owned(), migration)?;
        self.keep(changes, self.state.clone())
    }

    /// The Requesting Party's step.
    fn build(
        &self,
        config: &Config,
        now: Timestamp,
        files: &[PathBuf],
        out: &Path,
    ) -> Result<Vec<PathBuf>, ServiceFault> {
        let facts = crate::facts::load(&config.path(&config.facts.dir))?.facts;
        let pki_dir = config.path(&config.pki.dir);
        let (trust, signer) = (pki::load_trust(&pki_dir)?, pki::load_signer(&pki_dir, "requesting-party")?);
        let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names: Vec<String> = files.iter().map(name).collect();
        let exports: Vec<_> = names.iter().zip(files).map(|(name, path)| ExportFile { name, path }).collect();
        let mut counters = Counters::load(&config.root)?;
        let request = Request {
            exports: &exports,
            facts: &facts,
            trust: &trust,
            signer: &signer,
            day: self.state.day,
            now,
            books: config.rulebook.on(self.state.day),
            limits: &Limits::STREAM,
            settings: Settings {
                installations_max: NonZeroUsize::new(SET_SIZE).unwrap_or(NonZeroUsize::MIN),
                ..Settings::default()
            },
            out,
            recipients: Recipients { s1sp: &config.roles.s1sp.party, dco: &config.roles.dco.party },
            progress: &|_| {},
        };
        let built = requesting_party::build(&request, &mut counters).map_err(|not| match not {
            NotBuilt::Fault(fault) => fault,
            NotBuilt::Export(findings) => ServiceFault::Refused {
                what: findings.first().map_or_else(String::new, |first| format!("{}: {}", first.clause, first.message)),
                suggestion: "the SMSO's export cannot be believed: have the SMSO mend it, then run again".to_owned(),
            },
        })?;
        requesting_party::write(&built, &counters, &config.root)
    }
}

/// Sets by their folders.
fn find_sets(folders: &[PathBuf]) -> Result<Vec<SetFolder>, ServiceFault> {
    let mut sets = Vec::new();
    for folder in folders {
        sets.extend(SetFolder::find(folder)?);
    }
    let mut seen = BTreeSet::new();
    sets.retain(|set| seen.insert(set.dir.clone()));
    Ok(sets)
}

/// Clause or code of an attempt without success; none where it had success.
fn code_of(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Commissioned { .. } => None,
        Outcome::Refused { clauses } => Some(clauses.first().cloned().unwrap_or_default()),
        Outcome::RolledBack { code } | Outcome::Stuck { code } => Some(code.clone()),
        Outcome::Closed { held_by } => (*held_by == tern_model::Holder::Smso).then(|| CLOSED.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use tern_model::Holder;

    use super::*;

    #[test]
    fn what_an_attempt_came_to_is_a_code_that_can_be_explained() {
        let closed = |held_by| code_of(&Outcome::Closed { held_by });
        assert_eq!((closed(Holder::Smso).as_deref(), closed(Holder::Dcc)), (Some(CLOSED), None));
        for code in [NOT_CONFIGURED, NOT_EXPORTED, CLOSED, BEHIND] {
            assert!(tern_rules::find(code).is_some(), "{code}");
        }
    }
}
