//! Command Variants 4 and 5 at the door: a critical request is returned as a pre-command, which its User signs and sends as the
//! command.
//!
//! What is returned is kept as every answer is, and a signed pre-command is held against that very answer. Nothing here may go on to
//! a device: what is signed and returned here does so as any other request, by its body.

use tern_requests::machine::RequestKey;
use tern_requests::stages::receipt::PreCommand;
use tern_wire::duis::{CommandVariant, Received, Request, ResponseCode, payload_of, pre_command};
use tern_wire::xml::Limits;

use super::decided::Said;
use super::door::Door;
use super::record;
use crate::fault::ServiceFault;

impl Door<'_> {
    /// What a request that is to be transformed is answered.
    ///
    /// # Errors
    /// Its body cannot be written again.
    pub(super) fn transformed(&self, request: &Request) -> Result<Said, ServiceFault> {
        let id = request.header().request_id;
        let returned = pre_command(request);
        let returned = returned.map_err(|why| ServiceFault::Body(format!("no pre-command of {id}: {why}")))?;
        Ok((ResponseCode::I0, Some(returned), Vec::new()))
    }

    /// Whether what a User signed is what was returned to it: the same payload, for the same service, by the same schema.
    ///
    /// # Errors
    /// The store cannot be read, or what was answered cannot.
    pub(super) fn returned(&self, request: &Request) -> Result<PreCommand, ServiceFault> {
        let (header, version) = (request.header(), request.version());
        let Some(payload) = payload_of(request.sent()) else { return Ok(PreCommand::Unknown) };
        let key = RequestKey { id: header.request_id, command_variant: CommandVariant::TRANSFORM };
        let Some((transformed, _)) = record::find(self.ledger.view(), key)? else { return Ok(PreCommand::Unknown) };
        let unreadable = |why: String| ServiceFault::Body(format!("the answer to {key}: {why}"));
        let Some(answered) = record::acknowledgement_of(self.ledger.view(), key)? else {
            return Ok(PreCommand::Unknown);
        };
        let received = Received::new("answer", answered.as_bytes(), &Limits::MESSAGE);
        let received = received.map_err(|fault| unreadable(fault.to_string()))?;
        let incoming = received.parse().map_err(|fault| unreadable(fault.to_string()))?;
        let answer = incoming.response(transformed.version);
        let answer = answer.map_err(|faults| unreadable(format!("{} faults", faults.len())))?;
        // One that was refused returned nothing.
        let Some(returned) = answer.claimed().pre_command() else { return Ok(PreCommand::Unknown) };
        let is_same = returned == payload
            && transformed.service == header.service_reference_variant
            && transformed.version == version;
        Ok(if is_same { PreCommand::Returned } else { PreCommand::Altered })
    }
}
