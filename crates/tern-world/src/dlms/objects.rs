//! Which COSEM objects each device has, and who may do what with each attribute and method: one table for each kind of device.
//!
//! Critical (P) is what stops supply, changes the tariff or the clock, or changes the program that runs: those methods and
//! attributes answer on the critical association alone.

use tern_dlms::{ClassId, LogicalName, cosem};

use super::access::{Client, Clients};
use super::request::Addressed;

/// What an object is, whatever its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum What {
    Association,
    DeviceName,
    Security,
    ManagementCounter,
    CriticalCounter,
    TransactionCounter,
    DeviceId,
    Model,
    Firmware,
    PowerFailures,
    Clock,
    Import,
    RateOne,
    RateTwo,
    Export,
    LoadProfile,
    Calendar,
    Supply,
    Image,
    PaymentMode,
    Balance,
    Apn,
    Whitelist,
    Authorised,
}

/// An object and what may be done with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object {
    pub(crate) what: What,
    pub(crate) class: ClassId,
    pub(crate) version: u8,
    pub(crate) name: LogicalName,
    pub(crate) attributes: &'static [(i8, Clients, Clients)],
    pub(crate) methods: &'static [(i8, Clients)],
}

const NONE: Clients = Clients::NONE;
const ALL: Clients = Clients::ALL;
const HOLDERS: Clients = Clients::HOLDERS;
const OWNERS: Clients = Clients::OWNERS;
const MANAGEMENT: Clients = Clients::MANAGEMENT;
const CRITICAL: Clients = Clients::CRITICAL;
const SIGNED: Clients = Clients::SIGNED;
const IN_CHARGE: Clients = Clients::IN_CHARGE;

type Attributes = &'static [(i8, Clients, Clients)];
type Methods = &'static [(i8, Clients)];

const fn object(
    what: What,
    (class, version): (ClassId, u8),
    [a, b, c, d, e]: [u8; 5],
    attributes: Attributes,
    methods: Methods,
) -> Object {
    Object { what, class, version, name: LogicalName::new(a, b, c, d, e, 255), attributes, methods }
}

const DATA: (ClassId, u8) = (cosem::data::CLASS, 0);
const REGISTER: (ClassId, u8) = (cosem::register::CLASS, 0);
const PROFILE_GENERIC: (ClassId, u8) = (cosem::profile_generic::CLASS, 1);
const CLOCK: (ClassId, u8) = (cosem::clock::CLASS, 0);
const ASSOCIATION: (ClassId, u8) = (cosem::association_ln::CLASS, 1);
const IMAGE: (ClassId, u8) = (cosem::image_transfer::CLASS, 0);
const ACTIVITY_CALENDAR: (ClassId, u8) = (cosem::activity_calendar::CLASS, 0);
const GPRS_MODEM_SETUP: (ClassId, u8) = (cosem::gprs_modem_setup::CLASS, 0);
const SECURITY: (ClassId, u8) = (cosem::security_setup::CLASS, 1);
const DISCONNECT_CONTROL: (ClassId, u8) = (cosem::disconnect_control::CLASS, 0);

/// Readable by everybody: what tells a device apart from another.
const OPEN: Attributes = &[(1, ALL, NONE), (2, ALL, NONE)];
/// A register for those who hold a key of the meter.
const METERED: Attributes = &[(1, HOLDERS, NONE), (2, HOLDERS, NONE), (3, HOLDERS, NONE)];
const ASSOCIATED: Attributes =
    &[(1, ALL, NONE), (2, ALL, NONE), (3, ALL, NONE), (4, ALL, NONE), (6, ALL, NONE), (8, ALL, NONE), (9, ALL, NONE)];
const SECURED: Attributes =
    &[(1, ALL, NONE), (2, ALL, NONE), (3, ALL, NONE), (4, HOLDERS, NONE), (5, ALL, NONE), (6, ALL, NONE)];
const CALENDARS: Attributes = &[
    (1, HOLDERS, NONE),
    (2, HOLDERS, NONE),
    (3, HOLDERS, NONE),
    (4, HOLDERS, NONE),
    (5, HOLDERS, NONE),
    (6, OWNERS, CRITICAL),
    (7, OWNERS, CRITICAL),
    (8, OWNERS, CRITICAL),
    (9, OWNERS, CRITICAL),
    (10, OWNERS, CRITICAL),
];
const PROFILE: Attributes = &[
    (1, HOLDERS, NONE),
    (2, HOLDERS, NONE),
    (3, HOLDERS, NONE),
    (4, HOLDERS, NONE),
    (5, HOLDERS, NONE),
    (6, HOLDERS, NONE),
    (7, HOLDERS, NONE),
    (8, HOLDERS, NONE),
];
const IMAGES: Attributes =
    &[(1, ALL, NONE), (2, ALL, NONE), (3, ALL, NONE), (4, ALL, NONE), (5, ALL, NONE), (6, ALL, NONE), (7, ALL, NONE)];

const ESME: &[Object] = &[
    object(What::Association, ASSOCIATION, [0, 0, 40, 0, 0], ASSOCIATED, &[(1, MANAGEMENT)]),
    object(What::DeviceName, DATA, [0, 0, 42, 0, 0], OPEN, &[]),
    object(What::Security, SECURITY, [0, 0, 43, 0, 0], SECURED, &[(2, OWNERS), (6, MANAGEMENT)]),
    object(What::ManagementCounter, DATA, [0, 0, 43, 1, 0], OPEN, &[]),
    object(What::CriticalCounter, DATA, [0, 0, 43, 1, 1], OPEN, &[]),
    object(What::DeviceId, DATA, [0, 0, 96, 1, 0], OPEN, &[]),
    object(What::Model, DATA, [0, 0, 96, 1, 1], OPEN, &[]),
    object(What::Firmware, DATA, [1, 0, 0, 2, 0], OPEN, &[]),
    object(What::PowerFailures, DATA, [0, 0, 96, 7, 0], &[(1, HOLDERS, NONE), (2, HOLDERS, NONE)], &[]),
    object(
        What::Clock,
        CLOCK,
        [0, 0, 1, 0, 0],
        &[(1, ALL, NONE), (2, ALL, CRITICAL), (3, ALL, NONE), (4, ALL, NONE)],
        &[(6, CRITICAL)],
    ),
    object(What::Import, REGISTER, [1, 0, 1, 8, 0], METERED, &[]),
    object(What::RateOne, REGISTER, [1, 0, 1, 8, 1], METERED, &[]),
    object(What::RateTwo, REGISTER, [1, 0, 1, 8, 2], METERED, &[]),
    object(What::Export, REGISTER, [1, 0, 2, 8, 0], METERED, &[]),
    object(What::LoadProfile, PROFILE_GENERIC, [1, 0, 99, 1, 0], PROFILE, &[]),
    object(What::Calendar, ACTIVITY_CALENDAR, [0, 0, 13, 0, 0], CALENDARS, &[(1, CRITICAL)]),
    object(
        What::Supply,
        DISCONNECT_CONTROL,
        [0, 0, 96, 3, 10],
        &[(1, OWNERS, NONE), (2, OWNERS, NONE), (3, OWNERS, NONE), (4, OWNERS, NONE)],
        &[(1, CRITICAL), (2, CRITICAL)],
    ),
    object(
        What::Image,
        IMAGE,
        [0, 0, 44, 0, 0],
        IMAGES,
        &[(1, MANAGEMENT), (2, MANAGEMENT), (3, MANAGEMENT), (4, CRITICAL)],
    ),
    object(What::PaymentMode, DATA, [0, 0, 96, 65, 0], &[(1, HOLDERS, NONE), (2, HOLDERS, MANAGEMENT)], &[]),
    object(What::Balance, DATA, [0, 0, 96, 65, 1], &[(1, HOLDERS, NONE), (2, HOLDERS, MANAGEMENT)], &[]),
];

/// What a device that obeys signatures has, besides what it is for.
const fn signed(what: What) -> Object {
    match what {
        What::Security => object(What::Security, SECURITY, [0, 0, 43, 0, 0], SECURED, &[(6, SIGNED)]),
        What::TransactionCounter => object(What::TransactionCounter, DATA, [0, 0, 43, 1, 2], OPEN, &[]),
        What::DeviceName => object(What::DeviceName, DATA, [0, 0, 42, 0, 0], OPEN, &[]),
        What::DeviceId => object(What::DeviceId, DATA, [0, 0, 96, 1, 0], OPEN, &[]),
        What::Model => object(What::Model, DATA, [0, 0, 96, 1, 1], OPEN, &[]),
        What::Firmware => object(What::Firmware, DATA, [1, 0, 0, 2, 0], OPEN, &[]),
        What::Image => {
            object(What::Image, IMAGE, [0, 0, 44, 0, 0], IMAGES, &[(1, SIGNED), (2, SIGNED), (3, SIGNED), (4, SIGNED)])
        }
        _ => object(What::Association, ASSOCIATION, [0, 0, 40, 0, 0], ASSOCIATED, &[]),
    }
}

const CHF: &[Object] = &[
    signed(What::Association),
    signed(What::DeviceName),
    signed(What::Security),
    signed(What::TransactionCounter),
    signed(What::DeviceId),
    signed(What::Model),
    signed(What::Firmware),
    signed(What::Image),
    object(What::Apn, GPRS_MODEM_SETUP, [0, 0, 25, 4, 0], &[(1, ALL, NONE), (2, ALL, SIGNED)], &[]),
    object(What::Whitelist, DATA, [0, 0, 96, 64, 0], &[(1, ALL, NONE), (2, ALL, SIGNED)], &[]),
    object(What::Authorised, DATA, [0, 0, 96, 66, 0], &[(1, SIGNED, NONE), (2, SIGNED, IN_CHARGE)], &[]),
];

const GPF: &[Object] = &[
    signed(What::Association),
    signed(What::DeviceName),
    signed(What::DeviceId),
    signed(What::Model),
    signed(What::Firmware),
];

const GSME: &[Object] = &[
    signed(What::Association),
    signed(What::DeviceName),
    signed(What::Security),
    signed(What::TransactionCounter),
    signed(What::DeviceId),
    signed(What::Model),
    signed(What::Firmware),
];

const PPMID: &[Object] = &[
    signed(What::Association),
    signed(What::DeviceName),
    signed(What::Security),
    signed(What::TransactionCounter),
    signed(What::DeviceId),
    signed(What::Model),
    signed(What::Firmware),
    signed(What::Image),
];

impl Addressed {
    /// The objects of a kind of device.
    pub(crate) fn objects(self) -> &'static [Object] {
        match self {
            Addressed::Esme => ESME,
            Addressed::Chf => CHF,
            Addressed::Gpf => GPF,
            Addressed::Gsme => GSME,
            Addressed::Ppmid(_) => PPMID,
        }
    }
}

impl Object {
    /// Whether a client may read and write an attribute; `None` where there is no such attribute.
    pub(crate) fn attribute(&self, number: i8, client: Client) -> Option<(bool, bool)> {
        let (_, read, write) = self.attributes.iter().find(|(known, _, _)| *known == number)?;
        Some((read.has(client), write.has(client)))
    }

    /// Whether a client may invoke a method; `None` where there is no such method.
    pub(crate) fn method(&self, number: i8, client: Client) -> Option<bool> {
        self.methods.iter().find(|(known, _)| *known == number).map(|(_, clients)| clients.has(client))
    }

    /// Whether a client sees the object at all.
    pub(crate) fn is_seen_by(&self, client: Client) -> bool {
        let read = self.attributes.iter().any(|(_, read, write)| read.has(client) || write.has(client));
        read || self.methods.iter().any(|(_, clients)| clients.has(client))
    }
}
