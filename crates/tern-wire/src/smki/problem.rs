//! What can be wrong with a certificate, each kind told apart and with a way out.

use jiff::Timestamp;
use tern_model::{CertificateId, Eui64, Place};

use crate::{FaultKind, WireFault};

/// What a certificate is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// To verify a signature: P-256, digitalSignature.
    Sign,
    /// To encrypt a content key to its holder: RSA-2048, keyEncipherment.
    Encrypt,
    /// To hold one end of a mutual TLS connection: P-256, digitalSignature, serverAuth and clientAuth. It signs no document.
    Tls,
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Usage::Sign => "signing (P-256 with digitalSignature)",
            Usage::Encrypt => "encryption (RSA-2048 with keyEncipherment)",
            Usage::Tls => "mutual TLS (P-256 with digitalSignature, serverAuth and clientAuth)",
        })
    }
}

/// Why a certificate is not to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateProblem {
    /// The bytes are no certificate of the shape that is expected here.
    Malformed {
        /// What is wrong with them.
        reason: String,
    },
    /// No certificate by that issuer and serial number is in the trusted directory.
    Unknown {
        /// Which was asked for.
        id: CertificateId,
    },
    /// The moment lies before the certificate's notBefore.
    NotYetValid {
        /// Which.
        id: CertificateId,
        /// Its notBefore.
        from: Timestamp,
        /// The moment that was judged.
        at: Timestamp,
    },
    /// The moment lies after the certificate's notAfter.
    Expired {
        /// Which.
        id: CertificateId,
        /// Its notAfter.
        until: Timestamp,
        /// The moment that was judged.
        at: Timestamp,
    },
    /// The certificate, or an authority's on its path, is on its issuer's revocation list.
    Revoked {
        /// Which was judged.
        id: CertificateId,
    },
    /// Whether the certificate is revoked cannot be said: no list of its issuer is there, or it is out of date or forged.
    RevocationUnknown {
        /// Which.
        id: CertificateId,
        /// What is wrong with the lists.
        reason: String,
    },
    /// Its key or its key usage is for something else.
    WrongUsage {
        /// Which.
        id: CertificateId,
        /// What it was to be used for.
        usage: Usage,
    },
    /// No path of valid signatures and valid authorities leads to a trusted root.
    UntrustedPath {
        /// Which.
        id: CertificateId,
        /// Where the path breaks.
        reason: String,
    },
    /// A device's certificate names another device than the one that it was presented for (FI12).
    WrongDevice {
        /// Which.
        id: CertificateId,
        /// The device that it names.
        found: Eui64,
        /// The device that it was presented for.
        expected: Eui64,
    },
}

impl CertificateProblem {
    /// What was found, for the `found` of a finding.
    #[must_use]
    pub fn found(&self) -> String {
        match self {
            CertificateProblem::Malformed { reason } => reason.clone(),
            CertificateProblem::Unknown { id }
            | CertificateProblem::Revoked { id }
            | CertificateProblem::RevocationUnknown { id, .. }
            | CertificateProblem::WrongUsage { id, .. }
            | CertificateProblem::UntrustedPath { id, .. } => format!("certificate {id}"),
            CertificateProblem::NotYetValid { id, from, .. } => format!("certificate {id}, valid from {from}"),
            CertificateProblem::Expired { id, until, .. } => format!("certificate {id}, valid until {until}"),
            CertificateProblem::WrongDevice { id, found, .. } => format!("certificate {id} of device {found}"),
        }
    }

    /// What was expected, for the `expected` of a finding.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            CertificateProblem::Malformed { .. } => "an X.509 certificate in DER, shaped like SMKI's".to_owned(),
            CertificateProblem::Unknown { .. } => "a certificate of the trusted directory".to_owned(),
            CertificateProblem::NotYetValid { at, .. } | CertificateProblem::Expired { at, .. } => {
                format!("a certificate valid at {at}")
            }
            CertificateProblem::Revoked { .. } => "a certificate that is not revoked".to_owned(),
            CertificateProblem::RevocationUnknown { .. } => "a current revocation list of its issuer".to_owned(),
            CertificateProblem::WrongUsage { usage, .. } => format!("a certificate for {usage}"),
            CertificateProblem::UntrustedPath { .. } => "a path of valid certificates to a trusted root".to_owned(),
            CertificateProblem::WrongDevice { expected, .. } => format!("a certificate of device {expected}"),
        }
    }

    /// What to do next.
    #[must_use]
    pub fn suggestion(&self) -> &'static str {
        match self {
            CertificateProblem::Malformed { .. } => "ask the holder for the certificate again",
            CertificateProblem::Unknown { .. } => {
                "check serial number and issuer name; add the certificate to the trusted directory where it belongs there"
            }
            CertificateProblem::NotYetValid { .. } => {
                "check the clock, real or virtual; a key infrastructure for a virtual clock is made by `tern pki init --not-before DATE`"
            }
            CertificateProblem::Expired { .. } => {
                "ask the holder for a document signed under a certificate in force; check the clock, real or virtual"
            }
            CertificateProblem::Revoked { .. } => "ask the holder for a document under its new certificate",
            CertificateProblem::RevocationUnknown { .. } => "fetch the issuer's current revocation list",
            CertificateProblem::WrongUsage { .. } => "use the holder's other certificate",
            CertificateProblem::UntrustedPath { .. } => {
                "check that the trusted roots and issuing authorities are those of this key infrastructure"
            }
            CertificateProblem::WrongDevice { .. } => "ask the SMSO for the certificate of this device",
        }
    }

    /// The fault of a document that rests on this certificate.
    #[must_use]
    pub fn into_fault(self, place: Place) -> WireFault {
        WireFault {
            kind: FaultKind::Certificate,
            place,
            message: self.to_string(),
            found: self.found(),
            expected: self.expected(),
            suggestion: self.suggestion().to_owned(),
        }
    }
}

impl std::fmt::Display for CertificateProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CertificateProblem::Malformed { reason } => write!(f, "the certificate cannot be read: {reason}"),
            CertificateProblem::Unknown { id } => write!(f, "certificate {id} is not known here"),
            CertificateProblem::NotYetValid { id, from, at } => {
                write!(f, "certificate {id} is valid from {from} only, and it is {at}")
            }
            CertificateProblem::Expired { id, until, at } => {
                write!(f, "certificate {id} expired at {until}, and it is {at}")
            }
            CertificateProblem::Revoked { id } => {
                write!(f, "certificate {id} is revoked, or an authority on its path is")
            }
            CertificateProblem::RevocationUnknown { id, reason } => {
                write!(f, "whether certificate {id} is revoked cannot be said: {reason}")
            }
            CertificateProblem::WrongUsage { id, usage } => write!(f, "certificate {id} is not for {usage}"),
            CertificateProblem::UntrustedPath { id, reason } => {
                write!(f, "certificate {id} has no path to a trusted root: {reason}")
            }
            CertificateProblem::WrongDevice { id, found, expected } => {
                write!(f, "certificate {id} belongs to device {found}, not to {expected}")
            }
        }
    }
}

impl std::error::Error for CertificateProblem {}
