//! Names of application contexts and authentication mechanisms, and what is exchanged for authentication.

use std::fmt;

use zeroize::Zeroizing;

use super::ber::{self, Content, put_field};
use crate::error::DecodeError;

/// 2.16.756.5.8: the arc of the DLMS User Association, in BER.
const DLMS_UA: [u8; 5] = [0x60, 0x85, 0x74, 0x05, 0x08];
/// The arc of application contexts under it.
const CONTEXT: u8 = 1;
/// The arc of authentication mechanisms under it.
const MECHANISM: u8 = 2;
/// Tag of an authentication value as charstring, the only choice that DLMS uses.
const CHARSTRING: u8 = 0x80;

/// Application-context-name: how objects are named, and whether APDUs may be ciphered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ApplicationContext {
    /// Logical names, nothing ciphered.
    LogicalNameNoCiphering,
    /// Short names, nothing ciphered; recognised so that it can be rejected.
    ShortNameNoCiphering,
    /// Logical names, APDUs ciphered.
    LogicalNameWithCiphering,
    /// Short names, APDUs ciphered; recognised so that it can be rejected.
    ShortNameWithCiphering,
    /// A name that the standard does not define: the object identifier's content.
    Other(Vec<u8>),
}

/// Mechanism-name: how the two sides authenticate themselves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// Not at all.
    Lowest,
    /// The client, by a password.
    Low,
    /// Both, by a secret of the manufacturer's.
    High,
    /// Both, by MD5.
    HighMd5,
    /// Both, by SHA-1.
    HighSha1,
    /// Both, by GMAC.
    HighGmac,
    /// Both, by SHA-256.
    HighSha256,
    /// Both, by ECDSA.
    HighEcdsa,
    /// A name that the standard does not define: the object identifier's content.
    Other(Vec<u8>),
}

const CONTEXTS: [(u8, ApplicationContext); 4] = [
    (1, ApplicationContext::LogicalNameNoCiphering),
    (2, ApplicationContext::ShortNameNoCiphering),
    (3, ApplicationContext::LogicalNameWithCiphering),
    (4, ApplicationContext::ShortNameWithCiphering),
];

const MECHANISMS: [(u8, Mechanism); 8] = [
    (0, Mechanism::Lowest),
    (1, Mechanism::Low),
    (2, Mechanism::High),
    (3, Mechanism::HighMd5),
    (4, Mechanism::HighSha1),
    (5, Mechanism::HighGmac),
    (6, Mechanism::HighSha256),
    (7, Mechanism::HighEcdsa),
];

impl ApplicationContext {
    /// Whether APDUs may be ciphered.
    #[must_use]
    pub fn is_with_ciphering(&self) -> bool {
        matches!(self, ApplicationContext::LogicalNameWithCiphering | ApplicationContext::ShortNameWithCiphering)
    }

    pub(super) fn object_identifier(&self) -> Vec<u8> {
        match (self, CONTEXTS.iter().find(|(_, context)| context == self)) {
            (ApplicationContext::Other(content), _) => content.clone(),
            (_, found) => object_identifier(CONTEXT, found.map(|(number, _)| *number)),
        }
    }

    pub(super) fn of_object_identifier(content: &[u8]) -> Self {
        let found = CONTEXTS.iter().find(|(number, _)| object_identifier(CONTEXT, Some(*number)) == content);
        found.map_or_else(|| ApplicationContext::Other(content.to_vec()), |(_, context)| context.clone())
    }
}

impl Mechanism {
    /// The mechanism's number, mechanism_id, where the standard defines one.
    #[must_use]
    pub fn number(&self) -> Option<u8> {
        MECHANISMS.iter().find(|(_, mechanism)| mechanism == self).map(|(number, _)| *number)
    }

    pub(super) fn object_identifier(&self) -> Vec<u8> {
        match self {
            Mechanism::Other(content) => content.clone(),
            known => object_identifier(MECHANISM, known.number()),
        }
    }

    pub(super) fn of_object_identifier(content: &[u8]) -> Self {
        let found = MECHANISMS.iter().find(|(number, _)| object_identifier(MECHANISM, Some(*number)) == content);
        found.map_or_else(|| Mechanism::Other(content.to_vec()), |(_, mechanism)| mechanism.clone())
    }
}

fn object_identifier(arc: u8, number: Option<u8>) -> Vec<u8> {
    DLMS_UA.into_iter().chain([arc]).chain(number).collect()
}

/// Authentication-value: a password, or a challenge. Wiped when dropped, and not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthenticationValue(Zeroizing<Vec<u8>>);

impl AuthenticationValue {
    /// The value of these octets.
    #[must_use]
    pub fn new(octets: impl Into<Vec<u8>>) -> Self {
        AuthenticationValue(Zeroizing::new(octets.into()))
    }

    /// The octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn of_content(content: Content<'_>) -> Result<Self, DecodeError> {
        Ok(AuthenticationValue::new(content.only(CHARSTRING, "an authentication value as charstring")?.bytes))
    }

    pub(super) fn put(&self, tag: u8, out: &mut Vec<u8>) {
        let mut field = Zeroizing::new(Vec::with_capacity(self.0.len() + 5));
        put_field(CHARSTRING, &self.0, &mut field);
        ber::put_field(tag, &field, out);
    }
}

impl fmt::Debug for AuthenticationValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthenticationValue({} bytes, not shown)", self.0.len())
    }
}
