//! How the world fails the service: each stops what is being done, loses nothing, and says what to do.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use tern_dco::DcoFault;
use tern_store::{SealBroken, StoreFault};

use crate::pki::PkiError;

/// A fault or a refusal of the running system; never a finding about a counterparty's document.
#[derive(Debug, thiserror::Error)]
pub enum ServiceFault {
    /// A store.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The DCO.
    #[error(transparent)]
    Dco(#[from] DcoFault),
    /// Keys and certificates on disk.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// A sealed value.
    #[error("{0}")]
    Seal(#[from] SealBroken),
    /// A stored body.
    #[error("a stored record cannot be read: {0}")]
    Body(String),
    /// The link to the devices.
    #[error("the link to the devices failed: {0}")]
    Devices(String),
    /// A link to another role.
    #[error("{peer} {reason}")]
    Link {
        /// Which role, and where it is looked for.
        peer: String,
        /// What it does instead of answering.
        reason: String,
    },
    /// A service over the network will not do what it is asked.
    #[error("the service refuses: {what}")]
    TurnedAway {
        /// Why not.
        what: String,
        /// What it says that may be done.
        next: String,
    },
    /// A file.
    #[error("cannot {doing} {}: {reason}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A folder that was to hold sets.
    #[error("no migration file (*.xml) lies in {} or in the folders below it", dir.display())]
    NoSet {
        /// The folder.
        dir: PathBuf,
    },
    /// Configuration.
    #[error("{what}")]
    Configuration {
        /// What is wrong, with its place.
        what: String,
        /// What to do.
        suggestion: String,
    },
    /// A signature or an encryption could not be made.
    #[error("cannot make {what}: {reason}")]
    Crypto {
        /// What was to be made.
        what: &'static str,
        /// Why not.
        reason: String,
    },
    /// A file came under a name under which another was received before.
    #[error("{name} was received before with other bytes (SHA-256 {held}, now {came})")]
    OtherBytes {
        /// The file's name.
        name: String,
        /// What is held.
        held: tern_model::Digest,
        /// What came.
        came: tern_model::Digest,
    },
    /// A file came that its receiver cannot believe, or that does not fit what it holds: it is set aside.
    #[error("{name} is set aside: {why}")]
    NotBelieved {
        /// The file's name.
        name: String,
        /// Why.
        why: String,
    },
    /// A private copy was altered after it had been verified: what was read of it does not count.
    #[error("{name} was altered after its signature had been verified")]
    Altered {
        /// The file's name.
        name: String,
    },
    /// A machine that knows neither what happened nor that an answer was lost: an error of Tern's own.
    #[error("the migration {0} is in a state that knows no way on")]
    Machine(String),
    /// What was asked may not be done, as things stand.
    #[error("{what}")]
    Refused {
        /// Why not.
        what: String,
        /// What to do.
        suggestion: String,
    },
    /// `tern resolve` on an installation that is not stuck.
    #[error("{0} is not stuck")]
    NotStuck(String),
}

impl ServiceFault {
    /// A file that something cannot be done to.
    pub fn file(doing: &'static str, path: &Path, reason: impl Display) -> ServiceFault {
        ServiceFault::File { doing, path: path.to_owned(), reason: reason.to_string() }
    }

    /// A body that does not (de)serialise.
    pub(crate) fn body(error: impl std::fmt::Display) -> ServiceFault {
        ServiceFault::Body(error.to_string())
    }

    /// What the reader may do.
    #[must_use]
    pub fn suggestion(&self) -> String {
        match self {
            ServiceFault::Store(fault) => fault.suggestion(),
            ServiceFault::Dco(fault) => fault.suggestion(),
            ServiceFault::Pki(fault) => fault.suggestion(),
            ServiceFault::Seal(_) => {
                "check that the role's seal file is the one that the store was written with".to_owned()
            }
            ServiceFault::Body(_) => "use the release of tern that wrote the store, or a later one".to_owned(),
            ServiceFault::Devices(_) => {
                "check that `tern world` runs; what was in flight is taken up again by the next `tern migrate`"
                    .to_owned()
            }
            ServiceFault::Link { .. } => {
                "start that role with `tern role`; nothing is lost, and what waits goes on by itself".to_owned()
            }
            ServiceFault::TurnedAway { next, .. } => next.clone(),
            ServiceFault::File { .. } => "check that the file exists and that you may use it".to_owned(),
            ServiceFault::NoSet { .. } => {
                "name a folder with a set's files, or one with such folders; `tern build` makes them".to_owned()
            }
            ServiceFault::Configuration { suggestion, .. } | ServiceFault::Refused { suggestion, .. } => {
                suggestion.clone()
            }
            ServiceFault::Crypto { .. } => "check keys and certificates with `tern pki show`".to_owned(),
            ServiceFault::NotBelieved { .. } => "mend the cause, and send it again in a new set".to_owned(),
            ServiceFault::Altered { .. } => {
                "find out who writes to the folders of the stores; then send the set again".to_owned()
            }
            ServiceFault::OtherBytes { .. } => "build the set again under a new counter".to_owned(),
            ServiceFault::Machine(_) => "report it with `tern status --chf`; nothing was changed".to_owned(),
            ServiceFault::NotStuck(_) => "`tern stuck` lists those that are".to_owned(),
        }
    }
}
