//! XML Encryption by one strict profile: content by AES-256-GCM, one content key a blob, carried by RSA-OAEP with SHA-1 to
//! a recipient that is named by issuer and serial number (`docs/wire-profile.md`).
//!
//! This module must never say why a content key or a content did not open, and never hand out a plaintext other than as
//! [`tern_model::SecretBytes`].

mod decrypt;
mod encrypt;

pub use decrypt::decrypt;
pub use encrypt::{EncryptFault, encrypt};

/// Content encryption.
const AES_256_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
/// Key transport.
const RSA_OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
/// The digest of the key transport.
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
/// The Type that says that the content is one element.
const ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
