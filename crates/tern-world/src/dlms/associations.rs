//! Which associations each device opens, to which client, at which logical device: its model's own table, where there is one.
//!
//! What stands in no table is as `docs/design/devices.md` says. GPF and PPMIDs always are.

use tern_model::{ApplicationAssociation, Authentication, ConfiguredAssociations, ContextForm, DeviceId, DeviceModel};

use super::access::Client;
use super::request::Addressed;
use super::{client, server};
use crate::devices::Installation;

/// An association that a device opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// How it is opened.
    pub authentication: Authentication,
    /// The client's address.
    pub client: u16,
    /// The logical device's.
    pub server: u16,
    /// How protected messages are written in it.
    pub form: ContextForm,
}

impl Door {
    const fn own(authentication: Authentication, client: u16, server: u16) -> Door {
        Door { authentication, client, server, form: ContextForm::GeneralGlo }
    }

    /// In what standing its client is.
    pub(super) fn standing(self) -> Client {
        match self.authentication {
            Authentication::Public => Client::Public,
            Authentication::LowLevel => Client::LowLevel,
            Authentication::HlsGmac => Client::Management,
            Authentication::PreEstablished => Client::Critical,
        }
    }
}

/// The ESME's, where its model has no table.
const ESME: [Door; 4] = [
    Door::own(Authentication::Public, client::PUBLIC, server::ESME),
    Door::own(Authentication::HlsGmac, client::MANAGEMENT, server::ESME),
    Door::own(Authentication::LowLevel, client::LOW_LEVEL, server::ESME),
    Door::own(Authentication::PreEstablished, client::CRITICAL, server::ESME),
];

/// What a device of an installation opens.
pub(super) fn doors(configured: &ConfiguredAssociations, of: Addressed, installation: &Installation) -> Vec<Door> {
    let public = |server| vec![Door::own(Authentication::Public, client::PUBLIC, server)];
    let table = |model: &DeviceModel| {
        let associations = &configured.of(model)?.associations;
        let door = |one: &ApplicationAssociation| Door {
            authentication: one.authentication,
            client: one.client,
            server: one.logical_device,
            form: one.form.unwrap_or_default(),
        };
        Some(associations.iter().map(door).collect())
    };
    match of {
        Addressed::Esme => table(&installation.esme.model).unwrap_or_else(|| ESME.to_vec()),
        Addressed::Chf => table(&installation.hub.model).unwrap_or_else(|| public(server::CHF)),
        Addressed::Gpf => public(server::GPF),
        Addressed::Gsme => {
            let gsme = installation.gsme.as_ref();
            gsme.map_or_else(Vec::new, |gsme| table(&gsme.model).unwrap_or_else(|| public(server::GSME)))
        }
        Addressed::Ppmid(nth) if nth < installation.ppmids.len() => {
            public(server::PPMID.saturating_add(u16::try_from(nth).unwrap_or(u16::MAX)))
        }
        Addressed::Ppmid(_) => Vec::new(),
    }
}

/// The device at a logical device's address, with all that it opens; none where there is no device.
pub(super) fn at(
    configured: &ConfiguredAssociations,
    server: u16,
    installation: &Installation,
) -> Option<(Addressed, Vec<Door>)> {
    devices(installation)
        .map(|device| (device, doors(configured, device, installation)))
        .find(|(_, doors)| doors.iter().any(|door| door.server == server))
}

/// What a device opens, by its Device ID; none where the installation has no such device.
#[must_use]
pub fn doors_of(
    configured: &ConfiguredAssociations,
    installation: &Installation,
    device: DeviceId,
) -> Option<Vec<Door>> {
    let of = devices(installation).find(|of| of.id(installation) == device)?;
    Some(doors(configured, of, installation))
}

fn devices(installation: &Installation) -> impl Iterator<Item = Addressed> + use<> {
    let gsme = installation.gsme.iter().map(|_| Addressed::Gsme).next();
    let own = [Addressed::Esme, Addressed::Chf, Addressed::Gpf].into_iter();
    own.chain(gsme).chain((0..installation.ppmids.len()).map(Addressed::Ppmid))
}
