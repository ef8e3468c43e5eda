//! What devices open to the DCC where `tern.toml` says nothing of their model: of every cohort whose table names no other (P;
//! `docs/design/devices.md`).

use std::borrow::Cow;

use tern_model::{ApplicationAssociation, Authentication, DeviceKind};

const fn association(
    name: &'static str,
    (client, logical_device): (u16, u16),
    authentication: Authentication,
) -> ApplicationAssociation {
    ApplicationAssociation { name: Cow::Borrowed(name), client, logical_device, authentication, form: None }
}

/// By the kind of device. Of several PPMIDs the first is here; the others follow.
pub(crate) static ASSOCIATIONS: &[(DeviceKind, &[ApplicationAssociation])] = &[
    (
        DeviceKind::Esme,
        &[
            association("{model}-PUBLIC", (16, 1), Authentication::Public),
            association("{model}-HLS", (1, 1), Authentication::HlsGmac),
            association("{model}-LLS", (2, 1), Authentication::LowLevel),
            association("{model}-CRITICAL", (3, 1), Authentication::PreEstablished),
        ],
    ),
    (DeviceKind::Chf, &[association("{model}-PUBLIC", (16, 2), Authentication::Public)]),
    (DeviceKind::Gpf, &[association("{model}-PUBLIC", (16, 3), Authentication::Public)]),
    (DeviceKind::Gsme, &[association("{model}-PUBLIC", (16, 4), Authentication::Public)]),
    (DeviceKind::Ppmid, &[association("{model}-PUBLIC", (16, 5), Authentication::Public)]),
];
