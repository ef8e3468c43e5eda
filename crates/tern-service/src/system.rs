//! The whole DCC side in one process: parties opened from configuration, sets taken in, installations commissioned.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tern_dco::Dco;
use tern_flow::{Closing, Limits};
use tern_model::{ChfIdentifier, GroupId, Outcome, Role, Secret, SetId};
use tern_rules::Settings;
use tern_store::{Seal, SqliteStore, Store, StoreFault, StoreView};
use tern_wire::migration::FileKind;
use tern_wire::smki::Usage;

use crate::clock::{Clock, SystemClock, VirtualClock};
use crate::config::{Config, RoleConfig};
use crate::executor::standing::STANDING;
use crate::executor::{
    DccSide, Executor, InstallationRecord, JournalLine, Lanes, Running, Settings as ExecutorSettings,
};
use crate::facts::FactsIndex;
use crate::fault::ServiceFault;
use crate::lanes::{Devices, InProcess};
use crate::overview;
use crate::parties::{CommissioningParty, DcoParty, Dsp, S1sp, SetTaken, Shared, deliver, earlier, hand_over};
use crate::pki::{self, PkiError, files};
use crate::results::Results;
use crate::set_files::SetFolder;

/// The parties of the DCC side.
pub struct System {
    /// As configured.
    pub config: Config,
    /// What all parties have alike.
    pub shared: Shared,
    /// The data service.
    pub dsp: Dsp,
    /// The SMETS1 Service Provider.
    pub s1sp: S1sp,
    /// The Dual Control Organisation.
    pub dco: DcoParty,
    /// The Commissioning Party.
    pub commissioning: CommissioningParty,
}

/// Opens a role's store; tests wrap it to crash where they want.
pub type OpenStore<'a> = &'a dyn Fn(&Path, Role) -> Result<Box<dyn Store>, StoreFault>;

/// What is done with an executor.
pub type RunExecutor<'a> = &'a mut dyn FnMut(&mut Executor<'_>) -> Result<Running, ServiceFault>;

/// Stands between an executor and its lanes: is handed the lanes, and how to go on with what it makes of them.
pub type WrapLanes<'a> = &'a mut dyn FnMut(
    &mut dyn Lanes,
    &mut dyn FnMut(&mut dyn Lanes) -> Result<Running, ServiceFault>,
) -> Result<Running, ServiceFault>;

/// The clock that configuration names.
#[must_use]
pub fn clock_of(config: &Config) -> Arc<dyn Clock> {
    match config.clock.start {
        Some(start) => Arc::new(VirtualClock::starting_at(start)),
        None => Arc::new(SystemClock),
    }
}

/// What rules leave to configuration.
#[must_use]
pub fn rule_settings(config: &Config) -> Settings {
    Settings {
        rollback_days: config.rules.rollback_days,
        counter_window: config.rules.counter_window,
        constraints_kept: config.rules.constraints_kept.clone(),
        served: GroupId::ALL.into_iter().filter(|group| tern_cohorts::cohort(*group).is_some()).collect(),
    }
}

impl System {
    /// Opens every party from configuration, on SQLite stores.
    ///
    /// # Errors
    /// Keys, stores or facts cannot be had.
    pub fn open(config: Config, facts: FactsIndex) -> Result<System, ServiceFault> {
        let clock = clock_of(&config);
        System::open_with(config, facts, clock, &|path, role| Ok(Box::new(SqliteStore::open(path, role)?)))
    }

    /// Opens every party with the caller's clock and stores.
    ///
    /// # Errors
    /// As [`System::open`].
    pub fn open_with(
        config: Config,
        facts: FactsIndex,
        clock: Arc<dyn Clock>,
        open_store: OpenStore<'_>,
    ) -> Result<System, ServiceFault> {
        let dir = config.path(&config.pki.dir);
        let shared = Shared {
            trust: pki::load_trust(&dir)?,
            facts: Arc::new(facts),
            settings: Arc::new(rule_settings(&config)),
            clock,
            at_once: config.intake.installations_at_once.max(1),
        };
        let store = |role: Role, c: &RoleConfig| {
            let path = config.path(&c.store);
            make_parent(&path)?;
            let mut store = open_store(&path, role)?;
            if role != Role::CommissioningParty {
                earlier::bring_up_to_date(&mut *store)?;
            }
            Ok::<_, ServiceFault>(store)
        };
        let signer = |c: &RoleConfig| pki::load_signer(&dir, &c.party).map(Arc::new);
        let decrypter = |c: &RoleConfig| pki::load_decrypter(&dir, &c.party).map(Arc::new);
        let roles = &config.roles;
        // The seals before the stores: a seal is made new only where there is no store yet.
        let (s1sp_seal, dco_seal) = (seal_of(&config, &roles.s1sp)?, seal_of(&config, &roles.dco)?);
        let dsp = Dsp::new(store(Role::Dsp, &roles.dsp)?, signer(&roles.dsp)?, shared.clone());
        let s1sp = S1sp::new(
            store(Role::S1sp, &roles.s1sp)?,
            signer(&roles.s1sp)?,
            decrypter(&roles.s1sp)?,
            s1sp_seal,
            shared.clone(),
        );
        let inner = Dco::new(dco_seal, decrypter(&roles.dco)?);
        let dco = DcoParty::new(store(Role::Dco, &roles.dco)?, signer(&roles.dco)?, inner, shared.clone());
        let party = &roles.commissioning_party;
        let commissioning =
            CommissioningParty::new(store(Role::CommissioningParty, party)?, signer(party)?, shared.clone());
        Ok(System { config, shared, dsp, s1sp, dco, commissioning })
    }

    /// Takes a set in and lets every party judge it. The same set again goes on where it stopped.
    ///
    /// # Errors
    /// A store failed. What was durable is taken up again by the next call.
    pub fn take(&mut self, folder: &SetFolder) -> Result<SetTaken, ServiceFault> {
        let day = self.shared.clock.today();
        let taken = self.dsp.take(folder, day)?;
        if let SetTaken::Known { set, .. } | SetTaken::Accepted { set, .. } = &taken {
            let (from, now) = (Role::RequestingParty, self.shared.clock.now());
            // The sender may write to its folder meanwhile: what goes on is what the DSP judged.
            if let Some(group) = self.dsp.as_judged(folder, (FileKind::MigrationGroupFile, *set))? {
                hand_over(&mut self.s1sp, from, &group.file, now)?;
            }
            if let Some(encrypted) = self.dsp.as_judged(folder, (FileKind::MigrationGroupEncryptedFile, *set))? {
                hand_over(&mut self.s1sp, from, &encrypted.file, now)?;
                hand_over(&mut self.dco, from, &encrypted.file, now)?;
            }
        }
        self.deliver()?;
        Ok(taken)
    }

    /// Delivers what waits between the parties.
    ///
    /// # Errors
    /// A store failed.
    pub fn deliver(&mut self) -> Result<(), ServiceFault> {
        let now = self.shared.clock.now();
        deliver(&mut [&mut self.dsp, &mut self.s1sp, &mut self.dco, &mut self.commissioning], now)
    }

    /// Commissions the installations that were instructed and are not at rest, of one set or of all.
    ///
    /// # Errors
    /// A store or a line failed; what was in flight is taken up again by the next call.
    pub fn commission(
        &mut self,
        set: Option<SetId>,
        devices: &mut dyn Devices,
        stop: &AtomicBool,
        watch: &mut dyn FnMut(&Running),
    ) -> Result<Running, ServiceFault> {
        self.with_executor(devices, None, &mut |executor| executor.run(set, stop, watch))
    }

    /// A person's decision on a stuck installation: tried again, or closed.
    ///
    /// # Errors
    /// It is not stuck; or as [`System::commission`].
    pub fn resolve(
        &mut self,
        key: &str,
        closing: Option<Closing>,
        devices: &mut dyn Devices,
    ) -> Result<Outcome, ServiceFault> {
        let mut outcome = None;
        self.with_executor(devices, None, &mut |executor| {
            outcome = Some(executor.resolve(key, closing.clone())?);
            Ok(Running::default())
        })?;
        outcome.ok_or_else(|| ServiceFault::NotStuck(key.to_owned()))
    }

    /// How every installation of a set stands that a party has spoken of, in the order of their CHFIdentifiers.
    #[must_use]
    pub fn results(&self, set: SetId) -> Results<'_> {
        let s1sp: &dyn StoreView = &*self.s1sp.store;
        Results::new(&[self.dsp.view(), s1sp, self.dco.view()], Some(s1sp), set)
    }

    /// Every installation that was instructed, under every set, each read when it is asked for.
    pub fn records(&self) -> impl Iterator<Item = Result<InstallationRecord, ServiceFault>> {
        overview::marked(&*self.s1sp.store, STANDING)
    }

    /// An installation's story with the S1SP, line by line.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn story(&self, chf: ChfIdentifier) -> Result<Vec<(jiff::Timestamp, JournalLine)>, ServiceFault> {
        overview::story(&*self.s1sp.store, chf)
    }

    /// Hands an executor on this system's lanes to `run`; where `wrap` is given, it stands between the lanes and the
    /// executor.
    ///
    /// # Errors
    /// What `run` says.
    pub fn with_executor(
        &mut self,
        devices: &mut dyn Devices,
        wrap: Option<WrapLanes<'_>>,
        run: RunExecutor<'_>,
    ) -> Result<Running, ServiceFault> {
        let settings = self.executor_settings();
        let (clock, facts) = (self.shared.clock.clone(), self.shared.facts.clone());
        // Devices are put under this certificate: it must be one that may be used.
        self.shared.trust.check(&settings.dcc.certificate, clock.now(), Usage::Sign).map_err(|problem| {
            ServiceFault::Crypto { what: "devices obey the S1SP's certificate", reason: problem.to_string() }
        })?;
        let (for_dco, trust) = (self.dco.decrypter().certificate().clone(), self.shared.trust.clone());
        let seal_for_dco = |bytes: &[u8]| {
            trust.check(for_dco.id(), clock.now(), Usage::Encrypt).ok()?.public_key().encrypt_oaep_sha1(bytes)
        };
        let (dco, dsp, s1sp) = (&mut self.dco, &mut self.dsp, &mut self.s1sp);
        let mut obey_dco = |orders: &[_], now| dco.obey(orders, now);
        let s1sp_party = s1sp.signer().certificate().party();
        let mut obey_dsp = |orders: &[_]| dsp.obey(s1sp_party, orders);
        let mut lanes = InProcess::new(devices, &mut obey_dco, &mut obey_dsp, &*clock);
        let mut with = |lanes: &mut dyn Lanes| {
            run(&mut Executor {
                store: &mut *s1sp.store,
                seal: &s1sp.seal,
                seal_for_dco: &seal_for_dco,
                lanes,
                facts: &facts,
                clock: &*clock,
                settings: &settings,
            })
        };
        match wrap {
            Some(wrap) => wrap(&mut lanes, &mut with),
            None => with(&mut lanes),
        }
    }

    fn executor_settings(&self) -> ExecutorSettings {
        let c = &self.config.commissioning;
        ExecutorSettings {
            limits: Limits { attempts: c.attempts, probes: c.probes, undos: c.undos },
            in_flight: c.in_flight.max(1),
            dcc: DccSide { apn: c.dcc_apn.clone(), certificate: self.s1sp.signer().certificate().id().clone() },
            accepted_constraints: self.config.rules.constraints_kept.clone(),
        }
    }
}

/// Makes the folder that a file is to stand in.
fn make_parent(path: &Path) -> Result<(), ServiceFault> {
    let Some(parent) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(parent).map_err(|e| ServiceFault::File {
        doing: "make the folder",
        path: parent.to_owned(),
        reason: e.to_string(),
    })
}

/// A role's sealing key: read from its file, made where there is none yet.
fn seal_of(config: &Config, role: &RoleConfig) -> Result<Seal, ServiceFault> {
    let path = config.path(role.seal.as_deref().ok_or_else(|| ServiceFault::Configuration {
        what: format!("the role {} has no `seal` file", role.party),
        suggestion: "name one under [roles.<role>] in tern.toml".to_owned(),
    })?);
    let key = match files::read_private(&path) {
        Ok(bytes) => Secret::<32>::from_slice(bytes.expose()),
        // A new key beside a filled store would make what it holds unreadable for ever.
        Err(PkiError::Missing { .. }) if !config.path(&role.store).exists() => {
            let mut key = [0; 32];
            aws_lc_rs::rand::fill(&mut key)
                .map_err(|_| ServiceFault::Crypto { what: "a key", reason: "the random source failed".to_owned() })?;
            make_parent(&path)?;
            files::write(&path, &key, files::Access::Owner)?;
            Some(Secret::new(key))
        }
        Err(fault) => return Err(fault.into()),
    };
    let key = key.ok_or_else(|| ServiceFault::Configuration {
        what: format!("{} is no sealing key of 32 bytes", path.display()),
        suggestion: "restore it from a backup: what was sealed under it opens under no other".to_owned(),
    })?;
    Ok(Seal::new(&key)?)
}
