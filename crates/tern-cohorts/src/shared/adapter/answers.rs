//! What devices say, taken apart. A value that is not what the object should hold is a failure of the device.

use tern_dlms::acse::{AssociationResult, Diagnostic, ServiceUserDiagnostic};
use tern_dlms::apdu::{ActionResult, ExceptionResponse, ServiceException};
use tern_dlms::client::Refusal;
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::security_setup::CertificateInfo;
use tern_dlms::{AttributeDescriptor, Data};
use tern_model::{CertificateId, DeviceId, DeviceModel, Eui64};

use super::{Trouble, failed, objects};
use crate::Site;
use crate::device::MeterStatus;

/// What tells what a logical device is, and who is in charge of it.
pub(super) const STATUS: [AttributeDescriptor; 4] =
    [objects::DEVICE_ID, objects::MODEL, objects::FIRMWARE, objects::CERTIFICATES];

/// The values of [`STATUS`], taken apart.
pub(super) fn status([id, model, firmware, certificates]: &[Data; 4]) -> Result<MeterStatus, Trouble> {
    Ok(MeterStatus {
        device: device(id).ok_or_else(|| failed("the Device ID is not 8 bytes"))?,
        model: self::model(model, firmware)?,
        certificate: in_charge(certificates).ok_or_else(|| failed("no certificate is in charge"))?,
    })
}

/// What a device is, and which program it runs.
pub(super) fn model(model: &Data, firmware: &Data) -> Result<DeviceModel, Trouble> {
    let [manufacturer, model] = model.as_structure::<2>().map_err(|_| failed("the model is no pair of names"))?;
    let words = |data: &Data, what: &str| text(data).ok_or_else(|| failed(&format!("the {what} is no text")));
    Ok(DeviceModel {
        manufacturer: words(manufacturer, "manufacturer")?,
        model: words(model, "model")?,
        firmware: words(firmware, "firmware version")?,
    })
}

/// The certificate in charge: the first, and only one, of a security setup's list.
fn in_charge(certificates: &Data) -> Option<CertificateId> {
    let [certificate] = <[CertificateInfo; 1]>::try_from(Vec::of_data(certificates).ok()?).ok()?;
    let serial = Some(certificate.serial_number).filter(|serial| serial.len() <= 16)?;
    let serial = serial.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    Some(CertificateId::from_parts(serial, str::from_utf8(&certificate.issuer).ok()?))
}

/// A Device ID.
pub(super) fn device(data: &Data) -> Option<DeviceId> {
    Some(DeviceId(Eui64(u64::from_be_bytes(data.as_octets().ok()?.try_into().ok()?))))
}

/// Words, in whichever of the types a device keeps them.
pub(super) fn text(data: &Data) -> Option<String> {
    match data {
        Data::OctetString(octets) => String::from_utf8(octets.clone()).ok(),
        data => data.as_text().ok().map(str::to_owned),
    }
}

/// A certificate as it is handed to a device.
pub(super) fn certificate(site: &Site<'_>, id: &CertificateId) -> Result<Vec<u8>, Trouble> {
    site.identity.certificate(id).ok_or_else(|| failed(&format!("the directory holds no certificate {id}")).into())
}

/// Whether the hub says that it cannot reach the device behind it.
pub(super) fn is_beyond_reach(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Exception(ExceptionResponse { service_error: ServiceException::OperationNotPossible, .. })
    )
}

/// Whether an association was rejected for good, because its keys are not those in force.
pub(super) fn is_of_keys(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Association {
            result: AssociationResult::RejectedPermanent,
            diagnostic: Diagnostic::ServiceUser(ServiceUserDiagnostic::AuthenticationFailure),
        }
    )
}

/// Whether the ESME says that a wrapped key does not open under its master key.
pub(super) fn means_no_unwrap(result: ActionResult) -> bool {
    result == ActionResult::ReadWriteDenied
}
