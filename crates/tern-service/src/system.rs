//! The whole DCC side in one process: parties opened from configuration, sets taken in, installations commissioned.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tern_flow::Closing;
use tern_model::{ChfIdentifier, GroupId, Outcome, Role, SetId};
use tern_rules::Settings;
use tern_store::{SqliteStore, Store, StoreFault, StoreView};
use tern_wire::migration::FileKind;
use tern_wire::smki::Trust;

use crate::clock::{Ahead, Clock, SystemClock, VirtualClock};
use crate::config::Config;
use crate::executor::standing::STANDING;
use crate::executor::{Executor, InstallationRecord, JournalLine, Lanes, Running};
use crate::facts::FactsIndex;
use crate::fault::ServiceFault;
use crate::lanes::{Devices, InProcess, S1spIdentity};
use crate::links::deliver;
use crate::opening::{Opening, Workplace, shared_of};
use crate::overview;
use crate::parties::{CommissioningParty, DcoParty, Dsp, Party, S1sp, SetTaken, Shared, hand_over, tell_of_rest};
use crate::pins::{self, PinFile};
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

/// The clock that configuration names, as far ahead as it was stepped when the configuration was read.
#[must_use]
pub fn clock_of(config: &Config) -> Arc<dyn Clock> {
    let of = clock_below(config);
    if config.clock.ahead.is_zero() { of } else { Arc::new(Ahead { of, by: config.clock.ahead }) }
}

/// The clock that configuration names, as it was before anybody stepped it.
#[must_use]
pub fn clock_below(config: &Config) -> Arc<dyn Clock> {
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
        served: GroupId::ALL.to_vec(),
        associations: tern_cohorts::associations(config.associations.clone()),
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
        let shared = shared_of(&config, facts, clock)?;
        let opening = Opening { config: &config, shared: &shared, open_store };
        // The seals before the stores: a seal is made new only where there is no store yet.
        let (s1sp_seal, custody) = (opening.seal()?, opening.custody()?);
        let dsp = opening.dsp()?;
        let s1sp = opening.s1sp(s1sp_seal)?;
        let dco = opening.dco(custody)?;
        let commissioning = opening.commissioning_party()?;
        Ok(System { config, shared, dsp, s1sp, dco, commissioning })
    }

    /// Takes a set in and lets every party judge it. The same set again goes on where it stopped.
    ///
    /// # Errors
    /// A store failed. What was durable is taken up again by the next call.
    pub fn take(&mut self, folder: &SetFolder) -> Result<SetTaken, ServiceFault> {
        let day = self.shared.today();
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

    /// Trusts so and goes by these records from now on, and so does every party.
    pub(crate) fn renew(&mut self, trust: &Arc<Trust>, facts: &Arc<FactsIndex>) {
        (self.shared.trust, self.shared.facts) = (trust.clone(), facts.clone());
        let parties: [&mut dyn Party; 4] = [&mut self.dsp, &mut self.s1sp, &mut self.dco, &mut self.commissioning];
        parties.into_iter().for_each(|party| party.renew(trust.clone(), facts.clone()));
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

    /// The S1SP as devices know it.
    #[must_use]
    pub fn device_identity(&self) -> S1spIdentity {
        S1spIdentity { signer: self.s1sp.signer().clone(), trust: self.shared.trust.clone() }
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

    /// Every file with a revised PIN that waits for an Installing Supplier (3.25), each handed to `each`.
    ///
    /// # Errors
    /// The store cannot be read; what `each` says.
    pub fn pin_files<E: From<ServiceFault>>(&self, each: impl FnMut(PinFile) -> Result<(), E>) -> Result<(), E> {
        pins::files(&*self.s1sp.store, each)
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
        let clock = self.shared.clock.clone();
        let (dco, dsp, s1sp) = (&mut self.dco, &mut self.dsp, &mut self.s1sp);
        let mut obey_dco = |orders: &[_], now| dco.obey(orders, now);
        let s1sp_party = s1sp.signer().certificate().party();
        let mut obey_dsp = |orders: &[_]| dsp.obey(s1sp_party, orders);
        let mut lanes = InProcess::new(devices, &mut obey_dco, &mut obey_dsp, &*clock);
        let signer = s1sp.signer().clone();
        let S1sp { store, seal, .. } = &mut *s1sp;
        let trust = || self.shared.trust.clone();
        let (config, shared) = (&self.config, &self.shared);
        let mut at = Workplace { store: &mut **store, seal, signer: &signer, config, shared, trust: &trust };
        let mut with = |lanes: &mut dyn Lanes| at.with_executor(lanes, run);
        let running = match wrap {
            Some(wrap) => wrap(&mut lanes, &mut with),
            None => with(&mut lanes),
        }?;
        tell_of_rest(&mut *s1sp.store, &mut obey_dsp)?;
        Ok(running)
    }
}
