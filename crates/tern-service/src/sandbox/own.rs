//! Which devices are a User's own: those for which it is registered today, as access control asks.

use jiff::Timestamp;
use serde::Serialize;
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Mpxn, PartyId, UserRole};

use super::{PlayFault, Playground};
use crate::fault::ServiceFault;
use crate::gateway::known::Known;
use crate::parties::inventory::{self, InventoryEntry};

/// A service that every User may ask for; which it is does not matter here.
const ANY_SRV: &str = "8.2";

/// A device of a User.
pub(super) struct Own {
    pub(super) entry: InventoryEntry,
    pub(super) chf: ChfIdentifier,
    pub(super) roles: Vec<UserRole>,
}

impl Own {
    /// Whether the User is its registered supplier, and not its network operator alone.
    pub(super) fn is_supplied(&self) -> bool {
        self.roles.iter().any(|role| matches!(role, UserRole::Is | UserRole::Es | UserRole::Gs))
    }
}

/// A device as it is told.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    cohort: String,
    group: String,
    installation: ChfIdentifier,
    device: DeviceId,
    kind: DeviceKind,
    metering_point: Option<Mpxn>,
    roles: Vec<&'static str>,
    faults: Vec<PlayFault>,
}

impl Told {
    /// A device with the faults that stand; none where no migration put it in.
    pub(super) fn of(own: Own, devices: &dyn Playground) -> Option<Told> {
        let group = own.entry.held_by()?.group;
        Some(Told {
            cohort: group.cohort().value.name().to_owned(),
            group: group.to_string(),
            installation: own.chf,
            device: own.entry.device,
            kind: own.entry.kind,
            roles: own.roles.iter().map(|role| role.as_str()).collect(),
            faults: devices.standing(own.chf, own.entry.kind),
            metering_point: own.entry.mpxn,
        })
    }
}

/// A device, where it is the User's own.
pub(super) fn device(
    known: &Known<'_>,
    device: DeviceId,
    (user, at): (PartyId, Timestamp),
) -> Result<Option<Own>, ServiceFault> {
    let Some((target, entry)) = known.device(device, (user, ANY_SRV), at)? else { return Ok(None) };
    let own = entry.chf.filter(|_| !target.registered.is_empty());
    Ok(own.map(|chf| Own { entry, chf, roles: target.registered }))
}

/// All devices of a User, in the order of their Device IDs.
pub(super) fn devices(known: &Known<'_>, user: (PartyId, Timestamp)) -> Result<Vec<Own>, ServiceFault> {
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = inventory::page(known.view, after.as_deref())?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after = Some(last.clone());
        for (_, entry) in &page {
            all.extend(device(known, entry.device, user)?);
        }
    }
}

/// The devices of an installation that are the User's, and whether every meter of it is.
pub(super) fn of_installation(
    known: &Known<'_>,
    chf: ChfIdentifier,
    user: (PartyId, Timestamp),
) -> Result<(Vec<Own>, bool), ServiceFault> {
    let (mut own, mut whole) = (Vec::new(), true);
    for entry in inventory::of_hub(known.view, chf)?.iter().filter(|entry| entry.is_held()) {
        let mine = device(known, entry.device, user)?;
        whole &= mine.is_some() || !matches!(entry.kind, DeviceKind::Esme | DeviceKind::Gsme);
        own.extend(mine);
    }
    Ok((own, whole))
}
