//! What a request asks, as the stages judge it: its header's values beside the registry's row, and how it came in.

use jiff::Timestamp;
use tern_wire::duis::{CommandVariant, Request, RequestHeader, RequestId, ServiceReference, ServiceReferenceVariant};

use crate::codes::Reason;
use crate::command_variant::WebService;
use crate::refusal::Refusal;
use crate::registry::{Srv, find};

/// The element of a request's body that is a signed pre-command.
pub const SIGNED_PRE_COMMAND: &str = "SignedPreCommand";

/// A request before the stages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who asks whom, under which counter.
    pub id: RequestId,
    /// What is to be made of it.
    pub command_variant: CommandVariant,
    /// The service that the header names.
    pub reference: ServiceReference,
    /// What is asked for.
    pub srv: &'static Srv,
    /// The name of the element that was sent: of a signed pre-command [`SIGNED_PRE_COMMAND`], whatever stands in it.
    pub body: String,
    /// ExecutionDateTime, where there is one.
    pub execution: Option<Timestamp>,
    /// The web service to which it was sent.
    pub service: WebService,
}

impl Asked {
    /// What a request asks.
    ///
    /// # Errors
    /// [`Reason::ServiceMismatch`]: the registry knows no such variant.
    pub fn of(request: &Request, service: WebService) -> Result<Asked, Refusal> {
        Asked::new(request.header(), request.sent().name(), request.execution(), service)
    }

    /// What a header and a body's name ask.
    ///
    /// # Errors
    /// As [`Asked::of`].
    pub fn new(
        header: &RequestHeader,
        body: &str,
        execution: Option<Timestamp>,
        service: WebService,
    ) -> Result<Asked, Refusal> {
        let variant: ServiceReferenceVariant = header.service_reference_variant;
        let Some(srv) = find(&variant.to_string()) else {
            return Err(Refusal::new(
                Reason::ServiceMismatch,
                format!("there is no Service Reference Variant {variant}"),
            ));
        };
        Ok(Asked {
            id: header.request_id,
            command_variant: header.command_variant,
            reference: header.service_reference,
            srv,
            body: body.to_owned(),
            execution,
            service,
        })
    }

    /// Whether it is a pre-command that the User has signed: what it asks stands in the request that was transformed.
    #[must_use]
    pub fn is_signed_pre_command(&self) -> bool {
        (5..=7).contains(&self.command_variant.number())
    }

    /// The moment for which it is judged: its ExecutionDateTime, where that is still to come.
    #[must_use]
    pub fn required_at(&self, now: Timestamp) -> Timestamp {
        self.execution.filter(|later| *later > now).unwrap_or(now)
    }
}
