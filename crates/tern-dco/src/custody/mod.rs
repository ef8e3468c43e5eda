//! Custody: who keeps the key-encryption keys under which the keys of key packages are wrapped.
//!
//! A wrapped key is a blob in the DCO's database: AES-256-GCM under a key-encryption key (KEK), bound to a context that
//! names the package and the key in it. The KEKs are in a file ([`FileCustody`]) or in a PKCS#11 token
//! ([`TokenCustody`]), which they never leave. Each has a name with a version, so that a new one can take over while
//! old blobs are wrapped anew. This module must never keep a device's key in the clear for longer than one operation.

mod file;
mod token;

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tern_model::SecretBytes;

pub use file::{FileCustody, KEK_BYTES};
pub use token::{TokenCustody, TokenSettings, TokenState, prepare};

/// Keeps key-encryption keys, and wraps and unwraps with them.
pub trait Custody: fmt::Debug + Send + Sync {
    /// The KEK under which keys are wrapped from now on: the newest.
    fn current(&self) -> KekId;

    /// Every KEK that can unwrap, oldest first.
    fn keks(&self) -> Vec<KekId>;

    /// Wraps a key for a context under the current KEK.
    ///
    /// # Errors
    /// The random source, the cipher or the token fails.
    fn wrap(&self, context: &str, key: &SecretBytes) -> Result<Wrapped, CustodyFault>;

    /// Unwraps what was wrapped for this context.
    ///
    /// # Errors
    /// [`CustodyFault::Broken`] where it does not open, [`CustodyFault::UnknownKek`] where the KEK is not here.
    fn unwrap(&self, context: &str, wrapped: &Wrapped) -> Result<SecretBytes, CustodyFault>;
}

/// Where a KEK is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kept {
    /// In the DCO's seal file.
    File,
    /// In the token.
    Token,
}

/// Names a KEK: where it is kept, its version, and, of a token's, a number that tells tokens apart. Written as `file:1` or
/// `token:2:8c01f2ab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KekId {
    /// Where it is kept.
    pub kept: Kept,
    /// 1, 2, …: the highest is current.
    pub version: u32,
    /// Random, of a token's KEK; 0 of a file's.
    pub mark: u32,
}

impl fmt::Display for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kept {
            Kept::File => write!(f, "file:{}", self.version),
            Kept::Token => write!(f, "token:{}:{:08x}", self.version, self.mark),
        }
    }
}

impl FromStr for KekId {
    type Err = String;

    fn from_str(text: &str) -> Result<KekId, String> {
        let mut parts = text.split(':');
        let id = match (parts.next(), parts.next().and_then(|v| v.parse().ok()), parts.next()) {
            (Some("file"), Some(version), None) => Some(KekId { kept: Kept::File, version, mark: 0 }),
            (Some("token"), Some(version), Some(mark)) => {
                u32::from_str_radix(mark, 16).ok().map(|mark| KekId { kept: Kept::Token, version, mark })
            }
            _ => None,
        };
        id.filter(|id| parts.next().is_none() && id.to_string() == text)
            .ok_or_else(|| format!("`{text}` names no key-encryption key"))
    }
}

impl TryFrom<String> for KekId {
    type Error = String;

    fn try_from(text: String) -> Result<KekId, String> {
        text.parse()
    }
}

impl From<KekId> for String {
    fn from(id: KekId) -> String {
        id.to_string()
    }
}

/// A key under a KEK.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrapped {
    /// The KEK.
    pub kek: KekId,
    /// Base64 of nonce (12 bytes), ciphertext and tag (16 bytes).
    sealed: String,
}

impl Wrapped {
    /// A blob as a store holds it.
    pub(crate) fn from_text(kek: KekId, sealed: String) -> Wrapped {
        Wrapped { kek, sealed }
    }

    fn new(kek: KekId, blob: &[u8]) -> Wrapped {
        Wrapped { kek, sealed: STANDARD.encode(blob) }
    }

    /// Nonce, ciphertext and tag.
    ///
    /// # Errors
    /// It is no base64.
    pub fn blob(&self) -> Result<Vec<u8>, CustodyFault> {
        STANDARD.decode(&self.sealed).map_err(|_| CustodyFault::Broken(self.kek))
    }
}

/// The custody of a running DCO: one that wraps, and where keys are being moved, the one that they come from.
#[derive(Debug)]
pub struct Keeper {
    current: Box<dyn Custody>,
    earlier: Option<Box<dyn Custody>>,
}

impl Keeper {
    /// A keeper that wraps in `current` and also unwraps what `earlier` wrapped.
    #[must_use]
    pub fn new(current: Box<dyn Custody>, earlier: Option<Box<dyn Custody>>) -> Keeper {
        Keeper { current, earlier }
    }
}

impl Custody for Keeper {
    fn current(&self) -> KekId {
        self.current.current()
    }

    fn keks(&self) -> Vec<KekId> {
        let earlier = self.earlier.iter().flat_map(|custody| custody.keks());
        earlier.chain(self.current.keks()).collect()
    }

    fn wrap(&self, context: &str, key: &SecretBytes) -> Result<Wrapped, CustodyFault> {
        self.current.wrap(context, key)
    }

    fn unwrap(&self, context: &str, wrapped: &Wrapped) -> Result<SecretBytes, CustodyFault> {
        match &self.earlier {
            Some(earlier) if !self.current.keks().contains(&wrapped.kek) => earlier.unwrap(context, wrapped),
            _ => self.current.unwrap(context, wrapped),
        }
    }
}

/// A custody does not do what it is for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CustodyFault {
    /// A wrapped key does not open.
    #[error("a key wrapped under {0} does not open: it belongs to another package, or it was altered")]
    Broken(KekId),
    /// A wrapped key names a KEK that is not here.
    #[error("no key-encryption key {0} is here")]
    UnknownKek(KekId),
    /// The PKCS#11 module cannot be used.
    #[error("the PKCS#11 module {module} cannot be used: {reason}")]
    Module {
        /// Its path.
        module: String,
        /// Why not.
        reason: String,
    },
    /// No token of this label is there.
    #[error("no token has the label `{label}`; there are: {}", if there.is_empty() { "none" } else { there })]
    NoToken {
        /// The label that was looked for.
        label: String,
        /// The labels that are there.
        there: String,
    },
    /// The token has no KEK.
    #[error("the token `{0}` holds no key-encryption key")]
    NoKek(String),
    /// The token refuses the PIN.
    #[error("the token `{label}` refuses the PIN: {reason}")]
    Pin {
        /// Its label.
        label: String,
        /// What it says.
        reason: String,
    },
    /// The token fails.
    #[error("the token failed to {doing}: {reason}")]
    Token {
        /// What was tried.
        doing: &'static str,
        /// What it says.
        reason: String,
    },
    /// A seal file holds something else.
    #[error("the file of key-encryption keys {0}")]
    File(&'static str),
    /// The random source or the cipher of this program fails.
    #[error("the cryptographic library failed at {0}")]
    Crypto(&'static str),
}

impl CustodyFault {
    /// What the reader may do.
    #[must_use]
    pub fn suggestion(&self) -> &'static str {
        match self {
            CustodyFault::Broken(_) => {
                "check that store and custody belong together; `tern dco custody show` tells which"
            }
            CustodyFault::UnknownKek(_) => {
                "configure the custody that holds it, beside the present one, until `tern dco custody move` is done"
            }
            CustodyFault::Module { .. } => "check roles.dco.custody.module, and that the module is installed",
            CustodyFault::NoToken { .. } | CustodyFault::NoKek(_) => {
                "check roles.dco.custody.token; `tern dco custody init` prepares a token"
            }
            CustodyFault::Pin { .. } => "check roles.dco.custody.pin_file before you try again: tokens lock themselves",
            CustodyFault::Token { .. } => "check that the token is connected; what was begun is taken up again",
            CustodyFault::File(_) => "restore it from a backup: what was wrapped under it opens under no other",
            CustodyFault::Crypto(_) => "try again",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_kek_has_one_form() {
        for text in ["file:1", "file:12", "token:1:00000000", "token:7:8c01f2ab"] {
            assert_eq!(text.parse::<KekId>().expect("a name").to_string(), text);
        }
        for text in
            ["", "file", "file:x", "file:01", "file:1:2", "token:1", "token:1:8C01F2AB", "token:1:2:3", "tape:1"]
        {
            assert!(text.parse::<KekId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_keeper_unwraps_what_the_earlier_custody_wrapped_and_wraps_in_the_present_one() {
        let custody = |content: &[u8]| Box::new(FileCustody::new(&SecretBytes::new(content.to_vec())).expect("keys"));
        let old = || custody(&[1; KEK_BYTES]);
        let new = custody(&[[0; KEK_BYTES], [2; KEK_BYTES]].concat());
        let key = SecretBytes::new(vec![9; 16]);
        let before = old().wrap("here", &key).expect("wraps");
        let keeper = Keeper::new(new, Some(old()));
        let now = keeper.wrap("here", &key).expect("wraps");
        assert_eq!([before.kek, now.kek, keeper.current()].map(|kek| kek.version), [1, 2, 2]);
        for wrapped in [&before, &now] {
            assert_eq!(keeper.unwrap("here", wrapped).expect("opens").expose(), key.expose());
            assert_eq!(keeper.unwrap("there", wrapped).expect_err("bound"), CustodyFault::Broken(wrapped.kek));
        }
        assert_eq!(old().unwrap("here", &now).expect_err("not there"), CustodyFault::UnknownKek(now.kek));
    }
}
