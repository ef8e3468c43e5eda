//! The one way in which documents name a certificate: X509IssuerSerial. No key and no certificate is ever taken from one.

use roxmltree::Node;
use tern_model::CertificateId;

use super::exact::{DS, Exact};
use super::push_text_escaped;
use crate::WireFault;

/// Serial numbers have up to 127 bits.
const SERIAL_DIGITS_MAX: usize = 39;
const ISSUER_BYTES_MAX: usize = 256;

/// Reads `X509Data` with nothing but `X509IssuerSerial` in a `KeyInfo`; returns that element too, for its place.
pub(crate) fn read<'d, 'i>(exact: &Exact, key_info: Node<'d, 'i>) -> Result<(CertificateId, Node<'d, 'i>), WireFault> {
    exact.attributes(key_info, &[])?;
    let [data] = exact.children(key_info, [(DS, "X509Data")])?;
    exact.attributes(data, &[])?;
    let [named] = exact.children(data, [(DS, "X509IssuerSerial")])?;
    exact.attributes(named, &[])?;
    let [issuer_node, serial_node] = exact.children(named, [(DS, "X509IssuerName"), (DS, "X509SerialNumber")])?;
    let issuer = exact.text(issuer_node)?;
    if issuer.is_empty() || issuer.len() > ISSUER_BYTES_MAX {
        let expected = format!("a name of 1 to {ISSUER_BYTES_MAX} bytes");
        let found = format!("{} bytes", issuer.len());
        return Err(exact.fault(issuer_node, "X509IssuerName is no issuer's name".into(), found, expected));
    }
    let digits = exact.text(serial_node)?;
    let is_decimal = (1..=SERIAL_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let Some(serial) = digits.parse().ok().filter(|_| is_decimal) else {
        let expected = format!("1 to {SERIAL_DIGITS_MAX} decimal digits, at most 128 bits");
        let found = digits.chars().take(SERIAL_DIGITS_MAX + 1).collect();
        return Err(exact.fault(serial_node, "X509SerialNumber is no serial number".into(), found, expected));
    };
    Ok((CertificateId::Named { serial, issuer: issuer.to_owned() }, named))
}

/// `ds:X509Data` that names a certificate; the prefix `ds` is bound around it.
pub(crate) fn write(certificate: &CertificateId) -> String {
    let (serial, issuer) = certificate.parts();
    let mut out = String::from("<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>");
    push_text_escaped(&mut out, issuer);
    out.push_str("</ds:X509IssuerName><ds:X509SerialNumber>");
    out.push_str(&serial.to_string());
    out.push_str("</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>");
    out
}
