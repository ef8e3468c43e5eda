//! Seals an element for one recipient.

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tern_model::CertificateId;
use zeroize::Zeroizing;

use super::{AES_256_GCM, ELEMENT, KEY_BYTES, NONCE_BYTES, RSA_OAEP, SHA1, TAG_BYTES};
use crate::smki::{Certificate, Usage};
use crate::xml::exact::{DS, XENC};
use crate::xml::key_info;

/// Why nothing was encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncryptFault {
    /// The certificate is not for encryption.
    NotForEncryption(CertificateId),
    /// The cryptographic library failed.
    Failed,
}

impl std::fmt::Display for EncryptFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EncryptFault::NotForEncryption(id) => write!(f, "certificate {id} is not for encryption"),
            EncryptFault::Failed => f.write_str("the content could not be encrypted"),
        }
    }
}

impl std::error::Error for EncryptFault {}

/// Encrypts one element, given as XML that stands by itself, to an `xenc:EncryptedData` element that does so too.
///
/// The certificate is used as it is: whoever calls has checked it ([`crate::smki::Trust::check`]).
///
/// # Errors
/// [`EncryptFault`].
pub fn encrypt(element_xml: &str, recipient: &Certificate) -> Result<String, EncryptFault> {
    if !recipient.is_for(Usage::Encrypt) {
        return Err(EncryptFault::NotForEncryption(recipient.id().clone()));
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    rand::fill(&mut *key).map_err(|_| EncryptFault::Failed)?;
    let wrapped = recipient.public_key().encrypt_oaep_sha1(&*key).ok_or(EncryptFault::Failed)?;
    let sealed = seal(&key, element_xml.as_bytes())?;
    Ok(format!(
        "<xenc:EncryptedData xmlns:xenc=\"{XENC}\" Type=\"{ELEMENT}\">\
         <xenc:EncryptionMethod Algorithm=\"{AES_256_GCM}\"></xenc:EncryptionMethod>\
         <ds:KeyInfo xmlns:ds=\"{DS}\"><xenc:EncryptedKey>\
         <xenc:EncryptionMethod Algorithm=\"{RSA_OAEP}\">\
         <ds:DigestMethod Algorithm=\"{SHA1}\"></ds:DigestMethod></xenc:EncryptionMethod>\
         <ds:KeyInfo>{recipient}</ds:KeyInfo>\
         <xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData>\
         </xenc:EncryptedKey></ds:KeyInfo>\
         <xenc:CipherData><xenc:CipherValue>{sealed}</xenc:CipherValue></xenc:CipherData>\
         </xenc:EncryptedData>",
        recipient = key_info::write(recipient.id()),
        wrapped = STANDARD.encode(wrapped),
        sealed = STANDARD.encode(sealed),
    ))
}

/// Nonce, ciphertext and tag. The nonce is random, and no key is used twice.
fn seal(key: &[u8; KEY_BYTES], plaintext: &[u8]) -> Result<Vec<u8>, EncryptFault> {
    let failed = |_| EncryptFault::Failed;
    let mut nonce = [0; NONCE_BYTES];
    rand::fill(&mut nonce).map_err(failed)?;
    let key = LessSafeKey::new(UnboundKey::new(&aead::AES_256_GCM, key).map_err(failed)?);
    let mut out = Vec::with_capacity(NONCE_BYTES + plaintext.len() + TAG_BYTES);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plaintext);
    let sealed = &mut out[NONCE_BYTES..];
    let tag =
        key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), sealed).map_err(failed)?;
    out.extend_from_slice(tag.as_ref());
    Ok(out)
}
