//! A server's answers where it cannot answer in the service's own words.

use super::{expect_tag, tag, unknown_choice};
use crate::codec::{Codec, Reader, enumeration};
use crate::error::{DecodeError, DecodeErrorKind};

enumeration! {
    /// state-error of an exception-response.
    StateError is "state-error" {
        /// The association's state does not permit the service.
        ServiceNotAllowed = 1 "service-not-allowed",
        /// The service is not known.
        ServiceUnknown = 2 "service-unknown",
    }
}

/// service-error of an exception-response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServiceException {
    /// operation-not-possible.
    OperationNotPossible,
    /// service-not-supported.
    ServiceNotSupported,
    /// other-reason.
    OtherReason,
    /// pdu-too-long.
    PduTooLong,
    /// deciphering-error.
    DecipheringError,
    /// invocation-counter-error.
    InvocationCounterError {
        /// The least invocation counter that the server would take.
        expected: u32,
    },
}

/// Exception-Response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExceptionResponse {
    /// What of the server's state stands against it.
    pub state_error: StateError,
    /// What of the service stands against it.
    pub service_error: ServiceException,
}

impl Codec for ExceptionResponse {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([tag::EXCEPTION_RESPONSE, self.state_error.number()]);
        out.push(match self.service_error {
            ServiceException::OperationNotPossible => 1,
            ServiceException::ServiceNotSupported => 2,
            ServiceException::OtherReason => 3,
            ServiceException::PduTooLong => 4,
            ServiceException::DecipheringError => 5,
            ServiceException::InvocationCounterError { .. } => 6,
        });
        if let ServiceException::InvocationCounterError { expected } = self.service_error {
            out.extend_from_slice(&expected.to_be_bytes());
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::EXCEPTION_RESPONSE, "an exception-response")?;
        let state_error = StateError::read(reader)?;
        let at = reader.position();
        let service_error = match reader.u8()? {
            1 => ServiceException::OperationNotPossible,
            2 => ServiceException::ServiceNotSupported,
            3 => ServiceException::OtherReason,
            4 => ServiceException::PduTooLong,
            5 => ServiceException::DecipheringError,
            6 => ServiceException::InvocationCounterError { expected: reader.u32()? },
            other => return Err(unknown_choice(at, "service-error", other)),
        };
        Ok(ExceptionResponse { state_error, service_error })
    }
}

enumeration! {
    /// The choices of ServiceError: of what kind an error of a confirmed service is.
    ServiceErrorKind is "ServiceError" {
        /// Of the application reference.
        ApplicationReference = 0 "application-reference",
        /// Of the hardware.
        HardwareResource = 1 "hardware-resource",
        /// Of the virtual application entity's state.
        VdeStateError = 2 "vde-state-error",
        /// Of the service.
        Service = 3 "service",
        /// Of an object's definition.
        Definition = 4 "definition",
        /// Of access to an object.
        Access = 5 "access",
        /// Of the association's beginning.
        Initiate = 6 "initiate",
        /// Of loading a data set.
        LoadDataSet = 7 "load-data-set",
        /// Of a task.
        Task = 9 "task",
        /// Another.
        Other = 10 "other",
    }
}

/// ConfirmedServiceError: that a confirmed service failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConfirmedServiceError {
    /// Which service: 1 initiate, 5 read, 6 write, and those that the standard keeps free, up to 19.
    pub service: u8,
    /// The kind of error.
    pub kind: ServiceErrorKind,
    /// Its number within the kind.
    pub value: u8,
}

impl ConfirmedServiceError {
    /// Of the initiate service.
    pub const INITIATE: u8 = 1;

    /// initiate: other.
    pub const INITIATE_OTHER: ConfirmedServiceError = ConfirmedServiceError::initiate(0);
    /// initiate: dlms-version-too-low.
    pub const DLMS_VERSION_TOO_LOW: ConfirmedServiceError = ConfirmedServiceError::initiate(1);
    /// initiate: incompatible-conformance.
    pub const INCOMPATIBLE_CONFORMANCE: ConfirmedServiceError = ConfirmedServiceError::initiate(2);
    /// initiate: pdu-size-too-short.
    pub const PDU_SIZE_TOO_SHORT: ConfirmedServiceError = ConfirmedServiceError::initiate(3);
    /// initiate: refused-by-the-VDE-Handler.
    pub const REFUSED_BY_THE_VDE_HANDLER: ConfirmedServiceError = ConfirmedServiceError::initiate(4);

    const fn initiate(value: u8) -> Self {
        ConfirmedServiceError { service: Self::INITIATE, kind: ServiceErrorKind::Initiate, value }
    }
}

impl Codec for ConfirmedServiceError {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend([tag::CONFIRMED_SERVICE_ERROR, self.service, self.kind.number(), self.value]);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect_tag(reader, tag::CONFIRMED_SERVICE_ERROR, "a confirmedServiceError")?;
        let at = reader.position();
        let service = reader.u8()?;
        if !(1..=19).contains(&service) {
            let kind = DecodeErrorKind::Unknown { what: "ConfirmedServiceError", number: service.into() };
            return Err(DecodeError::new(at, kind));
        }
        Ok(ConfirmedServiceError { service, kind: ServiceErrorKind::read(reader)?, value: reader.u8()? })
    }
}
