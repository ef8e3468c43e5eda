//! What whoever means ill would have of a device, and what it says to that.

use tern_dlms::apdu::{ActionRequest, ActionResponse, ActionResult, Apdu, DataAccessResult, InvokeIdAndPriority};
use tern_dlms::apdu::{SetRequest, SetResponse};
use tern_dlms::cosem::{
    NO_PARAMETER, activity_calendar, clock, disconnect_control, gprs_modem_setup, image_transfer, security_setup,
    special_days_table,
};
use tern_dlms::security::{Key, Keys, wrap_key};
use tern_dlms::{AttributeDescriptor, ClassId, Codec, CosemDateTime, Data, LogicalName, MethodDescriptor};
use tern_world::dlms::server;

/// Sixteen bytes that may be a key.
pub type Bytes16 = [u8; 16];

const fn name(a: u8, b: u8, c: u8, d: u8, e: u8) -> LogicalName {
    LogicalName::new(a, b, c, d, e, 255)
}

const SECURITY: LogicalName = name(0, 0, 43, 0, 0);
const CALENDAR: LogicalName = name(0, 0, 13, 0, 0);
const SUPPLY: LogicalName = name(0, 0, 96, 3, 10);
const CLOCK: LogicalName = name(0, 0, 1, 0, 0);
const AUXILIARY: LogicalName = name(0, 0, 96, 3, 20);
const PAYMENT_MODE: LogicalName = name(0, 0, 96, 65, 0);
const BALANCE: LogicalName = name(0, 0, 96, 65, 1);
const PRICES: LogicalName = name(0, 0, 96, 65, 2);
const PASSIVE_PRICES: LogicalName = name(0, 0, 96, 65, 3);
const THRESHOLDS: LogicalName = name(0, 0, 96, 65, 4);
const SPECIAL_DAYS: LogicalName = name(0, 0, 11, 0, 0);
const JOIN: LogicalName = name(0, 0, 96, 67, 1);
/// Firmware images.
pub const IMAGE: LogicalName = name(0, 0, 44, 0, 0);
/// How far the management association's client has counted.
pub const COUNTER_MANAGEMENT: LogicalName = name(0, 0, 43, 1, 0);
/// How far the critical association's client has counted.
pub const COUNTER_CRITICAL: LogicalName = name(0, 0, 43, 1, 1);
/// How far signed requests have counted.
pub(super) const COUNTER_TRANSACTIONS: LogicalName = name(0, 0, 43, 1, 2);
/// A device's Device ID.
pub const DEVICE_ID: AttributeDescriptor = AttributeDescriptor::new(ClassId(1), name(0, 0, 96, 1, 0), 2);
/// What an ESME measured.
pub const IMPORT: AttributeDescriptor = AttributeDescriptor::new(ClassId(3), name(1, 0, 1, 8, 0), 2);
const APN: AttributeDescriptor = AttributeDescriptor::new(gprs_modem_setup::CLASS, name(0, 0, 25, 4, 0), 2);
/// The parties that a hub obeys beside the one in charge.
pub const AUTHORISED: AttributeDescriptor = AttributeDescriptor::new(ClassId(1), name(0, 0, 96, 66, 0), 2);
const WHITELIST: AttributeDescriptor = AttributeDescriptor::new(ClassId(1), name(0, 0, 96, 64, 0), 2);
const IMPORT_CERTIFICATE: MethodDescriptor = MethodDescriptor::new(security_setup::CLASS, SECURITY, 6);
const KEY_TRANSFER: MethodDescriptor = MethodDescriptor::new(security_setup::CLASS, SECURITY, 2);

/// What is asked of a device.
#[derive(Debug, Clone)]
pub enum Wish {
    /// An attribute is to hold this.
    Set(AttributeDescriptor, Data),
    /// A method is to be carried out.
    Act(MethodDescriptor, Data),
}

impl Wish {
    /// As a plain APDU.
    #[must_use]
    pub fn apdu(&self) -> Vec<u8> {
        let invoke = InvokeIdAndPriority::new(1);
        match self.clone() {
            Wish::Set(attribute, value) => {
                Apdu::SetRequest(SetRequest::Normal { invoke, attribute: attribute.into(), value }).to_bytes()
            }
            Wish::Act(method, parameter) => {
                let parameters = Some(parameter);
                Apdu::ActionRequest(ActionRequest::Normal { invoke, method, parameters }).to_bytes()
            }
        }
    }
}

/// Every critical instruction that an ESME knows.
#[must_use]
pub fn critical_wishes() -> Vec<Wish> {
    let act = |class, instance, method, parameter| Wish::Act(MethodDescriptor::new(class, instance, method), parameter);
    let calendar =
        |attribute, value| Wish::Set(AttributeDescriptor::new(activity_calendar::CLASS, CALENDAR, attribute), value);
    vec![
        act(disconnect_control::CLASS, SUPPLY, disconnect_control::REMOTE_DISCONNECT, NO_PARAMETER),
        act(disconnect_control::CLASS, SUPPLY, disconnect_control::REMOTE_RECONNECT, NO_PARAMETER),
        calendar(activity_calendar::CALENDAR_NAME_PASSIVE, Data::octets(*b"MINE")),
        calendar(activity_calendar::SEASON_PROFILE_PASSIVE, Data::Array(Vec::new())),
        calendar(activity_calendar::WEEK_PROFILE_TABLE_PASSIVE, Data::Array(Vec::new())),
        calendar(activity_calendar::ACTIVATE_PASSIVE_CALENDAR_TIME, Data::date_time(&CosemDateTime::UNSPECIFIED)),
        act(activity_calendar::CLASS, CALENDAR, activity_calendar::ACTIVATE_PASSIVE_CALENDAR, NO_PARAMETER),
        act(clock::CLASS, CLOCK, 6, Data::Long(60)),
        act(image_transfer::CLASS, IMAGE, image_transfer::ACTIVATE, NO_PARAMETER),
        act(disconnect_control::CLASS, AUXILIARY, disconnect_control::REMOTE_RECONNECT, NO_PARAMETER),
        Wish::Set(data(PAYMENT_MODE), Data::Enum(1)),
        Wish::Set(data(BALANCE), Data::Long64(1)),
        Wish::Set(data(PRICES), free()),
        Wish::Set(data(PASSIVE_PRICES), free()),
        Wish::Set(data(THRESHOLDS), Data::Array(Vec::new())),
        Wish::Set(AttributeDescriptor::new(special_days_table::CLASS, SPECIAL_DAYS, 2), Data::Array(Vec::new())),
        Wish::Set(data(JOIN), Data::octets([0; 8])),
    ]
}

/// The value of a Data object.
const fn data(name: LogicalName) -> AttributeDescriptor {
    AttributeDescriptor::new(ClassId(1), name, 2)
}

/// Prices at which everything costs nothing.
fn free() -> Data {
    let nothing = || Data::Structure(vec![Data::Long64(0), Data::Integer(0)]);
    Data::Structure(vec![Data::Enum(0), nothing(), Data::Array(vec![nothing()])])
}

/// A key transfer of these keys, by the standard's numbers, each wrapped as it stands here.
#[must_use]
pub fn key_transfer(keys: &[(u8, Vec<u8>)]) -> Wish {
    let key = |(id, wrapped): &(u8, Vec<u8>)| Data::Structure(vec![Data::Enum(*id), Data::octets(wrapped.clone())]);
    Wish::Act(KEY_TRANSFER, Data::Array(keys.iter().map(key).collect()))
}

/// The wrapped keys of a key transfer, by id.
///
/// # Panics
/// It is none.
#[must_use]
pub fn wraps_of(apdu: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let Ok(Apdu::ActionRequest(ActionRequest::Normal { parameters: Some(Data::Array(keys)), .. })) = Apdu::decode(apdu)
    else {
        panic!("no key transfer")
    };
    let key = |data: &Data| {
        let [id, octets] = data.as_structure::<2>().expect("a key");
        (id.as_enum().expect("an id"), octets.as_octets().expect("octets").to_vec())
    };
    keys.iter().map(key).collect()
}

/// A key under another.
///
/// # Panics
/// The cipher fails.
#[must_use]
pub fn wrapped(under: Bytes16, key: Bytes16) -> Vec<u8> {
    wrap_key(&Key::new(under), &Key::new(key)).expect("wraps").to_vec()
}

/// What a party that signs would have of the hub and of what is behind it.
#[must_use]
pub fn signed_wishes(server: u16, certificate: &[u8]) -> Vec<Wish> {
    let import = Wish::Act(IMPORT_CERTIFICATE, Data::octets(certificate));
    let start = image_transfer::ImageTransferInitiate { identifier: b"mine".to_vec(), size: 1024 };
    let image = MethodDescriptor::new(image_transfer::CLASS, IMAGE, image_transfer::TRANSFER_INITIATE);
    let image = Wish::Act(image, tern_dlms::cosem::Shape::to_data(&start));
    match server {
        server::CHF => {
            vec![import, image, Wish::Set(APN, Data::octets(*b"mine")), Wish::Set(WHITELIST, Data::Array(Vec::new()))]
        }
        server::GSME => {
            let valve = MethodDescriptor::new(disconnect_control::CLASS, SUPPLY, disconnect_control::REMOTE_DISCONNECT);
            vec![
                import,
                Wish::Act(valve, NO_PARAMETER),
                Wish::Set(data(PAYMENT_MODE), Data::Enum(1)),
                Wish::Set(data(PRICES), free()),
                Wish::Set(data(JOIN), Data::octets([0; 8])),
            ]
        }
        _ => vec![import, image],
    }
}

/// Pairs of keys.
#[must_use]
pub fn pair(encryption: Bytes16, authentication: Bytes16) -> Keys {
    Keys { encryption: Key::new(encryption), authentication: Key::new(authentication) }
}

/// Whether an answer says that it was done.
#[must_use]
pub fn obeyed(answer: &Apdu) -> bool {
    match answer {
        Apdu::SetResponse(SetResponse::Normal { result, .. }) => *result == DataAccessResult::Success,
        Apdu::ActionResponse(ActionResponse::Normal { response, .. }) => response.result == ActionResult::Success,
        Apdu::GeneralSigning(signed) => Apdu::decode(&signed.content).is_ok_and(|content| obeyed(&content)),
        _ => false,
    }
}
