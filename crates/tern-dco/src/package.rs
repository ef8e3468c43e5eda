//! The key package of one device, as the DCO's store holds it: sealed keys and their state.

use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, DeviceId, Secret, SetId};
use tern_store::{Expect, Put, Record, Seal, Sealed};

use crate::fault::DcoFault;

/// Kind of the store's records.
pub(crate) const KIND: &str = "package";
/// Version of their bodies.
const VERSION: u16 = 1;

/// The life of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageState {
    /// Made from a viable file set; the device is still the SMSO's.
    New,
    /// The DCO's master key is in force at the device.
    Active,
    /// The device went back to the SMSO.
    Retired,
}

/// Whose master key is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InForce {
    /// The one that the migration file gave.
    Smso,
    /// The one that the DCO made.
    Dco,
}

/// A device's key package.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Package {
    /// The set under which the DCO consented.
    pub set: SetId,
    /// The installation.
    pub chf: ChfIdentifier,
    /// The device.
    pub device: DeviceId,
    /// Where its life stands.
    pub state: PackageState,
    /// The SMSO's master key; kept for the way back.
    smso: Sealed,
    /// The DCO's, once made.
    dco: Option<Sealed>,
}

impl Package {
    /// A new package around the master key of a migration file.
    ///
    /// # Errors
    /// The seal fails.
    pub fn new(
        set: SetId,
        chf: ChfIdentifier,
        device: DeviceId,
        master: &Secret<16>,
        seal: &Seal,
    ) -> Result<Package, DcoFault> {
        let smso = seal.seal(&context(device, set, InForce::Smso), master.expose())?;
        Ok(Package { set, chf, device, state: PackageState::New, smso, dco: None })
    }

    /// The change that stores this package.
    ///
    /// # Errors
    /// The body cannot be written.
    pub fn put(&self, expect: Expect) -> Result<Put, DcoFault> {
        let body = serde_json::to_vec(self).map_err(|e| DcoFault::Unreadable(e.to_string()))?;
        Ok(Put { kind: KIND, key: key(self.device, self.set), expect, version: VERSION, body })
    }

    pub(crate) fn read(record: &Record) -> Result<Package, DcoFault> {
        if record.version != VERSION {
            return Err(DcoFault::Unreadable(format!("key package of version {}", record.version)));
        }
        serde_json::from_slice(&record.body).map_err(|e| DcoFault::Unreadable(e.to_string()))
    }

    /// Whose master key is in force: the DCO's while the package is active.
    #[must_use]
    pub fn in_force(&self) -> InForce {
        match self.state {
            PackageState::Active => InForce::Dco,
            PackageState::New | PackageState::Retired => InForce::Smso,
        }
    }

    pub(crate) fn smso_master(&self, seal: &Seal) -> Result<Secret<16>, DcoFault> {
        self.open(seal, InForce::Smso, &self.smso)
    }

    pub(crate) fn dco_master(&self, seal: &Seal) -> Result<Option<Secret<16>>, DcoFault> {
        self.dco.as_ref().map(|s| self.open(seal, InForce::Dco, s)).transpose()
    }

    pub(crate) fn set_dco_master(&mut self, seal: &Seal, master: &Secret<16>) -> Result<(), DcoFault> {
        self.dco = Some(seal.seal(&context(self.device, self.set, InForce::Dco), master.expose())?);
        Ok(())
    }

    pub(crate) fn master_in_force(&self, seal: &Seal) -> Result<Secret<16>, DcoFault> {
        match (self.in_force(), self.dco_master(seal)?) {
            (InForce::Dco, Some(master)) => Ok(master),
            (InForce::Dco, None) => Err(DcoFault::Unreadable("a package in force without its key".to_owned())),
            (InForce::Smso, _) => self.smso_master(seal),
        }
    }

    fn open(&self, seal: &Seal, whose: InForce, sealed: &Sealed) -> Result<Secret<16>, DcoFault> {
        let bytes = seal.open(&context(self.device, self.set, whose), sealed)?;
        Secret::from_slice(bytes.expose()).ok_or_else(|| DcoFault::Unreadable("a key of another length".to_owned()))
    }
}

/// The record's key. A device has a package of its own under each set: what a later set brings never takes the place of a
/// master key that an earlier one may still need on its way back.
pub(crate) fn key(device: DeviceId, set: SetId) -> String {
    format!("{device}/{set}")
}

fn context(device: DeviceId, set: SetId, whose: InForce) -> String {
    format!("{KIND}/{}/{whose:?}", key(device, set))
}
