//! 8.7.1 and 11.3: whom a device trusts, and which program it runs.

use tern_dlms::{AttributeDescriptor, Data, MethodDescriptor};
use tern_model::Eui64;
use tern_wire::duis::Element;

use super::{Differs, Field, Permitted, attribute, method, needed};

const JOIN: AttributeDescriptor = attribute(1, [0, 0, 96, 67, 1, 255], 2);
const ACTIVATE: MethodDescriptor = method(18, [0, 0, 44, 0, 0, 255], 4);
/// Bytes of a SHA-256.
const HASH_BYTES: usize = 32;

pub(super) fn join(body: Element<'_>) -> Result<Vec<Permitted>, Differs> {
    let other: Eui64 = needed(body.child("OtherDeviceID").and_then(Element::parse), "OtherDeviceID")?;
    Ok(vec![Permitted::Write(vec![Field::of("other device", JOIN, Data::octets(other.0.to_be_bytes()))])])
}

/// The image is named by its hash alone, which is all that the request says of it.
pub(super) fn activate(body: Element<'_>) -> Result<Vec<Permitted>, Differs> {
    let hash = body.child("FirmwareHash").and_then(Element::hex).filter(|hash| hash.len() == HASH_BYTES);
    let hash = needed(hash, "FirmwareHash")?;
    Ok(vec![Permitted::invoke("image hash", ACTIVATE, Data::octets(hash))])
}
