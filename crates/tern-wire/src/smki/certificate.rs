//! Certificates by whom they belong to: an organisation, an issuing authority, a device.
//!
//! A type per holder, so that none can stand in for another. Having one of these says that its fields are readable;
//! only [`super::Trust`] says that it may be used.

use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tern_model::{CertificateId, DeviceId, PartyId, Role};
use x509_parser::x509::SubjectPublicKeyInfo;

use super::parsed::{Parsed, malformed};
use super::{CertificateProblem, Usage};
use crate::Sender;

/// The length of an uncompressed point of P-256.
const P256_POINT_BYTES: usize = 65;

/// A certificate's public key, of the two kinds that the profile knows.
#[derive(Debug)]
pub enum PublicKey {
    /// ECDSA on P-256.
    P256(P256PublicKey),
    /// RSA of 2048 bits.
    Rsa2048(Rsa2048PublicKey),
}

/// A P-256 key that verifies.
#[derive(Debug)]
pub struct P256PublicKey {
    point: [u8; P256_POINT_BYTES],
    key: ParsedPublicKey,
}

/// An RSA key that encrypts.
#[derive(Debug)]
pub struct Rsa2048PublicKey {
    spki: Vec<u8>,
    key: OaepPublicEncryptingKey,
}

/// A certificate of an organisation: its role in the subject's OU, its EUI-64 in x500UniqueIdentifier.
#[derive(Debug)]
pub struct Certificate {
    parsed: Parsed,
    sender: Sender,
}

/// A certificate of a root or of an issuing authority.
#[derive(Debug)]
pub struct AuthorityCertificate {
    pub(super) parsed: Parsed,
}

/// A certificate of a device: its EUI-64 in x500UniqueIdentifier, and no role (FI12).
#[derive(Debug)]
pub struct DeviceCertificate {
    pub(super) parsed: Parsed,
    device: DeviceId,
}

macro_rules! common_fields {
    ($($name:ident),*) => {$(
        impl $name {
            /// The certificate's bytes.
            #[must_use]
            pub fn der(&self) -> &[u8] {
                &self.parsed.der
            }

            /// The certificate's bytes as PEM.
            #[must_use]
            pub fn to_pem(&self) -> String {
                super::pem::encode("CERTIFICATE", &self.parsed.der)
            }

            /// Serial number and issuer name, by which documents name it.
            #[must_use]
            pub fn id(&self) -> &CertificateId {
                &self.parsed.id
            }

            /// The serial number.
            #[must_use]
            pub fn serial(&self) -> u128 {
                self.parsed.id.parts().0
            }

            /// The issuer's name by RFC 2253 without blanks, for example `CN=Z1,OU=07`.
            #[must_use]
            pub fn issuer(&self) -> &str {
                self.parsed.id.parts().1
            }

            /// The subject's CN.
            #[must_use]
            pub fn common_name(&self) -> &str {
                &self.parsed.common_name
            }

            /// The first moment of its validity.
            #[must_use]
            pub fn not_before(&self) -> Timestamp {
                self.parsed.not_before
            }

            /// The last moment of its validity.
            #[must_use]
            pub fn not_after(&self) -> Timestamp {
                self.parsed.not_after
            }

            /// The public key.
            #[must_use]
            pub fn public_key(&self) -> &PublicKey {
                &self.parsed.public_key
            }

            /// Reads the first certificate of a PEM text.
            ///
            /// # Errors
            /// [`CertificateProblem::Malformed`].
            pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateProblem> {
                let der = CertificateDer::from_pem_slice(pem).map_err(|_| malformed("it is no PEM certificate"))?;
                Self::from_der(&der)
            }
        }
    )*};
}

common_fields!(Certificate, AuthorityCertificate, DeviceCertificate);

impl Certificate {
    /// Reads an organisation's certificate.
    ///
    /// # Errors
    /// [`CertificateProblem::Malformed`], also where role or EUI-64 are missing or it is an authority's.
    pub fn from_der(der: &[u8]) -> Result<Certificate, CertificateProblem> {
        let parsed = Parsed::from_der(der)?;
        if parsed.is_authority {
            return Err(malformed("it is an authority's certificate, not an organisation's"));
        }
        let unit = parsed.unit.as_deref().ok_or_else(|| malformed("its subject has no OU that names a role"))?;
        let role = Role::from_ou(unit).ok_or_else(|| malformed(format!("its subject's OU {unit:?} is no role")))?;
        let party = parsed.eui.ok_or_else(|| malformed("its subject has no x500UniqueIdentifier"))?;
        let sender =
            Sender { party: PartyId(party), role, name: parsed.common_name.clone(), certificate: parsed.id.clone() };
        Ok(Certificate { parsed, sender })
    }

    /// The organisation.
    #[must_use]
    pub fn party(&self) -> PartyId {
        self.sender.party
    }

    /// Its role.
    #[must_use]
    pub fn role(&self) -> Role {
        self.sender.role
    }

    /// The organisation as the sender of what it signs.
    #[must_use]
    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Whether key and key usage fit.
    #[must_use]
    pub fn is_for(&self, usage: Usage) -> bool {
        match (usage, &self.parsed.public_key) {
            (Usage::Sign, PublicKey::P256(_)) => self.parsed.digital_signature && !self.parsed.tls,
            (Usage::Tls, PublicKey::P256(_)) => self.parsed.digital_signature && self.parsed.tls,
            (Usage::Encrypt, PublicKey::Rsa2048(_)) => self.parsed.key_encipherment,
            _ => false,
        }
    }

    /// Whether its key is for the agreement of keys, and for nothing that is signed.
    #[must_use]
    pub fn agrees_keys(&self) -> bool {
        self.parsed.key_agreement && !self.parsed.digital_signature && self.parsed.public_key.point().is_some()
    }

    pub(super) fn parsed(&self) -> &Parsed {
        &self.parsed
    }
}

impl AuthorityCertificate {
    /// Reads an authority's certificate.
    ///
    /// # Errors
    /// [`CertificateProblem::Malformed`], also where it is no authority's.
    pub fn from_der(der: &[u8]) -> Result<AuthorityCertificate, CertificateProblem> {
        let parsed = Parsed::from_der(der)?;
        if !parsed.is_authority {
            return Err(malformed("it is no authority's certificate"));
        }
        Ok(AuthorityCertificate { parsed })
    }
}

impl DeviceCertificate {
    /// Reads a device's certificate.
    ///
    /// # Errors
    /// [`CertificateProblem::Malformed`], also where it names a role, or no device.
    pub fn from_der(der: &[u8]) -> Result<DeviceCertificate, CertificateProblem> {
        let parsed = Parsed::from_der(der)?;
        if parsed.is_authority || parsed.unit.is_some() {
            return Err(malformed("it is an organisation's or an authority's certificate, not a device's"));
        }
        let device = parsed.eui.ok_or_else(|| malformed("its subject has no x500UniqueIdentifier"))?;
        Ok(DeviceCertificate { parsed, device: DeviceId(device) })
    }

    /// The device.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.device
    }
}

impl PublicKey {
    pub(super) fn from_spki(spki: &SubjectPublicKeyInfo<'_>) -> Result<PublicKey, CertificateProblem> {
        let unknown = || malformed("its key is neither P-256 nor RSA of 2048 bits");
        if let Ok(point) = <[u8; P256_POINT_BYTES]>::try_from(spki.subject_public_key.data.as_ref()) {
            let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, spki.raw).map_err(|_| unknown())?;
            return Ok(PublicKey::P256(P256PublicKey { point, key }));
        }
        let key = PublicEncryptingKey::from_der(spki.raw).map_err(|_| unknown())?;
        if key.key_size_bits() != 2048 {
            return Err(unknown());
        }
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| unknown())?;
        Ok(PublicKey::Rsa2048(Rsa2048PublicKey { spki: spki.raw.to_vec(), key }))
    }

    /// Whether `signature` (r and s, 32 bytes each) is this key's ECDSA signature with SHA-256 over `message`.
    /// Never true for an RSA key.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            PublicKey::P256(p256) => p256.key.verify_sig(message, signature).is_ok(),
            PublicKey::Rsa2048(_) => false,
        }
    }

    /// Encrypts a content key by RSA-OAEP with SHA-1 and MGF1 with SHA-1; `None` for a P-256 key and for more than
    /// 214 bytes.
    #[must_use]
    pub fn encrypt_oaep_sha1(&self, content_key: &[u8]) -> Option<Vec<u8>> {
        let PublicKey::Rsa2048(rsa) = self else { return None };
        let mut out = vec![0; rsa.key.ciphertext_size()];
        let length = rsa.key.encrypt(&OAEP_SHA1_MGF1SHA1, content_key, &mut out, None).ok()?.len();
        out.truncate(length);
        Some(out)
    }

    /// The uncompressed point of a P-256 key.
    pub(super) fn point(&self) -> Option<&[u8]> {
        match self {
            PublicKey::P256(p256) => Some(&p256.point),
            PublicKey::Rsa2048(_) => None,
        }
    }

    /// The SubjectPublicKeyInfo of an RSA key.
    pub(super) fn rsa_spki(&self) -> Option<&[u8]> {
        match self {
            PublicKey::P256(_) => None,
            PublicKey::Rsa2048(rsa) => Some(&rsa.spki),
        }
    }
}
