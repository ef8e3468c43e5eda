//! A meter for these tests: every kind of association, a register, a clock, a load profile, a security setup, something long.

use tern_dlms::apdu::{ActionResult, Conformance, DataAccessResult, GeneralSigning};
use tern_dlms::cosem::Shape;
use tern_dlms::data::Data;
use tern_dlms::security::{Key, Keys, Password, Protection, unwrap_key};
use tern_dlms::server::{Authority, Caller, Failed, LogicalDevice, Opening, Stop};
use tern_dlms::{
    AttributeDescriptor, CaptureObject, ClassId, CosemDateTime, LogicalName, MethodDescriptor, Selection,
    SelectiveAccess, SystemTitle,
};

pub const TITLE: SystemTitle = SystemTitle(*b"SRV00001");
pub const CLIENT: SystemTitle = SystemTitle(*b"CLI00001");
pub const REGISTER: AttributeDescriptor = AttributeDescriptor::new(ClassId(3), LogicalName::new(1, 0, 1, 8, 0, 255), 2);
pub const CLOCK: AttributeDescriptor = AttributeDescriptor::new(ClassId(8), LogicalName::new(0, 0, 1, 0, 0, 255), 2);
pub const PROFILE: AttributeDescriptor = AttributeDescriptor::new(ClassId(7), LogicalName::new(1, 0, 99, 1, 0, 255), 2);
/// An octet-string of any length, readable and writable.
pub const NOTE: AttributeDescriptor = AttributeDescriptor::new(ClassId(1), LogicalName::new(0, 0, 96, 128, 0, 255), 2);
/// Answers with what it is given.
pub const ECHO: MethodDescriptor = MethodDescriptor::new(ClassId(1), LogicalName::new(0, 0, 96, 128, 0, 255), 1);
pub const KEY_TRANSFER: MethodDescriptor = MethodDescriptor::new(ClassId(64), LogicalName::new(0, 0, 43, 0, 0, 255), 2);

/// The clients' wPorts.
pub const PUBLIC: u16 = 16;
pub const LOW: u16 = 2;
/// Mechanism 5, APDUs in clear or protected as the client likes.
pub const ANY_GMAC: u16 = 4;
/// Mechanism 5, authenticated at least.
pub const AUTHENTICATED: u16 = 5;
/// Mechanism 5, authenticated and encrypted.
pub const MANAGEMENT: u16 = 1;
pub const CRITICAL: u16 = 3;
pub const PASSWORD: &[u8] = b"Tern-low";

pub struct Meter {
    pub keys: Keys,
    pub master: Key,
    pub own_counter: u32,
    pub heard: u32,
    pub note: Vec<u8>,
    pub max_receive: u16,
    pub conformance: Conformance,
    /// How often anything was altered or read.
    pub carried_out: usize,
    pub signed_transactions: Vec<Vec<u8>>,
}

pub fn keys() -> Keys {
    Keys {
        encryption: Key::new(*b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"),
        authentication: Key::new([0xD3; 16]),
    }
}

/// Half-hours from 2026-01-01, and what the register said.
pub fn row(index: u32) -> Data {
    let moment = jiff::Timestamp::from_second(1_767_225_600 + i64::from(index) * 1800).expect("in range");
    let moment = CosemDateTime::from_timestamp(moment);
    Data::Structure(vec![Data::date_time(&moment), Data::DoubleLongUnsigned(1000 + index)])
}

pub fn clock_column() -> CaptureObject {
    CaptureObject::new(CLOCK.class, CLOCK.instance, CLOCK.attribute)
}

impl Meter {
    pub fn new() -> Meter {
        Meter {
            keys: keys(),
            master: Key::new([0x31; 16]),
            own_counter: 1,
            heard: 0,
            note: Vec::new(),
            max_receive: u16::MAX,
            conformance: Conformance::SPOKEN,
            carried_out: 0,
            signed_transactions: Vec::new(),
        }
    }

    fn transfer(&mut self, parameters: Option<Data>) -> Option<()> {
        let Some(Data::Array(transfers)) = parameters else { return None };
        let mut keys = self.keys.clone();
        for transfer in &transfers {
            let [id, wrapped] = transfer.as_structure().ok()?;
            let key = unwrap_key(&self.master, wrapped.as_octets().ok()?).ok()?;
            match id.as_enum().ok()? {
                0 => keys.encryption = key,
                2 => keys.authentication = key,
                _ => return None,
            }
        }
        self.keys = keys;
        Some(())
    }

    fn profile(access: Option<&SelectiveAccess>) -> Result<Data, DataAccessResult> {
        let rows: Vec<Data> = (0..48).map(row).collect();
        let Some(access) = access else { return Ok(Data::Array(rows)) };
        match Selection::of_access(access) {
            Ok(Some(Selection::Range { restricting, from, to, .. })) if restricting == clock_column() => {
                let time = |data: &Data| data.as_date_time().ok().and_then(|moment| moment.timestamp());
                let (from, to) = (time(&from), time(&to));
                let within = |row: &Data| {
                    let [moment, _] = row.as_structure().expect("a row");
                    from <= time(moment) && time(moment) <= to
                };
                Ok(Data::Array(rows.into_iter().filter(within).collect()))
            }
            Ok(Some(Selection::Entry { from_entry, to_entry, .. })) => {
                let (first, last) = (from_entry.max(1) as usize, to_entry.min(48) as usize);
                Ok(Data::Array(rows.get(first - 1..last).unwrap_or_default().to_vec()))
            }
            _ => Err(DataAccessResult::ScopeOfAccessViolated),
        }
    }
}

impl LogicalDevice for Meter {
    fn system_title(&self) -> SystemTitle {
        TITLE
    }

    fn opening(&self, client: u16) -> Option<Opening> {
        match client {
            PUBLIC => Some(Opening::Public),
            LOW => Some(Opening::LowLevel { password: Password::new(PASSWORD.to_vec()) }),
            ANY_GMAC => Some(Opening::HighLevelGmac { demands: None }),
            AUTHENTICATED => Some(Opening::HighLevelGmac { demands: Some(Protection::Authenticated) }),
            MANAGEMENT => Some(Opening::HighLevelGmac { demands: Some(Protection::AuthenticatedEncrypted) }),
            CRITICAL => Some(Opening::PreEstablished { demands: Protection::AuthenticatedEncrypted }),
            _ => None,
        }
    }

    fn keys(&self, client: u16) -> Option<Keys> {
        (client != PUBLIC && client != LOW).then(|| self.keys.clone())
    }

    fn client_title(&self, client: u16) -> Option<SystemTitle> {
        (client == CRITICAL).then_some(CLIENT)
    }

    fn accept_invocation(&mut self, _: u16, counter: u32) -> Result<(), u32> {
        if counter <= self.heard {
            return Err(self.heard + 1);
        }
        self.heard = counter;
        Ok(())
    }

    fn next_invocation(&mut self, _: u16) -> Option<u32> {
        self.own_counter = self.own_counter.checked_add(1)?;
        Some(self.own_counter)
    }

    fn conformance(&self, _: u16) -> Conformance {
        self.conformance
    }

    fn max_receive_pdu_size(&self) -> u16 {
        self.max_receive
    }

    fn get(
        &mut self,
        _: &Caller,
        attribute: AttributeDescriptor,
        access: Option<&SelectiveAccess>,
    ) -> Result<Data, Failed<DataAccessResult>> {
        self.carried_out += 1;
        let scaler_unit = || Data::Structure(vec![Data::Integer(0), Data::Enum(30)]);
        match attribute {
            REGISTER => Ok(Data::DoubleLongUnsigned(123_456)),
            AttributeDescriptor { class: ClassId(3), attribute: 3, .. } => Ok(scaler_unit()),
            CLOCK => match row(0) {
                Data::Structure(mut row) => Ok(row.swap_remove(0)),
                _ => unreachable!(),
            },
            PROFILE => Ok(Meter::profile(access)?),
            AttributeDescriptor { class: ClassId(7), attribute: 3, .. } => {
                let register = CaptureObject::new(REGISTER.class, REGISTER.instance, REGISTER.attribute);
                Ok(Data::Array(vec![clock_column().to_data(), register.to_data()]))
            }
            NOTE => Ok(Data::octets(self.note.clone())),
            AttributeDescriptor { class: ClassId(70), .. } => Err(Failed::Stop(Stop::NOT_POSSIBLE)),
            AttributeDescriptor { class: ClassId(71), .. } => Err(Failed::Stop(Stop::NoAnswer)),
            _ => Err(DataAccessResult::ObjectUndefined.into()),
        }
    }

    fn set(
        &mut self,
        caller: &Caller,
        attribute: AttributeDescriptor,
        _: Option<&SelectiveAccess>,
        value: Data,
    ) -> Result<(), Failed<DataAccessResult>> {
        if caller.authority == Authority::Nobody {
            return Err(DataAccessResult::ReadWriteDenied.into());
        }
        match (attribute, value) {
            (NOTE, Data::OctetString(note)) => {
                self.carried_out += 1;
                self.note = note;
                Ok(())
            }
            (NOTE, _) => Err(DataAccessResult::TypeUnmatched.into()),
            _ => Err(DataAccessResult::ObjectUndefined.into()),
        }
    }

    fn action(
        &mut self,
        caller: &Caller,
        method: MethodDescriptor,
        parameters: Option<Data>,
    ) -> Result<Option<Data>, Failed<ActionResult>> {
        if caller.authority == Authority::Nobody {
            return Err(ActionResult::ReadWriteDenied.into());
        }
        self.carried_out += 1;
        match method {
            ECHO => Ok(parameters),
            KEY_TRANSFER => match self.transfer(parameters) {
                Some(()) => Ok(None),
                None => Err(ActionResult::OtherReason.into()),
            },
            _ => Err(ActionResult::ObjectUndefined.into()),
        }
    }

    fn signed(&mut self, _: u16, signing: &GeneralSigning) -> Result<(), Stop> {
        // Whether a signature fits is not this crate's to judge; here the right one is the content backwards.
        let backwards: Vec<u8> = signing.content.iter().rev().copied().collect();
        let is_new = !self.signed_transactions.contains(&signing.transaction_id);
        if signing.signature != backwards || signing.recipient != TITLE || !is_new {
            return Err(Stop::NOT_POSSIBLE);
        }
        self.signed_transactions.push(signing.transaction_id.clone());
        Ok(())
    }
}
