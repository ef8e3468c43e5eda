//! The APDUs: xDLMS services by logical name, their protected forms, and ACSE's beside them, told apart by their
//! first byte.

mod action;
mod block;
mod conformance;
mod failure;
mod get;
mod initiate;
mod invoke;
mod protected;
mod results;
mod set;

pub use action::{ActionRequest, ActionResponse, ActionResponseWithOptionalData};
pub use block::{DataBlockG, DataBlockSa};
pub use conformance::Conformance;
pub use failure::{ConfirmedServiceError, ExceptionResponse, ServiceErrorKind, ServiceException, StateError};
pub use get::{AttributeWithSelection, GetDataResult, GetRequest, GetResponse};
pub use initiate::{DedicatedKey, InitiateRequest, InitiateResponse, XDLMS_VERSION};
pub use invoke::InvokeIdAndPriority;
pub use protected::{GeneralGloCiphering, GeneralSigning, GloCiphered, GloService};
pub use results::{ActionResult, DataAccessResult};
pub use set::{SetRequest, SetResponse};

use crate::acse::{Aare, Aarq, Rlre, Rlrq};
use crate::codec::{Codec, Reader};
use crate::error::{DecodeError, DecodeErrorKind};

/// First bytes of APDUs.
pub mod tag {
    /// initiateRequest.
    pub const INITIATE_REQUEST: u8 = 0x01;
    /// initiateResponse.
    pub const INITIATE_RESPONSE: u8 = 0x08;
    /// confirmedServiceError.
    pub const CONFIRMED_SERVICE_ERROR: u8 = 0x0E;
    /// AARQ.
    pub const AARQ: u8 = 0x60;
    /// AARE.
    pub const AARE: u8 = 0x61;
    /// RLRQ.
    pub const RLRQ: u8 = 0x62;
    /// RLRE.
    pub const RLRE: u8 = 0x63;
    /// get-request.
    pub const GET_REQUEST: u8 = 0xC0;
    /// set-request.
    pub const SET_REQUEST: u8 = 0xC1;
    /// action-request.
    pub const ACTION_REQUEST: u8 = 0xC3;
    /// get-response.
    pub const GET_RESPONSE: u8 = 0xC4;
    /// set-response.
    pub const SET_RESPONSE: u8 = 0xC5;
    /// action-response.
    pub const ACTION_RESPONSE: u8 = 0xC7;
    /// exception-response.
    pub const EXCEPTION_RESPONSE: u8 = 0xD8;
    /// general-glo-ciphering.
    pub const GENERAL_GLO_CIPHERING: u8 = 0xDB;
    /// general-signing.
    pub const GENERAL_SIGNING: u8 = 0xDF;
}

/// Any APDU that this crate speaks.
#[derive(Debug, Clone, PartialEq)]
pub enum Apdu {
    /// Asks for an association.
    Aarq(Aarq),
    /// Answers it.
    Aare(Aare),
    /// Asks for the association's end.
    Rlrq(Rlrq),
    /// Answers it.
    Rlre(Rlre),
    /// What a client proposes, in an [`Aarq`].
    InitiateRequest(InitiateRequest),
    /// What the server agrees to, in an [`Aare`].
    InitiateResponse(InitiateResponse),
    /// A service that failed; in an [`Aare`], why nothing was agreed.
    ConfirmedServiceError(ConfirmedServiceError),
    /// Asks for values.
    GetRequest(GetRequest),
    /// Answers with values.
    GetResponse(GetResponse),
    /// Asks for values to be written.
    SetRequest(SetRequest),
    /// Answers it.
    SetResponse(SetResponse),
    /// Asks for methods to be invoked.
    ActionRequest(ActionRequest),
    /// Answers it.
    ActionResponse(ActionResponse),
    /// A request that could not be dealt with.
    ExceptionResponse(ExceptionResponse),
    /// A service protected under a global key.
    GloCiphered(GloCiphered),
    /// Any APDU protected under a global key, with the name of who protected it.
    GeneralGloCiphering(GeneralGloCiphering),
    /// Any APDU with a digital signature.
    GeneralSigning(GeneralSigning),
}

/// APDUs of the standard that this crate recognises and does not speak, by first byte.
const NOT_SPOKEN: [(u8, &str); 24] = [
    (0x05, "readRequest"),
    (0x06, "writeRequest"),
    (0x0C, "readResponse"),
    (0x0D, "writeResponse"),
    (0x0F, "data-notification"),
    (0x16, "unconfirmedWriteRequest"),
    (0x18, "informationReportRequest"),
    (0x41, "ded-initiateRequest"),
    (0x48, "ded-initiateResponse"),
    (0x4E, "ded-confirmedServiceError"),
    (0xC2, "event-notification-request"),
    (0xCA, "glo-event-notification-request"),
    (0xD0, "ded-get-request"),
    (0xD1, "ded-set-request"),
    (0xD2, "ded-event-notification-request"),
    (0xD3, "ded-actionRequest"),
    (0xD4, "ded-get-response"),
    (0xD5, "ded-set-response"),
    (0xD7, "ded-action-response"),
    (0xD9, "access-request"),
    (0xDA, "access-response"),
    (0xDC, "general-ded-ciphering"),
    (0xDD, "general-ciphering"),
    (0xE0, "general-block-transfer"),
];

impl Codec for Apdu {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Apdu::Aarq(apdu) => apdu.encode(out),
            Apdu::Aare(apdu) => apdu.encode(out),
            Apdu::Rlrq(apdu) => apdu.encode(out),
            Apdu::Rlre(apdu) => apdu.encode(out),
            Apdu::InitiateRequest(apdu) => apdu.encode(out),
            Apdu::InitiateResponse(apdu) => apdu.encode(out),
            Apdu::ConfirmedServiceError(apdu) => apdu.encode(out),
            Apdu::GetRequest(apdu) => apdu.encode(out),
            Apdu::GetResponse(apdu) => apdu.encode(out),
            Apdu::SetRequest(apdu) => apdu.encode(out),
            Apdu::SetResponse(apdu) => apdu.encode(out),
            Apdu::ActionRequest(apdu) => apdu.encode(out),
            Apdu::ActionResponse(apdu) => apdu.encode(out),
            Apdu::ExceptionResponse(apdu) => apdu.encode(out),
            Apdu::GloCiphered(apdu) => apdu.encode(out),
            Apdu::GeneralGloCiphering(apdu) => apdu.encode(out),
            Apdu::GeneralSigning(apdu) => apdu.encode(out),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let Some(first) = reader.peek() else {
            return Err(reader.error(DecodeErrorKind::Truncated { missing: 1 }));
        };
        if GloService::from_number(first).is_some() {
            return GloCiphered::read(reader).map(Apdu::GloCiphered);
        }
        match first {
            tag::AARQ => Aarq::read(reader).map(Apdu::Aarq),
            tag::AARE => Aare::read(reader).map(Apdu::Aare),
            tag::RLRQ => Rlrq::read(reader).map(Apdu::Rlrq),
            tag::RLRE => Rlre::read(reader).map(Apdu::Rlre),
            tag::INITIATE_REQUEST => InitiateRequest::read(reader).map(Apdu::InitiateRequest),
            tag::INITIATE_RESPONSE => InitiateResponse::read(reader).map(Apdu::InitiateResponse),
            tag::CONFIRMED_SERVICE_ERROR => ConfirmedServiceError::read(reader).map(Apdu::ConfirmedServiceError),
            tag::GET_REQUEST => GetRequest::read(reader).map(Apdu::GetRequest),
            tag::GET_RESPONSE => GetResponse::read(reader).map(Apdu::GetResponse),
            tag::SET_REQUEST => SetRequest::read(reader).map(Apdu::SetRequest),
            tag::SET_RESPONSE => SetResponse::read(reader).map(Apdu::SetResponse),
            tag::ACTION_REQUEST => ActionRequest::read(reader).map(Apdu::ActionRequest),
            tag::ACTION_RESPONSE => ActionResponse::read(reader).map(Apdu::ActionResponse),
            tag::EXCEPTION_RESPONSE => ExceptionResponse::read(reader).map(Apdu::ExceptionResponse),
            tag::GENERAL_GLO_CIPHERING => GeneralGloCiphering::read(reader).map(Apdu::GeneralGloCiphering),
            tag::GENERAL_SIGNING => GeneralSigning::read(reader).map(Apdu::GeneralSigning),
            other => Err(reader.error(not_spoken(other))),
        }
    }
}

fn not_spoken(first: u8) -> DecodeErrorKind {
    match NOT_SPOKEN.iter().find(|(tag, _)| *tag == first) {
        Some((_, what)) => DecodeErrorKind::NotSupported { what },
        None => DecodeErrorKind::Unknown { what: "APDU", number: first.into() },
    }
}

/// Takes the first byte of an APDU that is known to be of one kind.
fn expect_tag(reader: &mut Reader<'_>, tag: u8, what: &'static str) -> Result<(), DecodeError> {
    let at = reader.position();
    match reader.u8()? {
        found if found == tag => Ok(()),
        _ => Err(DecodeError::new(at, DecodeErrorKind::Form { what })),
    }
}

/// A choice that the standard does not define.
fn unknown_choice(at: usize, what: &'static str, number: u8) -> DecodeError {
    DecodeError::new(at, DecodeErrorKind::Unknown { what, number: number.into() })
}
