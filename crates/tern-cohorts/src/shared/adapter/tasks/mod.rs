//! Service requests at devices: what is read, what the S1SP has done by itself, and what the DCO must consent to first.
//!
//! One file for each family. A read is asked as often as one likes; what alters something is one request, so that its answer says
//! of all of it that it was done. This module must never decide whether a request may be processed: it is told.

mod clock;
mod credit;
mod readings;
mod supply;
mod tariff;
mod trust;

use tern_dlms::apdu::{
    ActionRequest, ActionResponse, ActionResult, Apdu, AttributeWithSelection, DataAccessResult, GetRequest,
    GetResponse, InvokeIdAndPriority, SetRequest, SetResponse,
};
use tern_dlms::client::{ClientError, Refusal};
use tern_dlms::{AttributeDescriptor, Codec, Data, MethodDescriptor, Selection};
use tern_requests::{Task, TaskAnswer};

use super::signed::{INVOKE, Signed, Unanswered};
use super::{Addressed, Line, Trouble, esme, failed, told};
use crate::device::{DeviceError, Whose};
use crate::{Addressee, Conditions, NotInstructed, Site};

/// The plain instructions of a critical task, in their order; see [`crate::Cohort::instructions`].
pub(in crate::shared) fn instructions(
    task: &Task,
    who: Addressee,
    conditions: &Conditions<'_>,
) -> Result<Vec<Vec<u8>>, NotInstructed> {
    let not_of_such = || Err(NotInstructed::NotOfSuch(who));
    match (task, who) {
        (Task::SetTariff { tariff }, Addressee::Esme | Addressee::Gsme) => tariff::set_tariff(tariff, who, conditions),
        (Task::SetPrice { prices }, Addressee::Esme | Addressee::Gsme) => tariff::set_prices(prices, who, conditions),
        (Task::SetPaymentMode { mode }, Addressee::Esme | Addressee::Gsme) => Ok(vec![credit::set_mode(*mode)]),
        (Task::Supply { command }, Addressee::Esme | Addressee::Gsme) => supply::switch(*command, who),
        (Task::SetClock { now, tolerance_seconds }, Addressee::Esme | Addressee::Gsme) => {
            clock::set((*now, *tolerance_seconds), conditions.at)
        }
        (Task::JoinCritical { other }, Addressee::Esme | Addressee::Gsme) => Ok(vec![trust::join(*other)]),
        (Task::ActivateFirmware { .. }, Addressee::Gpf { .. }) => not_of_such(),
        (Task::ActivateFirmware { digest }, _) => Ok(vec![trust::activate(*digest)]),
        _ => not_of_such(),
    }
}

/// Carries out what needs no DCO; see [`crate::Cohort::perform`].
pub(in crate::shared) fn perform(
    task: &Task,
    who: Addressee,
    site: &mut Site<'_>,
) -> Option<Result<TaskAnswer, DeviceError>> {
    told(answer(task, who, site))
}

fn answer(task: &Task, who: Addressee, site: &mut Site<'_>) -> Result<TaskAnswer, Trouble> {
    let is_meter = matches!(who, Addressee::Esme | Addressee::Gsme);
    let measures = is_meter || matches!(who, Addressee::Gpf { .. });
    let joins = matches!(who, Addressee::Gsme | Addressee::Ppmid { .. });
    match task {
        Task::ReadImportRegisters if measures => readings::registers(&mut Server::of(who, site)?),
        Task::ReadPrepayValues if measures => readings::prepay_values(&mut Server::of(who, site)?),
        Task::ReadBalance if measures => readings::balance(&mut Server::of(who, site)?),
        Task::ReadImportProfile { from, to } if measures => readings::profile(&mut Server::of(who, site)?, *from, *to),
        Task::ReadSupply if is_meter => supply::read(&mut Server::of(who, site)?),
        Task::ReadFirmware => readings::firmware(&mut Server::of(who, site)?),
        Task::TopUp { utrn } if is_meter => credit::top_up(&mut Server::of(who, site)?, utrn),
        Task::JoinNonCritical { other } if joins => trust::join_by_signature(&mut Server::of(who, site)?, *other),
        // What their instructions did is done.
        Task::SetClock { .. } if is_meter => clock::read(&mut Server::of(who, site)?),
        Task::SetTariff { .. }
        | Task::SetPrice { .. }
        | Task::SetPaymentMode { .. }
        | Task::Supply { .. }
        | Task::ActivateFirmware { .. }
        | Task::JoinCritical { .. } => Ok(TaskAnswer::Done),
        _ => Err(failed(&NotInstructed::NotOfSuch(who).to_string()).into()),
    }
}

/// Has a device without critical keys obey an instruction; see [`crate::Cohort::instruct`].
pub(in crate::shared) fn instruct(
    instruction: &[u8],
    who: Addressee,
    site: &mut Site<'_>,
) -> Option<Result<(), DeviceError>> {
    told(signed_instruction(instruction, who, site))
}

fn signed_instruction(instruction: &[u8], who: Addressee, site: &mut Site<'_>) -> Result<(), Trouble> {
    let apdu = Apdu::decode(instruction).map_err(|_| failed("the instruction is no APDU"))?;
    match &mut Server::of(who, site)? {
        Server::Esme(_) => Err(failed("an ESME obeys critical instructions from the DCO alone").into()),
        Server::Signed(device) => obeyed(device.ask(&apdu)?),
    }
}

/// Whether all that was asked was done. Where it was not, the device says so: what stands in one request is done as far as it says.
fn obeyed(answer: Apdu) -> Result<(), Trouble> {
    let refused = |words: String| Err(Trouble::from(failed(&words)));
    let written = |result: DataAccessResult| match result {
        DataAccessResult::Success => Ok(()),
        result => refused(format!("data-access-result {result}")),
    };
    match answer {
        Apdu::SetResponse(SetResponse::Normal { result, .. }) => written(result),
        Apdu::SetResponse(SetResponse::WithList { results, .. }) => results.into_iter().try_for_each(written),
        Apdu::ActionResponse(ActionResponse::Normal { response, .. }) => match response.result {
            ActionResult::Success => Ok(()),
            result => refused(format!("action-result {result}")),
        },
        _ => Err(Trouble::Lost),
    }
}

/// Writes one attribute, as an instruction.
fn set(attribute: AttributeDescriptor, value: Data) -> Vec<u8> {
    Apdu::SetRequest(SetRequest::Normal { invoke: INSTRUCTION, attribute: attribute.into(), value }).to_bytes()
}

/// Writes several attributes at once, as an instruction.
fn set_all(all: Vec<(AttributeDescriptor, Data)>) -> Vec<u8> {
    let (attributes, values): (Vec<_>, _) = all.into_iter().unzip();
    let attributes = attributes.into_iter().map(AttributeWithSelection::from).collect();
    Apdu::SetRequest(SetRequest::WithList { invoke: INSTRUCTION, attributes, values }).to_bytes()
}

/// Invokes a method, as an instruction.
fn invoke(method: MethodDescriptor, parameter: Data) -> Vec<u8> {
    let parameters = Some(parameter);
    Apdu::ActionRequest(ActionRequest::Normal { invoke: INSTRUCTION, method, parameters }).to_bytes()
}

/// Every instruction has the same number: what tells one from another is the counter, or the transaction, under which it goes.
const INSTRUCTION: InvokeIdAndPriority = InvokeIdAndPriority::new(1);

/// A device as tasks are asked of it: the ESME by its management association, all others by what the S1SP signs.
enum Server<'s, 'a> {
    Esme(Line),
    Signed(Signed<'s, 'a>),
}

impl<'s, 'a> Server<'s, 'a> {
    fn of(who: Addressee, site: &'s mut Site<'a>) -> Result<Server<'s, 'a>, Trouble> {
        Ok(match who {
            Addressee::Esme => Server::Esme(esme::management(site, Whose::S1sp)?),
            Addressee::Gsme => Server::Signed(Signed::gsme(site)?),
            Addressee::Hub => Server::Signed(Signed::hub(site)),
            Addressee::Gpf { device } => Server::Signed(Signed::to(site, Addressed::Gpf, device)),
            Addressee::Ppmid { device, nth } => Server::Signed(Signed::to(site, Addressed::Ppmid(nth), device)),
        })
    }

    /// Whether it measures gas.
    fn is_of_gas(&self) -> bool {
        matches!(self, Server::Signed(_))
    }

    /// The values of attributes, in their order.
    fn read<const N: usize>(&mut self, attributes: [AttributeDescriptor; N]) -> Result<[Data; N], Trouble> {
        let line = match self {
            Server::Signed(signed) => return signed.read(attributes),
            Server::Esme(line) => line,
        };
        let results = line.get_list(attributes.into_iter().map(AttributeWithSelection::from).collect())?;
        let values = results.into_iter().collect::<Result<Vec<_>, _>>();
        let values = values.map_err(|result| failed(&format!("data-access-result {result}")))?;
        values.try_into().map_err(|_| failed("the answer holds another number of values").into())
    }

    /// A part of an attribute.
    fn read_part(&mut self, attribute: AttributeDescriptor, selection: &Selection) -> Result<Data, Trouble> {
        let signed = match self {
            Server::Esme(line) => return Ok(line.get_with(attribute, selection)?),
            Server::Signed(signed) => signed,
        };
        let attribute = AttributeWithSelection { attribute, access: Some(selection.to_access()) };
        let request = Apdu::GetRequest(GetRequest::Normal { invoke: INVOKE, attribute });
        match signed.ask(&request).map_err(Unanswered::of_a_question)? {
            Apdu::GetResponse(GetResponse::Normal { result, .. }) => {
                result.map_err(|result| failed(&format!("data-access-result {result}")).into())
            }
            _ => Err(failed("the answer is no value").into()),
        }
    }

    /// Writes one attribute, and says what became of it.
    fn write(&mut self, attribute: AttributeDescriptor, value: Data) -> Result<DataAccessResult, Trouble> {
        let signed = match self {
            Server::Esme(line) => {
                return match line.set(attribute, value) {
                    Ok(()) => Ok(DataAccessResult::Success),
                    Err(ClientError::Refused(Refusal::Access(result))) => Ok(result),
                    Err(error) => Err(error.into()),
                };
            }
            Server::Signed(signed) => signed,
        };
        let request = SetRequest::Normal { invoke: INVOKE, attribute: attribute.into(), value };
        match signed.ask(&Apdu::SetRequest(request))? {
            Apdu::SetResponse(SetResponse::Normal { result, .. }) => Ok(result),
            _ => Err(Trouble::Lost),
        }
    }
}
