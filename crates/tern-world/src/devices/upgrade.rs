//! A device that its SMSO upgrades by its own means, before migration.

use jiff::Timestamp;
use tern_model::{ChfIdentifier, DeviceId};

use super::changes::{Change, digest};
use super::effects::{EffectRecord, LogRecord};
use super::installation::NewKeys;
use super::world::World;
use crate::WorldError;

/// The operation's name in the effect log.
const OPERATION: &str = "smso-firmware";

impl World {
    /// Has a device run a firmware version from now on; one that runs it already is left alone. `key` names the order.
    ///
    /// # Errors
    /// There is no such device, or the log refuses.
    pub fn run_firmware(
        &self,
        chf: ChfIdentifier,
        device: DeviceId,
        firmware: &str,
        key: &str,
    ) -> Result<(), WorldError> {
        let none = || WorldError::Order { reason: format!("hub {chf} has no simulated device {device}") };
        let mut slot = self.slot(chf).ok_or_else(none)?;
        let runs = slot.installation.model_of(device, Timestamp::MAX).ok_or_else(none)?.firmware;
        if runs == firmware {
            return Ok(());
        }
        let change = Change::Firmware { device, from: runs, to: firmware.to_owned() };
        self.log.append(&LogRecord::Effect(EffectRecord {
            chf,
            key: key.to_owned(),
            row: OPERATION.to_owned(),
            device: Some(device),
            content: digest(&[OPERATION.as_bytes(), firmware.as_bytes()]),
            change: change.clone(),
        }))?;
        slot.installation.apply(&change, NewKeys::None).map_err(|reason| WorldError::Order { reason })
    }
}
