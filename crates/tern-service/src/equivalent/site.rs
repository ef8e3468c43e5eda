//! The installation of a device, and the way to it for one conversation.

use tern_cohorts::{Addressee, Cohort, Keys, Site, SiteAssociations};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, GroupId, OutcomeKind, SetId};
use tern_store::{Expect, Put, StoreView};

use super::RequestDesk;
use crate::executor::standing::STANDING;
use crate::executor::{InstallationRecord, KIND, Numbers, count_on, key_of};
use crate::fault::ServiceFault;
use crate::lanes::{Connect, S1spIdentity};
use crate::overview;

/// Under which record a device's installation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) chf: ChfIdentifier,
    pub(super) set: SetId,
}

/// A device, its installation, and what opens it.
pub(super) struct Place {
    pub(super) device: DeviceId,
    pub(super) kind: DeviceKind,
    pub(super) who: Addressee,
    pub(super) found: Found,
    pub(super) associations: SiteAssociations,
    pub(super) installation: InstallationRecord,
    pub(super) generation: u64,
    pub(super) keys: Keys,
}

impl Place {
    pub(super) fn group(&self) -> GroupId {
        self.found.set.group
    }

    pub(super) fn cohort(&self) -> &'static dyn Cohort {
        tern_cohorts::cohort(self.group())
    }

    /// Gives numbers away, with the change that must be durable before they are used; none where they are used up.
    pub(super) fn reserve(&mut self) -> Result<Option<(Numbers, Put)>, ServiceFault> {
        let Some(numbers) = self.installation.reserve() else { return Ok(None) };
        let put = self.installation.put(Expect::Generation(self.generation))?;
        self.generation += 1;
        Ok(Some((numbers, put)))
    }
}

/// The devices of an installation that may be asked something.
fn devices_of(record: &InstallationRecord) -> impl Iterator<Item = DeviceId> + '_ {
    let plan = &record.plan;
    let gsme = plan.gsme.as_ref().map(|gsme| gsme.expected.device);
    let others = plan.others.iter().map(|(device, _)| *device);
    [plan.esme.device, plan.chf.into()].into_iter().chain(gsme).chain(others)
}

impl RequestDesk<'_> {
    /// The installation of a device, by the index alone; none where this S1SP serves it in none.
    pub(super) fn chf_of(&self, device: DeviceId) -> Result<Option<ChfIdentifier>, ServiceFault> {
        if self.indexed(device).is_none() {
            self.look_anew()?;
        }
        Ok(self.indexed(device).map(|found| found.chf))
    }

    /// The device's place in an installation that is commissioned; none where this S1SP serves it in none.
    pub(super) fn place_of(&self, device: DeviceId) -> Result<Option<Place>, ServiceFault> {
        for anew in [false, true] {
            if anew {
                self.look_anew()?;
            }
            let Some(found) = self.indexed(device) else { continue };
            if let Some(place) = self.opened(device, found)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    fn opened(&self, device: DeviceId, found: Found) -> Result<Option<Place>, ServiceFault> {
        let view = self.with.ledger.view();
        let Some(record) = view.get(KIND, &key_of(found.chf, found.set))? else { return Ok(None) };
        let (generation, mut installation) = (record.generation, InstallationRecord::read(&record)?);
        let commissioned = installation.migration.outcome().map(|outcome| outcome.kind());
        let Some((kind, Some(who))) = Addressee::of(&installation.plan, device) else { return Ok(None) };
        if commissioned != Some(OutcomeKind::Commissioned) {
            return Ok(None);
        }
        count_on(view, &mut installation)?;
        let keys = installation.keys.open(&self.with.seal, &installation.plan)?;
        let associations = SiteAssociations::of(&self.associations, &installation.plan);
        Ok(Some(Place { device, kind, who, found, associations, installation, generation, keys }))
    }

    /// Finds every device of what is commissioned: once, and when one is asked for that was not there then.
    fn look_anew(&self) -> Result<(), ServiceFault> {
        let mut index = std::collections::HashMap::new();
        for record in overview::marked(self.with.ledger.view(), STANDING) {
            let record = record?;
            let commissioned = record.migration.outcome().map(|outcome| outcome.kind());
            if commissioned == Some(OutcomeKind::Commissioned) {
                let found = Found { chf: record.plan.chf, set: record.plan.set };
                index.extend(devices_of(&record).map(|device| (device, found)));
            }
        }
        *self.index() = index;
        Ok(())
    }

    /// Hands the installation over, under these numbers.
    pub(super) fn at<T>(
        &self,
        (place, connect): (&Place, &Connect),
        numbers: Numbers,
        body: impl FnOnce(&mut Site<'_>) -> T,
    ) -> T {
        let plan = &place.installation.plan;
        let identity = S1spIdentity { signer: self.with.signer.clone(), trust: self.with.trusted.now() };
        let line = || connect(plan.chf);
        let opening = numbers.open(place.associations, &place.keys);
        body(&mut Site::of(plan.into(), opening, &identity, &line))
    }
}
