//! What a device's signatures are verified by, as it is kept when its certificate has been judged.
//!
//! It must never be taken for a judgement: path, validity and revocation are [`super::Trust`]'s to say, of the certificate.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::DeviceCertificate;

/// The public key of a device's certificate (FI12): a point of P-256, uncompressed. In text, hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeviceKey([u8; POINT_BYTES]);

const POINT_BYTES: usize = 65;

impl DeviceKey {
    /// The key of a certificate; none where that is no P-256 key.
    #[must_use]
    pub fn of(certificate: &DeviceCertificate) -> Option<DeviceKey> {
        certificate.public_key().point().and_then(|point| point.try_into().ok()).map(DeviceKey)
    }

    /// Whether `signature` (r and s, 32 bytes each) is this key's ECDSA signature with SHA-256 over `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0).verify(message, signature).is_ok()
    }
}

impl From<DeviceKey> for String {
    fn from(key: DeviceKey) -> String {
        key.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl TryFrom<String> for DeviceKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<DeviceKey, &'static str> {
        const EXPECTED: &str = "a point of P-256 in 130 hexadecimal digits";
        let mut point = [0; POINT_BYTES];
        if text.len() != 2 * POINT_BYTES || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(EXPECTED);
        }
        for (byte, at) in point.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| EXPECTED)?;
        }
        Ok(DeviceKey(point))
    }
}

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceKey({})", String::from(self.clone()))
    }
}
