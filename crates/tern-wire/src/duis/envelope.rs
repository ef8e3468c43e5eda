//! Headers and bodies of requests and responses as values.

use jiff::Timestamp;
use tern_model::Place;

use super::{
    CommandVariant, Draft, Element, RequestId, ResponseCode, ResponseId, ServiceReference, ServiceReferenceVariant,
};

/// A request's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHeader {
    /// RequestID.
    pub request_id: RequestId,
    /// FirstInSequence, where it is said.
    pub first_in_sequence: Option<bool>,
    /// PrecedingServiceRequestID, where there is one.
    pub preceding: Option<RequestId>,
    /// CommandVariant.
    pub command_variant: CommandVariant,
    /// ServiceReference. The schema does not say that it must be that of the variant.
    pub service_reference: ServiceReference,
    /// ServiceReferenceVariant.
    pub service_reference_variant: ServiceReferenceVariant,
}

impl RequestHeader {
    /// For a request of our own: nothing sequenced, the reference that of the variant.
    #[must_use]
    pub fn new(id: RequestId, command_variant: CommandVariant, service: ServiceReferenceVariant) -> RequestHeader {
        RequestHeader {
            request_id: id,
            first_in_sequence: None,
            preceding: None,
            command_variant,
            service_reference: service.reference(),
            service_reference_variant: service,
        }
    }

    /// Reads it under a Request that the schema allows; a value that does not exist is answered by its place.
    pub(super) fn read(root: Element<'_>) -> Result<RequestHeader, Place> {
        let header = root.child("Header").ok_or_else(|| root.place())?;
        Ok(RequestHeader {
            request_id: value(header, "RequestID")?,
            first_in_sequence: header.child("FirstInSequence").and_then(Element::boolean),
            preceding: optional(header, "PrecedingServiceRequestID")?,
            command_variant: value(header, "CommandVariant")?,
            service_reference: value(header, "ServiceReference")?,
            service_reference_variant: value(header, "ServiceReferenceVariant")?,
        })
    }

    pub(super) fn draft(&self) -> Draft {
        Draft::new("Header")
            .with(Draft::leaf("RequestID", self.request_id))
            .with_some(self.first_in_sequence.map(|first| Draft::leaf("FirstInSequence", first)))
            .with_some(self.preceding.map(|id| Draft::leaf("PrecedingServiceRequestID", id)))
            .with(Draft::leaf("CommandVariant", self.command_variant))
            .with(Draft::leaf("ServiceReference", self.service_reference))
            .with(Draft::leaf("ServiceReferenceVariant", self.service_reference_variant))
    }
}

/// A response's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHeader {
    /// RequestID; none in an alert, and where a request's could not be read.
    pub request_id: Option<RequestId>,
    /// ResponseID: of asynchronous responses alone.
    pub response_id: Option<ResponseId>,
    /// ResponseCode.
    pub code: ResponseCode,
    /// ResponseDateTime; written in UTC with milliseconds.
    pub at: Timestamp,
}

impl ResponseHeader {
    /// Of the answer that goes back on the request's own connection.
    #[must_use]
    pub fn synchronous(request_id: Option<RequestId>, code: ResponseCode, at: Timestamp) -> ResponseHeader {
        ResponseHeader { request_id, response_id: None, code, at }
    }

    /// Of the answer that is posted to the User.
    #[must_use]
    pub fn asynchronous(request_id: RequestId, code: ResponseCode, at: Timestamp) -> ResponseHeader {
        ResponseHeader { request_id: Some(request_id), response_id: Some(request_id.response()), code, at }
    }

    pub(super) fn read(root: Element<'_>) -> Result<ResponseHeader, Place> {
        let header = root.child("Header").ok_or_else(|| root.place())?;
        let at = header.child("ResponseDateTime").ok_or_else(|| header.place())?;
        Ok(ResponseHeader {
            request_id: optional(header, "RequestID")?,
            response_id: optional(header, "ResponseID")?,
            code: value(header, "ResponseCode")?,
            at: at.timestamp().ok_or_else(|| at.place())?,
        })
    }

    pub(super) fn draft(&self) -> Draft {
        Draft::new("Header")
            .with_some(self.request_id.map(|id| Draft::leaf("RequestID", id)))
            .with_some(self.response_id.map(|id| Draft::leaf("ResponseID", id)))
            .with(Draft::leaf("ResponseCode", &self.code))
            .with(Draft::leaf("ResponseDateTime", format!("{:.3}", self.at)))
    }
}

fn value<T: std::str::FromStr>(header: Element<'_>, name: &str) -> Result<T, Place> {
    let element = header.child(name).ok_or_else(|| header.place())?;
    element.parse().ok_or_else(|| element.place())
}

fn optional<T: std::str::FromStr>(header: Element<'_>, name: &str) -> Result<Option<T>, Place> {
    header.child(name).map(|element| element.parse().ok_or_else(|| element.place())).transpose()
}

/// What a response of the DSP carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponseBody<'a> {
    /// ResponseMessage: the service, and the DCC's own answer where there is one (`DSPInventory`, `PreCommand`, …).
    Message {
        /// Of the request.
        service: ServiceReferenceVariant,
        /// One of the elements that ResponseMessage may hold.
        content: Option<Draft>,
    },
    /// SMETS1ResponseMessage around what the S1SP signed.
    Smets1 {
        /// Of the request, where one is answered.
        service: Option<ServiceReferenceVariant>,
        /// DSPScheduleID, where a schedule ran.
        schedule: Option<u64>,
        /// The SMETS1SignedResponse as signed, byte for byte.
        signed: &'a str,
    },
    /// DCCAlertMessage with one of the bodies of DCCAlert.
    Alert {
        /// DCCAlertCode.
        code: &'a str,
        /// The body.
        alert: Draft,
    },
    /// DCCAlertMessage around what the S1SP signed.
    S1spAlert {
        /// DCCAlertCode.
        code: &'a str,
        /// DSPScheduleID, where a schedule ran.
        schedule: Option<u64>,
        /// The S1SPAlert as signed, byte for byte.
        signed: &'a str,
    },
}
