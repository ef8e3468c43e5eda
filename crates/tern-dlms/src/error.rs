//! What can be wrong with bytes that claim to be of the protocol.

use thiserror::Error;

/// Bytes that could not be decoded, and where that became plain.
///
/// It never holds the bytes themselves: they may be keys or passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("at byte {position}: {kind}")]
pub struct DecodeError {
    /// Offset, from 0, of the first byte that does not fit, in what was handed to `decode`.
    pub position: usize,
    /// What does not fit.
    pub kind: DecodeErrorKind,
}

/// The kinds of [`DecodeError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecodeErrorKind {
    /// The bytes end before what they announce.
    #[error("{missing} more bytes are announced than there are")]
    Truncated {
        /// How many bytes are missing, at least.
        missing: usize,
    },
    /// Bytes are left after the end of what was decoded.
    #[error("{count} bytes are left over")]
    Trailing {
        /// How many bytes are left.
        count: usize,
    },
    /// A length of the indefinite form, or of more than four bytes.
    #[error("a length is not of the definite form in at most four bytes")]
    Length,
    /// A tag, choice or enumerated number that the standard does not define here.
    #[error("{what} {number} is not defined")]
    Unknown {
        /// What the number stands for, in the standard's words.
        what: &'static str,
        /// The number found.
        number: u32,
    },
    /// Something that the standard defines and this crate does not speak.
    #[error("{what} is not supported")]
    NotSupported {
        /// What it is, in the standard's words.
        what: &'static str,
    },
    /// More than the reader permits.
    #[error("{what} beyond the limit of {limit}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A value that is not of the form that the standard gives it.
    #[error("{what} expected")]
    Form {
        /// What should be here, in the standard's words.
        what: &'static str,
    },
}

impl DecodeError {
    /// An error at `position`.
    #[must_use]
    pub fn new(position: usize, kind: DecodeErrorKind) -> Self {
        DecodeError { position, kind }
    }

    /// Whether the bytes are of something that the standard defines and this crate does not speak; a server answers
    /// such a request as a service that it does not support, and any other error as one that is not possible.
    #[must_use]
    pub fn is_not_supported(&self) -> bool {
        matches!(self.kind, DecodeErrorKind::NotSupported { .. })
    }
}
