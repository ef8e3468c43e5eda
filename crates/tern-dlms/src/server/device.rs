//! What a server is a server of: the logical device behind it says who may open what, holds keys, counters and objects.

use crate::acse::ServiceUserDiagnostic;
use crate::apdu::{
    ActionResult, Conformance, DataAccessResult, ExceptionResponse, GeneralSigning, ServiceException, StateError,
};
use crate::data::Data;
use crate::descriptor::{AttributeDescriptor, MethodDescriptor};
use crate::security::{Challenge, Keys, Password, Protection, SecurityError};
use crate::selection::SelectiveAccess;
use crate::system_title::SystemTitle;

/// How a client may open an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// Without any authentication.
    Public,
    /// With a password.
    LowLevel {
        /// The password.
        password: Password,
    },
    /// With mechanism 5.
    HighLevelGmac {
        /// How every APDU must be protected at least; none leaves that to the client, which then keeps to what it began with.
        demands: Option<Protection>,
    },
    /// It is open beforehand, and an AARQ is rejected.
    PreEstablished {
        /// How every APDU must be protected at least.
        demands: Protection,
    },
}

/// On whose behalf something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The client's wPort.
    pub client: u16,
    /// What it proved.
    pub authority: Authority,
}

/// What a caller proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// Nothing.
    Nobody,
    /// That it knows the password.
    Password,
    /// That it holds the association's keys; and how this request was protected with them, where it was.
    Keys(Option<Protection>),
    /// That the party of this system title signed the request ([`LogicalDevice::signed`] found so).
    Signed(SystemTitle),
}

/// Why a request is not answered in its own service's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It is answered with an exception-response.
    Exception(ExceptionResponse),
    /// It is not answered at all: the connection closes.
    NoAnswer,
}

impl Stop {
    /// What is behind this server cannot be reached now: service-not-allowed, operation-not-possible.
    pub const NOT_POSSIBLE: Stop = Stop::not_allowed(ServiceException::OperationNotPossible);

    /// service-not-allowed, with the service-error that says why.
    pub const fn not_allowed(service_error: ServiceException) -> Stop {
        Stop::Exception(ExceptionResponse { state_error: StateError::ServiceNotAllowed, service_error })
    }
}

/// Why an object did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed<R> {
    /// A result of the service.
    Result(R),
    /// Something that the service has no result for.
    Stop(Stop),
}

impl<R> From<R> for Failed<R> {
    fn from(result: R) -> Failed<R> {
        Failed::Result(result)
    }
}

/// A logical device.
///
/// What it must make durable, it has made durable when the call returns: nothing is answered before. It is asked anew for every
/// APDU and may change between two of them.
pub trait LogicalDevice {
    /// Its system title.
    fn system_title(&self) -> SystemTitle;

    /// How the client of this wPort may open an association; none: not at all.
    fn opening(&self, client: u16) -> Option<Opening>;

    /// The keys shared with this client, where there are any. They are asked for before a request is carried out, and protect
    /// its answer too: what a key transfer changes holds from the next request on.
    fn keys(&self, client: u16) -> Option<Keys>;

    /// The only system title that this client may have, where that is known.
    fn client_title(&self, client: u16) -> Option<SystemTitle> {
        let _ = client;
        None
    }

    /// An invocation counter of this client came, under a tag that fits. Accepts it where it is higher than every one accepted
    /// before, and remembers that durably.
    ///
    /// # Errors
    /// The least number that would be accepted.
    fn accept_invocation(&mut self, client: u16, counter: u32) -> Result<(), u32>;

    /// The next invocation counter of this device under the keys shared with this client, durably used up; none where there is
    /// none left. It is taken before a request is carried out, so under the keys that protect its answer.
    fn next_invocation(&mut self, client: u16) -> Option<u32>;

    /// A challenge that was never used before (StoC).
    ///
    /// # Errors
    /// [`SecurityError::Random`].
    fn challenge(&mut self) -> Result<Challenge, SecurityError> {
        Challenge::random()
    }

    /// An AARQ of this client came. Here a device may refuse before it is looked at.
    ///
    /// # Errors
    /// Why it is rejected, or not answered.
    fn admit(&mut self, client: u16) -> Result<(), Failed<ServiceUserDiagnostic>> {
        let _ = client;
        Ok(())
    }

    /// What it agrees to in an association with this client, at most.
    fn conformance(&self, client: u16) -> Conformance {
        let _ = client;
        Conformance::SPOKEN
    }

    /// The longest APDU that it takes, in bytes.
    fn max_receive_pdu_size(&self) -> u16 {
        u16::MAX
    }

    /// Reads an attribute, or the part of it that the selective access names.
    ///
    /// # Errors
    /// Why there is no value.
    fn get(
        &mut self,
        caller: &Caller,
        attribute: AttributeDescriptor,
        access: Option<&SelectiveAccess>,
    ) -> Result<Data, Failed<DataAccessResult>>;

    /// Writes an attribute, or the part of it that the selective access names.
    ///
    /// # Errors
    /// Why it was not written.
    fn set(
        &mut self,
        caller: &Caller,
        attribute: AttributeDescriptor,
        access: Option<&SelectiveAccess>,
        value: Data,
    ) -> Result<(), Failed<DataAccessResult>>;

    /// Invokes a method.
    ///
    /// # Errors
    /// Why it did nothing.
    fn action(
        &mut self,
        caller: &Caller,
        method: MethodDescriptor,
        parameters: Option<Data>,
    ) -> Result<Option<Data>, Failed<ActionResult>>;

    /// Judges a general-signing APDU: that it is for this device, that its transaction-id was never accepted before (remembered
    /// durably), that the originator may sign for what it asks, and that its signature over
    /// [`GeneralSigning::signed_part`] fits. What it holds is then carried out with [`Authority::Signed`].
    ///
    /// # Errors
    /// Why it is not carried out.
    fn signed(&mut self, client: u16, signing: &GeneralSigning) -> Result<(), Stop> {
        let _ = (client, signing);
        Err(UNKNOWN)
    }

    /// The answer to a signed request that was found right, as a general-signing APDU of whoever speaks for this device; none:
    /// it goes in clear. What is not believed is never asked for here: a signed refusal of it could be kept, and shown in
    /// place of the answer to the true request.
    fn sign(&mut self, request: &GeneralSigning, answer: &[u8]) -> Option<GeneralSigning> {
        let _ = (request, answer);
        None
    }
}

/// The service is none that this server has.
pub(super) const UNKNOWN: Stop = Stop::Exception(ExceptionResponse {
    state_error: StateError::ServiceUnknown,
    service_error: ServiceException::ServiceNotSupported,
});
