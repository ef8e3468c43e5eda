//! Opening an association: AARQ and AARE, and for mechanism 5 the two answers to challenges after them.

use std::io::{Read, Write};

use super::link::{Channel, Link, WRAPPED_MAX_BYTES};
use super::{ClientError, Doubt, NotSent, Refusal};
use crate::acse::{
    Aare, Aarq, ApplicationContext, AssociationResult, AuthenticationValue, Diagnostic, Mechanism,
    ServiceUserDiagnostic,
};
use crate::apdu::{
    ActionRequest, ActionResponse, ActionResult, Apdu, Conformance, InitiateRequest, InitiateResponse,
    InvokeIdAndPriority, tag,
};
use crate::codec::Codec;
use crate::data::Data;
use crate::descriptor::{ClassId, MethodDescriptor};
use crate::invocation::Invocations;
use crate::logical_name::LogicalName;
use crate::security::{
    Challenge, Ciphering, Form, Keys, Password, Protection, SecurityError, gmac_answer, judge_gmac_answer,
};
use crate::system_title::SystemTitle;

/// reply_to_HLS_authentication of the current association.
const REPLY_TO_HLS_AUTHENTICATION: MethodDescriptor =
    MethodDescriptor::new(ClassId(15), LogicalName::new(0, 0, 40, 0, 0, 255), 1);

/// How a client presents itself.
#[derive(Debug)]
pub enum Association {
    /// Lowest level security: nobody proves anything.
    Public,
    /// Low-level security: the client sends a password in clear.
    LowLevel {
        /// The password.
        password: Password,
    },
    /// High-level security, mechanism 5: both sides answer a challenge with a GMAC.
    HighLevelGmac {
        /// Keys, names and counters.
        party: Party,
        /// How APDUs are protected; none: they go in clear, and the keys prove the two sides alone.
        protection: Option<Protection>,
    },
    /// Opened beforehand and never by an AARQ: every APDU is protected from the first.
    PreEstablished {
        /// Keys, names and counters; the server's title must be known.
        party: Party,
        /// How APDUs are protected.
        protection: Protection,
        /// How they are written.
        form: Form,
    },
}

/// What a client that uses keys needs.
#[derive(Debug)]
pub struct Party {
    /// The client's system title.
    pub client_title: SystemTitle,
    /// The server's system title, where it is known beforehand; then no other is believed.
    pub server_title: Option<SystemTitle>,
    /// The keys shared with the server.
    pub keys: Keys,
    /// Numbers that were never used with these keys.
    pub invocations: Invocations,
    /// The highest invocation counter of the server that was believed before under these keys, where that is known.
    pub heard: Option<u32>,
}

/// What the client proposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// What it can do.
    pub conformance: Conformance,
    /// The longest APDU that it takes, in bytes; 0 stands for no limit but the wrapper's.
    pub max_receive_pdu_size: u16,
}

impl Default for Proposal {
    /// All that this crate speaks, in APDUs as long as the wrapper carries.
    fn default() -> Proposal {
        Proposal { conformance: Conformance::SPOKEN, max_receive_pdu_size: u16::MAX }
    }
}

/// Opens the association; answers what may be done in it.
pub(super) fn open<T: Read + Write>(
    link: &mut Link<T>,
    association: Association,
    proposal: Proposal,
) -> Result<Conformance, ClientError> {
    match association {
        Association::Public => plain(link, None, proposal),
        Association::LowLevel { password } => plain(link, Some(&password), proposal),
        Association::HighLevelGmac { party, protection } => high(link, party, protection, proposal),
        Association::PreEstablished { party, protection, form } => {
            let peer = party.server_title.ok_or(NotSent::NotAgreed("the server's system title"))?;
            link.channel = Some(party.channel(peer, form, protection));
            Ok(proposal.conformance)
        }
    }
}

impl Party {
    fn channel(self, peer: SystemTitle, form: Form, protection: Protection) -> Channel {
        let ciphering = Ciphering { keys: self.keys, own: self.client_title, peer };
        Channel { ciphering, form, protection, invocations: self.invocations, heard: self.heard }
    }
}

fn plain<T: Read + Write>(
    link: &mut Link<T>,
    password: Option<&Password>,
    proposal: Proposal,
) -> Result<Conformance, ClientError> {
    let aarq = Aarq {
        application_context: ApplicationContext::LogicalNameNoCiphering,
        calling_ap_title: None,
        mechanism: password.map(|_| Mechanism::Low),
        calling_authentication_value: password.map(|password| AuthenticationValue::new(password.expose())),
        user_information: Some(initiate(proposal)),
    };
    let aare = ask(link, &aarq)?;
    accepted(link, &aare, ServiceUserDiagnostic::Null)?;
    agree(link, information(&aare)?, proposal)
}

fn high<T: Read + Write>(
    link: &mut Link<T>,
    mut party: Party,
    protection: Option<Protection>,
    proposal: Proposal,
) -> Result<Conformance, ClientError> {
    let ours = Challenge::random().map_err(NotSent::from)?;
    let initiate = initiate(proposal);
    let user_information = match protection {
        None => initiate,
        Some(protection) => {
            let number = party.invocations.take().map_err(NotSent::from)?;
            // The other side's title does not enter into what this side protects.
            let ciphering = Ciphering { keys: party.keys.clone(), own: party.client_title, peer: party.client_title };
            ciphering.seal(Form::Global, protection, number, &initiate).map_err(NotSent::from)?
        }
    };
    let context = match protection {
        None => ApplicationContext::LogicalNameNoCiphering,
        Some(_) => ApplicationContext::LogicalNameWithCiphering,
    };
    let aarq = Aarq {
        application_context: context,
        calling_ap_title: Some(party.client_title),
        mechanism: Some(Mechanism::HighGmac),
        calling_authentication_value: Some(AuthenticationValue::new(ours.bytes())),
        user_information: Some(user_information),
    };
    let aare = ask(link, &aarq)?;
    accepted(link, &aare, ServiceUserDiagnostic::AuthenticationRequired)?;
    let (peer, theirs) = counterpart(&aare, &party, &ours)?;
    // Without protection of APDUs the channel serves the challenges alone.
    let mut channel = party.channel(peer, Form::Global, protection.unwrap_or(Protection::Authenticated));
    let response = match protection {
        None => information(&aare)?.to_vec(),
        Some(_) => channel.open(information(&aare)?).map_err(Doubt::from)?,
    };
    let agreed = agree(link, &response, proposal)?;
    if agreed.contains(Conformance::GENERAL_PROTECTION) {
        channel.form = Form::General;
    }
    prove(link, channel, protection, &ours, &theirs)?;
    Ok(agreed)
}

/// Sends `f(StoC)`, judges `f(CtoS)`, and leaves the channel on the link where APDUs are protected.
fn prove<T: Read + Write>(
    link: &mut Link<T>,
    mut channel: Channel,
    protection: Option<Protection>,
    ours: &Challenge,
    theirs: &Challenge,
) -> Result<(), ClientError> {
    let Ciphering { keys, own, peer } = channel.ciphering.clone();
    let number = channel.invocations.take().map_err(NotSent::from)?;
    let answer = gmac_answer(&keys, own, number, theirs).map_err(NotSent::from)?;
    let invoke = InvokeIdAndPriority::new(1);
    let parameters = Some(Data::octets(answer));
    let request = ActionRequest::Normal { invoke, method: REPLY_TO_HLS_AUTHENTICATION, parameters };
    let before = channel.heard;
    let response = match protection {
        None => link.request(&request.to_bytes())?,
        Some(_) => {
            link.channel = Some(channel);
            let response = link.request(&request.to_bytes())?;
            channel = link.channel.take().ok_or(Doubt::Nonsense("no channel"))?;
            response
        }
    };
    let returned = match ActionResponse::decode(&response)? {
        ActionResponse::Normal { invoke: answered, response } if answered.invoke_id() == invoke.invoke_id() => response,
        _ => return Err(Doubt::Nonsense("no answer to the challenge").into()),
    };
    if returned.result != ActionResult::Success {
        return Err(Refusal::Action(returned.result).into());
    }
    let Some(Ok(Data::OctetString(proof))) = returned.returned else {
        return Err(Doubt::Nonsense("no answer to the challenge").into());
    };
    let number = judge_gmac_answer(&keys, peer, ours, &proof).map_err(Doubt::from)?;
    // The proof was made before the APDU around it was protected, so its number may be the lower of the two.
    if before.is_some_and(|highest| number <= highest) {
        return Err(Doubt::Security(SecurityError::Counter { found: number, highest: before.unwrap_or(0) }).into());
    }
    channel.heard = channel.heard.max(Some(number));
    link.channel = protection.map(|_| channel);
    Ok(())
}

fn initiate(proposal: Proposal) -> Vec<u8> {
    InitiateRequest::new(proposal.conformance, proposal.max_receive_pdu_size).to_bytes()
}

fn ask<T: Read + Write>(link: &mut Link<T>, aarq: &Aarq) -> Result<Aare, ClientError> {
    let answer = link.request(&aarq.to_bytes())?;
    let aare = Aare::decode(&answer).map_err(ClientError::from);
    link.judged(aare)
}

/// Whether the server accepted, in the way that this mechanism has.
fn accepted<T: Read + Write>(
    link: &mut Link<T>,
    aare: &Aare,
    expected: ServiceUserDiagnostic,
) -> Result<(), ClientError> {
    let Aare { result, diagnostic, .. } = *aare;
    if result != AssociationResult::Accepted {
        if let Some(Ok(Apdu::ConfirmedServiceError(error))) = aare.user_information.as_deref().map(Apdu::decode) {
            return Err(Refusal::Service(error).into());
        }
        return Err(Refusal::Association { result, diagnostic }.into());
    }
    if diagnostic != Diagnostic::ServiceUser(expected) {
        return link.judged(Err(Doubt::Nonsense("accepted with a diagnostic of another mechanism").into()));
    }
    Ok(())
}

fn information(aare: &Aare) -> Result<&[u8], ClientError> {
    aare.user_information.as_deref().ok_or_else(|| Doubt::Nonsense("an AARE without user-information").into())
}

/// The server's title and challenge.
fn counterpart(aare: &Aare, party: &Party, ours: &Challenge) -> Result<(SystemTitle, Challenge), ClientError> {
    let title = aare.responding_ap_title.ok_or(Doubt::Nonsense("an AARE without the server's system title"))?;
    // A server of the client's own name could hand back what the client itself protected.
    if title == party.client_title || party.server_title.is_some_and(|expected| expected != title) {
        return Err(Doubt::Security(SecurityError::Title).into());
    }
    let value = aare.responding_authentication_value.as_ref().ok_or(Doubt::Security(SecurityError::Challenge))?;
    let theirs = Challenge::of(value.octets()).map_err(Doubt::from)?;
    if theirs == *ours {
        return Err(Doubt::Security(SecurityError::Challenge).into());
    }
    Ok((title, theirs))
}

/// Takes what the server agreed to.
fn agree<T>(link: &mut Link<T>, response: &[u8], proposal: Proposal) -> Result<Conformance, ClientError> {
    if response.first() != Some(&tag::INITIATE_RESPONSE) {
        return Err(Doubt::Nonsense("no initiateResponse").into());
    }
    let response = InitiateResponse::decode(response)?;
    link.server_max_bytes = match response.server_max_receive_pdu_size {
        0 => WRAPPED_MAX_BYTES,
        limit => limit.into(),
    };
    // A server that agrees to more than was proposed is taken at what was proposed.
    Ok(response.negotiated_conformance.common(proposal.conformance))
}
