//! One simulated installation: what its devices remember, and what a change does to it.
//!
//! Who may change what is not decided here.

use jiff::Timestamp;
use tern_dlms::security::{Key, unwrap_key};
use tern_model::{CertificateId, ChfIdentifier, DeviceId, DeviceModel, PartyId, Secret};
use tern_wire::revised_pin::RevisedPin;
use tern_wire::role_link::AssociationKeys;

use super::changes::{Change, Fingerprint};
use super::effects::{EffectRecord, TransactionRecord};
use super::electricity::Electricity;
use super::hub_key::HubKey;
use super::images::Image;
use super::loads::mixed;
use super::meter::{Measure, Meter};
use crate::hex::unhex;

/// Tells what a gas meter measures from what its neighbour does.
const GAS: u64 = 11;

/// The Communications Hub Function.
#[derive(Debug, Clone)]
pub struct Hub {
    /// Its Device ID, by which the installation is named.
    pub chf: ChfIdentifier,
    /// The Device ID of the Gas Proxy Function in it.
    pub gpf: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The Access Point Name in use.
    pub apn: String,
    /// The CHF Whitelist.
    pub whitelist: Vec<DeviceId>,
    /// The certificate in charge.
    pub certificate: CertificateId,
}

/// The electricity meter.
#[derive(Debug, Clone)]
pub struct Esme {
    /// Its Device ID.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The certificate in charge.
    pub certificate: CertificateId,
    /// The keys of its association.
    pub association: AssociationKeys,
    /// Its master key, under which new keys travel.
    pub master: Secret<16>,
}

/// The gas meter.
#[derive(Debug, Clone)]
pub struct Gsme {
    /// Its Device ID.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The certificate in charge.
    pub certificate: CertificateId,
    /// Its PIN, where it is of a make that has one.
    pub pins: Option<Pins>,
}

/// The gas meter's PIN for functionality not meant for use by Energy Consumers (3.25).
#[derive(Debug, Clone)]
pub struct Pins {
    /// Its PrepaymentKey, under which new PINs travel.
    pub prepayment: Secret<16>,
    /// The PIN in force, with its salt.
    pub in_force: Secret<16>,
    /// The one before, to which it can go back.
    pub before: Option<Secret<16>>,
}

/// An in-home device that may be used to buy energy.
#[derive(Debug, Clone)]
pub struct Ppmid {
    /// Its Device ID.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The certificate in charge.
    pub certificate: CertificateId,
}

/// All devices of one installation with what they remember.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The hub.
    pub hub: Hub,
    /// The electricity meter.
    pub esme: Esme,
    /// The gas meter, where there is one.
    pub gsme: Option<Gsme>,
    /// The PPMIDs.
    pub ppmids: Vec<Ppmid>,
    /// The ESME as a meter.
    pub electricity: Electricity,
    /// The GSME as a meter; of no meaning where there is none.
    pub gas: Meter,
    /// Which device trusts which other one, as they were told one by one.
    pub joined: Vec<(DeviceId, DeviceId)>,
    /// The firmware image that each device was last sent.
    pub(crate) images: Vec<(DeviceId, Image)>,
    /// By which the hub signs what it and the devices behind it answer; a hub without one answers in clear.
    pub hub_key: Option<HubKey>,
    /// The parties that the hub's party in charge authorised; none until it says so: then whom the SMSO authorised (15.2).
    pub(crate) authorised: Option<Vec<PartyId>>,
    /// The highest transaction of the signed requests that the hub heard, for itself or for what is behind it.
    transaction: u64,
}

impl Installation {
    /// Devices that applied nothing yet.
    #[must_use]
    pub fn new(hub: Hub, esme: Esme, gsme: Option<Gsme>, ppmids: Vec<Ppmid>) -> Installation {
        let electricity = Electricity::new(hub.chf.0.0, Timestamp::UNIX_EPOCH);
        let gas = Meter::new(Measure::Gas, mixed(hub.chf.0.0, GAS), Timestamp::UNIX_EPOCH);
        Installation {
            hub,
            esme,
            gsme,
            ppmids,
            electricity,
            gas,
            joined: Vec::new(),
            images: Vec::new(),
            hub_key: None,
            authorised: None,
            transaction: 0,
        }
    }

    /// The same devices as meters of an estate of that seed, which began at that moment.
    #[must_use]
    pub fn measuring_from(self, seed: u64, beginning: Timestamp) -> Installation {
        let seed = mixed(seed, self.hub.chf.0.0);
        let electricity = Electricity::new(seed, beginning);
        let gas = Meter::new(Measure::Gas, mixed(seed, GAS), beginning);
        Installation { electricity, gas, ..self }
    }

    /// A device's model, with the firmware that runs at a moment.
    #[must_use]
    pub fn model_of(&self, device: DeviceId, now: Timestamp) -> Option<DeviceModel> {
        let gsme = self.gsme.iter().map(|gsme| (gsme.device, &gsme.model));
        let ppmids = self.ppmids.iter().map(|ppmid| (ppmid.device, &ppmid.model));
        let own = [(self.hub.chf.into(), &self.hub.model), (self.esme.device, &self.esme.model)];
        let (_, model) = own.into_iter().chain(gsme).chain(ppmids).find(|(known, _)| *known == device)?;
        let running = self.image_of(device).and_then(|image| image.running(now));
        let firmware = running.unwrap_or(&model.firmware).to_owned();
        Some(DeviceModel { firmware, ..model.clone() })
    }

    /// The image that a device was last sent.
    #[must_use]
    pub(crate) fn image_of(&self, device: DeviceId) -> Option<&Image> {
        self.images.iter().find(|(known, _)| *known == device).map(|(_, image)| image)
    }

    /// The certificate in charge of a device; of the GPF, which is a part of the hub, the hub's.
    #[must_use]
    pub fn certificate_of(&self, device: DeviceId) -> Option<&CertificateId> {
        if device == self.hub.chf.into() || device == self.hub.gpf {
            return Some(&self.hub.certificate);
        }
        if device == self.esme.device {
            return Some(&self.esme.certificate);
        }
        let gsme = self.gsme.iter().map(|gsme| (gsme.device, &gsme.certificate));
        let ppmids = self.ppmids.iter().map(|ppmid| (ppmid.device, &ppmid.certificate));
        gsme.chain(ppmids).find(|(known, _)| *known == device).map(|(_, certificate)| certificate)
    }

    /// The highest transaction of the signed requests that the hub heard, for itself or for what is behind it; 0 where it
    /// heard none.
    #[must_use]
    pub fn transaction(&self) -> u64 {
        self.transaction
    }

    /// Remembers a transaction.
    pub(crate) fn remember(&mut self, record: &TransactionRecord) {
        self.transaction = self.transaction.max(record.number);
    }

    /// Has some of the devices measure, owe, supply and run what they did in another state of the same installation. Keys,
    /// certificates, PINs and the numbers that were heard stay: those who hold the other ends of them do not go back.
    pub(super) fn go_back(&mut self, devices: &[DeviceId], then: &Installation) {
        if devices.contains(&self.esme.device) {
            self.electricity = then.electricity.clone();
        }
        if self.gsme.as_ref().is_some_and(|gsme| devices.contains(&gsme.device)) {
            self.gas = then.gas.clone();
        }
        if devices.contains(&self.hub.chf.into()) {
            self.hub.whitelist.clone_from(&then.hub.whitelist);
        }
        let goes = |device: &DeviceId| devices.contains(device);
        self.joined.retain(|(device, _)| !goes(device));
        self.joined.extend(then.joined.iter().filter(|(device, _)| goes(device)));
        self.images.retain(|(device, _)| !goes(device));
        self.images.extend(then.images.iter().filter(|(device, _)| goes(device)).cloned());
    }

    /// Applies an effect that the log holds; what does not fit is told in words.
    pub(super) fn replay(&mut self, effect: &EffectRecord) -> Result<(), String> {
        let keys = self.keys_in(&effect.change)?;
        self.apply(&effect.change, keys)
    }

    /// The new keys of a change, opened under the master key in force.
    pub(crate) fn keys_in(&self, change: &Change) -> Result<NewKeys, String> {
        let open = |wrapped: &str| {
            unhex(wrapped)
                .and_then(|bytes| unwrap_key(&Key::new(*self.esme.master.expose()), &bytes).ok())
                .map(|key| Secret::new(*key.expose()))
                .ok_or("a wrapped key that does not open under the master key in force")
        };
        let or = |wrapped: &str, known: &Secret<16>| if wrapped.is_empty() { Ok(known.clone()) } else { open(wrapped) };
        let known = &self.esme.association;
        Ok(match change {
            Change::AssociationKeys { authentication, encryption, .. } => NewKeys::Association(AssociationKeys {
                authentication: or(authentication, &known.authentication)?,
                encryption: or(encryption, &known.encryption)?,
            }),
            Change::MasterKey { master, .. } => NewKeys::Master(open(master)?),
            Change::Pin { wrapped, .. } => NewKeys::Pin(self.pin_in(&unhex(wrapped).unwrap_or_default())?),
            _ => NewKeys::None,
        })
    }

    /// A revised PIN, opened under the gas meter's key.
    pub(crate) fn pin_in(&self, wrapped: &[u8]) -> Result<RevisedPin, String> {
        let gsme = self.gsme.as_ref().and_then(|gsme| Some((gsme.device, gsme.pins.as_ref()?)));
        let opened = gsme.and_then(|(device, pins)| RevisedPin::unwrapped(wrapped, device, &pins.prepayment));
        opened.ok_or_else(|| "a wrapped PIN that does not open under the gas meter's key".to_owned())
    }

    /// A change of keys that also tells the keys that it brings apart from others; what does not open is told in words.
    pub(crate) fn with_new_fingerprint(&self, mut change: Change) -> Result<Change, String> {
        match (self.keys_in(&change)?, &mut change) {
            (NewKeys::Association(keys), Change::AssociationKeys { to, .. }) => {
                *to = Fingerprint::of_association(&keys)
            }
            (NewKeys::Master(key), Change::MasterKey { to, .. }) => *to = Fingerprint::of_key(&key),
            _ => {}
        }
        Ok(change)
    }

    /// Does a change; what does not fit is told in words.
    pub(crate) fn apply(&mut self, change: &Change, keys: NewKeys) -> Result<(), String> {
        match (change, keys) {
            (Change::Apn { to, .. }, _) => self.hub.apn.clone_from(to),
            (Change::Whitelist { to, .. }, _) => self.hub.whitelist.clone_from(to),
            (Change::Authorised { to }, _) => self.authorised = Some(to.clone()),
            (Change::Certificate { device, to, .. }, _) => match self.certificate_mut(*device) {
                Some(certificate) => certificate.clone_from(to),
                None => return Err(format!("no device {device} behind hub {}", self.hub.chf)),
            },
            (Change::AssociationKeys { .. }, NewKeys::Association(keys)) => self.esme.association = keys,
            (Change::MasterKey { .. }, NewKeys::Master(key)) => self.esme.master = key,
            (Change::Pin { .. }, NewKeys::Pin(pin)) => {
                let pins = self.pins_mut()?;
                pins.before = Some(std::mem::replace(&mut pins.in_force, pin.expose().clone()));
            }
            (Change::PinRestored { .. }, _) => {
                let pins = self.pins_mut()?;
                pins.in_force = pins.before.take().ok_or("a PIN that goes back to none")?;
            }
            (Change::Firmware { device, to, .. }, _) => {
                self.images.retain(|(known, _)| known != device);
                let model = self.model_mut(*device).ok_or_else(|| format!("no device {device}"))?;
                model.firmware.clone_from(to);
            }
            (Change::ImageInitiated { device, identifier, size }, _) => {
                let running = self.model_of(*device, Timestamp::MAX).map(|model| model.firmware);
                let identifier = unhex(identifier).unwrap_or_default();
                let image = Image::initiated(identifier, *size, running.unwrap_or_default());
                self.images.retain(|(known, _)| known != device);
                self.images.push((*device, image));
            }
            (Change::ImageVerified { device, .. } | Change::ImageActivated { device, .. }, _) => {
                let image = self.images.iter_mut().find(|(known, _)| known == device);
                image.ok_or_else(|| format!("no image for {device}"))?.1.apply(change);
            }
            (Change::Joined { device, other }, _) => self.joined.push((*device, *other)),
            (Change::Gas { change }, _) if self.gas.apply(change) => {}
            (change, _) if self.electricity.apply(change) => {}
            _ => return Err("new keys of another kind than the change".to_owned()),
        }
        Ok(())
    }

    fn pins_mut(&mut self) -> Result<&mut Pins, String> {
        let pins = self.gsme.as_mut().and_then(|gsme| gsme.pins.as_mut());
        pins.ok_or_else(|| format!("no gas meter with a PIN behind hub {}", self.hub.chf))
    }

    fn model_mut(&mut self, device: DeviceId) -> Option<&mut DeviceModel> {
        let gsme = self.gsme.as_mut().map(|gsme| (gsme.device, &mut gsme.model));
        let ppmids = self.ppmids.iter_mut().map(|ppmid| (ppmid.device, &mut ppmid.model));
        let own = [(self.hub.chf.into(), &mut self.hub.model), (self.esme.device, &mut self.esme.model)];
        own.into_iter().chain(gsme).chain(ppmids).find(|(known, _)| *known == device).map(|(_, model)| model)
    }

    pub(super) fn certificate_mut(&mut self, device: DeviceId) -> Option<&mut CertificateId> {
        if device == self.hub.chf.into() {
            return Some(&mut self.hub.certificate);
        }
        if device == self.esme.device {
            return Some(&mut self.esme.certificate);
        }
        let gsme = self.gsme.iter_mut().map(|gsme| (gsme.device, &mut gsme.certificate));
        let ppmids = self.ppmids.iter_mut().map(|ppmid| (ppmid.device, &mut ppmid.certificate));
        gsme.chain(ppmids).find(|(known, _)| *known == device).map(|(_, certificate)| certificate)
    }
}

/// The keys that a change brings.
pub(crate) enum NewKeys {
    /// None.
    None,
    /// The association's.
    Association(AssociationKeys),
    /// The master key.
    Master(Secret<16>),
    /// The gas meter's PIN.
    Pin(RevisedPin),
}
