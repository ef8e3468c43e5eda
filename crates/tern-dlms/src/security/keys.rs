//! Keys and passwords: wiped when dropped and never printed.

use std::fmt;

use aws_lc_rs::{constant_time, rand};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::SecurityError;

/// Bytes of every key of suite 0.
pub const KEY_BYTES: usize = 16;

/// A key of suite 0. Equality takes the same time whatever the keys are.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; KEY_BYTES]);

impl Key {
    /// Takes bytes over.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Key {
        Key(bytes)
    }

    /// Copies a slice; `None` where it is not 16 bytes long.
    pub fn of(bytes: &[u8]) -> Option<Key> {
        Some(Key(bytes.try_into().ok()?))
    }

    /// A fresh key.
    ///
    /// # Errors
    /// [`SecurityError::Random`] where the machine gives no random bytes.
    pub fn random() -> Result<Key, SecurityError> {
        let mut key = Key([0; KEY_BYTES]);
        rand::fill(&mut key.0).map_err(|_| SecurityError::Random)?;
        Ok(key)
    }

    /// The bytes, for whoever must hand them to a cipher or seal them. Never for a log, an error or a journal.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// The pair of global keys of one security setup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Global unicast encryption key (EK).
    pub encryption: Key,
    /// Authentication key (AK).
    pub authentication: Key,
}

/// The password of low-level security. Equality takes the same time for equal lengths.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Password(Vec<u8>);

impl Password {
    /// Takes bytes over.
    pub fn new(bytes: Vec<u8>) -> Password {
        Password(bytes)
    }

    /// The bytes, for the one message that carries them in clear.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether these bytes are the password.
    pub fn is(&self, bytes: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.0, bytes).is_ok()
    }
}

impl PartialEq for Password {
    fn eq(&self, other: &Password) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Password {}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}
