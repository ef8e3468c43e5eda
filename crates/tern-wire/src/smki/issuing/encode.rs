//! Certificates and revocation lists as DER (RFC 5280).
//!
//! `x509-cert` has the parts; its builder wants RustCrypto's signing traits, so the signed body is put together here.

use std::time::Duration;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair};
use der::asn1::{Any, BitString, GeneralizedTime, Ia5String, OctetString, Uint, UtcTime};
use der::oid::ObjectIdentifier;
use der::{Decode, Encode, Sequence, Tag};
use jiff::Timestamp;
use tern_model::{DeviceId, Eui64, PartyId, Role};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CrlNumber, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::Time;

use super::{IssueFailed, RevocationListRequest, Serial, Usage, Validity, signature};

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const X500_UNIQUE_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.45");
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// The longest CN (RFC 5280, ub-common-name).
const COMMON_NAME_MAX_CHARACTERS: usize = 64;

/// The body of a certificate, in the order of RFC 5280 section 4.1.
#[derive(Sequence)]
struct TbsCertificate {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    version: u8,
    serial_number: SerialNumber,
    signature: AlgorithmIdentifierOwned,
    issuer: Name,
    validity: Period,
    subject: Name,
    subject_public_key_info: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct Period {
    not_before: Time,
    not_after: Time,
}

/// A body under its signature.
#[derive(Sequence)]
struct SignedCertificate {
    tbs_certificate: TbsCertificate,
    signature_algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

/// X.509 version 3 as its encoding counts.
const VERSION_3: u8 = 2;

/// Whom a certificate is for.
pub(super) enum Holder<'a> {
    /// An authority, with so many authorities allowed below it.
    Authority { common_name: &'a str, below: u8 },
    /// An organisation.
    Organisation { common_name: &'a str, role: Role, party: PartyId, usage: Usage },
    /// A device.
    Device { device: DeviceId },
}

/// What a certificate is made of.
pub(super) struct Body<'a> {
    pub(super) issuer: Name,
    pub(super) signer: &'a EcdsaKeyPair,
    pub(super) holder: Holder<'a>,
    pub(super) spki: Vec<u8>,
    pub(super) validity: Validity,
}

impl Holder<'_> {
    /// The subject. Its parts stand in such an order that RFC 2253, which reverses it, gives an issuer as `CN=…,OU=07`.
    pub(super) fn subject(&self) -> Result<Name, IssueFailed> {
        match self {
            Holder::Authority { common_name, .. } => name(Some(Role::IssuingAuthority), common_name, None),
            Holder::Organisation { common_name, role, party, .. } => name(Some(*role), common_name, Some(party.0)),
            Holder::Device { device } => name(None, &device.to_string(), Some(device.0)),
        }
    }

    fn key_usage(&self) -> KeyUsage {
        match self {
            Holder::Authority { .. } => KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            Holder::Organisation { usage: Usage::Encrypt, .. } => KeyUsage(KeyUsages::KeyEncipherment.into()),
            Holder::Organisation { usage: Usage::Sign | Usage::Tls, .. } | Holder::Device { .. } => {
                KeyUsage(KeyUsages::DigitalSignature.into())
            }
        }
    }

    fn constraints(&self) -> BasicConstraints {
        match self {
            Holder::Authority { below, .. } => BasicConstraints { ca: true, path_len_constraint: Some(*below) },
            _ => BasicConstraints { ca: false, path_len_constraint: None },
        }
    }
}

impl Body<'_> {
    /// The signed certificate.
    pub(super) fn certificate(self, serial: Serial) -> Result<Vec<u8>, IssueFailed> {
        if self.validity.not_before > self.validity.not_after {
            return Err(IssueFailed::because("its validity ends before it begins"));
        }
        let subject = self.holder.subject()?;
        let subject_public_key_info = SubjectPublicKeyInfoOwned::from_der(&self.spki).map_err(IssueFailed::because)?;
        let own_key = subject_public_key_info.subject_public_key.raw_bytes();
        let mut extensions = vec![
            extension(&self.holder.constraints(), &subject)?,
            extension(&self.holder.key_usage(), &subject)?,
            extension(&SubjectKeyIdentifier(key_identifier(own_key)?), &subject)?,
            extension(&authority(self.signer)?, &subject)?,
        ];
        if let Holder::Organisation { usage: Usage::Tls, common_name, .. } = self.holder {
            extensions.push(extension(&ExtendedKeyUsage(vec![SERVER_AUTH, CLIENT_AUTH]), &subject)?);
            // For clients of other makes, which go by a name; Tern goes by role and EUI-64.
            let name = Ia5String::new(common_name).map_err(IssueFailed::because)?;
            extensions.push(extension(&SubjectAltName(vec![GeneralName::DnsName(name)]), &subject)?);
        }
        let tbs_certificate = TbsCertificate {
            version: VERSION_3,
            serial_number: serial_number(serial.value())?,
            signature: algorithm(),
            issuer: self.issuer,
            validity: Period { not_before: time(self.validity.not_before)?, not_after: time(self.validity.not_after)? },
            subject,
            subject_public_key_info,
            extensions,
        };
        let signed = signed(&tbs_certificate, self.signer)?;
        let certificate = SignedCertificate { tbs_certificate, signature_algorithm: algorithm(), signature: signed };
        certificate.to_der().map_err(IssueFailed::because)
    }
}

/// The signed revocation list.
pub(super) fn revocation_list(
    signer: &EcdsaKeyPair,
    issuer_der: &[u8],
    request: &RevocationListRequest<'_>,
) -> Result<Vec<u8>, IssueFailed> {
    let issuer = name_from_der(issuer_der)?;
    let revoked = request
        .revoked
        .iter()
        .map(|revocation| {
            let serial_number = serial_number(revocation.serial)?;
            Ok(RevokedCert { serial_number, revocation_date: time(revocation.at)?, crl_entry_extensions: None })
        })
        .collect::<Result<Vec<RevokedCert>, IssueFailed>>()?;
    let number = CrlNumber(Uint::new(&request.number.to_be_bytes()).map_err(IssueFailed::because)?);
    let extensions = vec![extension(&authority(signer)?, &issuer)?, extension(&number, &issuer)?];
    let tbs_cert_list = TbsCertList {
        version: x509_cert::Version::V2,
        signature: algorithm(),
        issuer,
        this_update: time(request.this_update)?,
        next_update: Some(time(request.next_update)?),
        revoked_certificates: (!revoked.is_empty()).then_some(revoked),
        crl_extensions: Some(extensions),
    };
    let signature = signed(&tbs_cert_list, signer)?;
    let list: CertificateList = CertificateList { tbs_cert_list, signature_algorithm: algorithm(), signature };
    list.to_der().map_err(IssueFailed::because)
}

/// Reads a name back.
pub(super) fn name_from_der(der: &[u8]) -> Result<Name, IssueFailed> {
    Name::from_der(der).map_err(IssueFailed::because)
}

fn name(role: Option<Role>, common_name: &str, eui: Option<Eui64>) -> Result<Name, IssueFailed> {
    let characters = common_name.chars().count();
    if characters == 0 || characters > COMMON_NAME_MAX_CHARACTERS || common_name.chars().any(char::is_control) {
        return Err(IssueFailed::because("a name has 1 to 64 characters, none of them a control character"));
    }
    let mut parts = RdnSequence::default();
    if let Some(role) = role {
        parts.push(attribute(ORGANISATIONAL_UNIT, Tag::Utf8String, role.ou().as_bytes())?);
    }
    parts.push(attribute(COMMON_NAME, Tag::Utf8String, common_name.as_bytes())?);
    if let Some(eui) = eui {
        let mut bits = vec![0];
        bits.extend(eui.0.to_be_bytes());
        parts.push(attribute(X500_UNIQUE_IDENTIFIER, Tag::BitString, &bits)?);
    }
    name_from_der(&parts.to_der().map_err(IssueFailed::because)?)
}

fn attribute(oid: ObjectIdentifier, tag: Tag, value: &[u8]) -> Result<RelativeDistinguishedName, IssueFailed> {
    let value = Any::new(tag, value).map_err(IssueFailed::because)?;
    RelativeDistinguishedName::try_from(vec![AttributeTypeAndValue { oid, value }]).map_err(IssueFailed::because)
}

fn extension<'a, T>(value: &'a T, subject: &Name) -> Result<Extension, IssueFailed>
where
    &'a T: ToExtension<Error = der::Error>,
{
    value.to_extension(subject, &[]).map_err(IssueFailed::because)
}

fn authority(signer: &EcdsaKeyPair) -> Result<AuthorityKeyIdentifier, IssueFailed> {
    let key_identifier = Some(key_identifier(signer.public_key().as_ref())?);
    Ok(AuthorityKeyIdentifier { key_identifier, ..AuthorityKeyIdentifier::default() })
}

/// The left 160 bits of the key's SHA-256 (RFC 7093 section 2, method 1).
fn key_identifier(key: &[u8]) -> Result<OctetString, IssueFailed> {
    let digest = digest::digest(&digest::SHA256, key);
    OctetString::new(&digest.as_ref()[..20]).map_err(IssueFailed::because)
}

fn serial_number(value: u128) -> Result<SerialNumber, IssueFailed> {
    SerialNumber::new(&value.to_be_bytes()).map_err(IssueFailed::because)
}

fn algorithm() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None }
}

fn signed(body: &impl Encode, signer: &EcdsaKeyPair) -> Result<BitString, IssueFailed> {
    let der = body.to_der().map_err(IssueFailed::because)?;
    BitString::from_bytes(&signature(signer, &der)?).map_err(IssueFailed::because)
}

/// UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5).
fn time(at: Timestamp) -> Result<Time, IssueFailed> {
    let seconds = u64::try_from(at.as_second()).map_err(|_| IssueFailed::because("a moment lies before 1970"))?;
    let since = Duration::from_secs(seconds);
    match UtcTime::from_unix_duration(since) {
        Ok(time) => Ok(Time::UtcTime(time)),
        Err(_) => GeneralizedTime::from_unix_duration(since).map(Time::GeneralTime).map_err(IssueFailed::because),
    }
}
