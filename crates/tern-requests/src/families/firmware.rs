//! Firmware: images for many devices, and their activation on one.

use tern_model::{DeviceId, DeviceKind, Digest};
use tern_wire::duis::Draft;

use super::{Family, Order, Said, Work, needed, not_kept, status};
use crate::refusal::Refusal;
use crate::registry::Srv;
use crate::task::{Task, TaskAnswer};

pub(super) static FAMILY: Family = Family { name: "firmware", srvs: &["11.1", "11.3"], plan, content };

/// An image for many devices.
#[derive(Clone, PartialEq, Eq)]
pub struct FirmwareUpdate {
    /// The image.
    pub image: Vec<u8>,
    /// The version that it is.
    pub version: String,
    /// The devices, as listed, each once.
    pub devices: Vec<DeviceId>,
}

impl std::fmt::Debug for FirmwareUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} bytes for {} devices", self.version, self.image.len(), self.devices.len())
    }
}

fn plan(order: &Order<'_>) -> Result<Work, Refusal> {
    if order.srv.number == "11.1" { update(order).map(Work::Firmware) } else { activate(order).map(Work::Device) }
}

fn update(order: &Order<'_>) -> Result<FirmwareUpdate, Refusal> {
    let body = order.body;
    let list = needed(body.text_at("DeviceIDList"), "DeviceIDList")?;
    let mut devices: Vec<DeviceId> = Vec::new();
    let mut listed = std::collections::BTreeSet::new();
    for text in list.split(',') {
        let device = needed(text.parse().ok(), "DeviceIDList")?;
        if listed.insert(device) {
            devices.push(device);
        }
    }
    Ok(FirmwareUpdate {
        image: needed(body.child("FirmwareImage").and_then(|image| image.base64()), "FirmwareImage")?,
        version: needed(body.text_at("FirmwareVersion"), "FirmwareVersion")?.to_owned(),
        devices,
    })
}

fn activate(order: &Order<'_>) -> Result<Task, Refusal> {
    let hash = needed(order.body.child("FirmwareHash").and_then(|hash| hash.hex()), "FirmwareHash")?;
    let digest = <[u8; 32]>::try_from(hash).map_err(|_| not_kept("FirmwareHash is no SHA-256"))?;
    Ok(Task::ActivateFirmware { digest: Digest(digest) })
}

/// A failure's number is ours (P). Of an activation that succeeded the version is told where the device told it.
fn content(_: &Srv, _: DeviceKind, said: Said<'_>) -> Vec<Draft> {
    let code = |code, word| status("ActivateImageResponseCode", code, word);
    match said {
        Said::Obeyed(TaskAnswer::Firmware { model }) => {
            vec![code(0, "success"), Draft::leaf("FirmwareVersion", &model.firmware)]
        }
        Said::Obeyed(_) => vec![code(0, "success")],
        Said::Refused => vec![code(3, "activationFailure")],
    }
}
