//! The rows of the hub and of what stands behind it: read and altered by what the S1SP signs (P).

use tern_dlms::apdu::{
    ActionRequest, ActionResponse, ActionResult, Apdu, AttributeWithSelection, DataAccessResult, SetRequest,
    SetResponse,
};
use tern_dlms::{AttributeDescriptor, Data};
use tern_model::{CertificateId, DeviceId};

use super::signed::{INVOKE, Signed};
use super::{Addressed, Trouble, answers, esme, failed, objects, public};
use crate::Site;
use crate::device::{Counters, HubStatus, Reply};

/// W1, B5.1 and probes.
pub(super) fn read(site: &Site<'_>) -> Result<Reply, Trouble> {
    let [id, model, firmware, certificates] = answers::STATUS;
    let wanted = [id, model, firmware, certificates, objects::APN, objects::WHITELIST];
    let [id, model, firmware, certificates, apn, whitelist] = Signed::hub(site).read(wanted)?;
    let status = answers::status(&[id, model, firmware, certificates])?;
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
    Ok(Reply::Gsme(answers::status(&Signed::gsme(site)?.read(answers::STATUS)?)?))
}

/// How far ESME and hub were counted, in clear: who lies about it can shut the S1SP out for a while, and no more.
pub(super) fn read_counters(site: &Site<'_>) -> Result<Reply, Trouble> {
    let (management, critical) = esme::counters(site)?;
    let heard = public(site, Addressed::Chf)?.get(objects::TRANSACTION)?;
    let heard = heard.as_whole_number().ok().and_then(|heard| u64::try_from(heard).ok());
    let transaction = heard.ok_or_else(|| failed("a transaction is no number"))?;
    Ok(Reply::Counters(Counters { management, critical, transaction }))
}

/// W2 and its undo.
pub(super) fn set_apn(site: &Site<'_>, apn: &str) -> Result<Reply, Trouble> {
    set(Signed::hub(site), objects::APN, Data::octets(apn.as_bytes()))
}

/// 15.11 and its undo.
pub(super) fn set_whitelist(site: &Site<'_>, devices: &[DeviceId]) -> Result<Reply, Trouble> {
    let list = devices.iter().map(|device| Data::octets(device.0.0.to_be_bytes())).collect();
    set(Signed::hub(site), objects::WHITELIST, Data::Array(list))
}

/// B3.2, B6.5 and their undos.
pub(super) fn import_certificate(
    site: &Site<'_>,
    device: DeviceId,
    certificate: &CertificateId,
) -> Result<Reply, Trouble> {
    let der = answers::certificate(site, certificate)?;
    let parameters = Some(Data::octets(der));
    let request = ActionRequest::Normal { invoke: INVOKE, method: objects::IMPORT_CERTIFICATE, parameters };
    let is_hub = device == DeviceId::from(site.chf);
    let device = if is_hub { Signed::hub(site) } else { Signed::gsme(site)? };
    done(device, &Apdu::ActionRequest(request))
}

/// Has a device take a value.
pub(super) fn set(device: Signed<'_, '_>, attribute: AttributeDescriptor, value: Data) -> Result<Reply, Trouble> {
    let attribute = AttributeWithSelection::from(attribute);
    let request = SetRequest::Normal { invoke: INVOKE, attribute, value };
    done(device, &Apdu::SetRequest(request))
}

/// Has a device do what the S1SP signs.
fn done(mut device: Signed<'_, '_>, request: &Apdu) -> Result<Reply, Trouble> {
    let refused = |words: String| Err(failed(&words).into());
    match device.ask(request)? {
        Apdu::SetResponse(SetResponse::Normal { result, .. }) => match result {
            DataAccessResult::Success => Ok(Reply::Done),
            result => refused(format!("data-access-result {result}")),
        },
        Apdu::ActionResponse(ActionResponse::Normal { response, .. }) => match response.result {
            ActionResult::Success => Ok(Reply::Done),
            result => refused(format!("action-result {result}")),
        },
        _ => Err(Trouble::Lost),
    }
}
