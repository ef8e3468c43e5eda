//! Requests by how they come: in clear, protected with the association's keys, signed; and the end of an association.

use super::device::UNKNOWN;
use super::{Agreement, Authority, LogicalDevice, Opening, PDU_TOO_LONG, Session, State, Stop, unreadable};
use crate::acse::{ReleaseResponseReason, Rlre, Rlrq};
use crate::apdu::{Apdu, Conformance, GeneralSigning, InitiateResponse, ServiceException};
use crate::codec::Codec;
use crate::security::{Ciphering, Form, Protection, Unsealed};
use crate::system_title::SystemTitle;

/// A request that was opened, and what its answer is protected with.
struct Envelope {
    ciphering: Ciphering,
    unsealed: Unsealed,
    number: u32,
}

impl Session {
    /// A request in clear.
    pub(super) fn plain(&mut self, device: &mut dyn LogicalDevice, request: Apdu) -> Result<Vec<u8>, Stop> {
        let agreement = self.agreement(device, None)?;
        if agreement.demands.is_some() {
            return Err(Stop::NOT_POSSIBLE);
        }
        self.dispatch(device, &agreement, None, request)
    }

    /// A request protected as a whole. Nothing of it is believed before its tag fits, its protection is what the association
    /// demands, and its number rises; its answer is protected in the same way, under the keys and a number of before.
    pub(super) fn protected(
        &mut self,
        device: &mut dyn LogicalDevice,
        apdu: &[u8],
        title: Option<SystemTitle>,
    ) -> Result<Vec<u8>, Stop> {
        let agreement = self.agreement(device, title)?;
        let Envelope { ciphering, unsealed, number } = self.unseal(device, &agreement, apdu)?;
        if unsealed.apdu.len() > usize::from(device.max_receive_pdu_size()) {
            return Err(PDU_TOO_LONG);
        }
        let request = Apdu::decode(&unsealed.apdu).map_err(unreadable)?;
        let answer = self.dispatch(device, &agreement, Some(unsealed.protection), request)?;
        seal(&ciphering, &unsealed, number, &answer)
    }

    /// A signed request: what the device found rightly signed is carried out, and answered as it signs its answers, or in clear.
    pub(super) fn signed(&mut self, device: &mut dyn LogicalDevice, signing: &GeneralSigning) -> Result<Vec<u8>, Stop> {
        let request = Apdu::decode(&signing.content).map_err(unreadable)?;
        if !matches!(request, Apdu::GetRequest(_) | Apdu::SetRequest(_) | Apdu::ActionRequest(_)) {
            return Err(UNKNOWN);
        }
        device.signed(self.client, signing)?;
        let client_max_bytes = match &self.state {
            State::Open(agreement) => agreement.client_max_bytes,
            _ => u16::MAX.into(),
        };
        // One signature covers one APDU, so nothing signed is asked or answered in blocks.
        let agreement = Agreement {
            authority: Authority::Signed(signing.originator),
            client_title: Some(signing.originator),
            demands: None,
            conformance: Conformance::GET
                .with(Conformance::SET)
                .with(Conformance::ACTION)
                .with(Conformance::MULTIPLE_REFERENCES)
                .with(Conformance::SELECTIVE_ACCESS),
            client_max_bytes,
        };
        let answer = match self.serve_request(device, &agreement, request) {
            Ok(answer) => answer,
            Err(Stop::Exception(exception)) => exception.to_bytes(),
            Err(Stop::NoAnswer) => return Err(Stop::NoAnswer),
        };
        Ok(device.sign(signing, &answer).map_or(answer, |signed| Apdu::GeneralSigning(signed).to_bytes()))
    }

    /// The end of the association. Where it carries a protected initiateRequest, that must be the client's.
    pub(super) fn release(&mut self, device: &mut dyn LogicalDevice, rlrq: &Rlrq) -> Result<Vec<u8>, Stop> {
        let State::Open(agreement) = &self.state else { return Err(Stop::NOT_POSSIBLE) };
        let agreement = agreement.clone();
        let mut rlre = Rlre { reason: Some(ReleaseResponseReason::Normal), user_information: None };
        match (&rlrq.user_information, agreement.authority) {
            (Some(information), Authority::Keys(_))
                if Apdu::decode(information).is_ok_and(|apdu| is_protected(&apdu)) =>
            {
                let envelope = self.unseal(device, &agreement, information)?;
                let response = InitiateResponse::new(agreement.conformance, device.max_receive_pdu_size());
                let Envelope { ciphering, unsealed, number } = envelope;
                rlre.user_information = Some(seal(&ciphering, &unsealed, number, &response.to_bytes())?);
            }
            _ => {}
        }
        *self = Session::new(self.client);
        Ok(rlre.to_bytes())
    }

    /// What holds for a request: what was agreed on, or what holds without an agreement.
    fn agreement(&self, device: &dyn LogicalDevice, title: Option<SystemTitle>) -> Result<Agreement, Stop> {
        match (&self.state, device.opening(self.client)) {
            (_, Some(Opening::PreEstablished { demands })) => Ok(Agreement {
                authority: Authority::Keys(Some(demands)),
                client_title: device.client_title(self.client).or(title),
                demands: Some(demands),
                conformance: Conformance::SPOKEN,
                client_max_bytes: u16::MAX.into(),
            }),
            (State::Open(agreement) | State::Proving { agreement, .. }, Some(_)) => Ok(agreement.clone()),
            _ => Err(Stop::NOT_POSSIBLE),
        }
    }

    /// Opens a protected APDU and takes the number for its answer.
    fn unseal(&self, device: &mut dyn LogicalDevice, agreement: &Agreement, apdu: &[u8]) -> Result<Envelope, Stop> {
        let no_keys = Stop::NOT_POSSIBLE;
        let keys = device.keys(self.client).ok_or(no_keys)?;
        let peer = agreement.client_title.ok_or(no_keys)?;
        // What a device protected itself is no request, whoever brings it back.
        if peer == device.system_title() {
            return Err(no_keys);
        }
        let ciphering = Ciphering { keys, own: device.system_title(), peer };
        let undecipherable = Stop::not_allowed(ServiceException::DecipheringError);
        let unsealed = ciphering.open(apdu).map_err(|_| undecipherable)?;
        if !agreement.demands.is_none_or(|demands| unsealed.protection.covers(demands)) {
            return Err(Stop::NOT_POSSIBLE);
        }
        if unsealed.form == Form::General && !agreement.conformance.contains(Conformance::GENERAL_PROTECTION) {
            return Err(Stop::NOT_POSSIBLE);
        }
        accept(device, self.client, &unsealed)?;
        let number = device.next_invocation(self.client).ok_or(Stop::NOT_POSSIBLE)?;
        Ok(Envelope { ciphering, unsealed, number })
    }

    fn dispatch(
        &mut self,
        device: &mut dyn LogicalDevice,
        agreement: &Agreement,
        protection: Option<Protection>,
        request: Apdu,
    ) -> Result<Vec<u8>, Stop> {
        if matches!(self.state, State::Proving { .. }) {
            return self.prove(device, protection, &request);
        }
        let mut agreement = agreement.clone();
        agreement.client_max_bytes = agreement.answer_max_bytes(protection);
        if let Authority::Keys(_) = agreement.authority {
            agreement.authority = Authority::Keys(protection);
        }
        self.serve_request(device, &agreement, request)
    }
}

/// Has the device accept the number of a protected APDU. Without a tag anybody may have written it, so it is not remembered:
/// one forged APDU with the highest number would else shut the client out for good.
pub(super) fn accept(device: &mut dyn LogicalDevice, client: u16, unsealed: &Unsealed) -> Result<(), Stop> {
    if !unsealed.protection.has_tag() {
        return Ok(());
    }
    accept_number(device, client, unsealed.invocation_counter)
}

/// Has the device accept a number that a tag or a GMAC covers.
pub(super) fn accept_number(device: &mut dyn LogicalDevice, client: u16, counter: u32) -> Result<(), Stop> {
    device
        .accept_invocation(client, counter)
        .map_err(|expected| Stop::not_allowed(ServiceException::InvocationCounterError { expected }))
}

fn seal(ciphering: &Ciphering, asked: &Unsealed, number: u32, answer: &[u8]) -> Result<Vec<u8>, Stop> {
    ciphering.seal(asked.form, asked.protection, number, answer).map_err(|_| Stop::NOT_POSSIBLE)
}

fn is_protected(apdu: &Apdu) -> bool {
    matches!(apdu, Apdu::GloCiphered(_) | Apdu::GeneralGloCiphering(_))
}
