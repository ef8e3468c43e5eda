//! The fields that every certificate has, read once.
//!
//! It must never judge a certificate: that needs a [`super::Trust`] and a moment.

use std::sync::Arc;

use jiff::Timestamp;
use tern_model::{CertificateId, Eui64};
use x509_parser::der_parser::asn1_rs::Tag;
use x509_parser::prelude::{ASN1Time, FromDer, X509Certificate, X509Name};

use super::certificate::PublicKey;
use super::{CertificateProblem, name};

/// The longest certificate that is read, in bytes.
const CERTIFICATE_MAX_BYTES: usize = 1 << 14;

/// The fields of a certificate, whoever it belongs to.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) der: Arc<[u8]>,
    pub(super) id: CertificateId,
    pub(super) common_name: String,
    pub(super) unit: Option<String>,
    pub(super) eui: Option<Eui64>,
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    pub(super) is_authority: bool,
    pub(super) digital_signature: bool,
    pub(super) key_encipherment: bool,
    pub(super) key_agreement: bool,
    /// Its purposes are both ends of TLS, and not any purpose.
    pub(super) tls: bool,
    pub(super) subject_der: Vec<u8>,
    pub(super) issuer_der: Vec<u8>,
    pub(super) public_key: PublicKey,
}

/// What is wrong with a certificate's bytes.
pub(super) fn malformed(reason: impl Into<String>) -> CertificateProblem {
    CertificateProblem::Malformed { reason: reason.into() }
}

impl Parsed {
    /// Reads DER.
    pub(super) fn from_der(der: &[u8]) -> Result<Parsed, CertificateProblem> {
        if der.len() > CERTIFICATE_MAX_BYTES {
            return Err(malformed(format!("it is longer than {CERTIFICATE_MAX_BYTES} bytes")));
        }
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| malformed("it is no X.509 certificate"))?;
        if !rest.is_empty() {
            return Err(malformed("bytes follow the certificate"));
        }
        let subject = certificate.subject();
        let usage = certificate.key_usage().map_err(|_| malformed("its key usage cannot be read"))?;
        let constraints =
            certificate.basic_constraints().map_err(|_| malformed("its basic constraints cannot be read"))?;
        let usage = usage.map(|u| u.value);
        let purposes =
            certificate.extended_key_usage().map_err(|_| malformed("its extended key usage cannot be read"))?;
        Ok(Parsed {
            der: der.into(),
            id: CertificateId::Named {
                serial: serial(certificate.raw_serial())?,
                issuer: name::rfc2253(certificate.issuer()),
            },
            common_name: only(subject, Attribute::CommonName)?.ok_or_else(|| malformed("its subject has no CN"))?,
            unit: only(subject, Attribute::OrganisationalUnit)?,
            eui: eui(subject)?,
            not_before: moment(certificate.validity().not_before)?,
            not_after: moment(certificate.validity().not_after)?,
            is_authority: constraints.is_some_and(|c| c.value.ca) && usage.is_some_and(|u| u.key_cert_sign()),
            digital_signature: usage.is_some_and(|u| u.digital_signature()),
            key_encipherment: usage.is_some_and(|u| u.key_encipherment()),
            key_agreement: usage.is_some_and(|u| u.key_agreement()),
            tls: purposes.is_some_and(|p| p.value.server_auth && p.value.client_auth && !p.value.any),
            subject_der: subject.as_raw().to_vec(),
            issuer_der: certificate.issuer().as_raw().to_vec(),
            public_key: PublicKey::from_spki(certificate.public_key())?,
        })
    }
}

/// Reads a serial number's content octets: positive, of up to 127 bits.
fn serial(raw: &[u8]) -> Result<u128, CertificateProblem> {
    let significant = &raw[raw.iter().take_while(|b| **b == 0).count()..];
    let negative = raw.first().is_some_and(|b| b & 0x80 != 0);
    if significant.is_empty() || significant.len() > 16 || negative {
        return Err(malformed("its serial number is not a positive integer of up to 128 bits"));
    }
    Ok(significant.iter().fold(0, |value, byte| value << 8 | u128::from(*byte)))
}

pub(super) fn moment(time: ASN1Time) -> Result<Timestamp, CertificateProblem> {
    Timestamp::from_second(time.timestamp()).map_err(|_| malformed("a moment in it is out of range"))
}

#[derive(Clone, Copy)]
enum Attribute {
    CommonName,
    OrganisationalUnit,
}

/// The one text value of an attribute; twice the same attribute could be read in two ways and is refused.
fn only(subject: &X509Name<'_>, which: Attribute) -> Result<Option<String>, CertificateProblem> {
    let (dotted, label) = match which {
        Attribute::CommonName => ("2.5.4.3", "CN"),
        Attribute::OrganisationalUnit => ("2.5.4.11", "OU"),
    };
    let mut values = subject.iter_attributes().filter(|a| a.attr_type().to_id_string() == dotted);
    let (first, second) = (values.next(), values.next());
    match (first, second) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(malformed(format!("its subject has more than one {label}"))),
        (Some(value), None) => match name::text(value.attr_value()) {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(malformed(format!("its subject's {label} is no UTF-8 text"))),
        },
    }
}

/// The EUI-64 of the subject's x500UniqueIdentifier: a BIT STRING of 64 bits.
fn eui(subject: &X509Name<'_>) -> Result<Option<Eui64>, CertificateProblem> {
    let mut values = subject.iter_attributes().filter(|a| a.attr_type().to_id_string() == "2.5.4.45");
    let (first, second) = (values.next(), values.next());
    match (first, second) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(malformed("its subject has more than one x500UniqueIdentifier")),
        (Some(value), None) => {
            let wrong = || malformed("its subject's x500UniqueIdentifier is no BIT STRING of 64 bits");
            let any = value.attr_value();
            let (unused, bytes) = any.data.split_first().ok_or_else(wrong)?;
            let bytes: [u8; 8] = bytes.try_into().map_err(|_| wrong())?;
            if any.tag() != Tag::BitString || *unused != 0 {
                return Err(wrong());
            }
            Ok(Some(Eui64(u64::from_be_bytes(bytes))))
        }
    }
}
