//! Device certificates of communications hubs (FI12), issued where an SMSO's records are invented: corpus and tests.

use jiff::Timestamp;
use tern_model::ChfIdentifier;
use tern_wire::smki::DeviceCertificate;
use tern_wire::smki::issuing::{DeviceRequest, Issued, Issuer, Serial};

use super::{ORGANISATION_YEARS, PkiError, validity};

/// Issues a hub's certificate with a new key, valid from today on. `chance` makes its serial number.
///
/// # Errors
/// The issuing authority fails.
pub fn device_certificate(
    issuer: &Issuer,
    chf: ChfIdentifier,
    chance: [u8; 16],
    now: Timestamp,
) -> Result<Issued<DeviceCertificate>, PkiError> {
    let request = DeviceRequest {
        device: chf.into(),
        validity: validity(None, now, ORGANISATION_YEARS)?,
        serial: Serial::from_random(chance),
    };
    Ok(issuer.issue_device(&request)?)
}
