//! Instructions that a User's signed Service Request stands for: what may be said to a device for each, read out of the request's
//! body by code of the DCO's own.
//!
//! One file for each family says what is permitted; here it is compared with what the S1SP wants to say, attribute by attribute and
//! value by value. This module must never take a value from the instruction that the request does not have.

mod clock;
mod money;
mod supply;
mod tariff;
mod trust;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use tern_dlms::apdu::{ActionRequest, Apdu, InvokeIdAndPriority, SetRequest};
use tern_dlms::{AttributeDescriptor, ClassId, Data, LogicalName, MethodDescriptor};
use tern_model::DeviceKind;
use tern_wire::duis::Element;

use super::{Differs, INVOKE, decode, differs, same};

/// For whom and when an instruction is to be protected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances {
    /// The kind of device.
    pub(crate) kind: DeviceKind,
    /// The DCO's time.
    pub(crate) now: Timestamp,
}

/// One instruction that a request stands for.
enum Permitted {
    /// These attributes, in this order: one alone, or several at once.
    Write(Vec<Field>),
    /// This method, with this parameter.
    Invoke(MethodDescriptor, Field),
}

/// A value that an instruction says, and what it may be.
struct Field {
    name: &'static str,
    attribute: AttributeDescriptor,
    value: Value,
}

enum Value {
    /// This one.
    Is(Data),
    /// A moment no further from this one than so many seconds.
    Near(Timestamp, u32),
}

impl Field {
    fn of(name: &'static str, attribute: AttributeDescriptor, value: Data) -> Field {
        Field { name, attribute, value: Value::Is(value) }
    }
}

impl Permitted {
    fn invoke(name: &'static str, method: MethodDescriptor, parameter: Data) -> Permitted {
        let attribute = AttributeDescriptor { class: method.class, instance: method.instance, attribute: 0 };
        Permitted::Invoke(method, Field::of(name, attribute, parameter))
    }
}

/// Whether an instruction is one that the body of a Service Request stands for, on a device of that kind at that time: the
/// comparison alone, without keys, records and signatures. Says which, in words.
///
/// # Errors
/// What differs, in words.
pub fn permits(
    body: Element<'_>,
    kind: DeviceKind,
    now: Timestamp,
    instruction: &[u8],
) -> Result<&'static str, String> {
    stands_for(body, Circumstances { kind, now }, instruction)
        .map_err(|differs| differs.to_what_is_said_by("the Service Request"))
}

/// Whether an instruction is one of those that a request's body stands for, on such a device at that time. Says which, in words.
pub(crate) fn stands_for(body: Element<'_>, of: Circumstances, bytes: &[u8]) -> Result<&'static str, Differs> {
    let (what, permitted) = permitted(body, of)?;
    match decode(bytes)? {
        Apdu::SetRequest(SetRequest::Normal { invoke, attribute, value }) => {
            written(&permitted, invoke, vec![(attribute.attribute, attribute.access.is_some(), value)])
        }
        Apdu::SetRequest(SetRequest::WithList { invoke, attributes, values }) if attributes.len() > 1 => {
            same("number of values", values.len(), attributes.len())?;
            let pairs = attributes.into_iter().zip(values);
            let asked = pairs.map(|(attribute, value)| (attribute.attribute, attribute.access.is_some(), value));
            written(&permitted, invoke, asked.collect())
        }
        Apdu::ActionRequest(ActionRequest::Normal { invoke, method, parameters }) => {
            invoked(&permitted, invoke, (method, parameters))
        }
        _ => Err(differs("service", "another one", "a set or an action")),
    }?;
    Ok(what)
}

/// What the body of a request permits, and what it is.
fn permitted(body: Element<'_>, of: Circumstances) -> Result<(&'static str, Vec<Permitted>), Differs> {
    let is_meter = matches!(of.kind, DeviceKind::Esme | DeviceKind::Gsme);
    let takes_firmware = is_meter || matches!(of.kind, DeviceKind::Chf | DeviceKind::Ppmid);
    match body.name() {
        "UpdateImportTariffPrimaryElement" if is_meter => Ok(("set the tariff", tariff::tariff(body, of.kind)?)),
        "UpdatePricePrimaryElement" if is_meter => Ok(("set prices", tariff::prices(body, of.kind)?)),
        "UpdatePaymentMode" if is_meter => Ok(("set the payment mode", money::payment_mode(body)?)),
        "EnableSupply" if of.kind == DeviceKind::Esme => Ok(("enable supply", supply::enable())),
        "DisableSupply" if is_meter => Ok(("disable supply", supply::disable())),
        "ArmSupply" if is_meter => Ok(("arm supply", supply::arm())),
        "SynchroniseClock" | "CommissionDeviceSynchroniseClock" if is_meter => {
            Ok(("set the clock", clock::clock(body, of.now)?))
        }
        "JoinServiceCritical" if is_meter => Ok(("join a device", trust::join(body)?)),
        "ActivateFirmware" if takes_firmware => Ok(("use firmware", trust::activate(body)?)),
        _ => Err(differs("request", "another one", "a critical request for such a device")),
    }
}

fn written(
    permitted: &[Permitted],
    invoke: InvokeIdAndPriority,
    asked: Vec<(AttributeDescriptor, bool, Data)>,
) -> Result<(), Differs> {
    same("invoke-id-and-priority", invoke.0, INVOKE.0)?;
    let first = asked.first().map(|(attribute, ..)| *attribute);
    let found = permitted.iter().find_map(|one| match one {
        Permitted::Write(fields) if fields.first().map(|field| field.attribute) == first => Some(fields),
        _ => None,
    });
    let Some(fields) = found else { return Err(differs("object", "another one", "one of those that it may write")) };
    same("number of attributes", asked.len(), fields.len())?;
    for ((attribute, selects, value), field) in asked.iter().zip(fields) {
        if *attribute != field.attribute {
            return Err(differs("object", "another one", field.name));
        }
        if *selects {
            return Err(differs("selective access", "there", "absent"));
        }
        field.holds(value)?;
    }
    Ok(())
}

fn invoked(
    permitted: &[Permitted],
    invoke: InvokeIdAndPriority,
    (asked, parameter): (MethodDescriptor, Option<Data>),
) -> Result<(), Differs> {
    same("invoke-id-and-priority", invoke.0, INVOKE.0)?;
    let found = permitted.iter().find_map(|one| match one {
        Permitted::Invoke(method, field) if *method == asked => Some(field),
        _ => None,
    });
    match (found, parameter) {
        (Some(field), Some(parameter)) => field.holds(&parameter),
        (Some(field), None) => Err(differs(field.name, "absent", "there")),
        (None, _) => Err(differs("method", "another one", "one of those that it may invoke")),
    }
}

impl Field {
    fn holds(&self, value: &Data) -> Result<(), Differs> {
        let holds = match &self.value {
            Value::Is(expected) => value == expected,
            Value::Near(moment, seconds) => clock::is_near(value, *moment, *seconds),
        };
        if holds { Ok(()) } else { Err(differs(self.name, "another one", "another")) }
    }
}

/// An attribute by its numbers.
const fn attribute(class: u16, name: [u8; 6], attribute: i8) -> AttributeDescriptor {
    AttributeDescriptor { class: ClassId(class), instance: LogicalName(name), attribute }
}

/// A method by its numbers.
const fn method(class: u16, name: [u8; 6], method: i8) -> MethodDescriptor {
    MethodDescriptor { class: ClassId(class), instance: LogicalName(name), method }
}

/// A part of the body that must be there, of its type.
fn needed<T>(part: Option<T>, name: &'static str) -> Result<T, Differs> {
    part.ok_or_else(|| differs(name, "unreadable", "as its schema has it"))
}

/// A number of the body, in its range.
fn number<T: TryFrom<i128>>(element: Option<Element<'_>>, name: &'static str) -> Result<T, Differs> {
    let number = element.and_then(Element::integer).and_then(|number| T::try_from(number).ok());
    needed(number, name)
}
