//! What the S1SP keeps of the firmware image that a device was last sent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Digest, SetId};
use tern_store::{Expect, Put, Record, StoreView, for_each_under};

use crate::fault::ServiceFault;

/// Kind of the store's records, by device.
const KIND: &str = "firmware";
/// Version of their bodies.
const VERSION: u16 = 1;

/// How far an image is at its device, as far as the S1SP was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "standing")]
pub enum Standing {
    /// Blocks are on their way.
    Sending,
    /// The device has every block and looks at the image.
    Verifying,
    /// The device found the image as it should be.
    Verified,
    /// The device does not accept it, or could not bring it into use.
    NotAccepted {
        /// In its words.
        why: String,
    },
    /// The device was, or may have been, told to use it.
    Activating,
    /// The device runs it.
    InUse {
        /// The version that the device tells.
        version: String,
    },
}

/// A firmware image on its way to a device, or there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirmwareRecord {
    /// The device.
    pub device: DeviceId,
    /// What it is.
    pub kind: DeviceKind,
    /// Its hub.
    pub chf: ChfIdentifier,
    /// The set by which it came to the DCC.
    pub set: SetId,
    /// What the image is called.
    pub identifier: String,
    /// Its bytes.
    pub size: u32,
    /// SHA-256 of them.
    pub digest: Digest,
    /// Whether any of it may have reached the device.
    pub begun: bool,
    /// Blocks that the device has, as it last said.
    pub blocks_there: u32,
    /// All blocks; 0 where the device was not asked yet.
    pub blocks: u32,
    /// How far it is.
    #[serde(flatten)]
    pub standing: Standing,
    /// When that was last heard.
    pub updated: Timestamp,
}

impl FirmwareRecord {
    /// What the store holds of a device.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn find(store: &dyn StoreView, device: DeviceId) -> Result<Option<FirmwareRecord>, ServiceFault> {
        store.get(KIND, &device.to_string())?.map(|record| FirmwareRecord::read(&record)).transpose()
    }

    /// All that the store holds, in the order of Device IDs.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn all(store: &dyn StoreView) -> Result<Vec<FirmwareRecord>, ServiceFault> {
        let mut all = Vec::new();
        for_each_under(store, KIND, "", |record| {
            all.push(FirmwareRecord::read(record)?);
            Ok::<_, ServiceFault>(())
        })?;
        Ok(all)
    }

    fn read(record: &Record) -> Result<FirmwareRecord, ServiceFault> {
        if record.version != VERSION {
            return Err(ServiceFault::Body(format!("firmware record of version {}", record.version)));
        }
        serde_json::from_slice(&record.body).map_err(ServiceFault::body)
    }

    pub(super) fn put(&self) -> Result<Put, ServiceFault> {
        let body = serde_json::to_vec(self).map_err(ServiceFault::body)?;
        Ok(Put { kind: KIND, key: self.device.to_string(), expect: Expect::Any, version: VERSION, body })
    }

    /// Whether the device may be in the middle of something with it.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        match self.standing {
            Standing::Sending => self.begun,
            Standing::Verifying | Standing::Activating => true,
            Standing::Verified | Standing::NotAccepted { .. } | Standing::InUse { .. } => false,
        }
    }
}
