//! What can go wrong with a key infrastructure on disk, each with a way out.

use std::path::PathBuf;

use tern_model::Role;
use tern_wire::smki::issuing::IssueFailed;
use tern_wire::smki::{CertificateProblem, KeyProblem};

/// Why the key infrastructure could not be made, changed or loaded.
#[derive(Debug)]
pub enum PkiError {
    /// `init` found something where it was to write.
    Exists {
        /// The folder.
        dir: PathBuf,
    },
    /// A file or folder is not there.
    Missing {
        /// Which.
        path: PathBuf,
    },
    /// The operating system refused.
    Io {
        /// On what.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A private key can be read by others than its owner.
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A certificate or revocation list is not what its place says.
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: CertificateProblem,
    },
    /// A private key is not what its place says.
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: KeyProblem,
    },
    /// The record of revocations cannot be read.
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A name that cannot be a folder's.
    Name {
        /// What was given.
        given: String,
    },
    /// A day from which no validity can be counted.
    Date {
        /// What was given.
        given: String,
    },
    /// A role that has no organisation certificates.
    Role {
        /// Which.
        role: Role,
    },
    /// The party has certificates in force for everything that its role needs.
    AlreadyIssued {
        /// The party.
        name: String,
    },
    /// The name or the EUI-64 belongs to a party of another role or name.
    Taken {
        /// What was asked for.
        asked: String,
        /// Whose it is.
        holder: String,
    },
    /// No certificate of that name or serial number.
    Unknown {
        /// What was given.
        given: String,
    },
    /// All that was to be revoked is revoked.
    AlreadyRevoked {
        /// What was given.
        given: String,
    },
    /// A certificate or revocation list could not be made.
    Issue(IssueFailed),
    /// The system has no randomness to give.
    Randomness,
}

impl PkiError {
    /// What to do next.
    #[must_use]
    pub fn suggestion(&self) -> String {
        match self {
            PkiError::Exists { .. } => "name a folder that does not exist; an existing key infrastructure is never overwritten".to_owned(),
            PkiError::Missing { .. } => "`tern pki init DIR` makes a key infrastructure; `tern pki issue` adds a party".to_owned(),
            PkiError::Io { .. } => "check that the folder exists, and who may write to it".to_owned(),
            PkiError::Exposed { path, .. } => {
                format!("chmod 600 {}; and issue a new key where others may have read this one", path.display())
            }
            PkiError::Certificate { problem, .. } => problem.suggestion().to_owned(),
            PkiError::Key { .. } => "restore the key that was issued with the certificate, or revoke it and issue anew".to_owned(),
            PkiError::Record { .. } => "restore the file from a copy; `trust/crl/issuing-ca.pem` holds the same revocations".to_owned(),
            PkiError::Name { .. } => "use 1 to 40 lower-case letters, digits and hyphens, for example `supplier-a`".to_owned(),
            PkiError::Date { .. } => "give a day from 1970 on as YYYY-MM-DD".to_owned(),
            PkiError::Role { .. } => {
                "name the role of an organisation: supplier, network-operator, dsp, s1sp, dco, smso, requesting-party or commissioning-party".to_owned()
            }
            PkiError::AlreadyIssued { name } => format!("to replace its keys: `tern pki revoke {name}`, then issue again"),
            PkiError::Taken { .. } => "give another name or EUI-64, or the role that it has".to_owned(),
            PkiError::Unknown { .. } => "`tern pki show` lists names and serial numbers".to_owned(),
            PkiError::AlreadyRevoked { .. } => "nothing is left to do; `tern pki issue` gives the party new keys".to_owned(),
            PkiError::Issue(_) => "check names and validity".to_owned(),
            PkiError::Randomness => "try again when the system has started up".to_owned(),
        }
    }
}

impl std::fmt::Display for PkiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PkiError::Exists { dir } => write!(f, "{} is there already", dir.display()),
            PkiError::Missing { path } => write!(f, "{} is not there", path.display()),
            PkiError::Io { path, source } => write!(f, "{}: {source}", path.display()),
            PkiError::Exposed { path, mode } => {
                write!(f, "private key {} can be read by others than its owner (mode {mode:04o})", path.display())
            }
            PkiError::Certificate { path, problem } => write!(f, "{}: {problem}", path.display()),
            PkiError::Key { path, problem } => write!(f, "{}: {problem}", path.display()),
            PkiError::Record { path, reason } => {
                write!(f, "{}: the revocations cannot be read: {reason}", path.display())
            }
            PkiError::Name { given } => write!(f, "{given:?} cannot be a party's name"),
            PkiError::Date { given } => write!(f, "no validity can begin on {given}"),
            PkiError::Role { role } => write!(f, "no organisation certificates are issued for the role {role}"),
            PkiError::AlreadyIssued { name } => write!(f, "{name} has its certificates, and they are in force"),
            PkiError::Taken { asked, holder } => write!(f, "{asked} belongs to {holder}"),
            PkiError::Unknown { given } => write!(f, "no party and no serial number {given:?} is known here"),
            PkiError::AlreadyRevoked { given } => write!(f, "{given} is revoked already"),
            PkiError::Issue(failed) => failed.fmt(f),
            PkiError::Randomness => f.write_str("the system gave no random bytes"),
        }
    }
}

impl std::error::Error for PkiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            PkiError::Io { source, .. } => Some(source),
            PkiError::Certificate { problem, .. } => Some(problem),
            PkiError::Key { problem, .. } => Some(problem),
            PkiError::Issue(failed) => Some(failed),
            _ => None,
        }
    }
}

impl From<IssueFailed> for PkiError {
    fn from(failed: IssueFailed) -> PkiError {
        PkiError::Issue(failed)
    }
}
