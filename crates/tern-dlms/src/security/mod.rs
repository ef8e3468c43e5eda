//! Security suite 0 of DLMS/COSEM: AES-128 in GCM with a tag of 12 bytes, GMAC for high-level security, AES key wrap.
//!
//! Bytes in, bytes out, in the standard's terms. It never chooses a key, never chooses an invocation counter and never judges
//! whether a counter may be accepted: that is [`crate::invocation`] and whoever keeps the counters seen. Key material is wiped
//! when dropped, is never printed, and no error says anything of it.

mod ciphering;
mod control;
mod gmac;
mod keys;
mod suite0;
mod wrap;

pub use ciphering::{CIPHERED_OVERHEAD_MAX_BYTES, Ciphering, Form, Unsealed};
pub use control::{Protection, SecurityControl};
pub use gmac::{CHALLENGE_BYTES, Challenge, gmac_answer, judge_gmac_answer};
pub use keys::{KEY_BYTES, Key, Keys, Password};
pub use suite0::{OVERHEAD_MAX_BYTES, Opened, TAG_BYTES, protect, unprotect};
pub use wrap::{WRAPPED_KEY_BYTES, unwrap_key, wrap_key};

/// Why protected bytes were not accepted. It names the kind and nothing of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecurityError {
    /// Shorter than control byte, invocation counter and tag together, or of another length than its header says.
    #[error("protected bytes are cut short")]
    Short,
    /// The control byte asks for something that suite 0 with unicast keys is not: another suite, a broadcast key, compression.
    #[error("security control {0:#04x} is not of suite 0 with unicast keys")]
    Control(u8),
    /// Neither authenticated nor encrypted, or less than was demanded.
    #[error("less protection than is demanded")]
    TooLittle,
    /// The tag is not the one of these bytes under these keys. Wrong key, altered bytes and wrong system title look alike.
    #[error("the authentication tag does not fit")]
    Tag,
    /// The invocation counter does not rise above the highest one accepted.
    #[error("invocation counter {found} does not rise above {highest}")]
    Counter {
        /// What came.
        found: u32,
        /// The highest one accepted before.
        highest: u32,
    },
    /// The message names a system title that is not the peer's.
    #[error("another system title than the peer's")]
    Title,
    /// Not a whole protected APDU.
    #[error("not a protected APDU")]
    Form,
    /// The APDU within is of another service than the first byte says.
    #[error("another service within than without")]
    Service,
    /// The standard has no glo-form of this APDU.
    #[error("no glo-form of this APDU")]
    NoForm,
    /// More bytes than suite 0 takes under one invocation.
    #[error("too long to be protected at once")]
    TooLong,
    /// A wrapped key that the key-encrypting key does not open.
    #[error("the wrapped key does not open")]
    Wrap,
    /// A challenge shorter than 8 or longer than 64 bytes, or our own one handed back.
    #[error("not a usable challenge")]
    Challenge,
    /// The machine gives no random bytes.
    #[error("no random bytes to be had")]
    Random,
}
