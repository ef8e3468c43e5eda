//! The key infrastructure as a reader and a signer see it: certificates, trust, signing keys, decryption keys (RQ12).
//!
//! A certificate is found by issuer name and serial number in a [`Trust`], and leaves it only after path, validity, key
//! usage and revocation were checked at a moment that the caller names. Certificates are shaped like SMKI's: P-256,
//! issuer `CN=…,OU=07`, subject OU = role code, EUI-64 in x500UniqueIdentifier. This module must never take a key or a
//! certificate out of a document, read a file, or ask the time.

mod certificate;
mod device_key;
pub mod issuing;
mod keys;
mod name;
mod parsed;
mod path;
mod pem;
mod problem;
mod trust;

pub use certificate::{AuthorityCertificate, Certificate, DeviceCertificate, PublicKey};
pub use device_key::DeviceKey;
pub use keys::{Decrypter, DecryptionFailed, DeviceSigner, KeyProblem, Signer, SigningFailed};
pub(crate) use name::same as same_issuer;
pub use problem::{CertificateProblem, Usage};
pub use trust::{Trust, TrustBuilder};
