//! A holder's private keys: signing and decrypting.
//!
//! A key comes in as PKCS#8 and never goes out again.

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair};
use tern_model::SecretBytes;

use super::{Certificate, Usage, pem};

/// Why a private key cannot be used. It never shows any of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyProblem {
    /// The text holds no PKCS#8 private key in PEM (`BEGIN PRIVATE KEY`) of the right kind.
    Unreadable {
        /// What the key was for.
        usage: Usage,
    },
    /// The key belongs to another certificate.
    Mismatch,
    /// The certificate is not for that usage.
    WrongUsage {
        /// What it was to be used for.
        usage: Usage,
    },
}

impl std::fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeyProblem::Unreadable { usage } => write!(f, "there is no PKCS#8 key in PEM for {usage}"),
            KeyProblem::Mismatch => f.write_str("the key belongs to another certificate than the one beside it"),
            KeyProblem::WrongUsage { usage } => write!(f, "the certificate beside the key is not for {usage}"),
        }
    }
}

impl std::error::Error for KeyProblem {}

/// The cryptographic library failed; no fault of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningFailed;

impl std::fmt::Display for SigningFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the signature could not be made")
    }
}

impl std::error::Error for SigningFailed {}

/// The ciphertext was not made for this key. It says no more, whatever went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecryptionFailed;

impl std::fmt::Display for DecryptionFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the content key cannot be opened with this private key")
    }
}

impl std::error::Error for DecryptionFailed {}

/// An organisation's signing key with its certificate.
#[derive(Debug)]
pub struct Signer {
    certificate: Arc<Certificate>,
    key: EcdsaKeyPair,
}

impl Signer {
    /// Takes a certificate and its PKCS#8 key in PEM.
    ///
    /// # Errors
    /// [`KeyProblem`].
    pub fn from_pem(certificate: Arc<Certificate>, key_pem: &[u8]) -> Result<Signer, KeyProblem> {
        let usage = Usage::Sign;
        if !certificate.is_for(usage) {
            return Err(KeyProblem::WrongUsage { usage });
        }
        let key = p256_from_pem(key_pem, &ECDSA_P256_SHA256_FIXED_SIGNING)?;
        if certificate.public_key().point() != Some(key.public_key().as_ref()) {
            return Err(KeyProblem::Mismatch);
        }
        Ok(Signer { certificate, key })
    }

    /// The certificate that verifies what this signs.
    #[must_use]
    pub fn certificate(&self) -> &Arc<Certificate> {
        &self.certificate
    }

    /// Signs by ECDSA with SHA-256: r and s, 32 bytes each.
    ///
    /// # Errors
    /// [`SigningFailed`].
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
        signed(&self.key, message)
    }
}

/// A device's signing key (FI12). Who holds it is the device, so it goes about without its certificate.
#[derive(Debug)]
pub struct DeviceSigner {
    key: EcdsaKeyPair,
}

impl DeviceSigner {
    /// Takes a PKCS#8 key in PEM.
    ///
    /// # Errors
    /// [`KeyProblem`].
    pub fn from_pem(key_pem: &[u8]) -> Result<DeviceSigner, KeyProblem> {
        Ok(DeviceSigner { key: p256_from_pem(key_pem, &ECDSA_P256_SHA256_FIXED_SIGNING)? })
    }

    /// Signs by ECDSA with SHA-256: r and s, 32 bytes each.
    ///
    /// # Errors
    /// [`SigningFailed`].
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
        signed(&self.key, message)
    }
}

/// An organisation's decryption key with its certificate.
#[derive(Debug)]
pub struct Decrypter {
    certificate: Arc<Certificate>,
    key: OaepPrivateDecryptingKey,
}

impl Decrypter {
    /// Takes a certificate and its PKCS#8 key in PEM.
    ///
    /// # Errors
    /// [`KeyProblem`].
    pub fn from_pem(certificate: Arc<Certificate>, key_pem: &[u8]) -> Result<Decrypter, KeyProblem> {
        let usage = Usage::Encrypt;
        if !certificate.is_for(usage) {
            return Err(KeyProblem::WrongUsage { usage });
        }
        let unreadable = KeyProblem::Unreadable { usage };
        let der = pem::decode_private(key_pem).ok_or(unreadable)?;
        let key = PrivateDecryptingKey::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| unreadable)?;
        let public = key.public_key().as_der().map_err(|_| unreadable)?;
        if certificate.public_key().rsa_spki() != Some(public.as_ref()) {
            return Err(KeyProblem::Mismatch);
        }
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| unreadable)?;
        Ok(Decrypter { certificate, key })
    }

    /// The certificate that others encrypt to.
    #[must_use]
    pub fn certificate(&self) -> &Arc<Certificate> {
        &self.certificate
    }

    /// Opens a content key (RSA-OAEP with SHA-1 and MGF1 with SHA-1).
    ///
    /// # Errors
    /// [`DecryptionFailed`].
    pub fn decrypt_oaep_sha1(&self, ciphertext: &[u8]) -> Result<SecretBytes, DecryptionFailed> {
        let mut out = vec![0; self.key.min_output_size()];
        let length =
            self.key.decrypt(&OAEP_SHA1_MGF1SHA1, ciphertext, &mut out, None).map_err(|_| DecryptionFailed)?.len();
        out.truncate(length);
        Ok(SecretBytes::new(out))
    }
}

fn signed(key: &EcdsaKeyPair, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
    let signature = key.sign(&SystemRandom::new(), message).map_err(|_| SigningFailed)?;
    signature.as_ref().try_into().map_err(|_| SigningFailed)
}

/// Reads a P-256 key pair, to sign in the one form or the other.
pub(super) fn p256_from_pem(key_pem: &[u8], form: &'static EcdsaSigningAlgorithm) -> Result<EcdsaKeyPair, KeyProblem> {
    let unreadable = KeyProblem::Unreadable { usage: Usage::Sign };
    let der = pem::decode_private(key_pem).ok_or(unreadable)?;
    EcdsaKeyPair::from_pkcs8(form, der.secret_pkcs8_der()).map_err(|_| unreadable)
}
