//! Sealing: how a role keeps a secret in a store whose bodies are not encrypted.
//!
//! A sealed value is AES-256-GCM under the role's own key file, bound to a context that names what it is, so that a value
//! moved to another record does not open. The key never leaves the role; this module must never print or store it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tern_model::{Secret, SecretBytes};

/// A secret that only its role's [`Seal`] opens, in base64: nonce, ciphertext, tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed(String);

/// A role's sealing key.
pub struct Seal(LessSafeKey);

/// A sealed value does not open: other key, other context, or altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open: it was sealed by another key or for another record, or it was altered")]
pub struct SealBroken;

impl Seal {
    /// A seal under a key of 32 bytes.
    ///
    /// # Errors
    /// Never for 32 bytes; the type says what the library says.
    pub fn new(key: &Secret<32>) -> Result<Seal, SealBroken> {
        UnboundKey::new(&AES_256_GCM, key.expose()).map(|k| Seal(LessSafeKey::new(k))).map_err(|_| SealBroken)
    }

    /// Seals `secret` for `context`, for example `package/00-DB-…/master`.
    ///
    /// # Errors
    /// The random source or the cipher fails.
    pub fn seal(&self, context: &str, secret: &[u8]) -> Result<Sealed, SealBroken> {
        self.seal_bytes(context, secret).map(|bytes| Sealed(STANDARD.encode(bytes)))
    }

    /// As [`Seal::seal`], before it is written as text: nonce, ciphertext, tag.
    ///
    /// # Errors
    /// The random source or the cipher fails.
    pub fn seal_bytes(&self, context: &str, secret: &[u8]) -> Result<Vec<u8>, SealBroken> {
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| SealBroken)?;
        let mut bytes = secret.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context.as_bytes()), &mut bytes)
            .map_err(|_| SealBroken)?;
        Ok([&nonce[..], &bytes].concat())
    }

    /// Opens what was sealed for `context`.
    ///
    /// # Errors
    /// [`SealBroken`].
    pub fn open(&self, context: &str, sealed: &Sealed) -> Result<SecretBytes, SealBroken> {
        self.open_bytes(context, &STANDARD.decode(&sealed.0).map_err(|_| SealBroken)?)
    }

    /// Opens what [`Seal::seal_bytes`] made for `context`.
    ///
    /// # Errors
    /// [`SealBroken`].
    pub fn open_bytes(&self, context: &str, bytes: &[u8]) -> Result<SecretBytes, SealBroken> {
        let (nonce, rest) = bytes.split_at_checked(NONCE_LEN).ok_or(SealBroken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealBroken)?;
        let mut rest = rest.to_vec();
        let opened = self.0.open_in_place(nonce, Aad::from(context.as_bytes()), &mut rest).map_err(|_| SealBroken)?;
        let length = opened.len();
        rest.truncate(length);
        Ok(SecretBytes::new(rest))
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_in_its_context_under_its_key_alone() {
        let (a, b) = (Seal::new(&Secret::new([1; 32])).expect("key"), Seal::new(&Secret::new([2; 32])).expect("key"));
        let sealed = a.seal("here", b"secret").expect("seals");
        assert_eq!(a.open("here", &sealed).expect("opens").expose(), b"secret");
        assert!(a.open("there", &sealed).is_err());
        assert!(b.open("here", &sealed).is_err());
        assert!(a.open("here", &Sealed("AAAA".into())).is_err());
        assert!(a.open("here", &Sealed("%".into())).is_err());
    }
}
