//! Certificate IDs: serial number and issuer name of an Organisation Certificate (RQ12), or the Null Certificate ID.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names a certificate, or says that there is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CertificateId {
    /// No certificate was supplied: the supplier-change checks do not apply (5.10.10). Its written form, serial 0 of
    /// issuer `NULL`, is project-defined.
    Null,
    /// A certificate by serial number and RFC 2253 issuer name.
    Named {
        /// Up to 127 bits; written as decimal digits in text, because JSON readers lose numbers that long.
        #[serde(with = "decimal")]
        serial: u128,
        /// For example `CN=Z1,OU=07`, without blanks.
        issuer: String,
    },
}

impl CertificateId {
    /// The issuer name that stands for the Null Certificate ID (P).
    pub const NULL_ISSUER: &'static str = "NULL";

    /// The identifier that a file's two elements spell.
    #[must_use]
    pub fn from_parts(serial: u128, issuer: &str) -> CertificateId {
        if serial == 0 && issuer == Self::NULL_ISSUER {
            CertificateId::Null
        } else {
            CertificateId::Named { serial, issuer: issuer.to_owned() }
        }
    }

    /// The two values as a file spells them.
    #[must_use]
    pub fn parts(&self) -> (u128, &str) {
        match self {
            CertificateId::Null => (0, Self::NULL_ISSUER),
            CertificateId::Named { serial, issuer } => (*serial, issuer),
        }
    }

    /// Whether this is the Null Certificate ID.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, CertificateId::Null)
    }
}

impl fmt::Display for CertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CertificateId::Null => f.write_str("the Null Certificate ID"),
            CertificateId::Named { serial, issuer } => write!(f, "{serial} of {issuer}"),
        }
    }
}

mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(serial: &u128, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(serial)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| de::Error::custom("expected a serial number in decimal digits"))
    }
}
