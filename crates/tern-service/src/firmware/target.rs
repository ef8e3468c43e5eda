//! The device that an image is for: one of an installation that this S1SP commissioned, and that takes images.

use tern_cohorts::device::Whose;
use tern_cohorts::{Addressee, Recipient, SiteAssociations};
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
            let Some((kind, who)) = Addressee::of(&installation.plan, device) else { continue };
            let outcome = installation.migration.outcome().map(|outcome| outcome.kind());
            if outcome != Some(OutcomeKind::Commissioned) {
                elsewhere = Some((installation.plan.chf, outcome));
                continue;
            }
            let Some(to) = who.and_then(recipient) else {
                let what = format!("{device} is a {kind}, which takes no firmware from the S1SP");
                return Err(refused(what, "meters, hubs and PPMIDs do"));
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

/// How a device takes images, where it does.
fn recipient(who: Addressee) -> Option<Recipient> {
    match who {
        Addressee::Esme => Some(Recipient::Esme(Whose::S1sp)),
        Addressee::Hub => Some(Recipient::Hub),
        Addressee::Gsme => Some(Recipient::Gsme),
        Addressee::Ppmid { device, nth } => Some(Recipient::Ppmid { device, nth }),
        Addressee::Gpf { .. } => None,
    }
}
