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
    Prices,
    PassivePrices,
    Thresholds,
    PrepayValues,
    Terms,
    TopUp,
    SpecialDays,
    Auxiliary,
    Joined,
    Join,
    Volume,
    Battery,
    Apn,
    Whitelist,
    Authorised,
    Pin,
    PinBefore,
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
const SPECIAL_DAYS: (ClassId, u8) = (cosem::special_days_table::CLASS, 0);

/// Readable by everybody: what tells a device apart from another.
const OPEN: Attributes = &[(1, ALL, NONE), (2, ALL, NONE)];
/// A register for those who hold a key of the meter.
const METERED: Attributes = &[(1, HOLDERS, NONE), (2, HOLDERS, NONE), (3, HOLDERS, NONE)];
/// One value that is measured or kept.
const METERED_VALUE: Attributes = &[(1, HOLDERS, NONE), (2, HOLDERS, NONE)];
/// One value that a supplier decides.
const DECIDED: Attributes = &[(1, HOLDERS, NONE), (2, HOLDERS, CRITICAL)];
const SWITCH: Attributes = &[(1, OWNERS, NONE), (2, OWNERS, NONE), (3, OWNERS, NONE), (4, OWNERS, NONE)];
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
/// What a device that obeys signatures tells, one value; and what may be written as well.
const TOLD: Attributes = &[(1, SIGNED, NONE), (2, SIGNED, NONE)];
const OBEYED: Attributes = &[(1, SIGNED, NONE), (2, SIGNED, SIGNED)];
const TOLD_ONLY_WRITTEN: Attributes = &[(1, SIGNED, NONE), (2, NONE, SIGNED)];
const TOLD_SWITCH: Attributes = &[(1, SIGNED, NONE), (2, SIGNED, NONE), (3, SIGNED, NONE), (4, SIGNED, NONE)];
const TOLD_REGISTER: Attributes = &[(1, SIGNED, NONE), (2, SIGNED, NONE), (3, SIGNED, NONE)];
const TOLD_PROFILE: Attributes = &[
    (1, SIGNED, NONE),
    (2, SIGNED, NONE),
    (3, SIGNED, NONE),
    (4, SIGNED, NONE),
    (5, SIGNED, NONE),
    (6, SIGNED, NONE),
    (7, SIGNED, NONE),
    (8, SIGNED, NONE),
];
const OBEYED_CALENDAR: Attributes = &[
    (1, SIGNED, NONE),
    (2, SIGNED, NONE),
    (3, SIGNED, NONE),
    (4, SIGNED, NONE),
    (5, SIGNED, NONE),
    (6, SIGNED, SIGNED),
    (7, SIGNED, SIGNED),
    (8, SIGNED, SIGNED),
    (9, SIGNED, SIGNED),
    (10, SIGNED, SIGNED),
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
    object(What::Supply, DISCONNECT_CONTROL, [0, 0, 96, 3, 10], SWITCH, &[(1, CRITICAL), (2, CRITICAL)]),
    object(
        What::Image,
        IMAGE,
        [0, 0, 44, 0, 0],
        IMAGES,
        &[(1, MANAGEMENT), (2, MANAGEMENT), (3, MANAGEMENT), (4, CRITICAL)],
    ),
    object(What::PaymentMode, DATA, [0, 0, 96, 65, 0], DECIDED, &[]),
    object(What::Balance, DATA, [0, 0, 96, 65, 1], DECIDED, &[]),
    object(What::Prices, DATA, [0, 0, 96, 65, 2], DECIDED, &[]),
    object(What::PassivePrices, DATA, [0, 0, 96, 65, 3], DECIDED, &[]),
    object(What::Thresholds, DATA, [0, 0, 96, 65, 4], DECIDED, &[]),
    object(What::PrepayValues, DATA, [0, 0, 96, 65, 5], METERED_VALUE, &[]),
    object(What::Terms, DATA, [0, 0, 96, 65, 6], DECIDED, &[]),
    object(What::TopUp, DATA, [0, 0, 96, 65, 7], &[(1, HOLDERS, NONE), (2, NONE, MANAGEMENT)], &[]),
    object(What::SpecialDays, SPECIAL_DAYS, [0, 0, 11, 0, 0], DECIDED, &[]),
    object(What::Auxiliary, DISCONNECT_CONTROL, [0, 0, 96, 3, 20], SWITCH, &[(1, CRITICAL), (2, CRITICAL)]),
    object(What::Joined, DATA, [0, 0, 96, 67, 0], METERED_VALUE, &[]),
    object(What::Join, DATA, [0, 0, 96, 67, 1], &[(1, HOLDERS, NONE), (2, NONE, CRITICAL)], &[]),
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

/// What a gas meter tells, and the GPF in its place.
const fn gas(what: What) -> Object {
    match what {
        What::Volume => object(What::Volume, REGISTER, [7, 0, 3, 0, 0], TOLD_REGISTER, &[]),
        What::LoadProfile => object(What::LoadProfile, PROFILE_GENERIC, [7, 0, 99, 1, 0], TOLD_PROFILE, &[]),
        What::PaymentMode => object(What::PaymentMode, DATA, [0, 0, 96, 65, 0], TOLD, &[]),
        What::Balance => object(What::Balance, DATA, [0, 0, 96, 65, 1], TOLD, &[]),
        _ => object(What::PrepayValues, DATA, [0, 0, 96, 65, 5], TOLD, &[]),
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
    gas(What::Volume),
    gas(What::LoadProfile),
    gas(What::PaymentMode),
    gas(What::Balance),
    gas(What::PrepayValues),
];

const GSME: &[Object] = &[
    signed(What::Association),
    signed(What::DeviceName),
    signed(What::Security),
    signed(What::TransactionCounter),
    signed(What::DeviceId),
    signed(What::Model),
    signed(What::Firmware),
    signed(What::Image),
    gas(What::Volume),
    gas(What::LoadProfile),
    gas(What::PrepayValues),
    object(What::PaymentMode, DATA, [0, 0, 96, 65, 0], OBEYED, &[]),
    object(What::Balance, DATA, [0, 0, 96, 65, 1], OBEYED, &[]),
    object(What::Prices, DATA, [0, 0, 96, 65, 2], OBEYED, &[]),
    object(What::PassivePrices, DATA, [0, 0, 96, 65, 3], OBEYED, &[]),
    object(What::Thresholds, DATA, [0, 0, 96, 65, 4], OBEYED, &[]),
    object(What::Terms, DATA, [0, 0, 96, 65, 6], OBEYED, &[]),
    object(What::TopUp, DATA, [0, 0, 96, 65, 7], TOLD_ONLY_WRITTEN, &[]),
    object(What::SpecialDays, SPECIAL_DAYS, [0, 0, 11, 0, 0], OBEYED, &[]),
    object(What::Calendar, ACTIVITY_CALENDAR, [0, 0, 13, 0, 0], OBEYED_CALENDAR, &[(1, SIGNED)]),
    object(What::Supply, DISCONNECT_CONTROL, [0, 0, 96, 3, 10], TOLD_SWITCH, &[(1, SIGNED), (2, SIGNED)]),
    object(What::Battery, DATA, [0, 0, 96, 6, 1], TOLD, &[]),
    object(
        What::Clock,
        CLOCK,
        [0, 0, 1, 0, 0],
        &[(1, ALL, NONE), (2, ALL, SIGNED), (3, ALL, NONE), (4, ALL, NONE)],
        &[],
    ),
    object(What::Joined, DATA, [0, 0, 96, 67, 0], TOLD, &[]),
    object(What::Join, DATA, [0, 0, 96, 67, 1], TOLD_ONLY_WRITTEN, &[]),
    object(What::Pin, DATA, [0, 0, 96, 68, 0], &[(1, SIGNED, NONE), (2, SIGNED, IN_CHARGE)], &[]),
    object(What::PinBefore, DATA, [0, 0, 96, 68, 1], &[(1, SIGNED, NONE), (2, SIGNED, IN_CHARGE)], &[]),
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
    object(What::Joined, DATA, [0, 0, 96, 67, 0], TOLD, &[]),
    object(What::Join, DATA, [0, 0, 96, 67, 1], TOLD_ONLY_WRITTEN, &[]),
];

impl What {
    /// Whether a GPF says it in its gas meter's place.
    pub(crate) fn is_of_gas_meter(self) -> bool {
        matches!(self, What::Volume | What::LoadProfile | What::PaymentMode | What::Balance | What::PrepayValues)
    }
}

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
