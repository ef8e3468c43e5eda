//! Firmware images to devices: in blocks, taken up again where they stopped, verified, and activated.
//!
//! The ESME takes blocks on its management association; hub and PPMIDs take what the S1SP signs. That the ESME runs another
//! program is critical (P): activating it is the DCO's to ask for, and never this module's.

use tern_dlms::apdu::{ActionRequest, ActionResponse, ActionResult, Apdu, InvokeIdAndPriority};
use tern_dlms::client::image::{ImageError, ImageServer, ImageTransfer, Stage};
use tern_dlms::client::{Association, Client, ClientError, Doubt, NotSent, Refusal};
use tern_dlms::wrapper::WrapperError;
use tern_dlms::{AttributeDescriptor, Codec, Data, MethodDescriptor};
use tern_model::DeviceId;

use super::{Addressed, Line, Trouble, esme, hub, objects, ports};
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
    told(transfer(firmware).activate(&mut Signed::to(to, site)))
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
    let begin = if firmware.begun { ImageTransfer::begun } else { ImageTransfer::new };
    begin(objects::IMAGE_TRANSFER, firmware.identifier, firmware.image)
}

fn told(outcome: Result<Stage, ImageError>) -> Result<Stage, FirmwareError> {
    outcome.map_err(|error| match error {
        ImageError::Client(error) if !error.is_surely_not_done() => FirmwareError::Lost,
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
