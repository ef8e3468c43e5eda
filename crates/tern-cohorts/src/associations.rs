//! Where each association of an installation's devices is (Application Association G, Table B1).
//!
//! It is looked up once for an order, from what is configured and from the cohort's own table, and must never be guessed: an
//! association that no table names is one that the model does not open.

use tern_model::{
    ApplicationAssociation, Authentication, CohortAssociations, ConfiguredAssociations, ContextForm, DeviceKind,
    DeviceModel, GroupId, KnownAssociations,
};

use crate::Plan;

/// What is configured, with every cohort's own table.
#[must_use]
pub fn associations(configured: ConfiguredAssociations) -> KnownAssociations {
    let mut cohorts: Vec<CohortAssociations> = Vec::new();
    for group in GroupId::ALL {
        let cohort = group.cohort().value;
        if !cohorts.iter().any(|known| known.cohort == cohort) {
            cohorts.push(CohortAssociations { cohort, devices: crate::cohort(group).associations() });
        }
    }
    KnownAssociations { configured, cohorts }
}

/// One association, as the wrapper addresses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// The client's address.
    pub client: u16,
    /// The logical device's.
    pub logical_device: u16,
    /// How protected messages are written in it.
    pub form: ContextForm,
}

/// What one device opens to the DCC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeviceAssociations {
    /// To everybody.
    pub public: Option<Opened>,
    /// To the holder of the HighLevelAssociation's keys.
    pub management: Option<Opened>,
    /// To the DCO.
    pub critical: Option<Opened>,
}

impl DeviceAssociations {
    /// Of a table's associations, those that the S1SP uses.
    #[must_use]
    pub fn of(table: &[ApplicationAssociation]) -> DeviceAssociations {
        let find = |authentication| {
            let found = table.iter().find(|one| one.authentication == authentication)?;
            let ApplicationAssociation { client, logical_device, form, .. } = *found;
            Some(Opened { client, logical_device, form: form.unwrap_or_default() })
        };
        DeviceAssociations {
            public: find(Authentication::Public),
            management: find(Authentication::HlsGmac),
            critical: find(Authentication::PreEstablished),
        }
    }
}

/// What an installation's devices open to the DCC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteAssociations {
    /// The ESME.
    pub esme: DeviceAssociations,
    /// The hub.
    pub chf: DeviceAssociations,
    /// The GPF in it.
    pub gpf: DeviceAssociations,
    /// The GSME.
    pub gsme: DeviceAssociations,
    /// The first PPMID; the others follow at the next addresses.
    pub ppmid: DeviceAssociations,
}

impl SiteAssociations {
    /// Of an installation.
    #[must_use]
    pub fn of(known: &KnownAssociations, plan: &Plan) -> SiteAssociations {
        let gsme = plan.gsme.as_ref().map(|gsme| &gsme.expected.model);
        SiteAssociations::of_models(known, plan.set.group, [Some(&plan.esme.model), plan.chf_model.as_ref(), gsme])
    }

    /// Of an installation whose ESME, hub and GSME are of these models, as far as that is known.
    #[must_use]
    pub fn of_models(
        known: &KnownAssociations,
        group: GroupId,
        [esme, chf, gsme]: [Option<&DeviceModel>; 3],
    ) -> SiteAssociations {
        let of = |kind, model| DeviceAssociations::of(known.of(group.cohort().value, kind, model));
        SiteAssociations {
            esme: of(DeviceKind::Esme, esme),
            chf: of(DeviceKind::Chf, chf),
            gpf: of(DeviceKind::Gpf, None),
            gsme: of(DeviceKind::Gsme, gsme),
            ppmid: of(DeviceKind::Ppmid, None),
        }
    }
}
