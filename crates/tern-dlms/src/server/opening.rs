//! How an association begins: the AARQ, and for mechanism 5 the client's answer to the challenge.

use super::protected::{accept, accept_number};
use super::{Agreement, Authority, Failed, LogicalDevice, Opening, Session, State, Stop};
use crate::acse::{
    Aare, Aarq, ApplicationContext, AssociationResult, AuthenticationValue, Mechanism, ServiceUserDiagnostic,
};
use crate::apdu::{
    ActionRequest, ActionResponse, ActionResponseWithOptionalData, ActionResult, Apdu, ConfirmedServiceError,
    Conformance, InitiateRequest, InitiateResponse, XDLMS_VERSION,
};
use crate::codec::Codec;
use crate::data::Data;
use crate::descriptor::{ClassId, MethodDescriptor};
use crate::logical_name::LogicalName;
use crate::security::{Challenge, Ciphering, Form, Protection, gmac_answer, judge_gmac_answer};
use crate::system_title::SystemTitle;

/// reply_to_HLS_authentication of the current association.
const REPLY_TO_HLS_AUTHENTICATION: MethodDescriptor =
    MethodDescriptor::new(ClassId(15), LogicalName::new(0, 0, 40, 0, 0, 255), 1);
/// A client that takes less could not take a protected block.
const CLIENT_MIN_BYTES: u16 = 64;

/// Why no association is opened.
enum Rejected {
    User(ServiceUserDiagnostic),
    Initiate(ConfirmedServiceError),
    Stop(Stop),
}

impl From<ServiceUserDiagnostic> for Rejected {
    fn from(diagnostic: ServiceUserDiagnostic) -> Rejected {
        Rejected::User(diagnostic)
    }
}

/// An initiateRequest, and how it was protected.
struct Proposed {
    request: InitiateRequest,
    sealing: Option<(Ciphering, Form, Protection)>,
}

impl Session {
    /// Answers an AARQ. Whatever was open before is closed.
    pub(super) fn open(&mut self, device: &mut dyn LogicalDevice, aarq: &Aarq) -> Result<Vec<u8>, Stop> {
        *self = Session::new(self.client);
        let reject = |diagnostic| {
            let context = ApplicationContext::LogicalNameNoCiphering;
            let context = if is_spoken(&aarq.application_context) { aarq.application_context.clone() } else { context };
            Aare::new(context, AssociationResult::RejectedPermanent, diagnostic)
        };
        let aare = match self.accept_association(device, aarq) {
            Ok(aare) => aare,
            Err(Rejected::User(diagnostic)) => reject(diagnostic),
            Err(Rejected::Initiate(error)) => {
                let user_information = Some(error.to_bytes());
                Aare { user_information, ..reject(ServiceUserDiagnostic::NoReasonGiven) }
            }
            Err(Rejected::Stop(stop)) => return Err(stop),
        };
        Ok(aare.to_bytes())
    }

    fn accept_association(&mut self, device: &mut dyn LogicalDevice, aarq: &Aarq) -> Result<Aare, Rejected> {
        device.admit(self.client).map_err(|failed| match failed {
            Failed::Result(diagnostic) => Rejected::User(diagnostic),
            Failed::Stop(stop) => Rejected::Stop(stop),
        })?;
        let opening = device.opening(self.client).ok_or(ServiceUserDiagnostic::NoReasonGiven)?;
        if !is_spoken(&aarq.application_context) {
            return Err(ServiceUserDiagnostic::ApplicationContextNameNotSupported.into());
        }
        match opening {
            Opening::PreEstablished { .. } => Err(ServiceUserDiagnostic::NoReasonGiven.into()),
            Opening::Public => {
                if !matches!(aarq.mechanism, None | Some(Mechanism::Lowest)) {
                    return Err(ServiceUserDiagnostic::AuthenticationMechanismNameNotRecognised.into());
                }
                self.open_plain(device, aarq, Authority::Nobody)
            }
            Opening::LowLevel { password } => {
                mechanism(aarq, &Mechanism::Low)?;
                let given = aarq.calling_authentication_value.as_ref();
                if !given.is_some_and(|given| password.is(given.octets())) {
                    return Err(ServiceUserDiagnostic::AuthenticationFailure.into());
                }
                self.open_plain(device, aarq, Authority::Password)
            }
            Opening::HighLevelGmac { demands } => {
                mechanism(aarq, &Mechanism::HighGmac)?;
                self.open_high(device, aarq, demands)
            }
        }
    }

    fn open_plain(&mut self, device: &dyn LogicalDevice, aarq: &Aarq, authority: Authority) -> Result<Aare, Rejected> {
        if aarq.application_context.is_with_ciphering() {
            return Err(ServiceUserDiagnostic::ApplicationContextNameNotSupported.into());
        }
        let request = plain_initiate(aarq.user_information.as_deref().unwrap_or_default())?;
        let (agreement, response) = agree(device, self.client, &request, authority)?;
        self.state = State::Open(agreement);
        let context = aarq.application_context.clone();
        let mut aare = Aare::new(context, AssociationResult::Accepted, ServiceUserDiagnostic::Null);
        aare.user_information = Some(response.to_bytes());
        Ok(aare)
    }

    fn open_high(
        &mut self,
        device: &mut dyn LogicalDevice,
        aarq: &Aarq,
        demands: Option<Protection>,
    ) -> Result<Aare, Rejected> {
        let failure = ServiceUserDiagnostic::AuthenticationFailure;
        if demands.is_some() && !aarq.application_context.is_with_ciphering() {
            return Err(ServiceUserDiagnostic::ApplicationContextNameNotSupported.into());
        }
        let title = aarq.calling_ap_title.ok_or(ServiceUserDiagnostic::CallingApTitleNotRecognized)?;
        let is_another = device.client_title(self.client).is_some_and(|only| only != title);
        // A client of the device's own name could hand back what the device itself protected.
        if is_another || title == device.system_title() {
            return Err(ServiceUserDiagnostic::CallingApTitleNotRecognized.into());
        }
        let theirs = aarq.calling_authentication_value.as_ref().map(|value| Challenge::of(value.octets()));
        let Some(Ok(theirs)) = theirs else { return Err(failure.into()) };
        let Proposed { request, sealing } = self.proposed(device, aarq, title)?;
        let protection = sealing.as_ref().map(|(_, _, protection)| *protection);
        if demands.is_some_and(|demands| !protection.is_some_and(|protection| protection.covers(demands))) {
            return Err(failure.into());
        }
        let (mut agreement, response) = agree(device, self.client, &request, Authority::Keys(protection))?;
        agreement.client_title = Some(title);
        // What a client began with it keeps to, so that nobody on the line can go below it.
        agreement.demands = protection.or(demands);
        let ours = device.challenge().ok().filter(|ours| *ours != theirs).ok_or(failure)?;
        let mut user_information = response.to_bytes();
        if let Some((ciphering, form, protection)) = sealing {
            let number = device.next_invocation(self.client).ok_or(failure)?;
            user_information =
                ciphering.seal(form, protection, number, &user_information).map_err(|_| Rejected::from(failure))?;
        }
        let context = aarq.application_context.clone();
        let diagnostic = ServiceUserDiagnostic::AuthenticationRequired;
        let aare = Aare {
            responding_ap_title: Some(device.system_title()),
            mechanism: Some(Mechanism::HighGmac),
            responding_authentication_value: Some(AuthenticationValue::new(ours.bytes())),
            user_information: Some(user_information),
            ..Aare::new(context, AssociationResult::Accepted, diagnostic)
        };
        self.state = State::Proving { agreement, ours, theirs };
        Ok(aare)
    }

    /// The initiateRequest of an AARQ, opened where it is protected.
    fn proposed(&self, device: &mut dyn LogicalDevice, aarq: &Aarq, title: SystemTitle) -> Result<Proposed, Rejected> {
        let failure = || Rejected::from(ServiceUserDiagnostic::AuthenticationFailure);
        let information = aarq.user_information.as_deref().unwrap_or_default();
        match Apdu::decode(information) {
            Ok(Apdu::GloCiphered(_) | Apdu::GeneralGloCiphering(_)) => {}
            _ => return Ok(Proposed { request: plain_initiate(information)?, sealing: None }),
        }
        let keys = device.keys(self.client).ok_or_else(failure)?;
        let ciphering = Ciphering { keys, own: device.system_title(), peer: title };
        let unsealed = ciphering.open(information).map_err(|_| failure())?;
        accept(device, self.client, &unsealed).map_err(|_| failure())?;
        let request = plain_initiate(&unsealed.apdu)?;
        Ok(Proposed { request, sealing: Some((ciphering, unsealed.form, unsealed.protection)) })
    }

    /// The client's answer to the challenge, the only thing that is taken before the association is open.
    pub(super) fn prove(
        &mut self,
        device: &mut dyn LogicalDevice,
        protection: Option<Protection>,
        request: &Apdu,
    ) -> Result<Vec<u8>, Stop> {
        let State::Proving { agreement, ours, theirs } = std::mem::replace(&mut self.state, State::Closed) else {
            return Err(Stop::NOT_POSSIBLE);
        };
        let Apdu::ActionRequest(ActionRequest::Normal { invoke, method, parameters: Some(Data::OctetString(answer)) }) =
            request
        else {
            return Err(Stop::NOT_POSSIBLE);
        };
        let (Some(keys), Some(title)) = (device.keys(self.client), agreement.client_title) else {
            return Err(Stop::NOT_POSSIBLE);
        };
        let refused = ActionResponseWithOptionalData::from(ActionResult::ReadWriteDenied);
        let refused = ActionResponse::Normal { invoke: *invoke, response: refused }.to_bytes();
        let Ok(number) = judge_gmac_answer(&keys, title, &ours, answer) else { return Ok(refused) };
        if *method != REPLY_TO_HLS_AUTHENTICATION {
            return Ok(refused);
        }
        // Within a protected APDU the answer is the older of two numbers that the device hears; that one's has been accepted.
        if protection.is_none() {
            accept_number(device, self.client, number)?;
        }
        let number = device.next_invocation(self.client).ok_or(Stop::NOT_POSSIBLE)?;
        let proof = gmac_answer(&keys, device.system_title(), number, &theirs).map_err(|_| Stop::NOT_POSSIBLE)?;
        let returned = Some(Ok(Data::octets(proof)));
        let response = ActionResponseWithOptionalData { result: ActionResult::Success, returned };
        self.state = State::Open(agreement);
        Ok(ActionResponse::Normal { invoke: *invoke, response }.to_bytes())
    }
}

fn is_spoken(context: &ApplicationContext) -> bool {
    matches!(context, ApplicationContext::LogicalNameNoCiphering | ApplicationContext::LogicalNameWithCiphering)
}

fn mechanism(aarq: &Aarq, required: &Mechanism) -> Result<(), Rejected> {
    match &aarq.mechanism {
        None | Some(Mechanism::Lowest) => Err(ServiceUserDiagnostic::AuthenticationMechanismNameRequired.into()),
        Some(mechanism) if mechanism == required => Ok(()),
        Some(_) => Err(ServiceUserDiagnostic::AuthenticationMechanismNameNotRecognised.into()),
    }
}

fn plain_initiate(information: &[u8]) -> Result<InitiateRequest, Rejected> {
    InitiateRequest::decode(information).map_err(|_| Rejected::Initiate(ConfirmedServiceError::INITIATE_OTHER))
}

fn agree(
    device: &dyn LogicalDevice,
    client: u16,
    request: &InitiateRequest,
    authority: Authority,
) -> Result<(Agreement, InitiateResponse), Rejected> {
    if request.proposed_dlms_version != XDLMS_VERSION {
        return Err(Rejected::Initiate(ConfirmedServiceError::DLMS_VERSION_TOO_LOW));
    }
    let conformance = request.proposed_conformance.common(device.conformance(client));
    if conformance == Conformance::NONE {
        return Err(Rejected::Initiate(ConfirmedServiceError::INCOMPATIBLE_CONFORMANCE));
    }
    let client_max_bytes = match request.client_max_receive_pdu_size {
        0 => u16::MAX,
        short if short < CLIENT_MIN_BYTES => {
            return Err(Rejected::Initiate(ConfirmedServiceError::PDU_SIZE_TOO_SHORT));
        }
        limit => limit,
    };
    let response = InitiateResponse::new(conformance, device.max_receive_pdu_size());
    let client_max_bytes = client_max_bytes.into();
    Ok((Agreement { authority, client_title: None, demands: None, conformance, client_max_bytes }, response))
}
