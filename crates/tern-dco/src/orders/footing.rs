//! What an order stands on after commissioning: whose key package, and who supplies the installation.

use jiff::Timestamp;
use tern_model::{DeviceId, DeviceKind, london_day};
use tern_wire::Sender;
use tern_wire::role_link::{DcoOrder, DcoRequest, MasterKeyOf};

use super::{Desk, Records};
use crate::fault::DcoFault;
use crate::package::{KeyVersion, Package, PackageState};
use crate::site::Site;

/// What is told of an installation that the DCO never noted.
pub(super) const UNKNOWN_SITE: &str =
    "the DCO never noted the devices of this installation: `tern dco backfill` reads them";
/// What is told of an installation whose set a release before this one judged.
const NO_POINT: &str =
    "the DCO never noted which metering point this installation has, so nobody can say who its supplier is";

/// Whose package an order stands on. A hub has no keys of the DCO's: those of the installation's ESME say who operates it.
pub(super) fn keeper(order: &DcoOrder, desk: &Desk<'_>) -> Result<DeviceId, DcoFault> {
    let is_for_any = matches!(order.what, DcoRequest::ActivateFirmware { .. } | DcoRequest::ServiceRequest { .. });
    let of_hub = is_for_any && order.device == order.chf.into();
    let site = if of_hub { Site::find(desk.store, order.set, order.chf)? } else { None };
    Ok(site.and_then(|site| site.esme()).unwrap_or(order.device))
}

/// What is lacking to have a device obey a Critical Command.
pub(super) fn lacking(kind: Option<DeviceKind>, package: &Package) -> Option<String> {
    let active = |v: &KeyVersion| v.state == PackageState::Active && v.kek().is_some();
    match (kind, package.version(MasterKeyOf::Dco)) {
        (None, _) => Some("the file set names no such device in this installation".to_owned()),
        (Some(kind @ (DeviceKind::Gpf | DeviceKind::Ihd)), _) => Some(format!("a {kind} obeys no Critical Command")),
        (Some(_), Some(version)) if active(version) => None,
        (Some(_), _) => Some("the DCO's keys are not in force at this device".to_owned()),
    }
}

/// Why who signed is not the Electricity Supplier whom Registration Data names; none where it is.
pub(super) fn not_supplied_by(
    signer: &Sender,
    site: &Site,
    records: &dyn Records,
    now: Timestamp,
) -> Result<Option<String>, DcoFault> {
    let Some(mpan) = &site.import_mpan else { return Ok(Some(NO_POINT.to_owned())) };
    let day = london_day(now);
    Ok(match records.electricity_supplier(mpan, day).map_err(DcoFault::Records)? {
        Some(supplier) if supplier == signer.party => None,
        Some(supplier) => Some(format!(
            "{} ({}) is not the Electricity Supplier of MPxN {mpan} on {day}: that is {supplier}",
            signer.name, signer.party
        )),
        None => Some(format!("FACTS MISSING: no registration of MPxN {mpan} on {day}")),
    })
}
