//! `tern check`: what each role would say of a set, without taking it in.
//!
//! Stores are only read, where there are any; nothing is written, and a set's files are read where they lie, for nothing is
//! acted on. The judgement is the very one that the role makes.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::{Role, SetId, london_day};
use tern_rules::{InstallationHistory, InstallationJudgement, SetJudgement, Settings};
use tern_store::{SqliteStore, SqliteView, StoreFault};
use tern_wire::migration::CommonInstallation;
use tern_wire::smki::{Decrypter, Trust};

use crate::config::{Config, RoleConfig};
use crate::facts::{FactsIndex, subjects_of};
use crate::fault::ServiceFault;
use crate::judging::{Bench, Client, JudgedPart, Known, Then};
use crate::parties::{history, inventory};
use crate::set_files::{OpenedSet, Reading, SetFolder, altered};
use crate::{pki, rule_settings};

/// Everything that checking needs, loaded once for any number of sets.
pub struct Checker {
    config: Config,
    trust: Arc<Trust>,
    /// The DCC's records; what migrations put into the inventory is looked up in the DSP's store.
    facts: FactsIndex,
    settings: Settings,
    now: Timestamp,
    as_of: Option<Date>,
}

/// What one role says, in this order: of the set as a whole, once; of each installation.
pub enum Heard<'a> {
    /// Of the set.
    Set(&'a SetJudgement),
    /// Of an installation.
    Installation(&'a InstallationJudgement),
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

    /// Verifies a set's files where they lie.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn open(&self, folder: &SetFolder) -> Result<OpenedSet, ServiceFault> {
        OpenedSet::open(&folder.files(), &self.trust, self.now)
    }

    /// Certificates.
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

    /// Whether a role can be asked at all, of whatever set: its key, where it needs one, and its store are readable.
    ///
    /// # Errors
    /// They are not.
    pub fn ready(&self, role: Role) -> Result<(), ServiceFault> {
        if matches!(role, Role::S1sp | Role::Dco) {
            self.decrypter(role)?;
        }
        self.store(role).map(drop)
    }

    /// Judges a set as a role, and tells what is said as it is said. The judgement that is given has more to say of the set
    /// than was told where a file was altered meanwhile.
    ///
    /// # Errors
    /// The role's key or store cannot be read, or a file.
    pub fn check(
        &self,
        set: &OpenedSet,
        role: Role,
        tell: &mut dyn FnMut(Heard<'_>),
    ) -> Result<SetJudgement, ServiceFault> {
        let decrypter = match role {
            Role::S1sp | Role::Dco => Some(self.decrypter(role)?),
            _ => None,
        };
        let store = self.store(role)?;
        let seen = store.as_ref().zip(set.set_id()).map(|(store, id)| history::of_counter(store, id));
        let history = seen.transpose()?.unwrap_or_default();
        let bench = Bench {
            trust: &self.trust,
            settings: &self.settings,
            at: self.now,
            day: self.day(),
            books: self.config.rulebook.on(self.day()),
            at_once: self.config.intake.installations_at_once.max(1),
        };
        let mut asking = Asking { checker: self, role, set: set.set_id(), store, said: None, tell };
        match bench.judge(role, set, &history, decrypter.as_ref(), &mut asking) {
            Err(ServiceFault::Altered { name }) => {
                let mut said = asking.said.ok_or_else(|| ServiceFault::Altered { name: name.clone() })?;
                said.refuse(&altered(&name));
                Ok(said)
            }
            said => said,
        }
    }

    fn decrypter(&self, role: Role) -> Result<Arc<Decrypter>, ServiceFault> {
        let party = if role == Role::S1sp { &self.config.roles.s1sp } else { &self.config.roles.dco };
        Ok(Arc::new(pki::load_decrypter(&self.config.path(&self.config.pki.dir), &party.party)?))
    }

    fn store(&self, role: Role) -> Result<Option<SqliteView>, ServiceFault> {
        let roles = &self.config.roles;
        match role {
            Role::Dsp => view(&self.config, role, &roles.dsp),
            Role::S1sp => view(&self.config, role, &roles.s1sp),
            Role::Dco => view(&self.config, role, &roles.dco),
            _ => Ok(None),
        }
    }
}

/// A role that is asked about a set.
struct Asking<'a, 't> {
    checker: &'a Checker,
    role: Role,
    set: Option<SetId>,
    /// The role's own store.
    store: Option<SqliteView>,
    said: Option<SetJudgement>,
    tell: &'t mut dyn FnMut(Heard<'_>),
}

impl Client for Asking<'_, '_> {
    fn begin(&mut self, set: &SetJudgement) -> Result<Then, ServiceFault> {
        (self.tell)(Heard::Set(set));
        self.said = Some(set.clone());
        Ok(Then::Go)
    }

    fn know(&mut self, installations: &[CommonInstallation]) -> Result<Known, ServiceFault> {
        let mut facts = self.checker.facts.slice(installations.iter().flat_map(subjects_of))?;
        if let (Role::Dsp, Some(store)) = (self.role, &self.store) {
            inventory::add_recorded(store, installations, &mut facts)?;
        }
        let history = match (self.role, &self.store, self.set) {
            (Role::S1sp, Some(store), Some(set)) => history::of_s1sp(store, set, installations)?,
            (Role::Dco, Some(store), Some(set)) => history::of_dco(store, set, installations)?,
            _ => InstallationHistory::default(),
        };
        Ok(Known { facts, history })
    }

    fn take(&mut self, part: JudgedPart) -> Result<(), ServiceFault> {
        for installation in &part.installations {
            if let Some(said) = &mut self.said {
                said.count(installation);
            }
            (self.tell)(Heard::Installation(installation));
        }
        Ok(())
    }
}

/// A role's store for reading; none where nothing has been migrated yet. One of an older schema is brought up to date first.
pub fn view(config: &Config, role: Role, party: &RoleConfig) -> Result<Option<SqliteView>, ServiceFault> {
    let path = config.path(&party.store);
    match SqliteView::open_read_only(&path, role) {
        Err(StoreFault::TooOld { .. }) => {
            drop(SqliteStore::open(&path, role)?);
            Ok(Some(SqliteView::open_read_only(&path, role)?))
        }
        Err(StoreFault::Missing { .. }) => Ok(None),
        read => Ok(Some(read?)),
    }
}
