//! The key package of one device, as the DCO's store holds it: its master keys, each wrapped, and which of them is in force.
//!
//! A key is unwrapped for one operation and wiped after it. This module must never hand one out of the crate.

use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, SecretBytes, SetId};
use tern_store::{Expect, Put, Record};
use tern_wire::role_link::MasterKeyOf;

use crate::counters::Counters;
use crate::custody::{Custody, KekId, Kept, Wrapped};
use crate::fault::DcoFault;

/// Kind of the store's records.
pub(crate) const KIND: &str = "package";
/// Version of their bodies. Version 1 had the keys of an ESME alone, both under the seal file.
const VERSION: u16 = 2;
/// Bytes of a master key.
const KEY_BYTES: usize = 16;

/// The life of one version of a package's keys (CO3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageState {
    /// Made; the device does not hold it yet, as far as the DCO was shown.
    New,
    /// In force.
    Active,
    /// No longer in force; kept, wrapped, for the way back.
    Retired,
}

/// A device's key package under one file set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// The set under which the DCO consented.
    pub set: SetId,
    /// The installation.
    pub chf: ChfIdentifier,
    /// The device.
    pub device: DeviceId,
    /// What it is.
    pub kind: DeviceKind,
    /// Oldest first.
    versions: Vec<KeyVersion>,
    /// The last replacement of the device's master key that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replacing: Option<Replacing>,
}

/// A replacement of a device's master key: under way until an answer is believed that is newer than any before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Replacing {
    /// The newest answer of the device when it was asked for.
    pub(crate) heard: u32,
    /// Under which master key.
    pub(crate) under: MasterKeyOf,
}

/// One version of a package's keys: a master key, from which the critical keys are derived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyVersion {
    /// 1, 2, …
    pub number: u32,
    /// Who made it.
    pub of: MasterKeyOf,
    /// Where its life stands.
    pub state: PackageState,
    /// The key; none once it was destroyed.
    key: Option<Wrapped>,
    /// The invocation counters of the critical keys that are derived from it.
    #[serde(default)]
    pub(crate) counters: Counters,
}

impl KeyVersion {
    /// The KEK under which it is wrapped; none once it was destroyed.
    #[must_use]
    pub fn kek(&self) -> Option<KekId> {
        self.key.as_ref().map(|key| key.kek)
    }
}

impl Package {
    /// The package of a device for which the migration file gave a master key: in force, and the SMSO's.
    ///
    /// # Errors
    /// The custody fails.
    pub fn of_file(
        set: SetId,
        chf: ChfIdentifier,
        device: DeviceId,
        master: &SecretBytes,
        custody: &dyn Custody,
    ) -> Result<Package, DcoFault> {
        let mut package = Package { set, chf, device, kind: DeviceKind::Esme, versions: Vec::new(), replacing: None };
        package.add(MasterKeyOf::Smso, PackageState::Active, master, custody)?;
        Ok(package)
    }

    /// The package of a device that a Join names: with a new key of the DCO's.
    ///
    /// # Errors
    /// The random source or the custody fails.
    pub fn of_join(
        set: SetId,
        chf: ChfIdentifier,
        (device, kind): (DeviceId, DeviceKind),
        state: PackageState,
        custody: &dyn Custody,
    ) -> Result<Package, DcoFault> {
        let mut package = Package { set, chf, device, kind, versions: Vec::new(), replacing: None };
        package.add(MasterKeyOf::Dco, state, &new_key()?, custody)?;
        Ok(package)
    }

    /// The change that stores this package.
    ///
    /// # Errors
    /// The body cannot be written.
    pub fn put(&self, expect: Expect) -> Result<Put, DcoFault> {
        let body = serde_json::to_vec(self).map_err(DcoFault::unreadable)?;
        Ok(Put { kind: KIND, key: key(self.device, self.set), expect, version: VERSION, body })
    }

    /// Reads a record of this release or the one before.
    ///
    /// # Errors
    /// It is neither.
    pub fn read(record: &Record) -> Result<Package, DcoFault> {
        match record.version {
            1 => serde_json::from_slice::<PackageV1>(&record.body).map(Package::from).map_err(DcoFault::unreadable),
            VERSION => serde_json::from_slice(&record.body).map_err(DcoFault::unreadable),
            other => Err(DcoFault::unreadable(format!("key package of version {other}"))),
        }
    }

    /// The versions of its keys, oldest first.
    #[must_use]
    pub fn versions(&self) -> &[KeyVersion] {
        &self.versions
    }

    /// The highest invocation counters under any of its keys: used, and heard. A device counts once for all of them.
    pub(crate) fn highest_counters(&self) -> (u32, u32) {
        let highest = self.versions.iter().map(|version| version.counters.highest());
        highest.fold((0, 0), |(used, heard), (u, h)| (used.max(u), heard.max(h)))
    }

    /// Whose master key is in force: the DCO's while one of its versions is active.
    #[must_use]
    pub fn in_force(&self) -> MasterKeyOf {
        let active = |v: &KeyVersion| v.of == MasterKeyOf::Dco && v.state == PackageState::Active;
        if self.versions.iter().any(active) { MasterKeyOf::Dco } else { MasterKeyOf::Smso }
    }

    /// The newest version of the one or the other.
    #[must_use]
    pub fn version(&self, of: MasterKeyOf) -> Option<&KeyVersion> {
        self.versions.iter().rfind(|v| v.of == of)
    }

    pub(crate) fn version_mut(&mut self, of: MasterKeyOf) -> Option<&mut KeyVersion> {
        self.versions.iter_mut().rfind(|v| v.of == of)
    }

    /// The master key of the one or the other, for one operation; none where there is none yet, or no longer.
    pub(crate) fn master(&self, of: MasterKeyOf, custody: &dyn Custody) -> Result<Option<SecretBytes>, DcoFault> {
        let Some((version, key)) = self.version(of).and_then(|v| Some((v, v.key.as_ref()?))) else { return Ok(None) };
        let master = custody.unwrap(&self.context(version.number, of), key)?;
        if master.expose().len() == KEY_BYTES {
            return Ok(Some(master));
        }
        Err(DcoFault::unreadable("a key of another length"))
    }

    /// Whether any of its keys opens.
    pub(crate) fn opens(&self, custody: &dyn Custody) -> bool {
        let opens = |v: &KeyVersion| {
            v.key.as_ref().is_some_and(|key| custody.unwrap(&self.context(v.number, v.of), key).is_ok())
        };
        self.versions.iter().any(opens)
    }

    /// Makes the DCO's master key where there is none yet; says whether it did.
    pub(crate) fn make_dco_master(&mut self, custody: &dyn Custody) -> Result<bool, DcoFault> {
        if self.version(MasterKeyOf::Dco).is_some() {
            return Ok(false);
        }
        self.add(MasterKeyOf::Dco, PackageState::New, &new_key()?, custody)?;
        Ok(true)
    }

    /// Puts the master key of the one or the other in force, and every other version out of it. Says whether anything changed.
    pub(crate) fn put_in_force(&mut self, of: MasterKeyOf) -> bool {
        let before = self.versions.clone();
        let newest = self.version(of).map(|v| v.number);
        for version in &mut self.versions {
            version.state = match (Some(version.number) == newest, version.state) {
                (true, _) => PackageState::Active,
                // What was never in force has nothing to retire from.
                (false, PackageState::New) if of == MasterKeyOf::Smso => PackageState::New,
                (false, _) => PackageState::Retired,
            };
        }
        self.versions != before
    }

    /// Destroys the keys that were retired for good: the SMSO's, while the DCO's are in force. Says whether there were any.
    pub(crate) fn destroy_retired(&mut self) -> bool {
        if self.in_force() != MasterKeyOf::Dco {
            return false;
        }
        let retired = self.versions.iter_mut().filter(|v| v.state == PackageState::Retired);
        retired.filter_map(|version| version.key.take()).count() > 0
    }

    /// Wraps every key anew that is not under the custody's current KEK. Says whether there was one.
    ///
    /// # Errors
    /// The custody fails; then nothing is changed.
    pub fn rewrap(&mut self, custody: &dyn Custody) -> Result<bool, DcoFault> {
        let mut anew = Vec::new();
        for version in &self.versions {
            let Some(old) = version.key.as_ref().filter(|key| key.kek != custody.current()) else { continue };
            let context = self.context(version.number, version.of);
            let key = custody.unwrap(&context, old)?;
            anew.push((version.number, custody.wrap(&context, &key)?));
        }
        for (number, key) in &anew {
            self.versions.iter_mut().filter(|v| v.number == *number).for_each(|v| v.key = Some(key.clone()));
        }
        Ok(!anew.is_empty())
    }

    fn add(
        &mut self,
        of: MasterKeyOf,
        state: PackageState,
        master: &SecretBytes,
        custody: &dyn Custody,
    ) -> Result<(), DcoFault> {
        let number = self.versions.last().map_or(1, |v| v.number + 1);
        let key = Some(custody.wrap(&self.context(number, of), master)?);
        self.versions.push(KeyVersion { number, of, state, key, counters: Counters::default() });
        Ok(())
    }

    /// What a wrapped key is bound to. The first of each maker is written as release 0.1 wrote it.
    fn context(&self, number: u32, of: MasterKeyOf) -> String {
        let name = match of {
            MasterKeyOf::Smso => "Smso",
            MasterKeyOf::Dco => "Dco",
        };
        let first = self.versions.iter().all(|v| v.of != of || v.number >= number);
        let later = if first { String::new() } else { format!("/{number}") };
        format!("{KIND}/{}/{name}{later}", key(self.device, self.set))
    }
}

/// A package as version 1 wrote it.
#[derive(Deserialize)]
struct PackageV1 {
    set: SetId,
    chf: ChfIdentifier,
    device: DeviceId,
    state: PackageState,
    smso: String,
    dco: Option<String>,
}

impl From<PackageV1> for Package {
    fn from(v1: PackageV1) -> Package {
        use PackageState::{Active, New, Retired};
        let (smso, dco) = match v1.state {
            New => (Active, New),
            Active => (Retired, Active),
            Retired => (Active, Retired),
        };
        let kek = KekId { kept: Kept::File, version: 1, mark: 0 };
        let version = |number, of, state, sealed| KeyVersion {
            number,
            of,
            state,
            key: Some(Wrapped::from_text(kek, sealed)),
            counters: Counters::default(),
        };
        let mut versions = vec![version(1, MasterKeyOf::Smso, smso, v1.smso)];
        versions.extend(v1.dco.map(|sealed| version(2, MasterKeyOf::Dco, dco, sealed)));
        Package { set: v1.set, chf: v1.chf, device: v1.device, kind: DeviceKind::Esme, versions, replacing: None }
    }
}

/// The record's key. A device has a package of its own under each set: what a later set brings never takes the place of a
/// master key that an earlier one may still need on its way back.
#[must_use]
pub fn key(device: DeviceId, set: SetId) -> String {
    format!("{device}/{set}")
}

fn new_key() -> Result<SecretBytes, DcoFault> {
    let mut bytes = vec![0; KEY_BYTES];
    let made = aws_lc_rs::rand::fill(&mut bytes);
    let key = SecretBytes::new(bytes);
    made.map(|()| key).map_err(|_| DcoFault::Crypto("random"))
}
