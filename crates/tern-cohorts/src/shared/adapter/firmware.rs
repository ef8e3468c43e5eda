//! Firmware images to devices: in blocks, taken up again where they stopped, verified, and activated.
//!
//! The ESME takes blocks on its management association; hub and PPMIDs take what the S1SP signs. That the ESME runs another
//! program is critical (P): activating it is the DCO's to ask for, and never this module's.

use tern_dlms::apdu::{ActionRequest, ActionResponse, ActionResult, Apdu, InvokeIdAndPriority};
use tern_dlms::client::image::{ImageError, ImageServer, ImageTransfer, Stage};
use tern_dlms::client::{Association, Client, ClientError, Doubt, NotSent, Refusal};
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::image_transfer::{self, ImageToActivate};
use tern_dlms::wrapper::WrapperError;
use tern_dlms::{AttributeDescriptor, Codec, Data, MethodDescriptor};
use tern_model::{DeviceId, DeviceModel};

use super::{Addressed, Line, Trouble, answers, esme, hub, objects, ports, public};
use crate::Site;
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
        to => transfer.transfer(&mut Signed::to(to, site), &mut heard),
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
    told(transfer(firmware).activate_by(&mut Signed::to(to, site), meant(firmware)))
}

/// The instruction that has a device use an image, as the DCO is to compare it; see [`crate::Cohort::firmware_activation`].
pub(in crate::shared) fn activation(firmware: &Firmware<'_>) -> Vec<u8> {
    let method = MethodDescriptor::new(image_transfer::CLASS, objects::IMAGE_TRANSFER, image_transfer::ACTIVATE);
    let (invoke, parameters) = (InvokeIdAndPriority::new(1), Some(meant(firmware)));
    Apdu::ActionRequest(ActionRequest::Normal { invoke, method, parameters }).to_bytes()
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
    let mut line = match to {
        Recipient::Esme(whose) => esme::management(site, whose)?,
        to => public(site, Signed::to(to, site).server)?,
    };
    Ok(answers::status(&mut line)?.model)
}

/// What a device says of an image; see [`crate::Cohort::probe_firmware`].
pub(in crate::shared) fn probe(
    firmware: &Firmware<'_>,
    to: Recipient,
    site: &Site<'_>,
) -> Result<Stage, FirmwareError> {
    // Everybody may read how far an image is, of the ESME too.
    told(transfer(firmware).stage(&mut Signed::to(to, site)))
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

impl From<Trouble> for FirmwareError {
    fn from(trouble: Trouble) -> FirmwareError {
        match trouble {
            Trouble::Said(error) => FirmwareError::Device(error),
            Trouble::Lost => FirmwareError::Lost,
        }
    }
}

/// A device as whoever signs speaks to it: reads are public, each method is one signed request.
struct Signed<'s, 'a> {
    site: &'s Site<'a>,
    server: Addressed,
    device: DeviceId,
    line: Option<Line>,
}

impl<'s, 'a> Signed<'s, 'a> {
    fn to(to: Recipient, site: &'s Site<'a>) -> Signed<'s, 'a> {
        let (server, device) = match to {
            Recipient::Esme(_) => (Addressed::Esme, site.esme),
            Recipient::Hub => (Addressed::Chf, site.chf.into()),
            Recipient::Ppmid { device, nth } => (Addressed::Ppmid(nth), device),
        };
        Signed { site, server, device, line: None }
    }

    /// The one connection, for as long as it answers.
    fn line(&mut self) -> Result<&mut Line, ClientError> {
        let line = match self.line.take() {
            Some(line) => line,
            None => {
                let opened = self.server.public(self.site).map_err(|_| NotSent::NotAgreed("a public association"))?;
                let stream = (self.site.connect)().map_err(|error| Doubt::Transport(WrapperError::Io(error)))?;
                Client::connect(stream, ports(opened), Association::Public)?
            }
        };
        Ok(self.line.insert(line))
    }
}

impl ImageServer for Signed<'_, '_> {
    fn read(&mut self, attribute: AttributeDescriptor) -> Result<Data, ClientError> {
        self.line()?.get(attribute)
    }

    fn invoke(&mut self, method: MethodDescriptor, parameter: Data) -> Result<(), ClientError> {
        let (site, device) = (self.site, self.device);
        let invoke = InvokeIdAndPriority::new(1);
        let request = ActionRequest::Normal { invoke, method, parameters: Some(parameter) };
        let line = self.line()?;
        let unsigned = |_| ClientError::from(Doubt::Nonsense("what would have to be signed"));
        let message = hub::message(site, line, device, &Apdu::ActionRequest(request)).map_err(unsigned)?;
        match Apdu::decode(&line.relay(&message)?).map_err(Doubt::Unreadable)? {
            Apdu::ActionResponse(ActionResponse::Normal { response, .. }) => match response.result {
                ActionResult::Success => Ok(()),
                result => Err(Refusal::Action(result).into()),
            },
            Apdu::ExceptionResponse(exception) => Err(Refusal::Exception(exception).into()),
            _ => Err(Doubt::Nonsense("no answer to an action").into()),
        }
    }
}
