//! The hub and what stands behind it: read publicly, altered by what the S1SP signs (P).

use tern_dlms::apdu::{
    ActionRequest, ActionResponse, ActionResult, Apdu, AttributeWithSelection, DataAccessResult, ExceptionResponse,
    GeneralSigning, GetRequest, GetResponse, InvokeIdAndPriority, ServiceException, SetRequest, SetResponse,
};
use tern_dlms::{AttributeDescriptor, Codec, Data, SystemTitle};
use tern_model::{CertificateId, DeviceId, Eui64};

use super::{Addressed, Line, Trouble, answers, failed, objects, public};
use crate::Site;
use crate::device::{DeviceError, HubStatus, Reply};

/// W1, B5.1 and probes.
pub(super) fn read(site: &Site<'_>) -> Result<Reply, Trouble> {
    let mut line = public(site, Addressed::Chf)?;
    let status = answers::status(&mut line)?;
    let apn = line.get(objects::APN)?;
    let whitelist = line.get(objects::WHITELIST)?;
    let listed = whitelist.as_array().map_err(|_| failed("the CHF Whitelist is no list"))?;
    let hub = HubStatus {
        device: status.device,
        model: status.model,
        apn: answers::text(&apn).ok_or_else(|| failed("the APN is no text"))?,
        whitelist: listed
            .iter()
            .map(|one| answers::device(one).ok_or_else(|| failed("the CHF Whitelist holds what is no Device ID")))
            .collect::<Result<_, _>>()?,
        certificate: status.certificate,
    };
    Ok(Reply::Hub(hub))
}

/// B3.1 and probes; a GSME that the hub cannot reach is GT01.
pub(super) fn read_gsme(site: &Site<'_>) -> Result<Reply, Trouble> {
    Ok(Reply::Gsme(answers::status(&mut public(site, Addressed::Gsme)?)?))
}

/// Probes: whatever was signed for the hub before and has not been heard is void; then what the hub says.
pub(super) fn settle(site: &Site<'_>) -> Result<Reply, Trouble> {
    make_void(site, (Addressed::Chf, site.chf.into()))?;
    read(site)
}

/// Probes: as [`settle`], of the GSME.
pub(super) fn settle_gsme(site: &Site<'_>) -> Result<Reply, Trouble> {
    let gsme = site.gsme.ok_or(DeviceError::NoSuchDevice)?;
    make_void(site, (Addressed::Gsme, gsme))?;
    read_gsme(site)
}

/// Asks a device, signed, for its Device ID: once it has heard that transaction it hears none before it.
fn make_void(site: &Site<'_>, of: (Addressed, DeviceId)) -> Result<(), Trouble> {
    let request = GetRequest::Normal { invoke: InvokeIdAndPriority::new(1), attribute: objects::DEVICE_ID.into() };
    signed(site, of, &Apdu::GetRequest(request)).map(drop)
}

/// W2 and its undo.
pub(super) fn set_apn(site: &Site<'_>, apn: &str) -> Result<Reply, Trouble> {
    set(site, objects::APN, Data::octets(apn.as_bytes()))
}

/// 15.11 and its undo.
pub(super) fn set_whitelist(site: &Site<'_>, devices: &[DeviceId]) -> Result<Reply, Trouble> {
    let list = devices.iter().map(|device| Data::octets(device.0.0.to_be_bytes())).collect();
    set(site, objects::WHITELIST, Data::Array(list))
}

/// B3.2, B6.5 and their undos.
pub(super) fn import_certificate(
    site: &Site<'_>,
    device: DeviceId,
    certificate: &CertificateId,
) -> Result<Reply, Trouble> {
    let der = answers::certificate(site, certificate)?;
    let method = objects::IMPORT_CERTIFICATE;
    let invoke = InvokeIdAndPriority::new(1);
    let request = ActionRequest::Normal { invoke, method, parameters: Some(Data::octets(der)) };
    let server = if device == DeviceId::from(site.chf) {
        Addressed::Chf
    } else if Some(device) == site.gsme {
        Addressed::Gsme
    } else {
        return Err(DeviceError::NoSuchDevice.into());
    };
    signed(site, (server, device), &Apdu::ActionRequest(request))
}

fn set(site: &Site<'_>, attribute: AttributeDescriptor, value: Data) -> Result<Reply, Trouble> {
    let attribute = AttributeWithSelection::from(attribute);
    let request = SetRequest::Normal { invoke: InvokeIdAndPriority::new(1), attribute, value };
    signed(site, (Addressed::Chf, site.chf.into()), &Apdu::SetRequest(request))
}

/// Has a device do what the S1SP signs: general-signing under a transaction that the device never heard before.
fn signed(site: &Site<'_>, (server, device): (Addressed, DeviceId), request: &Apdu) -> Result<Reply, Trouble> {
    let mut line = public(site, server)?;
    let message = message(site, &mut line, device, request)?;
    judge(&line.relay(&message)?)
}

/// What the S1SP signs for a device, under the transaction that it waits for.
pub(super) fn message(site: &Site<'_>, line: &mut Line, device: DeviceId, request: &Apdu) -> Result<Vec<u8>, Trouble> {
    let mut message = GeneralSigning {
        transaction_id: next_transaction(line)?.to_be_bytes().to_vec(),
        originator: SystemTitle(site.identity.title()),
        recipient: SystemTitle(title(device)),
        date_time: Vec::new(),
        other_information: site.identity.own_certificate(),
        content: request.to_bytes(),
        signature: Vec::new(),
    };
    let signature = site.identity.sign(&message.signed_part()).ok_or_else(|| failed("the S1SP's signer fails"))?;
    message.signature = signature.to_vec();
    Ok(Apdu::GeneralSigning(message).to_bytes())
}

fn next_transaction(line: &mut Line) -> Result<u64, Trouble> {
    let heard = line.get(objects::TRANSACTION)?;
    let heard = heard.as_whole_number().ok().and_then(|heard| u64::try_from(heard).ok());
    heard.and_then(|heard| heard.checked_add(1)).ok_or_else(|| failed("the device's transactions are used up").into())
}

/// What a device answers to what was signed.
fn judge(answer: &[u8]) -> Result<Reply, Trouble> {
    let refused = |words: String| Err(failed(&words).into());
    match Apdu::decode(answer).map_err(|_| Trouble::Lost)? {
        Apdu::SetResponse(SetResponse::Normal { result, .. }) => match result {
            DataAccessResult::Success => Ok(Reply::Done),
            result => refused(format!("data-access-result {result}")),
        },
        Apdu::GetResponse(GetResponse::Normal { result, .. }) => match result {
            Ok(_) => Ok(Reply::Done),
            Err(result) => refused(format!("data-access-result {result}")),
        },
        Apdu::ActionResponse(ActionResponse::Normal { response, .. }) => match response.result {
            ActionResult::Success => Ok(Reply::Done),
            result => refused(format!("action-result {result}")),
        },
        Apdu::ExceptionResponse(ExceptionResponse {
            service_error: ServiceException::OperationNotPossible, ..
        }) => Err(DeviceError::KeyRejected.into()),
        Apdu::ExceptionResponse(exception) => refused(format!("{:?}", exception.service_error)),
        _ => Err(Trouble::Lost),
    }
}

fn title(device: DeviceId) -> [u8; 8] {
    let DeviceId(Eui64(number)) = device;
    number.to_be_bytes()
}
