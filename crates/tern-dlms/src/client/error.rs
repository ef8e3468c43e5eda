//! What can go wrong with a request, sorted by the one question that matters afterwards: was it done?

use std::io;

use crate::acse::{AssociationResult, Diagnostic};
use crate::apdu::{ActionResult, ConfirmedServiceError, DataAccessResult, ExceptionResponse};
use crate::error::DecodeError;
use crate::invocation::InvocationError;
use crate::security::SecurityError;
use crate::wrapper::WrapperError;

/// A request without the result that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Surely not done: nothing left this side.
    #[error("not sent: {0}")]
    NotSent(#[from] NotSent),
    /// Surely not done: the server says so, under the association's protection where it has one.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// It may have been done or not: no answer, or none that can be believed. The connection is of no more use.
    #[error("unknown whether it was done: {0}")]
    Unknown(#[from] Doubt),
}

impl ClientError {
    /// Whether it is sure that the request had no effect.
    #[must_use]
    pub fn is_surely_not_done(&self) -> bool {
        !matches!(self, ClientError::Unknown(_))
    }
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// An earlier request of this connection ended in doubt.
    #[error("the connection is of no more use since an earlier request")]
    Broken,
    /// There is no invocation counter to be had.
    #[error(transparent)]
    Invocation(#[from] InvocationError),
    /// It could not be protected, or no challenge could be made.
    #[error(transparent)]
    Security(#[from] SecurityError),
    /// Longer than the server takes, and blocks were not agreed on.
    #[error("{length} bytes, and the server takes {limit}")]
    TooLong {
        /// How long the APDU is.
        length: usize,
        /// What the server takes.
        limit: usize,
    },
    /// The association was opened without this.
    #[error("{0} was not agreed on")]
    NotAgreed(&'static str),
}

/// How a server says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// To a get or a set.
    #[error("data-access-result {0}")]
    Access(DataAccessResult),
    /// To an action.
    #[error("action-result {0}")]
    Action(ActionResult),
    /// To anything, in an association without protection. In one with protection this answer could be anybody's, and is a
    /// [`Doubt::Unprotected`].
    #[error("exception-response {}, {:?}", .0.state_error, .0.service_error)]
    Exception(ExceptionResponse),
    /// To what a client proposed.
    #[error("confirmedServiceError {:?} {}", .0.kind, .0.value)]
    Service(ConfirmedServiceError),
    /// To an association.
    #[error("association {result}: {diagnostic:?}")]
    Association {
        /// For good or for now.
        result: AssociationResult,
        /// Why.
        diagnostic: Diagnostic,
    },
}

/// Why nobody can tell whether a request was done.
#[derive(Debug, thiserror::Error)]
pub enum Doubt {
    /// The transport failed or ran out of time, or what came is no frame.
    #[error(transparent)]
    Transport(#[from] WrapperError),
    /// The server closed the connection instead of answering.
    #[error("closed without an answer")]
    Closed,
    /// The answer's protection does not hold.
    #[error("the answer is not the server's: {0}")]
    Security(#[from] SecurityError),
    /// An answer without protection, in an association that has it. The standard protects no exception-response, so whether the
    /// server said this or somebody else on the line cannot be told.
    #[error("an unprotected answer in a protected association{}", .0.map_or(String::new(), said))]
    Unprotected(Option<ExceptionResponse>),
    /// The answer cannot be decoded.
    #[error("the answer is not readable: {0}")]
    Unreadable(#[from] DecodeError),
    /// The answer can be read and is no answer to what was asked.
    #[error("the answer does not fit: {0}")]
    Nonsense(&'static str),
    /// Done, but what it returned could not be had.
    #[error("done, and what it returned could not be had: {0}")]
    NothingReturned(DataAccessResult),
}

fn said(exception: ExceptionResponse) -> String {
    format!(": exception-response {}, {:?}", exception.state_error, exception.service_error)
}

impl From<WrapperError> for ClientError {
    fn from(error: WrapperError) -> ClientError {
        Doubt::from(error).into()
    }
}

impl From<DecodeError> for ClientError {
    fn from(error: DecodeError) -> ClientError {
        Doubt::from(error).into()
    }
}

impl From<io::Error> for ClientError {
    fn from(error: io::Error) -> ClientError {
        WrapperError::from(error).into()
    }
}
