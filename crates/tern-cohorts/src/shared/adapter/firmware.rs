//! Firmware images to devices: in blocks, taken up again where they stopped, verified, and activated.
//!
//! The ESME takes blocks on its management association; hub, GSME and PPMIDs take what the S1SP signs. That the ESME runs another
//! program is critical (P): activating it is the DCO's to ask for, and never this module's.

use tern_dlms::apdu::{
    ActionRequest, ActionResponse, ActionResult, Apdu, ExceptionResponse, GetRequest, GetResponse, ServiceException,
    StateError,
};
use tern_dlms::client::image::{ImageError, ImageServer, ImageTransfer, Stage};
use tern_dlms::client::{ClientError, Doubt, NotSent, Refusal};
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::image_transfer::{self, ImageToActivate};
use tern_dlms::{AttributeDescriptor, Codec, Data, MethodDescriptor};
use tern_model::DeviceModel;

use super::signed::{INVOKE, Signed, Unanswered};
use super::{Addressed, Line, Trouble, answers, esme, objects, public};
use crate::Site;
use crate::device::DeviceError;
use crate::firmware::{Firmware, FirmwareError, Recipient};

/// Sends what is left of an image; see [`crate::Cohort::send_firmware`].
pub(in crate::shared) fn send(
    firmware: &mut Firmware<'_>,
    to: Recipient,
    site: &mut Site<'_>,
    watch: &mut dyn FnMut(Stage),
) -> Result<Stage, FirmwareError> {
    let mut transfer = transfer(firmware);
    // The first stage is heard once the device was told what comes. Until then it may hold another image.
    let mut heard = |stage| {
        firmware.begun = true;
        watch(stage);
    };
    told(match to {
        Recipient::Esme(whose) => transfer.transfer(&mut esme::management(site, whose)?, &mut heard),
        to => transfer.transfer(&mut Server::of(to, site)?, &mut heard),
    })
}

/// Has a verified image activated; see [`crate::Cohort::activate_firmware`].
pub(in crate::shared) fn activate(
    firmware: &Firmware<'_>,
    to: Recipient,
    site: &Site<'_>,
) -> Result<Stage, FirmwareError> {
    if let Recipient::Esme(_) = to {
        return Err(FirmwareError::Critical);
    }
    told(transfer(firmware).activate_by(&mut Server::of(to, site)?, meant(firmware)))
}

/// The instruction that has a device use an image, as the DCO is to compare it; see [`crate::Cohort::firmware_activation`].
pub(in crate::shared) fn activation(firmware: &Firmware<'_>) -> Vec<u8> {
    let method = MethodDescriptor::new(image_transfer::CLASS, objects::IMAGE_TRANSFER, image_transfer::ACTIVATE);
    Apdu::ActionRequest(ActionRequest::Normal { invoke: INVOKE, method, parameters: Some(meant(firmware)) }).to_bytes()
}

/// What a device itself says of the image that is meant: it uses no other (P).
fn meant(firmware: &Firmware<'_>) -> Data {
    ImageToActivate {
        size: firmware.size,
        identification: firmware.identifier.to_vec(),
        signature: firmware.digest.0.to_vec(),
    }
    .to_data()
}

/// The program that a device runs, as it says itself; see [`crate::Cohort::running_firmware`].
pub(in crate::shared) fn running(to: Recipient, site: &mut Site<'_>) -> Result<DeviceModel, FirmwareError> {
    let status = match to {
        Recipient::Esme(whose) => esme::status(&mut esme::management(site, whose)?)?,
        to => answers::status(&signed(to, site)?.read(answers::STATUS)?)?,
    };
    Ok(status.model)
}

/// What a device says of an image; see [`crate::Cohort::probe_firmware`].
pub(in crate::shared) fn probe(
    firmware: &Firmware<'_>,
    to: Recipient,
    site: &Site<'_>,
) -> Result<Stage, FirmwareError> {
    // Everybody may read how far an image is, of the ESME too.
    told(transfer(firmware).stage(&mut Server::of(to, site)?))
}

fn transfer<'i>(firmware: &Firmware<'i>) -> ImageTransfer<'i> {
    let (object, identifier, image) = (objects::IMAGE_TRANSFER, firmware.identifier, firmware.image);
    match firmware.begun {
        true if image.is_empty() => ImageTransfer::known(object, identifier, firmware.size as usize),
        true => ImageTransfer::begun(object, identifier, image),
        false => ImageTransfer::new(object, identifier, image),
    }
}

fn told(outcome: Result<Stage, ImageError>) -> Result<Stage, FirmwareError> {
    outcome.map_err(|error| match error {
        ImageError::Client(ClientError::Unknown(_)) => FirmwareError::Lost,
        // What had no number left is sent over a new connection, under new ones.
        ImageError::Client(ClientError::NotSent(NotSent::Broken | NotSent::Invocation(_))) => FirmwareError::Lost,
        error => FirmwareError::Image(error),
    })
}

impl From<DeviceError> for FirmwareError {
    fn from(error: DeviceError) -> FirmwareError {
        FirmwareError::Device(error)
    }
}

impl From<Trouble> for FirmwareError {
    fn from(trouble: Trouble) -> FirmwareError {
        match trouble {
            Trouble::Said(error) => FirmwareError::Device(error),
            Trouble::Lost => FirmwareError::Lost,
        }
    }
}

/// A device as its image is asked for: what is altered is signed, and what is read too, but for the ESME, which takes no
/// signatures and tells everybody.
enum Server<'s, 'a> {
    Esme(Line),
    Signed(Signed<'s, 'a>),
}

impl<'s, 'a> Server<'s, 'a> {
    fn of(to: Recipient, site: &'s Site<'a>) -> Result<Server<'s, 'a>, FirmwareError> {
        Ok(match to {
            Recipient::Esme(_) => Server::Esme(public(site, Addressed::Esme)?),
            to => Server::Signed(signed(to, site)?),
        })
    }
}

/// A device to which what is asked is signed; an ESME, which takes no signatures, refuses it.
fn signed<'s, 'a>(to: Recipient, site: &'s Site<'a>) -> Result<Signed<'s, 'a>, DeviceError> {
    Ok(match to {
        Recipient::Esme(_) => Signed::to(site, Addressed::Esme, site.esme),
        Recipient::Hub => Signed::hub(site),
        Recipient::Gsme => Signed::gsme(site)?,
        Recipient::Ppmid { device, nth } => Signed::to(site, Addressed::Ppmid(nth), device),
    })
}

/// What an image transfer makes of an answer that there is none to go by: that nothing was done must be the hub's own word.
fn unanswered(unanswered: Unanswered) -> ClientError {
    match unanswered {
        Unanswered::Not(DeviceError::NoWan) => NotSent::Broken.into(),
        Unanswered::Not(_) => Refusal::Exception(ExceptionResponse {
            state_error: StateError::ServiceNotAllowed,
            service_error: ServiceException::OperationNotPossible,
        })
        .into(),
        Unanswered::Silent => Doubt::Closed.into(),
        Unanswered::NotBelieved => Doubt::Nonsense("an answer that is not the hub's").into(),
    }
}

impl ImageServer for Server<'_, '_> {
    fn read(&mut self, attribute: AttributeDescriptor) -> Result<Data, ClientError> {
        let signed = match self {
            Server::Esme(line) => return line.get(attribute),
            Server::Signed(signed) => signed,
        };
        let request = GetRequest::Normal { invoke: INVOKE, attribute: attribute.into() };
        match signed.ask(&Apdu::GetRequest(request)).map_err(unanswered)? {
            Apdu::GetResponse(GetResponse::Normal { result, .. }) => Ok(result.map_err(Refusal::Access)?),
            _ => Err(Doubt::Nonsense("no answer to a get").into()),
        }
    }

    fn invoke(&mut self, method: MethodDescriptor, parameter: Data) -> Result<(), ClientError> {
        let signed = match self {
            Server::Esme(line) => return line.action(method, Some(parameter)).map(drop),
            Server::Signed(signed) => signed,
        };
        let request = ActionRequest::Normal { invoke: INVOKE, method, parameters: Some(parameter) };
        match signed.ask(&Apdu::ActionRequest(request)).map_err(unanswered)? {
            Apdu::ActionResponse(ActionResponse::Normal { response, .. }) => match response.result {
                ActionResult::Success => Ok(()),
                result => Err(Refusal::Action(result).into()),
            },
            _ => Err(Doubt::Nonsense("no answer to an action").into()),
        }
    }
}
