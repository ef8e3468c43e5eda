//! `tern check`: what each role would say of a set, without taking it in.
//!
//! Stores are only read, where there are any; nothing is written. The judgement is the very one that the role makes.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::facts::Facts;
use tern_model::{Role, london_day};
use tern_rules::{SetHistory, SetJudgement, Settings};
use tern_store::{SqliteView, StoreFault};
use tern_wire::smki::{Decrypter, Trust};

use crate::config::{Config, RoleConfig};
use crate::facts::{FactsIndex, subjects_of};
use crate::fault::ServiceFault;
use crate::judging::Bench;
use crate::parties::{history, inventory};
use crate::set_files::{OpenedSet, Reading};
use crate::{pki, rule_settings};

/// Everything that checking needs, loaded once for any number of sets.
pub struct Checker {
    config: Config,
    trust: Arc<Trust>,
    facts: FactsIndex,
    settings: Settings,
    now: Timestamp,
    as_of: Option<Date>,
}

/// What one role says.
pub struct RoleCheck {
    /// The role.
    pub role: Role,
    /// Its judgement.
    pub verdicts: SetJudgement,
}

impl Checker {
    /// Loads trust. `as_of` chooses rule books and D; certificates and counters are judged at `now`.
    ///
    /// # Errors
    /// The key infrastructure cannot be read.
    pub fn new(
        config: Config,
        facts: FactsIndex,
        now: Timestamp,
        as_of: Option<Date>,
    ) -> Result<Checker, ServiceFault> {
        let trust = pki::load_trust(&config.path(&config.pki.dir))?;
        let settings = rule_settings(&config);
        Ok(Checker { config, trust, facts, settings, now, as_of })
    }

    /// Certificates, for opening sets.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// D.
    #[must_use]
    pub fn day(&self) -> Date {
        self.as_of.unwrap_or_else(|| london_day(self.now))
    }

    /// The roles that can be asked about a set: the DSP; with the Common Validation File also the S1SP and the DCO, as far
    /// as their keys are here.
    #[must_use]
    pub fn roles_for(&self, set: &OpenedSet) -> Vec<Role> {
        let mut roles = vec![Role::Dsp];
        if !matches!(set.validation, Reading::Absent) {
            roles.extend([Role::S1sp, Role::Dco].into_iter().filter(|&r| self.decrypter(r).is_ok()));
        }
        roles
    }

    /// Judges a set as a role.
    ///
    /// # Errors
    /// The role's key or store cannot be read.
    pub fn check(&self, set: &OpenedSet, role: Role) -> Result<RoleCheck, ServiceFault> {
        let decrypter = match role {
            Role::S1sp | Role::Dco => Some(self.decrypter(role)?),
            _ => None,
        };
        let history = self.history(set, role)?;
        let facts = self.facts_of(set)?;
        let bench = Bench {
            trust: &self.trust,
            facts: &facts,
            settings: &self.settings,
            at: self.now,
            day: self.day(),
            books_on: self.day(),
        };
        Ok(RoleCheck { role, verdicts: bench.judge(role, set, &history, decrypter.as_ref()).verdicts })
    }

    /// The DCC's records of a set's installations, with what earlier migrations put into the inventory.
    fn facts_of(&self, set: &OpenedSet) -> Result<Facts, ServiceFault> {
        let mut facts = self.facts.slice(set.installations().iter().flat_map(subjects_of))?;
        if let Some(store) = view(&self.config, Role::Dsp, &self.config.roles.dsp)? {
            inventory::add_recorded(&store, set.installations(), &mut facts)?;
        }
        Ok(facts)
    }

    fn decrypter(&self, role: Role) -> Result<Arc<Decrypter>, ServiceFault> {
        let party = if role == Role::S1sp { &self.config.roles.s1sp } else { &self.config.roles.dco };
        Ok(Arc::new(pki::load_decrypter(&self.config.path(&self.config.pki.dir), &party.party)?))
    }

    fn history(&self, set: &OpenedSet, role: Role) -> Result<SetHistory, ServiceFault> {
        let roles = &self.config.roles;
        let Some(id) = set.set_id() else { return Ok(SetHistory::default()) };
        let stored = match role {
            Role::Dsp => view(&self.config, role, &roles.dsp)?.map(|s| history::of_dsp(&s, id)),
            Role::S1sp => view(&self.config, role, &roles.s1sp)?.map(|s| history::of_s1sp(&s, id, set)),
            Role::Dco => view(&self.config, role, &roles.dco)?.map(|s| history::of_dco(&s, id, set)),
            _ => None,
        };
        stored.unwrap_or_else(|| Ok(SetHistory::default()))
    }
}

/// A role's store for reading; none where nothing has been migrated yet.
pub fn view(config: &Config, role: Role, party: &RoleConfig) -> Result<Option<SqliteView>, ServiceFault> {
    match SqliteView::open_read_only(&config.path(&party.store), role) {
        Ok(view) => Ok(Some(view)),
        Err(StoreFault::Missing { .. }) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}
