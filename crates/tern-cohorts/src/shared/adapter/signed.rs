//! What the S1SP signs for the hub and the devices behind it, and what it believes of their answers (P).
//!
//! The hub signs what it answers by the key of its DeviceCertificate (FI12), for itself and for what it relays. An answer in
//! clear, of another hub, of another device or to another question must never be believed where that key is known: it says
//! nothing of what happened.

use tern_dlms::apdu::{
    Apdu, AttributeWithSelection, ExceptionResponse, GeneralSigning, GetRequest, GetResponse, InvokeIdAndPriority,
    ServiceException,
};
use tern_dlms::wrapper::{Frame, read_frame, write_frame};
use tern_dlms::{AttributeDescriptor, Codec, Data, SystemTitle};
use tern_model::{DeviceId, Eui64};

use super::{Addressed, Trouble, failed};
use crate::device::DeviceError;
use crate::{Opened, Site, Transport};

/// No answer is longer than a frame can be: sixty days of a profile.
const ANSWER_MAX_BYTES: usize = u16::MAX as usize;
/// Each request has a transaction, so that its number tells nothing more.
pub(super) const INVOKE: InvokeIdAndPriority = InvokeIdAndPriority::new(1);

/// Why there is no answer to go by.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// It was never sent, or the hub itself says that it was not done.
    Not(DeviceError),
    /// No answer came.
    Silent,
    /// An answer came that cannot be believed.
    NotBelieved,
}

impl Unanswered {
    /// Of a question that alters nothing: whatever the reason, it may be asked again.
    pub fn of_a_question(self) -> Trouble {
        match self {
            Unanswered::NotBelieved => {
                let reason = "the answer is not signed by the hub's DeviceCertificate for this question";
                DeviceError::Garbled { reason: reason.to_owned() }.into()
            }
            other => other.into(),
        }
    }
}

impl From<DeviceError> for Unanswered {
    fn from(error: DeviceError) -> Unanswered {
        Unanswered::Not(error)
    }
}

impl From<Unanswered> for Trouble {
    fn from(unanswered: Unanswered) -> Trouble {
        match unanswered {
            Unanswered::Not(error) => Trouble::Said(error),
            Unanswered::Silent | Unanswered::NotBelieved => Trouble::Lost,
        }
    }
}

/// A device at the hub's side, as the S1SP speaks to it: each request signed, under a transaction of its own.
pub(super) struct Signed<'s, 'a> {
    site: &'s Site<'a>,
    server: Addressed,
    device: DeviceId,
    line: Option<Box<dyn Transport>>,
}

impl<'s, 'a> Signed<'s, 'a> {
    pub fn hub(site: &'s Site<'a>) -> Signed<'s, 'a> {
        Signed::to(site, Addressed::Chf, site.chf.into())
    }

    pub fn gsme(site: &'s Site<'a>) -> Result<Signed<'s, 'a>, DeviceError> {
        Ok(Signed::to(site, Addressed::Gsme, site.gsme.ok_or(DeviceError::NoSuchDevice)?))
    }

    pub fn to(site: &'s Site<'a>, server: Addressed, device: DeviceId) -> Signed<'s, 'a> {
        Signed { site, server, device, line: None }
    }

    /// The values of attributes, in their order.
    pub fn read<const N: usize>(&mut self, attributes: [AttributeDescriptor; N]) -> Result<[Data; N], Trouble> {
        let attributes = attributes.into_iter().map(AttributeWithSelection::from).collect();
        let request = Apdu::GetRequest(GetRequest::WithList { invoke: INVOKE, attributes });
        let Apdu::GetResponse(GetResponse::WithList { results, .. }) =
            self.ask(&request).map_err(Unanswered::of_a_question)?
        else {
            return Err(failed("the answer is no list of values").into());
        };
        let values = results.into_iter().collect::<Result<Vec<_>, _>>();
        let values = values.map_err(|result| failed(&format!("data-access-result {result}")))?;
        values.try_into().map_err(|_| failed("the answer holds another number of values").into())
    }

    /// Asks, and gives the answer that is believed; what says that nothing was done is an error.
    pub fn ask(&mut self, request: &Apdu) -> Result<Apdu, Unanswered> {
        let Opened { client, logical_device, .. } = self.server.public(self.site)?;
        let asked = self.signed(request)?;
        let mut line = match self.line.take() {
            Some(line) => line,
            None => (self.site.connect)().map_err(|_| DeviceError::NoWan)?,
        };
        let frame =
            Frame { source: client, destination: logical_device, apdu: Apdu::GeneralSigning(asked.clone()).to_bytes() };
        write_frame(&mut line, &frame).map_err(|_| Unanswered::Silent)?;
        let answer = read_frame(&mut line, ANSWER_MAX_BYTES).ok().flatten().ok_or(Unanswered::Silent)?;
        if (answer.source, answer.destination) != (logical_device, client) {
            return Err(Unanswered::NotBelieved);
        }
        self.line = Some(line);
        let content = self.believed(&asked, &answer.apdu).ok_or(Unanswered::NotBelieved)?;
        match Apdu::decode(&content).map_err(|_| Unanswered::NotBelieved)? {
            Apdu::ExceptionResponse(exception) => Err(self.refused(exception).into()),
            answer => Ok(answer),
        }
    }

    /// What the S1SP signs for the device: a number that was never used, and the certificate that the device may not know yet.
    fn signed(&self, request: &Apdu) -> Result<GeneralSigning, DeviceError> {
        let site = self.site;
        let transaction = site.transactions.take().ok_or_else(|| failed("there is no transaction left to ask with"))?;
        let mut message = GeneralSigning {
            transaction_id: transaction.to_be_bytes().to_vec(),
            originator: SystemTitle(site.identity.title()),
            recipient: title(self.device),
            date_time: Vec::new(),
            other_information: site.identity.own_certificate(),
            content: request.to_bytes(),
            signature: Vec::new(),
        };
        let signature = site.identity.sign(&message.signed_part()).ok_or_else(|| failed("the S1SP's signer fails"))?;
        message.signature = signature.to_vec();
        Ok(message)
    }

    /// The content of an answer, where it is the hub's to this very question; in clear where the hub's key is not known.
    fn believed(&self, asked: &GeneralSigning, answer: &[u8]) -> Option<Vec<u8>> {
        let signed = match Apdu::decode(answer) {
            Ok(Apdu::GeneralSigning(signed)) => signed,
            _ => return self.site.hub_key.is_none().then(|| answer.to_vec()),
        };
        let is_ours = signed.originator == title(self.site.chf.into())
            && signed.recipient == asked.originator
            && signed.transaction_id == asked.transaction_id
            && signed.other_information == asked.recipient.0;
        let fits = self.site.hub_key.is_none_or(|key| key.verify(&signed.signed_part(), &signed.signature));
        (is_ours && fits).then_some(signed.content)
    }

    /// What an exception means. Where the hub signed it, it had believed the request, and could not carry it out; in clear, it
    /// may as well have refused it.
    fn refused(&self, exception: ExceptionResponse) -> DeviceError {
        match exception.service_error {
            ServiceException::OperationNotPossible if self.server != Addressed::Chf => DeviceError::GasHan,
            ServiceException::OperationNotPossible if self.site.hub_key.is_none() => DeviceError::KeyRejected,
            ServiceException::ServiceNotSupported => DeviceError::NoSuchDevice,
            error => failed(&format!("{error:?}")),
        }
    }
}

fn title(device: DeviceId) -> SystemTitle {
    let DeviceId(Eui64(number)) = device;
    SystemTitle(number.to_be_bytes())
}
