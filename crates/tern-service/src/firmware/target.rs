//! The device that an image is for: one of an installation that this S1SP commissioned, and that takes images.

use tern_cohorts::device::Whose;
use tern_cohorts::{Recipient, SiteAssociations};
use tern_model::{DeviceId, DeviceKind, KnownAssociations, OutcomeKind};
use tern_store::StoreView;

use crate::executor::standing::STANDING;
use crate::executor::{InstallationRecord, KIND};
use crate::fault::ServiceFault;
use crate::overview;

/// A device that takes images.
pub(super) struct Target {
    pub(super) device: DeviceId,
    pub(super) kind: DeviceKind,
    pub(super) to: Recipient,
    /// Where the associations of the installation's devices are.
    pub(super) associations: SiteAssociations,
    pub(super) installation: InstallationRecord,
    /// Of the installation's record.
    pub(super) generation: u64,
}

impl Target {
    /// Finds the device among the installations that were instructed.
    ///
    /// # Errors
    /// It is none of theirs, its installation is not commissioned, or it takes no images.
    pub(super) fn find(
        store: &dyn StoreView,
        known: &KnownAssociations,
        device: DeviceId,
    ) -> Result<Target, ServiceFault> {
        let refused = |what: String, next: &str| ServiceFault::Refused { what, suggestion: next.to_owned() };
        let mut elsewhere = None;
        for record in overview::marked(store, STANDING) {
            let installation = record?;
            let Some((kind, to)) = of_installation(&installation, device) else { continue };
            let outcome = installation.migration.outcome().map(|outcome| outcome.kind());
            if outcome != Some(OutcomeKind::Commissioned) {
                elsewhere = Some((installation.plan.chf, outcome));
                continue;
            }
            let Some(to) = to else {
                let what = format!("{device} is a {kind}, which takes no firmware from the S1SP");
                return Err(refused(what, "ESMEs, hubs and PPMIDs do"));
            };
            let missing = || ServiceFault::Body(format!("the record of {} is gone", installation.key()));
            let generation = store.get(KIND, &installation.key())?.ok_or_else(missing)?.generation;
            let associations = SiteAssociations::of(known, &installation.plan);
            return Ok(Target { device, kind, to, associations, installation, generation });
        }
        Err(match elsewhere {
            Some((chf, outcome)) => {
                let how = outcome.map_or_else(|| "not at rest".to_owned(), |outcome| outcome.to_string());
                let what =
                    format!("{device} belongs to the installation of CHF {chf}, which is {how}, not commissioned");
                refused(what, "firmware goes to what the DCC operates; `tern status --chf` says more")
            }
            None => refused(
                format!("{device} belongs to no installation that this S1SP commissioned"),
                "check the Device ID: `tern inventory HUB` shows a hub with the devices behind it",
            ),
        })
    }
}

/// What a device is to an installation, and how it takes images; nothing where it is none of its own.
fn of_installation(record: &InstallationRecord, device: DeviceId) -> Option<(DeviceKind, Option<Recipient>)> {
    let plan = &record.plan;
    if plan.esme.device == device {
        return Some((DeviceKind::Esme, Some(Recipient::Esme(Whose::S1sp))));
    }
    if DeviceId::from(plan.chf) == device {
        return Some((DeviceKind::Chf, Some(Recipient::Hub)));
    }
    if plan.gsme.as_ref().is_some_and(|gsme| gsme.expected.device == device) {
        return Some((DeviceKind::Gsme, None));
    }
    let (_, kind) = plan.others.iter().find(|(other, _)| *other == device)?;
    let mut ppmids = plan.others.iter().filter(|(_, kind)| *kind == DeviceKind::Ppmid);
    let nth = ppmids.position(|(ppmid, _)| *ppmid == device).and_then(|nth| u16::try_from(nth).ok());
    Some((*kind, nth.map(|nth| Recipient::Ppmid { device, nth })))
}
