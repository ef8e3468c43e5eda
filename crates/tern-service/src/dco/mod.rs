//! What an operator of the DCO does with its key packages: custody, back-fill, and the gate before re-designation.
//!
//! It opens the DCO's store and nobody else's, and holds it alone while it works. Nothing here ever prints a key or a PIN.

mod custody;
mod gate;
mod learn;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tern_dco::DcoFault;
use tern_dco::custody::{Custody, FileCustody, Keeper, KekId, TokenState, prepare};
use tern_dco::upkeep::{self, Added};
use tern_model::{ChfIdentifier, DeviceId, Role, SecretBytes, SetId};
use tern_store::{AuditEntry, Batch, SqliteStore, SqliteView, Store, StoreView};

use crate::config::{Config, CustodyKind};
use crate::fault::ServiceFault;
use crate::opening::{seal_content, seal_path};
use crate::pki::{PkiError, files};

pub(crate) use custody::keeper;
pub use gate::{Gate, Incomplete};

/// Packages in one transaction.
const PAGE: usize = 200;
/// Digits of a PIN that is made here.
const PIN_DIGITS: usize = 16;

/// What keeps the key-encryption keys, and how many keys are under each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustodyState {
    /// The kind that wraps from now on.
    pub kind: CustodyKind,
    /// The token, where it is one.
    pub token: Option<TokenState>,
    /// The KEK that wraps from now on.
    pub current: KekId,
    /// Every KEK that is here, or that keys are under, with the number of keys.
    pub keys: BTreeMap<KekId, usize>,
    /// Key packages that cannot be used, each with the reason.
    pub unusable: Vec<String>,
}

impl CustodyState {
    /// Keys that are not under the current KEK.
    #[must_use]
    pub fn to_move(&self) -> usize {
        self.keys.iter().filter(|(kek, _)| **kek != self.current).map(|(_, keys)| keys).sum()
    }
}

/// How a run of upkeep is told while it goes on: packages looked at since it was last told.
pub type Watch<'a> = &'a mut dyn FnMut(usize);

/// What a run of wrapping anew did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Key packages that were wrapped anew.
    pub packages: usize,
    /// Those that cannot be used, each with the reason.
    pub unusable: Vec<String>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// What a back-fill did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backfilled {
    /// Sites that were upgraded by this run, with the PPMIDs that got keys.
    pub upgraded: Vec<(ChfIdentifier, Vec<DeviceId>)>,
    /// Sites that were complete before.
    pub complete: usize,
    /// Sites of which nobody knows the devices, and why.
    pub unknown: Vec<(ChfIdentifier, String)>,
    /// Key packages that cannot be used, each with the reason.
    pub unusable: Vec<String>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// Prepares the custody that is configured: a token with its first KEK, or a seal file. A PIN file that is not there is made.
/// Says whether anything was done.
///
/// # Errors
/// File or token cannot be had.
pub fn prepare_custody(config: &Config, so_pin: Option<&std::path::Path>) -> Result<bool, ServiceFault> {
    if custody::custody_of(config).kind == CustodyKind::File {
        let there = custody::held_file(config)?.is_some();
        seal_content(config, &config.roles.dco)?;
        return Ok(!there);
    }
    let path = custody::pin_path(config)?;
    let pin = match custody::pin(&path) {
        // Only a token that gets its name now gets a PIN that is made here.
        Err(PkiError::Missing { .. }) if so_pin.is_some() => {
            let pin = new_pin()?;
            crate::opening::make_parent(&path)?;
            files::write(&path, pin.expose(), files::Access::Owner)?;
            pin
        }
        read => read.map_err(|fault| custody::no_pin(&path, fault))?,
    };
    let settings = custody::token_settings(config, pin)?;
    let so_pin = so_pin.map(|path| custody::pin(path).map_err(|fault| custody::no_pin(path, fault))).transpose()?;
    Ok(prepare(&settings, so_pin.as_ref()).map_err(DcoFault::from)?)
}

/// How the custody stands. It only reads.
///
/// # Errors
/// Store or custody cannot be had.
pub fn custody_state(config: &Config) -> Result<CustodyState, ServiceFault> {
    let kind = custody::custody_of(config).kind;
    let token = match kind {
        CustodyKind::File => None,
        CustodyKind::Pkcs11 => Some(custody::token(config)?.state().clone()),
    };
    let keeper = keeper(config)?;
    let mut keys: BTreeMap<KekId, usize> = keeper.keks().into_iter().map(|kek| (kek, 0)).collect();
    let mut unusable = Vec::new();
    if let Some(store) = view(config)? {
        let mut after = None;
        loop {
            let page = upkeep::keys_by_kek(&store, after.as_deref(), PAGE)?;
            unusable.extend(page.unusable);
            page.told.into_iter().for_each(|(kek, count)| *keys.entry(kek).or_default() += count);
            let Some(next) = page.next else { break };
            after = Some(next);
        }
    }
    Ok(CustodyState { kind, token, current: keeper.current(), keys, unusable })
}

/// The DCO's store, to read; none where nothing was judged yet.
fn view(config: &Config) -> Result<Option<SqliteView>, ServiceFault> {
    crate::check::view(config, Role::Dco, &config.roles.dco)
}

/// The DCO's store and custody, held alone.
pub struct Upkeep<'a> {
    config: &'a Config,
    store: SqliteStore,
    keeper: Keeper,
}

impl<'a> Upkeep<'a> {
    /// Opens both.
    ///
    /// # Errors
    /// They cannot be had, or the DCO runs.
    pub fn open(config: &'a Config) -> Result<Upkeep<'a>, ServiceFault> {
        let keeper = keeper(config)?;
        let store = SqliteStore::open(&config.path(&config.roles.dco.store), Role::Dco)?;
        Ok(Upkeep { config, store, keeper })
    }

    /// How many key packages there are.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn packages(&self) -> Result<usize, ServiceFault> {
        Ok(usize::try_from(self.store.count("package")?).unwrap_or(usize::MAX))
    }

    /// Makes a new KEK where the current ones are.
    ///
    /// # Errors
    /// File or token fail.
    pub fn rotate(&mut self, now: Timestamp) -> Result<KekId, ServiceFault> {
        match custody::custody_of(self.config).kind {
            CustodyKind::File => {
                let content = seal_content(self.config, &self.config.roles.dco)?;
                let more = FileCustody::with_new_kek(Some(&content)).map_err(DcoFault::from)?;
                files::write(&seal_path(self.config, &self.config.roles.dco)?, more.expose(), files::Access::Owner)?;
            }
            CustodyKind::Pkcs11 => {
                custody::token(self.config)?.make_kek().map_err(DcoFault::from)?;
            }
        }
        self.keeper = keeper(self.config)?;
        self.note(now, "key-encryption key made", &self.keeper.current().to_string())?;
        Ok(self.keeper.current())
    }

    /// Wraps every key under the current KEK that is not.
    ///
    /// # Errors
    /// Store or custody fail; the same again goes on.
    pub fn rewrap(&mut self, now: Timestamp, stop: &AtomicBool, watch: Watch<'_>) -> Result<Rewrapped, ServiceFault> {
        let (mut after, mut done) = (None, Rewrapped::default());
        loop {
            if stop.load(Ordering::Acquire) {
                done.stopped = true;
                return Ok(done);
            }
            let page = upkeep::rewrap(&mut self.store, &self.keeper, after.as_deref(), PAGE)?;
            watch(page.packages);
            done.packages += page.told;
            done.unusable.extend(page.unusable);
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        if done.packages > 0 {
            let evidence = format!("{} packages under {}", done.packages, self.keeper.current());
            self.note(now, "keys wrapped anew", &evidence)?;
        }
        Ok(done)
    }

    /// Gives up every KEK but the current one, where no key is under them any more.
    ///
    /// # Errors
    /// Keys are under them still; file or token fail.
    pub fn destroy_old_keks(&mut self, now: Timestamp) -> Result<(), ServiceFault> {
        let state = custody_state(self.config)?;
        if let Some(unusable) = state.unusable.first() {
            return Err(ServiceFault::Configuration {
                what: format!("under which key-encryption key a package is cannot be told: {unusable}"),
                suggestion: "put that record back from a backup first".to_owned(),
            });
        }
        let left = state.to_move();
        if left > 0 {
            return Err(ServiceFault::Configuration {
                what: format!("{left} keys are still wrapped under older key-encryption keys"),
                suggestion: "let `tern dco custody move` come to its end first".to_owned(),
            });
        }
        match custody::custody_of(self.config).kind {
            CustodyKind::File => {
                let content = FileCustody::without_old_keks(&seal_content(self.config, &self.config.roles.dco)?);
                files::write(&seal_path(self.config, &self.config.roles.dco)?, content.expose(), files::Access::Owner)?;
            }
            CustodyKind::Pkcs11 => custody::token(self.config)?.destroy_old_keks().map_err(DcoFault::from)?,
        }
        self.keeper = keeper(self.config)?;
        self.note(now, "older key-encryption keys destroyed", &self.keeper.current().to_string())
    }

    /// Adds the PPMIDs' keys to every site that lacks them, `per_second` packages a second at the most.
    ///
    /// # Errors
    /// Store or custody fail; the same again goes on.
    pub fn backfill(
        &mut self,
        now: Timestamp,
        per_second: usize,
        stop: &AtomicBool,
        watch: Watch<'_>,
    ) -> Result<Backfilled, ServiceFault> {
        let why_unknown = learn::learn(self.config, &mut self.store)?;
        let (mut done, mut after) = (Backfilled::default(), None);
        let size = per_second.clamp(1, PAGE);
        loop {
            if stop.load(Ordering::Acquire) {
                done.stopped = true;
                return Ok(done);
            }
            let began = Instant::now();
            let page = upkeep::backfill(&mut self.store, &self.keeper, (after.as_deref(), size), now)?;
            watch(page.packages);
            done.unusable.extend(page.unusable);
            done.take(page.told, &why_unknown);
            let Some(next) = page.next else { return Ok(done) };
            after = Some(next);
            let share = Duration::from_secs_f64(page.packages as f64 / per_second.max(1) as f64);
            std::thread::sleep(share.saturating_sub(began.elapsed()));
        }
    }

    fn note(&mut self, at: Timestamp, action: &str, evidence: &str) -> Result<(), ServiceFault> {
        let line = AuditEntry {
            at,
            actor: "DCO".to_owned(),
            action: action.to_owned(),
            subject: "custody".to_owned(),
            evidence: evidence.to_owned(),
        };
        Ok(self.store.commit(&Batch { audit: vec![line], ..Batch::default() })?)
    }
}

impl Backfilled {
    fn take(&mut self, page: Added, why_unknown: &BTreeMap<SetId, String>) {
        self.upgraded.extend(page.sites);
        self.complete += page.complete;
        self.unknown.extend(page.unknown.into_iter().map(|(set, chf)| {
            let why = why_unknown.get(&set).cloned();
            (chf, why.unwrap_or_else(|| format!("the Common File of {set} does not name it")))
        }));
    }
}

/// A PIN.
fn new_pin() -> Result<SecretBytes, ServiceFault> {
    let mut pin = Vec::with_capacity(PIN_DIGITS);
    while pin.len() < PIN_DIGITS {
        let mut byte = [0];
        aws_lc_rs::rand::fill(&mut byte)
            .map_err(|_| ServiceFault::Crypto { what: "a PIN", reason: "the random source failed".to_owned() })?;
        // Values from 250 on would make some digits likelier than others.
        if byte[0] < 250 {
            pin.push(b'0' + byte[0] % 10);
        }
    }
    Ok(SecretBytes::new(pin))
}
