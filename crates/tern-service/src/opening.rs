//! How a party is opened from configuration, each by itself: its own store, its own keys, its own seal, and what all parties
//! have alike. It must never open one party's store or key for another.

use std::path::Path;
use std::sync::Arc;

use tern_dco::custody::{FileCustody, Keeper};
use tern_dco::{Dco, Settings as DcoSettings};
use tern_flow::Limits;
use tern_model::{CertificateId, Role, Secret, SecretBytes};
use tern_store::{Seal, Store};
use tern_wire::smki::{Signer, Trust, Usage};

use crate::clock::Clock;
use crate::config::{Config, RoleConfig};
use crate::dco;
use crate::executor::{DccSide, Executor, Lanes, Running, Settings};
use crate::facts::FactsIndex;
use crate::fault::ServiceFault;
use crate::parties::{CommissioningParty, DcoParty, Dsp, S1sp, Shared, earlier};
use crate::pki::{self, PkiError, files};
use crate::system::{OpenStore, RunExecutor, rule_settings};

/// What every party of a configuration has alike.
///
/// # Errors
/// The trusted certificates cannot be read.
pub(crate) fn shared_of(config: &Config, facts: FactsIndex, clock: Arc<dyn Clock>) -> Result<Shared, ServiceFault> {
    Ok(Shared {
        trust: pki::load_trust(&config.path(&config.pki.dir))?,
        facts: Arc::new(facts),
        settings: Arc::new(rule_settings(config)),
        rulebook: Arc::new(config.rulebook.clone()),
        as_of: config.as_of,
        clock,
        at_once: config.intake.installations_at_once.max(1),
    })
}

/// What a party is opened with.
pub(crate) struct Opening<'a> {
    /// As configured.
    pub(crate) config: &'a Config,
    /// What all have alike.
    pub(crate) shared: &'a Shared,
    /// How a store is opened.
    pub(crate) open_store: OpenStore<'a>,
}

impl Opening<'_> {
    pub(crate) fn dsp(&self) -> Result<Dsp, ServiceFault> {
        let signer = pki::load_signer(&self.pki(), &self.config.roles.dsp.party)?;
        Ok(Dsp::new(self.store(Role::Dsp, &self.config.roles.dsp)?, Arc::new(signer), self.shared.clone()))
    }

    pub(crate) fn s1sp(&self, seal: Seal) -> Result<S1sp, ServiceFault> {
        let (dir, role) = (self.pki(), &self.config.roles.s1sp);
        let (signer, decrypter) = (pki::load_signer(&dir, &role.party)?, pki::load_decrypter(&dir, &role.party)?);
        let store = self.store(Role::S1sp, role)?;
        Ok(S1sp::new(store, Arc::new(signer), Arc::new(decrypter), seal, self.shared.clone()))
    }

    pub(crate) fn dco(&self, custody: Keeper) -> Result<DcoParty, ServiceFault> {
        let (dir, role) = (self.pki(), &self.config.roles.dco);
        let (signer, decrypter) = (pki::load_signer(&dir, &role.party)?, pki::load_decrypter(&dir, &role.party)?);
        let title = signer.certificate().party().0;
        let settings = DcoSettings {
            title,
            system_change: self.config.dco.system_change,
            rollback_days: self.config.rules.rollback_days,
        };
        let dco = Dco::new(custody, Arc::new(decrypter), settings);
        Ok(DcoParty::new(self.store(Role::Dco, role)?, Arc::new(signer), dco, self.shared.clone()))
    }

    pub(crate) fn commissioning_party(&self) -> Result<CommissioningParty, ServiceFault> {
        let role = &self.config.roles.commissioning_party;
        let signer = pki::load_signer(&self.pki(), &role.party)?;
        let store = self.store(Role::CommissioningParty, role)?;
        Ok(CommissioningParty::new(store, Arc::new(signer), self.shared.clone()))
    }

    /// The sealing key of the S1SP: read from its file, made where there is none yet, and no store either.
    pub(crate) fn seal(&self) -> Result<Seal, ServiceFault> {
        seal_of(self.config, &self.config.roles.s1sp)
    }

    /// The custody of the DCO's key packages; a seal file is made as [`Opening::seal`] makes one.
    pub(crate) fn custody(&self) -> Result<Keeper, ServiceFault> {
        dco::keeper(self.config)
    }

    fn pki(&self) -> std::path::PathBuf {
        self.config.path(&self.config.pki.dir)
    }

    fn store(&self, role: Role, configured: &RoleConfig) -> Result<Box<dyn Store>, ServiceFault> {
        let path = self.config.path(&configured.store);
        make_parent(&path)?;
        let mut store = (self.open_store)(&path, role)?;
        if role != Role::CommissioningParty {
            earlier::bring_up_to_date(&mut *store)?;
        }
        Ok(store)
    }
}

/// Where the executor works: what it needs of the S1SP, and of nobody else.
pub(crate) struct Workplace<'a> {
    /// The S1SP's store.
    pub(crate) store: &'a mut dyn Store,
    /// The S1SP's sealing key.
    pub(crate) seal: &'a Seal,
    /// The S1SP's signing key: devices are put under its certificate.
    pub(crate) signer: &'a Signer,
    /// As configured.
    pub(crate) config: &'a Config,
    /// What all parties have alike.
    pub(crate) shared: &'a Shared,
    /// Whom one trusts at the moment of asking.
    pub(crate) trust: &'a dyn Fn() -> Arc<Trust>,
}

impl Workplace<'_> {
    /// Hands an executor on these lanes to `run`.
    ///
    /// # Errors
    /// The S1SP's certificate may not be used; what `run` says.
    pub(crate) fn with_executor(
        &mut self,
        lanes: &mut dyn Lanes,
        run: RunExecutor<'_>,
    ) -> Result<Running, ServiceFault> {
        let (settings, shared) = (self.settings(), self.shared);
        // Devices are put under this certificate: it must be one that may be used.
        let may_be_in_charge = |certificate: &CertificateId| {
            (self.trust)().check(certificate, shared.clock.now(), Usage::Sign).map(drop).map_err(|why| why.to_string())
        };
        may_be_in_charge(&settings.dcc.certificate)
            .map_err(|reason| ServiceFault::Crypto { what: "devices obey the S1SP's certificate", reason })?;
        let dco = pki::recipient(&shared.trust, Role::Dco, &self.config.roles.dco.party, shared.clock.now()).ok();
        let seal_for_dco = |bytes: &[u8]| {
            let checked = shared.trust.check(dco.as_ref()?.id(), shared.clock.now(), Usage::Encrypt);
            checked.ok()?.public_key().encrypt_oaep_sha1(bytes)
        };
        run(&mut Executor {
            store: &mut *self.store,
            seal: self.seal,
            signer: self.signer,
            seal_for_dco: &seal_for_dco,
            may_be_in_charge: &may_be_in_charge,
            lanes,
            facts: &shared.facts,
            clock: &*shared.clock,
            settings: &settings,
        })
    }

    fn settings(&self) -> Settings {
        let c = &self.config.commissioning;
        Settings {
            limits: Limits { attempts: c.attempts, probes: c.probes, undos: c.undos },
            in_flight: c.in_flight.max(1),
            dcc: DccSide { apn: c.dcc_apn.clone(), certificate: self.signer.certificate().id().clone() },
            accepted_constraints: self.config.rules.constraints_kept.clone(),
            associations: tern_cohorts::associations(self.config.associations.clone()),
        }
    }
}

/// Makes the folder that a file is to stand in.
pub(crate) fn make_parent(path: &Path) -> Result<(), ServiceFault> {
    let Some(parent) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(parent).map_err(|e| ServiceFault::file("make the folder", parent, e))
}

/// A role's sealing key.
fn seal_of(config: &Config, role: &RoleConfig) -> Result<Seal, ServiceFault> {
    let path = seal_path(config, role)?;
    let content = seal_content(config, role)?;
    let key = Secret::<32>::from_slice(content.expose()).ok_or_else(|| ServiceFault::Configuration {
        what: format!("{} is no sealing key of 32 bytes", path.display()),
        suggestion: "restore it from a backup: what was sealed under it opens under no other".to_owned(),
    })?;
    Ok(Seal::new(&key)?)
}

/// Where a role's seal file is.
pub(crate) fn seal_path(config: &Config, role: &RoleConfig) -> Result<std::path::PathBuf, ServiceFault> {
    let seal = role.seal.as_deref().ok_or_else(|| ServiceFault::Configuration {
        what: format!("the role {} has no `seal` file", role.party),
        suggestion: "name one under [roles.<role>] in tern.toml".to_owned(),
    })?;
    Ok(config.path(seal))
}

/// What a role's seal file holds; made with one key where there is none yet.
pub(crate) fn seal_content(config: &Config, role: &RoleConfig) -> Result<SecretBytes, ServiceFault> {
    let path = seal_path(config, role)?;
    match files::read_private(&path) {
        // A new key beside a filled store would make what it holds unreadable for ever.
        Err(PkiError::Missing { .. }) if !config.path(&role.store).exists() => {
            let content = FileCustody::with_new_kek(None).map_err(tern_dco::DcoFault::from)?;
            make_parent(&path)?;
            files::write(&path, content.expose(), files::Access::Owner)?;
            Ok(content)
        }
        read => Ok(read?),
    }
}
