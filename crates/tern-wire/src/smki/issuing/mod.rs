//! A key infrastructure of one's own, shaped like SMKI's: a root, an issuing authority, organisations, devices.
//!
//! Serial numbers come from the caller's random bytes and validity from the caller's clock; private keys are made inside
//! the cryptographic library. This module must never keep a private key longer than it takes to hand it over, but for
//! an [`Issuer`]'s own.

mod encode;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use jiff::Timestamp;
use tern_model::{DeviceId, PartyId, Role, SecretBytes};

use super::keys::p256_from_pem;
use super::{AuthorityCertificate, Certificate, CertificateProblem, DeviceCertificate, KeyProblem, Usage, pem};
use encode::{Body, Holder};

/// A certificate could not be issued: an input is out of range, or the cryptographic library failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueFailed {
    /// What is wrong.
    pub reason: String,
}

impl std::fmt::Display for IssueFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the certificate cannot be issued: {}", self.reason)
    }
}

impl std::error::Error for IssueFailed {}

impl IssueFailed {
    fn because(reason: impl std::fmt::Display) -> IssueFailed {
        IssueFailed { reason: reason.to_string() }
    }

    fn unspecified(_: aws_lc_rs::error::Unspecified) -> IssueFailed {
        IssueFailed::because("the cryptographic library failed")
    }
}

/// A positive serial number of at most 127 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Serial(u128);

impl Serial {
    /// Makes one of random bytes; the caller owns the randomness.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Serial {
        Serial((u128::from_be_bytes(bytes) & (u128::MAX >> 1)).max(1))
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> u128 {
        self.0
    }
}

/// The moments between which a certificate is valid, both included, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First moment.
    pub not_before: Timestamp,
    /// Last moment.
    pub not_after: Timestamp,
}

/// What an authority is to be called.
#[derive(Debug, Clone)]
pub struct AuthorityRequest<'a> {
    /// The subject's CN; its OU is that of [`Role::IssuingAuthority`].
    pub common_name: &'a str,
    /// When it is valid.
    pub validity: Validity,
    /// Its serial number.
    pub serial: Serial,
}

/// An organisation's certificate as it is asked for.
#[derive(Debug, Clone)]
pub struct OrganisationRequest<'a> {
    /// The organisation's name, the subject's CN.
    pub common_name: &'a str,
    /// The organisation, in the subject's x500UniqueIdentifier.
    pub party: PartyId,
    /// Its role, in the subject's OU.
    pub role: Role,
    /// P-256 to sign or for TLS, or RSA-2048 to be encrypted to.
    pub usage: Usage,
    /// When it is valid.
    pub validity: Validity,
    /// Its serial number.
    pub serial: Serial,
}

/// A device's certificate as it is asked for (FI12).
#[derive(Debug, Clone)]
pub struct DeviceRequest {
    /// The device, in the subject's x500UniqueIdentifier, and readable in its CN.
    pub device: DeviceId,
    /// When it is valid.
    pub validity: Validity,
    /// Its serial number.
    pub serial: Serial,
}

/// A certificate with its new private key.
#[derive(Debug)]
pub struct Issued<C> {
    /// The certificate.
    pub certificate: C,
    /// The private key, PKCS#8 in PEM.
    pub key_pem: SecretBytes,
}

/// One line of a revocation list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// The revoked certificate.
    pub serial: u128,
    /// When it was revoked. It counts at once, whatever this moment says (P).
    pub at: Timestamp,
}

/// A revocation list as it is asked for.
#[derive(Debug, Clone)]
pub struct RevocationListRequest<'a> {
    /// Rising from list to list.
    pub number: u64,
    /// When it was made.
    pub this_update: Timestamp,
    /// When it is out of date.
    pub next_update: Timestamp,
    /// Every certificate of this issuer that is revoked.
    pub revoked: &'a [Revocation],
}

/// A root or an issuing authority with its private key.
#[derive(Debug)]
pub struct Issuer {
    certificate: AuthorityCertificate,
    key: EcdsaKeyPair,
}

impl Issuer {
    /// Makes a root: the issuer, and its private key to be stored.
    ///
    /// # Errors
    /// [`IssueFailed`].
    pub fn root(request: &AuthorityRequest<'_>) -> Result<(Issuer, SecretBytes), IssueFailed> {
        let (key, key_pem) = new_p256()?;
        let holder = Holder::Authority { common_name: request.common_name, below: 1 };
        let subject = holder.subject()?;
        let body = Body { issuer: subject, signer: &key, holder, spki: spki(&key)?, validity: request.validity };
        let der = body.certificate(request.serial)?;
        let certificate = AuthorityCertificate::from_der(&der).map_err(unreadable)?;
        Ok((Issuer { certificate, key }, key_pem))
    }

    /// Makes an issuing authority below this root.
    ///
    /// # Errors
    /// [`IssueFailed`].
    pub fn issuing_authority(&self, request: &AuthorityRequest<'_>) -> Result<(Issuer, SecretBytes), IssueFailed> {
        let (key, key_pem) = new_p256()?;
        let holder = Holder::Authority { common_name: request.common_name, below: 0 };
        let der = self.sign(holder, spki(&key)?, request.validity, request.serial)?;
        let certificate = AuthorityCertificate::from_der(&der).map_err(unreadable)?;
        Ok((Issuer { certificate, key }, key_pem))
    }

    /// Takes up an authority's certificate and its PKCS#8 key in PEM.
    ///
    /// # Errors
    /// [`KeyProblem`].
    pub fn from_pem(certificate: AuthorityCertificate, key_pem: &[u8]) -> Result<Issuer, KeyProblem> {
        let key = p256_from_pem(key_pem, &ECDSA_P256_SHA256_ASN1_SIGNING)?;
        if certificate.public_key().point() != Some(key.public_key().as_ref()) {
            return Err(KeyProblem::Mismatch);
        }
        Ok(Issuer { certificate, key })
    }

    /// The authority's certificate.
    #[must_use]
    pub fn certificate(&self) -> &AuthorityCertificate {
        &self.certificate
    }

    /// Issues an organisation's certificate with a new key.
    ///
    /// # Errors
    /// [`IssueFailed`].
    pub fn issue(&self, request: &OrganisationRequest<'_>) -> Result<Issued<Certificate>, IssueFailed> {
        let (spki, key_pem) = match request.usage {
            Usage::Sign | Usage::Tls => {
                let (key, key_pem) = new_p256()?;
                (spki(&key)?, key_pem)
            }
            Usage::Encrypt => new_rsa_2048()?,
        };
        let holder = Holder::Organisation {
            common_name: request.common_name,
            role: request.role,
            party: request.party,
            usage: request.usage,
        };
        let der = self.sign(holder, spki, request.validity, request.serial)?;
        Ok(Issued { certificate: Certificate::from_der(&der).map_err(unreadable)?, key_pem })
    }

    /// Issues a device's certificate with a new P-256 key.
    ///
    /// # Errors
    /// [`IssueFailed`].
    pub fn issue_device(&self, request: &DeviceRequest) -> Result<Issued<DeviceCertificate>, IssueFailed> {
        let (key, key_pem) = new_p256()?;
        let holder = Holder::Device { device: request.device };
        let der = self.sign(holder, spki(&key)?, request.validity, request.serial)?;
        Ok(Issued { certificate: DeviceCertificate::from_der(&der).map_err(unreadable)?, key_pem })
    }

    /// Makes a revocation list, in DER.
    ///
    /// # Errors
    /// [`IssueFailed`].
    pub fn revocation_list(&self, request: &RevocationListRequest<'_>) -> Result<Vec<u8>, IssueFailed> {
        encode::revocation_list(&self.key, &self.certificate.parsed.subject_der, request)
    }

    fn sign(
        &self,
        holder: Holder<'_>,
        spki: Vec<u8>,
        validity: Validity,
        serial: Serial,
    ) -> Result<Vec<u8>, IssueFailed> {
        let issuer = encode::name_from_der(&self.certificate.parsed.subject_der)?;
        Body { issuer, signer: &self.key, holder, spki, validity }.certificate(serial)
    }
}

/// A revocation list in the text form that OpenSSL reads.
#[must_use]
pub fn revocation_list_pem(der: &[u8]) -> String {
    pem::encode("X509 CRL", der)
}

fn unreadable(problem: CertificateProblem) -> IssueFailed {
    IssueFailed::because(problem)
}

fn new_p256() -> Result<(EcdsaKeyPair, SecretBytes), IssueFailed> {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(IssueFailed::unspecified)?;
    let pkcs8 = key.to_pkcs8v1().map_err(IssueFailed::unspecified)?;
    Ok((key, pem::encode_private(pkcs8.as_ref())))
}

fn spki(key: &EcdsaKeyPair) -> Result<Vec<u8>, IssueFailed> {
    let der = key.public_key().as_der().map_err(IssueFailed::unspecified)?;
    Ok(der.as_ref().to_vec())
}

/// The public and the private half of a new RSA key.
fn new_rsa_2048() -> Result<(Vec<u8>, SecretBytes), IssueFailed> {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(IssueFailed::unspecified)?;
    let spki = key.public_key().as_der().map_err(IssueFailed::unspecified)?.as_ref().to_vec();
    let pkcs8 = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key).map_err(IssueFailed::unspecified)?;
    Ok((spki, pem::encode_private(pkcs8.as_ref())))
}

fn signature(key: &EcdsaKeyPair, message: &[u8]) -> Result<Vec<u8>, IssueFailed> {
    let signature = key.sign(&SystemRandom::new(), message).map_err(IssueFailed::unspecified)?;
    Ok(signature.as_ref().to_vec())
}
