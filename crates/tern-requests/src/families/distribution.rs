//! 11.1: to which of the listed devices an image goes, and what the User is told of the others (DSPUpdateFirmwareWarning).
//!
//! Who may update what is the same question as for 11.3: hub and PPMID by the Electricity Supplier alone, the PPMID by cohort and
//! day (RQ6). A Gas Supplier's hub is told as a device that is not its own.

use tern_model::{Behaviour, DeviceId, DeviceKind, InventoryStatus, UserRole};
use tern_wire::duis::Draft;

use crate::codes::Reason;
use crate::refusal::Refusal;
use crate::stages::access_control::TargetDevice;

/// A device of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub device: DeviceId,
    /// What the inventory and registrations say of it, and what its cohort does otherwise with 11.1 on the day; none where it is not
    /// held.
    pub known: Option<TargetDevice>,
    /// Whether another update of it is under way.
    pub is_busy: bool,
}

/// Why a device is left out: the list of the warning in which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOut {
    /// Not in the inventory, or not the User's to update.
    Invalid,
    /// Not commissioned.
    NotCommissioned,
    /// Its kind, cohort or model takes no such image.
    NotApplicable,
    /// Another update is under way.
    Busy,
}

/// What becomes of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    /// The devices to which the image goes.
    pub to: Vec<DeviceId>,
    /// The others.
    pub left_out: Vec<(DeviceId, LeftOut)>,
}

/// Sorts the list of a request whose image fits devices of some kind.
///
/// # Errors
/// [`Reason::NoDeviceLeft`].
pub fn sort(listed: &[Listed], fits: impl Fn(&Listed) -> bool) -> Result<Distribution, Refusal> {
    let mut sorted = Distribution::default();
    for entry in listed {
        match why_left_out(entry, &fits) {
            None => sorted.to.push(entry.device),
            Some(why) => sorted.left_out.push((entry.device, why)),
        }
    }
    if sorted.to.is_empty() {
        let count = sorted.left_out.len();
        return Err(Refusal::new(Reason::NoDeviceLeft, format!("none of {count} devices can be updated")));
    }
    Ok(sorted)
}

fn why_left_out(entry: &Listed, fits: &impl Fn(&Listed) -> bool) -> Option<LeftOut> {
    let Some(known) = &entry.known else { return Some(LeftOut::Invalid) };
    if !known.registered.iter().any(|role| may_update(known, *role)) {
        return Some(LeftOut::Invalid);
    }
    if known.status != Some(InventoryStatus::Commissioned) {
        return Some(LeftOut::NotCommissioned);
    }
    if !takes_images(known) || !fits(entry) {
        return Some(LeftOut::NotApplicable);
    }
    entry.is_busy.then_some(LeftOut::Busy)
}

/// Whether a supplier in this role may update such a device.
fn may_update(known: &TargetDevice, role: UserRole) -> bool {
    match role {
        UserRole::Is => true,
        UserRole::Gs => !known.behaviours.contains(&Behaviour::ElectricitySupplierAlone),
        _ => false,
    }
}

/// A GPF, a part of its hub, takes none of its own.
fn takes_images(known: &TargetDevice) -> bool {
    let kind = matches!(known.kind, DeviceKind::Esme | DeviceKind::Gsme | DeviceKind::Chf | DeviceKind::Ppmid);
    kind && !known.behaviours.contains(&Behaviour::Unsupported)
}

impl Distribution {
    /// The warning for the User (W110101); none where no device is left out.
    #[must_use]
    pub fn warning(&self) -> Option<Draft> {
        let lists = [
            ("InvalidDeviceIDList", LeftOut::Invalid),
            ("NotCommissionedDeviceIDList", LeftOut::NotCommissioned),
            ("NotApplicableFirmwareDeviceIDList", LeftOut::NotApplicable),
            ("OtherRequestInProgressList", LeftOut::Busy),
        ];
        let list = |(name, why): (&'static str, LeftOut)| {
            let of = self.left_out.iter().filter(|(_, left)| *left == why);
            let ids: Vec<String> = of.map(|(device, _)| device.to_string()).collect();
            (!ids.is_empty()).then(|| Draft::leaf(name, ids.join(",")))
        };
        (!self.left_out.is_empty())
            .then(|| Draft::new("DSPUpdateFirmwareWarning").with_all(lists.into_iter().filter_map(list)))
    }
}
