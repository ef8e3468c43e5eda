//! How the world fails the DCO.

use tern_store::{SealBroken, StoreFault};

/// The world failed the DCO; nothing was answered.
#[derive(Debug, thiserror::Error)]
pub enum DcoFault {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// A sealed key does not open.
    #[error("a key package does not open: {0}")]
    Seal(#[from] SealBroken),
    /// A record is not what this release writes.
    #[error("a key package cannot be read: {0}")]
    Unreadable(String),
    /// The random source or the cipher fails.
    #[error("the cryptographic library failed at {0}")]
    Crypto(&'static str),
}
