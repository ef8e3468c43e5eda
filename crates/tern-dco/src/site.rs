//! An installation as the DCO knows it: the devices that the verified Common File names. Joins are held against it.

use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, ChfIdentifier, DeviceId, DeviceKind, Mpxn, SetId};
use tern_store::{Expect, Put, Record, StoreView};

use crate::fault::DcoFault;
use crate::package::{self, Package};

const VERSION: u16 = 1;

/// An installation under the set with which the DCO consented to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The set.
    pub set: SetId,
    /// The installation.
    pub chf: ChfIdentifier,
    /// Its devices, the ESME and the CHF among them.
    pub devices: Vec<(DeviceId, DeviceKind)>,
    /// The metering point of its electricity supply, by which its supplier is known; none in records of earlier releases.
    #[serde(default)]
    pub import_mpan: Option<Mpxn>,
    /// The metering point of its gas supply; none where there is no gas meter, and in records of earlier releases.
    #[serde(default)]
    pub mprn: Option<Mpxn>,
    /// Of each meter: whose credentials it came with, by the certificates that the Common File names; none in records of earlier
    /// releases.
    #[serde(default)]
    pub certificates: Vec<MeterCertificates>,
}

/// The certificates under which critical requests for a meter are signed when it comes to the DCC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterCertificates {
    /// The meter.
    pub device: DeviceId,
    /// CriticalSupplierCertificateID.
    pub supplier: CertificateId,
    /// CriticalNetworkOperatorCertificateID.
    pub network_operator: CertificateId,
}

impl Site {
    /// Kind of the store's records; their keys are `{set}/{CHFIdentifier}`.
    pub const KIND: &str = "site";

    /// The change that stores it.
    ///
    /// # Errors
    /// The body cannot be written.
    pub fn put(&self) -> Result<Put, DcoFault> {
        let body = serde_json::to_vec(self).map_err(DcoFault::unreadable)?;
        Ok(Put { kind: Site::KIND, key: key(self.set, self.chf), expect: Expect::Any, version: VERSION, body })
    }

    /// Reads a record.
    ///
    /// # Errors
    /// It is not one of this release.
    pub fn read(record: &Record) -> Result<Site, DcoFault> {
        if record.version != VERSION {
            return Err(DcoFault::unreadable(format!("site of version {}", record.version)));
        }
        serde_json::from_slice(&record.body).map_err(DcoFault::unreadable)
    }

    /// An installation under a set, where it was written down: releases before this one did not.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn find(store: &dyn StoreView, set: SetId, chf: ChfIdentifier) -> Result<Option<Site>, DcoFault> {
        store.get(Site::KIND, &key(set, chf))?.map(|record| Site::read(&record)).transpose()
    }

    /// Its ESME.
    #[must_use]
    pub fn esme(&self) -> Option<DeviceId> {
        self.of_kind(DeviceKind::Esme).next()
    }

    /// Its devices of a kind.
    pub fn of_kind(&self, kind: DeviceKind) -> impl Iterator<Item = DeviceId> {
        self.devices.iter().filter(move |(_, k)| *k == kind).map(|(device, _)| *device)
    }

    /// The key package of one of its devices.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn package(&self, store: &dyn StoreView, device: DeviceId) -> Result<Option<(Package, u64)>, DcoFault> {
        let Some(record) = store.get(package::KIND, &package::key(device, self.set))? else { return Ok(None) };
        Ok(Some((Package::read(&record)?, record.generation)))
    }
}

fn key(set: SetId, chf: ChfIdentifier) -> String {
    format!("{set}/{chf}")
}
