//! How the world fails the DCO.

use tern_store::StoreFault;

use crate::custody::CustodyFault;

/// The world failed the DCO; nothing was answered.
#[derive(Debug, thiserror::Error)]
pub enum DcoFault {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The custody of the key-encryption keys.
    #[error(transparent)]
    Custody(#[from] CustodyFault),
    /// A record is not what this release writes.
    #[error("a record of the DCO cannot be read: {0}")]
    Unreadable(String),
    /// What it looks things up in.
    #[error("the DCO's records cannot be read: {0}")]
    Records(String),
    /// The random source or the cipher fails.
    #[error("the cryptographic library failed at {0}")]
    Crypto(&'static str),
}

impl DcoFault {
    /// A body that does not (de)serialise.
    pub(crate) fn unreadable(why: impl std::fmt::Display) -> DcoFault {
        DcoFault::Unreadable(why.to_string())
    }

    /// Whether one damaged record may be all that fails.
    pub(crate) fn is_of_one_record(&self) -> bool {
        let one = |fault: &CustodyFault| matches!(fault, CustodyFault::Broken(_) | CustodyFault::UnknownKek(_));
        match self {
            DcoFault::Unreadable(_) => true,
            DcoFault::Custody(fault) => one(fault),
            DcoFault::Store(_) | DcoFault::Crypto(_) | DcoFault::Records(_) => false,
        }
    }

    /// What the reader may do.
    #[must_use]
    pub fn suggestion(&self) -> String {
        match self {
            DcoFault::Store(fault) => fault.suggestion(),
            DcoFault::Custody(fault) => fault.suggestion().to_owned(),
            DcoFault::Unreadable(_) => "use the release of tern that wrote the store, or a later one".to_owned(),
            DcoFault::Records(_) => "check that the fact records are there and can be read".to_owned(),
            DcoFault::Crypto(_) => "try again".to_owned(),
        }
    }
}
