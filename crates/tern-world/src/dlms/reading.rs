//! What each attribute of a simulated device says.

use tern_dlms::cosem::Shape;
use tern_dlms::cosem::security_setup::{CertificateEntity, CertificateInfo, CertificateType};
use tern_dlms::{BitString, Codec, CosemDateTime, Data, SelectiveAccess};
use tern_model::{DeviceId, Eui64};

use super::access::Client;
use super::objects::{Object, What};
use super::request::{Addressed, Refusal, Request};
use crate::devices::{Protected, SupplyState};

/// Units of the standard.
const WATT_HOUR: u8 = 30;
const CUBIC_METRE: u8 = 13;

impl Request<'_> {
    /// The value of an attribute that the client may read.
    pub(super) fn read(
        &mut self,
        object: &Object,
        attribute: i8,
        selection: Option<&SelectiveAccess>,
    ) -> Result<Data, Refusal> {
        if attribute == 1 {
            return Ok(Data::logical_name(object.name));
        }
        if selection.is_some() && (object.what, attribute) != (What::LoadProfile, 2) {
            return Err(Refusal::Type);
        }
        match object.what {
            What::Association => self.association(attribute),
            What::Security => self.security(attribute),
            What::Calendar => self.calendar(attribute),
            What::LoadProfile => self.profile(attribute, selection),
            What::Image => self.image(attribute),
            What::Clock => Ok(self.clock(attribute)),
            What::Supply => Ok(self.supply(attribute)),
            What::Auxiliary => Ok(self.auxiliary(attribute)),
            What::Import | What::RateOne | What::RateTwo | What::Export | What::Volume => {
                Ok(self.register(object.what, attribute))
            }
            what => match self.account(what) {
                Some(value) => value,
                None => self.plain(what),
            },
        }
    }

    /// Objects of one value.
    fn plain(&mut self, what: What) -> Result<Data, Refusal> {
        let (id, now) = (self.id(), self.now);
        if what == What::DeviceId && self.device == Addressed::Chf && self.lies() {
            return Ok(octets(another(id)));
        }
        let (installation, counters) = (&self.slot.installation, &self.slot.counters);
        let model = || {
            // The gas proxy is a part of the hub.
            let of = if self.device == Addressed::Gpf { installation.hub.chf.into() } else { id };
            installation.model_of(of, now).ok_or(Refusal::Undefined)
        };
        Ok(match what {
            What::DeviceName => Data::OctetString(device_name(id)),
            What::ManagementCounter => Data::DoubleLongUnsigned(counters.heard(Protected::Management)),
            What::CriticalCounter => Data::DoubleLongUnsigned(counters.heard(Protected::Critical)),
            What::TransactionCounter => Data::Long64Unsigned(installation.transaction()),
            What::DeviceId => octets(id),
            What::Model => {
                let model = model()?;
                Data::Structure(vec![Data::Utf8String(model.manufacturer), Data::Utf8String(model.model)])
            }
            What::Firmware => Data::Utf8String(model()?.firmware),
            What::PowerFailures => {
                let count = installation.electricity.power_cuts.len();
                Data::LongUnsigned(u16::try_from(count).unwrap_or(u16::MAX))
            }
            What::Joined => {
                let joined = installation.joined.iter().filter(|(device, _)| *device == id);
                Data::Array(joined.map(|(_, other)| octets(*other)).collect())
            }
            What::Apn => Data::octets(installation.hub.apn.as_bytes()),
            What::Whitelist => Data::Array(installation.hub.whitelist.iter().copied().map(octets).collect()),
            What::Pin => self.pin(),
            What::PinBefore => self.pin_before(),
            What::Authorised => {
                let parties = installation.authorised.as_deref();
                let parties = parties.unwrap_or_else(|| self.world.certificates.authorised());
                Data::Array(parties.iter().map(|party| Data::octets(party.0.0.to_be_bytes())).collect())
            }
            _ => return Err(Refusal::Undefined),
        })
    }

    fn association(&self, attribute: i8) -> Result<Data, Refusal> {
        let (client, server) = self.addresses().ok_or(Refusal::Undefined)?;
        Ok(match attribute {
            2 => Data::Array(
                self.device
                    .objects()
                    .iter()
                    .filter(|object| object.is_seen_by(self.client))
                    .map(|object| object.listed(self.client))
                    .collect(),
            ),
            3 => Data::Structure(vec![Data::Integer(i8::try_from(client).unwrap_or(0)), Data::LongUnsigned(server)]),
            // Logical names, with ciphering where there is any: 2.16.756.5.8.1.1 or .3.
            4 => Data::octets([0x60, 0x85, 0x74, 0x05, 0x08, 0x01, if self.is_ciphered() { 3 } else { 1 }]),
            6 => Data::octets([0x60, 0x85, 0x74, 0x05, 0x08, 0x02, self.mechanism()]),
            // Associated: whoever reads this is.
            8 => Data::Enum(2),
            9 => Data::octets([0, 0, 43, 0, 0, 255]),
            _ => return Err(Refusal::Undefined),
        })
    }

    /// Of the client and the logical device of this association.
    fn addresses(&self) -> Option<(u16, u16)> {
        let standing = if self.client == Client::Signed { Client::Public } else { self.client };
        let door = self.doors.iter().find(|door| door.standing() == standing)?;
        Some((door.client, door.server))
    }

    fn is_ciphered(&self) -> bool {
        matches!(self.client, Client::Management | Client::Critical)
    }

    fn mechanism(&self) -> u8 {
        match self.client {
            Client::LowLevel => 1,
            Client::Management => 5,
            Client::Public | Client::Critical | Client::Signed | Client::InCharge => 0,
        }
    }

    fn security(&self, attribute: i8) -> Result<Data, Refusal> {
        let signs = self.device != Addressed::Esme;
        Ok(match attribute {
            // Authenticated and encrypted requests and answers; signed requests.
            2 => Data::Enum(if signs { 0x10 } else { 0x6C }),
            3 => Data::Enum(0),
            4 => Data::octets([]),
            5 => octets(self.id()),
            6 => {
                let certificate = self.slot.installation.certificate_of(self.id()).ok_or(Refusal::Undefined)?;
                let (serial, issuer) = certificate.parts();
                let known = self.world.certificates.find(certificate);
                let subject = known.map(|known| known.common_name().to_owned()).unwrap_or_default();
                let serial = serial.to_be_bytes();
                let first = serial.iter().position(|byte| *byte != 0).unwrap_or(serial.len() - 1);
                let info = CertificateInfo {
                    entity: CertificateEntity::Client,
                    kind: CertificateType::DigitalSignature,
                    serial_number: serial[first..].to_vec(),
                    issuer: issuer.as_bytes().to_vec(),
                    subject: subject.into_bytes(),
                    subject_alt_name: Vec::new(),
                };
                vec![info].to_data()
            }
            _ => return Err(Refusal::Undefined),
        })
    }

    fn clock(&self, attribute: i8) -> Data {
        let clock = self.meter().clock;
        match attribute {
            2 => Data::date_time(&CosemDateTime::from_timestamp(clock.reads(self.now))),
            // UTC all the year.
            3 => Data::Long(0),
            _ => Data::Unsigned(0),
        }
    }

    fn supply(&self, attribute: i8) -> Data {
        let state = self.meter().supply;
        match attribute {
            2 => Data::Boolean(state == SupplyState::Enabled),
            3 => Data::Enum(match state {
                SupplyState::Disabled => 0,
                SupplyState::Enabled => 1,
                SupplyState::Armed => 2,
            }),
            // Remote disconnection and remote reconnection alone.
            _ => Data::Enum(4),
        }
    }

    fn auxiliary(&self, attribute: i8) -> Data {
        let closed = self.slot.installation.electricity.auxiliary_closed;
        match attribute {
            2 => Data::Boolean(closed),
            3 => Data::Enum(u8::from(closed)),
            _ => Data::Enum(4),
        }
    }

    fn register(&self, what: What, attribute: i8) -> Data {
        if attribute == 3 {
            let (scaler, unit) = if what == What::Volume { (-3, CUBIC_METRE) } else { (0, WATT_HOUR) };
            return Data::Structure(vec![Data::Integer(scaler), Data::Enum(unit)]);
        }
        let meter = self.meter();
        let (total, second) = meter.imported(self.now);
        let counted = match what {
            What::RateOne => total.saturating_sub(second),
            What::RateTwo => second,
            What::Export => meter.loads.exported(crate::devices::slot_of(self.now.as_second())),
            _ => total,
        };
        Data::DoubleLongUnsigned(u32::try_from(counted).unwrap_or(u32::MAX))
    }
}

impl Object {
    /// The object as a list of objects shows it to a client.
    fn listed(&self, client: Client) -> Data {
        let attributes = self.attributes.iter().map(|(number, read, write)| {
            let rights = u8::from(read.has(client)) | u8::from(write.has(client)) << 1;
            Data::Structure(vec![Data::Integer(*number), Data::Enum(rights), Data::Null])
        });
        let methods = self
            .methods
            .iter()
            .map(|(number, clients)| Data::Structure(vec![Data::Integer(*number), Data::Boolean(clients.has(client))]));
        Data::Structure(vec![
            Data::LongUnsigned(self.class.0),
            Data::Unsigned(self.version),
            Data::logical_name(self.name),
            Data::Structure(vec![Data::Array(attributes.collect()), Data::Array(methods.collect())]),
        ])
    }
}

/// A Device ID as its eight bytes.
pub(super) fn octets(device: DeviceId) -> Data {
    Data::octets(device.0.0.to_be_bytes())
}

/// The logical device's name: a maker of three letters, and thirteen digits of the Device ID.
fn device_name(device: DeviceId) -> Vec<u8> {
    format!("TRN{:013X}", device.0.0 & 0x000F_FFFF_FFFF_FFFF).into_bytes()
}

/// Bits as the standard packs them.
pub(super) fn bits(flags: impl IntoIterator<Item = bool>) -> Data {
    Data::BitString(flags.into_iter().collect::<BitString>())
}

/// A value's encoding.
pub(super) fn encoded(data: &Data) -> Vec<u8> {
    data.to_bytes()
}

/// A Device ID that is not this one.
fn another(device: DeviceId) -> DeviceId {
    DeviceId(Eui64(device.0.0 ^ 0x0000_0080_0000_0000))
}
