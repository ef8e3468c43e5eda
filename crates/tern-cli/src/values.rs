//! Values as people type and read them.

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{CertificateId, parse_day};

/// A day on the command line.
pub fn day(text: &str) -> Result<Date, String> {
    parse_day(text).map_err(|malformed| malformed.to_string())
}

/// A certificate as JSON and text name it.
#[derive(Debug, Serialize)]
pub struct CertificateName {
    /// Decimal, as text: JSON numbers have no 127 bits.
    serial: String,
    issuer: String,
}

impl From<&CertificateId> for CertificateName {
    fn from(id: &CertificateId) -> CertificateName {
        let (serial, issuer) = id.parts();
        CertificateName { serial: serial.to_string(), issuer: issuer.to_owned() }
    }
}

/// Certificates as lines of text.
pub fn certificate_lines(certificates: &[CertificateName]) -> String {
    certificates.iter().map(|c| format!("\n  serial number {} of {}", c.serial, c.issuer)).collect()
}

/// A role in the field's own words.
pub fn role_words(role: &str) -> &str {
    match role {
        "dsp" => "DSP",
        "s1sp" => "S1SP",
        "dco" => "DCO",
        "smso" => "SMSO",
        "requesting-party" => "Requesting Party",
        "commissioning-party" => "Commissioning Party",
        other => other,
    }
}

/// A number that is not 0.
pub fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| "expected a number, 1 or more".to_owned())
}
