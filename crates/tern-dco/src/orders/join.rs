//! The Join commands of commissioning: a key package for each device that is to have one (CO3).

use jiff::civil::Date;
use tern_model::{DeviceId, DeviceKind, london_day};
use tern_wire::role_link::{DcoOrder, DcoReply, MasterKeyOf};

use super::desk::Open;
use super::{Dco, Desk, Told};
use crate::fault::DcoFault;
use crate::package::{Package, PackageState};
use crate::refusal::Refused;
use crate::site::Site;

/// Whether a Join on that day makes a key package for a device of that kind (P but for the PPMID, S000 7.1). The ESME's was
/// made of its migration file; a GPF and an IHD obey no Critical Command.
#[must_use]
pub fn has_package(kind: DeviceKind, day: Date, system_change: Date) -> bool {
    match kind {
        DeviceKind::Esme | DeviceKind::Gsme | DeviceKind::Chf => true,
        DeviceKind::Ppmid => day >= system_change,
        DeviceKind::Gpf | DeviceKind::Ihd => false,
    }
}

impl Dco {
    pub(super) fn join(&self, order: &DcoOrder, desk: &mut Desk<'_>, devices: &[(DeviceId, DeviceKind)]) -> Told {
        // A release before this one judged the set and did not write its devices down: `tern dco backfill` will.
        let Some(site) = Site::find(desk.store, order.set, order.chf)? else { return Ok(Ok(DcoReply::Done)) };
        if let Some((device, kind)) = devices.iter().find(|device| !site.devices.contains(device)) {
            let reason = format!("the file set names no {kind} {device} in this installation");
            return Ok(Err(Refused::DualControl.because(reason)));
        }
        let state = match desk.held(order)?.package.in_force() {
            MasterKeyOf::Dco => PackageState::Active,
            MasterKeyOf::Smso => PackageState::New,
        };
        let day = london_day(desk.now);
        for (device, kind) in devices {
            if *kind == DeviceKind::Esme || !has_package(*kind, day, self.settings.system_change) {
                continue;
            }
            if desk.package(*device, order.set)?.is_none() {
                desk.insert(Package::of_join(order.set, order.chf, (*device, *kind), state, &self.custody)?);
                desk.note(&DcoOrder { device: *device, ..order.clone() }, "key package made by a Join");
            }
        }
        Ok(Ok(DcoReply::Done))
    }
}

impl Desk<'_> {
    /// Does something with every package of the installation but the ESME's.
    pub(super) fn with_joined(&mut self, order: &DcoOrder, act: impl Fn(&mut Package) -> bool) -> Result<(), DcoFault> {
        let Some(site) = Site::find(self.store, order.set, order.chf)? else { return Ok(()) };
        for (device, kind) in site.devices {
            if kind == DeviceKind::Esme {
                continue;
            }
            if let Some(Open { package, changed, .. }) = self.package(device, order.set)? {
                *changed |= act(package);
            }
        }
        Ok(())
    }
}
