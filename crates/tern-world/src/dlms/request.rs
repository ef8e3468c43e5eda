//! One request to one device: what is checked before it, what is logged with it, and what the fault script does to it.

use jiff::Timestamp;
use tern_dlms::apdu::{ActionResult, DataAccessResult};
use tern_dlms::{AttributeDescriptor, Data, MethodDescriptor, SelectiveAccess};
use tern_model::DeviceId;

use super::access::Client;
use super::associations::Door;
use super::objects::{Object, What};
use crate::WorldError;
use crate::devices::{Change, EffectRecord, FaultKind, Installation, LogRecord, Meter, Slot, World, digest};

/// A device of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Addressed {
    /// The electricity meter.
    Esme,
    /// The hub.
    Chf,
    /// The hub's gas proxy.
    Gpf,
    /// The gas meter.
    Gsme,
    /// The PPMID of that number.
    Ppmid(usize),
}

impl Addressed {
    /// Its Device ID.
    pub(crate) fn id(self, installation: &Installation) -> DeviceId {
        match self {
            Addressed::Esme => installation.esme.device,
            Addressed::Gpf => installation.hub.gpf,
            Addressed::Gsme => installation.gsme.as_ref().map_or(installation.hub.gpf, |gsme| gsme.device),
            Addressed::Ppmid(nth) => installation.ppmids.get(nth).map_or(installation.hub.chf.into(), |p| p.device),
            Addressed::Chf => installation.hub.chf.into(),
        }
    }

    /// As the fault script calls its kind.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Addressed::Esme => "esme",
            Addressed::Chf => "chf",
            Addressed::Gpf => "gpf",
            Addressed::Gsme => "gsme",
            Addressed::Ppmid(_) => "ppmid",
        }
    }

    /// What reading of it is called.
    fn reading(self) -> &'static str {
        match self {
            Addressed::Esme => "read-esme",
            Addressed::Chf => "read-hub",
            Addressed::Gpf => "read-gpf",
            Addressed::Gsme => "read-gsme",
            Addressed::Ppmid(_) => "read-ppmid",
        }
    }
}

/// Why a device does not do what it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It fails for now: the script says so, or the log refuses.
    Temporary,
    /// This client may not, or a wrapped key does not open.
    Denied,
    /// There is no such object.
    Undefined,
    /// The object is of another class.
    Class,
    /// The value is of another type.
    Type,
    /// What is asked was had before.
    Used,
    /// What is asked does not fit the state.
    Other,
}

impl Refusal {
    pub(crate) fn of_data(self) -> DataAccessResult {
        match self {
            Refusal::Temporary => DataAccessResult::TemporaryFailure,
            Refusal::Denied => DataAccessResult::ReadWriteDenied,
            Refusal::Undefined => DataAccessResult::ObjectUndefined,
            Refusal::Class => DataAccessResult::ObjectClassInconsistent,
            Refusal::Type => DataAccessResult::TypeUnmatched,
            Refusal::Used => DataAccessResult::ObjectUnavailable,
            Refusal::Other => DataAccessResult::OtherReason,
        }
    }

    pub(crate) fn of_action(self) -> ActionResult {
        match self {
            Refusal::Temporary => ActionResult::TemporaryFailure,
            Refusal::Denied => ActionResult::ReadWriteDenied,
            Refusal::Undefined => ActionResult::ObjectUndefined,
            Refusal::Class => ActionResult::ObjectClassInconsistent,
            Refusal::Type => ActionResult::TypeUnmatched,
            Refusal::Used => ActionResult::ObjectUnavailable,
            Refusal::Other => ActionResult::OtherReason,
        }
    }
}

/// One request.
pub(crate) struct Request<'w> {
    pub(crate) world: &'w World,
    pub(crate) slot: &'w mut Slot,
    pub(crate) device: Addressed,
    pub(crate) client: Client,
    /// What the device opens.
    pub(crate) doors: Vec<Door>,
    /// Names it, once and for ever.
    pub(crate) key: String,
    /// Its moment.
    pub(crate) now: Timestamp,
    /// Whether the hub cannot reach the device for which it took the request.
    pub(crate) is_beyond_reach: bool,
    /// Whether the connection is to end without an answer.
    pub(crate) cut: bool,
}

impl Request<'_> {
    /// The device as a meter: the gas meter where it, or the GPF, is asked; else the ESME.
    pub(crate) fn meter(&self) -> &Meter {
        match self.device {
            Addressed::Gsme | Addressed::Gpf => &self.slot.installation.gas,
            Addressed::Esme | Addressed::Chf | Addressed::Ppmid(_) => &self.slot.installation.electricity.meter,
        }
    }

    /// As [`Request::effect`], of what is the meter's own.
    pub(crate) fn meter_effect(&mut self, operation: &str, content: &[u8], change: Change) -> Result<(), Refusal> {
        let change = match self.device {
            Addressed::Gsme => Change::Gas { change: Box::new(change) },
            _ => change,
        };
        self.effect(operation, content, change)
    }

    /// The device's id.
    pub(crate) fn id(&self) -> DeviceId {
        self.device.id(&self.slot.installation)
    }

    /// Reads an attribute.
    pub(crate) fn get(
        &mut self,
        wanted: &AttributeDescriptor,
        selection: Option<&SelectiveAccess>,
    ) -> Result<Data, Refusal> {
        let critical = self.client == Client::Critical;
        let operation = if critical { "critical-read" } else { self.device.reading() };
        self.struck_before(operation)?;
        let object = self.object(wanted.class, wanted.instance)?;
        if object.what == What::Model {
            self.struck_before("read-model")?;
        }
        let (read, _) = object.attribute(wanted.attribute, self.client).ok_or(Refusal::Undefined)?;
        if !read {
            return Err(Refusal::Denied);
        }
        let data = self.read(object, wanted.attribute, selection)?;
        self.struck_after(operation);
        Ok(data)
    }

    /// Writes an attribute.
    pub(crate) fn set(&mut self, wanted: &AttributeDescriptor, data: &Data) -> Result<(), Refusal> {
        let object = self.object(wanted.class, wanted.instance)?;
        let operation = write_operation(object.what);
        self.struck_before(operation)?;
        let (_, write) = object.attribute(wanted.attribute, self.client).ok_or(Refusal::Undefined)?;
        if !write {
            return Err(Refusal::Denied);
        }
        self.write(object, wanted.attribute, data, operation)?;
        self.struck_after(operation);
        Ok(())
    }

    /// Invokes a method.
    pub(crate) fn action(&mut self, wanted: &MethodDescriptor, parameter: Option<&Data>) -> Result<(), Refusal> {
        let object = self.object(wanted.class, wanted.instance)?;
        let operation = method_operation(object.what, wanted.method, parameter);
        self.struck_before(operation)?;
        if !object.method(wanted.method, self.client).ok_or(Refusal::Undefined)? {
            return Err(Refusal::Denied);
        }
        self.invoke(object, wanted.method, parameter, operation)?;
        self.struck_after(operation);
        Ok(())
    }

    /// An object that this client sees.
    fn object(&self, class: tern_dlms::ClassId, name: tern_dlms::LogicalName) -> Result<&'static Object, Refusal> {
        // Every association is 0.0.40.0.0 to those who are in it.
        let found = self.device.objects().iter().find(|o| o.name == name && o.is_seen_by(self.client));
        let object = found.ok_or(Refusal::Undefined)?;
        let mirrors = self.device == Addressed::Gpf && object.what.is_of_gas_meter();
        if mirrors && self.slot.installation.gsme.is_none() {
            return Err(Refusal::Undefined);
        }
        if object.class == class { Ok(object) } else { Err(Refusal::Class) }
    }

    /// Logs a change, does it, and remembers nothing of its keys but what the log shows.
    pub(crate) fn effect(&mut self, operation: &str, content: &[u8], change: Change) -> Result<(), Refusal> {
        let installation = &mut self.slot.installation;
        let keys = installation.keys_in(&change).map_err(|_| Refusal::Denied)?;
        let record = EffectRecord {
            chf: installation.hub.chf,
            key: self.key.clone(),
            row: operation.to_owned(),
            device: Some(self.device.id(installation)),
            content: digest(&[operation.as_bytes(), content]),
            change: change.clone(),
        };
        self.world.log.append(&LogRecord::Effect(record)).map_err(|error| failed(&error))?;
        installation.apply(&change, keys).map_err(|_| Refusal::Other)
    }

    /// What the script does to an operation before anything happens.
    pub(super) fn struck_before(&mut self, operation: &str) -> Result<(), Refusal> {
        let nth = self.slot.count(operation, self.id());
        if self.strike(FaultKind::NoWan, operation, nth) || self.power_fails(operation, nth)? {
            self.cut = true;
            return Err(Refusal::Temporary);
        }
        // Of these two a failure for now would say that they take their time.
        match operation {
            "image-verify" => Ok(()),
            _ if !self.strike(FaultKind::Fail, operation, nth) => Ok(()),
            "image-activate" => Err(Refusal::Other),
            _ => Err(Refusal::Temporary),
        }
    }

    /// Whether the script has the device find an image bad, whatever it is.
    pub(super) fn finds_it_bad(&mut self, operation: &str) -> bool {
        let nth = self.slot.times(operation, self.id());
        self.strike(FaultKind::Fail, operation, nth)
    }

    /// What the script does to an operation that was obeyed.
    pub(super) fn struck_after(&mut self, operation: &str) {
        let nth = self.slot.times(operation, self.id());
        self.cut |= self.strike(FaultKind::LostAnswer, operation, nth);
    }

    fn power_fails(&mut self, operation: &str, nth: u32) -> Result<bool, Refusal> {
        if !self.strike(FaultKind::PowerCut, operation, nth) {
            return Ok(false);
        }
        let change = Change::PowerCut { at: self.now, seconds: POWER_CUT_SECONDS };
        self.effect("power-cut", &[], change)?;
        Ok(true)
    }

    fn strike(&mut self, kind: FaultKind, operation: &str, nth: u32) -> bool {
        let device = self.device.kind();
        self.slot.strike(&self.world.log, kind, &self.key, |fault| {
            // Without any WAN nobody gets as far as this.
            let every = kind == FaultKind::NoWan && fault.row.is_any();
            !every && fault.row.is_operation(operation, device, nth)
        })
    }

    /// Whether the script has the hub name another than itself.
    pub(crate) fn lies(&mut self) -> bool {
        self.slot.strike(&self.world.log, FaultKind::InventoryRefusal, &self.key, |_| true)
    }
}

/// How long the supply stays off where the script cuts it.
const POWER_CUT_SECONDS: u32 = 60;

/// A file that refused: the device fails for now, and the operator is told why.
pub(crate) fn failed(error: &WorldError) -> Refusal {
    eprintln!("tern world: {error}");
    Refusal::Temporary
}

fn write_operation(what: What) -> &'static str {
    match what {
        What::Apn => "set-apn",
        What::Whitelist => "set-whitelist",
        What::Authorised => "set-authorised",
        What::Pin => "revise-pin",
        What::PinBefore => "restore-pin",
        What::Clock => "set-clock",
        What::Calendar => "set-calendar",
        What::SpecialDays | What::Thresholds | What::PassivePrices => "set-calendar",
        What::PaymentMode | What::Balance | What::Terms => "set-prepayment",
        What::Prices => "set-prices",
        What::TopUp => "top-up",
        What::Join => "join",
        _ => "write",
    }
}

fn method_operation(what: What, method: i8, parameter: Option<&Data>) -> &'static str {
    match (what, method) {
        (What::Security, 2) if super::keys::is_of_master_key(parameter) => "master-key-transfer",
        (What::Security, 2) => "key-transfer",
        (What::Security, 6) => "import-certificate",
        (What::Clock, _) => "set-clock",
        (What::Calendar, _) => "activate-calendar",
        (What::Supply, _) => "set-supply",
        (What::Auxiliary, _) => "set-auxiliary",
        (What::Image, 1) => "image-initiate",
        (What::Image, 2) => "image-block",
        (What::Image, 3) => "image-verify",
        (What::Image, 4) => "image-activate",
        _ => "invoke",
    }
}
